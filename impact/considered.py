"""Every rule of a list held against one change: what `impact explain` shows.

Rules are asked one by one, as pathspec's patterns; nothing that has to be quick needs this.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from impact.beneath import may_match
from impact.index import index_of
from impact.model import Change, Rule
from impact.pattern import compile_pattern


@dataclass(frozen=True, slots=True)
class Considered:
    """A rule held against a change.

    ``matches``: the pattern matches (for a directory: something beneath it may).
    ``applies``: the rule's statuses include the change's, or that is unknown.
    """

    rule: Rule
    matches: bool
    applies: bool
    decides: bool


def considered(
    rules: Sequence[Rule], change: Change, deciding: Rule | None
) -> tuple[Considered, ...]:
    """Every rule of a list, held against the change; ``deciding`` is the plan's."""
    path = change.path.encode("utf-8", "surrogateescape")
    rows = []
    for rule in rules:
        pattern = compile_pattern(rule.pattern)
        matches = may_match(pattern, path) if change.directory else pattern.matches(path)
        applies = change.status is None or rule.applies(change.status)
        rows.append(Considered(rule, matches, applies, rule is deciding))
    return tuple(rows)


def deciding_rule(rules: Sequence[Rule], change: Change) -> Rule | None:
    """The rule of a list that decides about the change, including or excluding."""
    return deciding_rules(rules, [change])[0]


def deciding_rules(rules: Sequence[Rule], changes: Sequence[Change]) -> list[Rule | None]:
    """The same for each of some changes."""
    found = [answer.decisions.get(0) for answer in index_of([tuple(rules)]).answers(changes)]
    return [decision.rule if decision else None for decision in found]
