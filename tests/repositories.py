"""Real repositories, one fixture for each state, named as the state.

A test module takes them in with ``pytest_plugins = ["tests.repositories"]``.  Every one is
made under ``tmp_path``, in an environment in which git sees no configuration of the user;
the tag ``base`` names the state before the change that the fixture's name tells.  They
build on each other in one place, so a test asks for one.

PYTEST_DONT_REWRITE: test modules import names from here before pytest loads the plugin.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from impact.model import Change
from tests.oracle import plain_git_environment

SETTINGS = {
    "user.name": "A Person",
    "user.email": "person@example.com",
    "init.defaultBranch": "main",
    "protocol.file.allow": "always",  # for submodules that are cloned from the disk
    "advice.detachedHead": "false",
    "core.autocrlf": "false",
    "maintenance.auto": "false",  # nothing writes behind a test's back
}


@dataclass(frozen=True)
class Repository:
    """A work tree to build with ordinary git."""

    path: Path

    def git(self, *arguments: str, check: bool = True) -> str:
        """Run git here as a person would; what it prints, without the last newline."""
        settings = [word for item in SETTINGS.items() for word in ("-c", "=".join(item))]
        # What a test puts into the environment is for impact to face, not for this.
        done = subprocess.run(
            ["git", *settings, *arguments],
            cwd=self.path,
            env=plain_git_environment(self.path.parent),
            capture_output=True,
            check=False,
        )
        assert not check or done.returncode == 0, done
        return os.fsdecode(done.stdout).removesuffix("\n")

    def write(self, name: str, text: str = "text\n") -> None:
        """Write a file, its directories included."""
        place = self.path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)

    def commit(self, **files: str) -> str:
        """Write files (``a__b`` for ``a/b``), stage everything, commit; the commit's id."""
        for name, text in files.items():
            self.write(name.replace("__", "/"), text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "A change")
        return self.id("HEAD")

    def has(self, name: str) -> bool:
        """Whether an object is here."""
        return name in self.git("cat-file", "--batch-check", "--batch-all-objects")

    def id(self, revision: str) -> str:
        """The full id of a commit."""
        return self.git("rev-parse", "--verify", revision + "^{commit}")

    def config(self, name: str, value: str | Path) -> None:
        """Set something in the repository's own configuration."""
        self.git("config", name, str(value))

    def sibling(self, name: str) -> Repository:
        """A new repository beside this one."""
        path = self.path.parent / name
        path.mkdir()
        made = Repository(path)
        made.git("init", "--quiet", "--template=")
        return made

    def at(self, name: str) -> Repository:
        """The repository in a directory of this one, such as a submodule."""
        return Repository(self.path / name)

    def clone(self, name: str, *options: str) -> Repository:
        """A clone of this one beside it, over ``file://``, so that depth counts."""
        made = Repository(self.path.parent / name)
        self.git("clone", "--quiet", *options, self.path.as_uri(), str(made.path))
        return made

    def git_files(self) -> dict[str, bytes]:
        """Everything that git keeps, by name: HEAD, index, refs, configuration, objects."""
        folder = self.path / self.git("rev-parse", "--git-common-dir")
        files = (file for file in folder.rglob("*") if file.is_file())
        return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def lines(changes: Iterable[Change]) -> list[str]:
    """Changes, short: ``A new.txt``, ``M library/`` for a directory; in order."""
    return [
        f"{change.status.value[0].upper() if change.status else '?'} "
        f"{change.path}{'/' * change.directory}"
        for change in changes
    ]


@pytest.fixture
def no_commits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A new repository.  All others are made from it, in its environment."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    for name, value in plain_git_environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    path = tmp_path / "repository"
    path.mkdir()
    repository = Repository(path)
    repository.git("init", "--quiet", "--template=")
    return repository


@pytest.fixture
def one_commit(no_commits: Repository) -> Repository:
    """A root commit: ``a.txt``, ``dir/b.txt`` and ``run.sh``."""
    no_commits.commit(**{"a.txt": "a\n", "dir__b.txt": "b\n", "run.sh": "true\n"})
    no_commits.git("tag", "base")
    return no_commits


