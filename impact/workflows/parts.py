"""The parts that `&&`, `||` and `!` join in a condition, and what each of them depends on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial

from impact.workflows.detection import leaves_of
from impact.workflows.evaluate import (
    EvaluationError,
    Functions,
    Partial,
    Value,
    evaluate,
    truth,
)
from impact.workflows.expressions import STATUS_FUNCTIONS, calls, references
from impact.workflows.nodes import Expression
from impact.workflows.templates import parse_condition


@dataclass(frozen=True, slots=True)
class Around:
    """What a condition may ask for: the context `needs`, and how the run goes."""

    needs: Mapping[str, Value]
    cancelled: bool
    success: bool
    failure: bool

    @property
    def functions(self) -> Functions:
        """The status functions."""
        status = {
            "always": True,
            "cancelled": self.cancelled,
            "success": self.success,
            "failure": self.failure,
        }
        return {name: partial(_given, value) for name, value in status.items()}


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A part of a condition, joined to the others by `&&`, `||` and `!`.

    ``is_fixed``: it is the same in all situations, and ``fixed`` its truth, if that is known.
    ``outputs``: those of the detection that it reads; None for what it reads of it besides.
    ``paths``: the results and outputs of needs that it reads; None if it reads more.
    """

    node: Expression
    text: str
    reads_detection: bool
    is_fixed: bool
    fixed: bool | None
    outputs: Sequence[str] | None
    paths: Sequence[tuple[str, ...]] | None
    _truths: dict[tuple[object, ...], bool | None] = field(default_factory=dict)

    def truth(self, around: Around) -> bool | None:
        """Whether it is true there, if that is known; evaluated once for the same values.

        Raises `EvaluationError`.
        """
        key = self._key(around)
        if key is None:
            return truth(evaluate(self.node, {"needs": around.needs}, around.functions))
        if key not in self._truths:
            value = evaluate(self.node, {"needs": around.needs}, around.functions)
            self._truths[key] = truth(value)
        return self._truths[key]

    def _key(self, around: Around) -> tuple[object, ...] | None:
        """All that it depends on; None where that is not so easily said."""
        if self.paths is None:
            return None
        found: list[object] = [around.cancelled, around.success, around.failure]
        for path in self.paths:
            value: Value = around.needs
            for name in path:
                if not isinstance(value, Mapping):
                    return None
                if name not in value and (value or isinstance(value, Partial)):
                    return None
                value = value.get(name)
            if not isinstance(value, str) and value is not None:
                return None
            found.append(value)
        return tuple(found)


@lru_cache(4096)
def parts_of(text: str, detecting: str) -> Mapping[tuple[int, int], Part]:
    """The parts of a condition by their places."""
    found = {}
    for node in leaves_of(parse_condition(text)):
        is_fixed = not calls(node) & STATUS_FUNCTIONS and not any(
            reference.path[0].lower() == "needs" for reference in references(node)
        )
        fixed = None
        if is_fixed:
            try:
                fixed = truth(evaluate(node, {}))
            except EvaluationError:  # which has to be raised where it is asked for
                is_fixed = False
        reads = _reads_needs(node, detecting)
        paths = [reference.path[1:] for reference in references(node)]
        easy = all(one.exact and one.path[0] == "needs" for one in references(node))
        words = text[node.start : node.end]
        found[node.start, node.end] = Part(
            node,
            words,
            reads,
            is_fixed,
            fixed,
            _outputs_of(node, detecting),
            paths if easy else None,
        )
    return found


def _outputs_of(node: Expression, detecting: str) -> Sequence[str] | None:
    """The outputs of the detection that it reads; None where it reads more than those."""
    paths = [tuple(map(str.lower, reference.path)) for reference in references(node)]
    of_it = [path for path in paths if path[:2] == ("needs", detecting.lower())]
    named = [path[3] for path in of_it if path[2:3] == ("outputs",) and path[3:]]
    return named if len(named) == len(of_it) and ("needs",) not in paths else None


def _reads_needs(node: Expression, detecting: str) -> bool:
    """Whether it reads the detection, or all needs alike."""
    paths = [tuple(map(str.lower, reference.path)) for reference in references(node)]
    return any(p[:2] == ("needs", detecting.lower()) or p == ("needs",) for p in paths)


def _given(value: bool, *_: Value) -> Value:
    return value
