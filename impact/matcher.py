"""Which of many patterns match a path, all at once: a lazy automaton over its names.

The patterns are a trie of their components, and the names of a path move through it, one
behind the other.  What a directory has come to, and what it has decided for all beneath it,
is remembered as a `_Place`, so that a further path costs a look-up of its directory, and one
or two of its last name.  It has to equal `impact.pattern.GitPattern.matches`, one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from impact.components import DIRECTORIES, Component, Glob, Test, parse_components


class Matched:
    """A set of patterns that match; equal ones of a matcher are one object.

    It has those of the set ``before`` and the ``added`` ones, by their numbers.
    """

    __slots__ = ("_ends", "_known", "_more", "added", "before")

    def __init__(
        self,
        known: dict[frozenset[_Ends], Matched],
        ends: frozenset[_Ends] = frozenset(),
        before: Matched | None = None,
        added: Sequence[int] = (),
    ) -> None:
        self.before = before
        self.added = added
        self._known = known
        self._ends = ends
        self._more: dict[tuple[_Ends, ...], Matched] = {}

    def reaching(self, ends: tuple[_Ends, ...]) -> Matched:
        """The set with the patterns that end where a name has come to."""
        found = self._more.get(ends)
        if found is None:
            union = self._ends.union(ends)
            found = self._known.get(union)
            if found is None:
                apart = len(union) == len(self._ends) + len(ends)
                new = ends if apart else union - self._ends
                added = [number for end in new for number in end.patterns]
                found = self._known[union] = Matched(self._known, union, self, added)
            self._more[ends] = found
        return found

    def __iter__(self) -> Iterator[int]:
        """The numbers of the patterns, some perhaps twice."""
        return (number for end in self._ends for number in end.patterns)


class Matcher:
    """Patterns, by their numbers in a sequence of texts, compiled to ask about many paths.

    Raises `impact.syntax.PatternError` for a text that impact does not accept.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        root = _Node()
        self._last_names: set[str] = set()
        for number, text in enumerate(texts):
            components, only_directories = parse_components(text)
            node = root
            for component in components:
                node = node.following(component)
            node.end(number, only_directories)
            if isinstance(component, str) and not only_directories:
                self._last_names.add(component)
        self._actives: dict[frozenset[_Node], _Active] = {}
        self._among: dict[tuple[_Active, Matched], _Place] = {}
        start = self._active(frozenset(root.at_once))
        self._places = {"": self._place(start, Matched({}))}

    def match(self, paths: Iterable[str]) -> list[Matched]:
        """For each path of a file, as git names it, which patterns match it."""
        places, last_names = self._places, self._last_names
        found = []
        for path in paths:
            directory, _, name = path.rpartition("/")
            place = places.get(directory) or self._enter(directory)
            if name in last_names and place.active.has(name):
                found.append(place.reached(name))
                continue
            matched = place.whatever
            if matched is None:
                _, dot, extension = name.rpartition(".")
                matched = place.by_extension.get(extension) if dot else None
            found.append(matched or place.by_ending(name))
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
        matched = place.matched.reaching(tuple(ends)) if ends else place.matched
        below = self._place(active, matched)
        if reached:
            place.below[name] = below
        else:
            place.otherwise = below
        return below

    def _active(self, nodes: frozenset[_Node]) -> _Active:
        found = self._actives.get(nodes)
        if found is None:
            found = self._actives[nodes] = _Active(nodes)
        return found

    def _place(self, active: _Active, matched: Matched) -> _Place:
        found = self._among.get((active, matched))
        if found is None:
            found = self._among[active, matched] = _Place(active, matched)
        return found


class _Place:
    """What directories have in common in which the same names match the same patterns.

    ``matched``: what matches everything in them.  ``below``: the places of their directories
    by name, or ``otherwise``, if the name matters to no pattern.  Of files whose names are no
    components of patterns: ``by_extension`` is what matches them, or ``whatever`` if the
    extension does not matter.
    """

    __slots__ = ("active", "below", "by_extension", "matched", "otherwise", "whatever")

    def __init__(self, active: _Active, matched: Matched) -> None:
        self.active = active
        self.matched = matched
        self.below: dict[str, _Place] = {}
        self.otherwise: _Place | None = None
        self.by_extension: dict[str, Matched] = {}
        plain = not active.tables and not active.tested
        self.whatever = self._with(active.certain) if plain else None

    def reached(self, name: str) -> Matched:
        """What matches a file of a name."""
        return self._with(self.active.reach(name))

    def by_ending(self, name: str) -> Matched:
        """The same for a name that is no component of a pattern here."""
        _, dot, extension = name.rpartition(".")
        certain, tested = self.active.endings(extension if dot else None)
        matched = self._with(certain + [node for test, node in tested if test(name)])
        if dot and not tested:
            self.by_extension[extension] = matched
        return matched

    def _with(self, nodes: Iterable[_Node]) -> Matched:
        ends = tuple([node.files for node in nodes if node.files is not None])
        return self.matched.reaching(ends) if ends else self.matched