# What a commit can do to a path.


@pytest.fixture
def added(one_commit: Repository) -> Repository:
    one_commit.commit(**{"new.txt": "new\n"})
    return one_commit


@pytest.fixture
def modified(one_commit: Repository) -> Repository:
    one_commit.commit(**{"dir__b.txt": "changed\n"})
    return one_commit


@pytest.fixture
def deleted(one_commit: Repository) -> Repository:
    (one_commit.path / "a.txt").unlink()
    one_commit.commit()
    return one_commit


@pytest.fixture
def renamed(one_commit: Repository) -> Repository:
    """A pure rename, where the user asked for renames and copies to be found."""
    one_commit.config("diff.renames", "copies")
    one_commit.git("mv", "a.txt", "dir/renamed.txt")
    one_commit.commit()
    return one_commit


@pytest.fixture
def type_changed(one_commit: Repository) -> Repository:
    """A file became a symbolic link."""
    (one_commit.path / "a.txt").unlink()
    (one_commit.path / "a.txt").symlink_to("run.sh")
    one_commit.commit()
    return one_commit


@pytest.fixture
def mode_changed(one_commit: Repository) -> Repository:
    (one_commit.path / "run.sh").chmod(0o755)
    one_commit.commit()
    return one_commit


@pytest.fixture
def empty_commit(one_commit: Repository) -> Repository:
    one_commit.commit()
    return one_commit


@pytest.fixture
def odd_names(one_commit: Repository) -> Repository:
    """Paths with every byte that has ever broken a parser."""
    for name in ODD_NAMES:
        one_commit.write(name)
    one_commit.commit()
    return one_commit


ODD_NAMES = (
    "-n",
    "--output=x",
    "*",
    "[a]?",
    ":(glob)x",
    " lead and trail ",
    "new\nline",
    "tab\t",
    'quo"te',
    "back\\slash",
    "é",
    os.fsdecode(b"latin-\xe9"),
    "{a,b}",
    "#x",
    "!x",
)


# Submodules.


@pytest.fixture
def submodule_added(one_commit: Repository) -> Repository:
    """``library``, from the repository of that name beside it."""
    library = one_commit.sibling("library")
    library.commit(**{"code.c": "int x;\n"})
    one_commit.git("submodule", "--quiet", "add", library.path.as_uri(), "library")
    one_commit.commit()
    return one_commit


@pytest.fixture
def submodule(submodule_added: Repository) -> Repository:
    """The submodule is old news: ``base`` has it."""
    submodule_added.git("tag", "--force", "base")
    return submodule_added


@pytest.fixture
def submodule_bumped(submodule: Repository) -> Repository:
    submodule.at("library").commit(**{"code.c": "int y;\n"})
    submodule.commit()
    return submodule


@pytest.fixture
def submodule_ignored(submodule_bumped: Repository) -> Repository:
    """Bumped, and everything that can be told to overlook submodules was."""
    submodule_bumped.git("config", "--file", ".gitmodules", "submodule.library.ignore", "all")
    submodule_bumped.config("submodule.library.ignore", "all")
    submodule_bumped.config("diff.ignoreSubmodules", "all")
    return submodule_bumped


@pytest.fixture
def submodule_removed(submodule: Repository) -> Repository:
    submodule.git("rm", "--quiet", "library")
    submodule.commit()
    return submodule


@pytest.fixture
def file_to_submodule(one_commit: Repository) -> Repository:
    """``a.txt`` became a submodule."""
    library = one_commit.sibling("library")
    library.commit(**{"code.c": "int x;\n"})
    one_commit.git("rm", "--quiet", "a.txt")
    one_commit.git("submodule", "--quiet", "add", library.path.as_uri(), "a.txt")
    one_commit.commit()
    return one_commit


# Histories.


@pytest.fixture
def two_branches(one_commit: Repository) -> Repository:
    """``topic`` added ``topic.txt``, then ``main`` added ``main.txt``; ``topic`` is out."""
    one_commit.git("branch", "topic")
    one_commit.commit(**{"main.txt": "main\n"})
    one_commit.git("checkout", "--quiet", "topic")
    one_commit.commit(**{"topic.txt": "topic\n"})
    return one_commit


