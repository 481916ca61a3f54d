"""The tracked files of a repository, and which of them a pattern matches.

Thousands of patterns are held against a hundred thousand paths: the paths are sorted and
joined, so that what a pattern begins with and the longest text in it leave few to try.
It has to equal `impact.pattern.GitPattern.matches`, path by path.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate

from impact.beneath import may_match
from impact.pattern import Automaton, GitPattern, compile_pattern
from impact.syntax import ANY, ANY_DIRECTORIES, ANYTHING, STAR, Item

_LOOPS = 2
"""With more wildcards that repeat, `re` could try for ever; the automaton cannot."""


class Tracked:
    """The files that git tracks, in the order of their bytes, and the submodules.

    A set of files is a sorted sequence of their numbers in ``paths``.
    """

    def __init__(self, files: Iterable[str], submodules: Iterable[str] = ()) -> None:
        self.paths = sorted({_bytes(file) for file in files})
        self.submodules = sorted({_bytes(path) for path in submodules})
        self._exact = _Lookup(self.paths)
        self._folded: _Lookup | None = None
        self._matching: dict[str, Sequence[int]] = {}

    def text(self, number: int) -> str:
        """The path of a file."""
        return self.paths[number].decode("utf-8", "surrogateescape")

    def matching(self, text: str) -> Sequence[int]:
        """The files that a pattern matches."""
        if text not in self._matching:
            pattern = compile_pattern(text)
            self._matching[text] = self._exact.matching(pattern, _exactly)
        return self._matching[text]

    def matching_in_any_case(self, text: str) -> Sequence[int]:
        """The files that a pattern would match if its letters were of either case.

        Classes, ``[a-z]``, mean what they say.
        """
        if self._folded is None:
            self._folded = _Lookup([path.lower() for path in self.paths])
        found = self._folded.matching(compile_pattern(text), bytes.lower, self.paths)
        return sorted(found)

    def may_match_beneath(self, text: str) -> bool:
        """Whether a pattern may match a submodule, or something in one."""
        pattern = compile_pattern(text)
        return any(may_match(pattern, path) for path in self.submodules)

    def beneath(self, directory: str) -> Sequence[int]:
        """The files in a directory, given with a slash at its end, or deeper in it."""
        return range(*self._exact.range(_bytes(directory)))

    def has(self, path: str) -> bool:
        """Whether a path is a tracked file, a submodule, or a directory that holds one."""
        name = _bytes(path)
        return self._exact.has(name) or any(
            each == name or each.startswith(name + b"/") or name.startswith(each + b"/")
            for each in self.submodules
        )


def escaped(path: str) -> str:
    """A path as a pattern that matches it, and what lies beneath, wherever it may be."""
    plain = "".join("\\" + char if char in "*?[\\{" else char for char in path)
    kept = plain.rstrip(" ")
    return "/" + kept + "\\ " * (len(plain) - len(kept))


Convert = Callable[[bytes], bytes]


class _Lookup:
    """Keys to be searched: paths, or paths whose letters are made small."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._numbers = sorted(range(len(keys)), key=keys.__getitem__)
        self._keys = [keys[number] for number in self._numbers]
        self._joined = b"\0".join([*self._keys, b""])
        self._starts = [0, *accumulate(len(key) + 1 for key in self._keys)]

    def has(self, name: bytes) -> bool:
        """Whether it is a key, or a directory on the way to one."""
        return bool(self._literally(name, only_directories=False))

    def matching(
        self, pattern: GitPattern, convert: Convert, paths: Sequence[bytes] | None = None
    ) -> Sequence[int]:
        """The numbers of the keys that the pattern matches, its texts once converted.

        ``paths`` are what it is held against, if not the keys.
        """
        items, only_directories = pattern.items, pattern.automaton.only_directories
        prefix = convert(pattern.prefix)
        if len(prefix) == len(items):
            found = self._literally(prefix, only_directories)
            return [self._numbers[place] for place in found] if paths else found
        low, high = self.range(prefix)
        numbers = [
            self._numbers[place]
            for place in self._candidates(low, high, convert(pattern.literal))
        ]
        tried = self._keys if paths is None else paths
        test = _test(items, only_directories, fold=paths is not None)
        return [number for number in numbers if test(tried[number])]

    def _literally(self, name: bytes, only_directories: bool) -> Sequence[int]:
        """The places of a name that is a key, or of what lies in a directory of the name."""
        low, high = self.range(name + b"/")
        at = bisect_left(self._keys, name)
        if only_directories or at == len(self._keys) or self._keys[at] != name:
            return range(low, high)
        stop = at + 1  # one key, but for keys that differed before they were converted
        while stop < len(self._keys) and self._keys[stop] == name:
            stop += 1
        return [*range(at, stop), *range(low, high)]

    def range(self, prefix: bytes) -> tuple[int, int]:
        """From which place to which, exclusive, the keys begin with a text."""
        size = len(prefix)
        return (
            bisect_left(self._keys, prefix),
            bisect_right(self._keys, prefix, key=lambda key: key[:size]),
        )

    def _candidates(self, low: int, high: int, literal: bytes) -> Iterator[int]:
        if not literal:
            yield from range(low, high)
            return
        joined, starts = self._joined, self._starts
        at, end = starts[low], starts[high]
        while (at := joined.find(literal, at, end)) >= 0:
            place = bisect_right(starts, at) - 1
            yield place
            at = starts[place + 1]


def _exactly(text: bytes) -> bytes:
    return text


def _bytes(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")


def _test(
    items: tuple[Item, ...], only_directories: bool, fold: bool
) -> Callable[[bytes], object]:
    """Whether a path matches, by the quickest means that cannot take for ever."""
    loops = sum(item in (STAR, ANYTHING, ANY_DIRECTORIES) for item in items)
    if loops <= _LOOPS:
        end = "/" if only_directories else r"(?:/|\Z)"
        expression = "".join(_expression(item, fold) for item in items) + end
        return re.compile(expression.encode("latin-1"), re.DOTALL).match
    automaton = Automaton(
        tuple(_either_case(item) for item in items) if fold else items, only_directories
    )
    return lambda path: automaton.ends(automaton.run(automaton.start, path), False)


def _expression(item: Item, fold: bool) -> str:
    item = _either_case(item) if fold else item
    if isinstance(item, frozenset):
        return "[" + "".join(f"\\x{byte:02x}" for byte in sorted(item)) + "]"
    return {ANY: "[^/]", STAR: "[^/]*", ANYTHING: ".*", ANY_DIRECTORIES: "(?:.*/)?"}[item]


def _either_case(item: Item) -> Item:
    """A letter as both of its cases; a class means what it says."""
    if isinstance(item, frozenset) and len(item) == 1:
        (byte,) = item
        return item | frozenset(bytes((byte,)).swapcase())
    return item
