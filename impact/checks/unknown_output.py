"""An expression refers to what is not there.

To an output that its job or step does not have, a job that is not in `needs` or not in the
file, a step that comes later or is of another job, or a surface that no filters name. What
steps write to `$GITHUB_OUTPUT` counts, what local actions and called workflows declare, and
the filters of dorny/paths-filter and tj-actions/changed-files. Of other actions nothing is
known, so nothing is said. It is a warning where a script might write such an output after
all.

Why it is bad: GitHub takes it for empty text and says nothing. `== 'true'` is false then, and
the job is skipped for as long as nobody looks; `!= 'false'` is true, and it always runs.

Tracked: filters.yml, docs/guide.md, .github/workflows/ci.yml

Example::

    jobs:
      changes:
        runs-on: ubuntu-latest
        outputs:
          surfaces: ${{ steps.impact.outputs.surfaces }}
          determined: ${{ steps.impact.outputs.determined }}
          docs: ${{ fromJSON(steps.impact.outputs.surfaces).doc }}
        steps:
          - id: impact
            uses: impact-ci/impact@v1
      docs:
        needs: changes
        if: ${{ !cancelled() && needs.changes.outputs.dosc != 'false' }}
        runs-on: ubuntu-latest
        steps:
          - run: make docs

Use instead::

    jobs:
      changes:
        runs-on: ubuntu-latest
        outputs:
          surfaces: ${{ steps.impact.outputs.surfaces }}
          determined: ${{ steps.impact.outputs.determined }}
          docs: ${{ fromJSON(steps.impact.outputs.surfaces).docs }}
        steps:
          - id: impact
            uses: impact-ci/impact@v1
      docs:
        needs: changes
        if: ${{ !cancelled() && needs.changes.outputs.docs != 'false' }}
        runs-on: ubuntu-latest
        steps:
          - run: make docs
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from impact.checks.subject import Subject, finding_at
from impact.findings import Finding, Severity
from impact.quoting import quote
from impact.workflows.sites import place_in
from impact.workflows.undefined import (
    Undefined,
    instead,
    undefined_in_action,
    undefined_in_workflow,
)
from impact.workflows.workflow import Workflow

ID = "unknown-output"


def check(subject: Subject) -> Iterator[Finding]:
    """Yield every reference to nothing, in workflows and in the actions that they run."""
    project = subject.project
    for workflow in project.workflows.values():
        yield from _of_needs(workflow)
        yield from _found(subject, workflow.file, undefined_in_workflow(project, workflow))
    for action in project.actions():
        yield from _found(subject, action.file, undefined_in_action(project, action))


def _found(subject: Subject, file: str, undefined: Iterable[Undefined]) -> Iterator[Finding]:
    lines = subject.project.lines(file)
    for one in undefined:
        place = place_in(one.text, lines, one.start, one.end)
        severity = Severity.ERROR if one.certain else Severity.WARNING
        found = finding_at(ID, file, place, one.message, one.fix, severity)
        yield replace(found, block=one.text.place.line)


def _of_needs(workflow: Workflow) -> Iterator[Finding]:
    folded = {name.lower() for name in workflow.jobs}
    for job in workflow.jobs.values():
        for need in job.needs:
            if need.text.lower() not in folded:
                others = [name for name in workflow.jobs if name != job.id]
                message = f"{job.id} needs {quote(need.text)}, and there is no such job"
                fix = instead(need.text, others)
                yield finding_at(ID, workflow.file, need.place, message, fix)
