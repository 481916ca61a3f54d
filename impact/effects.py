"""Which rules are of no effect: nothing depends on whether they are there."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from impact.beneath import may_match
from impact.coverage import Coverage, Group, Spot, Written
from impact.decide import decide
from impact.model import Change, ChangeSet, Earlier, Filters
from impact.pattern import compile_pattern

WORK = 20_000
"""So many rules are held against directories of unknown contents, each time one by one; what
is not asked about is taken to matter."""


def without_effect(coverage: Coverage) -> list[Written]:
    """The rules and uses that match tracked files and change the verdict of none.

    Nor that of a path of ``expect``, nor whether something claims it.  Each changes nothing
    when it alone is deleted, and all of them together change nothing, what is dead left out:
    of two that do the same, the one further down is told.
    """
    beneath = _Beneath(coverage)
    left = [
        written
        for written in [*reversed(coverage.rules), *reversed(coverage.uses)]
        if is_alive(coverage, written.spots) and not _matters(coverage, beneath, written, ())
    ]
    found: list[Written] = []
    # What is dead will be deleted too, and is no reason for anything.
    deleted = {
        spot for w in coverage.rules if not is_alive(coverage, w.spots) for spot in w.spots
    }
    more = True
    while more:  # what one is deleted for can leave another without effect
        more = False
        for written in left:
            if not is_alive(coverage, set(written.spots) - deleted):
                continue
            if not _matters(coverage, beneath, written, deleted):
                deleted.update(written.spots)
                found.append(written)
                more = True
    return sorted(found, key=lambda written: (written.place.line, written.place.column))


def is_alive(coverage: Coverage, spots: Iterable[Spot]) -> bool:
    """Whether one of some rules matches a tracked file or is about a submodule."""
    return any(
        (spot in coverage.groups_at and any(group.files for group in coverage.groups_at[spot]))
        or coverage.tracked.is_about_submodule(coverage.rule(spot).pattern)
        for spot in spots
    )


def _matters(
    coverage: Coverage, beneath: _Beneath, written: Written, deleted: Collection[Spot]
) -> bool:
    """Whether something that a rule matches is judged otherwise without it.

    ``deleted`` are rules that are not there to begin with.
    """
    without = {*deleted, *written.spots}
    return any(
        _turns(coverage, group, written, deleted, without)
        and coverage.outcome(group, deleted) != coverage.outcome(group, without)
        for group in coverage.groups_of(written.spots)
    ) or beneath.changes(written, deleted, without)


def _turns(
    coverage: Coverage,
    group: Group,
    written: Written,
    before: Collection[Spot],
    after: Collection[Spot],
) -> bool:
    """Whether a list that has the rule judges otherwise; if none does, nothing changes."""
    for number in {number for number, _ in written.spots}:
        for view in coverage.views:
            claimed = coverage.claiming(group, number, view, before) is not None
            if claimed != (coverage.claiming(group, number, view, after) is not None):
                return True
    return False


class _Beneath:
    """The submodules, and the directories of ``expect``: `decide` is asked about them."""

    def __init__(self, coverage: Coverage) -> None:
        self._coverage = coverage
        self._left = max(20, WORK // max(1, len(coverage.rules)))
        self._directories = [
            Change(path.decode("utf-8", "surrogateescape"), status, directory=True)
            for path in coverage.tracked.submodules
            for status in coverage.statuses
        ] + [
            Change(case.path.removesuffix("/"), case.status, directory=True)
            for case in coverage.filters.expectations
            if case.path.endswith("/")
        ]

    def changes(
        self, written: Written, before: Collection[Spot], after: Collection[Spot]
    ) -> bool:
        """Whether one in which the rule may match is judged otherwise, or may be."""
        patterns = {self._coverage.rule(spot).pattern for spot in written.spots}
        versions: list[Filters] = []
        for change in self._directories:
            path = change.path.encode("utf-8", "surrogateescape")
            if any(may_match(compile_pattern(text), path) for text in patterns):
                self._left -= 1
                if self._left < 0:
                    return True
                if not versions:
                    versions = [filters_without(self._coverage, s) for s in (before, after)]
                one, other = (_answer(filters, change) for filters in versions)
                if one != other:
                    return True
        return False


def _answer(filters: Filters, change: Change) -> tuple[list[str], tuple[str, ...]]:
    # Of themselves the filters are no change.
    plan = decide(filters, ChangeSet((change,), "one path"), (), Earlier((filters,)))
    return plan.woken, plan.unmatched


def filters_without(coverage: Coverage, spots: Collection[Spot]) -> Filters:
    """The filters but for the rules at some spots."""
    lists = [
        tuple(rule for position, rule in enumerate(rules) if (number, position) not in spots)
        for number, rules in enumerate(coverage.lists)
    ]
    surfaces = {
        name: replace(surface, rules=rules)
        for (name, surface), rules in zip(
            coverage.filters.surfaces.items(), lists[: coverage.always], strict=True
        )
    }
    always, inert = lists[coverage.always :]
    return replace(coverage.filters, surfaces=surfaces, always=always, inert=inert)
