"""A workflow has path filters of GitHub's own beside a surface.

`on.EVENT.paths` or `paths-ignore` of a workflow that has gated jobs, or jobs that a surface
stands for. Either it disagrees with a surface, so that files which the surface claims do not
even start the workflow; or it agrees, and then its checks cannot be required.

Why it is bad: a workflow that is not started reports nothing. Where it has a required check
the pull request waits for it forever; where it has none, what the surface was to wake sleeps.

Tracked: filters.yml, docs/guide.md, site/index.html, .github/workflows/ci.yml

Example::

    # filters.yml
    version: 1
    surfaces:
      docs: [/docs/, /site/, /.github/]
    # .github/workflows/ci.yml
    on:
      pull_request:
        paths: ['docs/**', '.github/**']

Use instead::

    on:
      pull_request:
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from impact.checks.gates import gates_of
from impact.checks.subject import Subject, files, finding_at
from impact.checks.wired import entries
from impact.findings import Finding, Severity
from impact.quoting import quote
from impact.workflows.paths import native_filter
from impact.workflows.workflow import PathFilter, Workflow

ID = "native-paths"
_NAMED = 3
_REQUIRING = {"pull_request", "pull_request_target"}


def check(subject: Subject) -> Iterator[Finding]:
    """Yield the path filters of workflows in which jobs of surfaces are."""
    for workflow in subject.workflows.values():
        surfaces = _surfaces(subject, workflow)
        gated = any(one.workflow is workflow for one in subject.gating.jobs)
        for written in workflow.path_filters if surfaces or gated else ():
            found = list(_disagreements(subject, workflow, written, surfaces))
            yield from found
            if not found and written.event.text in _REQUIRING and not _lets_all(written):
                which = "nothing but such paths" if written.ignored else "no such path"
                message = (
                    f"a {written.event.text} that changes {which} never gets an answer "
                    "of this workflow, so none of its checks can be required"
                )
                place, fix = written.event.place, _fix(subject, workflow)
                yield finding_at(ID, workflow.file, place, message, fix, Severity.WARNING)


def _lets_all(written: PathFilter) -> bool:
    """Whether every path starts the workflow, so that the filter is none."""
    patterns = [one.text for one in written.patterns]
    return not written.ignored and patterns[-1:] == ["**"]


def _fix(subject: Subject, workflow: Workflow) -> str:
    gated = {one.job.id for one in subject.gating.jobs if one.workflow is workflow}
    beside = {one.job.id for one in subject.gating.detecting(workflow)}
    left = [
        name
        for name in workflow.jobs
        if name not in gated | beside | gates_of(subject, workflow).keys()
    ]
    if left:
        return f"gate {', '.join(map(quote, left[:_NAMED]))} on a surface too, and remove it"
    return "remove it: the conditions of the jobs do the same"


def _surfaces(subject: Subject, workflow: Workflow) -> list[str]:
    """The surfaces of jobs of a workflow."""
    named = [e.surface.name for e in entries(subject) if any(w is workflow for w, _ in e.found)]
    asked = [n for g in subject.gating.jobs if g.workflow is workflow for n in g.surfaces]
    known = subject.filters.surfaces
    return [name for name in dict.fromkeys([*named, *asked]) if name in known]


def _disagreements(
    subject: Subject, workflow: Workflow, written: PathFilter, surfaces: Sequence[str]
) -> Iterator[Finding]:
    """A finding for each surface with files that do not start the workflow."""
    native, coverage = native_filter(written), subject.coverage
    if native is None:
        return
    asleep = [
        (coverage.group_of[number], path)
        for number in range(len(subject.tracked.paths))
        if not native.runs(path := subject.tracked.text(number))
    ]
    for name in surfaces:
        number = coverage.names.index(name)
        left = [path for group, path in asleep if coverage.claiming(group, number)]
        if left:
            shown = ", ".join(map(quote, left[:_NAMED])) + (", ..." if left[_NAMED:] else "")
            key = "paths-ignore" if written.ignored else "paths"
            message = (
                f"{name} claims {files(len(left))} for which the {key} of "
                f"{written.event.text} does not start this workflow: {shown}"
            )
            place, fix = written.event.place, _fix(subject, workflow)
            yield finding_at(ID, workflow.file, place, message, fix, Severity.ERROR, name)
