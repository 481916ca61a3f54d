"""Which of many patterns match a path, all at once: a lazy automaton over its names.

The patterns are a trie of their components, and the names of a path move through it, one
behind the other.  What a directory has come to, and what it has decided for all beneath it,
is remembered as a `_Place`, so that a further path costs a look-up of its directory, and one
or two of its last name.  It has to equal `impact.pattern.GitPattern.matches`, one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from impact.components import DIRECTORIES, Component, Glob, Test, parse_components


class Inherited:
    """The patterns that match a directory, and with it everything in it.

    Equal ones of a matcher are one object.  It has the ``added`` ones and those ``before``.
    """

    __slots__ = ("_files", "_known", "_more", "added", "before", "ends")

    def __init__(
        self,
        known: dict[frozenset[Ends], Inherited],
        ends: frozenset[Ends] = frozenset(),
        before: Inherited | None = None,
        added: tuple[Ends, ...] = (),
    ) -> None:
        self.before = before
        self.added = added
        self.ends = ends
        self._known = known
        self._more: dict[tuple[Ends, ...], Inherited] = {}
        self._files: dict[tuple[Ends, ...], Matched] = {}

    def below(self, ends: tuple[Ends, ...]) -> Inherited:
        """The patterns that match a directory in which these end, too."""
        found = self._more.get(ends)
        if found is None:
            union = self.ends.union(ends)
            found = self._known.get(union)
            if found is None:
                added = tuple([end for end in ends if end not in self.ends])
                found = self._known[union] = Inherited(self._known, union, self, added)
            self._more[ends] = found
        return found

    def file(self, ends: tuple[Ends, ...]) -> Matched:
        """The patterns that match a file in which these end."""
        found = self._files.get(ends)
        if found is None:
            found = self._files[ends] = Matched(self, ends)
        return found


class Matched:
    """The patterns that match a file: with its ``directory``, and those that ``ends`` have."""

    __slots__ = ("directory", "ends")

    def __init__(self, directory: Inherited, ends: tuple[Ends, ...]) -> None:
        self.directory = directory
        self.ends = ends

    def __iter__(self) -> Iterator[int]:
        """The numbers of the patterns."""
        ends = self.directory.ends.union(self.ends)
        return (number for end in ends for number in end.patterns)


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
        self._among: dict[tuple[_Active, Inherited], _Place] = {}
        start = self._active(frozenset(root.at_once))
        self._places = {"": self._place(start, Inherited({}))}

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
        inherited = place.inherited.below(tuple(ends)) if ends else place.inherited
        below = self._place(active, inherited)
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
        "_asked",
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
        self._asked: dict[str | None, _Asked] = {}
        plain = not active.tables and not active.tested
        self.whatever = self._with(active.certain) if plain else None

    def reached(self, name: str) -> Matched:
        """What matches a file of a name."""
        return self._with(self.active.reach(name))

    def by_ending(self, name: str) -> Matched:
        """The same for a name that is no component of a pattern here."""
        _, dot, ending = name.rpartition(".")
        extension = ending if dot else None
        asked = self._asked.get(extension)
        if asked is None:
            certain, tested = self.active.endings(extension)
            if extension is not None and not tested:
                matched = self.by_extension[extension] = self._with(certain)
                return matched
            asked = self._asked[extension] = _Asked(certain, tested)
        passed = tuple([node for test, node in asked.tested if test(name)])
        known = asked.known.get(passed)
        if known is None:
            known = asked.known[passed] = self._with([*asked.certain, *passed])
        return known

    def _with(self, nodes: Iterable[_Node]) -> Matched:
        ends = [node.files for node in nodes if node.files is not None]
        return self.inherited.file(tuple(ends))


class _Asked:
    """What names of an extension are asked, and what matched those that passed the same."""

    __slots__ = ("certain", "known", "tested")

    def __init__(self, certain: list[_Node], tested: list[tuple[Test, _Node]]) -> None:
        self.certain = certain
        self.tested = tested
        self.known: dict[tuple[_Node, ...], Matched] = {}


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
        if not self.tables and not self.tested:
            return found + self.certain
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


class Ends:
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
        self.files: Ends | None = None
        self.directories: Ends | None = None

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
            self.directories = self.directories or Ends()
            self.directories.patterns.append(number)
        else:
            self.files = self.files or Ends()
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
