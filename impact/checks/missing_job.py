"""A job that a surface names is in no workflow.

`jobs` of a surface names it; without, it is the one of the surface's own name. A workflow
that is only there to be called, and that nobody calls, does not count.

Why it is bad: what the surface is to wake does not exist, or is called something else; the
gate waits for nothing, and what was to be tested is not.

Tracked: filters.yml, docs/guide.md, .github/workflows/ci.yml

Example::

    # filters.yml
    version: 1
    surfaces:
      docs:
        paths: [/docs/, /.github/]
        jobs: [dosc]

Use instead::

    # filters.yml
    version: 1
    surfaces:
      docs:
        paths: [/docs/, /.github/]
        jobs: [docs]
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from difflib import get_close_matches

from impact.checks.subject import Subject
from impact.checks.wired import Entry, callers, entries, gated_on
from impact.findings import Finding, Severity
from impact.quoting import quote
from impact.workflows.workflow import Workflow

ID = "missing-job"


def check(subject: Subject) -> Iterator[Finding]:
    """Yield the jobs of surfaces that no workflow runs, where there are workflows."""
    if not subject.workflows:
        return
    for entry in entries(subject):
        running = [(w, job) for w, job in entry.found if _runs(subject, w)]
        if running or (not entry.written and not _is_needed(subject, entry)):
            continue
        message, fix = _words(subject, entry)
        name = entry.surface.name
        yield subject.finding(ID, entry.place, message, fix, Severity.ERROR, name)


def _is_needed(subject: Subject, entry: Entry) -> bool:
    """Whether the gate would want a job of the surface's own name, for others ask for it."""
    return bool(gated_on(subject, entry.surface.name))


def _words(subject: Subject, entry: Entry) -> tuple[str, str | None]:
    name = quote(entry.name)
    if entry.found:
        file = quote(entry.found[0][0].file)
        return f"{name} is in {file}, which no workflow calls", "call it, or remove it here"
    names = {workflow.name for workflow in subject.workflows.values()}
    if entry.file and entry.file not in names:
        return f"there is no workflow {quote(entry.file)}", _nearest(entry.file, names)
    if not entry.written:
        asking = gated_on(subject, entry.surface.name)
        jobs = list(dict.fromkeys(gated.job.id for gated in asking))
        told = f"{quote(jobs[0])} asks" if len(jobs) == 1 else f"{len(jobs)} jobs ask"
        message = f"there is no job {name}, and {told} for it"
        return message, f"write `jobs: [{', '.join(jobs)}]`"
    found = [
        job
        for workflow in subject.workflows.values()
        if entry.file in ("", workflow.name)
        for job in workflow.jobs
    ]
    where = f"in {quote(entry.file)}" if entry.file else "in any workflow"
    return f"there is no job {quote(entry.job)} {where}", _nearest(entry.job, found)


def _nearest(name: str, known: Collection[str]) -> str | None:
    close = get_close_matches(name, known, 1)
    return f"did you mean {quote(close[0])}?" if close else None


def _runs(subject: Subject, workflow: Workflow) -> bool:
    return workflow.events != ("workflow_call",) or bool(callers(subject, workflow))
