"""What became of files, in every kind of clone: `impact.vcs.past` on real repositories."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace

import pytest

from impact.past import STAGED, Step, places_of
from impact.vcs import past
from impact.vcs.files import is_ignored, tracked_files
from impact.vcs.git import Git
from impact.vcs.past import History
from tests.repositories import Repository

pytest_plugins = ["tests.repositories"]

TEXT = "".join(f"line {number}\n" for number in range(20))


def told(repository: Repository, *patterns: str) -> dict[str, list[tuple[str, ...]]]:
    """What is told of the patterns: commits by their messages, and the places files went to."""
    git = Git.open(repository.path)

    def words(step: Step) -> tuple[str, ...]:
        # `git show` fetches what a partial clone lacks.
        _, _, message = repository.git("cat-file", "commit", step.commit).partition("\n\n")
        return message.strip(), *(place for place, _ in step.places)

    found = History(git, tracked_files(git))(patterns)
    return {pattern: [words(step) for step in steps] for pattern, steps in found.items()}


def commit(repository: Repository, message: str) -> None:
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--allow-empty", "--message", message)


@pytest.fixture
def moved_and_deleted(no_commits: Repository) -> Repository:
    """`a/` moved, changed a little; `b` moved as it was; `c` deleted; each in a commit."""
    no_commits.write("a/one.c", TEXT)
    no_commits.write("a/two.c", TEXT + "two\n")
    no_commits.write("b", "b\n" + TEXT)
    no_commits.write("c", "c\n")
    commit(no_commits, "begin")
    no_commits.git("mv", "a", "lib")
    no_commits.write("lib/one.c", TEXT + "more\n")
    no_commits.write("lib/two.c", TEXT + "more\ntwo\n")
    commit(no_commits, "move a")
    no_commits.git("mv", "b", "lib/b")
    commit(no_commits, "move b")
    no_commits.git("rm", "--quiet", "c")
    commit(no_commits, "delete c")
    return no_commits


def test_a_whole_clone_tells_all(moved_and_deleted: Repository) -> None:
    assert told(moved_and_deleted, "/a/", "/a/*.c", "b", "/c", "/never") == {
        "/a/": [("move a", "lib/")],
        "/a/*.c": [("move a", "lib/one.c", "lib/two.c")],
        "b": [("move b", "lib/b")],
        "/c": [("delete c",)],
    }


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--depth=1",), {}),
        (("--depth=2",), {"/c": [("delete c",)]}),
        # Without contents a file that changed as it moved is not recognized.
        (
            ("--filter=blob:none", "--no-checkout"),
            {
                "/a/": [("move a",)],
                "b": [("move b", "lib/b")],
                "/c": [("delete c",)],
            },
        ),
    ],
    ids=["depth 1", "depth 2", "no contents"],
)
def test_a_lesser_clone_tells_what_it_has(
    moved_and_deleted: Repository,
    options: Sequence[str],
    expected: dict[str, list[tuple[str, ...]]],
) -> None:
    moved_and_deleted.config("uploadpack.allowFilter", "true")
    clone = moved_and_deleted.clone("clone", *options)
    if "--no-checkout" in options:
        clone.git("read-tree", "HEAD")
    before = clone.git_files()
    assert told(clone, "/a/", "b", "/c") == expected
    assert clone.git_files() == before, "nothing is fetched"


def test_without_contents_it_is_not_said_that_a_file_was_deleted(
    no_commits: Repository,
) -> None:
    no_commits.write("old.c", TEXT)
    no_commits.write("gone", "gone\n")
    commit(no_commits, "begin")
    no_commits.git("mv", "old.c", "new.c")
    no_commits.write("new.c", TEXT + "more\n")
    commit(no_commits, "move")
    no_commits.write("new.c", TEXT + "more and more\n")
    commit(no_commits, "edit")
    no_commits.config("uploadpack.allowFilter", "true")
    clone = no_commits.clone("clone", "--filter=blob:none")
    for repository, certain in ((no_commits, True), (clone, False)):
        git = Git.open(repository.path)
        (step,) = History(git, tracked_files(git))(["/old.c"])["/old.c"]
        assert step.to == ("new.c" if certain else None)
        assert step.certain is certain


def test_a_clone_without_trees_tells_nothing(moved_and_deleted: Repository) -> None:
    moved_and_deleted.config("uploadpack.allowFilter", "true")
    clone = moved_and_deleted.clone("clone", "--filter=tree:0")
    before = clone.git_files()
    assert told(clone, "/a/", "b", "/c") == {}
    assert clone.git_files() == before, "nothing is fetched"


def test_without_a_commit_there_is_no_history(no_commits: Repository) -> None:
    no_commits.write("a")
    no_commits.git("add", "--all")
    assert told(no_commits, "/b") == {}


def test_the_last_time_counts(no_commits: Repository) -> None:
    for number in range(3):
        no_commits.write("a", TEXT)
        commit(no_commits, f"add {number}")
        no_commits.git("rm", "--quiet", "a")
        commit(no_commits, f"delete {number}")
    assert told(no_commits, "/a") == {"/a": [("delete 2",)]}


def test_a_path_that_was_used_again_is_not_followed_backwards(no_commits: Repository) -> None:
    """`a` was deleted long ago; later `b` became `a`, and then `a` became `c`."""
    for name, message in (("a", "add a"), ("b", "add b")):
        no_commits.write(name, name + TEXT)
        commit(no_commits, message)
    no_commits.git("rm", "--quiet", "a")
    commit(no_commits, "delete a")
    no_commits.git("mv", "b", "a")
    commit(no_commits, "move b")
    no_commits.git("mv", "a", "c")
    commit(no_commits, "move a")
    no_commits.git("rm", "--quiet", "c")
    commit(no_commits, "delete c")
    assert told(no_commits, "/b", "/a") == {
        "/b": [("move b", "a"), ("move a", "c"), ("delete c",)],
        "/a": [("move a", "c"), ("delete c",)],
    }


def test_a_file_that_was_written_anew_elsewhere_is_known_by_its_name(
    no_commits: Repository,
) -> None:
    """If it is a little alike, and the only one of its name that went, and that came."""
    no_commits.write("a/build.sh", TEXT)
    no_commits.write("a/index.ts", "three\n")
    no_commits.write("b/index.ts", "four\n")
    no_commits.write("b/main.c", TEXT)
    commit(no_commits, "begin")
    no_commits.git("rm", "--quiet", "-r", "a", "b")
    no_commits.write("d/main.c", "not a line of it is the same\n" * 9)
    no_commits.write("c/build.sh", TEXT[:60] + "but for this all of it is new\n" * 4)
    no_commits.write("c/index.ts", "nor this at all\n")
    commit(no_commits, "write anew")
    assert told(no_commits, "/a/build.sh", "/a/index.ts", "/b/main.c") == {
        "/a/build.sh": [("write anew", "c/build.sh")],
        "/a/index.ts": [("write anew",)],
        "/b/main.c": [("write anew",)],
    }


def test_what_is_staged_comes_first(no_commits: Repository) -> None:
    no_commits.write("a", TEXT)
    no_commits.write("b", "b\n")
    commit(no_commits, "begin")
    no_commits.git("mv", "a", "c")
    commit(no_commits, "away")
    no_commits.git("mv", "c", "a")
    commit(no_commits, "and back")
    no_commits.git("mv", "a", "other")
    no_commits.git("rm", "--quiet", "--cached", "b")
    git = Git.open(no_commits.path)
    found = History(git, tracked_files(git))(["/a", "/b", "/c"])
    assert [(step.commit, step.to) for step in found["/a"]] == [(STAGED, "other")]
    assert [(step.commit, step.to) for step in found["/b"]] == [(STAGED, None)]
    assert [(step.commit, step.to) for step in found["/c"]] == [
        (no_commits.id("HEAD"), "a"),
        (STAGED, "other"),
    ]


def test_what_left_in_a_merge_is_not_told(no_commits: Repository) -> None:
    """It was deleted, came back, and a merge alone moved it: no commit that is read tells."""
    no_commits.write("a", TEXT)
    commit(no_commits, "begin")
    no_commits.git("rm", "--quiet", "a")
    commit(no_commits, "delete a")
    no_commits.write("a", TEXT)
    commit(no_commits, "restore a")
    no_commits.git("checkout", "--quiet", "-b", "side")
    commit(no_commits, "aside")
    no_commits.git("checkout", "--quiet", "main")
    no_commits.write("other")
    commit(no_commits, "meanwhile")
    no_commits.git("merge", "--quiet", "--no-ff", "--no-commit", "side")
    no_commits.git("mv", "a", "moved")
    commit(no_commits, "merge")
    assert told(no_commits, "/a") == {}


def test_names_that_no_pattern_can_hold(no_commits: Repository) -> None:
    names = ["new\nline", "caf\udce9", "\ufeff"]
    for number, name in enumerate(names):
        no_commits.write(f"a{number}", f"{number}\n" * 20)
        commit(no_commits, "add")
        (no_commits.path / f"a{number}").rename(no_commits.path / name)
        commit(no_commits, f"rename {number}")
    (no_commits.path / names[0]).rename(no_commits.path / "plain")
    commit(no_commits, "rename again")
    assert told(no_commits, "/a0", "/a1", "/a2") == {
        f"/a{number}": [(f"rename {number}", name)] for number, name in enumerate(names)
    }


def test_a_deletion_on_a_branch_that_was_merged(moved_and_deleted: Repository) -> None:
    repository = moved_and_deleted
    repository.git("checkout", "--quiet", "-b", "side")
    repository.git("mv", "lib", "src")
    commit(repository, "move lib")
    repository.git("checkout", "--quiet", "main")
    repository.write("other")
    commit(repository, "meanwhile")
    repository.git("merge", "--quiet", "--no-ff", "--message", "merge", "side")
    assert told(repository, "/lib/", "/a/") == {
        "/lib/": [("move lib", "src/")],
        "/a/": [("move a", "lib/"), ("move lib", "src/")],
    }


def test_names_of_any_kind(no_commits: Repository) -> None:
    names = ["0" * 40, ":100644 000000 a", "new\nline", "caf\udce9", "-x", "*[a]?\\ "]
    for name in names:
        (no_commits.path / name).write_bytes(os.fsencode(name))
    commit(no_commits, "begin")
    (no_commits.path / "to").mkdir()
    for name in names:
        (no_commits.path / name).rename(no_commits.path / "to" / name)
    commit(no_commits, "move all")
    found = told(no_commits, "/" + "0" * 40, "/:*", "/new*", "/caf*", "/-x", "/\\*\\[a]\\?*")
    assert list(found.values()) == [[("move all", f"to/{n}")] for n in names]


def test_only_so_many_commits_are_looked_through(
    moved_and_deleted: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past, "COMMITS", 1)
    assert told(moved_and_deleted, "/a/", "/c") == {"/c": [("delete c",)]}


def test_a_git_that_takes_too_long_gives_no_hint(
    moved_and_deleted: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past, "SECONDS", 0)
    assert told(moved_and_deleted, "/a/", "/c") == {}


def test_no_program_of_the_configuration_runs(moved_and_deleted: Repository) -> None:
    """Nor does a setting change what is told."""
    repository = moved_and_deleted
    program = repository.path.parent / "program"
    program.write_text(f"#!/bin/sh\ntouch '{repository.path.parent}/ran'\nexit 1\n")
    program.chmod(0o755)
    for name in ("gpg.program", "diff.external", "core.pager", "core.fsmonitor"):
        repository.config(name, program)
    repository.config("log.showSignature", "true")
    repository.config("diff.renames", "false")
    repository.config("diff.renameLimit", "1")
    repository.config("diff.x.textconv", program)
    repository.config("diff.x.command", program)
    repository.write(".git/info/attributes", "* diff=x\n")
    assert told(repository, "/a/") == {"/a/": [("move a", "lib/")]}
    assert not (repository.path.parent / "ran").exists()


@pytest.mark.parametrize(
    ("moved", "places"),
    [
        (["a/x.c"], [("a/x.c", 1)]),
        (["b.c", "a.c", "b.c"], [("b.c", 2), ("a.c", 1)]),
        (["p/1", "p/2", "p/q/3", "r/4", "top"], [("p/", 3), ("r/", 1), ("top", 1)]),
        (["p/", "p-q/", "p/q/", "p/q/r/"], [("p/", 3), ("p-q/", 1)]),
        ([], []),
    ],
    ids=str,
)
def test_places_are_told_as_few(moved: list[str], places: list[tuple[str, int]]) -> None:
    assert list(places_of(moved)) == places


@pytest.mark.parametrize(
    ("places", "to"),
    [
        ((("a/", 9), ("b/", 1)), "a/"),
        ((("a/", 8), ("b/", 1)), None),
        ((("a/", 1),), "a/"),
        ((), None),
    ],
)
def test_where_nearly_all_went(places: tuple[tuple[str, int], ...], to: str | None) -> None:
    assert Step("0" * 40, 20, places).to == to


# -- what is tracked -----------------------------------------------------------------------


def tracked(repository: Repository, index: str | None = None) -> tuple[list[str], list[str]]:
    git = Git.open(repository.path)
    if index is not None:
        git = replace(git, environment={**git.environment, "GIT_INDEX_FILE": index})
    found = tracked_files(git)
    return [found.text(n) for n in range(len(found.paths))], [
        path.decode() for path in found.submodules
    ]


def test_what_is_staged_is_tracked(no_commits: Repository) -> None:
    no_commits.write("committed")
    no_commits.write("removed")
    commit(no_commits, "begin")
    no_commits.write("staged")
    no_commits.git("add", "staged")
    no_commits.git("rm", "--quiet", "--cached", "removed")
    no_commits.write("untracked")
    (no_commits.path / "committed").unlink()
    assert tracked(no_commits) == (["committed", "staged"], [])


def test_a_submodule_is_no_file(submodule: Repository) -> None:
    files, submodules = tracked(submodule)
    assert submodules == ["library"]
    assert "library" not in files


def test_a_conflict_is_tracked_once(conflict: Repository) -> None:
    files, _ = tracked(conflict)
    assert len(files) == len(set(files))
    assert {"a.txt", "new.txt"} <= set(files)


def test_a_sparse_checkout_tracks_all(no_commits: Repository) -> None:
    no_commits.write("in/a")
    no_commits.write("out/deep/b")
    commit(no_commits, "begin")
    no_commits.git("sparse-checkout", "set", "--cone", "--sparse-index", "in")
    assert not (no_commits.path / "out").exists()
    assert tracked(no_commits) == (["in/a", "out/deep/b"], [])


def test_another_index(no_commits: Repository) -> None:
    no_commits.write("a")
    commit(no_commits, "begin")
    no_commits.git("update-index", "--add", "--cacheinfo", f"100644,{'1' * 40},b")
    index = no_commits.path / ".git" / "index"
    index.rename(index.with_name("other"))
    no_commits.git("read-tree", "HEAD")
    assert tracked(no_commits) == (["a"], [])
    assert tracked(no_commits, str(index.with_name("other"))) == (["a", "b"], [])
    assert tracked(no_commits, ".git/other") == (["a", "b"], [])


@pytest.mark.parametrize("name", ["ignored", "*", "[a]", ":(top)x", "-x", "in/ignored"])
def test_what_is_ignored(no_commits: Repository, name: str) -> None:
    no_commits.write(".gitignore", "ignored\n\\*\n\\[a\\]\n:(top)x\n-x\n/in/\n")
    no_commits.write(name)
    no_commits.write("a")
    git = Git.open(no_commits.path)
    assert is_ignored(git, name)
    assert not is_ignored(git, "a")
