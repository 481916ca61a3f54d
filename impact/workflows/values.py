"""The values of expressions: which are true, which are equal, what they are as text.

Null, booleans, numbers, strings, arrays and objects are None, bool, float or int, str,
sequences and mappings here.  What nobody can know before a run is UNKNOWN, and what is
computed from it is UNKNOWN too unless it is the same whatever that may be.
https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#operators
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn, TypeAlias

from impact.workflows.numbers import parse_number, rounded_number_text


@dataclass(frozen=True, slots=True, eq=False)
class Unknown:
    """A value that nobody knows; of some it is known at least whether they are true.

    ``known_truth`` is what `truth` answers.  ``minimum``: it is a number, and no smaller one.
    Python's own `if` and `not` refuse it.
    """

    known_truth: bool | None = None
    minimum: int | None = None

    def __bool__(self) -> NoReturn:
        raise TypeError("an unknown value is neither true nor false: ask truth()")


UNKNOWN = Unknown()
UNKNOWN_BUT_TRUE = Unknown(True)
UNKNOWN_BUT_FALSE = Unknown(False)
ONE_OR_MORE = Unknown(True, 1)

Value: TypeAlias = "bool | float | str | Sequence[Value] | Mapping[str, Value] | Unknown | None"


class Partial(dict[str, Value]):
    """An object of which only these properties are known: any other is UNKNOWN, not null."""


class EvaluationError(ValueError):
    """GitHub ends a run with an error here."""


def truth(value: Value) -> bool | None:
    """Whether a value counts as true in a condition; None where that is unknown.

    False are null, false, 0, NaN and the empty string.
    """
    match value:
        case Unknown(known_truth=known):
            return known
        case None | bool():
            return bool(value)
        case int() | float():
            return abs(as_number(value)) > 0
        case str():
            return value != ""
        case _:
            return True


def as_text(value: Value) -> str | None:
    """A value as a string, as an output or a variable has it; None where it is unknown."""
    match value:
        case Unknown():
            return None
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return rounded_number_text(_number(value))
        case str():
            return value
        case Mapping():
            return "Object"
        case _:
            return "Array"


def as_number(value: Value) -> float:
    """A known value as a number, NaN where it is none."""
    match value:
        case None:
            return 0.0
        case bool() | int() | float():
            return _number(value)
        case str():
            return parse_number(value)
        case _:
            return math.nan


def is_primitive(value: Value) -> bool:
    """Whether a known value is no array and no object."""
    return value is None or isinstance(value, bool | int | float | str)


def equal(left: Value, right: Value) -> bool:
    """`==` of known values: loose, letters of either case the same.

    Values of two kinds are compared as numbers; arrays and objects equal themselves alone.
    """
    if isinstance(left, str) and isinstance(right, str):
        return folded(left) == folded(right)
    if is_primitive(left) and is_primitive(right):
        return as_number(left) == as_number(right)
    return left is right


def less(left: Value, right: Value) -> bool:
    """`<` of known values: as `equal` compares them, arrays and objects never."""
    if isinstance(left, str) and isinstance(right, str):
        return _utf16(folded(left)) < _utf16(folded(right))
    if is_primitive(left) and is_primitive(right):
        return as_number(left) < as_number(right)
    return False


def folded(text: str) -> str:
    """A string for comparing without case; a dotless i stays one."""
    return "\u0131".join(part.upper() for part in text.split("\u0131"))


def items(mapping: Mapping[str, Value]) -> list[tuple[str, Value]]:
    """The properties of an object; of names that differ in case alone, the first counts."""
    found: dict[str, tuple[str, Value]] = {}
    for name, value in mapping.items():
        found.setdefault(name.lower(), (name, value))
    return list(found.values())


def _number(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _utf16(text: str) -> bytes:
    """What orders strings as JavaScript does."""
    return text.encode("utf-16-be", "surrogatepass")
