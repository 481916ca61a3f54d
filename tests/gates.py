"""Gates to judge: filters of one surface of each kind, and what a runner would hand over."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from impact.config.load import parse_filters
from impact.gate import Gate, Question, judge
from impact.model import Filters
from impact.needs import parse_needs, read_plan
from impact.workflows.workflow import Workflow, parse_workflow

FILTERS = b"""\
version: 1
surfaces:
  sdk: {paths: [/sdk/], jobs: [ci-sdk]}
  chart: {paths: [/chart/], advisory: true}
"""
JOBS = {"required": "ci-sdk", "advisory": "chart", "unclaimed": "lint", "optional": "deploy"}
"""A job of each kind."""
RESULTS = ("success", "failure", "skipped", "cancelled", "missing", "unknown")
SKIPPING = {"success", "skipped"}


def filters_of(text: str | bytes = FILTERS) -> Filters:
    data = text.encode() if isinstance(text, str) else text
    return parse_filters(data, "filters.yml")


def workflow_of(text: str, file: str = ".github/workflows/ci.yml") -> Workflow:
    return parse_workflow(text.encode(), file)


def needs_of(
    plan: Mapping[str, object] | str | None,
    results: Mapping[str, object],
    determined: str | None = "true",
    base: Mapping[str, bool] | str | None = None,
    detection: object = "success",
) -> dict[str, Any]:
    """A `needs` object; a result that is "missing" leaves the job out."""
    outputs = {}
    if plan is not None:
        outputs["surfaces"] = plan if isinstance(plan, str) else json.dumps(plan)
    if determined is not None:
        outputs["determined"] = determined
    if base is not None:
        outputs["surfaces-base"] = base if isinstance(base, str) else json.dumps(base)
    rows = {"changes": {"result": detection, "outputs": outputs}} | {
        job: {"result": result, "outputs": {}} for job, result in results.items()
    }
    return {job: row for job, row in rows.items() if row["result"] != "missing"}


def judged(
    needs: Mapping[str, object],
    filters: str | bytes = FILTERS,
    workflow: Workflow | None = None,
    *,
    surfaces: str | None = None,
    others: Mapping[str, Workflow] | None = None,
    optional: Sequence[str] = (),
    narrowing_label: str | None = None,
    labels: Sequence[str] | None = None,
) -> Gate:
    """The gate's answer to what GitHub hands over as text."""
    found = parse_needs(json.dumps(needs))
    return judge(
        Question(
            filters_of(filters),
            found,
            read_plan(found, "changes", surfaces),
            workflow=workflow,
            others=others or {},
            optional=optional,
            narrowing_label=narrowing_label,
            labels=labels,
        )
    )


def combination(plan: str, kind: str, result: str) -> Gate:
    """A plan (awake, asleep, undetermined), and a job of a kind that came to a result.

    Everything else is as the plan asks: whatever fails the gate is that job.
    """
    awake = plan != "asleep"
    shown = "neutral" if result == "unknown" else result
    results = dict.fromkeys(JOBS.values(), "success")
    if kind != "detection":
        results[JOBS[kind]] = shown
    return judged(
        needs_of(
            {"sdk": awake, "chart": awake},
            results,
            determined="false" if plan == "undetermined" else "true",
            detection=shown if kind == "detection" else "success",
        ),
        optional=[JOBS["optional"]] if JOBS["optional"] in results else [],
    )
