"""One pattern: what it means (exactly what git says) and whether a path matches it.

The rules are those of https://git-scm.com/docs/gitignore and of git's ``wildmatch.c``,
on bytes: a pattern matches a path when it matches the path itself or one of its parent
directories.

The only importer of pathspec: a `GitPattern` is one of its patterns, and a plain
``pathspec.PathSpec`` of them is the readable definition of an ordered list.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from pathspec.pattern import Pattern

from impact.automaton import MATCHED, SLASH, Automaton
from impact.syntax import ANY_DIRECTORIES, Item, parse_items


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
