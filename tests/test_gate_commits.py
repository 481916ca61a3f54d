"""`impact gate` where the filters and the workflow are those of a commit, on a real server."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests import github_events as github
from tests.clones import Upstream
from tests.gates import needs_of
from tests.program import Program, Ran
from tests.repositories import Repository

pytest_plugins = ["tests.repositories", "tests.git_server", "tests.clones", "tests.program"]

FILTERS = "version: 1\nsurfaces:\n  sdk: [/sdk/]\n  docs: [/docs/]\n"
CI = """\
jobs:
  changes: {runs-on: x, steps: []}
  sdk: {needs: changes, uses: ./.github/workflows/sdk.yml}
  docs: {needs: changes, runs-on: x, steps: []}
"""
SDK = "on: workflow_call\njobs: {a: {runs-on: x, steps: []}}\n"
WORKFLOW = ".github/workflows/ci.yml"
PLAN = {"sdk": True, "docs": False}
FINE = {"sdk": "success", "docs": "skipped"}


def name(path: str) -> str:
    return path.replace("/", "__")


@pytest.fixture
def repository(upstream: Upstream) -> Repository:
    folder = ".github/workflows"
    files = {"filters.yml": FILTERS, f"{folder}/ci.yml": CI, f"{folder}/sdk.yml": SDK}
    upstream.repository.commit(**{name(path): text for path, text in files.items()})
    return upstream.repository


def gate(
    program: Program,
    upstream: Upstream,
    *options: str,
    results: dict[str, str] = FINE,
    **variables: str | None,
) -> Ran:
    """Run it where nothing is checked out."""
    return program(
        *("gate", "--needs", "-", "--format", "json", *options),
        stdin=json.dumps(needs_of(PLAN, results)).encode(),
        **{
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": "push",
            "GITHUB_SERVER_URL": upstream.server.url,
            "GITHUB_REPOSITORY": "./repository",
            "GITHUB_WORKFLOW_REF": f"./repository/{WORKFLOW}@refs/heads/main",
            **variables,
        },
    )


def test_nothing_is_checked_out(
    program: Program, upstream: Upstream, repository: Repository
) -> None:
    head = repository.id("main")
    assert gate(program, upstream, GITHUB_SHA=head).json["passed"]
    ran = gate(program, upstream, results={**FINE, "sdk": "skipped"}, GITHUB_SHA=head)
    assert [job for job, row in ran.json["jobs"].items() if not row["ok"]] == ["sdk"]


def test_the_called_workflow_is_read_too(
    program: Program, upstream: Upstream, repository: Repository
) -> None:
    hiding = SDK.replace("runs-on", "continue-on-error: true, runs-on")
    head = repository.commit(**{name(".github/workflows/sdk.yml"): hiding})
    ran = gate(program, upstream, GITHUB_SHA=head)
    assert ran.json["jobs"]["sdk"]["why"] == (
        "its success may be a failure: .github/workflows/sdk.yml:2:31 has continue-on-error; "
        "remove it, or make its surface advisory"
    )


def test_the_workflow_is_of_the_commit_that_the_runner_says(
    program: Program, upstream: Upstream, repository: Repository
) -> None:
    before = repository.id("main")
    head = repository.commit(**{name(WORKFLOW): CI.replace("  docs: {", "  pages: {")})
    ran = gate(program, upstream, GITHUB_SHA=head)
    assert not ran.json["passed"]
    assert gate(program, upstream, GITHUB_SHA=head, GITHUB_WORKFLOW_SHA=before).json["passed"]


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        (
            {"GITHUB_SHA": None},
            "nothing is checked out, and $GITHUB_SHA names no commit",
        ),
        (
            {"GITHUB_WORKFLOW_REF": "./repository/.github/workflows/no.yml@refs/heads/main"},
            "there is no file .github/workflows/no.yml in the commit COMMIT",
        ),
        (
            {"GITHUB_WORKFLOW_REF": None},
            "it is not known which workflow this is: $GITHUB_WORKFLOW_REF is not set; "
            "name its file with --workflow",
        ),
    ],
    ids=range(3),
)
def test_what_cannot_be_had_is_told(
    program: Program,
    upstream: Upstream,
    repository: Repository,
    variables: dict[str, str | None],
    message: str,
) -> None:
    head = repository.id("main")
    ran = gate(program, upstream, **{"GITHUB_SHA": head, **variables})
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"impact: {message.replace('COMMIT', head)}\n"


def test_the_author_of_a_pull_request_does_not_judge_it(
    program: Program, upstream: Upstream, repository: Repository
) -> None:
    """On pull_request_target the filters and the workflow are the base's."""
    base = repository.id("main")
    repository.git("checkout", "--quiet", "-b", "topic")
    evil = FILTERS.replace("sdk: [/sdk/]", "sdk: {paths: [/sdk/], advisory: true}")
    files = {"filters.yml": evil, name(WORKFLOW): CI.replace("sdk: {", "x: {")}
    head = repository.commit(**files)
    clone = upstream.checkout(head, "depth 1")
    assert clone is not None
    payload: Any = github.pull_request(base, head)
    event = program.write("../event.json", json.dumps(payload))
    for at in ("elsewhere", str(clone.path)):
        program.write("elsewhere/x", "")
        results = {**FINE, "sdk": "failure"}
        ran = program(
            *("gate", "--needs", "-", "--format", "json"),
            *("--event", "pull_request_target", "--event-path", event),
            stdin=json.dumps(needs_of(PLAN, results)).encode(),
            at=at,
            GITHUB_ACTIONS="true",
            GITHUB_SERVER_URL=upstream.server.url,
            GITHUB_REPOSITORY="./repository",
            GITHUB_WORKFLOW_REF=f"./repository/{WORKFLOW}@refs/heads/main",
            GITHUB_SHA=base,
        )
        assert ran.json["jobs"]["sdk"]["verdict"] == "must-run"
        assert not ran.json["passed"]
