"""Many patterns as one trie of their components: where names lead from each place in it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from impact.components import DIRECTORIES, Component, Glob, Test

ANY = "/"
"""In place of an extension, which is never this."""


Tested = tuple[Glob, Test, "Node"]
"""What a name is held against, the test that this takes, and the node that it leads to."""

_MANY = 20
"""So many tests are worth looking up which of them a name can pass."""
_PART = 3
"""They are looked up by so many characters, the first of a text that has to be in the name."""


class Tests:
    """What names that have something in common are asked, and the nodes of ``certain``."""

    __slots__ = ("_by_part", "_one_by_one", "_suffixes", "certain")

    def __init__(self, certain: list[Node], tested: list[Tested]) -> None:
        self.certain = certain
        self._suffixes = tuple({glob.suffix for glob, _, _ in tested})
        self._one_by_one: list[Tested] = []
        self._by_part: dict[str, list[Tested]] = {}
        for row in tested:
            literal = row[0].literal
            if len(tested) < _MANY or len(literal) < _PART:
                self._one_by_one.append(row)
            else:
                self._by_part.setdefault(literal[:_PART], []).append(row)

    def passed(self, name: str) -> tuple[Node, ...]:
        """The nodes of the tests that a name passes."""
        if not name.endswith(self._suffixes):
            return ()
        rows = self._one_by_one
        if self._by_part:
            parts = {name[at : at + _PART] for at in range(len(name) - _PART + 1)}
            some = [self._by_part[part] for part in parts if part in self._by_part]
            rows = [*rows, *chain.from_iterable(some)]
        return tuple([node for _, test, node in rows if test(name)])


class Ends:
    """The patterns that end in one node."""

    __slots__ = ("patterns",)

    def __init__(self) -> None:
        self.patterns: list[int] = []


class Names:
    """Where names lead that have something in common.

    Every one of them to the nodes of ``certain``, those that pass a test of ``tested`` to its
    node, too.
    """

    __slots__ = ("certain", "tested")

    def __init__(self) -> None:
        self.certain: list[Node] = []
        self.tested: list[Tested] = []


class Node:
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
        self.any_directories: Node | None = None
        self.by_extension = _NO_EXTENSIONS
        self.files: Ends | None = None
        self.directories: Ends | None = None

    def following(self, component: Component) -> Node:
        """The node behind one more component."""
        if isinstance(component, str):
            node = self.names.get(component)
            if node is None:
                self.names = self.names or {}
                node = self.names[component] = Node()
            return node
        if component is DIRECTORIES:
            if self.any_directories is None:
                self.any_directories = Node(stays=True)
            return self.any_directories
        node = self.globs.get(component)
        if node is None:
            self.globs = self.globs or {}
            node = self.globs[component] = Node()
            self.by_extension = self.by_extension or {}
            _, dot, extension = component.suffix.rpartition(".")
            names = self.by_extension.setdefault(extension if dot else ANY, Names())
            test = component.test
            if test is None and component.suffix not in ("", "." + extension):
                test = _ending_in(component.suffix)
            if test is None:
                names.certain.append(node)
            else:
                names.tested.append((component, test, node))
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
    def at_once(self) -> Iterable[Node]:
        """The nodes that one who comes here is in."""
        return (self,) if self.any_directories is None else (self, self.any_directories)


def _ending_in(suffix: str) -> Test:
    return lambda name: name.endswith(suffix)


# Shared by the many nodes that have none.
_NO_NAMES: dict[str, Node] = {}
_NO_GLOBS: dict[Glob, Node] = {}
_NO_EXTENSIONS: dict[str, Names] = {}
