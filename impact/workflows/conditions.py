"""The condition of a job: the documented one, and what is kept of the one that it has.

The terms are joined by `&&`.  `!cancelled()` takes the place of the `success()` that GitHub
implies, so every further need is asked for; one that is asleep was skipped.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from impact.workflows.evaluate import EvaluationError, Partial, evaluate, truth
from impact.workflows.expressions import STATUS_FUNCTIONS, calls, parse_expression, references
from impact.workflows.lexer import ExpressionError
from impact.workflows.nodes import Expression, Group, Logical, Not
from impact.workflows.templates import Embedded, Text, parse_template

_NOT_CANCELLED = "!cancelled()"
_SPACE = re.compile(r"('(?:[^']|'')*')|\s+")


@dataclass(frozen=True, slots=True)
class Kept:
    """What a condition asks besides its surfaces.

    ``guards``: with what together a surface wakes the job.  ``alternatives``: what wakes it
    too.  ``terms``: what has to hold besides.  ``asked``: the further needs that may not
    fail by these.  ``dropped``: what it asks that has no place in the documented condition.
    """

    guards: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    asked: frozenset[str] = frozenset()
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asker:
    """The job whose condition it is.

    ``changes``: the job that detects, and ``others`` its outputs of which no surface is.
    ``further``: its other needs, and ``gated`` those of them that may be asleep while it is
    awake.
    """

    changes: str
    others: tuple[str, ...]
    further: tuple[str, ...]
    gated: tuple[str, ...] = ()


def condition(
    awake: Sequence[str], further: Sequence[str], kept: Kept, certain: Collection[str] = ()
) -> list[str]:
    """The terms of the documented condition.

    ``awake``: what asks whether each surface is awake.  ``further``: the other needs of the
    job, of which the ``certain`` ones never sleep, so that the job stays behind them.
    """
    woken = [" && ".join([_any(awake), *kept.guards]), *kept.alternatives]
    return [
        _NOT_CANCELLED,
        *([_any(awake), *kept.guards] if len(woken) == 1 else [_any(woken)]),
        *(need_term(name, name not in certain) for name in further if name not in kept.asked),
        *kept.terms,
    ]


def as_condition(terms: Sequence[str]) -> str:
    """The terms as the value of an `if`."""
    return f"${{{{ {' && '.join(terms)} }}}}"


def _any(terms: Sequence[str]) -> str:
    return terms[0] if len(terms) == 1 else f"({' || '.join(terms)})"


def awake_term(changes: str, surface: str, listed: bool) -> str:
    """Whether a surface is awake; true where the output is lost."""
    if listed:
        return f"!contains(fromJSON(needs.{changes}.outputs.asleep || '[]'), '{surface}')"
    return f"needs.{changes}.outputs.{surface} != 'false'"


def need_term(job: str, may_sleep: bool = True) -> str:
    """Whether a further need went well, or was asleep."""
    if not may_sleep:
        return f"needs.{job}.result == 'success'"
    return f"(needs.{job}.result == 'success' || needs.{job}.result == 'skipped')"


@lru_cache(4096)
def kept_of(text: str, asker: Asker) -> Kept:
    """What a job's condition asks for that neither GitHub nor the detection answers.

    Of one that cannot be read, or that has text around `${{ }}` and so is always true,
    nothing is kept.
    """
    try:
        expression = _expression(text)
    except ExpressionError:
        return Kept()
    if expression is None:
        return Kept()
    guards: list[str] = []
    alternatives: list[str] = []
    terms: list[str] = []
    asked: set[str] = set()
    dropped: list[str] = []
    for term in operands("&&", expression):
        parts = operands("||", term)
        detecting = [part for part in parts if _reads_plan(part, asker)]
        if any(_is_status(part) for part in parts):
            # It is about how the run goes, and so is what takes its place.
            dropped += [text[term.start : term.end]] if _reads_more(term, asker) else []
            continue
        if detecting:
            alternatives += [_written(text, p, "&&") for p in parts if p not in detecting]
            beside = _guards(text, detecting[0], asker) if len(detecting) == 1 else []
            guards += beside
            dropped += [
                text[part.start : part.end]
                for part in detecting
                if _reads_more(part, asker) and not beside
            ]
            continue
        needs = {name for name in asker.further if _reads(term, ("needs", name, "result"))}
        denied = {name for name in needs if _denies(term, name, "failure")}
        if any(_denies(term, name, "skipped") for name in needs & {*asker.gated}):
            continue  # what is asleep was skipped, and is no reason to sleep
        terms.append(_written(text, term, "||"))
        asked |= denied
    return Kept(
        tuple(guards), tuple(alternatives), tuple(terms), frozenset(asked), tuple(dropped)
    )


def _guards(text: str, part: Expression, asker: Asker) -> list[str]:
    """What stands beside the detection in a part, joined by `&&`."""
    return [
        _written(text, term, "||")
        for term in operands("&&", part)
        if not _is_status(term) and not _reads_plan(term, asker)
    ]


def _expression(text: str) -> Expression | None:
    """The one expression of a condition; None where it has none or is a mere text."""
    parts = parse_template(text).parts
    if len(parts) == 1 and isinstance(part := parts[0], Embedded):
        return part.expression
    if all(isinstance(part, Text) for part in parts) and text.strip():
        return parse_expression(text)
    return None


def operands(operator: str, expression: Expression) -> list[Expression]:
    """What the operator joins, parentheses resolved; the expression itself if nothing."""
    inner = expression
    while isinstance(inner, Group):
        inner = inner.inner
    if isinstance(inner, Logical) and inner.operator == operator:
        return [part for operand in inner.operands for part in operands(operator, operand)]
    return [expression]


def _is_status(term: Expression) -> bool:
    """Whether it asks nothing but how the run goes, and not for a failure."""
    called, negated = calls(term), False
    while isinstance(term, Group | Not):
        negated ^= isinstance(term, Not)
        term = term.operand if isinstance(term, Not) else term.inner
    if not called or references(term) or not called <= STATUS_FUNCTIONS:
        return False
    return negated or "failure" not in called


def _reads_plan(term: Expression, asker: Asker) -> bool:
    """Whether it asks what is awake, which the surfaces of the job say, or how that went.

    So does what asks it of all needs alike.
    """
    return any(_is_of_plan(path, asker) for path in _paths(term))


def _reads_more(term: Expression, asker: Asker) -> bool:
    """Whether it asks something besides."""
    return any(not _is_of_plan(path, asker) for path in _paths(term))


def _is_of_plan(path: tuple[str, ...], asker: Asker) -> bool:
    others = {name.lower() for name in (*asker.others, "determined")}
    if path[:2] == ("needs", asker.changes.lower()):
        return not (path[2:3] == ("outputs",) and {*path[3:]} & others)
    return path == ("needs",)


def _paths(term: Expression) -> list[tuple[str, ...]]:
    return [tuple(map(str.lower, reference.path)) for reference in references(term)]


def _reads(term: Expression, path: tuple[str, ...]) -> bool:
    return tuple(map(str.lower, path)) in _paths(term)


def _denies(term: Expression, need: str, result: str) -> bool:
    """Whether it is false for certain where the need has that result."""
    try:
        needs = Partial({need: Partial({"result": result})})
        return truth(evaluate(term, {"needs": needs})) is False
    except EvaluationError:
        return False


def _written(source: str, part: Expression, weaker: str) -> str:
    """The part as its author wrote it, on a line; in parentheses where it needs them."""
    text = _SPACE.sub(lambda found: found[1] or " ", source[part.start : part.end])
    if isinstance(part, Logical) and part.operator == weaker:
        return f"({text})"
    return text
