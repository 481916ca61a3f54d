"""The example monorepo's CI in a real run: which jobs run for which change."""

from __future__ import annotations

import os

import pytest

from tests.action.runner import Run, Runner
from tests.monorepo.example import (
    ALL,
    CI,
    CONVEX,
    DEPLOY,
    EXAMPLE,
    FLY,
    SDK,
    SQL,
    VERIFICATION,
    Edit,
    change,
    expected,
    merge,
    results,
)
from tests.payloads import pull_request, push
from tests.repositories import Repository

pytest_plugins = ["tests.repositories", "tests.action.fixtures", "tests.monorepo.example"]

# What wakes for which change: the table of filters.yml, in a real run.

PUSHES: dict[str, tuple[Edit, str]] = {
    "the SDK's generator": ((SDK, "", "# A comment\n"), "ci-ts packages scripts"),
    "an unrelated script": (("scripts/tidy-changelog.sh", "", "true\n"), "scripts"),
    "the workflow": ((CI, "", "# A comment\n"), ALL),
    "the extension's SQL": ((SQL, "", "-- A comment\n"), "extension-sql"),
    "the Convex package": ((CONVEX, "", "// A comment\n"), "ci-ts packages release-check"),
    "the OpenAPI document": (
        ("openapi.json", "The server is up", "It is up"),
        "openapi ci-ts packages server deploy-check deploy",
    ),
    "a new migration": (
        ("migrations/0004_state.sql", "", "CREATE INDEX by_state ON cells (state);\n"),
        "migrations deploy-check extension-sql deploy",
    ),
    "the documents alone": (("docs/deploy.md", "", "More of it.\n"), "docs"),
    "the changelog alone": (("CHANGELOG.md", "", "- And more.\n"), ""),
    "a comment in the filters": (("filters.yml", "", "# A comment\n"), ""),
    "a rule of the filters": (
        ("filters.yml", "      - /checks/extension.py\n", ""),
        "extension-sql",
    ),
    "what the filters leave to nobody": (("filters.yml", "inert: [", "inert: [/x, "), ALL),
    "a directory that nobody claims": (("mobile/App.swift", "", "// A new app\n"), ALL),
}


def run_ci(
    runner: Runner, repository: Repository, event: str, payload: dict[str, object]
) -> Run:
    """Run ci.yml; if it deployed, then the server and every migration, and else nothing."""
    machine = runner.work / "machine"
    run = runner.run(repository.path, event, payload, workflow=CI, MACHINE=os.fspath(machine))
    assert machine.exists() == (run.jobs["deploy"] == "success")
    if machine.exists():
        assert (machine / "server" / "src" / "main.rs").exists()
        migrations = [file.name for file in repository.path.glob("migrations/*.sql")]
        applied = (machine / "applied").read_text("utf-8").split()
        assert applied == [f"migrations/{name}" for name in sorted(migrations)]
    return run


@pytest.mark.parametrize("name", PUSHES)
def test_a_push_to_main_runs(runner: Runner, example: Repository, name: str) -> None:
    changed, jobs = PUSHES[name]
    change(example, changed)
    run = run_ci(runner, example, "push", push(example))
    assert results(run) == expected(CI, f"changes gate {jobs}")


def test_a_file_that_moves_wakes_where_it_was_and_where_it_is(
    runner: Runner, example: Repository
) -> None:
    example.git("mv", "examples/deploy/helm/templates/deployment.yaml", "docs/helm.yaml")
    example.commit()
    run = run_ci(runner, example, "push", push(example))
    assert results(run) == expected(CI, "changes gate examples docs")


def test_what_an_exclusion_leaves_to_nobody_wakes_all_and_is_explained(
    runner: Runner, example: Repository
) -> None:
    change(example, ("extension/README.md", "", "More of it.\n"))
    run = run_ci(runner, example, "push", push(example))
    assert results(run) == expected(CI, f"changes gate {ALL}")
    rule = "!/extension/**/*.md"
    lines = (EXAMPLE / "filters.yml").read_text("utf-8").splitlines()
    (line,) = (number for number, text in enumerate(lines, 1) if f"'{rule}'" in text)
    place = f"excluded by {rule} at filters.yml:{line}:9"
    told = " ".join(run.said["changes"].split())
    assert f"extension/README.md (modified) is claimed by nothing and {place}" in told
    ((kind, words),) = run.annotations
    assert kind == "warning"
    assert "extension/README.md" in words
    assert "claim" in words
    assert "add them to inert" in words


def test_a_push_to_another_branch_deploys_nothing(runner: Runner, example: Repository) -> None:
    example.git("checkout", "--quiet", "-b", "topic")
    change(example, (DEPLOY, "", "# A comment\n"))
    example.git("update-ref", "refs/remotes/origin/main", "main")
    run = run_ci(runner, example, "push", push(example, "refs/heads/topic"))
    assert results(run) == expected(CI, "changes gate deploy-check")


# Pull requests, and what else happens to a repository.


@pytest.mark.parametrize(
    ("labels", "jobs"),
    [
        (["later"], "docs"),
        (["ts"], "docs ci-ts packages"),
        (["later", "full-ci"], VERIFICATION),
    ],
    ids=["none that wakes", "ts", "full-ci"],
)
def test_a_pull_request_with_its_merge_commit_checked_out(
    runner: Runner, topic: Repository, labels: list[str], jobs: str
) -> None:
    merge(topic)
    run = run_ci(runner, topic, "pull_request", pull_request(topic, *labels))
    assert results(run) == expected(CI, f"changes gate {jobs}")


