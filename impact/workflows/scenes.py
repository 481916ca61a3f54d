"""What the condition of a job comes to, in every situation that matters.

A condition is evaluated as GitHub would, with the outputs that the detecting job would
have, and with the results that the other needs would have in turn.  What only a run can
tell (the event, a label) is unknown: each such part is taken for true and for false, the
same in all situations.  So a trigger besides is no fault, and does not hide one.
https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from itertools import combinations, product

from impact.workflows.conditions import operands
from impact.workflows.evaluate import (
    UNKNOWN,
    EvaluationError,
    Functions,
    Partial,
    Unknown,
    Value,
    as_text,
    evaluate,
    truth,
)
from impact.workflows.expressions import references
from impact.workflows.lexer import ExpressionError
from impact.workflows.nodes import Expression, Group, Logical, Not
from impact.workflows.templates import Embedded, parse_condition, parse_template
from impact.workflows.workflow import Job, Step, Workflow, Written

SUCCESS, FAILURE, SKIPPED, CANCELLED = "success", "failure", "skipped", "cancelled"
_NO_DETECTION = {FAILURE: "failed", SKIPPED: "was skipped", CANCELLED: "was cancelled"}
_UNKNOWNS = 6
"""Of so many unknown parts every combination is tried."""

Assumed = Mapping[str, bool]
"""Whether each part of a condition that only a run can tell is true, by its text."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A situation, in words, and whether the job has to run in it.

    ``detection``: the result of the detecting job.  ``lost``: its outputs that do not come
    through; None for all of them.  ``failed``: needs that fail.  ``doubtful``: the truth of
    what compares the detection with what only a run can tell, which can be another in each.
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
        if scene.detection != SUCCESS or scene.lost is None:
            return {}
        step = self._of_step(scene)
        if self.declared is None:
            told = {name: _flag(name in scene.awake) for name in self.surfaces}
            return Partial({**step, **told, **dict.fromkeys(scene.lost, "")})
        steps: dict[str, Value] = dict.fromkeys(self.others, UNKNOWN)
        if self.step is not None and self.step.id is not None:
            steps[self.step.id] = {"outputs": step}
        found = {name: _text(w.text, {"steps": steps}) for name, w in self.declared.items()}
        lost = {name.lower() for name in scene.lost}
        # GitHub passes on no output that is empty.
        return {n: v for n, v in found.items() if v != "" and n.lower() not in lost}

    def tells(self, name: str) -> bool:
        """Whether an output is what its name says, of a surface or of the plan."""
        others = [surface for surface in self.surfaces if surface != name]
        for awake in (self.surfaces, (), (name,), others):
            scene = Scene("", awake=awake, determined=bool(awake))
            told, step = self.outputs(scene).get(name), self._of_step(scene)
            right = step.get(name, _flag(name in awake))
            known = name in step or name in self.surfaces
            if known and not isinstance(right, Unknown) and told != right:
                return False
        return True

    def _of_step(self, scene: Scene) -> Mapping[str, Value]:
        woken = sorted(set(scene.awake))
        asleep = sorted(set(self.surfaces) - set(woken))
        return {
            "surfaces": json.dumps({name: name in scene.awake for name in self.surfaces}),
            "woken": json.dumps(woken),
            "asleep": json.dumps(asleep),
            "any": _flag(bool(woken)),
            "determined": _flag(scene.determined),
            "surfaces-base": "{}",
            "base": UNKNOWN,
            "head": UNKNOWN,
            "plan-file": UNKNOWN,
        }


