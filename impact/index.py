"""Every rule list at once: which rule of each list decides about a change.

The one place behind which matching is made quick: `decide` asks an `Index` and nothing else.
It has to equal the definition: of a list's rules that apply to the change's status the last
one that matches; for an unknown status one that wakes for some status, if there is one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from operator import attrgetter

from impact.answer import Answer, Decision
from impact.matcher import Matched, Matcher
from impact.model import Change, Rule, Status

_NO_STATUSES: Mapping[Status, int] = {}


class Index:
    """Ordered rule lists, compiled to answer about many changes.

    Which patterns match is asked once for all lists, and which rule decides once for each
    set of patterns that occurs.  A list with rules for some statuses alone is several: one
    with statuses ignored, and one for each status, of the rules that apply.
    """

    def __init__(self, lists: Sequence[Sequence[Rule]]) -> None:
        self._lists = lists
        self._by_status: dict[int, dict[Status, int]] = {}
        """For lists that have such rules, the numbers of those for each status."""
        numbers: dict[str, int] = {}
        self._rules: list[dict[int, Decision]] = []
        """For each pattern its last rule in the lists that have it."""
        self._excluding: set[Decision] = set()
        count, more = 0, len(lists)
        for number, rules in enumerate(lists):
            if any(rule.statuses is not None for rule in rules):
                self._by_status[number] = {status: more + n for n, status in enumerate(Status)}
                more += len(Status)
            for rule in rules:
                decision = Decision(rule, number=count)
                count += 1
                if not rule.include:
                    self._excluding.add(decision)
                pattern = numbers.setdefault(rule.pattern, len(numbers))
                if pattern == len(self._rules):
                    self._rules.append({})
                self._rules[pattern][number] = decision
                for status, one in self._by_status.get(number, _NO_STATUSES).items():
                    if rule.applies(status):
                        self._rules[pattern][one] = decision
        self._matcher = Matcher(numbers)
        self._last: dict[Matched, dict[int, Decision]] = {}
        self._known = cache(self._answer)

    def answer(self, change: Change) -> Answer:
        """What every list says of the change."""
        return self.answers([change])[0]

    def answers(self, changes: Sequence[Change]) -> list[Answer]:
        """What every list says of each change; equal answers about files are one object."""
        matching = self._matcher.match(map(attrgetter("path"), changes))
        if self._by_status:
            found = list(map(self._known, matching, map(attrgetter("status"), changes)))
        else:
            found = list(map(self._known, matching))
        for place in [n for n, change in enumerate(changes) if change.directory]:
            found[place] = self._beneath(changes[place])
        return found

    def _answer(self, matched: Matched, status: Status | None = None) -> Answer:
        claims = decisions = self._last_of(matched)
        if self._by_status:
            claims = {n: last for n, last in claims.items() if n < len(self._lists)}
            decisions = self._for_status(claims, self._last_of(matched), status)
        excluding: list[Decision] = []
        if not self._excluding.isdisjoint(claims.values()):
            excluding = [last for last in claims.values() if not last.rule.include]
            excluding.sort(key=attrgetter("number"))
        claimed = len(excluding) < len(claims)
        return Answer(decisions, claimed, tuple([last.rule for last in excluding]))

    def _for_status(
        self,
        claims: Mapping[int, Decision],
        last: Mapping[int, Decision],
        status: Status | None,
    ) -> dict[int, Decision]:
        """The rules that decide: for an unknown status, those that wake for one of them."""
        decisions = {n: one for n, one in claims.items() if n not in self._by_status}
        for number, lists in self._by_status.items():
            asked = lists.values() if status is None else (lists[status],)
            found = [last[one] for one in asked if one in last]
            if found:
                waking = (decision for decision in found if decision.rule.include)
                decisions[number] = next(waking, found[0])
        return decisions

    def _last_of(self, matched: Matched) -> dict[int, Decision]:
        """The last rule of each list that has one of the patterns."""
        unknown = []
        before: Matched | None = matched
        while before is not None and before not in self._last:
            unknown.append(before)
            before = before.before
        last = self._last[before] if before is not None else {}
        for one in reversed(unknown):
            last = dict(last)
            for pattern in one.added:
                rules = self._rules[pattern]
                later = [n for n in last.keys() & rules if last[n].number > rules[n].number]
                last |= rules if not later else {n: rules[n] for n in rules if n not in later}
            self._last[one] = last
        return last

    def _beneath(self, change: Change) -> Answer:
        # Costs what only directories need: pathspec, and an automaton for each rule.
        from impact.directories import answer_beneath

        return answer_beneath(
            self._lists, change, lambda path: self.answer(Change(path, change.status))
        )
