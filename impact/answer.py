"""What ordered lists of rules say of a change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from impact.model import Rule


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """The deciding rule of a list.

    ``example``: a path beneath a changed directory.  ``number``: the rule's among those of all
    lists, in their order.
    """

    rule: Rule
    example: str | None = None
    number: int = 0


def merged(
    some: Mapping[int, Decision], others: Mapping[int, Decision]
) -> Mapping[int, Decision]:
    """The deciding rule of each list by two mappings: the later one where both have one."""
    if not some or not others:
        return some or others
    decisions = {**some, **others}
    for number in some.keys() & others.keys():
        if some[number].number > others[number].number:
            decisions[number] = some[number]
    return decisions


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What the lists say of a change.

    ``own`` and ``common``: deciding rules of lists, by their numbers, of which the later one
    counts; more answers have the common ones.  ``claimed``: the last matching rule of some
    list, statuses ignored, includes the path.  ``excluding``: the rules that, statuses ignored,
    decided against it; ``unclaimed`` is the example beneath a directory that nothing claims.
    """

    own: Mapping[int, Decision]
    claimed: bool
    excluding: tuple[Rule, ...] = ()
    unclaimed: str | None = None
    common: Mapping[int, Decision] = field(default_factory=dict)

    @property
    def decisions(self) -> Mapping[int, Decision]:
        """The deciding rule of each list; one without a rule that matches is absent."""
        return merged(self.common, self.own)
