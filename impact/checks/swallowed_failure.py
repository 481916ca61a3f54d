"""A gated job hides its failure, or one of its steps does.

By `continue-on-error`. Of the job of an advisory surface it is no finding, and of a step
neither where another step asks for its `outcome`, or where it runs after a failure.

Why it is bad: GitHub tells every other job, the gate too, that a job succeeded whose failure
is not to count, and passes the run: a green run in which a release was not published. It is an
error of the job, and a warning of a step where the job runs nothing else that may fail. It is a
note of any other step, which may be there to report or to clean up, and where it depends on the
run.

Tracked: filters.yml, docs/guide.md, .github/workflows/ci.yml

Example::

    jobs:
      docs:
        needs: changes
        if: ${{ !cancelled() && needs.changes.outputs.docs != 'false' }}
        continue-on-error: true
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

from collections.abc import Iterator
from contextlib import suppress

from impact.checks.subject import Subject, finding_at
from impact.findings import Finding, Severity
from impact.workflows.claims import claimed_jobs
from impact.workflows.expressions import calls, references
from impact.workflows.gating import Gated
from impact.workflows.lexer import ExpressionError
from impact.workflows.sites import condition_of, sites
from impact.workflows.workflow import Job, Step, with_called

ID = "swallowed-failure"


def check(subject: Subject) -> Iterator[Finding]:
    """Yield every `continue-on-error` of gated jobs and of what they call."""
    seen: set[tuple[str, int]] = set()
    for gated in subject.gating.jobs:
        if _is_advisory(subject, gated):
            continue
        for file, job in with_called(gated.workflow.file, gated.job, subject.workflows):
            if (file, job.place.line) in seen:
                continue
            seen.add((file, job.place.line))
            surface = gated.surfaces[0] if len(gated.surfaces) == 1 else None
            if job.hides_failure is not None:
                message = f"continue-on-error: where {job.id} fails, all are told of a success"
                fix = "remove it, or make the surface advisory"
                place, severity = job.hides_failure.place, Severity.ERROR
                if "${{" in job.hides_failure.text:
                    message, severity = f"{message}, if this is true", Severity.NOTE
                yield finding_at(ID, file, place, message, fix, severity, surface)
            yield from _of_steps(subject, file, job, surface)


def _of_steps(subject: Subject, file: str, job: Job, surface: str | None) -> Iterator[Finding]:
    for step in job.steps:
        if step.hides_failure is None or _follows_failure(step):
            continue
        if not _is_asked_for(subject, file, job, step):
            message = f"continue-on-error: {job.id} goes on where this step fails"
            depends = "${{" in step.hides_failure.text
            severity = Severity.NOTE if depends or _may_fail(job) else Severity.WARNING
            place = step.hides_failure.place
            fix = "remove it, or ask for the step's outcome behind it"
            yield finding_at(ID, file, place, message, fix, severity, surface)


def _may_fail(job: Job) -> bool:
    """Whether a job runs anything else, of which a failure is told."""
    return any(
        step.hides_failure is None and (step.run is not None or _is_local(step))
        for step in job.steps
    )


def _is_local(step: Step) -> bool:
    return step.uses is not None and step.uses.text.startswith("./")


def _follows_failure(step: Step) -> bool:
    """Whether it runs where the job has failed already, which then stays so."""
    with suppress(ExpressionError):
        if step.condition is not None:
            return "failure" in calls(condition_of(step.condition.text))
    return False


def _is_advisory(subject: Subject, gated: Gated) -> bool:
    surfaces = subject.filters.surfaces
    names = claimed_jobs(subject.filters, gated.workflow).get(gated.job.id) or gated.surfaces
    known = [surfaces[name] for name in names if name in surfaces]
    return bool(known) and all(surface.advisory for surface in known)


def _is_asked_for(subject: Subject, file: str, job: Job, step: Step) -> bool:
    root = subject.workflows[file].root
    if step.id is None or root is None:
        return False
    asked = {("steps", step.id.lower(), word) for word in ("outcome", "conclusion")}
    return any(
        tuple(map(str.lower, reference.path[:3])) in asked
        for site in sites(root)
        if site.job == job.id
        for expression in site.expressions
        for reference in references(expression)
    )
