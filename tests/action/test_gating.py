"""The documented conditions in a real run: which jobs ran, which slept."""

from __future__ import annotations

import json
import os

import pytest

from tests import payloads
from tests.action.runner import Run, Runner
from tests.contract import OUTPUTS
from tests.repositories import Repository

pytest_plugins = ["tests.repositories", "tests.action.fixtures"]

GATED = ["ci-ts", "docs", "extension-sql"]
EXTENSION = "extension/sql/notes--1.0.sql"
SDK_SCRIPT = "scripts/generate-sdk.sh"


def run_push(runner: Runner, repository: Repository, **variables: str) -> Run:
    return runner.run(repository.path, "push", payloads.push(repository), **variables)


@pytest.fixture
def two_sides(monorepo: Repository) -> Repository:
    """`topic` changed the SDK's script; then `main` changed the extension."""
    monorepo.git("checkout", "--quiet", "-b", "topic")
    monorepo.commit(**{SDK_SCRIPT: "true\n"})
    monorepo.git("checkout", "--quiet", "main")
    monorepo.commit(**{EXTENSION: "SELECT 1;\n"})
    return monorepo


def run_pull_request(runner: Runner, repository: Repository) -> Run:
    payload = payloads.pull_request(repository)
    return runner.run(repository.path, "pull_request", payload)


def test_a_push_runs_the_job_whose_surface_it_touches(
    runner: Runner, monorepo: Repository
) -> None:
    monorepo.commit(**{SDK_SCRIPT: "true\n"})
    run = run_push(runner, monorepo)
    assert run.jobs == {
        "changes": "success",
        "ci-ts": "success",
        "docs": "skipped",
        "extension-sql": "skipped",
    }
    assert json.loads(run.outputs["surfaces"]) == {
        "docs": False,
        "extension-sql": False,
        "openapi": False,
        "typescript": True,
    }
    assert json.loads(run.outputs["woken"]) == ["typescript"]
    assert json.loads(run.outputs["asleep"]) == ["docs", "extension-sql", "openapi"]
    assert run.outputs["any"] == run.outputs["determined"] == "true"
    assert run.outputs["base"] == monorepo.id("base")
    assert run.outputs["head"] == monorepo.id("HEAD")
    assert run.plan["surfaces"]["typescript"]["causes"][0]["path"] == SDK_SCRIPT


def test_a_push_of_every_commit_since_before_counts(
    runner: Runner, monorepo: Repository
) -> None:
    monorepo.commit(**{EXTENSION: "SELECT 1;\n"})
    monorepo.commit(**{"docs__intro.md": "# Notes\n"})
    assert run_push(runner, monorepo).ran == ["docs", "extension-sql"]


def test_a_push_that_wakes_nothing_skips_all(runner: Runner, monorepo: Repository) -> None:
    monorepo.commit(**{"scripts/tidy-changelog.sh": "true\n"})
    run = run_push(runner, monorepo)
    assert run.jobs["changes"] == "success"
    assert run.ran == []
    assert run.outputs["any"] == "false"


def test_a_pull_request_with_its_merge_commit_checked_out(
    runner: Runner, two_sides: Repository
) -> None:
    two_sides.git("checkout", "--quiet", "--detach", "main")
    two_sides.git("merge", "--quiet", "--no-ff", "--message", "Merge", "topic")
    run = run_pull_request(runner, two_sides)
    assert run.ran == ["ci-ts"]
    assert run.outputs["base"] == two_sides.id("main")
    assert run.outputs["head"] == two_sides.id("HEAD")


def test_a_pull_request_with_its_head_checked_out(
    runner: Runner, two_sides: Repository
) -> None:
    two_sides.git("checkout", "--quiet", "topic")
    run = run_pull_request(runner, two_sides)
    assert run.ran == ["ci-ts"]
    assert run.outputs["base"] == two_sides.id("base")
    assert run.outputs["head"] == two_sides.id("topic")


def test_an_event_that_says_nothing_of_changes_runs_all(
    runner: Runner, monorepo: Repository
) -> None:
    run = runner.run(monorepo.path, "workflow_dispatch", {})
    assert run.jobs["changes"] == "success"
    assert run.ran == GATED
    assert run.outputs["determined"] == "false"
    assert [kind for kind, _ in run.annotations] == ["warning"]


