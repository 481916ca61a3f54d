"""The text of a shell script as the plain data of `nodes`.

The only module that needs tree-sitter, which the extra `scripts` installs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

try:
    import tree_sitter
    import tree_sitter_bash
except ImportError:  # pragma: no cover - the extra is not installed
    tree_sitter = None  # type: ignore[assignment]

from impact.scripts.nodes import (
    EMPTY,
    Apart,
    Assignment,
    Both,
    Branches,
    Command,
    Either,
    Function,
    Loop,
    Node,
    Part,
    Redirect,
    Redirected,
    Sequence,
    Substitution,
    Text,
    Unknown,
    Unreadable,
    Variable,
    Word,
)

if TYPE_CHECKING:
    from tree_sitter import Node as Tree

UNKNOWN = "\ue000"
"""Stands in a script for text that is not known; it is a letter to the grammar."""
_LONGEST = 100_000
_OFTEN = 2_000
"""The parser takes time and memory by the square of these in one statement."""
_DEEPEST = 60
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b"}


def is_available() -> bool:
    """Whether scripts can be read: whether the extra `scripts` is installed."""
    return tree_sitter is not None


def parse(script: str) -> Node:
    """What a script runs; Unreadable where it is too large, or is no shell script."""
    data = script.encode("utf-8", "surrogatepass")
    if len(data) > _LONGEST or any(script.count(char) > _OFTEN for char in "|(<"):
        return Unreadable(0, "a script of this size")
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))
    return _Reader(data).block(parser.parse(data).root_node, 0)


class _Reader:
    """Makes nodes of the trees of one text; ``depth`` is how deep a tree is."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def text(self, tree: Tree) -> str:
        return self.between(tree.start_byte, tree.end_byte)

    def between(self, start: int, end: int) -> str:
        return self.data[start:end].decode("utf-8", "replace")

    def block(self, tree: Tree, depth: int) -> Node:
        return _sequence(self.statements(tree.children, depth))

    def statements(self, trees: list[Tree], depth: int) -> Iterator[Node]:
        """The statements among trees; one before `&` does not change what follows."""
        held: Node | None = None
        for tree in trees:
            if tree.type == "&" and held is not None:
                held = Apart(held)
            elif tree.is_named and tree.type != "comment":
                if held is not None:
                    yield held
                held = self.statement(tree, depth + 1)
            elif tree.is_missing and held is not None:
                yield held
                held = Unreadable(_line(tree), self.text(tree))
        if held is not None:
            yield held

    def statement(self, tree: Tree, depth: int) -> Node:
        if depth > _DEEPEST or tree.type == "ERROR" or tree.is_missing:
            return Unreadable(_line(tree), _first_line(self.text(tree)))
        read = _STATEMENTS.get(tree.type)
        return read(self, tree, depth) if read else self.inner(tree, depth)

    def inner(self, tree: Tree, depth: int) -> Node:
        """What runs within something that is no command itself: a test, arithmetic."""
        word = Word((Unknown(tuple(self.bodies(tree, depth))),), self.text(tree))
        return Apart(Command(_line(tree), (), (Assignment("", word),)))

    def bodies(self, tree: Tree, depth: int) -> Iterator[Node]:
        """The substitutions within."""
        if depth > _DEEPEST:
            return
        for child in tree.named_children:
            if child.type in ("command_substitution", "process_substitution"):
                yield self.block(child, depth + 1)
            else:
                yield from self.bodies(child, depth + 1)

    # Statements.

    def command(self, tree: Tree, depth: int) -> Node:
        words: list[Word] = []
        assignments: list[Assignment] = []
        redirects: list[Redirect] = []
        piped: list[Node] = []
        for child in tree.children:
            if child.type == "ERROR" or child.is_missing:
                return Unreadable(_line(tree), _first_line(self.text(tree)))
            if child.type in ("variable_assignment", "variable_assignments"):
                nested = (
                    child.named_children if child.type == "variable_assignments" else [child]
                )
                assignments += [self.assigned(one, depth) for one in nested]
            elif child.type in _REDIRECTS:
                self.redirect(child, depth, redirects, words, piped)
            elif child.type == "command_name":
                words.append(self.word(child.children[0], depth) if child.children else _NONE)
            elif child.type == "subshell":
                return Unreadable(_line(tree), _first_line(self.text(tree)))
            elif child.is_named or child.type in ("==", "=~"):
                words.append(self.word(child, depth))
        command: Node = Command(_line(tree), tuple(words), tuple(assignments), tuple(redirects))
        return _piped(command, piped)

    def assignment(self, tree: Tree, depth: int) -> Node:
        trees = tree.named_children if tree.type == "variable_assignments" else [tree]
        return Command(_line(tree), (), tuple(self.assigned(one, depth) for one in trees))

    def assigned(self, tree: Tree, depth: int) -> Assignment:
        name, value = tree.child_by_field_name("name"), tree.child_by_field_name("value")
        appends = any(child.type == "+=" for child in tree.children)
        named = self.text(name) if name is not None and name.type == "variable_name" else ""
        if value is None:
            return Assignment(named, Word((), ""), appends)
        if value.type == "array":
            word = Word((Unknown(tuple(self.bodies(value, depth))),), self.text(value))
            return Assignment(named, word, appends)
        return Assignment(named, self.word(value, depth), appends)

    def declaration(self, tree: Tree, depth: int) -> Node:
        """`export`, `local` and their like: with the assignments as such."""
        words = [Word((Text(self.text(tree.children[0]), False),), "")]
        assignments = []
        for child in tree.named_children:
            if child.type == "variable_assignment":
                assignments.append(self.assigned(child, depth))
            else:
                words.append(self.word(child, depth))
        return Command(_line(tree), tuple(words), tuple(assignments))

    def unset(self, tree: Tree, depth: int) -> Node:
        words = [self.word(child, depth) for child in tree.named_children]
        return Command(_line(tree), (Word((Text("unset", False),), "unset"), *words))

    def redirected(self, tree: Tree, depth: int) -> Node:
        body = tree.child_by_field_name("body")
        redirects: list[Redirect] = []
        words: list[Word] = []
        piped: list[Node] = []
        for child in tree.children:
            if child.type in _REDIRECTS:
                self.redirect(child, depth, redirects, words, piped)
        node = self.statement(body, depth + 1) if body is not None else EMPTY
        # Those of `a && b > f` are of the last command; so are words behind a redirect.
        node = _redirect_last(node, tuple(redirects), tuple(words), _line(tree))
        return _piped(node, piped)

    def redirect(
        self,
        tree: Tree,
        depth: int,
        redirects: list[Redirect],
        words: list[Word],
        piped: list[Node],
    ) -> None:
        """Take a redirect apart, and what the grammar puts into one that is none of it."""
        if tree.type == "heredoc_redirect":
            for child in tree.children:
                if child.type == "heredoc_body":
                    redirects.append(Redirect("<<", self.document(tree, child, depth)))
                elif child.type in _REDIRECTS:
                    self.redirect(child, depth, redirects, words, piped)
                elif child.type in ("pipeline", "list") or child.type in _STATEMENTS:
                    piped.append(self.statement(child, depth + 1))
                elif child.is_named and not child.type.startswith("heredoc"):
                    words.append(self.word(child, depth))
            return
        if tree.type == "herestring_redirect":
            redirects += [
                Redirect("<<<", self.word(child, depth))
                for child in tree.named_children
                if child.type != "file_descriptor"
            ]
            return
        operator = next((child.type for child in tree.children if not child.is_named), "")
        targets = [c for c in tree.named_children if c.type != "file_descriptor"]
        for number, target in enumerate(targets):
            word = self.word(target, depth)
            if number == 0:
                redirects.append(Redirect(operator, word))
            else:
                words.append(word)

    def document(self, tree: Tree, body: Tree, depth: int) -> Word:
        """A here-document, with what is quoted or substituted in it."""
        start = next((c for c in tree.children if c.type == "heredoc_start"), None)
        written = self.text(body)
        if start is not None and set(self.text(start)) & set("'\"\\"):
            return Word((Text(written, True),), written)
        return Word(tuple(self.parts_between(body, True, depth)), written)

    def listed(self, tree: Tree, depth: int) -> Node:
        """`a && b` and `a || b`, which the grammar joins from the left."""
        items = [child for child in tree.children if child.is_named or child.is_missing]
        operators = [child.type for child in tree.children if child.type in ("&&", "||")]
        # A long chain is as deep as it is long, and read without recursion.
        chain: list[tuple[str, Tree]] = []
        first = tree
        while first.type == "list" and len(items) == 2 and len(operators) == 1:
            chain.append((operators[0], items[1]))
            first = items[0]
            items = [child for child in first.children if child.is_named or child.is_missing]
            operators = [child.type for child in first.children if child.type in ("&&", "||")]
        if first is tree:
            return Unreadable(_line(tree), _first_line(self.text(tree)))
        node = self.statement(first, depth + 1)
        for operator, item in reversed(chain):
            right = self.statement(item, depth + 1)
            node = Either(node, right) if operator == "||" else Both(node, right)
        return node

    def pipeline(self, tree: Tree, depth: int) -> Node:
        return _sequence([Apart(node) for node in self.statements(tree.children, depth)])

    def subshell(self, tree: Tree, depth: int) -> Node:
        return Apart(self.block(tree, depth))

    def compound(self, tree: Tree, depth: int) -> Node:
        if tree.children and tree.children[0].type == "((":
            return self.inner(tree, depth)
        return self.block(tree, depth)

    def condition(self, tree: Tree, depth: int) -> Node:
        """`if` and `elif`: the condition runs in any case, then one of the branches."""
        asked: list[Tree] = []
        then: list[Tree] = []
        rest: Node | None = None
        into = asked
        for child in tree.children:
            if child.type == "then":
                into = then
            elif child.type == "else_clause":
                rest = self.block(child, depth + 1)
            elif child.type == "elif_clause":
                rest = self.elif_chain(tree, child, depth)
                break
            else:
                into.append(child)
        branches = (_sequence(self.statements(then, depth)),)
        node = Branches((*branches, rest) if rest is not None else branches, rest is not None)
        return _sequence([*self.statements(asked, depth), node])

    def elif_chain(self, tree: Tree, first: Tree, depth: int) -> Node:
        """The branches from the first `elif` on, as one of conditions within each other."""
        clauses = [c for c in tree.children if c.type in ("elif_clause", "else_clause")]
        clauses = clauses[clauses.index(first) :]
        rest: Node | None = None
        for clause in reversed(clauses):
            if clause.type == "else_clause":
                rest = self.block(clause, depth + 1)
                continue
            at = next((n for n, c in enumerate(clause.children) if c.type == "then"), 0)
            asked = list(self.statements(clause.children[:at], depth + 1))
            then = _sequence(self.statements(clause.children[at:], depth + 1))
            items = (then,) if rest is None else (then, rest)
            rest = _sequence([*asked, Branches(items, rest is not None)])
        return rest or EMPTY

    def case(self, tree: Tree, depth: int) -> Node:
        branches = []
        complete = False
        for child in tree.children:
            if child.type == "case_item":
                values = child.children_by_field_name("value")
                complete |= any(self.text(value) == "*" for value in values)
                own = [c for c in child.children if c not in values]
                branches.append(_sequence(self.statements(own, depth)))
        return Branches(tuple(branches), complete)

    def loop(self, tree: Tree, depth: int) -> Node:
        """`while`, `until`, and `for` with `((`."""
        trees = [c for c in tree.children if c.type != "do_group"]
        own = list(self.statements(trees, depth)) if tree.type == "while_statement" else []
        body = next((c for c in tree.children if c.type == "do_group"), None)
        return Loop(_sequence([*own, self.block(body, depth + 1) if body else EMPTY]))

    def each(self, tree: Tree, depth: int) -> Node:
        name, body = tree.child_by_field_name("variable"), tree.child_by_field_name("body")
        values = tuple(self.word(v, depth) for v in tree.children_by_field_name("value"))
        inner = self.block(body, depth + 1) if body is not None else EMPTY
        return Loop(inner, self.text(name) if name is not None else "", values)

    def function(self, tree: Tree, depth: int) -> Node:
        name, body = tree.child_by_field_name("name"), tree.child_by_field_name("body")
        inner = self.statement(body, depth + 1) if body is not None else EMPTY
        return Function(self.text(name) if name is not None else "", inner)

    # Words.

    def word(self, tree: Tree, depth: int) -> Word:
        return Word(tuple(self.parts(tree, False, depth)), self.text(tree))

    def parts(self, tree: Tree, quoted: bool, depth: int) -> Iterator[Part]:
        if depth > _DEEPEST:
            yield Unknown()
            return
        depth += 1
        match tree.type:
            case "word" | "number" | "variable_name" | "file_descriptor" | "extglob_pattern":
                if tree.named_child_count:
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
                yield Substitution(self.block_or_input(tree, depth), quoted)
            case "process_substitution":
                yield Substitution(self.block(tree, depth), quoted, process=True)
            case "=" | "==" | "=~" | "!" | ":" | "{" | "}" | "[" | "]":
                yield Text(self.text(tree), False)
            case _:
                yield Unknown(tuple(self.bodies(tree, depth)))

    def block_or_input(self, tree: Tree, depth: int) -> Node:
        """A substitution; `$(<file)` reads a file without any command."""
        redirects: list[Redirect] = []
        for child in tree.children:
            if child.type in _REDIRECTS:
                self.redirect(child, depth, redirects, [], [])
        if redirects:
            return Command(_line(tree), (), (), tuple(redirects))
        return self.block(tree, depth)

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


