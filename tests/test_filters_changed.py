"""A change to the filters, in real histories: whom it wakes is told from the base's file."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests import github_events as github
from tests.clones import Upstream
from tests.program import Program
from tests.repositories import Repository

pytest_plugins = ["tests.repositories", "tests.git_server", "tests.clones", "tests.program"]

FILTERS = """\
version: 1
patterns:
  shared: [/common/]
surfaces:
  sdk: [/sdk/, {use: shared}]
  server: [/server/, {use: shared}]
  docs: [/docs/]
  pages:
    depends-on: [docs]
always: [/Makefile]
inert: ['*.md']
"""
EVERY = ["sdk", "server", "docs", "pages"]


def edit(old: str, new: str) -> str:
    assert old in FILTERS
    return FILTERS.replace(old, new)


@pytest.fixture
def repository(upstream: Upstream) -> Repository:
    upstream.repository.commit(**{"filters.yml": FILTERS})
    return upstream.repository


def plan(program: Program, repository: Repository, *options: str) -> Any:
    return program("detect", "--format", "json", *options, at=repository.path).json


def woken(found: Any) -> list[str]:
    assert found["determined"], found["reason"]
    return [name for name, surface in found["surfaces"].items() if surface["woken"]]


@pytest.mark.parametrize(
    ("text", "surfaces"),
    [
        ("# A comment\n" + FILTERS, []),
        (edit("/docs/", "/docs/, /site/"), ["docs", "pages"]),
        (edit("[/common/]", "[/common/, /lib/]"), ["sdk", "server"]),
        (edit("/Makefile", "/Makefile, /x"), EVERY),
        (edit("'*.md'", "'*.md', /docs/"), EVERY),
        (edit("'*.md']", "'*.md']\nunmatched: ignore"), EVERY),
        (edit("depends-on: [docs]", "depends-on: [docs, sdk]"), ["pages"]),
        (edit("    depends-on: [docs]", "    depends-on: [docs]\n    advisory: true"), []),
        (FILTERS + "labels: {ts: [sdk]}\n", []),
    ],
)
def test_whom_a_change_wakes(
    program: Program, repository: Repository, text: str, surfaces: list[str]
) -> None:
    repository.commit(**{"filters.yml": text})
    found = plan(program, repository, "--base", "HEAD~1")
    assert woken(found) == surfaces
    assert found["unmatched"] == []


def test_on_a_laptop(program: Program, repository: Repository) -> None:
    clone = repository.clone("laptop")
    clone.write("filters.yml", edit("/docs/", "/docs/, /site/"))
    assert woken(plan(program, clone)) == ["docs", "pages"]


@pytest.mark.parametrize("kind", ["full", "depth 1", "blobless", "treeless"])
def test_in_every_clone(
    program: Program, upstream: Upstream, repository: Repository, kind: str
) -> None:
    before = repository.id("main")
    after = repository.commit(**{"filters.yml": edit("/docs/", "/docs/, /site/")})
    clone = upstream.checkout(after, kind)
    assert clone is not None
    event = program.write("../event.json", json.dumps(github.push(before, after)))
    found = plan(program, clone, "--event", "push", "--event-path", str(event))
    assert woken(found) == ["docs", "pages"]


def test_nothing_is_checked_out(
    program: Program, upstream: Upstream, repository: Repository
) -> None:
    before = repository.id("main")
    after = repository.commit(**{"filters.yml": edit("/docs/", "/docs/, /site/")})
    event = program.write("../event.json", json.dumps(github.push(before, after)))
    found = program(
        *("detect", "--format", "json", "--event", "push", "--event-path", event),
        GITHUB_SERVER_URL=upstream.server.url,
        GITHUB_REPOSITORY="repository",
        GITHUB_SHA=after,
    ).json
    assert woken(found) == ["docs", "pages"]


def test_a_move_to_the_other_name_changes_nothing(
    program: Program, repository: Repository
) -> None:
    (repository.path / ".github").mkdir()
    repository.git("mv", "filters.yml", ".github/filters.yml")
    repository.commit()
    assert woken(plan(program, repository, "--base", "HEAD~1")) == []
    repository.git("mv", ".github/filters.yml", "filters.yml")
    repository.commit(**{"filters.yml": edit("/docs/", "/docs/, /site/")})
    assert woken(plan(program, repository, "--base", "HEAD~1")) == ["docs", "pages"]


@pytest.mark.parametrize(
    ("before", "problem"),
    [
        ({"filters.yml": "version: 2\n"}, "2 errors in the filters file"),
        (
            {"filters.yml": FILTERS, ".github__filters.yml": FILTERS},
            "1 error in the filters file",
        ),
        ({}, "there is no filters file filters.yml or .github/filters.yml in the commit BASE"),
    ],
    ids=["wrong", "both", "none"],
)
def test_a_base_without_usable_filters_wakes_everything(
    program: Program, one_commit: Repository, before: dict[str, str], problem: str
) -> None:
    base = one_commit.commit(**before)
    for file in before:
        (one_commit.path / file.replace("__", "/")).unlink()
    one_commit.commit(**{"filters.yml": FILTERS})
    found = plan(program, one_commit, "--base", "HEAD~1")
    assert woken(found) == EVERY
    causes = [c for c in found["surfaces"]["sdk"]["causes"] if c["kind"] == "filters-changed"]
    problem = problem.replace("BASE", base)
    assert causes[0]["detail"] == f"those at the base cannot be used: {problem}"


def test_every_base_counts(program: Program, criss_cross: Repository) -> None:
    """Each of two merge bases has other filters than the head."""
    first, second = edit("/docs/", "/site/"), edit("[/sdk/", "[/lib/")
    head = criss_cross.id("left")
    for side, text in (("left", first), ("right", second)):
        criss_cross.git("checkout", "--quiet", "-B", side, "base")
        criss_cross.commit(**{"filters.yml": text, f"{side}.txt": side})
        criss_cross.git("tag", "--force", f"{side}-1")
    for side, other in (("left", "right-1"), ("right", "left-1")):
        criss_cross.git("checkout", "--quiet", side)
        criss_cross.git(
            "merge", "--quiet", "--no-ff", "-X", "ours", "--message", "Merge", other
        )
    criss_cross.git("checkout", "--quiet", "left")
    criss_cross.commit(**{"filters.yml": FILTERS})
    assert criss_cross.id("left") != head
    found = plan(program, criss_cross, "--merge-base", "right")
    assert found["surfaces"]["docs"]["causes"][0]["kind"] == "filters-changed"
    assert woken(found) == EVERY  # the files left.txt and right.txt are claimed by nothing


def test_filters_of_another_name(program: Program, repository: Repository) -> None:
    repository.commit(**{"ci__impact.yml": FILTERS})
    repository.commit(**{"ci__impact.yml": edit("/docs/", "/docs/, /site/")})
    options = ("--filters", str(repository.path / "ci/impact.yml"), "--base", "HEAD~1")
    assert woken(plan(program, repository, *options)) == ["docs", "pages"]
    repository.commit(**{"filters.yml": "# other\n" + FILTERS})
    assert woken(plan(program, repository, *options)) == EVERY
