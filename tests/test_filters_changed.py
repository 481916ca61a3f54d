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
        ({"filters.yml": "version: 2\n"}, "filters.yml:1:1: the key surfaces is missing"),
        (
            {"filters.yml": FILTERS, ".github__filters.yml": FILTERS},
            ".github/filters.yml:1:1: both filters.yml and .github/filters.yml exist, and "
            "only one can be right",
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


# What is on the disk need not be what was committed.

ATTRIBUTES = "filters.yml working-tree-encoding=UTF-7\n"
"""git then writes `*` as `+ACo-` where it checks the file out, and every `*.py` is gone."""
STARRED = """\
version: 1
surfaces:
  sdk:
    - '*.py'
  attributes:
    - /sdk/
    - /.gitattributes
"""


def causes(found: Any, name: str) -> list[tuple[str, str | None]]:
    rows = found["surfaces"][name]["causes"]
    return [(row["path"], row["detail"]) for row in rows if row["kind"] == "filters-changed"]


def test_attributes_that_rewrite_the_file(
    program: Program, upstream: Upstream, repository: Repository
) -> None:
    before = repository.commit(**{"filters.yml": STARRED, "sdk__a.py": "1\n"})
    after = repository.commit(**{".gitattributes": ATTRIBUTES, "sdk__a.py": "2\n"})
    clone = upstream.checkout(after, "depth 1")
    assert clone is not None
    assert "'+ACo" in (clone.path / "filters.yml").read_text()
    words = "its rules differ from those of the checked-out commit"
    event = program.write("../event.json", json.dumps(github.push(before, after)))
    for options in (
        ("--event", "push", "--event-path", str(event)),
        ("--base", before),
        ("--base", before, "--head", after),
    ):
        found = plan(program, clone, *options)
        assert woken(found) == ["sdk", "attributes"]
        assert causes(found, "sdk") == [("filters.yml", words)]


@pytest.mark.parametrize(
    ("text", "surfaces"),
    [
        (FILTERS.replace("\n", "\r\n"), []),
        ("# A comment\n" + FILTERS, []),
        (edit("/docs/", "/site/"), ["docs", "pages"]),
        (edit("'*.md'", "'*.md', /docs/"), EVERY),
    ],
)
def test_a_step_that_rewrote_the_file(
    program: Program, repository: Repository, text: str, surfaces: list[str]
) -> None:
    repository.commit(**{"CHANGES.md": "More.\n"})
    (repository.path / "filters.yml").write_bytes(text.encode())
    assert woken(plan(program, repository, "--base", "HEAD~1")) == surfaces


def test_a_committed_file_that_cannot_be_read(program: Program, repository: Repository) -> None:
    repository.commit(**{"filters.yml": "version: 2\n"})
    repository.commit(**{"CHANGES.md": "More.\n"})
    repository.write("filters.yml", FILTERS)
    found = plan(program, repository, "--base", "HEAD~1")
    assert woken(found) == EVERY
    problem = "filters.yml:1:1: the key surfaces is missing"
    assert causes(found, "docs") == [
        ("filters.yml", f"those of the checked-out commit cannot be used: {problem}")
    ]


def test_a_file_that_is_no_part_of_the_repository(
    program: Program, one_commit: Repository
) -> None:
    one_commit.commit(**{"CHANGES.md": "More.\n"})
    one_commit.write("filters.yml", FILTERS)
    assert woken(plan(program, one_commit, "--base", "HEAD~1")) == []


def test_other_commits_with_the_filters_of_today(
    program: Program, repository: Repository
) -> None:
    """Whoever looks back asks what the filters of today make of it; a CI run does not."""
    repository.commit(**{"docs__a.txt": "a\n"})
    repository.commit(**{"filters.yml": edit("/docs/", "/site/, /docs/")})
    found = plan(program, repository, "--base", "HEAD~2", "--head", "HEAD~1")
    assert woken(found) == ["docs", "pages"]
    assert causes(found, "docs") == []
    program.environment["CI"] = "true"
    found = plan(program, repository, "--base", "HEAD~2", "--head", "HEAD~1")
    words = "its rules differ from those at the head"
    assert causes(found, "docs") == [("filters.yml", words)]


@pytest.mark.parametrize(
    ("text", "surfaces", "words"),
    [
        (
            edit("/docs/", "/site/"),
            ["docs", "pages"],
            "its rules differ from those at the head",
        ),
        ("# A comment\n" + FILTERS, [], None),
        (
            "version: 2\n",
            EVERY,
            "those at the head cannot be used: filters.yml:1:1: the key surfaces is missing",
        ),
        (
            None,
            EVERY,
            "those at the head cannot be used: there is no filters file filters.yml or "
            ".github/filters.yml in the commit HEAD",
        ),
    ],
    ids=["rules", "comment", "wrong", "removed"],
)
@pytest.mark.parametrize("kind", ["full", "depth 1", "blobless"])
def test_a_head_that_is_not_checked_out(
    program: Program,
    upstream: Upstream,
    repository: Repository,
    kind: str,
    text: str | None,
    surfaces: list[str],
    words: str | None,
) -> None:
    base = repository.id("main")
    repository.git("checkout", "--quiet", "-b", "topic")
    if text is None:
        repository.git("rm", "--quiet", "filters.yml")
    head = repository.commit(**({"filters.yml": text} if text else {}))
    clone = upstream.checkout(base, kind)
    assert clone is not None
    payload = json.dumps(github.pull_request(base, head))
    event = program.write("../event.json", payload)
    found = plan(program, clone, "--event", "pull_request", "--event-path", str(event))
    assert woken(found) == surfaces
    expected = [("filters.yml", words.replace("HEAD", head))] if words else []
    assert causes(found, "docs") == expected


def test_a_checkout_that_an_earlier_job_left_behind(
    program: Program, upstream: Upstream, repository: Repository
) -> None:
    old = repository.id("main")
    before = repository.commit(**{"filters.yml": edit("/docs/", "/docs/, /site/")})
    after = repository.commit(**{"CHANGES.md": "More.\n"})
    clone = upstream.checkout(old, "depth 1")
    assert clone is not None
    event = program.write("../event.json", json.dumps(github.push(before, after)))
    found = plan(program, clone, "--event", "push", "--event-path", str(event))
    assert woken(found) == ["docs", "pages"]
    words = "its rules differ from those at the head"
    assert causes(found, "docs") == [("filters.yml", words)]


def test_the_commit_of_the_run_is_checked_out_and_its_filters_count(
    program: Program, upstream: Upstream, repository: Repository
) -> None:
    """What main made of the filters since is no change of the pull request."""
    old = repository.id("main")
    repository.git("checkout", "--quiet", "-b", "topic")
    head = repository.commit(**{"CHANGES.md": "More.\n"})
    repository.git("checkout", "--quiet", "main")
    later = repository.commit(**{"filters.yml": edit("/docs/", "/docs/, /site/")})
    clone = upstream.checkout(later, "depth 1")
    assert clone is not None
    payload = json.dumps(github.pull_request(old, head))
    event = program.write("../event.json", payload)
    options = ("--event", "pull_request", "--event-path", str(event))
    found = program(
        "detect", "--format", "json", *options, at=clone.path, GITHUB_SHA=later
    ).json
    assert woken(found) == []
    assert woken(plan(program, clone, *options)) == ["docs", "pages"]
