"""A plan as text, for a terminal and for the log of CI."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from impact.model import Plan
from impact.naming import Show
from impact.quoting import quote
from impact.report.groups import Group, grouped, label
from impact.report.phrases import (
    compared,
    reason,
    shortened,
    unmatched_advice,
)

SHOWN = 10
"""How many unclaimed paths are listed."""
_WIDEST = 40
"""The column of names is no wider than this, however long one of them is."""
_FEW = 3
"""So many surfaces with the same reason have a line each in a log."""
_LINE = 90
_LOG_NAME = 120
_LOG_REASON = 400


class Paint:
    """Colour, or none."""

    def __init__(self, color: bool) -> None:
        self._color = color

    def _paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._color else text

    def verdict(self, woken: bool) -> str:
        """``awake`` or ``asleep``, of one width."""
        return self._paint("awake ", "1;33") if woken else self._paint("asleep", "32")

    def strong(self, text: str) -> str:
        """What decides."""
        return self._paint(text, "1")

    def faint(self, text: str) -> str:
        """What does not."""
        return self._paint(text, "2")


def render_plan(plan: Plan, color: bool = False) -> str:
    """Each surface with the one thing that decided, and the paths nothing claims.

    In the file's order: whoever asks again and again finds each surface in its place.
    """
    paint = Paint(color)
    width = min(_WIDEST, max(len(name) for name in plan.verdicts))
    lines = [compared(plan), *commits(plan), ""]
    for name, verdict in plan.verdicts.items():
        words = reason(verdict, plan.verdicts)
        shown = words if verdict.woken else paint.faint(words)
        lines.append(f"{paint.verdict(verdict.woken)}  {name.ljust(width)}  {shown}")
    lines += _unclaimed(plan, quote)
    return "\n".join(lines) + "\n"


def render_log(plan: Plan) -> str:
    """The same for the log of CI, whatever its size: awake first, each reason once.

    Nobody compares one run's log with the next line by line, as on a terminal; who opens
    it looks for what woke, which must not be lost among hundreds that sleep.
    """
    show = shortened(_LOG_NAME)
    groups = [(group, _names(group, show)) for group in grouped(plan, show)]
    width = min(_WIDEST, max(len(row) for _, (rows, _) in groups for row in rows))
    brief = shortened(_LOG_REASON)
    lines = [compared(plan, brief), *commits(plan, brief), ""]
    for group, (rows, names) in groups:
        verdict = Paint(False).verdict(group.woken)
        lines += [f"{verdict}  {row.ljust(width)}  {group.reason}" for row in rows]
        lines += _filled(names)
    return "\n".join([*lines, *_unclaimed(plan, show)]) + "\n"


def _names(group: Group, show: Show) -> tuple[list[str], list[str]]:
    """What stands in the rows of a group, and the names to list beneath."""
    names = [label(surface, show) for surface in group.surfaces]
    return (names, []) if len(names) <= _FEW else ([f"{len(names):,} surfaces"], names)


def _filled(names: Iterable[str]) -> Iterator[str]:
    """Names in indented lines of a readable length."""
    line = ""
    for name in names:
        if len(line) + len(name) > _LINE:
            yield f"        {line},"
            line = ""
        line += f", {name}" if line else name
    if line:
        yield f"        {line}"


def _unclaimed(plan: Plan, show: Show) -> Iterator[str]:
    if not plan.unmatched:
        return
    yield from ("", unmatched_advice(plan) + ":")
    yield from (f"  {show(path)}" for path in plan.unmatched[:SHOWN])
    if len(plan.unmatched) > SHOWN:
        yield f"  and {len(plan.unmatched) - SHOWN:,} more"


def commits(plan: Plan, show: Show = quote) -> list[str]:
    """Which commits were compared and read, and what to know of that."""
    changes, filters = plan.changes, plan.filters
    lines = []
    if changes.base is not None:
        lines.append(f"base {changes.base}, head {changes.head or '(the work tree)'}")
    if filters.commit is not None:
        lines.append(f"filters {show(filters.file)} of {filters.commit}")
    return lines + [f"note: {show(note)}" for note in changes.notes]
