"""`impact gate` where the filters and the workflow are those of a commit, on a real server."""

from __future__ import annotations

import json
import shutil
import zlib
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


CALLED = ".github/workflows/sdk.yml"


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
    at: str = ".",
    **variables: str | None,
) -> Ran:
    """Run it on a runner; ``at``: what is there is checked out, which here is nothing."""
    return program(
        *("gate", "--needs", "-", "--format", "json", *options),
        at=at,
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
            "the runner does not say which workflow this is ($GITHUB_WORKFLOW_REF); "
            "name its file with `workflow` (--workflow)",
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


@pytest.mark.parametrize("left", ["edited", "another commit", "another repository"])
def test_what_an_earlier_job_left_behind_does_not_judge(
    program: Program, upstream: Upstream, repository: Repository, left: str
) -> None:
    """A self-hosted runner keeps its workspace, and a test can write there."""
    lenient = FILTERS.replace("sdk: [/sdk/]", "sdk: {paths: [/sdk/], advisory: true}")
    head = repository.id("main")
    if left == "edited":
        clone = upstream.checkout(head, "depth 1")
        assert clone is not None
        clone.write("filters.yml", lenient)
    elif left == "another commit":
        clone = upstream.checkout(repository.commit(**{"filters.yml": lenient}), "depth 1")
    else:
        clone = repository.sibling("other")
        clone.commit(**{"filters.yml": lenient, name(WORKFLOW): CI, name(CALLED): SDK})
    assert clone is not None
    for result in ("success", "failure"):
        ran = gate(
            program,
            upstream,
            results={**FINE, "sdk": result},
            at=str(clone.path),
            GITHUB_SHA=head,
        )
        assert ran.json["jobs"]["sdk"]["verdict"] == "must-run"
        assert ran.json["passed"] == (result == "success")


def test_a_sparse_checkout_is_no_obstacle(
    program: Program, upstream: Upstream, repository: Repository
) -> None:
    clone = upstream.checkout(repository.id("main"), "depth 1")
    assert clone is not None
    clone.git("sparse-checkout", "set", "--cone", "sdk")
    assert not (clone.path / WORKFLOW).exists()
    ran = gate(program, upstream, at=str(clone.path), GITHUB_SHA=repository.id("main"))
    assert ran.json["passed"]


def test_a_file_that_is_made_in_the_run_is_read_where_it_was_made(
    program: Program, upstream: Upstream, repository: Repository
) -> None:
    clone = upstream.checkout(repository.id("main"), "depth 1")
    assert clone is not None
    clone.write("made/filters.yml", FILTERS)
    outside = program.write("../outside.yml", FILTERS)
    head = {"GITHUB_SHA": repository.id("main")}
    for file in ("made/filters.yml", str(outside)):
        found = gate(program, upstream, "--filters", file, at=str(clone.path), **head)
        assert found.json["passed"]


@pytest.mark.parametrize("way", ["link", "above", "elsewhere"])
def test_no_way_around_leads_to_what_was_left_behind(
    program: Program, upstream: Upstream, repository: Repository, way: str
) -> None:
    """A file of the repository is one, however it is named."""
    lenient = FILTERS.replace("sdk: [/sdk/]", "sdk: {paths: [/sdk/], advisory: true}")
    clone = upstream.checkout(repository.id("main"), "depth 1")
    assert clone is not None
    clone.write("filters.yml", lenient)
    link = clone.path.parent / "link"
    link.symlink_to(clone.path)
    at, file = str(link), str(link / "filters.yml")
    if way == "above":
        at, file = str(clone.path), f"../{clone.path.name}/filters.yml"
    elif way == "elsewhere":
        program.write("elsewhere/filters.yml", lenient)
        at, file = "elsewhere", "../elsewhere/filters.yml"
    results = {**FINE, "sdk": "failure"}
    words = ("--filters", file, "--workflow", str(link / WORKFLOW))
    options = words if way == "link" else words[:2]
    head = {"GITHUB_SHA": repository.id("main")}
    ran = gate(program, upstream, *options, results=results, at=at, **head)
    assert ran.code == (2 if way == "elsewhere" else 1), ran
    if way != "elsewhere":
        assert ran.json["jobs"]["sdk"]["verdict"] == "must-run"


def test_an_object_that_is_not_what_its_id_says_is_not_believed(
    program: Program, upstream: Upstream, repository: Repository
) -> None:
    head = repository.id("main")
    left = shutil.copytree(repository.path, repository.path.parent / "left")
    blob = repository.git("rev-parse", "HEAD:filters.yml")
    place = left / ".git" / "objects" / blob[:2] / blob[2:]
    place.chmod(0o644)
    lenient = FILTERS.replace("sdk: [/sdk/]", "sdk: {paths: [/sdk/], advisory: true}").encode()
    place.write_bytes(zlib.compress(b"blob %d\0%b" % (len(lenient), lenient)))
    ran = gate(program, upstream, at=str(left), GITHUB_SHA=head)
    message = f"the contents of {blob} are not those of that id"
    assert (ran.code, ran.err) == (2, f"impact: {message}\n")


def test_a_workflow_of_another_repository_is_not_looked_for_here(
    program: Program, upstream: Upstream, repository: Repository
) -> None:
    """One that a ruleset requires: its commit is there, and its file has to be given."""
    given = {
        "GITHUB_SHA": repository.id("main"),
        "GITHUB_WORKFLOW_REF": "org/rules/.github/workflows/ci.yml@refs/heads/main",
        "GITHUB_WORKFLOW_SHA": "1" * 40,
    }
    ran = gate(program, upstream, **given)
    assert ran.err == (
        "impact: the workflow is one of another repository, org/rules; "
        "name its file in a checkout with `workflow` (--workflow)\n"
    )
    for path in (WORKFLOW, f"./{WORKFLOW}"):
        assert gate(program, upstream, "--workflow", path, **given).json["passed"]


def test_a_file_that_is_no_workflow_stands_in_nobodys_way(
    program: Program, upstream: Upstream, repository: Repository
) -> None:
    repository.commit(**{name(".github/workflows/a.yml"): "<<: {}\n"})
    head = {"GITHUB_SHA": repository.id("main"), "GITHUB_WORKFLOW_REF": None}
    assert gate(program, upstream, GITHUB_WORKFLOW="ci.yml", **head).json["passed"]


def test_the_workflow_is_known_by_its_name_in_the_commit(
    program: Program, upstream: Upstream, repository: Repository
) -> None:
    head = {"GITHUB_SHA": repository.id("main"), "GITHUB_WORKFLOW_REF": None}
    assert gate(program, upstream, GITHUB_WORKFLOW="ci.yml", **head).json["passed"]
    assert gate(program, upstream, GITHUB_WORKFLOW="cd.yml", **head).code == 2


@pytest.mark.parametrize("path", ["a\\0b", "no", "\\U0001f600"])
def test_a_called_workflow_of_an_odd_name(
    program: Program, upstream: Upstream, repository: Repository, path: str
) -> None:
    uses = f'"./.github/workflows/{path}.yml"'
    text = CI.replace("./.github/workflows/sdk.yml", uses)
    head = repository.commit(**{name(WORKFLOW): text})
    clone = upstream.checkout(head, "depth 1")
    assert clone is not None
    for at in (".", str(clone.path)):
        ran = gate(program, upstream, at=at, GITHUB_SHA=head)
        assert ran.code == 2
        assert ran.err.startswith("impact: ")
        assert "bug" not in ran.err


def test_workflows_that_call_each_other_too_deep(
    program: Program, upstream: Upstream, repository: Repository
) -> None:
    folder = ".github/workflows"
    files = {
        name(f"{folder}/w{n}.yml"): f"jobs: {{a: {{uses: ./{folder}/w{n + 1}.yml}}}}\n"
        for n in range(12)
    }
    text = CI.replace("workflows/sdk.yml", "workflows/w0.yml")
    head = repository.commit(**{**files, name(WORKFLOW): text})
    ran = gate(program, upstream, GITHUB_SHA=head)
    message = ".github/workflows/w9.yml calls workflows more than 10 deep"
    assert (ran.code, ran.err) == (2, f"impact: {message}\n")


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
