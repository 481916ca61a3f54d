"""The patterns of `case`, `[[ ... ]]` and `${name#pattern}`, held against a whole text.

https://www.gnu.org/software/bash/manual/html_node/Pattern-Matching.html
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

_MOST = 5_000
"""A pattern is held against a text in so many steps."""


class Wild(Enum):
    """A sign of a pattern that stands for other text."""

    ONE = "?"
    MANY = "*"


Sign = str | Wild
"""A letter, or what stands for any."""


def is_plain(text: str) -> bool:
    """Whether there is nothing in a pattern but letters, `*` and `?`."""
    return not {*text} & {"[", "(", "\\"}


def signs_of(text: str) -> list[Sign]:
    """The signs of a plain pattern."""
    return [Wild(letter) if letter in "?*" else letter for letter in text]


def fits(signs: Sequence[Sign], text: str) -> bool | None:
    """Whether a pattern matches all of a text; None where that takes a longer look."""
    if Wild.MANY in signs and len(signs) * len(text) > _MOST:
        return None
    at = number = 0
    star, after = -1, 0  # where the last `*` is, and up to where it was held to reach
    while at < len(text):
        sign = signs[number] if number < len(signs) else None
        if sign is Wild.MANY:
            star, after = number, at
            number += 1
        elif sign is Wild.ONE or sign == text[at]:
            number += 1
            at += 1
        elif star >= 0:
            after += 1
            number, at = star + 1, after
        else:
            return False
    return all(sign is Wild.MANY for sign in signs[number:])


def without(text: str, operator: str, pattern: str) -> str | None:
    """`${text#pattern}` and its like; None where that takes a longer look."""
    steps = len(text) * len(pattern)
    if not is_plain(pattern) or steps > _MOST or steps * len(text) > 10 * _MOST:
        return None
    signs = signs_of(pattern)
    lengths = range(len(text) + 1)
    for length in lengths if len(operator) == 1 else reversed(lengths):
        if operator[0] == "#" and fits(signs, text[:length]):
            return text[length:]
        if operator[0] == "%" and fits(signs, text[len(text) - length :]):
            return text[: len(text) - length]
    return text
