"""The functions that expressions can call everywhere.

Each takes arguments of which none is UNKNOWN, although what is within them may be.  `case`
is not among them: it leaves arguments alone, so `evaluate` has it.
https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#functions
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

from impact.workflows.numbers import WHITESPACE, number_text
from impact.workflows.values import (
    UNKNOWN,
    EvaluationError,
    Partial,
    Unknown,
    Value,
    as_number,
    as_text,
    equal,
    folded,
    is_primitive,
    items,
)

_REPLACED = re.compile(r"\{\{|\}\}|\{([0-9]+)\}|[{}]")


def contains(search: Value, item: Value) -> Value:
    """Whether a string is part of another, or an item equals one of an array."""
    if is_primitive(search):
        return is_primitive(item) and _text(item).lower() in _text(search).lower()
    if not isinstance(search, Sequence):
        return False
    if any(not isinstance(one, Unknown) and equal(item, one) for one in search):
        return True
    return UNKNOWN if _any_unknown(search) else False


def starts_with(text: Value, start: Value) -> Value:
    """Whether a string begins with another; never where either is an array or object."""
    if not (is_primitive(text) and is_primitive(start)):
        return False
    return folded(_text(text)).startswith(folded(_text(start)))


def ends_with(text: Value, end: Value) -> Value:
    """Whether a string ends with another; never where either is an array or object."""
    if not (is_primitive(text) and is_primitive(end)):
        return False
    return folded(_text(text)).endswith(folded(_text(end)))


def format_text(pattern: Value, *replacements: Value) -> Value:
    """The pattern with `{0}` ... replaced; `{{` and `}}` stand for braces.

    Raises EvaluationError for other braces, and for a number without a replacement.
    """
    text = _text(pattern)

    def replaced(found: re.Match[str]) -> str:
        if found[1] is None:
            if len(found[0]) == 1:
                raise EvaluationError(f"format: a brace stands alone in {text}")
            return found[0][0]
        if len(found[1].lstrip("0")) > 3 or int(found[1]) >= len(replacements):
            raise EvaluationError(f"format: there is no value for {found[0]} of {text}")
        return _text(replacements[int(found[1])])

    return _REPLACED.sub(replaced, text)


def join(array: Value, separator: Value = ",") -> Value:
    """The items of an array as one string; a string, number ... as it is."""
    if is_primitive(array):
        return _text(array)
    if not isinstance(array, Sequence):
        return ""
    if _any_unknown(array):
        return UNKNOWN
    return (_text(separator) if is_primitive(separator) else ",").join(map(_text, array))


def from_json(text: Value) -> Value:
    """What a JSON text says.  Raises EvaluationError for any other, the empty one included."""
    json_text = _text(text)
    if not json_text.strip(WHITESPACE):
        raise EvaluationError("fromJSON: the text is empty")
    try:
        found: Value = json.loads(json_text, parse_int=float, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise EvaluationError(f"fromJSON: no JSON: {json_text[:80]}") from None
    return found


def to_json(value: Value) -> Value:
    """A value as JSON, over several lines; UNKNOWN where anything within it is."""
    try:
        return _json(value, "\n")
    except _UnknownWithinError:
        return UNKNOWN
    except RecursionError:
        raise EvaluationError("toJSON: nested too deeply") from None


BUILT_IN: Mapping[str, Callable[..., Value]] = {
    "contains": contains,
    "endswith": ends_with,
    "format": format_text,
    "fromjson": from_json,
    "join": join,
    "startswith": starts_with,
    "tojson": to_json,
}
"""The functions by name, in lower case."""


class _UnknownWithinError(Exception):
    """Something in an array or object is not known."""


def _json(value: Value, line: str) -> str:
    """A value as JSON; ``line`` ends a line, with the indentation of the next one."""
    match value:
        case Unknown() | Partial():
            raise _UnknownWithinError
        case None:
            return "null"
        case bool():
            return _text(value)
        case int() | float():
            number = number_text(as_number(value))
            return "null" if number.endswith(("NaN", "Infinity")) else number
        case str():
            return json.dumps(value, ensure_ascii=False)
        case Mapping():
            inner = line + "  "
            pairs = [f"{_json(name, inner)}: {_json(one, inner)}" for name, one in items(value)]
            return f"{{{inner}{f',{inner}'.join(pairs)}{line}}}" if pairs else "{}"
        case _:
            inner = line + "  "
            found = [_json(one, inner) for one in value]
            return f"[{inner}{f',{inner}'.join(found)}{line}]" if found else "[]"


def _any_unknown(array: Sequence[Value]) -> bool:
    return any(isinstance(item, Unknown) for item in array)


def _text(value: Value) -> str:
    """A known value as a string."""
    return as_text(value) or ""


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
