"""The output `surfaces-base`: what the filters before a change wake for it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests import github_events as github
from tests.actions_runner import read_outputs
from tests.clones import Upstream
from tests.program import Program
from tests.repositories import Repository

pytest_plugins = ["tests.repositories", "tests.git_server", "tests.clones", "tests.program"]

FILTERS = """\
version: 1
surfaces:
  sdk: [/sdk/]
  server: [/server/]
  docs: {paths: [/docs/], depends-on: [server]}
labels: {full: all}
"""
WORKFLOW = ".github/workflows/ci.yml"
CI = WORKFLOW.replace("/", "__")
EVERY = ["docs", "sdk", "server"]
REF = f"an-owner/repository/{WORKFLOW}@refs/heads/main"


@pytest.fixture
def repository(upstream: Upstream) -> Repository:
    """The filters on `main`; a pull request changes what nobody claims, too."""
    upstream.repository.commit(**{"filters.yml": FILTERS, CI: "on: push\n"})
    return upstream.repository


def edit(old: str, new: str) -> str:
    assert old in FILTERS
    return FILTERS.replace(old, new)


def base(program: Program, repository: Repository, *options: str, **environment: Any) -> Any:
    """What wakes by the filters at the base, and what of that sleeps by those at the head."""
    words = ("detect", "--format", "json", "--base", "HEAD~1", *options)
    found = program(*words, at=repository.path, **environment).json
    asleep = {name for name, row in found["surfaces"].items() if not row["woken"]}
    before = found["surfaces_base"]
    woken = [name for name, was_woken in (before or {}).items() if was_woken]
    narrowed = [name for name in woken if name in asleep or name not in found["surfaces"]]
    return before, narrowed


def test_without_a_change_to_the_filters_there_is_nothing(
    program: Program, repository: Repository
) -> None:
    repository.commit(**{"sdk__a.c": "a\n", CI: "on: []\n"})
    assert base(program, repository) == ({}, [])


@pytest.mark.parametrize(
    ("text", "path", "before", "narrowed"),
    [
        # Rules of its own that change wake a surface anyway.
        (edit("[/sdk/]", "[/sdk/, '!/sdk/gen/']"), "sdk/gen/a.c", ["sdk"], []),
        # Nobody claimed it, so all woke; now one does.
        (edit("[/sdk/]", "[/sdk/, /new/]"), "new/a.c", EVERY, ["docs", "server"]),
        # What is renamed is asleep by its old name.
        (edit("  sdk:", "  sdk2:"), "sdk/a.c", ["sdk"], ["sdk"]),
        (edit("  sdk: [/sdk/]\n", ""), "sdk/a.c", ["sdk"], ["sdk"]),
        (edit(", depends-on: [server]", ""), "server/a.c", ["docs", "server"], []),
        ("# A comment\n" + FILTERS, "sdk/a.c", ["sdk"], []),
        (edit("labels: {full: all}", "labels: {full: [sdk]}"), "docs/a.md", ["docs"], []),
    ],
    ids=range(7),
)  # fmt: skip
def test_what_the_filters_before_wake(
    program: Program,
    repository: Repository,
    text: str,
    path: str,
    before: list[str],
    narrowed: list[str],
) -> None:
    repository.commit(**{"filters.yml": text, path.replace("/", "__"): "a\n"})
    found, asleep = base(program, repository)
    assert [name for name, woken in found.items() if woken] == before
    assert asleep == narrowed


def test_a_label_counts_as_the_filters_before_have_it(
    program: Program, repository: Repository
) -> None:
    start = repository.id("main")
    changed = {"filters.yml": edit("full: all", "full: [sdk]"), "docs__a.md": "a\n"}
    head = repository.commit(**changed)
    payload = github.pull_request(start, head, labels=("full",))
    event = program.write("../event.json", json.dumps(payload))
    found = base(program, repository, "--event", "pull_request", "--event-path", str(event))
    assert found == ({"docs": True, "sdk": True, "server": True}, ["server"])


def test_a_force_counts_for_the_surfaces_that_there_were(
    program: Program, repository: Repository
) -> None:
    text = edit("  sdk:", "  app: [/app/]\n  sdk:")
    repository.commit(**{"filters.yml": text})
    found = base(program, repository, "--force", "app", "--force", "server")
    assert found == ({"docs": True, "sdk": False, "server": True}, [])
    assert base(program, repository, "--force=all")[0] == dict.fromkeys(found[0], True)


def test_a_change_to_the_workflow_of_the_run_counts(
    program: Program, repository: Repository
) -> None:
    repository.commit(**{CI: "on: []\n", "sdk__a.c": "a\n"})
    # What it says of the filters is not to be read.
    assert base(program, repository, GITHUB_WORKFLOW_REF=REF) == (None, [])
    # So that a part of it may have changed that is in another file.
    other = REF.replace("ci.yml", "other.yml")
    assert base(program, repository, GITHUB_WORKFLOW_REF=other) == (None, [])
    assert base(program, repository) == ({}, [])


USING = "jobs: {{changes: {{steps: [{{uses: impact-ci/impact@v1{given}}}]}}}}\n"


@pytest.mark.parametrize(
    ("given", "before"),
    [
        # Nobody claims the workflow there.
        ("", dict.fromkeys(EVERY, True)),
        (", with: {filters: ''}", dict.fromkeys(EVERY, True)),
        (", with: {filters: old.yml}", {"sdk": False, "old": True}),
        # What is not there wakes nothing; what only a run could tell is not known.
        (", with: {filters: none.yml}", {}),
        (", with: {filters: broken.yml}", None),
        (", with: {filters: '${{ vars.F }}'}", None),
        ("}, {uses: impact-ci/impact@v1, with: {filters: old.yml}", None),
        ("@", None),
        ("uses: ./.github/workflows/detect.yml", None),
    ],
)
def test_another_filters_file_is_named_by_the_workflow(
    program: Program, repository: Repository, given: str, before: dict[str, bool] | None
) -> None:
    """The workflow of the base says which were in use."""
    narrow = "version: 1\nsurfaces: {sdk: [/none/]}\ninert: ['*']\n"
    old = "version: 1\nsurfaces: {sdk: [/none/], old: [/sdk/]}\ninert: ['*']\n"
    text = USING.format(given=given) if given != "@" else "[]"
    if given.startswith("uses"):
        text = f"jobs: {{changes: {{{given}}}}}\n"
    files = {"narrow.yml": narrow, "old.yml": old, "broken.yml": "version: 2\n"}
    repository.commit(**{**files, CI: text})
    repository.commit(**{CI: USING.format(given=", with: {filters: narrow.yml}"), "sdk__a": ""})
    options = ("--filters", "narrow.yml")
    found, _ = base(program, repository, *options, GITHUB_WORKFLOW_REF=REF)
    assert found == before


@pytest.mark.parametrize(("before", "known"), [("version: 2\n", None), (None, {})])
def test_without_usable_filters_before_everything_wakes(
    program: Program, upstream: Upstream, before: str | None, known: dict[str, bool] | None
) -> None:
    repository = upstream.repository
    if before is not None:
        repository.commit(**{"filters.yml": before})
    repository.commit(**{"filters.yml": FILTERS})
    assert base(program, repository) == (known, [])


def test_what_is_not_known_is_an_empty_output(program: Program, repository: Repository) -> None:
    repository.commit(**{"filters.yml": "version: 2\n"})
    repository.commit(**{"filters.yml": FILTERS})
    file = program.directory / "outputs"
    words = ("detect", "--format", "github", "--base", "HEAD~1")
    assert program(*words, at=repository.path, GITHUB_OUTPUT=file).code == 0
    assert read_outputs(file.read_bytes())["surfaces-base"] == ""


def test_the_output(program: Program, repository: Repository) -> None:
    text = edit("[/sdk/]", "[/sdk/, /new/]")
    repository.commit(**{"filters.yml": text, "new__a.c": "a\n"})
    file = program.directory / "outputs"
    words = ("detect", "--format", "github", "--base", "HEAD~1")
    assert program(*words, at=repository.path, GITHUB_OUTPUT=file).code == 0
    written = read_outputs(file.read_bytes())
    assert json.loads(written["surfaces-base"]) == {"docs": True, "sdk": True, "server": True}
    assert json.loads(written["surfaces"]) == {"docs": False, "sdk": True, "server": False}


def test_nothing_is_checked_out(
    program: Program, upstream: Upstream, repository: Repository
) -> None:
    start = repository.id("main")
    head = repository.commit(**{"filters.yml": edit("[/sdk/]", "[/sdk/, /new/]"), "new__a": ""})
    event = program.write("../event.json", json.dumps(github.push(start, head)))
    found = program(
        *("detect", "--format", "json", "--event", "push", "--event-path", event),
        GITHUB_SERVER_URL=upstream.server.url,
        GITHUB_REPOSITORY="repository",
        GITHUB_SHA=head,
    ).json
    assert found["surfaces_base"] == {"docs": True, "sdk": True, "server": True}
