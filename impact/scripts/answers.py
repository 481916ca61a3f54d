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
            return _same(_one(left, state, files), _one(right, state, files))
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
    if is_comparable(text):
        return fits(signs, text)
    literal = [sign for sign in signs if isinstance(sign, str)]
    return _same(text, "".join(literal)) if len(literal) == len(signs) else None


def _same(left: str | None, right: str | None) -> bool | None:
    """Whether two texts are the same; None where what is not known may make them so."""
    if left is None or right is None:
        return None
    if is_comparable(left) and is_comparable(right):
        return left == right
    known, other = (left, right) if is_comparable(left) else (right, left)
    if not is_comparable(known):
        return None
    before, *_, after = _vague(other).split(UNKNOWN)
    is_possible = known.startswith(before) and known.endswith(after)
    return None if is_possible and len(known) >= len(before) + len(after) else False


def _vague(text: str) -> str:
    """A text with nothing in it that only stands for a directory."""
    home = f"/{UNKNOWN}{text[2:]}" if text.startswith("/~") else text
    return home.replace(ROOT, f"/{UNKNOWN}")


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
    """The text of a word that is one."""
    words = expand(word, state, files)
    # What is not known may be several where it is not quoted.
    is_one = len(words) == 1 and (UNKNOWN not in words[0] or _is_quoted(word))
    return words[0] if is_one else None


def _is_quoted(word: Word) -> bool:
    return all(not isinstance(part, Unknown) and part.quoted for part in word.parts)
