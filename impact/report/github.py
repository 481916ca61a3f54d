"""A plan for GitHub Actions: the outputs, the log and its annotations.

Formats: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from impact.findings import Finding, Severity
from impact.model import Plan
from impact.quoting import one_line
from impact.report.phrases import clipped, compared, shortened, unmatched_advice
from impact.report.text import render_log as render_text

ANNOTATIONS = 10
"""GitHub shows so many annotations of a type for a step:
https://docs.github.com/en/rest/checks/runs#create-a-check-run"""
OUTPUTS = 1024 * 1024
"""Bytes that GitHub takes for all outputs of a job, counted as UTF-16:
https://docs.github.com/en/actions/how-tos/write-workflows/choose-what-workflows-do/pass-job-outputs"""
_MESSAGE = 500
"""So long is an annotation at most, in characters; the runner cuts off 4096 of them."""

_show_path = shortened(80)
_show_reason = shortened(400)


def outputs(plan: Plan, plan_file: str) -> dict[str, str]:
    """The action's outputs.  Changed paths are in the plan file only."""
    return {
        "surfaces": json.dumps({name: v.woken for name, v in sorted(plan.verdicts.items())}),
        "woken": json.dumps(plan.woken),
        "asleep": json.dumps(plan.asleep),
        "any": "true" if plan.woken else "false",
        "determined": "true" if plan.changes.determined else "false",
        "base": plan.changes.base or "",
        "head": plan.changes.head or "",
        "surfaces-base": _before(plan),
        "plan-file": plan_file,
    }


def _before(plan: Plan) -> str:
    """Empty where it is not known, so that nobody takes it for nothing."""
    return "" if plan.before is None else json.dumps(dict(sorted(plan.before.items())))


def size(values: Mapping[str, str]) -> int:
    """The bytes of outputs as GitHub counts them."""
    return sum(2 * (len(name) + len(value)) for name, value in values.items())


def render_outputs(values: Mapping[str, str], delimiter: str) -> str:
    """The lines for ``$GITHUB_OUTPUT``.

    The delimiter has to be random: it must not stand in any value.  Raises ValueError if
    it does.
    """
    if any(delimiter in value for value in values.values()):
        raise ValueError("the delimiter stands in a value")
    return "".join(
        f"{name}<<{delimiter}\n{value}\n{delimiter}\n" for name, value in values.items()
    )


def render_log(plan: Plan, token: str) -> str:
    """The plan in a log group, commands stopped within, and annotations.

    ``token`` is random: it ends the stretch in which the runner reads no commands.
    """
    return "\n".join(
        [
            f"::group::impact: {_data(compared(plan, _show_reason))}",
            f"::stop-commands::{token}",
            *render_text(plan).splitlines(),
            f"::{token}::",
            "::endgroup::",
            *_annotations(plan),
            "",
        ]
    )


def _annotations(plan: Plan) -> list[str]:
    """At most one: what woke everything though no rule says so, or what woke nothing.

    None where all that woke is advisory: its jobs may fail anyway.
    """
    counts = any(v.woken and not v.surface.advisory for v in plan.verdicts.values())
    if not plan.changes.determined:
        words = f"every surface wakes: {_show_reason(plan.changes.reason)}"
        return [annotation("warning", words)] if counts else []
    if not plan.unmatched:
        return []
    shown = ", ".join(_show_path(path) for path in plan.unmatched[:3])
    more = f" and {len(plan.unmatched) - 3:,} more" if len(plan.unmatched) > 3 else ""
    words = f"{shown}{more}: {unmatched_advice(plan)}"
    if not plan.filters.wake_unmatched:
        return [annotation("notice", words)]
    return [annotation("warning", words)] if counts else []


def render_error(message: str) -> str:
    """An error that has no place in a file, as an annotation."""
    return annotation("error", message) + "\n"


def render_findings(findings: Sequence[Finding]) -> str:
    """Findings as annotations, at most as many of each type as GitHub shows."""
    types = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
    lines = []
    shown = dict.fromkeys(Severity, 0)
    for finding in findings:
        shown[finding.severity] += 1
        if shown[finding.severity] > ANNOTATIONS:
            continue
        where = finding.location
        words = finding.message + (f"; {finding.fix}" if finding.fix else "")
        place = f"file={_property(where.file)},line={where.line},col={where.column},"
        lines.append(annotation(types[finding.severity], words, finding.id, place))
    for severity, count in shown.items():
        if count > ANNOTATIONS:
            lines.append(f"and {count - ANNOTATIONS:,} more of severity {severity.value}")
    return "".join(line + "\n" for line in lines)


def annotation(kind: str, message: str, title: str = "impact", place: str = "") -> str:
    """A command that annotates: ``kind`` is error, warning or notice."""
    words = _data(clipped(one_line(message), _MESSAGE))
    return f"::{kind} {place}title={_property(title)}::{words}"


def _data(text: str) -> str:
    """Escaped as the runner's toolkit escapes a command's data."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
