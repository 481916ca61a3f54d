"""Which jobs are gated, by what their conditions come to: on which surfaces each of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property

from impact.workflows.conditions import (
    Asker,
    Kept,
    as_condition,
    awake_term,
    condition,
    kept_of,
    need_term,
)
from impact.workflows.detected import Detected
from impact.workflows.detection import FAILURE, SKIPPED, Scene, leaves_of
from impact.workflows.evaluate import EvaluationError
from impact.workflows.expressions import calls, references
from impact.workflows.lexer import ExpressionError
from impact.workflows.plays import Stage, assumptions, condition_text, outputs_read
from impact.workflows.project import Project, State
from impact.workflows.scenes import may_be_skipped
from impact.workflows.templates import parse_condition
from impact.workflows.workflow import Job, Workflow

_WORD = re.compile(r"[A-Za-z_][\w-]*")


@dataclass(frozen=True)
class Gated:
    """A job that sleeps where the surfaces do which its own condition asks for.

    ``surfaces`` is empty where it sleeps by one of its needs alone.
    """

    job: Job
    detected: Detected
    surfaces: tuple[str, ...]
    stage: Stage

    @cached_property
    def asked(self) -> tuple[str, ...]:
        """The surfaces that its condition asks for, those among them that do not move it."""
        every = self.detected.surfaces
        with suppress(ExpressionError):
            named = _asked(self.job, self.detected, exactly=True)
            return tuple(
                name
                for name in every
                if name in self.surfaces
                or (
                    name in named
                    and not self.stage.depends(self.job, (), [name])
                    and not self.stage.depends(self.job, [s for s in every if s != name], every)
                )
            )
        return self.surfaces

    @property
    def workflow(self) -> Workflow:
        """That of the job."""
        return self.stage.workflow


_Staged = tuple[Detected, Stage]


@dataclass(frozen=True)
class Gating:
    """The gated jobs of a project."""

    project: Project

    @cached_property
    def jobs(self) -> tuple[Gated, ...]:
        """All of them, workflow by workflow; by each job that detects once."""
        return tuple(
            found
            for workflow in self.project.workflows.values()
            for job in workflow.jobs.values()
            for either in self._detecting.get(workflow.file, ())
            if job is not either[0][0].job
            for found in _gated(job, either)
        )

    @cached_property
    def unmoved(self) -> tuple[Gated, ...]:
        """The jobs that ask what is awake and do the same whatever the answer is."""
        return tuple(
            found
            for workflow in self.project.workflows.values()
            for job in workflow.jobs.values()
            for staged, _ in self._detecting.get(workflow.file, ())
            if job is not staged[0].job and job.condition is not None
            for found in _unmoved(job, *staged)
        )

    def detecting(self, workflow: Workflow) -> Sequence[Detected]:
        """The jobs of a workflow that tell of surfaces."""
        return [detected for (detected, _), _ in self._detecting.get(workflow.file, ())]

    @cached_property
    def _detecting(self) -> Mapping[str, Sequence[tuple[_Staged, _Staged]]]:
        """The same by their files, each with one assumption and with the other."""
        found: dict[str, list[tuple[_Staged, _Staged]]] = {}
        for file, workflow in self.project.workflows.items():
            for job in workflow.jobs.values():
                detected = Detected(self.project, job)
                if detected.surfaces:
                    other = replace(detected, assumed=True)
                    both = (
                        (detected, Stage(workflow, detected)),
                        (other, Stage(workflow, other)),
                    )
                    found.setdefault(file, []).append(both)
        return found


def _gated(job: Job, either: tuple[_Staged, _Staged]) -> Iterator[Gated]:
    """With that assumption of the two by which its own condition matters."""
    found: list[Gated] = []
    for detected, stage in either:
        every = detected.surfaces
        with suppress(ExpressionError):  # which is a finding of its own
            surfaces = tuple(
                name
                for name in _asked(job, detected)
                if stage.depends(job, every, [s for s in every if s != name])
                or stage.depends(job, [name], ())
            )
            if surfaces or stage.depends(job, every, ()):
                found.append(Gated(job, detected, surfaces, stage))
            if surfaces:
                break
    yield from found[-1:]


def _unmoved(job: Job, detected: Detected, stage: Stage) -> Iterator[Gated]:
    every = detected.surfaces
    with suppress(ExpressionError):
        surfaces = tuple(_asked(job, detected, exactly=True))
        if surfaces and not (stage.depends(job, every, ()) or stage.depends(job, (), every)):
            yield Gated(job, detected, surfaces, stage)


def _asked(job: Job, detected: Detected, exactly: bool = False) -> list[str]:
    """The surfaces that a condition seems to ask for.  Raises `ExpressionError`.

    ``exactly``: by an output that it names, not by what it may find among all.
    """
    read = outputs_read(job, detected.name) or ([] if exactly else _any_outputs(job, detected))
    told = {output: told_by(detected, output) for output in read}
    asked = {name for names in told.values() for name in names}
    alone = {name for names in told.values() if len(names) == 1 for name in names}
    words = {word.lower() for word in _WORD.findall(condition_text(job))}
    # An output that lists many: those are asked for that the condition names.
    found = [
        name
        for name in detected.surfaces
        if name in asked and (name.lower() in words or name in alone)
    ]
    return found or [name for name in detected.surfaces if name in asked]


def _any_outputs(job: Job, detected: Detected) -> list[str]:
    """All outputs of a detection, where a condition reads them in a way only a run can tell."""
    paths = (one.path for one in references(parse_condition(condition_text(job))))
    lowered = {tuple(map(str.lower, path)) for path in paths}
    name = detected.name.lower()
    whole = {("needs",), ("needs", name), ("needs", name, "outputs")}
    return list(detected.told) if lowered & whole else []


def told_by(detected: Detected, output: str) -> frozenset[str]:
    """The surfaces on which an output depends."""
    found = detected.told.get(output.lower())
    return found if found is not None else frozenset()


def rewritten(gated: Gated, failure: bool = False) -> str:
    """The condition that the job should have: the documented one, for what it asks.

    ``failure``: it asks whether the detection failed too, whose outputs say `false` then.
    """
    return _rewritten(gated, failure)[0]


def replaced(gated: Gated) -> str:
    """The condition that the job has, with the parts that want to hear `'true'` replaced.

    For one in which more hangs together than the documented condition has places for.
    """
    text, job, changes = condition_text(gated.job), gated.job, gated.detected.name
    written = text
    for leaf in sorted(leaves_of(parse_condition(text)), key=lambda node: -node.start):
        read = {r.path[3] for r in references(leaf) if r.path[3:] and r.path[1] == changes}
        for output in read:
            if told_by(gated.detected, output) & {*gated.surfaces}:
                better = f"needs.{changes}.outputs.{output} != 'false'"
                written = written[: leaf.start] + better + written[leaf.end :]
    inner = _bare(written)
    if calls(parse_condition(text)) & {"always", "cancelled", "failure"}:
        return as_condition([inner])
    further = [need_term(need.text) for need in job.needs if need.text != changes]
    return as_condition(["!cancelled()", f"({inner})", *further])


def is_documented(gated: Gated) -> bool:
    """Whether a job has the documented condition and asks nothing else."""
    text, kept = _rewritten(gated)
    if kept.guards or kept.alternatives or kept.dropped:
        return False
    failed = gated.detected.outputs(Scene("", detection=FAILURE))
    said = {name.lower() for name, value in failed.items() if value != ""}
    if {output.lower() for output in outputs_read(gated.job, gated.detected.name)} & said:
        return False  # an output that says something where the detection failed
    documented = {need_term(need.text) for need in gated.job.needs}
    return documented.issuperset(kept.terms) and _bare(text) == _bare(condition_text(gated.job))


def _bare(text: str) -> str:
    """A condition without what does not matter."""
    return " ".join(text.replace("${{", " ").replace("}}", " ").split())


def _rewritten(gated: Gated, failure: bool = False) -> tuple[str, Kept]:
    job, detected = gated.job, gated.detected
    changes = detected.name
    asked = outputs_read(job, changes)
    terms: dict[str, None] = {}
    for name in gated.surfaces:
        read = [one for one in asked if name in told_by(detected, one)] or list(detected.told)
        for output in read:
            told = told_by(detected, output)
            if told == {name} or (name in told and _is_flag(detected, output)):
                terms[f"needs.{changes}.outputs.{output} != 'false'"] = None
                break
        else:
            terms[_listed_term(detected, read, name)] = None
    if failure:
        terms[f"needs.{changes}.result == 'failure'"] = None
    others = [name for name in detected.told if not detected.told[name] & {*gated.surfaces}]
    further = [need.text for need in job.needs if need.text != changes]
    asker = Asker(changes, tuple(others), tuple(further), tuple(further))
    kept = kept_of(condition_text(job), asker) if job.condition is not None else Kept()
    if may_be_skipped(detected.job) and not _runs_without(gated):
        kept = replace(kept, guards=(f"needs.{changes}.result != 'skipped'", *kept.guards))
    certain = [name for name in further if not gated.stage.may_sleep(name)]
    return as_condition(condition(list(terms), further, kept, certain)), kept


def _runs_without(gated: Gated) -> bool:
    """Whether it runs where the detection is skipped, and for no other reason."""
    skipped = gated.stage.play(Scene("", detection=SKIPPED, lost=None))
    asleep = gated.stage.play(Scene("", awake=()))
    unknown = [text for play in (skipped, asleep) for text in play.unknowns(gated.job)]
    for assumed in assumptions(dict.fromkeys(unknown)):
        with suppress(EvaluationError):
            if skipped.runs(gated.job, assumed) and not asleep.runs(gated.job, assumed):
                return True
    return False


def _listed_term(detected: Detected, read: Sequence[str], name: str) -> str:
    """Whether a surface is awake, by an output that lists many."""
    listing = [output for output in read if name in told_by(detected, output)]
    if "asleep" in detected.told or not listing:
        return awake_term(detected.name, name, listed=True)
    output = f"needs.{detected.name}.outputs.{listing[0]}"
    if not str(detected.outputs(Scene("", awake=[name])).get(listing[0], "[")).startswith("["):
        return f"contains({output}, '{name}')"  # which an action makes no JSON of
    return f"({output} == '' || contains(fromJSON({output} || '[]'), '{name}'))"


def _is_flag(detected: Detected, output: str) -> bool:
    project, job = detected.project, detected.job
    every, assumed = frozenset(detected.surfaces), detected.assumed
    states = (State(every, assumed=assumed), State(assumed=assumed))
    values = [_folded(project.job_outputs(job, state)).get(output.lower()) for state in states]
    return values == ["true", "false"]


def _folded(outputs: Mapping[str, object]) -> dict[str, object]:
    return {name.lower(): value for name, value in outputs.items()}
