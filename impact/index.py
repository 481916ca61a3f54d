"""Every rule list at once: which rule of each list decides about a change.

The one place behind which matching is made quick: `decide` asks an `Index` and nothing else.
It has to equal the definition: of a list's rules that apply to the change's status the last
one that matches; for an unknown status one that wakes for some status, if there is one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from operator import attrgetter
from typing import NamedTuple

from impact.answer import Answer, Decision
from impact.matcher import Matched, Matcher
from impact.model import Change, Rule, Status

_NO_STATUSES: Mapping[Status, int] = {}


class _Last(NamedTuple):
    """The last rules that match, by the numbers of their lists: ``own`` before ``common`` ones.

    ``excluding``: the lists whose last rule excludes.
    """

    common: Mapping[int, Decision]
    own: Mapping[int, Decision]
    excluding: frozenset[int]

    @property
    def whole(self) -> dict[int, Decision]:
        """All in one mapping."""
        return {**self.common, **self.own}


_NONE = _Last({}, {}, frozenset())


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
        self._known_last: dict[Matched, _Last] = {}
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
        if self._by_status:
            return self._for_status(self._last_of(matched).whole, status)
        before = _NONE if matched.before is None else self._last_of(matched.before)
        last = self._after(before, matched.added)
        return Answer(last.own, *_claim(last), common=last.common)

    def _for_status(self, last: Mapping[int, Decision], status: Status | None) -> Answer:
        """An answer where some rules are for some statuses.

        For an unknown status those rules decide that wake for one of them.
        """
        claims = {n: one for n, one in last.items() if n < len(self._lists)}
        decisions = {n: one for n, one in claims.items() if n not in self._by_status}
        for number, lists in self._by_status.items():
            asked = lists.values() if status is None else (lists[status],)
            found = [last[one] for one in asked if one in last]
            if found:
                waking = (decision for decision in found if decision.rule.include)
                decisions[number] = next(waking, found[0])
        excluding = frozenset([n for n, one in claims.items() if not one.rule.include])
        return Answer(decisions, *_claim(_Last(claims, {}, excluding)))

    def _last_of(self, matched: Matched) -> _Last:
        """The last rules, all of them in one mapping, for what has more patterns."""
        unknown = []
        before: Matched | None = matched
        while before is not None and before not in self._known_last:
            unknown.append(before)
            before = before.before
        last = _NONE if before is None else self._known_last[before]
        for one in reversed(unknown):
            last = self._after(last, one.added)
            last = self._known_last[one] = _Last(last.whole, {}, last.excluding)
        return last

    def _after(self, last: _Last, patterns: Sequence[int]) -> _Last:
        """What the last rules are where some more patterns match."""
        common, own = last.common, last.own
        for pattern in patterns:
            rules = self._rules[pattern]
            for known in (common, own) if own else (common,):
                later = [n for n in known.keys() & rules if known[n].number > rules[n].number]
                if later:
                    rules = {n: one for n, one in rules.items() if n not in later}
            own = {**own, **rules} if own else rules
        excluding = last.excluding
        if excluding:
            excluding = excluding.difference(own)
        if not self._excluding.isdisjoint(own.values()):
            excluding = excluding.union([n for n, one in own.items() if not one.rule.include])
        return _Last(common, own, excluding)

    def _beneath(self, change: Change) -> Answer:
        # Costs what only directories need: pathspec, and an automaton for each rule.
        from impact.directories import answer_beneath

        return answer_beneath(
            self._lists, change, lambda path: self.answer(Change(path, change.status))
        )


def _claim(last: _Last) -> tuple[bool, tuple[Rule, ...]]:
    """Whether some rule includes, and those that exclude, in the order of the lists."""
    if not last.excluding:
        return bool(last.common or last.own), ()
    excluding = [last.own.get(number) or last.common[number] for number in last.excluding]
    excluding.sort(key=attrgetter("number"))
    lists = last.common.keys() | last.own.keys()
    return len(excluding) < len(lists), tuple([one.rule for one in excluding])
