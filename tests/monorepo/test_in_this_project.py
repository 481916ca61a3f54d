"""This project's own workflow in a real run: `uses: ./`, and the example's jobs."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.action.machine import ROOT
from tests.action.runner import Run, Runner
from tests.payloads import push
from tests.project import files
from tests.repositories import Repository

pytest_plugins = ["tests.repositories", "tests.action.fixtures"]

EXAMPLE = "examples/monorepo"
ALL = {
    "action",
    "docs",
    "engine",
    "extension-sql",
    "lint",
    "monorepo",
    "packaging",
    "typescript",
}


@pytest.fixture
def project(no_commits: Repository) -> Repository:
    """This project's files on `main`; tagged `base`."""
    for name in files(no_commits.path.parent / "listing"):
        place = no_commits.path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, place)
    no_commits.commit()
    no_commits.git("tag", "base")
    return no_commits


def run(runner: Runner, project: Repository, job: str) -> Run:
    """Push what was committed since `base`: `changes` and one job behind it.

    The jobs of other surfaces install the tools of the tests, or are these tests.
    """
    workflow = ".github/workflows/ci.yml"
    return runner.run(project.path, "push", push(project), workflow=workflow, job=job)


@pytest.mark.parametrize(
    ("changed", "woken", "job", "result"),
    [
        ("scripts/generate-sdk.sh", {"monorepo", "typescript"}, "ci-ts", "success"),
        (".github/workflows/ci.yml", {"lint", "monorepo", "typescript"}, "ci-ts", "success"),
        ("../../.github/workflows/ci.yml", ALL, "ci-ts", "success"),
        ("../../docs/architecture.md", {"docs"}, "ci-ts", "skipped"),
        ("extension/src/lib.rs", {"monorepo", "extension-sql"}, "extension-sql", "success"),
        ("scripts/tidy-changelog.sh", {"monorepo"}, "extension-sql", "skipped"),
    ],
)
def test_a_job_of_the_example_wakes_for_what_it_is_about(
    runner: Runner, project: Repository, changed: str, woken: set[str], job: str, result: str
) -> None:
    file = project.path / EXAMPLE / changed
    file.write_text(file.read_text() + "\n")
    project.commit()
    found = run(runner, project, job)
    assert set(json.loads(found.outputs["woken"])) == woken, found.log
    assert found.jobs == {"changes": "success", job: result}


def test_the_typescript_job_fails_where_the_generated_sdk_is_stale(
    runner: Runner, project: Repository
) -> None:
    document = (project.path / EXAMPLE / "openapi.json").read_text()
    assert document.count('"listCells"') == 1
    changed = document.replace('"listCells"', '"listAllCells"')
    project.commit(**{f"{EXAMPLE}/openapi.json": changed})
    found = run(runner, project, "ci-ts")
    assert found.jobs == {"changes": "success", "ci-ts": "failure"}
