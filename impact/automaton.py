"""The states of one pattern as the bits of an integer: matching in linear time.

Whatever the pattern, a byte of the path costs the same few operations: nothing is tried twice.
The rules are those of https://git-scm.com/docs/gitignore and of git's ``wildmatch.c``.
"""

from __future__ import annotations

from impact.syntax import ANY, ANY_DIRECTORIES, ANYTHING, STAR, Item

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
