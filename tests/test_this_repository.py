"""This project's own filters.yml: it claims every file, and its jobs exist."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from impact.config.load import parse_filters
from impact.workflows.departures import departures
from impact.workflows.workflow import parse_workflow
from tests.project import ROOT, files
from tests.repositories import Repository

pytest_plugins = ["tests.repositories"]

FILTERS = ROOT / "filters.yml"
DETECT = ("-C", str(ROOT), "detect", "--files-from", "-", "-z", "--format", "json")


def test_every_file_is_claimed_or_inert(tmp_path: Path) -> None:
    listed = files(tmp_path / "git")
    assert "filters.yml" in listed
    done = subprocess.run(
        [sys.executable, "-m", "impact", *DETECT],
        input="\0".join(listed),
        check=True,
        capture_output=True,
        text=True,
    )
    assert json.loads(done.stdout)["unmatched"] == []


def test_its_filters_have_no_findings(no_commits: Repository) -> None:
    """Of any check: nothing dead, without effect, or forgotten."""
    for name in files(no_commits.path.parent / "listing"):
        no_commits.write(name, "")
    no_commits.write("filters.yml", FILTERS.read_text("utf-8"))
    no_commits.git("add", "--all", "--force")
    done = subprocess.run(
        [sys.executable, "-m", "impact", "-C", str(no_commits.path), "check", "--strict"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "no findings\n"


@pytest.fixture
def jobs() -> dict[str, dict[str, object]]:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())
    found: dict[str, dict[str, object]] = workflow["jobs"]
    return found


def test_every_surface_gates_its_jobs(jobs: dict[str, dict[str, object]]) -> None:
    filters = parse_filters(FILTERS.read_bytes(), FILTERS.name)
    assert jobs["changes"]["outputs"] == {
        "surfaces": "${{ steps.impact.outputs.surfaces }}",
        "determined": "${{ steps.impact.outputs.determined }}",
        "surfaces-base": "${{ steps.impact.outputs.surfaces-base }}",
        **{
            name: f"${{{{ fromJSON(steps.impact.outputs.surfaces).{name} }}}}"
            for name in filters.surfaces
        },
    }
    gated = {job: name for name, surface in filters.surfaces.items() for job in surface.jobs}
    assert sorted(gated) == sorted(set(jobs) - {"changes", "gate"})
    assert jobs["gate"]["needs"] == [job for job in jobs if job != "gate"]
    for job, surface in gated.items():
        condition = f"${{{{ !cancelled() && needs.changes.outputs.{surface} != 'false' }}}}"
        assert jobs[job]["if"] == condition
        assert jobs[job]["needs"] == "changes"


def test_its_workflow_departs_from_nothing() -> None:
    filters = parse_filters(FILTERS.read_bytes(), FILTERS.name)
    data = (ROOT / ".github" / "workflows" / "ci.yml").read_bytes()
    assert departures(filters, parse_workflow(data, "ci.yml")) == []