@pytest.fixture
def merge_commit(two_branches: Repository) -> Repository:
    """What CI checks out for a pull request of ``topic``: its merge, on no branch."""
    two_branches.git("checkout", "--quiet", "--detach", "main")
    two_branches.git("merge", "--quiet", "--no-ff", "--message", "Merge", "topic")
    return two_branches


@pytest.fixture
def criss_cross(one_commit: Repository) -> Repository:
    """``left`` and ``right`` merged each other's first commit: two best merge bases.

    Then ``left`` deleted ``left.txt`` and ``right.txt``: each of them shows one.
    """
    for side in ("left", "right"):
        one_commit.git("checkout", "--quiet", "-B", side, "base")
        one_commit.commit(**{f"{side}.txt": side})
        one_commit.git("tag", f"{side}-1")
    for side, other in (("left", "right-1"), ("right", "left-1")):
        one_commit.git("checkout", "--quiet", side)
        one_commit.git("merge", "--quiet", "--no-ff", "--message", "Merge", other)
    one_commit.git("checkout", "--quiet", "left")
    for side in ("left", "right"):
        (one_commit.path / f"{side}.txt").unlink()
    one_commit.commit()
    return one_commit


@pytest.fixture
def unrelated(one_commit: Repository) -> Repository:
    """``other`` shares no commit with ``main``."""
    one_commit.git("checkout", "--quiet", "--orphan", "other")
    one_commit.commit(**{"other.txt": "other\n"})
    return one_commit


@pytest.fixture
def replaced(modified: Repository) -> Repository:
    """A replace ref that makes HEAD look like its parent."""
    modified.git("replace", "HEAD", "base")
    return modified


@pytest.fixture
def grafted(two_branches: Repository) -> Repository:
    """A graft that makes ``main`` look like a parent of ``topic``."""
    folder = two_branches.path / ".git" / "info"
    folder.mkdir()
    topic, main = two_branches.id("topic"), two_branches.id("main")
    (folder / "grafts").write_text(f"{topic} {main}\n")
    return two_branches


# Clones.


@pytest.fixture
def clone(two_branches: Repository) -> Repository:
    """A clone with ``topic`` checked out, one commit ahead of origin's ``main``."""
    two_branches.git("checkout", "--quiet", "main")
    made = two_branches.clone("clone")
    made.git("checkout", "--quiet", "topic")
    return made


@pytest.fixture
def long_history(one_commit: Repository) -> Repository:
    """``main`` and ``topic`` parted eight commits ago; ``topic`` is out."""
    one_commit.git("branch", "topic")
    for branch in ("main", "topic"):
        one_commit.git("checkout", "--quiet", branch)
        for number in range(8):
            one_commit.commit(**{f"{branch}-{number}.txt": branch})
    return one_commit


@pytest.fixture
def shallow_clone(long_history: Repository) -> Repository:
    """Both branches, four commits of each: their merge base is missing."""
    return long_history.clone("shallow", "--depth=4", "--no-single-branch", "--no-tags")


@pytest.fixture
def shallow_at_the_merge_base(long_history: Repository) -> Repository:
    """Both branches, just deep enough: their merge base is the boundary."""
    return long_history.clone("shallow", "--depth=9", "--no-single-branch", "--no-tags")


@pytest.fixture
def shallow_and_misleading(one_commit: Repository) -> Repository:
    """A shallow clone in which git finds a merge base, and one that hides a change.

    ``main`` changed ``a.txt``, ``topic`` parted and changed it back, and later merged
    ``side``, which had left before either.  At this depth the first commits of ``topic``
    are cut off, so the merge base is where ``side`` left, when ``a.txt`` was the same.
    """
    repository = one_commit
    repository.commit(**{"a.txt": "early\n"})
    repository.git("branch", "topic")
    for number in range(2):
        repository.commit(**{f"main-{number}.txt": "main\n"})
    repository.git("checkout", "--quiet", "-b", "side", "base")
    repository.commit(**{"side.txt": "side\n"})
    repository.git("checkout", "--quiet", "topic")
    repository.commit(**{"a.txt": "a\n"})
    for number in range(5):
        repository.commit(**{f"topic-{number}.txt": "topic\n"})
    repository.git("merge", "--quiet", "--no-ff", "--message", "Merge", "side")
    return repository.clone("shallow", "--depth=4", "--no-single-branch", "--no-tags")


