"""What the condition of a job comes to, in every situation that matters.

A condition is evaluated as GitHub would, with the outputs that the detecting job would
have, and with the results that the other needs would have in turn.  What only a run can
tell (the event, a label) is unknown: each such part is taken for true and for false, the
same in all situations.  So a trigger besides is no fault, and does not hide one.
https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache

from impact.workflows.conditions import operands
from impact.workflows.detection import (
    CANCELLED,
    FAILURE,
    SKIPPED,
    SUCCESS,
    Detecting,
    Scene,
)
from impact.workflows.evaluate import (
    EvaluationError,
)
from impact.workflows.expressions import references
from impact.workflows.lexer import ExpressionError
from impact.workflows.nodes import Group, Logical
from impact.workflows.plays import (
    Play,
    Stage,
    assumptions,
    condition_text,
    outputs_read,
)
from impact.workflows.templates import parse_condition
from impact.workflows.workflow import Job, Workflow

_NO_DETECTION = {FAILURE: "failed", SKIPPED: "was skipped", CANCELLED: "was cancelled"}


def faults(job: Job, surfaces: Sequence[str], stage: Stage) -> list[str]:
    """Where the job of these surfaces sleeps or runs as it must not, in words.

    Raises `ExpressionError` for a condition that GitHub refuses.
    """
    workflow, detection = stage.workflow, stage.detection
    awake = Scene("every surface is awake", awake=detection.surfaces, doubtful=True)
    scenes = list(_scenes(job, surfaces, detection))
    detecting = workflow.jobs.get(detection.name)
    skipped = None
    if may_be_skipped(detecting):
        # It is skipped on purpose, and what it would wake with it.
        if detecting is not None and detecting.condition is not None:
            skipped = stage.play(Scene("", detection=SKIPPED, lost=None))
        scenes = [scene for scene in scenes if scene.detection != SKIPPED]
    if _is_behind_effects(job, workflow, detection):
        scenes = [s for s in scenes if s.determined and s.detection == SUCCESS and s.lost == ()]
    plays = {scene: stage.play(scene) for scene in (awake, *scenes)}
    unknown = dict.fromkeys(text for play in plays.values() for text in play.unknowns(job))
    found: dict[str, None] = {}
    ran = woke = False
    sleeps: dict[Scene, set[bool]] = {}
    always = {scene: True for scene in scenes if not scene.runs}
    for assumed in assumptions(unknown):
        try:
            wakes = plays[awake].runs(job, assumed)
        except EvaluationError:
            wakes = True
        ran |= wakes
        woke |= wakes
        if skipped is not None and _is_left_out(job, assumed, stage, skipped):
            found["it sleeps where the detection was skipped, whatever else it asks"] = None
        for scene in scenes:
            try:
                runs = plays[scene].runs(job, assumed)
            except EvaluationError as error:
                found[f"its condition fails where {scene.words} ({error})"] = None
                continue
            ran |= runs and scene.runs and scene.detection == SUCCESS
            if scene.runs and wakes and not runs:
                matters = _matters(job, assumed, stage, scene.about)
                sleeps.setdefault(scene, set()).add(matters)
            elif not scene.runs and wakes:
                always[scene] &= runs
    for scene, found_to in sleeps.items():
        # What is not asked for in some cases is so on purpose, if it is in others.
        if True in found_to or not any(
            _matters(job, assumed, stage, scene.about) for assumed in assumptions(unknown)
        ):
            found[f"it sleeps where {scene.words}"] = None
    if not ran:
        return ["it never runs, whatever is awake"]
    found |= {
        f"it runs where {scene.words}": None for scene, runs in always.items() if runs and woke
    }
    return list(found)


def may_be_skipped(detecting: Job | None) -> bool:
    """Whether the job that detects may be skipped on purpose.

    So it is too where one that it needs fails, which the run says for itself.
    """
    return detecting is not None and (detecting.condition is not None or bool(detecting.needs))


def _is_left_out(job: Job, assumed: Mapping[str, bool], stage: Stage, skipped: Play) -> bool:
    """Whether it runs with all asleep, so for another reason, and not without a detection."""
    try:
        asleep = stage.play(Scene("", awake=()))
        return asleep.runs(job, assumed) and not skipped.runs(job, assumed)
    except EvaluationError:
        return False


def _matters(
    job: Job, assumed: Mapping[str, bool], stage: Stage, names: Collection[str]
) -> bool:
    """Whether surfaces wake it alone, or put it to sleep; true of none."""
    others = [name for name in stage.detection.surfaces if name not in names]
    if not names:
        return True
    with suppress(EvaluationError):
        alone, without = (stage.play(Scene("", awake=awake)) for awake in (names, others))
        return alone.runs(job, assumed) or not without.runs(job, assumed)
    return True


def where_skipped(job: Job, stage: Stage, lenient: bool = False) -> list[str]:
    """The situations in which a job that has to run in all of them may not, in words.

    ``lenient``: it need not where the run was cancelled, nor for every event.

    Raises `ExpressionError`.
    """
    detection = stage.detection
    needs = [need.text for need in job.needs if need.text != detection.name]
    scenes = [
        Scene("all is well", awake=detection.surfaces),
        Scene("the detection failed", detection=FAILURE),
        Scene("a job failed", awake=detection.surfaces, failed=needs),
        Scene("a job was skipped"),
        Scene("the run was cancelled", awake=detection.surfaces, cancelled=True),
    ]
    found = []
    for scene in scenes[:-1] if lenient else scenes:
        play = stage.play(scene)
        try:
            runs = play.runs(job, dict.fromkeys(play.unknowns(job), lenient))
        except EvaluationError:
            runs = False
        if not runs:
            found.append(scene.words)
    return found


def _scenes(job: Job, surfaces: Sequence[str], detection: Detecting) -> Iterator[Scene]:
    every = detection.surfaces
    others = [name for name in every if name not in surfaces]
    for name in surfaces:
        alone = " alone" * (len(every) > 1)
        yield Scene(f"{name}{alone} is awake", awake=[name], about=[name])
    for name in outputs_read(job, detection.name):
        yield Scene(f"the output {name} is lost", lost=[name], about=detection.about(name))
    yield Scene("what changed is unknown", awake=every, determined=False)
    yield Scene("the outputs are lost", lost=None)
    for result, words in _NO_DETECTION.items():
        lost = () if result == FAILURE else None
        yield Scene(f"the detection {words}", detection=result, lost=lost)
    whose = surfaces[0] if len(surfaces) == 1 else "every surface of it"
    yield Scene(f"{whose} is asleep", False)
    yield Scene(f"{whose} is asleep", False, others)
    yield Scene("the run was cancelled", False, every, cancelled=True)
    for need in job.needs:
        if need.text != detection.name:
            yield Scene(f"{need.text} failed", False, every, failed=[need.text])


def _is_behind_effects(job: Job, workflow: Workflow, detection: Detecting) -> bool:
    """Whether it, or one that it needs, runs only where a change is known to be for it."""
    needs = (workflow.jobs.get(need.text) for need in job.needs)
    for one in (job, *needs):
        with suppress(ExpressionError):
            if one is not None and has_effects(one, detection):
                return True
    return False


def has_effects(job: Job, detection: Detecting) -> bool:
    """Whether it asks that the change is known, besides all else."""
    return _asks_determined(condition_text(job), detection.name.lower())


@lru_cache(4096)
def _asks_determined(condition: str, detecting: str) -> bool:
    path = ("needs", detecting, "outputs", "determined")
    for term in operands("&&", parse_condition(condition)):
        paths = [tuple(map(str.lower, reference.path)) for reference in references(term)]
        if paths == [path] and not isinstance(term, Logical | Group):
            return True
    return False
