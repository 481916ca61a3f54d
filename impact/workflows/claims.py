"""Which jobs of a workflow the surfaces of a filters file stand for."""

from __future__ import annotations

from collections.abc import Collection

from impact.model import Filters
from impact.workflows.workflow import Workflow


def claimed_jobs(
    filters: Filters, workflow: Workflow | None, known: Collection[str] = ()
) -> dict[str, tuple[str, ...]]:
    """The jobs of this workflow that surfaces stand for, and these surfaces, in order.

    An entry FILE:JOB is one of the workflow in that file.  Where it is not known which
    this is, it is one of this workflow if a job of its name is ``known``.
    """
    found: dict[str, dict[str, None]] = {}
    for surface in filters.surfaces.values():
        for entry in surface.jobs:
            file, colon, job = entry.rpartition(":")
            is_here = job in known if workflow is None else file == workflow.name
            if is_here or not colon:
                found.setdefault(job, {})[surface.name] = None
    return {job: tuple(names) for job, names in found.items()}
