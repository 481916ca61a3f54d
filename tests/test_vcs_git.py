"""Opening a repository, and asking it with text that nobody may trust."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from impact.errors import GitError, ImpactError, UsageError
from impact.vcs.git import Git
from impact.vcs.process import Answer
from impact.vcs.worktree import changed_in_work_tree
from tests.repositories import Repository, lines

pytest_plugins = ["tests.repositories"]


def fake_git(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a program called git, alone, on PATH."""
    folder.mkdir()
    (folder / "git").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


def refusal(kind: type[ImpactError], directory: Path | str) -> str:
    with pytest.raises(kind) as caught:
        Git.open(directory)
    assert type(caught.value) is kind
    return str(caught.value)


# Opening.


def test_opens_from_a_sub_directory(one_commit: Repository) -> None:
    assert Git.open(one_commit.path / "dir").root == str(one_commit.path)


def test_opens_the_current_directory(
    one_commit: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(one_commit.path / "dir")
    assert Git.open().root == str(one_commit.path)


def test_opens_a_linked_worktree(linked_worktree: Repository) -> None:
    git = Git.open(linked_worktree.path)
    assert git.root == str(linked_worktree.path)
    assert git.resolve("HEAD") == linked_worktree.id("second")


@pytest.mark.parametrize("name", ["-n", "new\nline", "ends\n", os.fsdecode(b"\xe9"), " "])
def test_opens_a_directory_of_any_name(no_commits: Repository, name: str) -> None:
    place = no_commits.path.rename(no_commits.path.parent / name)
    assert Git.open(place).root == str(place)


@pytest.mark.parametrize(
    "variable",
    ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"],
)
def test_the_callers_environment_names_no_other_repository(
    one_commit: Repository, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "/nowhere")
    git = Git.open(one_commit.path)
    assert git.root == str(one_commit.path)
    assert git.resolve("HEAD") == one_commit.id("HEAD")
    assert git.run("ls-files").decode().split() == ["a.txt", "dir/b.txt", "run.sh"]
    assert os.environ[variable] == "/nowhere"


def test_no_repository(no_commits: Repository) -> None:
    place = no_commits.path.parent
    assert refusal(UsageError, place) == (
        f"{place} is in no git repository; --files-from needs none"
    )


@pytest.mark.parametrize("gone", ["refs", "objects"])
def test_a_damaged_repository_within_another(one_commit: Repository, gone: str) -> None:
    """git passes it over, and would answer for the one around it."""
    inner = one_commit.sibling("repository/inner")
    inner.commit(**{"a.txt": "a"})
    shutil.rmtree(inner.path / ".git" / gone)
    assert refusal(GitError, inner.path) == (
        f"{inner.path}/.git is no repository of its own: git finds {one_commit.path}"
    )


@pytest.mark.parametrize("exists", [True, False])
def test_a_work_tree_somewhere_else(
    one_commit: Repository, tmp_path: Path, exists: bool
) -> None:
    if exists:
        (tmp_path / "else").mkdir()
    one_commit.git("config", "core.worktree", str(tmp_path / "else"))
    assert refusal(GitError, one_commit.path) == (
        f"{one_commit.path}/.git is no repository of its own: git finds {tmp_path / 'else'}"
    )


def test_no_directory(tmp_path: Path) -> None:
    for name in ("missing", "file", "nul\0"):
        (tmp_path / "file").write_text("")
        assert refusal(UsageError, tmp_path / name) == f"{tmp_path / name}: no such directory"


def test_the_ceiling_of_the_caller_holds(
    one_commit: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(one_commit.path))
    assert "is in no git repository" in refusal(UsageError, one_commit.path / "dir")


def test_a_bare_repository(no_commits: Repository) -> None:
    no_commits.git("init", "--quiet", "--bare", "../bare")
    for place in (no_commits.path.parent / "bare", no_commits.path / ".git"):
        assert refusal(UsageError, place) == (
            f"{place} has no work tree: a bare repository or a .git directory"
        )


def test_an_unreadable_repository(no_commits: Repository) -> None:
    place = no_commits.path
    (place / ".git" / "config").write_text("[core\n")
    assert refusal(GitError, place) == (
        f"git cannot read the repository at {place}: bad config line 1 in file .git/config"
    )
    shutil.rmtree(place / ".git")
    (place / ".git").write_text("nonsense\n")
    assert refusal(GitError, place) == (
        f"git cannot read the repository at {place}: invalid gitfile format: {place}/.git"
    )


@pytest.mark.parametrize("place", [".", "dir"])
def test_a_repository_of_another_user(
    one_commit: Repository, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = shutil.which("git")
    script = f'GIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec {real} "$@"'
    head = one_commit.id("HEAD")
    fake_git(one_commit.path.parent / "bin", script, monkeypatch)
    refused = subprocess.run(["git", "status"], cwd=one_commit.path, capture_output=True)
    assert b"dubious ownership" in refused.stderr
    git = Git.open(one_commit.path / place)
    assert git.root == str(one_commit.path)
    assert git.resolve("HEAD") == head


def test_a_linked_worktree_of_another_user(
    linked_worktree: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = shutil.which("git")
    script = f'GIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec {real} "$@"'
    base, head = linked_worktree.id("base"), linked_worktree.id("second")
    linked_worktree.write("a.txt", "other\n")
    fake_git(linked_worktree.path.parent / "bin", script, monkeypatch)
    git = Git.open(linked_worktree.path / "dir")
    assert git.root == str(linked_worktree.path)
    assert git.resolve("HEAD") == head
    assert sorted(lines(changed_in_work_tree(git, base))) == ["M a.txt", "M dir/b.txt"]


def test_git_is_missing(one_commit: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(one_commit.path))
    assert refusal(GitError, one_commit.path) == (
        "git was not found on PATH; install git 2.30 or later"
    )


def test_git_cannot_run(one_commit: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_git(one_commit.path.parent / "bin", "", monkeypatch)
    (one_commit.path.parent / "bin" / "git").chmod(0o644)
    assert refusal(GitError, one_commit.path) == "git could not be started: Permission denied"


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo git version 2.17.1", "git 2.17.1 is too old; install git 2.30 or later"),
        ("echo git version 2.29.9", "git 2.29.9 is too old; install git 2.30 or later"),
        ("echo 1.8; echo x", "git 1.8 is too old; install git 2.30 or later"),
        ("echo no tools >&2; exit 1", "git version failed: no tools"),
        ("exit 7", "git version failed: exit status 7"),
    ],
)
def test_git_is_too_old(
    one_commit: Repository, script: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_git(one_commit.path.parent / "bin", script, monkeypatch)
    assert refusal(GitError, one_commit.path) == message


@pytest.mark.parametrize("version", ["2.30.0", "2.100.1", "3.0", "2.45.1.windows.1"])
def test_git_is_new_enough(
    one_commit: Repository, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = f"""
    case "$*" in
        *version) echo git version {version};;
        *) echo {one_commit.path}; echo {one_commit.id("HEAD")};;
    esac
    """
    fake_git(one_commit.path.parent / "bin", script, monkeypatch)
    assert Git.open(one_commit.path).root == str(one_commit.path)


@pytest.mark.parametrize(
    ("script", "status"), [("exit 7", "7\n"), ("echo git version 2.17.1", "0\n")]
)
def test_gitpython_is_imported_late_and_starts_no_git(
    one_commit: Repository, script: str, status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_git(one_commit.path.parent / "bin", script, monkeypatch)
    monkeypatch.setenv("GIT_PYTHON_REFRESH", "raise")
    monkeypatch.setenv("GIT_PYTHON_TRACE", "full")
    code = """
import os, sys
before = dict(os.environ)
from impact.errors import GitError
from impact.vcs import compare, git
try:
    git.Git.open()
except GitError:
    assert "git" not in sys.modules
    print(git.Git(".", network=True).call("version").status)
    assert "git" in sys.modules and os.environ == before
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == (status, "")


def test_a_complaint_is_the_first_of_the_worst_lines() -> None:
    assert Answer(128, b"", "error: a\nfatal: b\nhint: c\nfatal: d\n").complaint == "b"
    assert Answer(129, b"", "hint: a\nerror: b\nusage: git\n").complaint == "b"
    assert Answer(1, b"", "odd\nthings\n").complaint == "odd"
    assert Answer(-9, b"", "").complaint == "exit status -9"


# Revisions.


def test_resolves_what_git_resolves(merge_commit: Repository) -> None:
    git = Git.open(merge_commit.path)
    assert git.resolve("HEAD^2") == merge_commit.id("topic")
    assert git.resolve("HEAD^{/change}") == merge_commit.id("HEAD^{/change}")
    assert git.resolve(merge_commit.id("main")[:10]) == merge_commit.id("main")
    merge_commit.git("tag", "--annotate", "--message", "A tag", "annotated", "topic")
    assert git.resolve("annotated") == merge_commit.id("topic")


HOSTILE = [
    "",
    " ",
    "nowhere",
    "--output=/tmp/x",
    "--all",
    "-h",
    "--",
    "^HEAD",
    "HEAD..HEAD~1",
    "HEAD...HEAD~1",
    "HEAD^@",
    "HEAD^!",
    "HEAD\n",
    "HEAD\nHEAD",
    "HEAD\0",
    "HEAD:a.txt",
    "HEAD^{tree}",
    "$(touch /tmp/x)",
    "é",
    os.fsdecode(b"\xe9"),
    "\ud800",
    "1" * 40,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_any_other_text_is_no_revision(modified: Repository, text: str) -> None:
    before = modified.git_files()
    git = Git.open(modified.path)
    assert git.resolve(text) is None
    assert git.ref(text) is None
    assert git.ref("refs/heads/" + text) is None
    assert modified.git_files() == before


def test_a_name_with_a_leading_dash_is_no_option(modified: Repository) -> None:
    modified.git("update-ref", "refs/tags/-n", "base")
    assert Git.open(modified.path).resolve("-n") == modified.id("base")


def test_a_ref_is_named_in_full_and_exactly(modified: Repository) -> None:
    git = Git.open(modified.path)
    assert git.ref("refs/heads/main") == modified.id("main")
    modified.git("update-ref", "refs/remotes/origin/-n", "base")
    assert git.ref("refs/remotes/origin/-n") == modified.id("base")
    for name in ("main", "refs/heads/mai*", "refs/heads/main~1", "refs/heads/../heads/main"):
        assert git.ref(name) is None


def test_parents_are_read_from_the_commit(merge_commit: Repository) -> None:
    git = Git.open(merge_commit.path)
    head = merge_commit.id("HEAD")
    assert git.parents(head) == [merge_commit.id("main"), merge_commit.id("topic")]
    assert git.parents(merge_commit.id("base")) == []


def test_parents_are_known_at_the_edge_of_a_shallow_clone(shallow_clone: Repository) -> None:
    git = Git.open(shallow_clone.path)
    edge = shallow_clone.git("rev-list", "HEAD").split()[-1]
    assert shallow_clone.git("rev-list", "--parents", "-1", edge) == edge
    [parent] = git.parents(edge)
    assert git.resolve(parent) is None


def test_a_message_cannot_pose_as_a_parent(one_commit: Repository) -> None:
    one_commit.git("commit", "--quiet", "--allow-empty", "--message", f"parent {'1' * 40}")
    head = one_commit.id("HEAD")
    assert Git.open(one_commit.path).parents(head) == [one_commit.id("base")]


def test_a_replaced_commit_keeps_its_parents(replaced: Repository) -> None:
    git = Git.open(replaced.path)
    head = git.resolve("HEAD")
    assert head is not None
    assert git.parents(head) == [replaced.id("base")]
