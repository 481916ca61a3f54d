"""One pattern: what it means (exactly what git says) and whether a path matches it.

The rules are those of https://git-scm.com/docs/gitignore and of git's ``wildmatch.c``,
on bytes: a pattern matches a path when it matches the path itself or one of its parent
directories.  A pattern becomes a bit-parallel automaton, so a match takes time linear
in the length of the path whatever the pattern; there is no backtracking.

The only importer of pathspec: a `GitPattern` is one of its patterns, and a plain
``pathspec.PathSpec`` of them is the readable definition of an ordered list.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from pathspec.pattern import Pattern

from impact.syntax import ANY, ANY_DIRECTORIES, ANYTHING, STAR, Item, parse_items

SLASH = 0x2F
MATCHED = -1
"""The state in which a parent directory has matched: everything beneath does too."""


class Automaton:
    """The states of one pattern as bits: bit i is set when i items are consumed.

    A byte moves the states that consume it (`_move`) and keeps those that loop on it.
    """

    __slots__ = (
        "_any",
        "_enter",
        "_loop",
        "_loop_slash",
        "_move",
        "accept",
        "only_directories",
        "start",
    )

    def __init__(self, items: tuple[Item, ...], only_directories: bool) -> None:
        moves: dict[int, int] = {SLASH: 0}
        everywhere = loop = loop_slash = enter = bit_count = 0
        for item in items:
            bit = 1 << bit_count
            if item is STAR:
                loop |= bit
                continue
            if item is ANYTHING:
                loop |= bit
                loop_slash |= bit
                continue
            if item is ANY_DIRECTORIES:
                # Any number of whole components, none among them: loops on every byte,
                # leaves on a slash, and is skipped where it is entered.
                loop |= bit
                loop_slash |= bit
                enter |= bit
                moves[SLASH] |= bit
            elif item is ANY:
                everywhere |= bit
            elif isinstance(item, frozenset):
                for byte in item:
                    moves[byte] = moves.get(byte, 0) | bit
            bit_count += 1
        self._any = everywhere
        self._move = {
            byte: mask if byte == SLASH else mask | everywhere for byte, mask in moves.items()
        }
        self._loop = loop
        self._loop_slash = loop_slash
        self._enter = enter
        self.accept = 1 << bit_count
        self.only_directories = only_directories
        self.start = 1 | (enter & 1) << 1

    def consumers(self, byte: int) -> int:
        """The states that consume the byte: bytes with equal ones are treated alike."""
        return self._move.get(byte, self._any)

    def moved(self, state: int, byte: int) -> int:
        """The states entered by consuming the byte, without those that only loop."""
        moved = (state & self._move.get(byte, self._any)) << 1
        return moved | (moved & self._enter) << 1

    def step(self, state: int, byte: int) -> int:
        """The state after one more byte; 0 is dead, `MATCHED` final."""
        if byte == SLASH:
            if state & self.accept:
                return MATCHED
            return self.moved(state, byte) | state & self._loop_slash
        return self.moved(state, byte) | state & self._loop

    def run(self, state: int, text: bytes) -> int:
        """The state after all of the bytes."""
        for byte in text:
            if state == MATCHED or not state:
                break
            state = self.step(state, byte)
        return state

    def ends(self, state: int, directory: bool) -> bool:
        """Whether a path that ends in this state is matched."""
        if state == MATCHED:
            return True
        return bool(state & self.accept) and (directory or not self.only_directories)

    @property
    def bytes_told_apart(self) -> frozenset[int]:
        """The bytes that are not treated like any other one."""
        return frozenset(self._move)


class GitPattern(Pattern):
    """A gitignore pattern, without its sign, that means what git means by it.

    Every path that matches begins with ``prefix`` and contains all of ``literals``, of which
    ``literal`` is the longest.
    """

    __slots__ = ("automaton", "floating", "items", "literal", "literals", "prefix", "text")

    def __init__(self, text: str, include: bool = True) -> None:
        """Raise `impact.syntax.PatternError` for a pattern that impact does not accept."""
        super().__init__(include)
        self.text = text
        items, only_directories = parse_items(text)
        self.items = items
        self.automaton = Automaton(items, only_directories)
        self.floating = items[0] is ANY_DIRECTORIES
        runs = list(_literal_runs(items))
        self.prefix = runs[0] if runs and _is_byte(items[0]) else b""
        self.literals = tuple(sorted(set(runs), key=len, reverse=True))
        self.literal = self.literals[0] if runs else b""

    def match_file(self, file: str) -> bool | None:
        """True where the file (text as git gave it) matches, else None: pathspec's form."""
        return self.matches(file.encode("utf-8", "surrogateescape")) or None

    def matches(self, path: bytes, directory: bool = False) -> bool:
        """Whether the path, or one of its parent directories, matches.

        A path ``directory`` is one itself; patterns that end in a slash match no other.
        """
        # Two conditions that every match fulfils and few paths do, so that most pairs
        # never reach the automaton.
        if not path.startswith(self.prefix) or self.literal not in path:
            return False
        automaton = self.automaton
        return automaton.ends(automaton.run(automaton.start, path), directory)

    def furthest(self, path: bytes) -> tuple[int, int]:
        """How much of a path that it does not match the pattern consumed: start and stop.

        The stop is the offset behind the last byte that moved the pattern forward.  An
        unanchored pattern starts at the component where it comes furthest.
        """
        automaton = self.automaton
        starts, state = [0], automaton.start
        if self.floating:
            starts += [i + 1 for i, byte in enumerate(path) if byte == SLASH]
            state = 2
        best = (0, 0)
        for start in starts:
            stop = self._stop(path, start, state)
            if stop - start > best[1] - best[0]:
                best = (start, stop)
        return best

    def _stop(self, path: bytes, start: int, state: int) -> int:
        stop = start
        for offset in range(start, len(path)):
            if not state or state == MATCHED:
                break
            if self.automaton.moved(state, path[offset]):
                stop = offset + 1
            state = self.automaton.step(state, path[offset])
        return stop


@lru_cache(maxsize=1 << 16)
def compile_pattern(text: str) -> GitPattern:
    """The compiled pattern of a text; raises `impact.syntax.PatternError`."""
    return GitPattern(text)


def _is_byte(item: Item) -> bool:
    return isinstance(item, frozenset) and len(item) == 1


def _literal_runs(items: tuple[Item, ...]) -> Iterator[bytes]:
    """The stretches of the pattern that stand in every match as they are."""
    run = bytearray()
    for item in items:
        if isinstance(item, frozenset) and len(item) == 1:
            run += bytes(item)
            continue
        # `**/` may stand for nothing, but what is before and behind it stays.
        if run:
            yield bytes(run)
        run.clear()
    if run:
        yield bytes(run)
