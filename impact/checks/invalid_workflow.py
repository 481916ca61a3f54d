"""GitHub refuses a workflow, or an expression in it.

A file of workflows that is not YAML, repeats a key or has no jobs; an expression with a wrong
word, too few arguments or an unknown function; the `if` of a job with a context that is not
to be had there; a workflow to call that is not there; jobs that need each other in a circle.
Local actions count as well. What GitHub refuses for other reasons, keys that it does not know
above all, is not looked for.

Why it is bad: none of the jobs runs, and no check of them is reported, nor is anything of
what these checks are about known of such a file.

Tracked: filters.yml, docs/guide.md, .github/workflows/ci.yml

Example::

    jobs:
      docs:
        needs: changes
        if: ${{ !cancelled() && needs.changes.outputs.docs != 'false' }}
        runs-on: ubuntu-latest
        steps:
          - run: make docs
            env:
              TITLE: ${{ github.event.title or 'none' }}

Use instead::

    jobs:
      docs:
        needs: changes
        if: ${{ !cancelled() && needs.changes.outputs.docs != 'false' }}
        runs-on: ubuntu-latest
        steps:
          - run: make docs
            env:
              TITLE: ${{ github.event.title || 'none' }}
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from difflib import get_close_matches

from impact.checks.subject import Subject, finding_at
from impact.config import tree
from impact.findings import Finding
from impact.quoting import quote
from impact.workflows.sites import place_in, sites
from impact.workflows.workflow import Workflow, ancestors, called

ID = "invalid-workflow"


def check(subject: Subject) -> Iterator[Finding]:
    """Yield the files that cannot be read, and the expressions that GitHub refuses."""
    project = subject.project
    roots = [(workflow.file, workflow.root) for workflow in project.workflows.values()]
    roots += [(action.file, action.root) for action in project.actions()]
    for found in (*subject.refused, *(f for e in project.refused for f in e.findings)):
        yield replace(found, id=ID)
    for file, root in roots:
        yield from _of_expressions(subject, file, root)
    for workflow in project.workflows.values():
        yield from _circles(workflow)
        for job in workflow.jobs.values():
            path = called(job)
            if path is not None and job.uses is not None and subject.read(path) is None:
                message = f"there is no workflow {quote(path)} to call"
                close = get_close_matches(path, project.workflows, 1)
                fix = f"did you mean {quote(close[0])}?" if close else None
                yield finding_at(ID, workflow.file, job.uses.place, message, fix)


def _circles(workflow: Workflow) -> Iterator[Finding]:
    """The needs that lead back to their job, each circle once."""
    told: set[str] = set()
    for job in workflow.jobs.values():
        around = [n for n in ancestors(job, workflow.jobs) if n in workflow.jobs]
        if job.id not in around or job.id in told:
            continue
        told |= {
            name for name in around if job.id in ancestors(workflow.jobs[name], workflow.jobs)
        }
        for need in job.needs:
            if need.text in told:
                message = f"{job.id} needs {quote(need.text)}, which needs it"
                if need.text == job.id:
                    message = f"{job.id} needs itself"
                yield finding_at(ID, workflow.file, need.place, message, "take it out")
                break


def _of_expressions(subject: Subject, file: str, root: tree.Node | None) -> Iterator[Finding]:
    for site in sites(root) if root is not None else ():
        if site.error is not None:
            at = site.error.offset
            place = place_in(site.text, subject.project.lines(file), at, len(site.text.value))
            message = f"GitHub cannot read this expression: {site.error}"
            yield finding_at(ID, file, place, message)
