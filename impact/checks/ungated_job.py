"""A job that a surface stands for has no condition that asks for it.

Why it is bad: it runs for every change, or for every one that its own condition lets through,
and the surface is of no use; or the gate asks of it what it cannot do.

Tracked: filters.yml, docs/guide.md, .github/workflows/ci.yml

Example::

    jobs:
      docs:
        runs-on: ubuntu-latest
        steps:
          - run: make docs

Use instead::

    jobs:
      docs:
        needs: changes
        if: ${{ !cancelled() && needs.changes.outputs.docs != 'false' }}
        runs-on: ubuntu-latest
        steps:
          - run: make docs
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from impact.checks.subject import Subject, finding_at
from impact.checks.wired import asks_by, entries
from impact.findings import Finding, Severity
from impact.model import Place
from impact.workflows.conditions import (
    Asker,
    Kept,
    as_condition,
    awake_term,
    condition,
    kept_of,
)
from impact.workflows.workflow import Job

ID = "ungated-job"


def check(subject: Subject) -> Iterator[Finding]:
    """Yield the jobs of surfaces that do not ask for any, where their workflow detects."""
    seen: set[int] = set()
    listed = list(entries(subject))
    for entry in listed:
        for workflow, job in entry.found:
            detecting = next(iter(subject.gating.detecting(workflow)), None)
            if id(job) in seen or detecting is None or job is detecting.job:
                continue
            asked = asks_by(subject, workflow, job)
            if entry.surface.name in asked or (asked and job.condition is not None):
                continue
            seen.add(id(job))
            place, why = _why(job)
            message = f"{job.id} is the job of the surface {entry.surface.name}, and {why}"
            names = [e.surface.name for e in listed if any(job is one for _, one in e.found)]
            fix = f"write `if: {_condition(job, detecting.name, names)}`"
            if all(need.text != detecting.name for need in job.needs):
                needs = ", ".join([detecting.name, *(need.text for need in job.needs)])
                fix = f"write `needs: [{needs}]` and {fix.removeprefix('write ')}"
            yield finding_at(
                ID, workflow.file, place, message, fix, Severity.ERROR, entry.surface.name
            )


def _why(job: Job) -> tuple[Place, str]:
    if job.condition is None:
        return job.place, "has no condition"
    return job.condition.place, "its condition does not ask whether that is awake"


def _condition(job: Job, changes: str, surfaces: Iterable[str]) -> str:
    further = [need.text for need in job.needs if need.text != changes]
    kept = Kept()
    if job.condition is not None:
        kept = kept_of(job.condition.text, Asker(changes, (), tuple(further), tuple(further)))
    terms = [awake_term(changes, name, False) for name in dict.fromkeys(surfaces)]
    return as_condition(condition(terms, further, kept))
