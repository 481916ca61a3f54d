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

from impact.answer import Answer, Decision, merged
from impact.matched import Inherited, Matched
from impact.matcher import Matcher
from impact.model import Change, Rule, Status
from impact.trie import Ends

_NO_STATUSES: Mapping[Status, int] = {}


class _Last(NamedTuple):
    """The last rules that match, by the numbers of their lists, and whether all include."""

    rules: Mapping[int, Decision]
    include: bool


class Index:
    """Ordered rule lists, compiled to answer about many changes.

    Which patterns match is asked once for all lists, and which rule decides once for each
    set of patterns that occurs.  A list with rules for some statuses alone is several: one
    with statuses ignored, and one for each status, of the rules that apply.
    """

    def __init__(self, lists: Sequence[Sequence[Rule]]) -> None:
        self._lists = [*lists]
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
        self._inherited: dict[Inherited | None, _Last] = {None: _Last({}, True)}
        self._ending = cache(self._last_of)
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
        above = self._last_above(matched.directory)
        own = self._ending(matched.ends)
        if self._by_status:
            return self._for_status(merged(above.rules, own.rules), status)
        if above.include and own.include:  # whichever of two rules of a list counts
            return Answer(own.rules, bool(above.rules or own.rules), common=above.rules)
        decisions = merged(above.rules, own.rules)
        return Answer(decisions, *_claim(decisions))

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
        return Answer(decisions, *_claim(claims))

    def _last_above(self, inherited: Inherited) -> _Last:
        """The last rules of what matches all that is in a directory."""
        unknown = []
        above: Inherited | None = inherited
        while above is not None and above not in self._inherited:
            unknown.append(above)
            above = above.before
        last = self._inherited[above]
        for one in reversed(unknown):
            added = self._ending(one.added)
            last = _Last(merged(last.rules, added.rules), last.include and added.include)
            self._inherited[one] = last
        return last

    def _last_of(self, ends: tuple[Ends, ...]) -> _Last:
        """The last rules of the patterns that end in some places."""
        rules: Mapping[int, Decision] = {}
        for end in ends:
            for pattern in end.patterns:
                rules = merged(rules, self._rules[pattern])
        return _Last(rules, self._excluding.isdisjoint(rules.values()))

    def _beneath(self, change: Change) -> Answer:
        # Costs what only directories need: pathspec, and an automaton for each rule.
        from impact.directories import answer_beneath

        return answer_beneath(
            self._lists, change, lambda path: self.answer(Change(path, change.status))
        )


def _claim(decisions: Mapping[int, Decision]) -> tuple[bool, tuple[Rule, ...]]:
    """Whether some rule includes, and those that exclude, in the order of the lists."""
    excluding = [one for one in decisions.values() if not one.rule.include]
    excluding.sort(key=attrgetter("number"))
    return len(excluding) < len(decisions), tuple([one.rule for one in excluding])


_recent: dict[tuple[int, ...], Index] = {}
_KEPT = 8


def index_of(lists: Sequence[tuple[Rule, ...]]) -> Index:
    """The index of some lists, the same one for the same lists.

    `impact check` asks for every case of ``expect``, `impact explain` for every path.
    """
    key = tuple(map(id, lists))  # of objects that the index keeps
    index = _recent.pop(key, None) or Index(lists)
    _recent[key] = index
    if len(_recent) > _KEPT:
        del _recent[next(iter(_recent))]
    return index
