"""The tracked files of a repository, and which of them a pattern matches.

Thousands of patterns are held against a hundred thousand paths: the paths are sorted and
joined, so that what a pattern begins with and the longest text in it leave few to try.
It has to equal `impact.pattern.GitPattern.matches`, path by path.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import accumulate

from impact.automaton import Automaton
from impact.beneath import may_match
from impact.matched import Matched
from impact.matcher import Matcher
from impact.pattern import GitPattern, compile_pattern
from impact.syntax import ANY, ANY_DIRECTORIES, ANYTHING, STAR, Item, PatternError

_STEPS = 300_000
"""A path for which `re` might take more steps is given to the automaton, which cannot."""
_RARE = 16
"""Of so many paths one has a text that is better looked for than asked of every path."""
_FEW = 15
"""An expression is worth its making for so many paths."""


class Tracked:
    """The files that git tracks, in the order of their bytes, and the submodules.

    A set of files is a sorted sequence of their numbers in ``paths``.
    """

    def __init__(self, files: Iterable[str], submodules: Iterable[str] = ()) -> None:
        self.paths = sorted({_bytes(file) for file in files})
        self.submodules = sorted({_bytes(path) for path in submodules})
        self._exact = _Lookup(self.paths)
        self._matching: dict[str, Sequence[int]] = {}
        self._other_case: dict[str, Sequence[int]] = {}

    def text(self, number: int) -> str:
        """The path of a file."""
        return self.paths[number].decode("utf-8", "surrogateescape")

    def matching(self, text: str) -> Sequence[int]:
        """The files that a pattern matches."""
        if text not in self._matching:
            pattern = compile_pattern(text)
            self._matching[text] = self._exact.matching(pattern, _exactly)
        return self._matching[text]

    def alike(self, texts: Sequence[str]) -> Mapping[Matched, Sequence[int]]:
        """The files by which of the patterns match them; asks all patterns at once."""
        matching = Matcher(texts).match(map(self.text, range(len(self.paths))))
        files: dict[Matched, list[int]] = defaultdict(list)
        for file, matched in enumerate(matching):
            files[matched].append(file)
        by_text: list[list[int]] = [[] for _ in texts]
        for matched, some in files.items():
            for number in matched:
                by_text[number] += some
        self._matching |= {t: sorted(some) for t, some in zip(texts, by_text, strict=True)}
        return files

    def other_case(self, text: str) -> Sequence[int]:
        """The files that a pattern would match if letters were of either case, and does not.

        Classes, ``[a-z]``, mean what they say.
        """
        if text not in self._other_case:
            # Where the pattern has no capitals, the path has to have one.
            lookup = self._capitals if text == text.lower() else self._folded
            found = lookup.matching(compile_pattern(text), bytes.lower, self.paths)
            self._other_case[text] = sorted({*found}.difference(self.matching(text)))
        return self._other_case[text]

    @cached_property
    def _folded(self) -> _Lookup:
        return _Lookup([path.lower() for path in self.paths])

    @cached_property
    def _capitals(self) -> _Lookup:
        numbers = [n for n, path in enumerate(self.paths) if path != path.lower()]
        return _Lookup([self.paths[n].lower() for n in numbers], numbers)

    def is_about_submodule(self, text: str) -> bool:
        """Whether a pattern matches a submodule, or names something that may be in one.

        One that floats may match anything anywhere, and is about none in particular.
        """
        pattern = compile_pattern(text)
        return any(
            pattern.matches(path, directory=True)
            or (not pattern.floating and may_match(pattern, path))
            for path in self.submodules
        )

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


WILDCARDS = frozenset("*?[\\")
"""Characters that mean something else in a pattern than themselves."""


def is_pattern(text: str) -> bool:
    """Whether impact accepts a text as a pattern: no name with a line feed in it is one."""
    try:
        compile_pattern(text)
    except PatternError:
        return False
    return True


def escaped(path: str) -> str:
    """A path as it has to stand in a pattern from the root; not every one can be one."""
    plain = "".join("\\" + char if char in WILDCARDS or char == "{" else char for char in path)
    kept = plain.rstrip(" ")
    return "/" + kept + "\\ " * (len(plain) - len(kept))


_SLASH = frozenset(b"/")
_EXPRESSIONS: Mapping[Item, bytes] = {
    ANY: b"[^/]",
    STAR: b"[^/]*",
    ANYTHING: b".*",
    ANY_DIRECTORIES: b"(?:.*/)?",
}
Convert = Callable[[bytes], bytes]


class _Lookup:
    """Keys to be searched: paths, or paths whose letters are made small."""

    def __init__(self, keys: Sequence[bytes], numbers: Sequence[int] | None = None) -> None:
        """``numbers``: what the keys are called, if not by their places."""
        order = sorted(range(len(keys)), key=keys.__getitem__)
        self._numbers = [numbers[place] for place in order] if numbers else order
        self._keys = [keys[place] for place in order]
        self._longest = tuple(map(max, zip(*map(_extent, self._keys), strict=True))) or (0, 0)
        self._joined = b"\0".join([*self._keys, b""])
        self._frequent: dict[tuple[int, int, bytes], list[int]] = {}
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
            for place in self._candidates(low, high, list(map(convert, pattern.literals)))
        ]
        tried = self._keys if paths is None else paths
        few = len(numbers) < _FEW
        test = _test(items, only_directories, paths is not None, few, self._longest)
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

    def _candidates(self, low: int, high: int, literals: Sequence[bytes]) -> Sequence[int]:
        """Places among which those of all keys are that contain all of some texts.

        The longest text comes first, and the first that is rare is enough.
        """
        frequent: list[list[int]] = []
        for literal in literals:
            found = self._containing(low, high, literal)
            if (low, high, literal) not in self._frequent:
                return found  # few enough
            frequent.append(found)
        if not frequent:
            return range(low, high)
        return min(frequent, key=len)

    def _containing(self, low: int, high: int, literal: bytes) -> list[int]:
        joined, keys, starts = self._joined, self._keys, self._starts
        if (low, high, literal) in self._frequent:
            return self._frequent[low, high, literal]
        at, end = starts[low], starts[high]
        found: list[int] = []
        while (at := joined.find(literal, at, end)) >= 0:
            found.append(place := bisect_right(starts, at) - 1)
            at = starts[place + 1]
            if len(found) * _RARE > high - low:
                found = [place for place in range(low, high) if literal in keys[place]]
                self._frequent[low, high, literal] = found  # so do other patterns
                break
        return found


def _extent(path: bytes) -> tuple[int, int]:
    """How many names a path has, and the length of the longest."""
    names = path.split(b"/")
    return len(names), max(map(len, names))


def _exactly(text: bytes) -> bytes:
    return text


def _bytes(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")


def _test(
    items: tuple[Item, ...],
    only_directories: bool,
    fold: bool,
    few: bool,
    longest: tuple[int, ...],
) -> Callable[[bytes], object]:
    """Whether a path matches, by the quickest means that cannot take for ever.

    ``few``: not many will be asked about; ``longest``: the `_extent` of none is larger.
    """
    if fold:
        items = tuple(map(_either_case, items))
    automaton = Automaton(items, only_directories)

    def surely(path: bytes) -> bool:
        return automaton.ends(automaton.run(automaton.start, path), False)

    if few:
        return surely
    end = b"/" if only_directories else rb"(?:/|\Z)"
    quickly = re.compile(b"".join(map(_expression, items)) + end, re.DOTALL).match
    directories, stars = _loops(items)

    def is_bounded(names: int, length: int) -> bool:
        return bool(names**directories * length**stars <= _STEPS)

    if is_bounded(*longest):
        return quickly
    return lambda path: quickly(path) if is_bounded(*_extent(path)) else surely(path)


def _loops(items: tuple[Item, ...]) -> tuple[int, int]:
    """How many wildcards one behind the other can try how much they take.

    Those that stand for directories, and stars: these take no slash, so only those between
    the same two slashes count.
    """
    most = stars = directories = 0
    for item in items:
        if item in (ANYTHING, ANY_DIRECTORIES):
            directories += 1
        stars = stars + 1 if item is STAR else 0 if item == _SLASH else stars
        most = max(most, stars)
    return directories, most


def _expression(item: Item) -> bytes:
    if isinstance(item, frozenset):
        return b"[" + b"".join(b"\\x%02x" % byte for byte in sorted(item)) + b"]"
    return _EXPRESSIONS[item]


def _either_case(item: Item) -> Item:
    """A letter as both of its cases; a class means what it says."""
    if isinstance(item, frozenset) and len(item) == 1:
        (byte,) = item
        return item | frozenset(bytes((byte,)).swapcase())
    return item
