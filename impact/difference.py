"""What a new version of the filters decides about differently: the surfaces, and in what."""

from __future__ import annotations

from collections.abc import Sequence

from impact.model import Difference, Filters, Rule, Status, Surface


def changed_surfaces(before: Filters, after: Filters) -> frozenset[str]:
    """The surfaces of ``after`` that ``before`` does not have, or not with these rules."""
    return frozenset(differences(before, after))


def differences(before: Filters, after: Filters) -> dict[str, Difference]:
    """The same, with the first difference of each of them."""
    of_all = _of_all(before, after)
    if of_all is not None:
        return dict.fromkeys(after.surfaces, of_all)
    found = {}
    for name, surface in after.surfaces.items():
        difference = _of_one(before.surfaces.get(name), surface)
        if difference is not None:
            found[name] = difference
    return found


def _of_all(before: Filters, after: Filters) -> Difference | None:
    """What differs for every surface."""
    if _meaning(before.always) != _meaning(after.always):
        return Difference.ALWAYS
    if before.wake_unmatched != after.wake_unmatched:
        return Difference.UNMATCHED
    # What is inert does not wake the others: that is a rule of theirs where all else does.
    if after.wake_unmatched and _meaning(before.inert) != _meaning(after.inert):
        return Difference.INERT
    return None


def _of_one(before: Surface | None, after: Surface) -> Difference | None:
    if before is None:
        return Difference.NEW
    if _meaning(before.rules) != _meaning(after.rules):
        return Difference.RULES
    if {*before.depends_on} != {*after.depends_on}:
        return Difference.DEPENDS_ON
    return None


def _meaning(rules: Sequence[Rule]) -> list[tuple[str, bool, frozenset[Status] | None]]:
    """The rules without their places: a list of them can move, or be taken in by ``use``."""
    return [(rule.pattern, rule.include, rule.statuses) for rule in rules]
