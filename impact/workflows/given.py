"""What actions and called workflows are given, and texts with that in the place of expressions.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#onworkflow_callinputsinput_idtype
"""

from __future__ import annotations

from collections.abc import Mapping

from impact.workflows.evaluate import UNKNOWN, EvaluationError, Value, as_text, evaluate
from impact.workflows.lexer import ExpressionError
from impact.workflows.templates import Embedded, parse_template
from impact.workflows.workflow import Input, Written

Known = Mapping[str, Value]
"""The contexts of which something is known."""


def inputs_of(
    declared: Mapping[str, Input], given: Mapping[str, Written], known: Known
) -> dict[str, Value]:
    """The context `inputs` of what declares these and is given those, as far as it is known."""
    texts = {name: one.default for name, one in declared.items()}
    texts |= {name: rendered(written.text, known) for name, written in given.items()}
    kinds = {name: one.kind for name, one in declared.items()}
    return {name: _value(text, kinds.get(name, "")) for name, text in texts.items()}


def rendered(text: str, known: Known) -> str:
    """A text with the values of its expressions, but for those that are not known.

    Lines stay where they are.
    """
    try:
        parts = parse_template(text).parts if "${{" in text else ()
    except ExpressionError:
        return text
    found = text
    for part in reversed(parts):
        if isinstance(part, Embedded):
            try:
                value = as_text(evaluate(part.expression, known))
            except EvaluationError:
                continue
            lines = f"{value}{text[part.start : part.end]}"
            if value is not None and "\n" not in lines and "${{" not in value:
                found = found[: part.start] + value + found[part.end :]
    return found


def _value(text: str, kind: str) -> Value:
    if "${{" in text:
        return UNKNOWN
    if kind == "boolean":
        return text.lower() == "true"
    return UNKNOWN if kind == "number" else text
