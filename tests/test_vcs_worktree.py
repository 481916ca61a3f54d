"""What differs between a commit and the work tree, and that looking leaves it alone."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from impact.errors import GitError
from impact.model import Change, Status
from impact.vcs.git import Git
from impact.vcs.worktree import (
    changed_in_work_tree,
    parse_gitlinks,
    parse_untracked,
    without_programs,
)
from tests.repositories import ODD_NAMES, Repository, lines

pytest_plugins = ["tests.repositories"]


def changed(repository: Repository, base: str = "base") -> list[str]:
    """The changes since a commit, sorted; fails if looking changed what git keeps."""
    before = repository.git_files()
    found = changed_in_work_tree(Git.open(repository.path), repository.id(base))
    assert repository.git_files() == before
    return sorted(lines(found))


def write(repository: Repository) -> None:
    repository.write("a.txt", "other\n")


def rename(repository: Repository) -> None:
    (repository.path / "a.txt").rename(repository.path / "b.txt")


def link(repository: Repository) -> None:
    (repository.path / "a.txt").unlink()
    (repository.path / "a.txt").symlink_to("run.sh")


def touch(repository: Repository) -> None:
    os.utime(repository.path / "a.txt", (1, 1))


def directory(repository: Repository) -> None:
    (repository.path / "a.txt").unlink()
    repository.write("a.txt/b.txt")


def executable(repository: Repository) -> None:
    (repository.path / "run.sh").chmod(0o755)


EDITS: list[tuple[Callable[[Repository], None], list[str]]] = [
    (write, ["M a.txt"]),
    (rename, ["A b.txt", "D a.txt"]),
    (link, ["T a.txt"]),
    (touch, []),
    (directory, ["A a.txt/b.txt", "D a.txt"]),
    (executable, ["M run.sh"]),
]


@pytest.mark.parametrize(("edit", "changes"), EDITS)
def test_an_edit_counts_staged_or_not(
    one_commit: Repository, edit: Callable[[Repository], None], changes: list[str]
) -> None:
    edit(one_commit)
    assert changed(one_commit) == changes
    one_commit.git("add", "--all")
    assert changed(one_commit) == changes
    one_commit.commit()
    assert changed(one_commit) == changes


@pytest.mark.parametrize(
    ("state", "changes"),
    [
        ("one_commit", []),
        ("modified", ["M dir/b.txt"]),
        ("staged_then_reverted", ["M a.txt"]),
        ("conflict", ["A new.txt", "M a.txt", "M new.txt"]),
        ("intent_to_add", ["A new.txt"]),
        ("nested_repository", ["A nested/"]),
        ("submodule_added", ["A .gitmodules", "A library/"]),
        ("submodule_bumped", ["M library/"]),
        ("submodule_removed", ["D library/", "M .gitmodules"]),
        ("file_to_submodule", ["A .gitmodules", "T a.txt/"]),
        ("split_index", ["M a.txt"]),
        ("sparse", ["M dir/b.txt"]),
        ("racily_clean", ["M a.txt"]),
        ("linked_worktree", ["M dir/b.txt"]),
        ("replaced", ["M dir/b.txt"]),
    ],
)
def test_what_the_work_tree_changed(
    state: str, changes: list[str], request: pytest.FixtureRequest
) -> None:
    repository: Repository = request.getfixturevalue(state)
    assert changed(repository) == changes


def test_a_file_added_and_then_deleted_is_both(one_commit: Repository) -> None:
    one_commit.write("new.txt")
    one_commit.git("add", "new.txt")
    (one_commit.path / "new.txt").unlink()
    assert changed(one_commit) == ["A new.txt"]
    one_commit.git("rm", "--quiet", "--cached", "a.txt")
    assert changed(one_commit) == ["A a.txt", "A new.txt", "D a.txt"]


def test_untracked_names_of_any_kind(one_commit: Repository) -> None:
    for name in ODD_NAMES:
        one_commit.write(name)
        one_commit.write(f"{name}/deeper" if name == "-d" else f"in/{name}")
    untracked = [*ODD_NAMES, *(f"in/{name}" for name in ODD_NAMES)]
    assert changed(one_commit) == sorted(f"A {name}" for name in untracked)


def test_ignored_files_do_not_count_unless_they_are_tracked(one_commit: Repository) -> None:
    one_commit.write(".git/info/exclude", "*.txt\n")
    one_commit.write("new.txt")
    one_commit.write("a.txt", "other\n")
    assert changed(one_commit) == ["M a.txt"]


def test_a_linked_worktree_has_its_own_index(linked_worktree: Repository) -> None:
    linked_worktree.write("a.txt", "other\n")
    linked_worktree.git("add", "a.txt")
    linked_worktree.write("a.txt", "a\n")
    git = Git.open(linked_worktree.path / "dir")
    found = changed_in_work_tree(git, linked_worktree.id("second"))
    assert lines(found) == ["M a.txt"]


def test_without_an_index_everything_is_gone_and_new(one_commit: Repository) -> None:
    (one_commit.path / ".git" / "index").unlink()
    names = ("a.txt", "dir/b.txt", "run.sh")
    assert changed(one_commit) == sorted(
        f"{letter} {name}" for letter in "AD" for name in names
    )


def test_an_index_that_is_locked_can_be_read(one_commit: Repository) -> None:
    one_commit.write(".git/index.lock")
    one_commit.write("a.txt", "other\n")
    assert changed(one_commit) == ["M a.txt"]


def test_a_broken_index_is_an_error(one_commit: Repository) -> None:
    (one_commit.path / ".git" / "index").write_bytes(b"nonsense" * 9)
    with pytest.raises(GitError, match=r"^git update-index failed: index file corrupt$"):
        changed(one_commit)


def test_what_git_was_told_to_overlook_is_overlooked(one_commit: Repository) -> None:
    one_commit.git("update-index", "--assume-unchanged", "a.txt")
    one_commit.git("update-index", "--skip-worktree", "run.sh")
    for name in ("a.txt", "run.sh", "dir/b.txt"):
        one_commit.write(name, "other\n")
    assert changed(one_commit) == ["M dir/b.txt"]


# Submodules.


@pytest.mark.parametrize(("edit", "name"), [(None, "code.c"), ("add", "code.c"), (None, "new")])
def test_an_edit_inside_a_submodule(submodule: Repository, edit: str | None, name: str) -> None:
    submodule.config("diff.ignoreSubmodules", "all")
    submodule.config("submodule.library.ignore", "all")
    submodule.at("library").config("status.showUntrackedFiles", "no")
    assert changed(submodule) == []
    submodule.write(f"library/{name}", "other\n")
    if edit:
        submodule.at("library").git(edit, name)
    assert changed(submodule) == ["M library/"]


def test_a_commit_inside_a_submodule(submodule: Repository) -> None:
    submodule.at("library").commit(**{"code.c": "other\n"})
    assert changed(submodule) == ["M library/"]


def test_a_submodule_inside_a_submodule(submodule: Repository) -> None:
    inner = submodule.sibling("inner")
    inner.commit(**{"code.c": "int z;\n"})
    library = submodule.at("library")
    library.git("submodule", "--quiet", "add", inner.path.as_uri(), "inner")
    library.commit()
    submodule.commit()
    assert changed(submodule, "HEAD") == []
    submodule.write("library/inner/code.c", "other\n")
    assert changed(submodule, "HEAD") == ["M library/"]


def test_a_submodule_without_a_commit(submodule: Repository) -> None:
    submodule.at("library").git("checkout", "--quiet", "--orphan", "empty")
    assert changed(submodule) == ["M library/"]


def test_a_submodule_that_is_not_checked_out(submodule: Repository) -> None:
    submodule.git("submodule", "--quiet", "deinit", "--force", "library")
    assert changed(submodule) == []


def test_a_submodule_that_became_a_link_to_its_repository(submodule: Repository) -> None:
    (submodule.path / "library").rename(submodule.path.parent / "gone")
    (submodule.path / "library").symlink_to(".")
    assert changed(submodule) == ["T library/"]


def test_a_submodule_behind_a_link_to_its_repository(one_commit: Repository) -> None:
    entry = f"160000,{one_commit.id('HEAD')},in/repository"
    one_commit.git("update-index", "--add", "--cacheinfo", entry)
    one_commit.git("commit", "--quiet", "--message", "A submodule")
    (one_commit.path / "in").symlink_to("..")
    assert changed(one_commit, "HEAD") == ["A in", "D in/repository/"]


def test_a_broken_submodule_is_an_error(submodule: Repository) -> None:
    place = submodule.path / "library"
    (place / ".git").unlink()
    (place / ".git").mkdir()
    problem = f"^{place}/.git is no repository of its own: git finds {submodule.path}$"
    with pytest.raises(GitError, match=problem):
        changed(submodule)


# What git prints.


def test_a_slash_at_the_end_is_a_repository() -> None:
    assert parse_untracked(b"a\nb\0-x\0nested/\0") == [
        Change("a\nb", Status.ADDED),
        Change("-x", Status.ADDED),
        Change("nested", Status.ADDED, directory=True),
    ]


def test_gitlinks_are_found_once() -> None:
    entry = "{} " + "a" * 40 + " {}\t{}\0"
    entries = [
        entry.format("100644", 0, "160000 a"),
        entry.format("160000", 1, "sub\tmodule"),
        entry.format("160000", 2, "sub\tmodule"),
    ]
    assert parse_gitlinks("".join(entries).encode()) == [b"sub\tmodule"]


def test_every_filter_and_hook_is_switched_off_once() -> None:
    names = ["core.bare", "filter.a b.clean", "filter.a b.process", "hook.x.y.command"]
    assert without_programs([*names, "hook.x.y.event", "filter..clean", "hooks.x"]) == [
        "filter.a b.clean=",
        "filter.a b.process=",
        "filter.a b.required=false",
        "hook.x.y.enabled=false",
        "filter..clean=",
        "filter..process=",
        "filter..required=false",
    ]


@pytest.mark.parametrize("section", ["filter", "hook"])
def test_a_program_that_cannot_be_switched_off_is_an_error(section: str) -> None:
    text = f"^the {section} 'a=b' of git's configuration cannot be switched off$"
    with pytest.raises(GitError, match=text):
        without_programs([f"{section}.a=b.command"])
