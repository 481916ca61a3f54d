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
    """`name=value`, or `name=(value ...)`, which `name` is a list of."""

    name: str
    value: Word
    appends: bool = False
    items: tuple[Word, ...] | None = None


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
class Not:
    """`! body`."""

    body: Node


@dataclass(frozen=True, slots=True)
class Test:
    """`[ ... ]` and `[[ ... ]]`, or a part of one.

    ``operator`` is that of the shell, `like` where a word is held against a pattern, `text`
    for a word alone, and empty for what is not looked into.  ``splits``: words are split into
    several, as in `[ ... ]`.
    """

    line: int
    operator: str
    operands: tuple[Word | Test, ...]
    splits: bool = False


@dataclass(frozen=True, slots=True)
class If:
    """The question is asked in any case, then one of the others runs."""

    asked: Node
    then: Node
    rest: Node


@dataclass(frozen=True, slots=True)
class CaseItem:
    """The patterns of a branch of `case`, and whether others may follow what it runs."""

    patterns: tuple[Word, ...]
    body: Node
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """The first branch of which a pattern matches."""

    line: int
    subject: Word
    items: tuple[CaseItem, ...]


@dataclass(frozen=True, slots=True)
class While:
    """The body as long as the question is answered so."""

    asked: Node
    body: Node
    until: bool = False


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
    | Not
    | Test
    | If
    | Case
    | While
    | Loop
    | Apart
    | Function
    | Redirected
    | Unreadable
)
EMPTY = Sequence(())
