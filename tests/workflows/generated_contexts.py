"""Contexts for an expression, made of what it reads and of what it compares that with.

And the same with some of it unknown, together with what that may turn out to be.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from impact.workflows.evaluate import UNKNOWN, Partial, Unknown, Value
from impact.workflows.nodes import (
    Call,
    Comparison,
    Expression,
    Group,
    Index,
    Literal,
    Logical,
    Name,
    Property,
    Star,
    parts,
)

FUNCTIONS = ("success", "always", "cancelled", "failure", "hashFiles")
ANYTHING: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        1,
        -1,
        1.5,
        20,
        "",
        "true",
        "false",
        "True",
        "0",
        "1",
        " 1 ",
        "1.0",
    ),
    *("null", "x", "main", "push", "\u00e9\u0130", "a,b", "{0}", "[]", "{}", '["true", 1]'),
    *('{"include": [{"os": "x"}]}', "[", [], {}, ["a"], [None, ["x"]], {"a": "b"}),
)
_MISSING = object()


@dataclass
class Shape:
    """What an expression does with a value.

    ``properties``: by their names in lower case, with one way to write each.  ``items``: what
    it does with all that is within, ``parsed`` with what `fromJSON` makes of it.
    ``compared``: literals that it meets.
    """

    properties: dict[str, tuple[str, Shape]] = field(default_factory=dict)
    items: Shape | None = None
    parsed: Shape | None = None
    compared: list[Any] = field(default_factory=list)

    def at(self, name: str) -> Shape:
        return self.properties.setdefault(name.lower(), (name, Shape()))[1]

    def within(self) -> Shape:
        self.items = self.items or Shape()
        return self.items

    def from_json(self) -> Shape:
        self.parsed = self.parsed or Shape()
        return self.parsed


@dataclass(frozen=True)
class Given:
    """Contexts, and results of functions."""

    contexts: dict[str, Value]
    results: dict[str, Value]


@dataclass(frozen=True)
class Unclear:
    """What is known, and all that the rest may be."""

    known: Given
    completions: list[Given]


def given(expression: Expression, choice: random.Random) -> Iterator[Given]:
    """Contexts for an expression, without end."""
    root = Shape()
    _values(expression, root)
    while True:
        yield _given(root, choice)


def unclear(source: Iterator[Given], choice: random.Random, count: int) -> Unclear:
    """Some of what is given left unknown, with so many completions."""
    first = next(source)
    contexts = _blurred(first.contexts, choice, 0)
    assert isinstance(contexts, dict)
    known = {name: one for name, one in first.results.items() if choice.random() < 0.5}
    others = [next(source) for _ in range(count - 1)]
    completions = [
        Given(
            {
                name: _complete(value, other.contexts.get(name, _MISSING), choice)
                for name, value in contexts.items()
            },
            {**other.results, **known},
        )
        for other in (first, *others)
    ]
    return Unclear(Given(contexts, known), completions)


def _given(root: Shape, choice: random.Random) -> Given:
    contexts = {name: _value(shape, choice) for name, shape in root.properties.values()}
    return Given(contexts, {name: choice.choice((True, False)) for name in FUNCTIONS})


def _values(expression: Expression, root: Shape) -> list[Shape]:
    """The shapes of what an expression can come to, after adding all that it reads."""
    match expression:
        case Name(name=name):
            return [root.at(name)]
        case Group(inner=inner):
            return _values(inner, root)
        case Property(target=target, name=name):
            return [shape.at(name) for shape in _values(target, root)]
        case Star(target=target):
            return [shape.within() for shape in _values(target, root)]
        case Index(target=target, index=Literal(value=str(name))):
            return [shape.at(name) for shape in _values(target, root)]
        case Index(target=target, index=index):
            _values(index, root)
            return [shape.within() for shape in _values(target, root)]
        case Call(function=function, arguments=(argument,)) if function.lower() == "fromjson":
            return [shape.from_json() for shape in _values(argument, root)]
        case Comparison(operands=operands) | Call(arguments=operands):
            _meet(operands, root)
            return []
        case Logical(operands=operands):
            return [shape for operand in operands for shape in _values(operand, root)]
        case _:
            for part in parts(expression):
                _values(part, root)
            return []


def _meet(operands: tuple[Expression, ...], root: Shape) -> None:
    shapes = [shape for operand in operands for shape in _values(operand, root)]
    literals = [one.value for operand in operands for one in _literals(operand)]
    for shape in shapes:
        shape.compared += literals


def _literals(expression: Expression) -> Iterator[Literal]:
    match expression:
        case Literal():
            yield expression
        case Group() | Logical():
            for part in parts(expression):
                yield from _literals(part)


def _value(shape: Shape, choice: random.Random) -> Any:
    deeper = [
        make
        for made, make in (
            (shape.properties, _object),
            (shape.items, _collection),
            (shape.parsed, _json),
        )
        if made
    ]
    if deeper and choice.random() < 0.85:
        return choice.choice(deeper)(shape, choice)
    if shape.compared and choice.random() < 0.7:
        return _near(choice.choice(shape.compared), choice)
    return choice.choice(ANYTHING)


def _near(value: Any, choice: random.Random) -> Any:
    """The value, or one that is easily taken for it."""
    if isinstance(value, float) and abs(value) < 1e15:
        return choice.choice((value, int(value), f"{value:g}", f" {value}", value + 1, -value))
    if isinstance(value, str):
        return choice.choice(
            (
                *(value, value, value, value.upper(), value.lower(), f"{value}x", f"x{value}"),
                *(value[1:], value[:-1], [value], [value.upper(), "x"], f" {value}"),
            )
        )
    words = {None: "null", True: "true", False: "false"}
    known = None if isinstance(value, float) else value
    return choice.choice((known, known, words[known], None, [known]))


def _object(shape: Shape, choice: random.Random) -> Any:
    made = {}
    for name, inner in shape.properties.values():
        if choice.random() < 0.9:
            made[name.upper() if choice.random() < 0.1 else name] = _value(inner, choice)
    if shape.items and choice.random() < 0.5:
        made["another"] = _value(shape.items, choice)
    return made


def _collection(shape: Shape, choice: random.Random) -> Any:
    inner = shape.within()
    values = [_value(inner, choice) for _ in range(choice.randrange(4))]
    if choice.random() < 0.5:
        return values
    return {f"key{number}": value for number, value in enumerate(values)}


def _json(shape: Shape, choice: random.Random) -> Any:
    return json.dumps(_value(shape.from_json(), choice), ensure_ascii=choice.random() < 0.5)


def _blurred(value: Value, choice: random.Random, depth: int) -> Value:
    if depth and choice.random() < 0.3:
        return UNKNOWN
    if isinstance(value, list):
        return [_blurred(one, choice, depth + 1) for one in value]
    if isinstance(value, dict):
        known = {name: _blurred(one, choice, depth + 1) for name, one in value.items()}
        if not depth or choice.random() < 0.6:
            return known
        return Partial({name: one for name, one in known.items() if choice.random() < 0.6})
    return value


def _complete(value: Value, other: Any, choice: random.Random) -> Any:
    """What the value may turn out to be, where ``other`` takes the place of what is unknown."""
    if isinstance(value, Unknown):
        return choice.choice(ANYTHING) if other is _MISSING else other
    if isinstance(value, dict):
        found: Mapping[str, Any] = other if isinstance(other, dict) else {}
        made = {
            name: _complete(one, found.get(name, _MISSING), choice)
            for name, one in value.items()
        }
        if isinstance(value, Partial):
            taken = {name.lower() for name in made}
            made |= {name: one for name, one in found.items() if name.lower() not in taken}
        return made
    if isinstance(value, list):
        rest = other if isinstance(other, list) else []
        return [
            _complete(one, rest[number] if number < len(rest) else _MISSING, choice)
            for number, one in enumerate(value)
        ]
    return value
