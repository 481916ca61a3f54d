"""Rule lists: patterns read, named lists taken in, every rule with its place."""

from __future__ import annotations

import re
from collections.abc import Sequence as Rows
from dataclasses import replace

from impact.components import parse_components
from impact.config.names import NAME_PATTERN, NAME_RULE, listed, name_advice, nearest, shown
from impact.config.tree import Mapping, Node, Sequence, Text, TreeReader
from impact.model import NamedList, Place, Rule, Status
from impact.syntax import PatternError

MAX_RULES = 50_000
MAX_OPEN = 50
"""So many rules in a file with all that its lists take in, and so many lists within each
other: nobody writes more, and lists that take each other in twice grow without end."""

_Slots = tuple[Rule | None, ...]
"""Rules in order; None stands where one was refused."""


class RuleLists:
    """The rule lists of one file; named lists are resolved once."""

    def __init__(self, reader: TreeReader, named: Rows[tuple[Text, Node]]) -> None:
        self._reader = reader
        self._named = {key.value: (key, node) for key, node in named}
        self._resolved: dict[str, _Slots] = {}
        self._open: list[str] = []
        self._uses: dict[str | None, set[str]] = {}  # by a list, or by what decides
        self._total = 0
        for key, _ in named:
            if not NAME_PATTERN.fullmatch(key.value) and not key.reported:
                reader.find(
                    "name",
                    key.place,
                    f"{shown(key.value)} is no name for a list; {NAME_RULE}",
                    name_advice(key.value),
                )

    def rules(self, node: Sequence) -> tuple[Rule, ...]:
        """The rules of a list that decides, its named lists expanded."""
        if self._total > MAX_RULES:
            return ()  # reported once, and expanding more would take for ever
        slots = self._slots(node)
        self._total += len(slots)
        if self._total > MAX_RULES:
            self._reader.find(
                "size",
                node.place,
                f"the file grows beyond {MAX_RULES:,} rules with what its lists take in",
                "take in each list once",
            )
            return ()
        first = slots[0] if slots else None
        if first is not None and not first.include:
            self._reader.find(
                "first-excludes",
                first.used_at or first.place,
                f"the list begins with !{first.pattern}, which has nothing to exclude from",
                "put an including pattern first",
            )
        return tuple(rule for rule in slots if rule is not None)

    def resolve_all(self) -> None:
        """Read the named lists that nobody uses too, for what is wrong in them."""
        for name in self._named:
            self._list(name)

    def named(self) -> tuple[NamedList, ...]:
        """The named lists in order, once all of the file is resolved."""
        reached: set[str | None] = {None}
        todo: list[str | None] = [None]
        while todo:
            for name in self._uses.get(todo.pop(), ()):
                if name not in reached:
                    reached.add(name)
                    todo.append(name)
        return tuple(
            NamedList(name, key.place, name in reached)
            for name, (key, _) in self._named.items()
        )

    def _slots(self, node: Node) -> _Slots:
        slots: list[Rule | None] = []
        for item in node.items if isinstance(node, Sequence) else ():
            used = item.get("use") if isinstance(item, Mapping) else None
            if isinstance(item, Mapping) and isinstance(used, Text) and not item.get("path"):
                slots += self._used(used, item.place)
            else:
                slots.append(self._rule(item))
            if len(slots) > MAX_RULES:
                self._reader.find(
                    "size",
                    item.place,
                    f"the list grows beyond {MAX_RULES:,} rules with what it takes in",
                    "take in each list once",
                )
                return (None,)
        return tuple(slots)

    def _rule(self, item: Node) -> Rule | None:
        statuses: frozenset[Status] | None = None
        text: Node | None = item
        if isinstance(item, Mapping):
            text, status = item.get("path"), item.get("status")
            if isinstance(status, Sequence):
                names = {i.value for i in status.items if isinstance(i, Text)}
                statuses = frozenset(s for s in Status if s.value in names)
        if not isinstance(text, Text) or text.reported or not isinstance(text.resolved, str):
            return None
        include = not text.value.startswith("!")
        pattern = text.value if include else text.value[1:]
        if text.folded:
            self._reader.find(
                "yaml",
                text.place,
                "the pattern runs over several lines, which YAML joins to one",
                "check the indentation of the next line",
            )
            return None
        try:
            parse_components(pattern)
        except PatternError as error:
            for problem in error.problems:
                place = text.place
                if text.raw_place is not None:
                    offset = problem.offset + (not include)
                    place = Place(text.raw_place.line, text.raw_place.column + offset)
                fix = problem.fix if include else _excluding(problem.fix)
                self._reader.find("pattern", place, problem.message, fix)
            return None
        return Rule(pattern, include, self._reader.file, text.place, statuses)

    def _used(self, used: Text, place: Place) -> list[Rule | None]:
        if used.value not in self._named:
            close = nearest(used.value, self._named)
            allowed = listed(self._named) or "none"
            self._reader.find(
                "unknown-list",
                used.place,
                f"there is no list {shown(used.value)} under patterns; there are: {allowed}",
                f"did you mean {close}?" if close else "add it there",
            )
            return [None]
        self._uses.setdefault(self._open[-1] if self._open else None, set()).add(used.value)
        if used.value in self._open:
            chain = [*self._open[self._open.index(used.value) :], used.value]
            self._reader.find(
                "cycle",
                used.place,
                f"the list contains itself: {' -> '.join(chain)}",
                "remove one `use` of the circle",
            )
            return [None]
        if len(self._open) == MAX_OPEN:
            self._reader.find(
                "size",
                used.place,
                f"lists taken in by lists more than {MAX_OPEN} deep",
                "take in the last one directly",
            )
            return [None]
        slots = self._list(used.value)
        return [slot and replace(slot, used_at=place) for slot in slots]

    def _list(self, name: str) -> _Slots:
        if name not in self._resolved:
            self._open.append(name)
            self._resolved[name] = self._slots(self._named[name][1])
            self._open.pop()
        return self._resolved[name]


def _excluding(fix: str | None) -> str | None:
    """A fix for a pattern as that of a rule that excludes: its patterns with the sign."""
    return fix and re.sub(r"(^write |each: |, |as in )'", r"\1'!", fix)