_NONE = Word((), "")
_LITERAL = {"string_content", "heredoc_content"}
_NAMES = {"variable_name", "special_variable_name", "subscript"}
_REDIRECTS = {"file_redirect", "heredoc_redirect", "herestring_redirect"}
_STATEMENTS: dict[str, Callable[[_Reader, Tree, int], Node]] = {
    "command": _Reader.command,
    "variable_assignment": _Reader.assignment,
    "variable_assignments": _Reader.assignment,
    "declaration_command": _Reader.declaration,
    "unset_command": _Reader.unset,
    "redirected_statement": _Reader.redirected,
    "list": _Reader.listed,
    "pipeline": _Reader.pipeline,
    "subshell": _Reader.subshell,
    "compound_statement": _Reader.compound,
    "do_group": _Reader.block,
    "negated_command": _Reader.block,
    "if_statement": _Reader.condition,
    "case_statement": _Reader.case,
    "while_statement": _Reader.loop,
    "c_style_for_statement": _Reader.loop,
    "for_statement": _Reader.each,
    "function_definition": _Reader.function,
}


def _line(tree: Tree) -> int:
    return tree.start_point[0]


def _first_line(text: str) -> str:
    return text.strip().split("\n", 1)[0][:80]


def _sequence(nodes: Iterable[Node]) -> Node:
    items = tuple(nodes)
    return items[0] if len(items) == 1 else Sequence(items)


def _piped(node: Node, piped: list[Node]) -> Node:
    """A statement with what follows it within its here-document."""
    return _sequence([node, *piped]) if piped else node


def _redirect_last(
    node: Node, redirects: tuple[Redirect, ...], words: tuple[Word, ...], line: int
) -> Node:
    match node:
        case Command():
            every = (*node.redirects, *redirects)
            return Command(node.line, (*node.words, *words), node.assignments, every)
        case Sequence(items=(*before, last)) if not isinstance(last, Apart):
            return Sequence((*before, _redirect_last(last, redirects, words, line)))
        case Both(left=left, right=right):
            return Both(left, _redirect_last(right, redirects, words, line))
        case Either(left=left, right=right):
            return Either(left, _redirect_last(right, redirects, words, line))
        case _:
            return Redirected(line, node, redirects)


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
