"""Which of many patterns match a path, all at once: a lazy automaton over its names.

The patterns are a trie of their components, and the names of a path move through it, one
behind the other.  What a directory has come to, and what it has decided for all beneath it,
is remembered as a `_Place`, so that a further path costs a look-up of its directory, and one
or two of its last name.  It has to equal `impact.pattern.GitPattern.matches`, one by one.
"""

from __future__ import annotations

from collections.abc import Iterable

from impact.components import parse_components
from impact.matched import Inherited, Matched
from impact.trie import ANY, Names, Node, Tested, Tests

_MOST = 1_000_000
"""So many nodes of the trie are held by places before all of them are let go."""


class Matcher:
    """Patterns, by their numbers in a sequence of texts, compiled to ask about many paths.

    Raises `impact.syntax.PatternError` for a text that impact does not accept.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        root = Node()
        self._last_names: set[str] = set()
        for number, text in enumerate(texts):
            components, only_directories = parse_components(text)
            node = root
            for component in components:
                node = node.following(component)
            node.end(number, only_directories)
            if isinstance(component, str) and not only_directories:
                self._last_names.add(component)
        self._actives: dict[frozenset[Node], _Active] = {}
        self._among: dict[tuple[_Active, Inherited], _Place] = {}
        self._held = 0
        self._start = self._place(self._active(frozenset(root.at_once)), Inherited({}))
        self._places = {"": self._start}

    def match(self, paths: Iterable[str]) -> list[Matched]:
        """For each path of a file, as git names it, which patterns match it."""
        places, last_names = self._places, self._last_names
        found: list[Matched] = []
        last = None
        for path in paths:
            directory, _, name = path.rpartition("/")
            if directory != last:  # git names one file of a directory behind the other
                last = directory
                place = places.get(directory) or self._enter(directory)
                whatever, by_extension = place.whatever, place.by_extension
                names = place.active.names
            if names and name in last_names and place.active.has(name):
                found.append(place.reached(name))
            elif whatever is not None:
                found.append(whatever)
            else:
                _, dot, extension = name.rpartition(".")
                matched = by_extension.get(extension) if dot else None
                found.append(matched or place.by_ending(name, extension if dot else None))
        return found

    def _enter(self, directory: str) -> _Place:
        """The place of a directory, reached from the nearest one above that is known."""
        missing = []
        while (place := self._places.get(directory)) is None:
            above, _, name = directory.rpartition("/")
            missing.append((directory, name))
            directory = above
        for directory, name in reversed(missing):
            place = place.below.get(name) or self._below(place, name)
            self._places[directory] = place
        return place

    def _below(self, place: _Place, name: str) -> _Place:
        reached = place.active.reach(name)
        if not reached and place.otherwise is not None:
            return place.otherwise
        nodes = [at_once for node in reached for at_once in node.at_once]
        ends = [end for node in reached for end in (node.files, node.directories) if end]
        active = self._active(place.active.staying.union(nodes))
        inherited = place.inherited.below(tuple(ends)) if ends else place.inherited
        below = self._place(active, inherited)
        if reached:
            place.below[name] = below
        else:
            place.otherwise = below
        return below

    def _active(self, nodes: frozenset[Node]) -> _Active:
        found = self._actives.get(nodes)
        if found is None:
            self._held += len(nodes)
            if self._held > _MOST:
                self._forget()
            found = self._actives[nodes] = _Active(nodes)
        return found

    def _forget(self) -> None:
        """Let go of all places but the first; they may be in circles."""
        for place in (self._start, *self._among.values()):
            place.below.clear()
            place.otherwise = None
        self._actives.clear()
        self._among.clear()
        self._places.clear()
        self._places[""] = self._start
        self._held = 0

    def _place(self, active: _Active, inherited: Inherited) -> _Place:
        found = self._among.get((active, inherited))
        if found is None:
            found = self._among[active, inherited] = _Place(active, inherited)
        return found


class _Place:
    """What directories have in common in which the same names match the same patterns.

    ``below``: the places of their directories by name, or ``otherwise``, if the name matters
    to no pattern.  Of files whose names are no components of patterns: ``by_extension`` is
    what matches them, or ``whatever`` if the extension does not matter.
    """

    __slots__ = (
        "_known",
        "active",
        "below",
        "by_extension",
        "inherited",
        "otherwise",
        "whatever",
    )

    def __init__(self, active: _Active, inherited: Inherited) -> None:
        self.active = active
        self.inherited = inherited
        self.below: dict[str, _Place] = {}
        self.otherwise: _Place | None = None
        self.by_extension: dict[str, Matched] = {}
        self._known: dict[tuple[Tests, tuple[Node, ...]], Matched] = {}
        plain = not active.tables and not active.tested
        self.whatever = self._with(active.certain) if plain else None

    def reached(self, name: str) -> Matched:
        """What matches a file of a name."""
        return self._with(self.active.reach(name))

    def by_ending(self, name: str, extension: str | None) -> Matched:
        """The same for a name that is no component of a pattern here; None: it has no dot."""
        asked = self.active.asked.get(extension)
        if asked is None:
            certain, tested = self.active.endings(extension)
            if extension is not None and not tested:
                matched = self.by_extension[extension] = self._with(certain)
                return matched
            asked = self.active.asked[extension] = Tests(certain, tested)
        passed = asked.passed(name)
        known = self._known.get((asked, passed))
        if known is None:
            known = self._known[asked, passed] = self._with([*asked.certain, *passed])
        return known

    def _with(self, nodes: Iterable[Node]) -> Matched:
        ends = [node.files for node in nodes if node.files is not None]
        return self.inherited.file(tuple(ends))


class _Active:
    """Nodes that a directory has come to, and where they lead.

    ``names``: by the whole name; ``certain``, ``tested``: as of `Names`, for every name;
    ``tables``: by the extension; ``asked``: what this comes to, where names are tested.
    ``staying``: those of the nodes in which one stays.
    """

    __slots__ = ("asked", "certain", "names", "staying", "tables", "tested")

    def __init__(self, nodes: frozenset[Node]) -> None:
        self.staying = frozenset([node for node in nodes if node.stays])
        self.asked: dict[str | None, Tests] = {}
        self.names = [node.names for node in nodes if node.names]
        self.tables: list[dict[str, Names]] = []
        self.certain: list[Node] = []
        self.tested: list[Tested] = []
        for node in nodes:
            if table := node.by_extension:
                whatever = table.get(ANY)
                if whatever is not None:
                    self.certain += whatever.certain
                    self.tested += whatever.tested
                if whatever is None or len(table) > 1:
                    self.tables.append(table)

    def has(self, name: str) -> bool:
        """Whether the whole of a name is a component of a pattern here."""
        for names in self.names:  # noqa: SIM110  a generator takes three times as long
            if name in names:
                return True
        return False

    def reach(self, name: str) -> list[Node]:
        """The nodes that a name leads to, without those in which one stays."""
        found = [names[name] for names in self.names if name in names]
        if not self.tables and not self.tested:
            return found + self.certain
        _, dot, extension = name.rpartition(".")
        ending = extension if dot else None
        asked = self.asked.get(ending)
        if asked is None:
            certain, tested = self.endings(ending)
            if not tested:
                return found + certain
            asked = self.asked[ending] = Tests(certain, tested)
        return [*found, *asked.certain, *asked.passed(name)]

    def endings(self, extension: str | None) -> tuple[list[Node], list[Tested]]:
        """Where every name of an extension, or of none, leads to, and what it is asked."""
        certain, tested = self.certain, self.tested
        if extension is not None:
            for table in self.tables:
                if names := table.get(extension):
                    certain = certain + names.certain
                    tested = tested + names.tested
        return certain, tested
