"""Expressions of GitHub Actions, what is between `${{` and `}}`: from text to parts.

Refuses what GitHub refuses, its limits included.
https://docs.github.com/en/actions/reference/workflows-and-actions/expressions; the grammar
in full is that of the package `@actions/expressions`, which the tests ask.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from impact.workflows.lexer import ExpressionError, Token, tokenize
from impact.workflows.nodes import (
    Call,
    Comparison,
    Expression,
    Group,
    Index,
    Literal,
    Logical,
    Name,
    Not,
    Property,
    Star,
    parts,
    walk,
)

__all__ = [
    "ANYWHERE",
    "JOB_CONDITION",
    "MANY",
    "STATUS_FUNCTIONS",
    "Allowed",
    "ExpressionError",
    "Reference",
    "calls",
    "parse_expression",
    "parse_tokens",
    "references",
]

MAX_DEPTH = 50
"""GitHub nests no deeper."""

STATUS_FUNCTIONS = frozenset({"success", "always", "cancelled", "failure"})
"""What asks how the needs of a job came out, and so replaces the implied `success()`."""

MANY = 2**53 - 1
"""As many arguments as anybody likes."""
_EVERYWHERE: dict[str, tuple[int, int]] = {
    "case": (3, MANY),
    "contains": (2, 2),
    "endswith": (2, 2),
    "format": (1, 255),
    "fromjson": (1, 1),
    "join": (1, 2),
    "startswith": (2, 2),
    "tojson": (1, 1),
}
_STATUS = {
    "always": (0, 0),
    "cancelled": (0, 0),
    "failure": (0, MANY),
    "success": (0, MANY),
}
_LEVELS = (("<", "<=", ">", ">="), ("==", "!="), ("&&",), ("||",))
_OPERATORS = frozenset(operator for level in _LEVELS for operator in level)


@dataclass(frozen=True, slots=True, eq=False)
class Allowed:
    """What an expression may name, by its place in the workflow; all in lower case.

    ``contexts``: None for any.  ``functions``: with how many arguments at least and at most.
    https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#context-availability
    """

    contexts: frozenset[str] | None
    functions: Mapping[str, tuple[int, int]]


ANYWHERE = Allowed(None, {**_EVERYWHERE, **_STATUS, "hashfiles": (1, 255)})
"""Every context, and every function that some place allows."""
JOB_CONDITION = Allowed(
    frozenset({"github", "inputs", "needs", "vars"}), {**_EVERYWHERE, **_STATUS}
)
"""What the `if` of a job may name."""


def parse_expression(text: str, allowed: Allowed = ANYWHERE) -> Expression:
    """The parts of an expression, without `${{ }}`.

    Raises ExpressionError for what GitHub refuses: no expression at all, a wrong or missing
    word, a function or context that is not allowed, too few or too many arguments, too much
    text or depth.
    """
    return parse_tokens(tokenize(text), allowed)


def parse_tokens(tokens: Sequence[Token], allowed: Allowed = ANYWHERE) -> Expression:
    """The same of its words, of which the last is the end.  Raises ExpressionError."""
    return _Parser(tokens, allowed).whole()


def calls(expression: Expression) -> set[str]:
    """The functions that an expression calls, in lower case."""
    return {node.function.lower() for node in walk(expression) if isinstance(node, Call)}


@dataclass(frozen=True, slots=True)
class Reference:
    """A value of a context that an expression reads, with the place of its text.

    ``path``: the context and the properties, as they are written; case means nothing.
    ``exact``: false where it goes on in a way that only a run can tell, or with a `*`.
    """

    path: tuple[str, ...]
    start: int
    end: int
    exact: bool = True


def references(expression: Expression) -> list[Reference]:
    """All that an expression reads of the contexts, in the order of the text.

    `a.b`, `a['b']` and `(a).b` are one path; `a[0]`, `a[b]` and `a.*` end it.
    """
    found: list[Reference] = []
    whole = _reference(expression, found)
    if whole:
        found.append(whole)
    return sorted(found, key=lambda reference: reference.start)


def _reference(expression: Expression, found: list[Reference]) -> Reference | None:
    """The reference that an expression is, if any; those within it are added to found."""
    chain: list[Property | Index | Star] = []
    node = expression
    while isinstance(node, Property | Index | Star | Group):
        if isinstance(node, Group):
            node = node.inner
        else:
            chain.append(node)
            node = node.target
    if not isinstance(node, Name):
        for part in parts(node):
            found.extend(references(part))
    path, exact = [node.name] if isinstance(node, Name) else [], True
    whole: Expression = node
    for link in reversed(chain):
        match link:
            case Property(name=name) | Index(index=Literal(value=str(name))):
                if path and exact:
                    path.append(name)
                    whole = link
            case Index(index=index):
                found.extend(references(index))
                exact = False
            case _:
                exact = False
    return Reference(tuple(path), whole.start, whole.end, exact) if path else None


class _Parser:
    """Takes words one by one; ``_depth`` is counted as GitHub counts it."""

    def __init__(self, tokens: Sequence[Token], allowed: Allowed) -> None:
        self._tokens = tokens
        self._allowed = allowed
        self._at = 0
        self._depth = 0

    def whole(self) -> Expression:
        if self._next.kind == "end":
            raise ExpressionError("there is no expression", self._next.start)
        expression = self._expression()
        if self._next.kind != "end":
            raise self._unexpected()
        return expression

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self, kind: str) -> Token | None:
        """The next word, if it is of this kind."""
        token = self._next
        if token.kind != kind:
            return None
        self._at += 1
        return token

    def _expect(self, kind: str) -> Token:
        token = self._take(kind)
        if not token:
            raise self._unexpected()
        return token

    def _unexpected(self) -> ExpressionError:
        token = self._next
        if token.kind == "end":
            return ExpressionError("the expression ends too early", token.start)
        return ExpressionError(f"unexpected '{token.text}'", token.start)

    def _nest(self, depth: int) -> None:
        self._depth = depth
        if depth > MAX_DEPTH:
            raise ExpressionError(f"nested more than {MAX_DEPTH} deep", self._next.start)

    def _expression(self) -> Expression:
        """Operands and operators in one row, to be joined level by level.

        All that follows the first `||` is one deeper, and so is what follows the first `&&`
        of an operand of `||`.
        """
        self._nest(self._depth + 1)
        outside, disjunction, conjunction = self._depth, 0, 0
        operands = [self._unary()]
        operators: list[str] = []
        while self._next.kind in _OPERATORS:
            if self._next.kind == "||":
                disjunction, conjunction = 1, 0
            elif self._next.kind == "&&":
                conjunction = 1
            self._nest(outside + disjunction + conjunction)
            operators.append(self._next.kind)
            self._at += 1
            operands.append(self._unary())
        self._depth = outside - 1
        for level in _LEVELS:
            operands, operators = _join(operands, operators, level)
        return operands[0]

    def _unary(self) -> Expression:
        bangs: list[Token] = []
        while bang := self._take("!"):
            self._nest(self._depth + 1)
            bangs.append(bang)
        operand = self._access()
        for bang in reversed(bangs):
            operand = Not(bang.start, operand.end, operand)
        return operand

    def _access(self) -> Expression:
        target = self._primary()
        while not isinstance(target, Literal):
            if self._take("."):
                self._nest(self._depth + 1)
                if star := self._take("*"):
                    target = Star(target.start, star.end, target)
                else:
                    name = self._expect("name")
                    target = Property(target.start, name.end, target, name.text)
            elif self._take("["):
                index = None if self._take("*") else self._expression()
                end = self._expect("]").end
                self._nest(self._depth + 1)
                if index:
                    target = Index(target.start, end, target, index)
                else:
                    target = Star(target.start, end, target)
            else:
                break
        return target

    def _primary(self) -> Expression:
        if literal := self._take("literal"):
            return Literal(literal.start, literal.end, literal.value)
        if name := self._take("name"):
            return self._call(name) if self._take("(") else self._name(name)
        if opened := self._take("("):
            inner = self._expression()
            return Group(opened.start, self._expect(")").end, inner)
        raise self._unexpected()

    def _name(self, name: Token) -> Expression:
        contexts = self._allowed.contexts
        if contexts is not None and name.text.lower() not in contexts:
            raise _refused("no such context here", name)
        return Name(name.start, name.end, name.text)

    def _call(self, name: Token) -> Expression:
        """A call, of which the `(` is taken."""
        arguments: list[Expression] = []
        closed = self._take(")")
        while not closed:
            arguments.append(self._expression())
            closed = self._take(")")
            if not closed:
                self._expect(",")
        function = name.text.lower()
        if function not in self._allowed.functions:
            raise _refused("no such function here", name)
        least, most = self._allowed.functions[function]
        if len(arguments) < least:
            raise _refused("too few arguments", name)
        if len(arguments) > most:
            raise _refused("too many arguments", name)
        if function == "case" and len(arguments) % 2 == 0:
            raise _refused("an even number of arguments", name)
        return Call(name.start, closed.end, name.text, tuple(arguments))


def _refused(reason: str, token: Token) -> ExpressionError:
    return ExpressionError(f"{reason}: '{token.text}'", token.start)


def _join(
    operands: list[Expression], operators: list[str], level: tuple[str, ...]
) -> tuple[list[Expression], list[str]]:
    """Make one operand of all that operators of this level join."""
    joined = [[operands[0]]]
    used: list[list[str]] = [[]]
    kept = []
    for operator, operand in zip(operators, operands[1:], strict=True):
        if operator in level:
            joined[-1].append(operand)
            used[-1].append(operator)
        else:
            kept.append(operator)
            joined.append([operand])
            used.append([])
    return [_operation(*one) for one in zip(joined, used, strict=True)], kept


def _operation(operands: list[Expression], operators: list[str]) -> Expression:
    if not operators:
        return operands[0]
    start, end = operands[0].start, operands[-1].end
    if operators[0] in ("&&", "||"):
        return Logical(start, end, operators[0], tuple(operands))
    return Comparison(start, end, tuple(operators), tuple(operands))
