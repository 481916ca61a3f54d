"""What the rules of all lists make of every tracked file.

Files that the same patterns match are treated alike, whatever rules are deleted, so they
are judged together, as one `Group`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from impact.decide import filters_files
from impact.matched import Matched
from impact.matcher import Matcher
from impact.model import Expectation, Filters, Place, Rule, Status
from impact.tracked import Tracked

Spot = tuple[int, int]
"""A rule as a list has it: the number of the list, and the rule's in it."""
Outcome = tuple[bool, tuple[frozenset[int], ...]]
"""Whether something claims a file, and which surfaces wake for each status."""


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Files that the same patterns match, by their numbers; none for a path of ``expect``.

    ``rules``: for each list that has any, the positions of the rules that match, ascending.
    """

    rules: Mapping[int, Sequence[int]]
    files: Sequence[int]
    is_filters: bool = False
    case: Expectation | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A rule, or a `use`, as it is written once; the lists have it at ``spots``.

    ``use``: it stands for all the rules that it takes in, of which ``rule`` is the first.
    """

    rule: Rule
    place: Place
    spots: tuple[Spot, ...]
    use: bool = False


class Coverage:
    """The rules, held against the tracked files and the paths of ``expect``.

    ``lists``: the rules of each surface, in their order, then ``always`` and ``inert``.
    """

    def __init__(self, filters: Filters, tracked: Tracked) -> None:
        self.filters = filters
        self.tracked = tracked
        self.names = list(filters.surfaces)
        self.always, self.inert = len(self.names), len(self.names) + 1
        self.lists: list[tuple[Rule, ...]] = [
            *(surface.rules for surface in filters.surfaces.values()),
            filters.always,
            filters.inert,
        ]
        limited = any(rule.statuses is not None for rules in self.lists for rule in rules)
        self.statuses = tuple(Status) if limited else (Status.MODIFIED,)
        """Those that have to be told apart."""
        self.views = (None, *self.statuses) if limited else (None,)
        """The same, and None for none: who claims is told with statuses ignored."""
        self._dependents: dict[str, list[int]] = defaultdict(list)
        for number, surface in enumerate(filters.surfaces.values()):
            for needed in surface.depends_on:
                self._dependents[needed].append(number)
        self._every = frozenset(range(len(self.names)))
        self._closed: dict[frozenset[int], frozenset[int]] = {}
        self._outcomes: dict[Group, Outcome] = {}

    @cached_property
    def rules(self) -> list[Written]:
        """Every rule that decides somewhere, once, in the order of the file."""
        return self._written(lambda rule: rule.place, use=False)

    @cached_property
    def uses(self) -> list[Written]:
        """Every `use` in a list that decides."""
        return self._written(lambda rule: rule.used_at, use=True)

    def _written(self, where: Callable[[Rule], Place | None], use: bool) -> list[Written]:
        found: dict[Place, list[Spot]] = defaultdict(list)
        for number, rules in enumerate(self.lists):
            for position, rule in enumerate(rules):
                if (place := where(rule)) is not None:
                    found[place].append((number, position))
        rows = sorted(found.items(), key=lambda item: (item[0].line, item[0].column))
        return [Written(self.rule(spots[0]), place, tuple(spots), use) for place, spots in rows]

    def rule(self, spot: Spot) -> Rule:
        """The rule at a spot."""
        return self.lists[spot[0]][spot[1]]

    def surface(self, written: Written) -> str | None:
        """The surface whose rule it is, if it is that of one alone."""
        (first, *others) = {number for number, _ in written.spots}
        return self.names[first] if not others and first < len(self.names) else None

    @cached_property
    def groups(self) -> list[Group]:
        """All the files, and every path of ``expect`` that is none of a directory."""
        spots: dict[str, list[Spot]] = defaultdict(list)
        for number, rules in enumerate(self.lists):
            for position, rule in enumerate(rules):
                spots[rule.pattern].append((number, position))
        texts = list(spots)
        special = {
            path.encode("utf-8", "surrogateescape") for path in filters_files(self.filters)
        }
        alike: dict[tuple[bool, Matched], list[int]] = defaultdict(list)
        for matched, files in self.tracked.alike(texts).items():
            for file in files:
                alike[self.tracked.paths[file] in special, matched].append(file)
        groups = [
            Group(_by_list(s for n in matched for s in spots[texts[n]]), files, is_filters)
            for (is_filters, matched), files in alike.items()
        ]
        cases = [case for case in self.filters.expectations if not case.path.endswith("/")]
        matching = Matcher(texts).match([case.path for case in cases])
        for case, matched in zip(cases, matching, strict=True):
            own = _by_list(s for n in matched for s in spots[texts[n]])
            groups.append(Group(own, (), case.path in filters_files(self.filters), case))
        return groups

    @cached_property
    def groups_at(self) -> Mapping[Spot, Sequence[Group]]:
        """The groups that each rule matches; one that matches none is absent."""
        found: dict[Spot, list[Group]] = defaultdict(list)
        for group in self.groups:
            for number, positions in group.rules.items():
                for position in positions:
                    found[number, position].append(group)
        return dict(found)

    @cached_property
    def group_of(self) -> Mapping[int, Group]:
        """The group of each file."""
        return {number: group for group in self.groups for number in group.files}

    def groups_of(self, spots: Iterable[Spot]) -> Iterable[Group]:
        """The groups that some of the rules match."""
        return dict.fromkeys(group for s in spots for group in self.groups_at.get(s, ()))

    def deciding(
        self, group: Group, number: int, status: Status | None, without: Collection[Spot] = ()
    ) -> int | None:
        """The position of the rule of a list that decides; statuses ignored if it is None."""
        rules = self.lists[number]
        for position in reversed(group.rules.get(number, ())):
            applies = status is None or rules[position].applies(status)
            if applies and (number, position) not in without:
                return position
        return None

    def claiming(
        self,
        group: Group,
        number: int,
        status: Status | None = None,
        without: Collection[Spot] = (),
    ) -> Rule | None:
        """The rule by which a list claims the files, or would wake for a change of a status."""
        position = self.deciding(group, number, status, without)
        rule = None if position is None else self.lists[number][position]
        return rule if rule is not None and rule.include else None

    def claimed(self, group: Group, without: Collection[Spot] = ()) -> bool:
        """Whether anything claims the files, or they are the filters themselves."""
        return group.is_filters or any(
            self.claiming(group, number, None, without) for number in group.rules
        )

    def outcome(self, group: Group, without: Collection[Spot] = ()) -> Outcome:
        """What the rules, but for those at some spots, make of the files.

        For the filters themselves: what the rules say of them.
        """
        if without:
            return self._outcome(group, without)
        if group not in self._outcomes:
            self._outcomes[group] = self._outcome(group, ())
        return self._outcomes[group]

    def _outcome(self, group: Group, without: Collection[Spot]) -> Outcome:
        claimed = self.claimed(group, without)
        known = group.case and group.case.status
        statuses = (known,) if known else self.statuses
        if not claimed and self.filters.wake_unmatched:
            return claimed, (self._every,) * len(statuses)
        return claimed, tuple(self.woken(group, status, without) for status in statuses)

    def woken(
        self, group: Group, status: Status, without: Collection[Spot] = ()
    ) -> frozenset[int]:
        """The surfaces that wake for files that something claims."""
        own = set()
        for number in group.rules:
            if self.claiming(group, number, status, without):
                if number == self.always:
                    return self._every
                own.add(number)
        return self._with_dependents(frozenset(own - {self.inert}))

    def _with_dependents(self, own: frozenset[int]) -> frozenset[int]:
        if own not in self._closed:
            awake = dict.fromkeys(own)
            todo = list(own)
            for number in todo:  # grows while it is walked
                for dependent in self._dependents.get(self.names[number], ()):
                    if dependent not in awake:
                        awake[dependent] = None
                        todo.append(dependent)
            self._closed[own] = frozenset(awake)
        return self._closed[own]


def _by_list(spots: Iterable[Spot]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for number, position in spots:
        found[number].append(position)
    return {number: sorted(positions) for number, positions in found.items()}
