"""The words of a cause, the same in every report for people."""

from __future__ import annotations

from collections.abc import Mapping

from impact.model import Cause, Kind, Plan, Rule, Status, Surface, Verdict
from impact.quoting import quote

MATCHES_NOTHING = "no changed path matches its rules"


def signed(rule: Rule) -> str:
    """The rule as it stands in a list: a pattern, with ``!`` where it excludes."""
    return quote(("" if rule.include else "!") + rule.pattern)


def place_of(rule: Rule) -> str:
    """``file:line:column``, and where the ``use`` stands that brought the rule."""
    place = f"{quote(rule.file)}:{rule.place.line}:{rule.place.column}"
    if rule.used_at is not None:
        place += f" (used at {rule.used_at.line}:{rule.used_at.column})"
    return place


def rule_at(rule: Rule) -> str:
    """The rule and its place."""
    statuses = ""
    if rule.statuses is not None:
        statuses = f" [{', '.join(s.value for s in Status if s in rule.statuses)}]"
    return f"{signed(rule)}{statuses} at {place_of(rule)}"


def path_of(path: str, status: Status | None, example: str | None = None) -> str:
    """A changed path with what happened to it."""
    notes = [status.value] if status else []
    if example is not None:
        notes.append(f"as for {quote(example)}")
    return quote(path) + (f" ({', '.join(notes)})" if notes else "")


def reason(verdict: Verdict, verdicts: Mapping[str, Verdict]) -> str:
    """The one thing that decided: the first cause, or the rule that kept a path out."""
    if not verdict.woken:
        if verdict.excluded is None:
            return _nothing(verdict.surface)
        excluded = verdict.excluded
        more = _more(excluded.paths)
        path = path_of(excluded.path, excluded.status)
        return f"{path} is excluded by {rule_at(excluded.rule)}{more}"
    kind = next(kind for kind in Kind if kind in verdict.groups)
    causes = verdict.groups[kind]
    if kind is Kind.DEPENDENCY:
        return _chain(verdict, verdicts)
    return phrase(causes[0]) + _more(len(causes))


def _nothing(surface: Surface) -> str:
    if not surface.rules:
        return "it has no rules of its own, and what it depends on is asleep"
    limited = any(rule.statuses is not None for rule in surface.rules)
    return MATCHES_NOTHING + " and their statuses" * limited


def phrase(cause: Cause) -> str:
    """A cause in words."""
    path = path_of(cause.path or "", cause.status, cause.example)
    if cause.kind is Kind.UNDETERMINED:
        return "what changed is unknown"
    if cause.kind is Kind.FILTERS_CHANGED:
        return f"{path} decides about every surface"
    if cause.kind is Kind.FORCED:
        return f"forced by {quote(cause.detail or '')}"
    if cause.kind is Kind.UNMATCHED:
        return f"{path} is claimed by nothing{_kept_out(cause)}"
    if cause.kind is Kind.DEPENDENCY:
        return f"depends on {cause.surface}"
    always = " (always)" if cause.kind is Kind.ALWAYS else ""
    if cause.rule is None:
        return path
    return f"{path} matches {rule_at(cause.rule)}{always}"


def _kept_out(cause: Cause) -> str:
    if not cause.excluding:
        return ""
    more = len(cause.excluding) - 3
    rules = ", ".join(rule_at(rule) for rule in cause.excluding[:3])
    return f" and excluded by {rules}" + (f" and {more} more rules" if more > 0 else "")


def unmatched_advice(plan: Plan) -> str:
    """What to do about paths that nothing claims."""
    effect = "every surface wakes" if plan.filters.wake_unmatched else "they wake nothing"
    policy = "wake-all" if plan.filters.wake_unmatched else "ignore"
    return (
        f"claimed by nothing, so {effect} (unmatched: {policy}); "
        "claim them in a surface, or add them to inert"
    )


def compared(plan: Plan) -> str:
    """What was compared, in one line."""
    changes = plan.changes
    if not changes.determined:
        return f"changes unknown: {quote(changes.reason)}"
    count = len({change.path for change in changes.changes})
    return f"{count} changed path{'s' * (count != 1)}: {quote(changes.reason)}"


def _chain(verdict: Verdict, verdicts: Mapping[str, Verdict]) -> str:
    """Along the dependencies to a surface that something else wakes."""
    words: list[str] = []
    seen: set[str] = set()
    current = verdict
    while True:
        cause = current.groups[Kind.DEPENDENCY][0]
        name = cause.surface or ""
        words.append(f"depends on {name}")
        if name in seen:
            break
        seen.add(name)
        current = verdicts[name]
        if next(iter(k for k in Kind if k in current.groups)) is not Kind.DEPENDENCY:
            words.append(f"awake: {reason(current, verdicts)}")
            break
    return ", which ".join(words[:-1]) + (f", {words[-1]}" if len(words) > 1 else words[-1])


def _more(count: int) -> str:
    return f" (and {count - 1} more)" if count > 1 else ""