@dataclass(frozen=True, slots=True)
class Play:
    """A workflow in a situation: which of its jobs run, and with what result.

    ``outputs``: those of the detection in it.
    """

    workflow: Workflow
    detection: Detection
    scene: Scene
    outputs: Mapping[str, Value]
    assumed: Assumed = field(default_factory=dict)
    results: dict[str, str] = field(default_factory=dict)
    around: dict[str, tuple[Mapping[str, Value], Functions]] = field(default_factory=dict)

    def runs(self, job: Job) -> bool:
        """Whether the job runs.  Raises `ExpressionError`, and `EvaluationError` as GitHub."""
        text = condition_text(job)
        return self._truth(_parsed(text), text, job)

    def assuming(self, assumed: Assumed) -> Play:
        """The same, with these truths of what only a run can tell of the job that is asked.

        The others run if they may.
        """
        return replace(self, assumed=assumed)

    def unknowns(self, job: Job) -> Iterator[str]:
        """The parts of a job's condition that only a run can tell."""
        text = condition_text(job)
        for leaf in _leaves(_parsed(text)):
            with suppress(EvaluationError):
                known = _reads_needs(leaf, self.detection.name)
                if not known and truth(self._value(leaf, job)) is None:
                    yield text[leaf.start : leaf.end]

    def _truth(self, node: Expression, text: str, job: Job) -> bool:
        match node:
            case Group(inner=inner):
                return self._truth(inner, text, job)
            case Not(operand=operand):
                return not self._truth(operand, text, job)
            case Logical(operator="&&", operands=parts):
                return all(self._truth(part, text, job) for part in parts)
            case Logical(operands=parts):
                return any(self._truth(part, text, job) for part in parts)
        found = truth(self._value(node, job))
        if found is not None:
            return found
        if _reads_needs(node, self.detection.name):
            return self.scene.doubtful
        return self.assumed.get(text[node.start : node.end], True)

    def _value(self, node: Expression, job: Job) -> Value:
        if job.id not in self.around:
            self.around[job.id] = self._around(job)
        needs, functions = self.around[job.id]
        return evaluate(node, {"needs": needs}, functions)

    def _around(self, job: Job) -> tuple[Mapping[str, Value], Functions]:
        """The context `needs` of a job, and the status functions."""
        before = [self._result(name) for name in self._ancestors(job)]
        needs: dict[str, Value] = {}
        for need in job.needs:
            result = self._result(need.text)
            outputs: Value = UNKNOWN if result != SKIPPED else {}
            if need.text == self.detection.name:
                outputs = self.outputs
            needs[need.text] = {"result": result, "outputs": outputs}
        status = {
            "always": True,
            "cancelled": self.scene.cancelled,
            "success": set(before) <= {SUCCESS} and not self.scene.cancelled,
            "failure": FAILURE in before and not self.scene.cancelled,
        }
        return needs, {name: partial(_given, value) for name, value in status.items()}

    def _ancestors(self, job: Job) -> list[str]:
        """All that a job needs, each behind what it needs itself: chains can be long."""
        found: dict[str, None] = {}
        seen: set[str] = set()
        todo = [(need.text, False) for need in job.needs]
        while todo:
            name, is_behind = todo.pop()
            if is_behind:
                found[name] = None
            elif name not in seen:
                seen.add(name)
                other = self.workflow.jobs.get(name)
                todo.append((name, True))
                todo += [(n.text, False) for n in (other.needs if other is not None else ())]
        return list(found)

    def _result(self, name: str) -> str:
        """The result of a need: it ran if its own condition lets it."""
        if name == self.detection.name:
            return self.scene.detection
        if name not in self.results:
            self.results[name] = SUCCESS  # while it is asked for, in case needs go in a circle
            job = self.workflow.jobs.get(name)
            try:
                ran = job is None or replace(self, assumed={}).runs(job)
                self.results[name] = SUCCESS if ran else SKIPPED
            except (EvaluationError, ExpressionError):
                self.results[name] = FAILURE
            if name in self.scene.failed:
                self.results[name] = FAILURE
        return self.results[name]


def faults(
    job: Job, surfaces: Sequence[str], workflow: Workflow, detection: Detection
) -> list[str]:
    """Where the job of these surfaces sleeps or runs as it must not, in words.

    Raises `ExpressionError` for a condition that GitHub refuses.
    """
    awake = Scene("every surface is awake", awake=detection.surfaces, doubtful=True)
    scenes = list(_scenes(job, surfaces, detection))
    if _has_effects(job, detection):  # it runs only where a change is known to be for it
        scenes = [s for s in scenes if s.determined and s.detection == SUCCESS and s.lost == ()]
    plays = {s: Play(workflow, detection, s, detection.outputs(s)) for s in (awake, *scenes)}
    unknown = dict.fromkeys(text for play in plays.values() for text in play.unknowns(job))
    found: dict[str, None] = {}
    ran, always = False, {scene: True for scene in scenes if not scene.runs}
    for assumed in _assumptions(unknown):
        try:
            wakes = plays[awake].assuming(assumed).runs(job)
        except EvaluationError:
            wakes = True
        ran |= wakes
        for scene in scenes:
            try:
                runs = plays[scene].assuming(assumed).runs(job)
            except EvaluationError as error:
                found[f"its condition fails where {scene.words} ({error})"] = None
                continue
            if scene.runs and wakes and not runs:
                found[f"it sleeps where {scene.words}"] = None
            elif not scene.runs and wakes:
                always[scene] &= runs
    if not ran:
        return ["it never runs, whatever is awake"]
    found |= {f"it runs where {scene.words}": None for scene, runs in always.items() if runs}
    return list(found)


