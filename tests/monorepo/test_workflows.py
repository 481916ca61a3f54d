"""The example monorepo's workflows, read: every condition is a documented one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from impact.model import Filters
from impact.workflows.departures import departures
from impact.workflows.workflow import parse_workflow
from tests.monorepo.example import CI, EXAMPLE, RELEASE, jobs_of, woken

pytest_plugins = ["tests.repositories", "tests.action.fixtures", "tests.monorepo.example"]

# The workflows.


def needed(job: str) -> str:
    return f"(needs.{job}.result == 'success' || needs.{job}.result == 'skipped')"


EFFECTS = {
    CI: "github.event_name == 'push' && github.ref == 'refs/heads/main'",
    RELEASE: "startsWith(github.ref, 'refs/tags/v')",
}
"""The triggers of what deploys and publishes."""


def conditions(workflow: str, job: str, surfaces: list[str]) -> list[str]:
    """The documented forms of the condition of a job."""
    gates = [f"needs.changes.outputs.{name} != 'false'" for name in surfaces]
    listed = f"!contains(fromJSON(needs.changes.outputs.asleep || '[]'), '{surfaces[0]}')"
    parts = []
    if job == "deploy" or job.startswith("publish-"):
        parts += [EFFECTS[workflow], "needs.changes.outputs.determined == 'true'"]
    if job == "smoke-image":
        parts.append("needs.publish-image.result == 'success'")
    else:
        needs = jobs_of(workflow)[job]["needs"]
        parts += map(needed, [] if needs == "changes" else needs[1:])
    forms = [f"({' || '.join(gates)})"] if gates[1:] else [gates[0], listed]
    return [f"${{{{ {' && '.join(['!cancelled()', form, *parts])} }}}}" for form in forms]


@pytest.mark.parametrize("workflow", [CI, RELEASE])
def test_every_job_is_gated_by_its_surfaces(filters: Filters, workflow: str) -> None:
    prefix = "" if workflow == CI else f"{Path(workflow).name}:"
    surfaces: dict[str, list[str]] = {}
    for name, surface in filters.surfaces.items():
        for job in surface.jobs:
            if (":" in job) == bool(prefix):
                surfaces.setdefault(job.removeprefix(prefix), []).append(name)
    jobs = jobs_of(workflow)
    if workflow == CI:
        # It verifies nothing, so no surface stands for it and no gate waits for it.
        assert "deploy" not in surfaces
        surfaces["deploy"] = ["deploy"]
    assert sorted(surfaces) == sorted(set(jobs) - {"changes", "gate"})
    for job, names in surfaces.items():
        condition = " ".join(jobs[job]["if"].split())
        assert condition in conditions(workflow, job, names), job


def test_the_gate_waits_for_all_that_verifies() -> None:
    jobs = jobs_of(CI)
    assert sorted(jobs["gate"]["needs"]) == sorted(set(jobs) - {"gate", "deploy"})
    assert jobs["gate"]["if"] == "${{ always() }}"


def test_nothing_departs_from_the_wiring(filters: Filters) -> None:
    assert departures(filters, parse_workflow((EXAMPLE / CI).read_bytes(), CI)) == []


def test_all_forms_of_the_condition_are_shown() -> None:
    text = (EXAMPLE / CI).read_text("utf-8")
    for form in ("outputs.typescript != 'false'\n      ||", "outputs.asleep || '[]'"):
        assert text.count(form) == 1


@pytest.mark.parametrize("workflow", [CI, RELEASE])
def test_the_jobs_are_well_made(filters: Filters, workflow: str) -> None:
    text = (EXAMPLE / workflow).read_text("utf-8")
    assert "\npermissions:\n  contents: read\n" in text
    assert "continue-on-error:" not in text
    for name, job in jobs_of(workflow).items():
        assert job["name"] == name
        assert 0 < job["timeout-minutes"] <= 10
        assert all("${{" not in step.get("run", "") for step in job["steps"])
    changes = jobs_of(workflow)["changes"]
    declared = set(changes["outputs"]) & set(filters.surfaces)
    used = set(re.findall(r"needs\.changes\.outputs\.([\w-]+)", text))
    assert used <= set(changes["outputs"])
    assert declared == (set(filters.surfaces) if workflow == CI else used - {"determined"})
    for name in declared:
        value = f"${{{{ fromJSON(steps.impact.outputs.surfaces).{name} }}}}"
        assert changes["outputs"][name] == value
    # A release looks for the tag before it; else the action fetches what it needs.
    history = {} if workflow == CI else {"fetch-depth": 0}
    assert changes["steps"][0]["with"] == {**history, "persist-credentials": False}


def test_the_makefile_wakes_the_surfaces_whose_jobs_it_drives(filters: Filters) -> None:
    driven = {
        name
        for name, job in jobs_of(CI).items()
        if any(step.get("run", "").startswith("make ") for step in job["steps"])
    }
    wanted = {name for name, surface in filters.surfaces.items() if driven & set(surface.jobs)}
    assert woken(filters, "Makefile") == wanted == set(filters.surfaces) - {"docs"}
