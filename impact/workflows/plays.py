"""A workflow in the situations of a run: which of its jobs run, by their conditions.

A condition is evaluated as GitHub would, with the outputs that the detecting job would
have, and with the results that the other needs would have in turn.  What only a run can
tell (the event, a label) is unknown: each such part is taken for true and for false, the
same in all situations.
https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations, product
from types import MappingProxyType

from impact.workflows.detection import (
    FAILURE,
    SKIPPED,
    SUCCESS,
    Detecting,
    Scene,
)
from impact.workflows.evaluate import (
    UNKNOWN,
    EvaluationError,
    Value,
)
from impact.workflows.expressions import STATUS_FUNCTIONS, calls, references
from impact.workflows.lexer import ExpressionError
from impact.workflows.nodes import Expression, Group, Logical, Not
from impact.workflows.parts import Around, Part, parts_of
from impact.workflows.templates import parse_condition
from impact.workflows.workflow import Job, Workflow, ancestors

_UNKNOWNS = 6
"""Of so many unknown parts every combination is tried."""
_PAIRS = 24
"""Of so many every two against all others."""

Assumed = Mapping[str, bool]
"""Whether each part of a condition that only a run can tell is true, by its text."""


@dataclass(frozen=True, slots=True)
class Play:
    """A workflow in a situation: which of its jobs run, and with what result.

    ``outputs``: those of the detection in it.  ``doubted``: the parts of conditions that were
    asked for and are as true as the scene is doubtful.
    """

    workflow: Workflow
    detection: Detecting
    scene: Scene
    outputs: Mapping[str, Value]
    results: dict[str, str] = field(default_factory=dict)
    around: dict[str, Around] = field(default_factory=dict)
    before: dict[str, list[str]] = field(default_factory=dict)
    doubted: set[str] = field(default_factory=set)

    def runs(self, job: Job, assumed: Assumed = MappingProxyType({})) -> bool:
        """Whether the job runs, with these truths of what only a run can tell of it.

        What is not among them is true: the others run if they may.  Raises `ExpressionError`,
        and `EvaluationError` as GitHub.
        """
        text = condition_text(job)
        parts = parts_of(text, self.detection.name)
        return self._truth(parse_condition(text), parts, job, assumed)

    def unknowns(self, job: Job) -> Iterator[str]:
        """The parts of a job's condition that only a run can tell."""
        for part in parts_of(condition_text(job), self.detection.name).values():
            if self._asks(part) or (part.is_fixed and part.fixed is not None):
                continue
            with suppress(EvaluationError):
                if part.is_fixed or self._known(part, job) is None:
                    yield part.text

    def _truth(
        self,
        node: Expression,
        parts: Mapping[tuple[int, int], Part],
        job: Job,
        assumed: Assumed,
    ) -> bool:
        match node:
            case Group(inner=inner):
                return self._truth(inner, parts, job, assumed)
            case Not(operand=operand):
                return not self._truth(operand, parts, job, assumed)
            case Logical(operator=operator, operands=operands):
                deciding = operator == "||"
                for operand in operands:
                    if self._truth(operand, parts, job, assumed) is deciding:
                        return deciding
                return not deciding
        part = parts[node.start, node.end]
        found = part.fixed if part.is_fixed else self._known(part, job)
        if found is not None:
            return found
        if self._asks(part):
            self.doubted.add(part.text)
            return self.scene.doubtful
        return assumed.get(part.text, True)

    def _asks(self, part: Part) -> bool:
        """Whether a part asks what is awake."""
        outputs = part.outputs
        return part.reads_detection and (
            outputs is None or any(map(self.detection.about, outputs))
        )

    def _known(self, part: Part, job: Job) -> bool | None:
        """Whether a part of the job's condition is true, if that is known."""
        if job.id not in self.around:
            self.around[job.id] = self._around(job)
        return part.truth(self.around[job.id])

    def _around(self, job: Job) -> Around:
        """What the condition of a job may ask for."""
        # Those that its needs need are in no documentation, and yet GitHub tells of them in the
        # `if` of a job: https://github.com/actions/runner/issues/2356.
        every = self._ancestors(job)
        before = [self.result(name) for name in every]  # none has to ask for many behind it
        names = dict.fromkeys([*(need.text for need in job.needs), *every])
        needs: dict[str, Value] = {}
        for name in names:
            result = self.result(name)
            outputs: Value = UNKNOWN if result != SKIPPED else {}
            if name == self.detection.name:
                outputs = self.outputs
            needs[name] = {"result": result, "outputs": outputs}
        cancelled = self.scene.cancelled
        success = set(before) <= {SUCCESS} and not cancelled
        return Around(needs, cancelled, success, FAILURE in before and not cancelled)

    def _ancestors(self, job: Job) -> list[str]:
        if job.id not in self.before:
            self.before[job.id] = ancestors(job, self.workflow.jobs)
        return self.before[job.id]

    def result(self, name: str) -> str:
        """The result of a job: it ran if its own condition may let it."""
        if name == self.detection.name:
            return self.scene.detection
        if name not in self.results:
            self.results[name] = SUCCESS  # while it is asked for, in case needs go in a circle
            job = self.workflow.jobs.get(name)
            try:
                ran = job is None or self._may_run(job)
                self.results[name] = SUCCESS if ran else SKIPPED
            except (EvaluationError, ExpressionError):
                self.results[name] = FAILURE
            if name in self.scene.failed:
                self.results[name] = FAILURE
        return self.results[name]

    def _may_run(self, job: Job) -> bool:
        if self.runs(job):
            return True
        return any(
            self.runs(job, one) for one in assumptions(dict.fromkeys(self.unknowns(job)))
        )


