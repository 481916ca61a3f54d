"""The example monorepo's releases in a real run: what is published, and what never is."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.action.runner import Run, Runner
from tests.monorepo.example import (
    INIT,
    RELEASE,
    SQL,
    Edit,
    change,
    expected,
    jobs_of,
    results,
)
from tests.payloads import tag_push
from tests.repositories import Repository

pytest_plugins = ["tests.repositories", "tests.action.fixtures", "tests.monorepo.example"]

# Releases.


def release(
    runner: Runner, repository: Repository, event: str, payload: dict[str, object]
) -> tuple[Run, list[str]]:
    """Run release.yml; the run and what is in the registry then."""
    registry = runner.work / "registry"
    run = runner.run(
        repository.path, event, payload, workflow=RELEASE, REGISTRY=os.fspath(registry)
    )
    return run, sorted(file.name for file in registry.glob("*"))


@pytest.fixture
def released(example: Repository) -> Repository:
    """Release 0.5.5, tagged."""
    example.git("tag", "v0.5.5")
    return example


NEXT: list[Edit] = [("VERSION", "0.5.5", "0.5.6"), ("scripts/install.sh", "0.5.5", "0.5.6")]
PYTHON: list[Edit] = [
    (INIT, "0.5.5", "0.5.6"),
    ("packages/python/pyproject.toml", '"0.5.5"', '"0.5.6"'),
]
NPM: list[Edit] = [
    ("packages/typescript/package.json", '"0.5.5"', '"0.5.6"'),
    ("packages/convex/package.json", '"version": "0.5.5"', '"version": "0.5.6"'),
    ("packages/convex/package.json", '"@cellstate/sdk": "0.5.5"', '"@cellstate/sdk": "0.5.6"'),
]
RELEASES: dict[str, tuple[list[Edit], str, list[str]]] = {
    "the Python package": (
        [*NEXT, *PYTHON],
        "preflight publish-python",
        ["cellstate-0.5.6.zip"],
    ),
    "the npm packages": (
        [*NEXT, *NPM],
        "preflight publish-typescript publish-convex",
        ["cellstate-convex-0.5.6.zip", "cellstate-sdk-0.5.6.zip"],
    ),
    "the extension": (
        [(SQL, "", "-- A comment\n")],
        "publish-image smoke-image",
        ["cellstate-image-0.3.0.zip"],
    ),
}


@pytest.mark.parametrize("name", RELEASES)
def test_a_release_publishes_what_changed_since_the_one_before(
    runner: Runner, released: Repository, name: str
) -> None:
    edits, jobs, published = RELEASES[name]
    change(released, *edits)
    released.git("tag", "v0.5.6")
    run, registry = release(runner, released, "push", tag_push(released, "v0.5.6"))
    assert results(run) == expected(RELEASE, f"changes {jobs}")
    assert registry == published


def test_a_first_release_publishes_nothing(runner: Runner, released: Repository) -> None:
    run, registry = release(runner, released, "push", tag_push(released, "v0.5.5"))
    assert results(run) == expected(RELEASE, "changes preflight")
    assert registry == []
    assert run.outputs["determined"] == "false"


def test_a_first_release_is_published_by_hand(runner: Runner, released: Repository) -> None:
    payload = {"ref": "refs/tags/v0.5.5", "inputs": {"base": released.id("HEAD~1")}}
    run, registry = release(runner, released, "workflow_dispatch", payload)
    assert results(run) == expected(RELEASE, " ".join(jobs_of(RELEASE)))
    assert registry == [
        "cellstate-0.5.5.zip",
        "cellstate-convex-0.5.5.zip",
        "cellstate-image-0.3.0.zip",
        "cellstate-sdk-0.5.5.zip",
    ]


def test_what_is_no_tag_publishes_nothing(runner: Runner, released: Repository) -> None:
    payload = {"ref": "refs/heads/main", "inputs": {"base": released.id("HEAD~1")}}
    run, registry = release(runner, released, "workflow_dispatch", payload)
    assert results(run) == expected(RELEASE, "changes preflight")
    assert registry == []


def test_a_failed_preflight_publishes_nothing(runner: Runner, released: Repository) -> None:
    change(released, *NEXT, *PYTHON[:1], (SQL, "", "-- A comment\n"), ("VERSION", "5.6", "6.0"))
    released.git("tag", "v0.6.0")
    run, registry = release(runner, released, "push", tag_push(released, "v0.6.0"))
    assert results(run) == expected(RELEASE, "changes", "preflight")
    assert registry == []


def test_what_is_published_never_changes(runner: Runner, released: Repository) -> None:
    """And a package that follows one that was not published is not published either."""
    change(released, ("packages/typescript/src/index.ts", "", "// A comment\n"))
    released.git("tag", "v0.5.6")
    registry = runner.work / "registry"
    registry.mkdir()
    (registry / "cellstate-sdk-0.5.5.zip").write_bytes(b"what was published")
    run, there = release(runner, released, "push", tag_push(released, "v0.5.6"))
    assert results(run) == expected(RELEASE, "changes preflight", "publish-typescript")
    assert there == ["cellstate-sdk-0.5.5.zip"]
    assert "raise the version of packages/typescript" in run.said["publish-typescript"]


def test_documents_that_changed_block_no_release(runner: Runner, released: Repository) -> None:
    """Everything wakes, for the Makefile, and all of it was published before."""
    registry = runner.work / "registry"
    packed = ["packages/typescript", "packages/convex", "packages/python", "extension"]
    pack = ["python3", "-B", "scripts/packing/pack.py", os.fspath(registry), *packed]
    subprocess.run(pack, cwd=released.path, check=True)
    before = {file: file.read_bytes() for file in registry.iterdir()}
    readmes = [(f"{place}/README.md", "", "More of it.\n") for place in packed]
    change(released, *readmes, ("Makefile", "", "# A comment\n"))
    released.git("tag", "v0.5.6")
    run, _ = release(runner, released, "push", tag_push(released, "v0.5.6"))
    assert results(run) == expected(RELEASE, " ".join(jobs_of(RELEASE)))
    assert {file: file.read_bytes() for file in registry.iterdir()} == before


def test_detection_that_fails_publishes_nothing(runner: Runner, released: Repository) -> None:
    change(released, *NEXT, *PYTHON, ("filters.yml", "version: 1", "version: 2"))
    released.git("tag", "v0.5.6")
    run, registry = release(runner, released, "push", tag_push(released, "v0.5.6"))
    assert results(run) == expected(RELEASE, "preflight", "changes")
    assert registry == []
