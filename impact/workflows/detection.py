"""The situations that a run can be in, and what a job that detects says in each of them.

https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from impact.workflows.detectors import flag, plan_outputs
from impact.workflows.evaluate import (
    UNKNOWN,
    EvaluationError,
    Partial,
    Unknown,
    Value,
    as_text,
    evaluate,
    truth,
)
from impact.workflows.lexer import ExpressionError
from impact.workflows.nodes import Expression, Group, Logical, Not
from impact.workflows.templates import Embedded, parse_template
from impact.workflows.workflow import Step, Written

SUCCESS, FAILURE, SKIPPED, CANCELLED = "success", "failure", "skipped", "cancelled"


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A situation, in words, and whether the job has to run in it.

    ``detection``: the result of the detecting job, whose steps say nothing where it failed.
    ``lost``: its outputs that do not come through; None for all of them.  ``failed``: needs
    that fail.  ``doubtful``: the truth of what compares the detection with what only a run can
    tell, which can be another in each.  ``about``: the surfaces without which nothing is to be
    told of it.
    """

    words: str
    runs: bool = True
    awake: Collection[str] = ()
    determined: bool = True
    detection: str = SUCCESS
    lost: Collection[str] | None = ()
    failed: Collection[str] = ()
    cancelled: bool = False
    doubtful: bool = False
    about: Collection[str] = ()


class Detecting(Protocol):
    """A job that detects: its name, all surfaces that it tells of, and its outputs."""

    @property
    def name(self) -> str:
        """The job's id."""

    @property
    def surfaces(self) -> Sequence[str]:
        """All that there are."""

    def outputs(self, scene: Scene) -> Mapping[str, Value]:
        """What `needs.NAME.outputs` is."""

    def about(self, output: str) -> Collection[str]:
        """The surfaces on which an output may depend."""


@dataclass(frozen=True, slots=True)
class Detection:
    """The detecting job: its name, the outputs it declares, the step that detects.

    ``surfaces``: all that there are.  ``declared`` is None where another workflow has them:
    then they are taken for right.  ``others``: the ids of its other steps.
    """

    name: str
    surfaces: Sequence[str]
    declared: Mapping[str, Written] | None
    step: Step | None
    others: Sequence[str] = ()

    def outputs(self, scene: Scene) -> Mapping[str, Value]:
        """What `needs.NAME.outputs` is."""
        if scene.detection not in (SUCCESS, FAILURE) or scene.lost is None:
            return {}
        # A job that failed has outputs, of whatever its steps said.
        step = self._of_step(scene) if scene.detection == SUCCESS else {}
        if scene.detection == FAILURE and self.declared is None:
            return {}
        if self.declared is None:
            told = {name: flag(name in scene.awake) for name in self.surfaces}
            return Partial({**step, **told, **dict.fromkeys(scene.lost, "")})
        steps: dict[str, Value] = dict.fromkeys(self.others, UNKNOWN)
        if self.step is not None and self.step.id is not None:
            steps[self.step.id] = {"outputs": step}
        found = {name: text_of(w.text, {"steps": steps}) for name, w in self.declared.items()}
        lost = {name.lower() for name in scene.lost}
        # GitHub passes on no output that is empty.
        return {n: v for n, v in found.items() if v != "" and n.lower() not in lost}

    def about(self, output: str) -> Collection[str]:
        """The surfaces on which an output may depend: nothing is known against any."""
        return [output] if output in self.surfaces else self.surfaces

    def tells(self, name: str) -> bool:
        """Whether an output is what its name says, of a surface or of the plan."""
        others = [surface for surface in self.surfaces if surface != name]
        for awake in (self.surfaces, (), (name,), others):
            scene = Scene("", awake=awake, determined=bool(awake))
            told, step = self.outputs(scene).get(name), self._of_step(scene)
            right = step.get(name, flag(name in awake))
            known = name in step or name in self.surfaces
            if known and not isinstance(right, Unknown) and told != right:
                return False
        return True

    def _of_step(self, scene: Scene) -> Mapping[str, Value]:
        return plan_outputs(self.surfaces, scene.awake, scene.determined)


def text_of(text: str, contexts: Mapping[str, Value], assumed: bool | None = None) -> Value:
    """What an output comes to; empty where GitHub gets to no value.

    ``assumed``: for what to take the parts of a condition that only a run can tell, where
    others of its parts are known.
    """
    try:
        values = [
            _settled(part.expression, contexts, assumed)
            if isinstance(part, Embedded)
            else part.text
            for part in parse_template(text).parts
        ]
    except (EvaluationError, ExpressionError):
        return ""
    if len(values) == 1 and isinstance(values[0], Unknown) and values[0].minimum is not None:
        return values[0]
    found = [as_text(value) for value in values]
    if any(part is None for part in found):
        return UNKNOWN
    return "".join(part for part in found if part is not None)


def _settled(
    expression: Expression, contexts: Mapping[str, Value], assumed: bool | None
) -> Value:
    value = evaluate(expression, contexts)
    if assumed is None or not isinstance(value, Unknown):
        return value
    leaves = {leaf: evaluate(leaf, contexts) for leaf in leaves_of(expression)}
    unknown = [leaf for leaf, known in leaves.items() if isinstance(known, Unknown)]
    if len(unknown) == len(leaves):
        return value
    return _joined(expression, leaves, assumed)


def _joined(node: Expression, leaves: Mapping[Expression, Value], assumed: bool) -> Value:
    """What `&&`, `||` and `!` make of the parts that they join."""
    match node:
        case Group(inner=inner):
            return _joined(inner, leaves, assumed)
        case Not(operand=operand):
            return not truth(_joined(operand, leaves, assumed))
        case Logical(operator=operator, operands=parts):
            value: Value = None
            for part in parts:
                value = _joined(part, leaves, assumed)
                if truth(value) is (operator == "||"):
                    break
            return value
    value = leaves[node]
    return assumed if isinstance(value, Unknown) else value


def leaves_of(node: Expression) -> Iterator[Expression]:
    """The parts that `&&`, `||` and `!` join."""
    match node:
        case Group(inner=inner) | Not(operand=inner):
            yield from leaves_of(inner)
        case Logical(operands=parts):
            for part in parts:
                yield from leaves_of(part)
        case _:
            yield node
