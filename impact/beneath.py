"""What may match beneath a directory of which the contents are not known.

A submodule changes as one path, and ``impact explain docs/`` asks about a directory:
the answer is the union over every path that could lie there.  `outcomes` walks the
automata of the patterns side by side and returns each combination of matches that some
path can have, with such a path as evidence.
The empty path is the repository's root.
"""

from __future__ import annotations

from collections.abc import Sequence

from impact.pattern import MATCHED, SLASH, GitPattern

_WORK_LIMIT = 300_000
"""How many automaton steps to spend: about a third of a second."""

Outcome = tuple[bool, ...]


def outcomes(patterns: Sequence[GitPattern], directory: bytes) -> dict[Outcome, bytes] | None:
    """Each combination of matches beneath the directory, with a shortest path that has it.

    A combination holds one truth value for each pattern.  None where the combinations
    are too many to walk.
    """
    automata = [pattern.automaton for pattern in patterns]
    found: dict[Outcome, bytes] = {}
    prefix = directory + b"/" if directory else b""
    entry = [a.run(a.start, prefix) for a in automata]
    # Only automata that are neither dead nor final can still tell paths apart.
    open_ones = [i for i, state in enumerate(entry) if state not in (0, MATCHED)]
    fixed = [state == MATCHED for state in entry]
    alphabet = _alphabet([patterns[i] for i in open_ones])

    start = (tuple(entry[i] for i in open_ones), 0)
    seen = {start}
    queue: list[tuple[tuple[tuple[int, ...], int], bytes]] = [(start, b"")]
    work = 0
    for (states, name), path in queue:
        work += len(alphabet) * (len(open_ones) + 1)
        if work > _WORK_LIMIT:
            return None
        for byte in alphabet:
            following_name = _name_after(name, byte)
            if following_name is None:
                continue
            following = tuple(
                s if s == MATCHED or not s else automata[i].step(s, byte)
                for i, s in zip(open_ones, states, strict=True)
            )
            node = (following, following_name)
            if node in seen:
                continue
            seen.add(node)
            longer = path + bytes((byte,))
            queue.append((node, longer))
            if following_name == _PROPER:
                row = list(fixed)
                for i, state in zip(open_ones, following, strict=True):
                    row[i] = automata[i].ends(state, False)
                found.setdefault(tuple(row), prefix + longer)
    return found


_PROPER = 3
_DOT = ord(".")


def _name_after(name: int, byte: int) -> int | None:
    """How far the last name of a path has come: empty, ``.``, ``..`` or `_PROPER`.

    None for a slash behind what is no name: git has no such path.
    """
    if byte == SLASH:
        return 0 if name == _PROPER else None
    return name + 1 if byte == _DOT and name < _PROPER else _PROPER


def may_match(pattern: GitPattern, directory: bytes) -> bool:
    """Whether the pattern matches the directory or anything that could lie beneath it."""
    automaton = pattern.automaton
    prefix = directory + b"/" if directory else b""
    return pattern.matches(directory, True) or bool(automaton.run(automaton.start, prefix))


def _alphabet(patterns: Sequence[GitPattern]) -> list[int]:
    """One byte for each set of bytes that all of the patterns treat alike."""
    told_apart = frozenset[int]().union(*(p.automaton.bytes_told_apart for p in patterns))
    others = (b for b in (*b"xyz", *range(0x61, 0x7B), *range(1, 256)) if b not in told_apart)
    groups: dict[tuple[int, ...], int] = {}
    # Letters first, and the dot last: it alone is no name.
    for byte in sorted(told_apart - {0}, key=lambda b: (b == _DOT, not chr(b).isalnum(), b)):
        if byte != SLASH:
            groups.setdefault(tuple(p.automaton.consumers(byte) for p in patterns), byte)
    other = next(others, None)
    return [*([other] if other is not None else []), *groups.values(), SLASH]
