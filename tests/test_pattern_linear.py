"""Matching takes time linear in the path, whatever the pattern: counted, not timed.

What is counted is every line of Python that a match executes.  A line handles the states
of a pattern as the bits of one integer, at most one bit for each byte of the pattern.
"""

from __future__ import annotations

import sys
from itertools import pairwise
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impact.pattern import GitPattern, compile_pattern
from tests.strategies import Choices, path_like, patterns

HARD = {
    "*a*a*a*a*a*a*a*a*b": ("", "a", "bx"),
    "*?*?*?*?*?*?*?*?b": ("b", "a", "x"),
    "*[ab]*[!b]*[[:alpha:]]*[a-c]*[^x]*z": ("z", "ab", ""),
    "**/a/**/a/**/a/**/a/**/b": ("", "a/", "bx"),
    "a/**/*a*/**/*a*/**/*a*b/": ("a/b/", "aa/", "x"),
    "*/*/*/*/*/*/*/*/**/b": ("", "a/", "bx"),
    "/**/*a*/**/*a*/**/*a*/**/*a*/b": ("b/", "xa/", "bx"),
}
"""Patterns on which backtracking takes forever; paths: a start, what is repeated, an end."""


def lines_executed(pattern: GitPattern, path: bytes) -> int:
    """How many lines a match takes."""
    count = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        if not frame.f_globals["__name__"].startswith("impact."):
            return None  # such as what the garbage collector calls
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        pattern.matches(path)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("text", HARD)
def test_each_further_byte_costs_the_same_few_lines(text: str) -> None:
    pattern = compile_pattern(text)
    start, body, end = HARD[text]
    paths = [(start + body * n + end).encode() for n in (125, 250, 500, 1000, 2000)]
    lines = [lines_executed(pattern, path) for path in paths]
    lengths = [len(path) for path in paths]
    assert lines[-1] > lengths[-1], "the automaton was not reached"
    assert all(count <= 10 * length + 30 for count, length in zip(lines, lengths, strict=True))
    growth = [more - less for less, more in pairwise(lines)]
    assert growth == [growth[0] * 2**n for n in range(len(growth))]


@given(patterns(), st.integers(0, 2**32), st.integers(1, 8))
def test_no_pattern_and_no_path_cost_more_lines_a_byte(
    text: str, seed: int, repeated: int
) -> None:
    path = b"/".join([path_like(Choices.seeded(seed), text)] * repeated)
    assert lines_executed(compile_pattern(text), path) <= 10 * len(path) + 30


@given(patterns(), st.integers(0, 2**32))
def test_a_pattern_has_no_more_states_than_bytes(text: str, seed: int) -> None:
    automaton = compile_pattern(text).automaton
    longest = max(1, len(text.encode())) + 1
    assert automaton.accept.bit_length() <= longest + 1
    state = automaton.start
    for byte in path_like(Choices.seeded(seed), text):
        state = automaton.step(state, byte)
        if state < 0:
            break
        assert state.bit_length() <= automaton.accept.bit_length()


@pytest.mark.parametrize("stars", [10, 100, 1000])
def test_a_very_long_pattern_is_read_and_matched(stars: int) -> None:
    pattern = compile_pattern("*a" * stars + "*b")
    assert pattern.matches(b"a" * stars + b"b")
    assert not pattern.matches(b"a" * (stars - 1) + b"b")
    assert not pattern.matches(b"a" * stars)
    nested = compile_pattern("**/a/" * stars + "b")
    assert nested.matches(b"x/a/" * stars + b"b")
    assert not nested.matches(b"x/a/" * (stars - 1) + b"b")