def test_a_pull_request_with_its_head_checked_out_deploys_nothing(
    runner: Runner, topic: Repository
) -> None:
    topic.git("checkout", "--quiet", "topic")
    change(topic, (DEPLOY, "", "# A comment\n"))
    run = run_ci(runner, topic, "pull_request", pull_request(topic))
    assert results(run) == expected(CI, "changes gate docs deploy-check")


def test_what_changed_is_unknown_so_all_is_verified_and_nothing_deployed(
    runner: Runner, example: Repository
) -> None:
    run = run_ci(runner, example, "workflow_dispatch", {"ref": "refs/heads/main"})
    assert results(run) == expected(CI, f"changes gate {VERIFICATION}")
    assert run.outputs["determined"] == "false"


def test_an_unknown_change_pushed_to_main_is_not_deployed(
    runner: Runner, example: Repository
) -> None:
    """The push is `main`'s first: it has nothing to be compared with."""
    run = run_ci(runner, example, "push", {**push(example), "before": "0" * 40})
    assert results(run) == expected(CI, f"changes gate {VERIFICATION}")
    assert run.outputs["determined"] == "false"


# Jobs that fail: on main, each together with a change that would deploy.

TO_DEPLOY: Edit = (DEPLOY, "", "# A comment\n")
FAILURES: dict[str, tuple[list[Edit], str, str, str]] = {
    "the generated file is stale": (
        [("scripts/generate_sdk.py", "Do not edit.", "Never edit."), TO_DEPLOY],
        "changes packages scripts deploy-check",
        "ci-ts gate",
        "packages/typescript/src/generated.ts is stale: run scripts/generate-sdk.sh",
    ),
    "a migration fails, so deploying it is not tried": (
        [("migrations/0004_state.sql", "", "CREATE INDEX by_state ON sells (state);\n")],
        "changes extension-sql",
        "migrations gate",
        "migrations/0004_state.sql fails after those before it: no such table: main.sells",
    ),
    "the deploy skips a new migration": (
        [
            ("migrations/0004_state.sql", "", "CREATE INDEX by_state ON cells (state);\n"),
            (DEPLOY, "in migrations/*.sql", "in migrations/000[1-3]_*.sql"),
        ],
        "changes migrations extension-sql",
        "deploy-check gate",
        "did not apply migrations/0004_state.sql on a first deploy",
    ),
    "the OpenAPI document is broken, so nothing that is built on it is deployed": (
        [("openapi.json", "3.1.0", "3.0.0"), TO_DEPLOY],
        "changes ci-ts packages server deploy-check",
        "openapi gate",
        "openapi is not 3.1.x",
    ),
    "an advisory example is broken, and blocks nothing": (
        [(FLY, "8080", "80"), TO_DEPLOY],
        "changes deploy-check deploy gate",
        "examples",
        "examples/deploy/fly/fly.toml: internal_port is not 8080; set it to that",
    ),
    "the filters are broken, so all is verified": (
        [
            ("filters.yml", "depends-on: [openapi]", "depend-on: [openapi]"),
            ("scripts/new.sh", "", "if\n"),
            TO_DEPLOY,
        ],
        VERIFICATION.replace(" scripts", ""),
        "changes scripts gate",
        "unknown key depend-on",
    ),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_failing_job(runner: Runner, example: Repository, name: str) -> None:
    edits, succeeded, failed, message = FAILURES[name]
    change(example, *edits)
    run = run_ci(runner, example, "push", push(example))
    assert results(run) == expected(CI, succeeded, failed)
    assert message in run.said[failed.split()[0]]


# What the gate sees that no other job does.

MISTAKES: dict[str, tuple[Edit, str]] = {
    "a condition that is never true": (
        (
            CI,
            "needs.changes.outputs.server != 'false' }}",
            "needs.changes.outputs.server == 1 }}",
        ),
        "server: server is awake, so it has to succeed; it was skipped by its condition: "
        "`impact wire` prints one that wakes",
    ),
    "a job that is not waited for": (
        (CI, "      - server\n      - migrations\n", "      - migrations\n"),
        "server: server is awake, so it has to succeed; it has no result: "
        "add it to the needs of the gate's job",
    ),
    "a job that has another name now": (
        ("filters.yml", "  server:\n", "  server:\n    jobs: [servre]\n"),
        "servre: server is awake, so it has to succeed; it has no result: "
        ".github/workflows/ci.yml has no such job; did you mean server?; of another workflow "
        "it is FILE:servre in `jobs`",
    ),
    "a failure that is hidden": (
        (CI, "    name: server\n", "    name: server\n    continue-on-error: true\n"),
        "server: its success may be a failure: .github/workflows/ci.yml:115:24 has "
        "continue-on-error; remove it, or make its surface advisory",
    ),
    "an output that is lost": (
        (CI, "      surfaces: ${{ steps.impact.outputs.surfaces }}\n", ""),
        "changes: its output surfaces is lost or not declared; declare it: "
        "`surfaces: ${{ steps.ID.outputs.surfaces }}` in changes",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_the_gate_sees(runner: Runner, example: Repository, name: str) -> None:
    mistake, message = MISTAKES[name]
    change(example, mistake)
    example.git("tag", "--force", "base")
    change(example, ("server/src/main.rs", "", "// A comment\n"))
    run = run_ci(runner, example, "push", push(example))
    assert run.jobs["changes"] == "success"
    assert run.jobs["gate"] == "failure"
    assert ("error", message) in run.annotations
