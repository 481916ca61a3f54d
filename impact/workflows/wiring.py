"""What connects a filters file with a workflow: outputs, conditions, and the gate."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from impact.model import CHANGES_JOB, DEFAULT_FILES, OUTPUTS, Filters, Place
from impact.workflows.claims import claimed_jobs
from impact.workflows.conditions import (
    Asker,
    Kept,
    as_condition,
    awake_term,
    condition,
    kept_of,
)
from impact.workflows.workflow import Job, Step, Workflow

ACTION, GATE_ACTION = "impact-ci/impact@v1", "impact-ci/impact/gate@v1"
STEP, GATE_JOB = "impact", "gate"
"""The names that are given where a workflow has none yet."""
READ_BY_GATE = ("surfaces", "determined", "surfaces-base")
"""The outputs of the detection that the gate reads."""
MANY = 20
"""With more surfaces than that, one output that lists those asleep does for all."""


@dataclass(frozen=True, slots=True)
class JobWiring:
    """A job of the surfaces: its needs, the terms of its condition, and whether it exists.

    ``dropped``: what its condition asked besides, and asks no more.
    """

    id: str
    surfaces: tuple[str, ...]
    needs: tuple[str, ...]
    terms: tuple[str, ...]
    exists: bool
    dropped: tuple[str, ...] = ()

    @property
    def condition(self) -> str:
        """The value of its `if`."""
        return as_condition(self.terms)


@dataclass(frozen=True, slots=True)
class Wiring:
    """Everything that the workflow has to say.

    ``step``: the id of the step that detects, and ``detects`` whether there is one already.
    ``outputs``: those of its job, with their expressions, and ``others`` what it has besides.
    ``calls``: its job is a workflow that it calls.  ``gated``: there is a gate already.
    ``filters``: the file to name, where it has no default name.  ``waited``:
    the needs of the gate.  ``unclaimed``: the jobs that no surface stands for and that may
    be skipped, so that it does not need them.  ``elsewhere``: the entries of other workflows.
    """

    changes: str
    step: str
    detects: bool
    exists: bool
    calls: bool
    gated: bool
    outputs: Mapping[str, str]
    others: Mapping[str, str]
    filters: str | None
    jobs: Mapping[str, JobWiring]
    gate: str
    waited: tuple[str, ...]
    unclaimed: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()


def wire(filters: Filters, workflow: Workflow | None = None, changes: str = "") -> Wiring:
    """What the workflow has to say; without one, what a new one has to.

    ``changes``: the job that detects, if it is not to be found by its action.
    """
    existing = workflow.jobs if workflow is not None else {}
    claimed = claimed_jobs(filters, workflow or _only(filters))
    changes = changes or changes_job(workflow)
    claimed.pop(changes, None)
    listed = len(filters.surfaces) > MANY
    detecting = existing.get(changes)
    step = detecting_step(detecting) if detecting is not None else None
    step_id = (step.id if step else None) or STEP
    outputs = dict(_outputs(filters, claimed, step_id, listed))
    others = {
        name: written.text
        for name, written in (detecting.outputs if detecting is not None else {}).items()
        if name not in (*outputs, *OUTPUTS, *filters.surfaces)
    }
    jobs = {
        name: _job(name, claimed, existing.get(name), changes, others, listed)
        for name in claimed
    }
    gate = gate_job(workflow)
    gate_id = gate.id if gate is not None else _free(GATE_JOB, existing)
    before = [need.text for need in gate.needs] if gate is not None else []
    steady = _always_running(existing, changes, {*jobs, gate_id})
    before = [name for name in before if name in existing]
    waited = tuple(dict.fromkeys([changes, *jobs, *before, *steady]))
    return Wiring(
        changes=changes,
        step=step_id,
        detects=step is not None and step.id is not None,
        exists=detecting is not None,
        calls=detecting is not None and detecting.uses is not None,
        gated=gate is not None,
        outputs=outputs,
        others=others,
        filters=None if filters.file in DEFAULT_FILES else filters.file,
        jobs=jobs,
        gate=gate_id,
        waited=waited,
        unclaimed=tuple(name for name in existing if name not in (*waited, gate_id)),
        elsewhere=tuple(
            entry
            for surface in filters.surfaces.values()
            for entry in surface.jobs
            if ":" in entry and not _is_here(entry, workflow or _only(filters))
        ),
    )


def _only(filters: Filters) -> Workflow | None:
    """A workflow that is to be, where all jobs are of one file that they name."""
    entries = [entry for surface in filters.surfaces.values() for entry in surface.jobs]
    files = {entry.rpartition(":")[0] for entry in entries}
    return (
        Workflow(files.pop(), {}, Place(1, 1)) if len(files) == 1 and "" not in files else None
    )


def _is_here(entry: str, workflow: Workflow | None) -> bool:
    return workflow is not None and entry.rpartition(":")[0] == workflow.name


def _always_running(
    jobs: Mapping[str, Job], changes: str, others: Collection[str]
) -> list[str]:
    """The other jobs that run whatever is asleep: with no condition, nor has any need one."""
    found = {changes: None}
    while True:
        more = [
            name
            for name, job in jobs.items()
            if name not in found
            and name not in others
            and job.condition is None
            and all(need.text in found for need in job.needs)
        ]
        if not more:
            return [name for name in jobs if name in found]
        found |= dict.fromkeys(more)


def changes_job(workflow: Workflow | None) -> str:
    """The job that runs the action, else one that detects otherwise, else the usual name."""
    jobs = workflow.jobs.values() if workflow is not None else ()
    for is_detecting in (is_action, _is_of_others):
        for job in jobs:
            if any(is_detecting(step) for step in job.steps):
                return job.id
    return CHANGES_JOB


def detecting_step(job: Job) -> Step | None:
    """The step that runs the action, else the one that the job's output `surfaces` reads."""
    for step in job.steps:
        if is_action(step):
            return step
    written = job.outputs.get("surfaces")
    for step in job.steps:
        if step.id and written and f"steps.{step.id}.outputs" in written.text:
            return step
    return None


