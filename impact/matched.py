"""Sets of patterns that match, shared by all the paths that have them."""

from __future__ import annotations

from collections.abc import Iterator

from impact.trie import Ends


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
        """The numbers of the patterns, ascending."""
        ends = self.directory.ends.union(self.ends)
        return iter(sorted([number for end in ends for number in end.patterns]))
