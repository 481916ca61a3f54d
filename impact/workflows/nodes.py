"""The parts of an expression, each with the place of its text.

``start`` and ``end`` are offsets in characters, from 0, into the text that was parsed:
``text[node.start:node.end]`` is what an author wrote, a group with its parentheses.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Node:
    """What every part has: its place."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """`null`, `true`, `false`, a number or a 'text', as its value."""

    value: bool | float | str | None


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A context: `github`, `needs` ..., as it is written; case means nothing."""

    name: str


@dataclass(frozen=True, slots=True)
class Property(Node):
    """`target.name`."""

    target: Expression
    name: str


@dataclass(frozen=True, slots=True)
class Index(Node):
    """`target[index]`."""

    target: Expression
    index: Expression


@dataclass(frozen=True, slots=True)
class Star(Node):
    """`target.*` or `target[*]`: all that is in an array or object."""

    target: Expression


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`function(arguments)`, its name as it is written; case means nothing."""

    function: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Not(Node):
    """`!operand`."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class Logical(Node):
    """`a && b && ...` or `a || b || ...`, all operands that one operator joins."""

    operator: str
    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """`a == b`, mostly; of `a < b >= c`, which is `(a < b) >= c`, two operators and all three.

    `==` and `!=` bind less than `<`, `<=`, `>` and `>=`, which never share a node with them.
    """

    operators: tuple[str, ...]
    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Group(Node):
    """`(inner)`."""

    inner: Expression


Expression: TypeAlias = (
    Literal | Name | Property | Index | Star | Call | Not | Logical | Comparison | Group
)


def parts(expression: Expression) -> tuple[Expression, ...]:
    """The expressions that one is made of, in the order of the text."""
    match expression:
        case Property(target=target) | Star(target=target):
            return (target,)
        case Index(target=target, index=index):
            return (target, index)
        case Call(arguments=operands) | Logical(operands=operands):
            return operands
        case Comparison(operands=operands):
            return operands
        case Not(operand=inner) | Group(inner=inner):
            return (inner,)
        case _:
            return ()


def walk(expression: Expression) -> Iterator[Expression]:
    """The expression and all within it, in the order of the text."""
    waiting = [expression]
    while waiting:
        found = waiting.pop()
        yield found
        waiting.extend(reversed(parts(found)))
