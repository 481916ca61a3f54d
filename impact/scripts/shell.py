"""The text of a shell script as the plain data of `nodes`.

The only module that needs tree-sitter, which the extra `scripts` installs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Sequence as Trees

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
    Case,
    CaseItem,
    Command,
    Either,
    Function,
    If,
    Loop,
    Node,
    Not,
    Redirect,
    Redirected,
    Sequence,
    Text,
    Unknown,
    Unreadable,
    While,
    Word,
)
from impact.scripts.questions import question, question_of_words
from impact.scripts.words import DEEPEST, Tree, Words

UNKNOWN = "\ue000"
"""Stands in a script for text that is not known; it is a letter to the grammar."""
_LONGEST = 100_000
_OFTEN = 2_000
_NAME = re.compile(r"[A-Za-z_]\w*")
"""The parser takes time and memory by the square of these in one statement."""


_ASCII = bytes(byte if byte < 128 else ord("x") for byte in range(256))
"""The scanner of the grammar asks `isalpha` and the like of any character, which is defined
for none beyond ASCII and may crash: to it all of those are letters."""


def is_available() -> bool:
    """Whether scripts can be read: whether the extra `scripts` is installed."""
    return tree_sitter is not None


def parse(script: str) -> Node:
    """What a script runs; Unreadable where it is too large, or is no shell script."""
    data = script.encode("utf-8", "surrogatepass")
    if len(data) > _LONGEST or any(script.count(char) > _OFTEN for char in "|(<"):
        return Unreadable(0, "a script of this size")
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))
    return _Reader(data).block(parser.parse(data.translate(_ASCII)).root_node, 0)


class _Reader:
    """Makes nodes of the trees of one text; ``depth`` is how deep a tree is."""

    def __init__(self, data: bytes) -> None:
        self.words = Words(data, self.substituted)

    def block(self, tree: Tree, depth: int) -> Node:
        return _sequence(self.statements(tree.children, depth))

    def statements(self, trees: Iterable[Tree], depth: int) -> Iterator[Node]:
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
                held = Unreadable(_line(tree), self.words.text(tree))
        if held is not None:
            yield held

    def statement(self, tree: Tree, depth: int) -> Node:
        if depth > DEEPEST or tree.type == "ERROR" or tree.is_missing:
            return Unreadable(_line(tree), _first_line(self.words.text(tree)))
        read = _STATEMENTS.get(tree.type)
        return read(self, tree, depth) if read else self.inner(tree, depth)

    def inner(self, tree: Tree, depth: int) -> Node:
        """What runs within something that is no command itself, as arithmetic."""
        word = Word((Unknown(tuple(self.words.bodies(tree, depth))),), self.words.text(tree))
        # It may change any variable that it names.
        names = dict.fromkeys(_NAME.findall(self.words.text(tree)))
        forgotten = [Assignment(name, Word((Unknown(),), "")) for name in names]
        return Command(_line(tree), (), (Assignment("", word), *forgotten))

    def test(self, tree: Tree, depth: int) -> Node:
        return question(tree, self.words, depth)

    # Statements.

    def command(self, tree: Tree, depth: int) -> Node:
        words: list[Word] = []
        assignments: list[Assignment] = []
        redirects: list[Redirect] = []
        piped: list[Node] = []
        for child in tree.children:
            if child.type == "ERROR" or child.is_missing:
                return Unreadable(_line(tree), _first_line(self.words.text(tree)))
            if child.type in ("variable_assignment", "variable_assignments"):
                nested = (
                    child.named_children if child.type == "variable_assignments" else [child]
                )
                assignments += [self.assigned(one, depth) for one in nested]
            elif child.type in _REDIRECTS:
                self.redirect(child, depth, redirects, words, piped)
            elif child.type == "command_name":
                words += [self.words.word(inner, depth) for inner in child.children[:1]]
            elif child.type == "subshell":
                return Unreadable(_line(tree), _first_line(self.words.text(tree)))
            elif child.is_named or child.type in ("==", "=~"):
                words.append(self.words.word(child, depth))
        if words and words[0].written == "test" and not assignments and not redirects:
            return _piped(question_of_words(words[1:], _line(tree)), piped)
        command: Node = Command(_line(tree), tuple(words), tuple(assignments), tuple(redirects))
        return _piped(command, piped)

    def assignment(self, tree: Tree, depth: int) -> Node:
        trees = tree.named_children if tree.type == "variable_assignments" else [tree]
        return Command(_line(tree), (), tuple(self.assigned(one, depth) for one in trees))

    def assigned(self, tree: Tree, depth: int) -> Assignment:
        name, value = tree.child_by_field_name("name"), tree.child_by_field_name("value")
        appends = any(child.type == "+=" for child in tree.children)
        named = ""
        if name is not None:
            # What `name[0]=value` makes of the list is not known.
            named, bracket, _ = self.words.text(name).partition("[")
            if bracket:
                return Assignment(named, Word((Unknown(),), ""))
        if value is None:
            return Assignment(named, Word((), ""), appends)
        if value.type == "array":
            items = tuple(self.words.word(child, depth) for child in value.named_children)
            unknown = Word((Unknown(),), self.words.text(value))
            return Assignment(named, unknown, appends, items)
        return Assignment(named, self.words.word(value, depth), appends)

    def declaration(self, tree: Tree, depth: int) -> Node:
        """`export`, `local` and their like: with the assignments as such."""
        words = [Word((Text(self.words.text(tree.children[0]), False),), "")]
        assignments = []
        for child in tree.named_children:
            if child.type == "variable_assignment":
                assignments.append(self.assigned(child, depth))
            else:
                words.append(self.words.word(child, depth))
        return Command(_line(tree), tuple(words), tuple(assignments))

    def unset(self, tree: Tree, depth: int) -> Node:
        words = [self.words.word(child, depth) for child in tree.named_children]
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
                    words.append(self.words.word(child, depth))
            return
        if tree.type == "herestring_redirect":
            redirects += [
                Redirect("<<<", self.words.word(child, depth))
                for child in tree.named_children
                if child.type != "file_descriptor"
            ]
            return
        operator = next((child.type for child in tree.children if not child.is_named), "")
        targets = [c for c in tree.named_children if c.type != "file_descriptor"]
        for number, target in enumerate(targets):
            word = self.words.word(target, depth)
            if number == 0:
                redirects.append(Redirect(operator, word))
            else:
                words.append(word)

    def document(self, tree: Tree, body: Tree, depth: int) -> Word:
        """A here-document, with what is quoted or substituted in it."""
        start = next((c for c in tree.children if c.type == "heredoc_start"), None)
        written = self.words.text(body)
        if start is not None and set(self.words.text(start)) & set("'\"\\"):
            return Word((Text(written, True),), written)
        return Word(tuple(self.words.parts_between(body, True, depth)), written)

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
            return Unreadable(_line(tree), _first_line(self.words.text(tree)))
        node = self.statement(first, depth + 1)
        joined = [node]
        for operator, item in reversed(chain):
            right = self.statement(item, depth + 1)
            if operator == "&&":
                joined.append(right)
            else:
                joined = [Either(_both(joined), right)]
        return _both(joined)

    def pipeline(self, tree: Tree, depth: int) -> Node:
        return _sequence([Apart(node) for node in self.statements(tree.children, depth)])

    def subshell(self, tree: Tree, depth: int) -> Node:
        return Apart(self.block(tree, depth))

    def compound(self, tree: Tree, depth: int) -> Node:
        if tree.children and tree.children[0].type == "((":
            return self.inner(tree, depth)
        return self.block(tree, depth)

    def condition(self, tree: Tree, depth: int) -> Node:
        """`if`, with its `elif` as conditions within each other."""
        clauses = [c for c in tree.children if c.type in ("elif_clause", "else_clause")]
        own = [child for child in tree.children if child not in clauses]
        rest: Node = EMPTY
        for clause in reversed(clauses):
            if clause.type == "else_clause":
                rest = self.block(clause, depth + 1)
            else:
                rest = self.branch(clause.children, rest, depth + 1)
        return self.branch(own, rest, depth)

    def branch(self, trees: Trees[Tree], rest: Node, depth: int) -> Node:
        at = next((n for n, child in enumerate(trees) if child.type == "then"), 0)
        asked, then = (self.statements(part, depth) for part in (trees[:at], trees[at:]))
        return If(_sequence(asked), _sequence(then), rest)

    def negated(self, tree: Tree, depth: int) -> Node:
        return Not(self.block(tree, depth))

    def case(self, tree: Tree, depth: int) -> Node:
        items: list[CaseItem] = []
        below: Node = EMPTY
        for child in reversed(tree.children):
            if child.type == "case_item":
                values = child.children_by_field_name("value")
                own = [c for c in child.children if c not in values]
                ends = {c.type for c in own}
                body = _sequence(self.statements(own, depth))
                # What ends in `;&` goes on with the next, whatever that is for.
                falls = ";&" in ends
                below = _sequence([body, below]) if falls else body
                goes_on = ";;&" in ends or (falls and bool(items) and items[0].goes_on)
                patterns = tuple(self.words.word(value, depth) for value in values)
                items.insert(0, CaseItem(patterns, below, goes_on))
        value = tree.child_by_field_name("value")
        subject = self.words.word(value, depth) if value is not None else Word((Unknown(),), "")
        return Case(_line(tree), subject, tuple(items))

    def loop(self, tree: Tree, depth: int) -> Node:
        """`while`, `until`, and `for` with `((`."""
        body = next((c for c in tree.children if c.type == "do_group"), None)
        inner = self.block(body, depth + 1) if body else EMPTY
        if tree.type != "while_statement":
            return _sequence([self.inner(tree, depth), Loop(inner)])
        trees = [child for child in tree.children if child is not body]
        until = any(child.type == "until" for child in trees)
        return While(_sequence(self.statements(trees, depth)), inner, until)

    def each(self, tree: Tree, depth: int) -> Node:
        name, body = tree.child_by_field_name("variable"), tree.child_by_field_name("body")
        values = tuple(self.words.word(v, depth) for v in tree.children_by_field_name("value"))
        inner = self.block(body, depth + 1) if body is not None else EMPTY
        return Loop(inner, self.words.text(name) if name is not None else "", values)

    def function(self, tree: Tree, depth: int) -> Node:
        name, body = tree.child_by_field_name("name"), tree.child_by_field_name("body")
        inner = self.statement(body, depth + 1) if body is not None else EMPTY
        return Function(self.words.text(name) if name is not None else "", inner)

    def substituted(self, tree: Tree, depth: int) -> Node:
        """A substitution; `$(<file)` reads a file without any command."""
        redirects: list[Redirect] = []
        for child in tree.children:
            if child.type in _REDIRECTS:
                self.redirect(child, depth, redirects, [], [])
        if redirects:
            return Command(_line(tree), (), (), tuple(redirects))
        return self.block(tree, depth)


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
    "negated_command": _Reader.negated,
    "test_command": _Reader.test,
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


def _both(nodes: list[Node]) -> Node:
    return nodes[0] if len(nodes) == 1 else Both(tuple(nodes))


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
        case Both(items=(*before, last)):
            return Both((*before, _redirect_last(last, redirects, words, line)))
        case Either(left=left, right=right):
            return Either(left, _redirect_last(right, redirects, words, line))
        case _:
            return Redirected(line, node, redirects)
