"""Why a path wakes what it wakes: every rule held against it, and the closest miss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from impact.considered import Considered, considered, deciding_rule
from impact.decide import decide
from impact.model import Change, ChangeSet, Filters, Kind, Plan, Rule, Status, Verdict
from impact.pattern import compile_pattern


@dataclass(frozen=True, slots=True)
class Closest:
    """The including rule that came nearest to deciding: it consumed most of the path.

    It began at the character ``start`` of the path and stopped before ``stop``.
    ``matches``: it matches the whole path, but not the change's status.
    """

    rule: Rule
    start: int
    stop: int
    matches: bool = False


@dataclass(frozen=True, slots=True)
class SurfaceExplanation:
    """Why a surface is awake or asleep for one change.

    ``closest`` is there for a surface whose rules decide nothing.  ``by_status`` has the
    verdict for each status where they differ and the change's is unknown.
    """

    verdict: Verdict
    considered: tuple[Considered, ...]
    closest: Closest | None
    by_status: Mapping[Status, bool] | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """One change, its plan, and for every surface the rules considered.

    ``asked``: the path in the words of whoever asked, from the root.
    """

    change: Change
    asked: str
    plan: Plan
    surfaces: Mapping[str, SurfaceExplanation]
    always: tuple[Considered, ...]
    inert: tuple[Considered, ...]

    @property
    def unmatched(self) -> bool:
        """Whether nothing claims the path (or something beneath the directory)."""
        return bool(self.plan.unmatched)


def explain(filters: Filters, change: Change, asked: str | None = None) -> Explanation:
    """The plan for this one change, with every rule considered on the way."""
    plan = _plan(filters, change)
    variants: dict[Status, Plan] = {}
    if change.status is None:
        variants = {status: _plan(filters, replace(change, status=status)) for status in Status}
    surfaces = {}
    for name, verdict in plan.verdicts.items():
        rules = verdict.surface.rules
        woken = {status: name in p.woken for status, p in variants.items()}
        decided = _deciding(verdict)
        rows = considered(rules, change, decided)
        surfaces[name] = SurfaceExplanation(
            verdict,
            rows,
            _closest(rows, change) if decided is None else None,
            woken if len(set(woken.values())) > 1 else None,
        )
    by_always = next((v.groups.get(Kind.ALWAYS) for v in plan.verdicts.values()), None)
    always = next(iter(by_always)).rule if by_always else deciding_rule(filters.always, change)
    return Explanation(
        change,
        change.path + "/" * change.directory if asked is None else asked,
        plan,
        surfaces,
        considered(filters.always, change, always),
        considered(filters.inert, change, deciding_rule(filters.inert, change)),
    )


def _plan(filters: Filters, change: Change) -> Plan:
    return decide(filters, ChangeSet((change,), "one path"))


def _deciding(verdict: Verdict) -> Rule | None:
    """The rule that the plan for one change names.

    Not asked anew: of several rules that wake for something beneath a directory, the one
    that is met first depends on the other surfaces.
    """
    if changed := verdict.groups.get(Kind.CHANGED):
        return next(iter(changed)).rule
    return verdict.excluded.rule if verdict.excluded else None


def _closest(rows: Sequence[Considered], change: Change) -> Closest | None:
    path = change.path.encode("utf-8", "surrogateescape")
    best: Closest | None = None
    for row in rows:
        if not row.rule.include:
            continue
        if row.matches:
            return Closest(row.rule, 0, len(change.path), matches=True)
        start, stop = compile_pattern(row.rule.pattern).furthest(path)
        if stop - start > (best.stop - best.start if best else 0):
            best = Closest(row.rule, start, stop)
    if best is None:
        return None
    return replace(best, start=_characters(path, best.start), stop=_characters(path, best.stop))


def _characters(path: bytes, offset: int) -> int:
    """The number of whole characters in the first ``offset`` bytes."""
    ends = accumulate(
        len(char.encode("utf-8", "surrogateescape"))
        for char in path.decode("utf-8", "surrogateescape")
    )
    return sum(1 for end in ends if end <= offset)
