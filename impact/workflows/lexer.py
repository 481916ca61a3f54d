"""The words of an expression.

https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#literals
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from impact.workflows.numbers import WHITESPACE, parse_number

MAX_LENGTH = 21_000
"""GitHub takes no longer expression, in units of UTF-16."""

_CONSTANTS: dict[str, bool | float | None] = {
    "null": None,
    "true": True,
    "false": False,
    "NaN": math.nan,
    "Infinity": math.inf,
}
_BOUNDARY = re.escape("([)],!><=&|" + WHITESPACE)
_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r"'((?:[^']|'')*)'(?!')")
_OPERATOR = re.compile(r"&&|\|\||[=!<>]=|[<>!()\[\],*]")
_NUMBER = re.compile(rf"[-+.0-9][^{_BOUNDARY}]*")
_WORD = re.compile(rf".[^.{_BOUNDARY}]*", re.DOTALL)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


class ExpressionError(ValueError):
    """GitHub refuses the text; ``offset`` is where it stops reading, in characters."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Token:
    """A word: ``kind`` is `name`, `literal`, `end`, or the operator itself."""

    kind: str
    text: str
    start: int
    end: int
    value: bool | float | str | None = None


def tokenize(text: str, start: int = 0, end: int | None = None) -> list[Token]:
    """The words of the expression ``text[start:end]``, and one of kind `end`.

    Raises ExpressionError for what is no word, and for an expression that is too long.
    """
    if end is None:
        end = len(text)
    check_length(text[start:end])
    tokens: list[Token] = []
    at = _skip(text, start, end)
    while at < end:
        tokens.append(_token(text, at, end, tokens[-1].kind if tokens else ""))
        at = _skip(text, tokens[-1].end, end)
    return [*tokens, Token("end", "", end, end)]


def check_length(expression: str) -> None:
    """Raise ExpressionError for an expression that is longer than GitHub takes."""
    if len(expression) + sum(letter > "\uffff" for letter in expression) > MAX_LENGTH:
        raise ExpressionError(f"longer than {MAX_LENGTH} characters", MAX_LENGTH)


def _skip(text: str, at: int, end: int) -> int:
    space = _SPACE.match(text, at, end)
    return space.end() if space else at


def _token(text: str, at: int, end: int, previous: str) -> Token:
    """The word that starts here; ``previous`` is the kind of the one before it."""
    if text[at] == "'":
        string = _STRING.match(text, at, end)
        if not string:
            raise _unexpected(text[at:end], at)
        value = string[1].replace("''", "'")
        return Token("literal", string[0], at, string.end(), value)
    if text[at] == "." and previous in ("name", "]", ")", "*"):
        return Token(".", ".", at, at + 1)
    if operator := _OPERATOR.match(text, at, end):
        return Token(operator[0], operator[0], at, operator.end())
    if number := _NUMBER.match(text, at, end):
        parsed = parse_number(number[0])
        if math.isnan(parsed):
            raise _unexpected(number[0], at)
        return Token("literal", number[0], at, number.end(), parsed)
    word = _WORD.match(text, at, end)
    if not word or not _NAME.fullmatch(word[0]):
        raise _unexpected(word[0] if word else text[at:end], at)
    if word[0] in _CONSTANTS and previous != ".":
        return Token("literal", word[0], at, word.end(), _CONSTANTS[word[0]])
    return Token("name", word[0], at, word.end())


def _unexpected(symbol: str, offset: int) -> ExpressionError:
    return ExpressionError(f"unexpected '{symbol}'", offset)
