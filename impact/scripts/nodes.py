"""A shell script as plain data: what runs in which order, and what words are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Text:
    """Literal text.  What is quoted is neither split, nor a pattern."""

    text: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class Variable:
    """`$name`, or `${name operator operand}`; the operand is empty where there is none."""

    name: str
    quoted: bool
    operator: str = ""
    operand: str = ""


@dataclass(frozen=True, slots=True)
class Substitution:
    """`$(script)`, or a process whose output or input stands for a file."""

    body: Node
    quoted: bool
    process: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """What only a run can tell, with the substitutions in it."""

    bodies: tuple[Node, ...] = ()


Part: TypeAlias = Text | Variable | Substitution | Unknown


@dataclass(frozen=True, slots=True)
class Word:
    """A word: its parts, and how it is written."""

    parts: tuple[Part, ...]
    written: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """`name=value`; None for a value that is no word."""

    name: str
    value: Word | None
    appends: bool = False


@dataclass(frozen=True, slots=True)
class Redirect:
    """`<`, `>` and their like, with the file; or `<<`, with the document."""

    operator: str
    target: Word


@dataclass(frozen=True, slots=True)
class Command:
    """A simple command.  Lines count from 0."""

    line: int
    words: tuple[Word, ...]
    assignments: tuple[Assignment, ...] = ()
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class Sequence:
    """One after the other."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Both:
    """`one && another`, of two or more."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """`left || right`."""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Branches:
    """One of them; or none, unless they are ``exhaustive``."""

    items: tuple[Node, ...]
    exhaustive: bool


@dataclass(frozen=True, slots=True)
class Loop:
    """The body, again and again; once for each value where it has a variable."""

    body: Node
    variable: str = ""
    values: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Apart:
    """What changes neither directory nor variables of what follows."""

    body: Node


@dataclass(frozen=True, slots=True)
class Function:
    """The definition of a function."""

    name: str
    body: Node


@dataclass(frozen=True, slots=True)
class Redirected:
    """Redirects of more than a simple command."""

    line: int
    body: Node
    redirects: tuple[Redirect, ...]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What the parser cannot make sense of."""

    line: int
    written: str


Node: TypeAlias = (
    Command
    | Sequence
    | Both
    | Either
    | Branches
    | Loop
    | Apart
    | Function
    | Redirected
    | Unreadable
)
EMPTY = Sequence(())
