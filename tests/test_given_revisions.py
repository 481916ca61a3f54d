"""`--base`, `--merge-base` and `--head` in clones that lack what they name."""

from __future__ import annotations

from typing import Any

import pytest

from tests.clones import Upstream
from tests.program import Program
from tests.repositories import Repository

pytest_plugins = ["tests.repositories", "tests.git_server", "tests.clones", "tests.program"]

FILTERS = "version: 1\nsurfaces: {all-of-it: ['*']}\n"
THREE_DOT = "merge base of the given commit and head to head (three-dot)"


@pytest.fixture
def parted(upstream: Upstream) -> Upstream:
    """`topic` and `main`, parted eight commits ago; `v1` is an annotated tag on `main~3`."""
    repository = upstream.repository
    repository.commit(**{"filters.yml": FILTERS})
    repository.git("tag", "--force", "base")
    repository.git("branch", "topic")
    for branch in ("main", "topic"):
        repository.git("checkout", "--quiet", branch)
        for number in range(8):
            repository.commit(**{f"{branch}-{number}.txt": branch})
    repository.git("tag", "--annotate", "--message", "One", "v1", "main~3")
    return upstream


def shallow(upstream: Upstream) -> Repository:
    made = upstream.checkout(upstream.repository.id("topic"), "depth 1")
    assert made is not None
    return made


def plan(program: Program, clone: Repository, *options: str) -> Any:
    before = clone.git_files()
    found = program("detect", "--format", "json", *options, at=clone.path).json
    assert clone.git_files() == before
    return found


def paths(found: Any) -> list[str]:
    assert found["determined"], found["reason"]
    return [change["path"] for change in found["changes"]]


TOPIC = [f"topic-{number}.txt" for number in range(8)]
MAIN = [f"main-{number}.txt" for number in range(8)]


@pytest.mark.parametrize("name", ["origin/main", "main", "refs/heads/main", "ID"])
def test_a_base_that_the_clone_lacks(parted: Upstream, program: Program, name: str) -> None:
    main = parted.repository.id("main")
    found = plan(program, shallow(parted), "--base", main if name == "ID" else name)
    assert paths(found) == [*MAIN, *TOPIC]
    assert found["base"] == main


@pytest.mark.parametrize("name", ["v1", "refs/tags/v1"])
def test_a_tag_that_the_clone_lacks(parted: Upstream, program: Program, name: str) -> None:
    found = plan(program, shallow(parted), "--base", name)
    assert paths(found) == [*MAIN[:5], *TOPIC]
    assert found["base"] == parted.repository.id("main~3")


@pytest.mark.parametrize("name", ["origin/main", "main", "ID"])
def test_a_merge_base_that_the_clone_lacks(
    parted: Upstream, program: Program, name: str
) -> None:
    main = parted.repository.id("main")
    found = plan(program, shallow(parted), "--merge-base", main if name == "ID" else name)
    assert paths(found) == TOPIC
    assert (found["base"], found["reason"]) == (parted.repository.id("base"), THREE_DOT)


def test_the_id_of_an_annotated_tag(parted: Upstream, program: Program) -> None:
    """It names a commit, and is none."""
    tag = parted.repository.git("rev-parse", "v1")
    assert tag != parted.repository.id("v1")
    for clone in (shallow(parted), parted.repository):
        found = plan(program, clone, "--base", tag)
        assert paths(found) == [*MAIN[:5], *TOPIC]
        assert found["base"] == parted.repository.id("main~3")


@pytest.mark.parametrize("name", ["both", "tags/both", "heads/both", "refs/heads/both"])
def test_a_name_means_the_same_in_every_clone(
    parted: Upstream, program: Program, name: str
) -> None:
    """A tag comes before a branch: https://git-scm.com/docs/gitrevisions."""
    repository = parted.repository
    repository.git("tag", "both", "main~1")
    repository.git("branch", "both", "main~2")
    commit = repository.git("rev-parse", "--verify", "--quiet", name)
    for clone in (shallow(parted), repository):
        assert plan(program, clone, "--base", name)["base"] == commit


def test_a_full_name_is_that_of_the_local_branch(parted: Upstream, program: Program) -> None:
    clone = parted.repository.clone("laptop")
    clone.git("checkout", "--quiet", "topic")
    local = clone.commit(**{"local.txt": "local\n"})
    found = plan(program, clone, "--base", "HEAD~1", "--head", "refs/heads/topic")
    assert (found["head"], paths(found)) == (local, ["local.txt"])


@pytest.mark.parametrize("name", ["HEAD^", "HEAD^1", "HEAD~1", "HEAD~"])
def test_a_parent_that_the_clone_lacks(parted: Upstream, program: Program, name: str) -> None:
    found = plan(program, shallow(parted), "--base", name)
    assert paths(found) == TOPIC[-1:]


def test_a_head_that_the_clone_lacks(parted: Upstream, program: Program) -> None:
    found = plan(program, shallow(parted), "--merge-base", "topic", "--head", "main")
    assert paths(found) == MAIN
    assert found["head"] == parted.repository.id("main")


