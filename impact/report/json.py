"""Plans, explanations and findings as JSON, to the letter of the documented schema."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from impact.model import Cause, Change, Kind, Place, Plan, Rule, Status, Verdict

if TYPE_CHECKING:
    from impact.considered import Considered
    from impact.explain import Explanation
    from impact.findings import Finding
    from impact.gate import Gate

SCHEMA = 1
CAUSES_SHOWN = 20
"""At most so many causes of a kind for a surface, unless all are asked for."""


def render_plan(plan: Plan, all_causes: bool = False, only: str | None = None) -> Iterator[str]:
    """``impact detect --format json``, in pieces; ``only`` names the one surface to show."""
    changes = plan.changes
    yield from _streamed(
        {
            "schema": SCHEMA,
            "event": changes.event,
            "determined": changes.determined,
            "reason": changes.reason,
            "base": changes.base,
            "head": changes.head,
            "filters": {"file": plan.filters.file, "commit": plan.filters.commit},
            "changes": map(_change, changes.changes),
            "surfaces": {
                name: _verdict(verdict, None if all_causes else CAUSES_SHOWN)
                for name, verdict in plan.verdicts.items()
                if only in (None, name)
            },
            "unmatched": iter(plan.unmatched),
            "notes": iter(changes.notes),
            "surfaces_base": None if plan.before is None else dict(sorted(plan.before.items())),
        }
    )
    yield "\n"


def render_explanations(explanations: Iterable[Explanation], only: str | None = None) -> str:
    """``impact explain --format json``."""
    return _dump({"schema": SCHEMA, "paths": [_explanation(e, only) for e in explanations]})


def render_findings(findings: Iterable[Finding]) -> str:
    """``impact check --format json``."""
    return _dump({"schema": SCHEMA, "findings": [_finding(f) for f in findings]})


def render_gate(gate: Gate) -> str:
    """``impact gate --format json``."""
    return _dump(
        {
            "schema": SCHEMA,
            "passed": gate.passed,
            "jobs": {
                row.job: {
                    "result": row.result,
                    "surfaces": list(row.surfaces),
                    "verdict": row.expected.value,
                    "ok": row.ok,
                    "why": row.why,
                }
                for row in gate.jobs.values()
            },
            "problems": list(gate.problems),
            "narrowed": list(gate.narrowed),
            "notes": list(gate.notes),
        }
    )


def _dump(value: Any) -> str:
    return _inert(json.dumps(value, indent=1)) + "\n"


def _streamed(value: Any, margin: str = "\n") -> Iterator[str]:
    """A value as text, piece by piece: an object's members and what an iterator gives have a
    line each, everything else is on one.
    """
    if isinstance(value, dict) and value:
        before = "{"
        for key, member in value.items():
            yield f"{before}{margin} {_line(key)}: "
            yield from _streamed(member, margin + " ")
            before = ","
        yield margin + "}"
    elif isinstance(value, Iterator):
        before = "["
        for item in value:
            yield f"{before}{margin} {_line(item)}"
            before = ","
        yield "[]" if before == "[" else margin + "]"
    else:
        yield _line(value)


_encoded = json.JSONEncoder().encode


def _line(value: Any) -> str:
    return _inert(_encoded(value))


def _inert(text: str) -> str:
    # ASCII, so that a lone surrogate (a byte that is not UTF-8) survives as its escape.
    # A CI runner reads commands out of what is printed: no line begins with `::` here, but
    # this can stand anywhere.
    return text.replace("##[", "#\\u0023[")


def _path(path: str) -> dict[str, str]:
    try:
        path.encode()
    except UnicodeEncodeError:
        raw = path.encode("utf-8", "surrogateescape")
        return {"path": path, "path_base64": base64.b64encode(raw).decode()}
    return {"path": path}


def _status(status: Status | None) -> str | None:
    return status.value if status else None


def _place(place: Place) -> dict[str, int]:
    return {"line": place.line, "column": place.column}


def _used_at(rule: Rule) -> dict[str, Any]:
    return {} if rule.used_at is None else {"used_at": _place(rule.used_at)}


def _statuses(rule: Rule) -> dict[str, Any]:
    if rule.statuses is None:
        return {}
    return {"statuses": [status.value for status in Status if status in rule.statuses]}


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "pattern": rule.pattern,
        "sign": rule.sign,
        "file": rule.file,
        **_place(rule.place),
        **_used_at(rule),
        **_statuses(rule),
    }


def _change(change: Change) -> dict[str, Any]:
    directory = {"directory": True} if change.directory else {}
    return {**_path(change.path), "status": _status(change.status), **directory}


def _verdict(verdict: Verdict, limit: int | None) -> dict[str, Any]:
    counts = {kind.value: len(causes) for kind, causes in verdict.groups.items()}
    groups = [verdict.groups[kind] for kind in Kind if kind in verdict.groups]
    return {
        "woken": verdict.woken,
        "advisory": verdict.surface.advisory,
        "jobs": list(verdict.surface.jobs),
        "matched": verdict.matched,
        # As they are asked for: a surface can have a million.
        "causes": (_cause(cause) for group in groups for cause in islice(group, limit)),
        "cause_counts": counts,
    }


def _cause(cause: Cause) -> dict[str, Any]:
    row: dict[str, Any] = {"kind": cause.kind.value}
    if cause.path is not None:
        row |= {**_path(cause.path), "status": _status(cause.status)}
    if cause.rule is not None:
        row["rule"] = _rule(cause.rule)
    if cause.surface is not None:
        row["surface"] = cause.surface
    if cause.detail is not None:
        row["detail"] = cause.detail
    if cause.example is not None:
        row["example"] = cause.example
    if cause.kind is Kind.UNMATCHED:
        row["excluding"] = [_rule(rule) for rule in cause.excluding]
        row["fix"] = "claim it in a surface, or add it to inert"
    return row


def _considered(row: Considered) -> dict[str, Any]:
    return {
        "pattern": row.rule.pattern,
        "sign": row.rule.sign,
        **_place(row.rule.place),
        **_used_at(row.rule),
        **_statuses(row.rule),
        "matches": row.matches,
        "decides": row.decides,
    }


def _explanation(explanation: Explanation, only: str | None) -> dict[str, Any]:
    surfaces = {}
    for name, surface in explanation.surfaces.items():
        if only not in (None, name):
            continue
        row: dict[str, Any] = {
            "woken": surface.verdict.woken,
            "causes": [_cause(cause) for cause in surface.verdict.causes],
            "considered": [_considered(c) for c in surface.considered],
        }
        if surface.closest is not None:
            closest = surface.closest
            row["closest"] = {
                **_rule(closest.rule),
                "matched_from": closest.start,
                "matched_to": closest.stop,
            }
        if surface.by_status is not None:
            row["by_status"] = {s.value: woken for s, woken in surface.by_status.items()}
        surfaces[name] = row
    return {
        **_path(explanation.asked),
        "status": _status(explanation.change.status),
        "unmatched": explanation.unmatched,
        "surfaces": surfaces,
        "always": [_considered(c) for c in explanation.always],
        "inert": [_considered(c) for c in explanation.inert],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "severity": finding.severity.value,
        "message": finding.message,
        "file": finding.location.file,
        "line": finding.location.line,
        "column": finding.location.column,
        "surface": finding.surface,
        **({"fix": finding.fix} if finding.fix else {}),
    }
