"""All patterns at once match what each of them matches, and refuse what each refuses."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impact.components import parse_components
from impact.matched import Matched
from impact.matcher import Matcher
from impact.pattern import compile_pattern
from impact.syntax import PatternError, Problem, parse_items
from tests.strategies import Choices, as_text, path_like, paths, pattern_attempts, patterns

ENDINGS = ["a.x.md", "d/b_x.md", ".md", "md", "d/md", "a.", "d.md/a", "a/b.c/d.md/e", "x.md/md"]
"""Paths in which a dot is not where it could be looked for."""


def check(some: Sequence[str], asked: Sequence[str]) -> None:
    """Ask a matcher, of each path twice, and each of the patterns."""
    found: list[Matched] = Matcher(some).match([*asked, *asked])
    for path, matched in zip([*asked, *asked], found, strict=True):
        raw = os.fsencode(path)
        assert {*matched} == {
            number for number, text in enumerate(some) if compile_pattern(text).matches(raw)
        }
    assert found[: len(asked)] == found[len(asked) :]  # the same objects


@given(st.lists(patterns(), min_size=1, max_size=8), st.data())
def test_a_matcher_equals_its_patterns_one_by_one(some: list[str], data: st.DataObject) -> None:
    check(some, [*data.draw(st.lists(paths(some), min_size=1, max_size=8)), *ENDINGS])


@given(st.lists(patterns(), min_size=20, max_size=40, unique=True), st.integers(0, 2**32))
def test_many_patterns_that_begin_and_end_alike_are_told_apart(
    some: list[str], seed: int
) -> None:
    choices = Choices.seeded(seed)
    names = [text.strip("/").split("/") for text in some]
    mixed = {"/".join(choices.pick(names)[:1] + choices.pick(names)[-1:]) for _ in range(20)}
    some += [text for text in mixed if not problems_of(text)]
    check(some, [as_text(path_like(choices, choices.pick(some))) for _ in range(20)])


def test_what_is_let_go_is_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("impact.matcher._MOST", 12)
    some = ["/a/", "**/a/**/b/*.c", "**/b/a/", "/*/a/b", "b*/**/c", "*.c"]
    names = ["a", "b", "b.c", "ab"]
    check(some, ["/".join(path) for size in (1, 3, 5) for path in product(names, repeat=size)])


def test_of_many_texts_those_that_a_name_has_are_found() -> None:
    some = [f"*{n:03}{'' if n % 3 else '?'}*" for n in range(60)]
    some += ["*00*", "*0*1*", "*a*", "a?*002", "*.*005x"]
    check(some, ["001", "a001x/b", "0010020", "a/x.x005x", "0", "00", "ab002", "000000", "059"])


def test_endings_of_every_kind() -> None:
    check(["*.x.md", "*_x.md", "*.md", "*md", ".md", "*.", "[*]md", "a*.md", "*?md"], ENDINGS)


def problems_of(text: str, read: Callable[[str], object] = parse_items) -> list[Problem]:
    try:
        read(text)
    except PatternError as error:
        return error.problems
    return []


def test_every_short_pattern_of_ordinary_characters_is_read_as_any_other() -> None:
    asked = [
        "/".join(names)
        for size in (1, 2, 3)
        for names in product(["a", "a.a", "b"], repeat=size)
    ]
    accepted = []
    for size in range(1, 6):
        for letters in product("a.*/", repeat=size):
            text = "".join(letters)
            if problems_of(text):
                assert problems_of(text, parse_components) == problems_of(text)
            else:
                accepted.append(text)
    check(accepted, asked)


@given(pattern_attempts() | st.text(max_size=12))
def test_what_is_refused_and_why_is_the_same(text: str) -> None:
    assert problems_of(text, parse_components) == problems_of(text)
