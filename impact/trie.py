"""Many patterns as one trie of their components: where names lead from each place in it."""

from __future__ import annotations

from collections.abc import Iterable

from impact.components import DIRECTORIES, Component, Glob, Test

ANY = "/"
"""In place of an extension, which is never this."""


Tested = tuple[str, Test, "Node"]
"""What the names that pass a test end in, the test, and the node that they lead to."""


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
                names.tested.append((component.suffix, test, node))
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
