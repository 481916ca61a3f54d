"""Explanations of paths as text: every rule considered, and the closest miss."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from impact.considered import Considered
from impact.explain import Closest, Explanation, SurfaceExplanation
from impact.model import Kind, Status
from impact.naming import place_of, rule_at, signed
from impact.quoting import quote
from impact.report.phrases import phrase
from impact.report.text import Paint


def render_explanations(
    explanations: Iterable[Explanation], only: str | None = None, color: bool = False
) -> str:
    """The explanations one after the other; ``only`` names the one surface to show."""
    paint = Paint(color)
    return "\n".join(_render(explanation, only, paint) for explanation in explanations)


def _render(explanation: Explanation, only: str | None, paint: Paint) -> str:
    change = explanation.change
    shown = quote(change.path + "/" * change.directory) if change.path else "."
    lines = [paint.strong(shown) + (f" ({change.status.value})" if change.status else "")]
    lines += [f"  {line}" for line in _claims(explanation)]
    for name, surface in explanation.surfaces.items():
        if only in (None, name):
            lines += ["", *_surface(explanation, name, surface, paint)]
    return "\n".join(lines) + "\n"


def _claims(explanation: Explanation) -> list[str]:
    """What is said of the path as a whole: unclaimed, always, inert."""
    beneath = "something beneath " if explanation.change.directory else ""
    being = "something beneath is " if explanation.change.directory else ""
    lines = [
        f"{beneath}wakes every surface (always): {rule_at(row.rule)}"
        for row in explanation.always
        if row.decides and row.rule.include
    ]
    if explanation.unmatched:
        effect = "that alone wakes nothing (unmatched: ignore)"
        if explanation.plan.filters.wake_unmatched:
            effect = "wakes every surface (unmatched: wake-all)"
        lines.append(
            f"{being}claimed by nothing: {effect}; claim it in a surface, or add it to inert"
        )
    lines += [
        f"{being}inert: {rule_at(row.rule)}"
        for row in explanation.inert
        if row.decides and row.rule.include
    ]
    return lines


def _surface(
    explanation: Explanation, name: str, surface: SurfaceExplanation, paint: Paint
) -> list[str]:
    verdict = surface.verdict
    lines = [f"{paint.verdict(verdict.woken)}  {paint.strong(name)}{_headline(surface)}"]
    changed = verdict.groups.get(Kind.CHANGED, ())
    lines += _rows(surface.considered, next(iter(changed)).example if changed else None, paint)
    if surface.closest is not None:
        lines += _closest(explanation, surface.closest)
    if surface.by_status is not None:
        lines.append("    " + _by_status(surface.by_status.items()))
    return lines


def _headline(surface: SurfaceExplanation) -> str:
    verdict = surface.verdict
    if verdict.woken:
        kinds = {
            Kind.ALWAYS: "always",
            Kind.UNMATCHED: "claimed by nothing",
            Kind.FILTERS_CHANGED: "the filters decide about every surface",
        }
        causes = [c for c in verdict.causes if c.kind is not Kind.CHANGED]
        words = [kinds.get(c.kind) or phrase(c) for c in causes]
        return f": {', '.join(words)}" if words else ""
    if verdict.excluded is not None:
        return ": excluded"
    if not surface.considered:
        return ": it has no rules of its own"
    other_status = any(row.matches and not row.applies for row in surface.considered)
    return ": no rule matches" + (" with this status" if other_status else "")


def _rows(rows: Sequence[Considered], example: str | None, paint: Paint) -> list[str]:
    if not rows:
        return []
    patterns = [_written(row) for row in rows]
    places = [place_of(row.rule) for row in rows]
    wide, far = max(map(_columns, patterns)), max(map(_columns, places))
    lines = []
    for row, pattern, place in zip(rows, patterns, places, strict=True):
        words = "no match"
        if row.decides:
            words = "matches, decides" + (f", as for {quote(example)}" if example else "")
        elif row.matches and not row.applies:
            words = "matches, but not this status"
        elif row.matches:
            words = "matches"
        line = f"    {_padded(pattern, wide)}  {_padded(place, far)}  {words}"
        lines.append(paint.strong(line) if row.decides else paint.faint(line))
    return lines


def _columns(text: str) -> int:
    """How many columns of a terminal the text takes."""
    return sum(
        0
        if unicodedata.combining(char)
        else 2
        if unicodedata.east_asian_width(char) in "WF"
        else 1
        for char in text
    )


def _padded(text: str, columns: int) -> str:
    return text + " " * (columns - _columns(text))


def _written(row: Considered) -> str:
    statuses = ""
    if row.rule.statuses is not None:
        statuses = f" [{', '.join(s.value for s in Status if s in row.rule.statuses)}]"
    return signed(row.rule) + statuses


def _closest(explanation: Explanation, closest: Closest) -> list[str]:
    path = explanation.change.path
    shown = quote(path)
    quoted = shown != path

    def column(characters: int) -> int:
        """The terminal column of a character of the path."""
        # What is quoted gets longer, and begins with a quote.
        text = quote(path[:characters] + "\n")[:-3] if quoted else path[:characters]
        return _columns(text)

    stop = column(closest.stop)
    start = column(closest.start)
    end = "stops matching here"
    if closest.matches:
        end = "matches, but not this status"
    elif closest.stop >= len(path):
        wants_directory = closest.rule.pattern.endswith("/")
        end = "ends here, the pattern " + (
            "wants a directory" if wants_directory else "goes on"
        )
    return [
        f"    closest: {rule_at(closest.rule)}",
        f"      {shown}",
        "      " + " " * start + "~" * (stop - start) + "^ " + end,
    ]


def _by_status(verdicts: Iterable[tuple[Status, bool]]) -> str:
    rows = list(verdicts)
    awake = ", ".join(status.value for status, woken in rows if woken)
    asleep = ", ".join(status.value for status, woken in rows if not woken)
    return f"by status: awake when {awake}; asleep when {asleep}"
