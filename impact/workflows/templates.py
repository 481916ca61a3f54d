"""Text with `${{ }}` in it, and the `if` of a job, which may do without.

https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import count

from impact.workflows.expressions import (
    ANYWHERE,
    JOB_CONDITION,
    STATUS_FUNCTIONS,
    Allowed,
    calls,
    parse_tokens,
)
from impact.workflows.lexer import ExpressionError, Token, check_length, tokenize
from impact.workflows.nodes import Expression, Literal
from impact.workflows.numbers import WHITESPACE

_OPENED = "${{"
_EMBEDDED = re.compile(r"\$\{\{((?:'[^']*'|[^'])*?)\}\}")


@dataclass(frozen=True, slots=True)
class Text:
    """What is outside of `${{ }}`, with its place."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Embedded:
    """`${{ expression }}`: its place, and the parts of the expression with theirs."""

    start: int
    end: int
    expression: Expression


@dataclass(frozen=True, slots=True)
class Template:
    """A text as a row of parts, in which expressions may be; all offsets are into it."""

    parts: tuple[Text | Embedded, ...]

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """The expressions, in the order of the text."""
        return tuple(part.expression for part in self.parts if isinstance(part, Embedded))


@lru_cache(4096)
def parse_template(text: str, allowed: Allowed = ANYWHERE) -> Template:
    """The parts of a text.  Raises ExpressionError as `parse_expression`, or for no `}}`."""
    return Template(tuple(_template(text, allowed)))


@lru_cache(4096)
def parse_condition(text: str, allowed: Allowed = JOB_CONDITION) -> Expression:
    """The expression that GitHub makes of the `if` of a job, given as a string.

    `${{ }}` around it changes nothing, and neither do quotes within those: `${{ 'x' }}` is
    `x`.  With any text around `${{ }}` it is `format('text {0}', ...)`, which is true.  Of
    nothing it is `success()`, and a condition without a status function becomes
    `success() && (condition)`.  What GitHub adds has the place of what it is added to, or an
    empty one.  Raises ExpressionError as `parse_template` does.
    https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#status-check-functions
    """
    written, tokens = _condition(text, allowed)
    *words, end = tokens
    if not words:
        return parse_tokens([*_added(end.start, end.start, "success", "(", ")"), end], allowed)
    expression = parse_tokens(tokens, allowed)
    if calls(expression) & STATUS_FUNCTIONS:
        return expression
    check_length(f"success() && ({written})")
    start, stop = expression.start, expression.end
    before = _added(start, start, "success", "(", ")", "&&", "(")
    return parse_tokens([*before, *words, *_added(stop, stop, ")"), end], allowed)


def _template(text: str, allowed: Allowed) -> Iterator[Text | Embedded]:
    at = 0
    while at < len(text):
        start = text.find(_OPENED, at)
        if start == at:
            found = _EMBEDDED.match(text, at)
            if not found:
                raise ExpressionError("no }} closes this ${{", at)
            yield Embedded(
                at, found.end(), parse_tokens(_tokens(text, *found.span(1)), allowed)
            )
            at = found.end()
        else:
            end = len(text) if start < 0 else start
            yield Text(at, end, text[at:end])
            at = end


def _condition(text: str, allowed: Allowed) -> tuple[str, list[Token]]:
    """The text and the words of the expression that a condition is, without `success()`."""
    template = parse_template(text, allowed)
    match template.parts:
        case () | (Text(),):
            return text, _tokens(text, 0, len(text))
        case (Embedded(expression=Literal(value=str(quoted)) as literal),):
            start, end = literal.start, literal.end
            try:
                tokens = _tokens(quoted, 0, len(quoted))
            except ExpressionError as error:
                raise ExpressionError(str(error), start) from None
            return quoted, [replace(token, start=start, end=end) for token in tokens]
        case (Embedded(expression=expression),):
            start, end = expression.start, expression.end
            return text[start:end], tokenize(text, start, end)
        case _:
            return _format(text, template)


def _format(text: str, template: Template) -> tuple[str, list[Token]]:
    """`format('text {0}', expression)`, as GitHub writes it."""
    number = count()
    pattern = "".join(
        part.text.replace("{", "{{").replace("}", "}}")
        if isinstance(part, Text)
        else f"{{{next(number)}}}"
        for part in template.parts
    )
    first, last = template.parts[0].start, template.parts[-1].end
    quoted = "'" + pattern.replace("'", "''") + "'"
    tokens = [
        *_added(first, first, "format", "("),
        Token("literal", quoted, first, last, pattern),
    ]
    written = f"format({quoted}"
    for expression in template.expressions:
        start, end = expression.start, expression.end
        written += f", {text[start:end]}"
        tokens += [*_added(start, start, ","), *tokenize(text, start, end)[:-1]]
    return f"{written})", [*tokens, *_added(last, last, ")"), Token("end", "", last, last)]


def _added(start: int, end: int, *words: str) -> list[Token]:
    """Words that GitHub adds."""
    return [Token("name" if word.isalpha() else word, word, start, end) for word in words]


def _tokens(text: str, start: int, end: int) -> list[Token]:
    """The words of the expression ``text[start:end]``, without the white space around it."""
    inner = text[start:end]
    start += len(inner) - len(inner.lstrip(WHITESPACE))
    return tokenize(text, start, max(start, end - len(inner) + len(inner.rstrip(WHITESPACE))))
