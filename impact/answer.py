"""What ordered lists of rules say of a change."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What the lists say of a change.

    ``decisions`` has the deciding rule of each list, by the list's number; a list without
    a rule that matches is absent.  ``claimed``: the last matching rule of some list,
    statuses ignored, includes the path.  ``excluding``: the rules that, statuses ignored,
    decided against it; ``unclaimed`` is the example beneath a directory that nothing claims.
    """

    decisions: dict[int, Decision]
    claimed: bool
    excluding: tuple[Rule, ...] = ()
    unclaimed: str | None = None
