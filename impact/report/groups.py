"""The surfaces of a plan by what decided about them: a reason shared by many is told once."""

from __future__ import annotations

from dataclasses import dataclass

from impact.model import Plan, Surface
from impact.naming import Show
from impact.report.phrases import reason


@dataclass(frozen=True, slots=True)
class Group:
    """Surfaces that are awake, or asleep, for the same reason, in the file's order."""

    woken: bool
    reason: str
    surfaces: tuple[Surface, ...]


def grouped(plan: Plan, show: Show) -> list[Group]:
    """Every surface in one group: the awake first, small groups before large, else as listed.

    What wakes everything (an unknown change set, an unclaimed path) is one group, and so
    are the surfaces that no path came near: they stand behind what has a reason of its own.
    """
    found: dict[tuple[bool, str], list[Surface]] = {}
    for verdict in plan.verdicts.values():
        words = reason(verdict, plan.verdicts, show)
        found.setdefault((not verdict.woken, words), []).append(verdict.surface)
    rows = sorted(found.items(), key=lambda row: (row[0][0], len(row[1])))
    return [Group(not asleep, words, tuple(some)) for (asleep, words), some in rows]


def label(surface: Surface, show: Show) -> str:
    """A surface's name, and that its jobs may fail where they may."""
    return show(surface.name) + (" (advisory)" if surface.advisory else "")
