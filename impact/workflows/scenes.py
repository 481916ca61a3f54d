"""What the condition of a job comes to, in every situation that matters.

A condition is evaluated as GitHub would, with the outputs that the detecting job would
have; what only a run can tell (the event, a label) stays unknown, and an unknown answer is
no fault.  https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from impact.workflows.conditions import kept_of
from impact.workflows.evaluate import (
    UNKNOWN,
    EvaluationError,
    Unknown,
    Value,
    as_text,
    evaluate,
    truth,
)
from impact.workflows.expressions import references
from impact.workflows.lexer import ExpressionError
from impact.workflows.nodes import Expression
from impact.workflows.templates import Embedded, parse_condition, parse_template
from impact.workflows.workflow import Job, Step, Written

SUCCESS, FAILURE, SKIPPED = "success", "failure", "skipped"


@dataclass(frozen=True, slots=True)
class Scene:
    """A situation, in words, and whether the job has to run in it.

    ``lost``: outputs of the detecting job that do not come through; None for all of them.
    ``detection``: its result.  ``results``: those of further needs, else success.
    """

    words: str
    runs: bool
    awake: Collection[str] = ()
    determined: bool = True
    detection: str = SUCCESS
    lost: Collection[str] | None = ()
    results: Mapping[str, str] = field(default_factory=dict)
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Detection:
    """The detecting job: its name, the outputs it declares, the step that detects.

    ``surfaces``: all that there are.  ``declared`` is None where another workflow has them.
    """

    name: str
    surfaces: Sequence[str]
    declared: Mapping[str, Written] | None
    step: Step | None
    others: Sequence[str] = ()

    def outputs(self, scene: Scene) -> Value:
        """What `needs.NAME.outputs` is."""
        if self.declared is None:
            return UNKNOWN
        if scene.detection != SUCCESS or scene.lost is None:
            return {}
        steps: dict[str, Value] = dict.fromkeys(self.others, UNKNOWN)
        if self.step is not None and self.step.id is not None:
            steps[self.step.id] = {"outputs": self._of_step(scene)}
        found: dict[str, Value] = {}
        for name, written in self.declared.items():
            value = _text(written.text, {"steps": steps})
            # GitHub passes on no output that is empty.
            if value != "" and name not in scene.lost:
                found[name] = value
        return found

    def tells(self, name: str) -> bool:
        """Whether an output is what its name says, of a surface or of the plan."""
        if self.declared is None:
            return True
        for awake in ([*self.surfaces], []):
            scene = Scene("", True, awake, determined=not awake)
            found, step = self.outputs(scene), self._of_step(scene)
            value = found.get(name) if isinstance(found, Mapping) else UNKNOWN
            right = step.get(name, "true" if name in awake else "false")
            if (
                not isinstance(value, Unknown)
                and not isinstance(right, Unknown)
                and value != right
            ):
                return False
        return True

    def _of_step(self, scene: Scene) -> Mapping[str, Value]:
        woken = sorted(set(scene.awake))
        asleep = sorted(set(self.surfaces) - set(woken))
        return {
            "surfaces": json.dumps({name: name in woken for name in self.surfaces}),
            "woken": json.dumps(woken),
            "asleep": json.dumps(asleep),
            "any": "true" if woken else "false",
            "determined": "true" if scene.determined else "false",
            "surfaces-base": "{}",
            "base": UNKNOWN,
            "head": UNKNOWN,
            "plan-file": UNKNOWN,
        }


def faults(
    job: Job, surfaces: Sequence[str], detection: Detection, gated: Collection[str]
) -> list[str]:
    """Where the job sleeps or runs as it must not, in words.

    ``gated``: the jobs that may be asleep.  Raises `ExpressionError` for a condition that
    GitHub refuses.
    """
    expression = parse_condition(condition_text(job))
    read = outputs_read(job, detection.name)
    further = [need.text for need in job.needs if need.text != detection.name]
    # Who asks for a result by name knows what to do without.
    sleeping = set(gated) - kept_of(condition_text(job), detection.name, further).asked
    scenes = list(_scenes(surfaces, detection, read, further, sleeping))
    if "determined" in read:  # it runs only where a change is known to be for it
        scenes = [s for s in scenes if s.determined and s.detection == SUCCESS and s.lost == ()]
    found: dict[str, None] = {}
    for scene in scenes:
        try:
            answer = truth(_answer(expression, job, detection, scene))
        except EvaluationError as error:
            found[f"its condition fails where {scene.words} ({error})"] = None
            continue
        if answer is not None and answer != scene.runs:
            found[f"it {'sleeps' if scene.runs else 'runs'} where {scene.words}"] = None
    return list(found)


def always_runs(job: Job, detection: Detection) -> list[str]:
    """Where the gate's job would not run, in words.  Raises `ExpressionError`."""
    expression = parse_condition(condition_text(job))
    needs = [need.text for need in job.needs if need.text != detection.name]
    scenes = [
        Scene("all is well", True),
        Scene("the detection failed", True, detection=FAILURE, lost=None),
        Scene("a job failed", True, results=dict.fromkeys(needs, FAILURE)),
        Scene("a job was skipped", True, results=dict.fromkeys(needs, SKIPPED)),
        Scene("the run was cancelled", True, cancelled=True),
    ]
    found = []
    for scene in scenes:
        try:
            runs = truth(_answer(expression, job, detection, scene)) is True
        except EvaluationError:
            runs = False
        if not runs:
            found.append(scene.words)
    return found