def gate_job(workflow: Workflow | None) -> Job | None:
    """The job that runs the gate, if there is one."""
    for job in workflow.jobs.values() if workflow is not None else ():
        if gate_step(job) is not None:
            return job
    return None


def gate_step(job: Job) -> Step | None:
    """The step that runs the gate."""
    for step in job.steps:
        path = action_of(step)
        local = path.startswith(("./", "$/")) and path.endswith("/gate")
        if path.endswith("/impact/gate") or (local and "needs" in step.given):
            return step
    return None


def _is_of_others(step: Step) -> bool:
    return action_of(step) in ("dorny/paths-filter", "tj-actions/changed-files")


def is_action(step: Step) -> bool:
    """Whether it runs the action that detects."""
    path = action_of(step)
    return path in (".", "$") or (path.count("/") == 1 and path.endswith("/impact"))


def action_of(step: Step) -> str:
    """The action that a step runs, without its version; empty where it runs none."""
    return step.uses.text.partition("@")[0].rstrip("/") if step.uses is not None else ""


def _job(
    name: str,
    claimed: Mapping[str, tuple[str, ...]],
    job: Job | None,
    changes: str,
    others: Collection[str],
    listed: bool,
) -> JobWiring:
    surfaces = claimed[name]
    needs = [need.text for need in job.needs] if job is not None else []
    further = [need for need in needs if need != changes]
    kept = Kept()
    if job is not None and job.condition is not None:
        # One that wakes for every surface of this job is never asleep while it is awake.
        gated = [n for n in further if n in claimed and not {*surfaces} <= {*claimed[n]}]
        kept = kept_of(
            job.condition.text, Asker(changes, tuple(others), tuple(further), tuple(gated))
        )
    awake = [awake_term(changes, surface, listed) for surface in surfaces]
    terms = condition(awake, further, kept)
    return JobWiring(
        name, surfaces, (changes, *further), tuple(terms), job is not None, kept.dropped
    )


def _outputs(
    filters: Filters, claimed: Mapping[str, Sequence[str]], step: str, listed: bool
) -> Iterator[tuple[str, str]]:
    for name in (*READ_BY_GATE, *(("asleep",) if listed else ())):
        yield name, f"${{{{ steps.{step}.outputs.{name} }}}}"
    used = {surface for surfaces in claimed.values() for surface in surfaces}
    for name in () if listed else filters.surfaces:
        if name in used:
            yield name, f"${{{{ fromJSON(steps.{step}.outputs.surfaces).{name} }}}}"


def _free(name: str, taken: Mapping[str, Job]) -> str:
    """A name that no job has; to GitHub those that differ in case alone are the same."""
    folded = {job.lower() for job in taken}
    while name in folded:
        name = f"impact-{name}"
    return name
