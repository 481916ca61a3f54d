"""The condition of a job: the documented one, and what is kept of the one that it has.

The terms are joined by `&&`.  `!cancelled()` takes the place of the `success()` that GitHub
implies, so every further need is asked for; one that is asleep was skipped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from impact.workflows.expressions import STATUS_FUNCTIONS, calls, parse_expression, references
from impact.workflows.lexer import ExpressionError
from impact.workflows.nodes import Expression, Group, Logical
from impact.workflows.templates import Embedded, Text, parse_template

_NOT_CANCELLED = "!cancelled()"
_KEPT_OUTPUTS = ("determined",)
"""An output of the detection that a condition may ask for besides its surfaces."""
_SPACE = re.compile(r"('(?:[^']|'')*')|\s+")


@dataclass(frozen=True, slots=True)
class Kept:
    """What a condition asks besides its surfaces.

    ``alternatives``: what wakes the job too.  ``terms``: what has to hold besides.
    ``asked``: the further needs whose results are among these.
    """

    alternatives: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    asked: frozenset[str] = frozenset()


def condition(
    changes: str, surfaces: Sequence[str], further: Sequence[str], kept: Kept, listed: bool
) -> list[str]:
    """The terms of the documented condition.

    ``changes``: the job that detects.  ``further``: the other needs of the job.
    ``listed``: by the one output `asleep`, in place of an output for each surface.
    """
    awake = [*(awake_term(changes, name, listed) for name in surfaces), *kept.alternatives]
    return [
        _NOT_CANCELLED,
        awake[0] if len(awake) == 1 else f"({' || '.join(awake)})",
        *(need_term(name) for name in further if name not in kept.asked),
        *kept.terms,
    ]


def awake_term(changes: str, surface: str, listed: bool) -> str:
    """Whether a surface is awake; true where the output is lost."""
    if listed:
        return f"!contains(fromJSON(needs.{changes}.outputs.asleep || '[]'), '{surface}')"
    return f"needs.{changes}.outputs.{surface} != 'false'"


def need_term(job: str) -> str:
    """Whether a further need went well, or was asleep."""
    return f"(needs.{job}.result == 'success' || needs.{job}.result == 'skipped')"


def kept_of(text: str, changes: str, further: Sequence[str]) -> Kept:
    """What a job's condition asks for that neither GitHub nor the detection answers.

    Of one that cannot be read, or that has text around `${{ }}` and so is always true,
    nothing is kept.
    """
    try:
        source, expression = _expression(text)
    except ExpressionError:
        return Kept()
    if expression is None:
        return Kept()
    alternatives: list[str] = []
    terms: list[str] = []
    asked: set[str] = set()
    for term in _operands("&&", expression):
        parts = _operands("||", term)
        if any(_is_status(part) for part in parts):
            continue  # it is about how the run goes, and so is what takes its place
        others = [part for part in parts if not _is_detection(part, changes)]
        if len(others) < len(parts):
            alternatives += [_written(source, part, "&&") for part in others]
            continue
        terms.append(_written(source, term, "||"))
        asked |= {name for name in further if _reads(term, ("needs", name, "result"))}
    return Kept(tuple(alternatives), tuple(terms), frozenset(asked))


def _expression(text: str) -> tuple[str, Expression | None]:
    """The one expression of a condition; None where it has none or is a mere text."""
    parts = parse_template(text).parts
    if len(parts) == 1 and isinstance(part := parts[0], Embedded):
        return text, part.expression
    if all(isinstance(part, Text) for part in parts) and text.strip():
        return text, parse_expression(text)
    return text, None


def _operands(operator: str, expression: Expression) -> list[Expression]:
    """What the operator joins, parentheses resolved; the expression itself if nothing."""
    inner = expression
    while isinstance(inner, Group):
        inner = inner.inner
    if isinstance(inner, Logical) and inner.operator == operator:
        return [part for operand in inner.operands for part in _operands(operator, operand)]
    return [expression]


def _is_status(term: Expression) -> bool:
    """Whether it asks nothing but how the run goes, and not for a failure."""
    called = calls(term)
    return bool(called) and not references(term) and called <= STATUS_FUNCTIONS - {"failure"}


def _is_detection(term: Expression, changes: str) -> bool:
    """Whether it asks only what is awake, which the surfaces of the job say."""
    read = [tuple(map(str.lower, reference.path)) for reference in references(term)]
    before = ("needs", changes.lower())
    kept = {(*before, "outputs", name) for name in _KEPT_OUTPUTS}
    return bool(read) and all(path[:2] == before and path not in kept for path in read)


def _reads(term: Expression, path: tuple[str, ...]) -> bool:
    return any(
        tuple(map(str.lower, reference.path)) == tuple(map(str.lower, path))
        for reference in references(term)
    )


def _written(source: str, part: Expression, weaker: str) -> str:
    """The part as its author wrote it, on a line; in parentheses where it needs them."""
    text = _SPACE.sub(lambda found: found[1] or " ", source[part.start : part.end])
    if isinstance(part, Logical) and part.operator == weaker:
        return f"({text})"
    return text
