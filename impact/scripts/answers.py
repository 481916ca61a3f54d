"""What a question of a script is answered by, where that is known before a run."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping

from impact.scripts.expand import expand, part_value, value
from impact.scripts.files import ROOT, Files
from impact.scripts.globs import Sign, fits, is_plain, signs_of
from impact.scripts.nodes import Test, Unknown, Word
from impact.scripts.shell import UNKNOWN
from impact.scripts.state import State

_NUMBER = re.compile(r"-?[0-9]{1,9}")
_NUMBERS: Mapping[str, Callable[[int, int], bool]] = {
    "-eq": operator.eq,
    "-ne": operator.ne,
    "-lt": operator.lt,
    "-le": operator.le,
    "-gt": operator.gt,
    "-ge": operator.ge,
}


def answer(test: Test, state: State, files: Files) -> bool | None:
    """Whether it holds; None where only a run can tell."""
    match test.operator, test.operands:
        case "!", (Test() as inner,):
            known = answer(inner, state, files)
            return None if known is None else not known
        case "&&" | "||" as joined, (Test() as left, Test() as right):
            either = [answer(left, state, files), answer(right, state, files)]
            decides = joined == "||"
            if decides in either:
                return decides
            return None if None in either else not decides
        case "text" | "-n" | "-z", (Word() as word,):
            return _is_text(test, word, state, files)
        case "=", (Word() as left, Word() as right):
            words = [_one(word, state, files) for word in (left, right)]
            return None if None in words else words[0] == words[1]
        case "like", (Word() as left, Word() as right):
            return matches(value(left, state, files), right, state, files)
        case compared, (Word() as left, Word() as right) if compared in _NUMBERS:
            found = [value(word, state, files).strip() for word in (left, right)]
            if not all(map(_NUMBER.fullmatch, found)):
                return None
            return _NUMBERS[compared](int(found[0]), int(found[1]))
        case _:
            return None


def matches(text: str, word: Word, state: State, files: Files) -> bool | None:
    """Whether a text matches a pattern, of `case` or `[[`; None where that is not known."""
    if word.written == "*":
        return True
    if not is_comparable(text):
        return None
    signs: list[Sign] = []
    for part in word.parts:
        found = part_value(part, state, files)
        if not is_comparable(found):
            return None
        if isinstance(part, Unknown) or part.quoted:
            signs += found
        elif is_plain(found):
            signs += signs_of(found)
        else:
            return None
    return fits(signs, text)


def is_comparable(text: str) -> bool:
    """Whether a text is known, and has nothing in it that only stands for a directory."""
    return UNKNOWN not in text and ROOT not in text and not text.startswith("/~")


def _is_text(test: Test, word: Word, state: State, files: Files) -> bool | None:
    """Whether there is any text, or for `-z` none."""
    text = value(word, state, files)
    if test.splits:
        words = expand(word, state, files)
        if len(words) > 1 or (not words and test.operator != "text"):
            return None
    if UNKNOWN in text and not text.strip(UNKNOWN + " "):
        return None
    return (text != "") is (test.operator != "-z")


def _one(word: Word, state: State, files: Files) -> str | None:
    """The text of a word that is one, and known."""
    words = expand(word, state, files)
    return words[0] if len(words) == 1 and is_comparable(words[0]) else None