class _Active:
    """Nodes that a directory has come to, and where they lead.

    ``names``: by the whole name; ``certain``, ``tested``: as of `_Names`, for every name;
    ``tables``: by the extension.  ``staying``: those of the nodes in which one stays.
    """

    __slots__ = ("certain", "names", "staying", "tables", "tested")

    def __init__(self, nodes: frozenset[_Node]) -> None:
        self.staying = frozenset([node for node in nodes if node.stays])
        self.names = [node.names for node in nodes if node.names]
        self.tables: list[dict[str, _Names]] = []
        self.certain: list[_Node] = []
        self.tested: list[tuple[Test, _Node]] = []
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

    def reach(self, name: str) -> list[_Node]:
        """The nodes that a name leads to, without those in which one stays."""
        found = [names[name] for names in self.names if name in names]
        _, dot, extension = name.rpartition(".")
        certain, tested = self.endings(extension if dot else None)
        return found + certain + [node for test, node in tested if test(name)]

    def endings(self, extension: str | None) -> tuple[list[_Node], list[tuple[Test, _Node]]]:
        """Where every name of an extension, or of none, leads to, and what it is asked."""
        certain, tested = self.certain, self.tested
        if extension is not None:
            for table in self.tables:
                if names := table.get(extension):
                    certain = certain + names.certain
                    tested = tested + names.tested
        return certain, tested


ANY = "/"
"""In place of an extension, which is never this."""


class _Ends:
    """The patterns that end in one node."""

    __slots__ = ("patterns",)

    def __init__(self) -> None:
        self.patterns: list[int] = []


class _Names:
    """Where names lead that have something in common.

    Every one of them to the nodes of ``certain``, those that pass a test of ``tested`` to its
    node, too.
    """

    __slots__ = ("certain", "tested")

    def __init__(self) -> None:
        self.certain: list[_Node] = []
        self.tested: list[tuple[Test, _Node]] = []


class _Node:
    """A place in the trie: how far patterns that begin alike have come.

    ``any_directories``: the node behind a `DIRECTORIES`, in which a path ``stays`` whatever
    its next name is.  ``by_extension``: where `Glob` components lead, by what follows the last
    dot of a name; by `ANY` for those that take names of any extension, or of none.  ``files``:
    the patterns that end here; ``directories``: those that match directories only.
    """

    __slots__ = (
        "any_directories",
        "by_extension",
        "directories",
        "files",
        "globs",
        "names",
        "stays",
    )

    def __init__(self, stays: bool = False) -> None:
        self.stays = stays
        self.names = _NO_NAMES
        self.globs = _NO_GLOBS
        self.any_directories: _Node | None = None
        self.by_extension = _NO_EXTENSIONS
        self.files: _Ends | None = None
        self.directories: _Ends | None = None

    def following(self, component: Component) -> _Node:
        """The node behind one more component."""
        if isinstance(component, str):
            node = self.names.get(component)
            if node is None:
                self.names = self.names or {}
                node = self.names[component] = _Node()
            return node
        if component is DIRECTORIES:
            if self.any_directories is None:
                self.any_directories = _Node(stays=True)
            return self.any_directories
        node = self.globs.get(component)
        if node is None:
            self.globs = self.globs or {}
            node = self.globs[component] = _Node()
            self.by_extension = self.by_extension or {}
            _, dot, extension = component.suffix.rpartition(".")
            names = self.by_extension.setdefault(extension if dot else ANY, _Names())
            test = component.test
            if test is None and component.suffix not in ("", "." + extension):
                test = _ending_in(component.suffix)
            if test is None:
                names.certain.append(node)
            else:
                names.tested.append((test, node))
        return node

    def end(self, number: int, only_directories: bool) -> None:
        """End a pattern here, which matches directories only or whatever has come here."""
        if only_directories:
            self.directories = self.directories or _Ends()
            self.directories.patterns.append(number)
        else:
            self.files = self.files or _Ends()
            self.files.patterns.append(number)

    @property
    def at_once(self) -> Iterable[_Node]:
        """The nodes that one who comes here is in."""
        return (self,) if self.any_directories is None else (self, self.any_directories)


def _ending_in(suffix: str) -> Test:
    return lambda name: name.endswith(suffix)


# Shared by the many nodes that have none.
_NO_NAMES: dict[str, _Node] = {}
_NO_GLOBS: dict[Glob, _Node] = {}
_NO_EXTENSIONS: dict[str, _Names] = {}
