"""What may match beneath a directory of which the contents are not known.

A submodule changes as one path, and ``impact explain docs/`` asks about a directory:
the answer is the union over every path that could lie there.  `Beneath.find` walks the
automata of a few patterns side by side to a path on which they match as is wanted, which
is the evidence for the answer, or to the certainty that there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from impact.automaton import MATCHED, SLASH
from impact.pattern import GitPattern

WORK_LIMIT = 300_000
"""How many automaton steps a directory is worth: about a third of a second."""

Row = tuple[bool, ...]
Outlook = tuple[bool | None, ...]

_PROPER = 3
_DOT = ord(".")


class TooMuchToWalkError(Exception):
    """The patterns combine in more ways than it is sensible to walk."""


class Beneath:
    """The paths that may lie beneath a directory; the empty path is the root.

    All the searches together spend `WORK_LIMIT` steps at most.
    """

    def __init__(self, directory: bytes) -> None:
        self.directory = directory
        self._prefix = directory + b"/" if directory else b""
        self._left = WORK_LIMIT

    def outlook(self, pattern: GitPattern) -> bool | None:
        """Whether the pattern matches everything beneath, or nothing; None: it depends."""
        return _outlook(pattern.automaton.run(pattern.automaton.start, self._prefix))

    def find(
        self,
        patterns: Sequence[GitPattern],
        wanted: Callable[[Row], bool],
        hopeless: Callable[[Outlook], bool],
    ) -> bytes | None:
        """A shortest path beneath on which the patterns match as is wanted, or None.

        ``wanted`` gets, for each pattern, whether it matches the path; ``hopeless`` whether
        it matches everything or nothing further on (None: it depends), and may say that
        nothing further on can be wanted.  Raises `TooMuchToWalkError`.
        """
        automata = [pattern.automaton for pattern in patterns]
        alphabet = _alphabet(patterns)
        start = (tuple(a.run(a.start, self._prefix) for a in automata), 0)
        seen = {start}
        queue: list[tuple[tuple[tuple[int, ...], int], bytes]] = [(start, b"")]
        for (states, name), path in queue:
            self._left -= len(alphabet) * (len(automata) + 1)
            if self._left < 0:
                raise TooMuchToWalkError
            for byte in alphabet:
                following_name = _name_after(name, byte)
                if following_name is None:
                    continue
                following = tuple(
                    s if s == MATCHED or not s else a.step(s, byte)
                    for a, s in zip(automata, states, strict=True)
                )
                node = (following, following_name)
                if node in seen:
                    continue
                seen.add(node)
                longer = path + bytes((byte,))
                if following_name == _PROPER and wanted(
                    tuple(a.ends(s, False) for a, s in zip(automata, following, strict=True))
                ):
                    return self._prefix + longer
                if not hopeless(tuple(map(_outlook, following))):
                    queue.append((node, longer))
        return None


def may_match(pattern: GitPattern, directory: bytes) -> bool:
    """Whether the pattern matches the directory or anything that could lie beneath it."""
    return pattern.matches(directory, True) or Beneath(directory).outlook(pattern) is not False


def _outlook(state: int) -> bool | None:
    return True if state == MATCHED else None if state else False


def _name_after(name: int, byte: int) -> int | None:
    """How far the last name of a path has come: empty, ``.``, ``..`` or `_PROPER`.

    None for a slash behind what is no name: git has no such path.
    """
    if byte == SLASH:
        return 0 if name == _PROPER else None
    return name + 1 if byte == _DOT and name < _PROPER else _PROPER


def _alphabet(patterns: Sequence[GitPattern]) -> list[int]:
    """One byte for each set of bytes that all of the patterns treat alike."""
    told_apart = frozenset[int]().union(*(p.automaton.bytes_told_apart for p in patterns))
    others = (b for b in (*b"xyz", *range(0x61, 0x7B), *range(1, 256)) if b not in told_apart)
    groups: dict[tuple[int, ...], int] = {}
    # Letters first, and the dot last: it alone is no name.
    for byte in sorted(told_apart - {0}, key=lambda b: (b == _DOT, not chr(b).isalnum(), b)):
        if byte != SLASH:
            groups.setdefault(tuple(p.automaton.consumers(byte) for p in patterns), byte)
    other = next((b for b in others if b != SLASH), None)
    return [*([other] if other is not None else []), *groups.values(), SLASH]
