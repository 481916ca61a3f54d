"""The gates of a workflow: jobs that always run and judge the results of others."""

from __future__ import annotations

from collections.abc import Mapping

from impact.checks.subject import Subject
from impact.workflows.expressions import references
from impact.workflows.lexer import ExpressionError
from impact.workflows.plays import Stage
from impact.workflows.scenes import where_skipped
from impact.workflows.sites import sites
from impact.workflows.wiring import gate_step
from impact.workflows.workflow import Job, Workflow


def gates_of(subject: Subject, workflow: Workflow) -> Mapping[str, set[str]]:
    """The needs that each gate judges, in lower case, by its id; none where no job is gated."""
    gated = next((g for g in subject.gating.jobs if g.workflow is workflow), None)
    if gated is None:
        return {}
    return {
        name: judged
        for name, judged in _judged(workflow).items()
        if judged
        and workflow.jobs[name] is not gated.detected.job
        and _always_tells(workflow.jobs[name], gated.stage)
    }


def _always_tells(job: Job, stage: Stage) -> bool:
    """Whether it runs in any case, and its failure counts."""
    try:
        if where_skipped(job, stage, lenient=gate_step(job) is None):
            return False
    except ExpressionError:
        return False
    return job.hides_failure is None


def _judged(workflow: Workflow) -> dict[str, set[str]]:
    """The needs of which each job looks at the results, in lower case."""
    read: dict[str | None, set[tuple[str, ...]]] = {}
    for site in sites(workflow.root) if workflow.root is not None else ():
        for expression in site.expressions:
            lowered = (tuple(map(str.lower, one.path)) for one in references(expression))
            read.setdefault(site.job, set()).update(
                path for path in lowered if path[0] == "needs"
            )
    found = {}
    for job in workflow.jobs.values():
        needs, paths = {need.text.lower() for need in job.needs}, read.get(job.id, set())
        every = gate_step(job) is not None or ("needs",) in paths
        asked = {path[1] for path in paths if path[1:] and path[2:3] != ("outputs",)}
        found[job.id] = needs if every else needs & asked
    return found