def test_a_head_alone_is_compared_with_the_default_branch_of_the_remote(
    parted: Upstream, program: Program
) -> None:
    parted.repository.git("checkout", "--quiet", "main")
    found = plan(program, shallow(parted), "--head", "HEAD")
    assert paths(found) == TOPIC


def test_the_default_branch_is_asked_for_where_the_clone_does_not_know_it(
    parted: Upstream, program: Program
) -> None:
    """As Jenkins makes a clone: every branch, and nothing says which one is the default."""
    repository = parted.repository
    repository.git("checkout", "--quiet", "-b", "develop", "main~4")
    clone = parted.checkout(repository.id("main"), "full")
    assert clone is not None
    assert "origin/main" in clone.git("branch", "--remotes")
    assert "origin/HEAD" not in clone.git("branch", "--remotes")
    assert paths(plan(program, clone, "--head", "HEAD")) == MAIN[4:]


def test_given_commits_where_nothing_was_committed_yet(
    parted: Upstream, program: Program
) -> None:
    clone = shallow(parted)
    clone.git("checkout", "--quiet", "--orphan", "new")
    base, head = (parted.repository.id(name) for name in ("main", "topic"))
    found = plan(program, clone, "--base", base, "--head", head)
    assert found["determined"]


def test_every_merge_base_counts(criss_cross: Repository, program: Program) -> None:
    criss_cross.commit(**{"filters.yml": FILTERS})
    found = plan(program, criss_cross, "--merge-base", "right")
    assert paths(found) == ["filters.yml", "left.txt", "right.txt"]


@pytest.mark.parametrize("option", ["--base", "--merge-base"])
def test_a_base_of_zeros_is_no_base(parted: Upstream, program: Program, option: str) -> None:
    """What CI systems say of the first push of a branch."""
    found = plan(program, parted.repository, option, "0" * 40)
    assert not found["determined"]
    assert found["reason"] == "the given base is all zeros: there is nothing to compare with"


@pytest.mark.parametrize("option", ["--base", "--merge-base", "--head"])
@pytest.mark.parametrize("name", ["nowhere", "-x", "a..b", "main~99", "@default", "1" * 40])
def test_what_neither_the_clone_nor_the_server_has(
    parted: Upstream, program: Program, option: str, name: str
) -> None:
    ran = program("detect", f"{option}={name}", at=shallow(parted).path)
    assert (ran.code, ran.out) == (2, "")
    if name == "1" * 40:
        assert ran.err == f"impact: {parted.url} has no commit {name}\n"
    else:
        assert ran.err == (
            f"impact: '{name}' names no commit in this clone, which is shallow; fetch more "
            "of the history (actions/checkout: `fetch-depth: 0`)\n"
        )


def test_a_name_and_a_server_that_is_not_there(parted: Upstream, program: Program) -> None:
    clone = shallow(parted)
    clone.git("remote", "set-url", "origin", "http://127.0.0.1:1/repository")
    found = plan(program, clone, "--base", "nowhere")
    assert not found["determined"]
    assert found["reason"].startswith("'nowhere' names no commit in this clone")
    assert "; fetching from http://127.0.0.1:1/repository failed: " in found["reason"]


def test_nothing_is_fetched_where_that_is_said(parted: Upstream, program: Program) -> None:
    clone = shallow(parted)
    ran = program("detect", "--base=main", "--fetch-timeout=0", at=clone.path)
    assert ran.code == 2
    assert parted.server.requests == []


def test_on_a_laptop_nothing_is_fetched_unasked(parted: Upstream, program: Program) -> None:
    clone = shallow(parted)
    found = plan(program, clone)
    assert found["reason"] == (
        "the default branch of origin is not known here; "
        "run `git remote set-head origin --auto`, or give --base"
    )
    assert parted.server.requests == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--base=a", "--merge-base=b"],
            "--base and --merge-base name two places to begin; leave out one",
        ),
        (
            ["--merge-base=b", "--files-from=-"],
            "--files-from names the changes itself; leave out --base, --merge-base and --head",
        ),
    ],
)
def test_options_that_contradict_each_other(
    parted: Upstream, program: Program, options: list[str], message: str
) -> None:
    ran = program("detect", *options, at=parted.repository.path)
    assert (ran.code, ran.err) == (2, f"impact: {message}\n")


@pytest.mark.parametrize("value", ["0", "-1", "x", "1.5", "", "9999999999"])
def test_a_depth_is_a_number(parted: Upstream, program: Program, value: str) -> None:
    ran = program("detect", f"--max-depth={value}", at=parted.repository.path)
    assert ran.code == 2
    assert f"argument --max-depth: {value!r} is no number of commits from 1" in ran.err


@pytest.mark.parametrize("value", ["-1", "x", "", "1e9", "nan", "inf"])
def test_a_timeout_is_a_number(parted: Upstream, program: Program, value: str) -> None:
    ran = program("detect", f"--fetch-timeout={value}", at=parted.repository.path)
    assert ran.code == 2
    assert f"argument --fetch-timeout: {value!r} is no number of seconds" in ran.err
