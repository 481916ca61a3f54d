"""The example monorepo as a repository with history, and the events that happen to it.

A test module takes the fixtures in with ``pytest_plugins``.

PYTEST_DONT_REWRITE: test modules import names from here before pytest loads the plugin.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from impact.config.load import parse_filters
from impact.decide import decide
from impact.model import Change, ChangeSet, Filters, Status
from tests.action.machine import ROOT
from tests.action.runner import Run
from tests.repositories import Repository

EXAMPLE = ROOT / "examples" / "monorepo"
CI, RELEASE = ".github/workflows/ci.yml", ".github/workflows/release.yml"

NOT_IN_THE_EXAMPLE = shutil.ignore_patterns("dist", "__pycache__")


def jobs_of(workflow: str) -> dict[str, Any]:
    """The jobs of a workflow of the example."""
    found: dict[str, Any] = yaml.safe_load((EXAMPLE / workflow).read_text("utf-8"))["jobs"]
    return found


def check_targets() -> list[str]:
    """What `make check` makes."""
    text = (EXAMPLE / "Makefile").read_text("utf-8").replace("\\\n", "")
    (listed,) = re.findall(r"^CHECKS := (.+)", text, re.M)
    return str(listed).split()


def copy_example(place: Path) -> None:
    """The example as a person has it who just got it."""
    shutil.copytree(EXAMPLE, place, ignore=NOT_IN_THE_EXAMPLE, dirs_exist_ok=True)


def edit(root: Path, path: str, old: str, new: str) -> None:
    """Put ``new`` in the place of ``old`` in a file; at its end, or into a new one, for ''."""
    place = root / path
    text = place.read_text("utf-8") if place.exists() else ""
    assert old in text, f"{path} has no {old!r}"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text.replace(old, new, 1) if old else text + new, "utf-8")


VERIFICATION = (
    "openapi ci-ts python packages extension-sql server migrations deploy-check docs "
    "release-check examples scripts"
)
ALL = f"{VERIFICATION} deploy"

SDK = "scripts/generate-sdk.sh"
DEPLOY = "examples/deploy/linode/deploy.sh"
FLY = "examples/deploy/fly/fly.toml"
SQL = "extension/sql/cellstate--0.3.0.sql"
INIT = "packages/python/cellstate/__init__.py"
CONVEX = "packages/convex/src/component/lib.ts"
CONTRACT = "tests/contracts/health.test.ts"

Edit = tuple[str, str, str]
"""A file, what stands in it ('' for its end), and what shall stand there."""

Completed = subprocess.CompletedProcess[str]
Make = Callable[..., Completed]


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example's history, packed: every job of every run copies it.

    Its refs are not: act copies no empty directory, and without `refs` it is no repository.
    """
    made = Repository(tmp_path_factory.mktemp("history")).sibling("repository")
    made.commit(**{"README.md": "# A monorepo\n"})
    copy_example(made.path)
    made.commit()
    made.git("tag", "base")
    made.git("repack", "-a", "-d", "-q")
    return made.path


@pytest.fixture
def example(no_commits: Repository, history: Path) -> Repository:
    """The example on `main`, tagged `base`."""
    shutil.rmtree(no_commits.path)
    shutil.copytree(history, no_commits.path)
    return no_commits


def change(repository: Repository, *edits: Edit) -> None:
    """Commit edits."""
    for path, old, new in edits:
        edit(repository.path, path, old, new)
    repository.commit()


@pytest.fixture
def topic(example: Repository) -> Repository:
    """`topic` changed the documents; then `main` got a migration.  `main` is out."""
    example.git("checkout", "--quiet", "-b", "topic")
    change(example, ("docs/deploy.md", "", "More of it.\n"))
    example.git("checkout", "--quiet", "main")
    change(example, ("migrations/0004_state.sql", "", "CREATE INDEX s ON cells (state);\n"))
    return example


def merge(repository: Repository) -> None:
    """Check out the merge commit of `topic`, as GitHub does for a pull request."""
    repository.git("checkout", "--quiet", "--detach", "main")
    repository.git("merge", "--quiet", "--no-ff", "--message", "Merge", "topic")


def results(run: Run) -> dict[str, set[str]]:
    """The jobs by result; each that ran said something, and none that was skipped."""
    found: dict[str, set[str]] = {}
    for job, result in run.jobs.items():
        found.setdefault(result, set()).add(job)
    assert set(run.said) == set(run.jobs) - found.get("skipped", set())
    return found


def expected(workflow: str, succeeded: str, failed: str = "") -> dict[str, set[str]]:
    """The results where these jobs succeeded and failed, and every other was skipped."""
    success, failure = set(succeeded.split()), set(failed.split())
    skipped = set(jobs_of(workflow)) - success - failure
    rows = {"success": success, "failure": failure, "skipped": skipped}
    return {result: jobs for result, jobs in rows.items() if jobs}


@pytest.fixture(scope="module")
def filters() -> Filters:
    return parse_filters((EXAMPLE / "filters.yml").read_bytes(), "filters.yml")


def woken(filters: Filters, path: str, status: Status = Status.MODIFIED) -> set[str]:
    return set(decide(filters, ChangeSet((Change(path, status),), "a test")).woken)