def test_broken_filters_fail_the_detection_and_run_all(
    runner: Runner, monorepo: Repository
) -> None:
    text = (monorepo.path / "filters.yml").read_text()
    monorepo.commit(**{"filters.yml": text + "surfces: {}\n"})
    run = run_push(runner, monorepo)
    assert run.step == run.jobs["changes"] == "failure"
    assert run.ran == GATED
    assert run.outputs.get("surfaces", "") == ""
    assert "surfces" in run.log


@pytest.mark.parametrize(
    ("folder", "ran"),
    [("extension/", ["extension-sql"]), ("", GATED)],
    ids=["claimed", "unmatched"],
)
def test_no_file_name_is_a_command(
    runner: Runner, monorepo: Repository, folder: str, ran: list[str]
) -> None:
    names = {
        folder + "x\n::add-mask::true\n",
        folder + "::set-output name=surfaces::{}",
        folder + "y\n::set-output name=surfaces::{}\n::set-output name=woken::[]",
        folder + "z\r::error::fooled",
        folder + "%0A::error::fooled",
        folder + os.fsdecode(b"latin-\xe9\n::add-mask::false\n"),
    }
    for name in names:
        monorepo.write(name)
    monorepo.commit()
    run = run_push(runner, monorepo)
    assert run.ran == ran
    assert list(json.loads(run.outputs["surfaces"])) == [
        "docs",
        "extension-sql",
        "openapi",
        "typescript",
    ]
    assert "extension-sql" in json.loads(run.outputs["woken"])
    assert {change["path"] for change in run.plan["changes"]} == names
    assert "add-mask" not in run.commands
    assert "error" not in run.commands
    # The outputs, and nothing else, for the step, the action and its end each.
    assert run.commands.count("set-output") == 3 * len(OUTPUTS)


def test_forced_surfaces_run_too(runner: Runner, monorepo: Repository) -> None:
    monorepo.commit(**{SDK_SCRIPT: "true\n"})
    run = run_push(runner, monorepo, FORCE=" docs,\n  openapi ")
    assert json.loads(run.outputs["woken"]) == ["docs", "openapi", "typescript"]
    assert run.ran == ["ci-ts", "docs"]


def test_a_given_base_is_compared_for_any_event(runner: Runner, monorepo: Repository) -> None:
    monorepo.commit(**{EXTENSION: "SELECT 1;\n"})
    variables = {"BASE": "base", "HEAD": "main", "FILTERS": "../filters.yml"}
    run = runner.run(
        monorepo.path, "workflow_dispatch", {}, REPOSITORY_PATH="docs", **variables
    )
    assert run.ran == ["extension-sql"]
    assert run.outputs["base"] == monorepo.id("base")


def test_what_has_to_be_determined_and_is_not_fails_and_runs_all(
    runner: Runner, monorepo: Repository
) -> None:
    run = runner.run(monorepo.path, "workflow_dispatch", {}, REQUIRE_DETERMINED="true")
    assert run.step == run.jobs["changes"] == "failure"
    assert run.ran == GATED


@pytest.mark.parametrize(
    "variables",
    [
        {"BASE": "--help"},
        {"FORCE": "$(touch fooled)"},
        {"REQUIRE_DETERMINED": "yes"},
    ],
    ids=str,
)
def test_a_wrong_input_fails_the_detection_and_runs_all(
    runner: Runner, monorepo: Repository, variables: dict[str, str]
) -> None:
    monorepo.commit(**{SDK_SCRIPT: "true\n"})
    run = run_push(runner, monorepo, **variables)
    assert run.step == run.jobs["changes"] == "failure"
    assert run.ran == GATED


def test_nothing_of_the_workspace_is_imported(
    runner: Runner, monorepo: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("hashlib", "impact", "pip", "sitecustomize", "venv", "yaml"):
        for file in (f"{name}.py", f"{name}/__init__.py", f"{name}/__main__.py"):
            monorepo.write(file, "raise SystemExit('imported from the workspace')\n")
    monorepo.commit()
    monorepo.git("tag", "--force", "base")
    monorepo.commit(**{SDK_SCRIPT: "true\n"})
    monkeypatch.setenv("PYTHONPATH", ".")
    run = run_push(runner, monorepo)
    assert "imported from the workspace" not in run.log
    assert run.ran == ["ci-ts"], run.log