def where_skipped(job: Job, workflow: Workflow, detection: Detection) -> list[str]:
    """The situations in which a job that has to run in all of them may not, in words.

    Raises `ExpressionError`.
    """
    needs = [need.text for need in job.needs if need.text != detection.name]
    scenes = [
        Scene("all is well", awake=detection.surfaces),
        Scene("the detection failed", detection=FAILURE, lost=None),
        Scene("a job failed", awake=detection.surfaces, failed=needs),
        Scene("a job was skipped"),
        Scene("the run was cancelled", awake=detection.surfaces, cancelled=True),
    ]
    found = []
    for scene in scenes:
        play = Play(workflow, detection, scene, detection.outputs(scene))
        try:
            runs = play.assuming(dict.fromkeys(play.unknowns(job), False)).runs(job)
        except EvaluationError:
            runs = False
        if not runs:
            found.append(scene.words)
    return found


def _assumptions(unknown: Iterable[str]) -> Iterator[dict[str, bool]]:
    """Every choice of truths; of very many parts all, none, one or two against the others."""
    texts = list(unknown)
    if len(texts) <= _UNKNOWNS:
        for values in product((True, False), repeat=len(texts)):
            yield dict(zip(texts, values, strict=True))
        return
    for truth_of_most in (True, False):
        for number in range(3):
            for few in combinations(texts, number):
                yield dict.fromkeys(texts, truth_of_most) | dict.fromkeys(
                    few, not truth_of_most
                )


def _scenes(job: Job, surfaces: Sequence[str], detection: Detection) -> Iterator[Scene]:
    every = detection.surfaces
    others = [name for name in every if name not in surfaces]
    for name in surfaces:
        alone = " alone" * (len(every) > 1)
        yield Scene(f"{name}{alone} is awake", awake=[name])
    for name in outputs_read(job, detection.name):
        yield Scene(f"the output {name} is lost", lost=[name])
    yield Scene("what changed is unknown", awake=every, determined=False)
    yield Scene("the outputs are lost", lost=None)
    for result, words in _NO_DETECTION.items():
        yield Scene(f"the detection {words}", detection=result, lost=None)
    whose = surfaces[0] if len(surfaces) == 1 else "every surface of it"
    yield Scene(f"{whose} is asleep", False)
    yield Scene(f"{whose} is asleep", False, others)
    yield Scene("the run was cancelled", False, every, cancelled=True)
    for need in job.needs:
        if need.text != detection.name:
            yield Scene(f"{need.text} failed", False, every, failed=[need.text])


def _has_effects(job: Job, detection: Detection) -> bool:
    """Whether it asks that the change is known, besides all else."""
    path = ("needs", detection.name.lower(), "outputs", "determined")
    for term in operands("&&", _parsed(condition_text(job))):
        paths = [tuple(map(str.lower, reference.path)) for reference in references(term)]
        if paths == [path] and not isinstance(term, Logical | Group):
            return True
    return False


def condition_text(job: Job) -> str:
    """Its `if`, which is empty where there is none."""
    return job.condition.text if job.condition is not None else ""


def outputs_read(job: Job, detecting: str) -> list[str]:
    """The outputs of the detecting job that a condition reads.  Raises `ExpressionError`."""
    before = ("needs", detecting.lower(), "outputs")
    expression = _parsed(condition_text(job))
    paths = [reference.path for reference in references(expression)]
    return list(
        dict.fromkeys(p[3] for p in paths if p[3:] and tuple(map(str.lower, p[:3])) == before)
    )


@lru_cache
def _parsed(text: str) -> Expression:
    return parse_condition(text)


def _reads_needs(node: Expression, detecting: str) -> bool:
    """Whether it reads the detection, or all needs alike."""
    paths = [tuple(map(str.lower, reference.path)) for reference in references(node)]
    return any(p[:2] == ("needs", detecting.lower()) or p == ("needs",) for p in paths)


def _leaves(node: Expression) -> Iterator[Expression]:
    """The parts that `&&`, `||` and `!` join."""
    match node:
        case Group(inner=inner) | Not(operand=inner):
            yield from _leaves(inner)
        case Logical(operands=parts):
            for part in parts:
                yield from _leaves(part)
        case _:
            yield node


def _flag(value: bool) -> str:
    return "true" if value else "false"


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