@dataclass(frozen=True)
class Stage:
    """A workflow and a job of it that detects, in which each situation is played once."""

    workflow: Workflow
    detection: Detecting
    _plays: dict[tuple[object, ...], Play] = field(default_factory=dict)
    _before: dict[str, list[str]] = field(default_factory=dict)
    _sleepers: dict[str, bool] = field(default_factory=dict)

    def depends(
        self, job: Job, awake: Collection[str], fewer: Collection[str], certain: bool = False
    ) -> bool:
        """Whether a job may run where those surfaces are awake and, all else the same, does
        not where only these fewer ones are.

        ``certain``: whatever those outputs of the detection are that nobody knows.  Raises
        `ExpressionError`.
        """
        for doubtful in (True,) if certain else (False, True):
            scenes = [Scene("", awake=names, doubtful=doubtful) for names in (awake, fewer)]
            plays = [self.play(scene) for scene in scenes]
            unknown = dict.fromkeys(text for play in plays for text in play.unknowns(job))
            for assumed in assumptions(unknown):
                with suppress(EvaluationError):
                    more, less = (play.runs(job, assumed) for play in plays)
                    if more and not less:
                        return True
            if not any(play.doubted for play in plays):
                break  # all would be the same
        return False

    def may_sleep(self, name: str) -> bool:
        """Whether a job may be asleep, by its own condition or behind one that is."""
        if name not in self._sleepers:
            self._sleepers[name] = True  # while it is asked for, in case needs go in a circle
            job = self.workflow.jobs.get(name)
            self._sleepers[name] = job is None or self._may_sleep(job)
        return self._sleepers[name]

    def _may_sleep(self, job: Job) -> bool:
        others = [need.text for need in job.needs if need.text != self.detection.name]
        asked = calls(parse_condition(condition_text(job))) - {"success"}
        if not asked & STATUS_FUNCTIONS and any(map(self.may_sleep, others)):
            return True
        return self.depends(job, self.detection.surfaces, ())

    def keeps(self, job: Job, other: Job, surfaces: Sequence[str]) -> bool:
        """Whether the other job runs wherever the job does, as long as all goes well."""
        every, asked = self.detection.surfaces, dict.fromkeys(surfaces)
        for output in outputs_read(job, self.detection.name):
            asked |= dict.fromkeys(self.detection.about(output))
        return self._only(job, other, [every, (), surfaces, *([name] for name in asked)])

    def adds(self, job: Job, other: Job, surfaces: Sequence[str]) -> bool:
        """Whether the other job runs for more reasons, as long as all goes well.

        It may where all of the surfaces are awake and the job sleeps whatever else holds.
        """
        scenes: list[Collection[str]] = [()]
        for awake in (self.detection.surfaces, *([name] for name in surfaces)):
            play = self.play(Scene("", awake=awake))
            with suppress(EvaluationError):
                if any(
                    play.runs(job, one)
                    for one in assumptions(dict.fromkeys(play.unknowns(job)))
                ):
                    scenes.append(awake)
        return not self._only(other, job, scenes)

    def _only(self, job: Job, other: Job, scenes: Sequence[Collection[str]]) -> bool:
        """Whether a job runs in no such scene in which the other one does not."""
        for awake in scenes:
            play = self.play(Scene("", awake=awake))
            unknown = dict.fromkeys([*play.unknowns(job), *play.unknowns(other)])
            for assumed in assumptions(unknown):
                with suppress(EvaluationError):
                    if play.runs(job, assumed) and not play.runs(other, assumed):
                        return False
        return True

    def play(self, scene: Scene) -> Play:
        """The workflow in a situation, of which the words do not matter."""
        key = (
            frozenset(scene.awake),
            scene.determined,
            scene.detection,
            scene.lost if scene.lost is None else frozenset(scene.lost),
            frozenset(scene.failed),
            scene.cancelled,
            scene.doubtful,
        )
        if key not in self._plays:
            outputs = self.detection.outputs(scene)
            self._plays[key] = Play(
                self.workflow, self.detection, scene, outputs, before=self._before
            )
        return self._plays[key]


def assumptions(unknown: Iterable[str]) -> Iterator[dict[str, bool]]:
    """Every choice of truths; of many parts all, none, one or two against the others."""
    texts = list(unknown)
    if len(texts) <= _UNKNOWNS:
        for values in product((True, False), repeat=len(texts)):
            yield dict(zip(texts, values, strict=True))
        return
    for truth_of_most in (True, False):
        for number in range(3 if len(texts) <= _PAIRS else 2):
            for few in combinations(texts, number):
                yield dict.fromkeys(texts, truth_of_most) | dict.fromkeys(
                    few, not truth_of_most
                )


def condition_text(job: Job) -> str:
    """Its `if`, which is empty where there is none."""
    return job.condition.text if job.condition is not None else ""


def outputs_read(job: Job, detecting: str) -> list[str]:
    """The outputs of the detecting job that a condition reads.  Raises `ExpressionError`."""
    return list(_outputs_read(condition_text(job), detecting.lower()))


@lru_cache(4096)
def _outputs_read(condition: str, detecting: str) -> Sequence[str]:
    before = ("needs", detecting, "outputs")
    paths = [reference.path for reference in references(parse_condition(condition))]
    read = (p[3] for p in paths if p[3:] and tuple(map(str.lower, p[:3])) == before)
    return tuple(dict.fromkeys(read))
