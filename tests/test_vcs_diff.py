"""What a commit changed, by state; and the raw diff that git prints, byte by byte."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impact.errors import GitError
from impact.model import Change, Status
from impact.vcs.diff import changed_between, decode_path, distinct, parse_raw
from impact.vcs.git import Git
from tests.repositories import ODD_NAMES, Repository, lines

pytest_plugins = ["tests.repositories"]


@pytest.mark.parametrize(
    ("state", "changes"),
    [
        ("empty_commit", []),
        ("added", ["A new.txt"]),
        ("modified", ["M dir/b.txt"]),
        ("deleted", ["D a.txt"]),
        ("renamed", ["D a.txt", "A dir/renamed.txt"]),
        ("type_changed", ["T a.txt"]),
        ("mode_changed", ["M run.sh"]),
        ("submodule_added", ["A .gitmodules", "A library/"]),
        ("submodule_bumped", ["M library/"]),
        ("submodule_ignored", ["M library/"]),
        ("submodule_removed", ["M .gitmodules", "D library/"]),
        ("file_to_submodule", ["A .gitmodules", "T a.txt/"]),
        ("odd_names", sorted(f"A {name}" for name in ODD_NAMES)),
        ("unrelated", ["A other.txt"]),
        ("replaced", ["M dir/b.txt"]),
    ],
)
def test_what_the_commit_changed(
    state: str, changes: list[str], request: pytest.FixtureRequest
) -> None:
    repository: Repository = request.getfixturevalue(state)
    base, head = repository.id("base"), repository.id("HEAD")
    assert lines(changed_between(Git.open(repository.path), base, head)) == changes


@pytest.mark.parametrize(
    ("option", "value"),
    [("diff.relative", "true"), ("diff.noprefix", "true"), ("diff.orderFile", "nowhere")],
)
def test_the_users_diff_settings_have_no_say(
    modified: Repository, option: str, value: str
) -> None:
    modified.config(option, value)
    git = Git.open(modified.path / "dir")
    found = changed_between(git, modified.id("base"), modified.id("HEAD"))
    assert lines(found) == ["M dir/b.txt"]


def test_an_object_that_is_missing_is_an_error(modified: Repository) -> None:
    missing = "1" * 40
    with pytest.raises(GitError, match=f"^git diff-tree failed: bad revision '{missing}.*$"):
        changed_between(Git.open(modified.path), missing, modified.id("HEAD"))


def test_a_partial_clone_fetches_nothing(partial_clone: Repository) -> None:
    before = partial_clone.git_files()
    with pytest.raises(GitError, match=r"^git diff-tree failed: "):
        changed_between(
            Git.open(partial_clone.path), partial_clone.id("base"), partial_clone.id("HEAD")
        )
    assert partial_clone.git_files() == before


def raw(letter: str, path: bytes = b"p", modes: str = "100644 100644") -> bytes:
    return f":{modes} {'a' * 40} {'0' * 40} {letter}\0".encode() + path + b"\0"


@pytest.mark.parametrize(
    ("letter", "status"),
    [
        ("A", Status.ADDED),
        ("M", Status.MODIFIED),
        ("D", Status.DELETED),
        ("T", Status.TYPE_CHANGED),
        ("U", Status.MODIFIED),
        ("X", None),
    ],
)
def test_every_letter_has_its_status(letter: str, status: Status | None) -> None:
    assert parse_raw([raw(letter)]) == [Change("p", status)]


@pytest.mark.parametrize("modes", ["160000 100644", "100644 160000", "000000 160000"])
def test_a_gitlink_on_either_side_is_a_directory(modes: str) -> None:
    assert parse_raw([raw("T", modes=modes)]) == [Change("p", Status.TYPE_CHANGED, True)]


def test_ids_can_be_sha256() -> None:
    longer = raw("M").replace(b"a" * 40, b"a" * 64)
    assert parse_raw([longer]) == parse_raw([raw("M")])


@pytest.mark.parametrize(
    "output",
    [
        raw("M")[:-1],
        raw("M") + raw("A").partition(b"\0")[0],
        raw("M") + raw("A").partition(b"\0")[0] + b"\0",
        raw("M").partition(b"\0")[2],
    ],
)
def test_a_diff_that_is_cut_off_is_an_error(output: bytes) -> None:
    with pytest.raises(GitError, match=r"^git printed a raw diff that is cut off$"):
        parse_raw([output])


@pytest.mark.parametrize("letter", ["R", "R100", "C75", "M090", "B", "m", ""])
def test_a_diff_that_is_not_asked_for_is_an_error(letter: str) -> None:
    with pytest.raises(GitError, match=r"^git printed a raw diff that impact cannot read: b':"):
        parse_raw([raw(letter)])


paths = st.binary(min_size=1).filter(lambda path: b"\0" not in path)


@given(st.lists(st.tuples(st.sampled_from("AMDTU"), paths)), st.integers(1, 300))
def test_every_path_survives(entries: list[tuple[str, bytes]], size: int) -> None:
    output = b"".join(raw(letter, path) for letter, path in entries)
    found = parse_raw(output[at : at + size] for at in range(0, len(output), size))
    assert [c.path.encode("utf-8", "surrogateescape") for c in found] == [p for _, p in entries]
    assert [c.path for c in found] == [decode_path(path) for _, path in entries]


def test_distinct_keeps_two_statuses_of_one_path() -> None:
    added, deleted = Change("p", Status.ADDED), Change("p", Status.DELETED)
    assert distinct([added, deleted, added]) == [added, deleted]
