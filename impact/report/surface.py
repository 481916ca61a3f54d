"""One surface as text: why it is awake or asleep, path by path."""

from __future__ import annotations

from impact.considered import considered, deciding_rules
from impact.decide import is_filters_file
from impact.model import Kind, Plan, Verdict
from impact.naming import rule_at
from impact.report.phrases import compared, path_of, phrase
from impact.report.text import Paint, commits


def render_surface(plan: Plan, name: str, color: bool = False) -> str:
    """Why one surface is awake or asleep, path by path."""
    verdict = plan.verdicts[name]
    paint = Paint(color)
    lines = [compared(plan), *commits(plan), "", f"{paint.verdict(verdict.woken)}  {name}", ""]
    whole = [c for c in verdict.causes if c.path is None]
    lines += [f"  {phrase(c)}" for c in whole if c.kind is not Kind.DEPENDENCY]
    if Kind.DEPENDENCY in verdict.groups:
        lines += [f"  {phrase(c)}" for c in verdict.groups[Kind.DEPENDENCY]]
    lines += _path_lines(plan, verdict, paint)
    return "\n".join(lines).rstrip("\n") + "\n"


def _path_lines(plan: Plan, verdict: Verdict, paint: Paint) -> list[str]:
    causes: dict[tuple[str, object], list[str]] = {}
    for cause in verdict.causes:
        if cause.path is not None:
            causes.setdefault((cause.path, cause.status), []).append(phrase(cause))
    lines = []
    rules = verdict.surface.rules
    limited = any(rule.statuses is not None for rule in rules)
    changes = plan.changes.changes
    for change, rule in zip(changes, deciding_rules(rules, changes), strict=True):
        if found := causes.get((change.path, change.status)):
            lines += [f"  {paint.strong('+')} {words}" for words in found]
            continue
        path = path_of(change.path, change.status)
        if rule is not None:
            words = f"{path} is excluded by {rule_at(rule)}"
        elif is_filters_file(plan.filters, change):
            words = f"{path}: its rules are those at the base"
        else:
            rows = considered(rules, change, None) if limited else ()
            missed = [row.rule for row in rows if row.matches]
            words = f"{path} matches no rule"
            if missed:
                words = f"{path} has another status than {rule_at(missed[-1])}"
        lines.append(paint.faint(f"  - {words}"))
    return lines
