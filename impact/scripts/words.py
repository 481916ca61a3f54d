"""Words of a shell script, read from the tree of a parser."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from impact.scripts.nodes import Node, Part, Substitution, Text, Unknown, Variable, Word

DEEPEST = 60
_LITERAL = {"string_content", "heredoc_content"}
_NAMES = {"variable_name", "special_variable_name", "subscript"}


class Tree(Protocol):
    """What is needed of a node of tree-sitter."""

    @property
    def type(self) -> str:
        """The name in the grammar, or the sign itself."""

    @property
    def is_named(self) -> bool:
        """Whether it is more than a sign."""

    @property
    def is_missing(self) -> bool:
        """Whether the parser made it up."""

    @property
    def children(self) -> Sequence[Tree]:
        """What it consists of."""

    @property
    def named_children(self) -> Sequence[Tree]:
        """What it consists of, without signs."""

    @property
    def start_point(self) -> tuple[int, int]:
        """The line and the column where it begins."""

    @property
    def start_byte(self) -> int:
        """Where it begins in the text."""

    @property
    def end_byte(self) -> int:
        """Where it ends in the text."""

    def child_by_field_name(self, name: str, /) -> Tree | None:
        """The part that plays a role."""

    def children_by_field_name(self, name: str, /) -> Sequence[Tree]:
        """The parts that play a role."""


class Words:
    """Reads words of one text; ``depth`` is how deep a tree is.

    ``block`` reads what is substituted.
    """

    def __init__(self, data: bytes, block: Callable[[Tree, int], Node]) -> None:
        self.data = data
        self.block = block

    def text(self, tree: Tree) -> str:
        """What is written there."""
        return self.between(tree.start_byte, tree.end_byte)

    def between(self, start: int, end: int) -> str:
        """What is written between two places."""
        return self.data[start:end].decode("utf-8", "replace")

    def bodies(self, tree: Tree, depth: int) -> Iterator[Node]:
        """The substitutions within."""
        if depth > DEEPEST:
            return
        for child in tree.named_children:
            if child.type in ("command_substitution", "process_substitution"):
                yield self.block(child, depth + 1)
            else:
                yield from self.bodies(child, depth + 1)

    def word(self, tree: Tree, depth: int) -> Word:
        """A word."""
        return Word(tuple(self.parts(tree, False, depth)), self.text(tree))

    def parts(self, tree: Tree, quoted: bool, depth: int) -> Iterator[Part]:
        """The parts of a word, or of one of its parts."""
        if depth > DEEPEST:
            yield Unknown()
            return
        depth += 1
        match tree.type:
            case "word" | "number" | "variable_name" | "file_descriptor" | "extglob_pattern":
                if tree.named_children:
                    yield Unknown(tuple(self.bodies(tree, depth)))
                else:
                    yield from _unescaped(self.text(tree))
            case "concatenation" | "command_name":
                for child in tree.children:
                    if child.type == "`":
                        yield Unknown()
                    else:
                        yield from self.parts(child, quoted, depth)
            case "raw_string":
                yield Text(self.text(tree)[1:-1], True)
            case "ansi_c_string":
                text = self.text(tree)[2:-1]
                yield Unknown() if "\\" in text else Text(text, True)
            case "string" | "translated_string":
                yield Text("", True)
                yield from self.parts_between(tree, True, depth, 1)
            case "simple_expansion":
                name = self.text(tree)[1:]
                yield Variable(name, quoted)
            case "expansion":
                yield self.expansion(tree, quoted, depth)
            case "command_substitution":
                yield Substitution(self.block(tree, depth), quoted)
            case "process_substitution":
                yield Substitution(self.block(tree, depth), quoted, process=True)
            case "=" | "==" | "=~" | "!" | ":" | "{" | "}" | "[" | "]":
                yield Text(self.text(tree), False)
            case _:
                yield Unknown(tuple(self.bodies(tree, depth)))

    def parts_between(
        self, tree: Tree, quoted: bool, depth: int, margin: int = 0
    ) -> Iterator[Part]:
        """The parts of a text in double quotes: what is between expansions is literal."""
        at, end = tree.start_byte + margin, tree.end_byte - margin
        for child in tree.named_children:
            if child.type in _LITERAL or child.start_byte < at:
                continue
            if child.start_byte > at:
                yield Text(_in_quotes(self.between(at, child.start_byte)), True)
            yield from self.parts(child, quoted, depth)
            at = child.end_byte
        if at < end:
            yield Text(_in_quotes(self.between(at, end)), True)

    def expansion(self, tree: Tree, quoted: bool, depth: int) -> Part:
        """`${...}`: with an operator, and an operand that is literal, or unknown."""
        inner = self.text(tree)[2:-1]
        names = [c for c in tree.named_children if c.type in _NAMES]
        bodies = tuple(self.bodies(tree, depth))
        if not names or bodies or inner[:1] in "#!":
            return Unknown(bodies)
        name = self.text(names[0])
        operand = inner[len(name) :]
        if not inner.startswith(name):
            return Unknown()
        for operator in (":-", ":=", ":?", ":+", "##", "%%", "#", "%", "-", "=", "?", "+"):
            if operand.startswith(operator):
                return Variable(name, quoted, operator, operand[len(operator) :])
        return Variable(name, quoted) if not operand else Unknown()


def _unescaped(text: str) -> Iterator[Part]:
    """An unquoted word: a backslash quotes what follows it, and a line break is nothing."""
    if "\\" not in text:
        yield Text(text, False)
        return
    pieces = text.split("\\")
    yield Text(pieces[0], False)
    skip = False
    for piece in pieces[1:]:
        if skip:
            yield Text(piece, False)
            skip = False
        elif not piece:
            yield Text("\\", True)
            skip = True
        else:
            if piece[0] != "\n":
                yield Text(piece[0], True)
            yield Text(piece[1:], False)


def _in_quotes(text: str) -> str:
    """The text that stands in double quotes."""
    if "\\" not in text:
        return text
    found: list[str] = []
    at = 0
    while at < len(text):
        if text[at] == "\\" and text[at + 1 : at + 2] in ("$", "`", '"', "\\", "\n"):
            found.append(text[at + 1].replace("\n", ""))
            at += 2
        else:
            found.append(text[at])
            at += 1
    return "".join(found)