@pytest.fixture
def partial_clone(modified: Repository) -> Repository:
    """A clone without trees: git fetches what it needs when it needs it."""
    modified.config("uploadpack.allowFilter", "true")
    modified.config("uploadpack.allowAnySHA1InWant", "true")
    return modified.clone("partial", "--filter=tree:0", "--no-checkout")


@pytest.fixture
def linked_worktree(modified: Repository) -> Repository:
    """A second work tree, of the branch ``second``; its .git is a file."""
    modified.git("worktree", "add", "-q", "-b", "second", "../linked")
    return Repository(modified.path.parent / "linked")


# Work trees.


@pytest.fixture
def staged_then_reverted(one_commit: Repository) -> Repository:
    """``a.txt`` was staged with other text; on the disk it is what it was."""
    one_commit.write("a.txt", "other\n")
    one_commit.git("add", "a.txt")
    one_commit.write("a.txt", "a\n")
    return one_commit


@pytest.fixture
def conflict(one_commit: Repository) -> Repository:
    """Mid-merge: ``a.txt`` changed on both sides, ``new.txt`` was added on both."""
    one_commit.git("checkout", "--quiet", "-b", "topic")
    one_commit.commit(**{"a.txt": "topic\n", "new.txt": "topic\n"})
    one_commit.git("checkout", "--quiet", "main")
    one_commit.commit(**{"a.txt": "main\n", "new.txt": "main\n"})
    one_commit.git("merge", "--quiet", "topic", check=False)
    return one_commit


@pytest.fixture
def intent_to_add(one_commit: Repository) -> Repository:
    one_commit.write("new.txt")
    one_commit.git("add", "--intent-to-add", "new.txt")
    return one_commit


@pytest.fixture
def nested_repository(one_commit: Repository) -> Repository:
    """An untracked directory, ``nested``, that is a repository itself."""
    nested = one_commit.sibling("nested")
    nested.commit(**{"inner.txt": "inner\n"})
    shutil.move(nested.path, one_commit.path / "nested")
    return one_commit


@pytest.fixture
def split_index(one_commit: Repository) -> Repository:
    """The index in two files, configured to be written so; ``a.txt`` changed."""
    one_commit.config("core.splitIndex", "true")
    one_commit.git("update-index", "--split-index")
    one_commit.write("a.txt", "other\n")
    os.utime(one_commit.path / "run.sh", (1, 1))  # a refresh has something to write
    return one_commit


@pytest.fixture
def sparse(one_commit: Repository) -> Repository:
    """A sparse checkout of ``dir``, with a sparse index; ``dir/b.txt`` changed."""
    one_commit.commit(**{"out__of__sight.txt": "hidden\n"})
    one_commit.git("tag", "--force", "base")
    one_commit.git("sparse-checkout", "set", "--cone", "--sparse-index", "dir")
    one_commit.write("dir/b.txt", "other\n")
    return one_commit


@pytest.fixture
def racily_clean(one_commit: Repository) -> Repository:
    """``a.txt`` changed within the clock's tick in which the index was written.

    Same size and times as the index has: only the index's own age tells that it must be
    read (https://git-scm.com/docs/racy-git).
    """
    one_commit.config("core.trustctime", "false")
    file, index = one_commit.path / "a.txt", one_commit.path / ".git" / "index"
    tick = (1_500_000_000, 1_500_000_000)
    os.utime(file, tick)
    one_commit.git("update-index", "--refresh")
    os.utime(index, tick)
    file.write_text("b\n")
    os.utime(file, tick)
    return one_commit
