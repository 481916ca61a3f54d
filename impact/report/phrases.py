"""The words of a cause, the same in every report for people.

Where a page has limits, `shortened` says how names are shown; `quote` shows them whole.
"""

from __future__ import annotations

from collections.abc import Mapping

from impact.model import (
    PLACES,
    Cause,
    Difference,
    Kind,
    Plan,
    Status,
    Surface,
    Verdict,
)
from impact.naming import Show, rule_at
from impact.quoting import quote

MATCHES_NOTHING = "no changed path matches its rules"

_DIFFERENCES = {difference.told(where) for difference in Difference for where in PLACES}
_LINKS = 4
"""At most so many links of a chain of dependencies are told."""


def clipped(text: str, longest: int) -> str:
    """The text, or its two ends around ``…`` where it is longer than that."""
    if len(text) <= longest:
        return text
    return text[: longest // 2] + "…" + text[len(text) - (longest - 1) // 2 :]


def shortened(longest: int) -> Show:
    """Quotes a name; one that is longer than that loses its middle.

    Both ends stay: a path is known by its file, a pattern by its beginning.
    """

    def show(text: str) -> str:
        shown, kept = quote(text), longest
        while len(shown) > longest:  # quotes make what is kept longer
            shown = quote(clipped(text, kept))
            kept = kept * 3 // 4
        return shown

    return show


def path_of(
    path: str, status: Status | None, example: str | None = None, show: Show = quote
) -> str:
    """A changed path with what happened to it."""
    notes = [status.value] if status else []
    if example is not None:
        notes.append(f"as for {show(example)}")
    return show(path) + (f" ({', '.join(notes)})" if notes else "")


def reason(verdict: Verdict, verdicts: Mapping[str, Verdict], show: Show = quote) -> str:
    """The one thing that decided: the first cause, or the rule that kept a path out."""
    if not verdict.woken:
        if verdict.excluded is None:
            return _nothing(verdict.surface)
        excluded = verdict.excluded
        more = _more(excluded.paths)
        path = path_of(excluded.path, excluded.status, show=show)
        return f"{path} is excluded by {rule_at(excluded.rule, show)}{more}"
    kind = next(kind for kind in Kind if kind in verdict.groups)
    causes = verdict.groups[kind]
    if kind is Kind.DEPENDENCY:
        return _chain(verdict, verdicts, show)
    return phrase(next(iter(causes)), show) + _more(len(causes))


def _nothing(surface: Surface) -> str:
    if not surface.rules:
        return "it has no rules of its own, and what it depends on is asleep"
    limited = any(rule.statuses is not None for rule in surface.rules)
    return MATCHES_NOTHING + " and their statuses" * limited


def phrase(cause: Cause, show: Show = quote) -> str:
    """A cause in words."""
    path = path_of(cause.path or "", cause.status, cause.example, show)
    if cause.kind is Kind.UNDETERMINED:
        return "what changed is unknown"
    if cause.kind is Kind.FILTERS_CHANGED:
        return f"{path}: {_differing(cause.detail or '', show)}"
    if cause.kind is Kind.FORCED:
        return f"forced by {show(cause.detail or '')}"
    if cause.kind is Kind.UNMATCHED:
        return f"{path} is claimed by nothing{_kept_out(cause, show)}"
    if cause.kind is Kind.DEPENDENCY:
        return f"depends on {show(cause.surface or '')}"
    always = " (always)" if cause.kind is Kind.ALWAYS else ""
    if cause.rule is None:
        return path
    return f"{path} matches {rule_at(cause.rule, show)}{always}"


def _differing(detail: str, show: Show) -> str:
    if detail in _DIFFERENCES:
        return detail
    return f"{show(detail)}, so every surface wakes"


def _kept_out(cause: Cause, show: Show) -> str:
    if not cause.excluding:
        return ""
    more = len(cause.excluding) - 3
    rules = ", ".join(rule_at(rule, show) for rule in cause.excluding[:3])
    return f" and excluded by {rules}" + (f" and {more} more rules" if more > 0 else "")


def unmatched_advice(plan: Plan) -> str:
    """What to do about paths that nothing claims."""
    effect = "every surface wakes" if plan.filters.wake_unmatched else "they wake nothing"
    policy = "wake-all" if plan.filters.wake_unmatched else "ignore"
    return (
        f"claimed by nothing, so {effect} (unmatched: {policy}); "
        "claim them in a surface, or add them to inert"
    )


def compared(plan: Plan, show: Show = quote) -> str:
    """What was compared, in one line."""
    changes = plan.changes
    if not changes.determined:
        return f"changes unknown: {show(changes.reason)}"
    count = len({change.path for change in changes.changes})
    return f"{count:,} changed path{'s' * (count != 1)}: {show(changes.reason)}"


def _chain(verdict: Verdict, verdicts: Mapping[str, Verdict], show: Show) -> str:
    """Along the dependencies to a surface that something else wakes."""
    words: list[str] = []
    seen: set[str] = set()
    current = verdict
    end = ""
    while True:
        name = next(iter(current.groups[Kind.DEPENDENCY])).surface or ""
        words.append(f"depends on {show(name)}")
        if name in seen:
            break
        seen.add(name)
        current = verdicts[name]
        if next(iter(k for k in Kind if k in current.groups)) is not Kind.DEPENDENCY:
            end = f", awake: {reason(current, verdicts, show)}"
            break
    if len(words) > _LINKS:
        left_out = len(words) - _LINKS
        words[_LINKS - 1 :] = [f"through {left_out:,} more {words[-1]}"]
    return ", which ".join(words) + end


def _more(count: int) -> str:
    return f" (and {count - 1:,} more)" if count > 1 else ""
