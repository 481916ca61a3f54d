"""Which job of which workflow a surface's `jobs` names, for the checks that ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from impact.checks.subject import Subject
from impact.model import Place, Surface
from impact.workflows.expressions import references
from impact.workflows.gating import Gated
from impact.workflows.sites import expressions_of
from impact.workflows.workflow import Job, Workflow, called


@dataclass(frozen=True, slots=True)
class Entry:
    """One of the jobs of a surface, by name, and where that is written.

    ``written``: false where it is the surface's own name.  ``found``: the jobs that it is,
    with their workflows.
    """

    surface: Surface
    name: str
    place: Place
    written: bool
    found: tuple[tuple[Workflow, Job], ...]

    @property
    def file(self) -> str:
        """The workflow file that it names, if it names one."""
        return self.name.rpartition(":")[0]

    @property
    def job(self) -> str:
        """The job's id."""
        return self.name.rpartition(":")[2]


def entries(subject: Subject) -> Iterator[Entry]:
    """The jobs of all surfaces.

    A name without a file is one of the workflows that detect; of others only where these
    have none.
    """
    detecting = {
        path
        for path, workflow in subject.workflows.items()
        if subject.gating.detecting(workflow)
    }
    for surface in subject.filters.surfaces.values():
        places = surface.job_places or (surface.place,)
        for name, place in zip(surface.jobs, places, strict=True):
            file, _, job = name.rpartition(":")
            found = [
                (workflow, workflow.jobs[job])
                for workflow in subject.workflows.values()
                if job in workflow.jobs and file in ("", workflow.name)
            ]
            if not file:
                found = [one for one in found if one[0].file in detecting] or found
            yield Entry(surface, name, place, bool(surface.job_places), tuple(found))


def gated_on(subject: Subject, surface: str) -> list[Gated]:
    """The jobs whose condition asks for the surface."""
    return [gated for gated in subject.gating.jobs if surface in gated.surfaces]


def callers(subject: Subject, workflow: Workflow) -> list[tuple[Workflow, Job]]:
    """The jobs that call a workflow."""
    return [
        (other, job)
        for other in subject.workflows.values()
        for job in other.jobs.values()
        if called(job) == workflow.file
    ]


def asks_by(
    subject: Subject, workflow: Workflow, job: Job, seen: frozenset[str] = frozenset()
) -> Mapping[str, Gated]:
    """How a job is gated: by each surface, itself or by all the jobs that call its workflow.

    ``seen``: the workflows on the way there, which may call each other in a circle.
    """
    own = [g for g in subject.gating.jobs if g.job is job]
    if not own and workflow.events == ("workflow_call",) and workflow.file not in seen:
        seen |= {workflow.file}
        calling = [asks_by(subject, *one, seen) for one in callers(subject, workflow)]
        if calling and all(calling):
            return {name: gated for each in calling for name, gated in each.items()}
    return {name: gated for gated in own for name in gated.surfaces or _behind(gated)}


def _behind(gated: Gated) -> list[str]:
    """The surfaces that a job wakes for by what it needs alone."""
    every, stage, job = gated.detected.surfaces, gated.stage, gated.job
    return [
        name
        for name in every
        if stage.depends(job, every, [one for one in every if one != name])
        or stage.depends(job, [name], ())
    ]


def handed_on(subject: Subject) -> set[str]:
    """The surfaces of which a called workflow is told, which may ask for them then."""
    return {
        name
        for workflow in subject.workflows.values()
        for job in workflow.jobs.values()
        for written in (job.given.values() if called(job) is not None else ())
        for expression in expressions_of(written.text)
        for path in (one.path for one in references(expression))
        for detected in subject.gating.detecting(workflow)
        if path[0].lower() == "needs" and path[3:] and path[1] == detected.name
        for name in detected.told.get(path[3].lower(), ())
    }