def _scenes(
    surfaces: Sequence[str],
    detection: Detection,
    read: Sequence[str],
    further: Sequence[str],
    sleeping: Collection[str],
) -> Iterator[Scene]:
    every = detection.surfaces
    others = [name for name in every if name not in surfaces]
    for name in surfaces:
        yield Scene(f"{name} is awake", True, [name])
    for name in read:
        yield Scene(f"the output {name} is lost", True, lost=[name])
    yield Scene("what changed is unknown", True, every, determined=False)
    yield Scene("the outputs are lost", True, lost=None)
    yield Scene("the detection failed", True, detection=FAILURE, lost=None)
    whose = surfaces[0] if len(surfaces) == 1 else "every surface of it"
    yield Scene(f"{whose} is asleep", False)
    yield Scene(f"{whose} is asleep", False, others)
    yield Scene("the run was cancelled", False, every, cancelled=True)
    for need in further:
        yield Scene(f"{need} failed", False, every, results={need: FAILURE})
        if need in sleeping:
            yield Scene(f"{need} is asleep", True, surfaces, results={need: SKIPPED})


def condition_text(job: Job) -> str:
    """Its `if`, which is empty where there is none."""
    return job.condition.text if job.condition is not None else ""


def outputs_read(job: Job, detecting: str) -> list[str]:
    """The outputs of the detecting job that a condition reads.  Raises `ExpressionError`."""
    before = ("needs", detecting.lower(), "outputs")
    expression = parse_condition(condition_text(job))
    paths = [reference.path for reference in references(expression)]
    return list(
        dict.fromkeys(p[3] for p in paths if p[3:] and tuple(map(str.lower, p[:3])) == before)
    )


def _answer(expression: Expression, job: Job, detection: Detection, scene: Scene) -> Value:
    results = {
        need.text: scene.detection
        if need.text == detection.name
        else scene.results.get(need.text, SUCCESS)
        for need in job.needs
    }
    needs: dict[str, Value] = {
        name: {
            "result": result,
            "outputs": detection.outputs(scene) if name == detection.name else UNKNOWN,
        }
        for name, result in results.items()
    }
    well = set(results.values()) <= {SUCCESS}
    status: dict[str, bool] = {
        "always": True,
        "cancelled": scene.cancelled,
        "success": well and not scene.cancelled,
        "failure": FAILURE in results.values() and not scene.cancelled,
    }
    functions = {name: partial(_given, value) for name, value in status.items()}
    return evaluate(expression, {"needs": needs}, functions)


def _given(value: bool, *_: Value) -> Value:
    return value


def _text(text: str, contexts: Mapping[str, Value]) -> Value:
    """What an output comes to; empty where GitHub gets to no value."""
    try:
        found = [
            as_text(evaluate(part.expression, contexts))
            if isinstance(part, Embedded)
            else part.text
            for part in parse_template(text).parts
        ]
    except (EvaluationError, ExpressionError):
        return ""
    if any(part is None for part in found):
        return UNKNOWN
    return "".join(part for part in found if part is not None)
