"""Gated jobs are judged by no gate.

A gate is a job that needs them, runs whatever became of them, and looks at their results:
the one of this project, or another one that asks `needs` in any way. It is a finding about
workflows that run for pull requests or for a merge queue. A job that asks whether the change
is known has effects, and is none of a gate's business; neither is one that waits for the gate
itself.

Why it is bad: a job that sleeps was skipped, and one is skipped too behind a need that failed;
to GitHub both have passed. Only a job that always runs can tell them apart, and only such a
one can be required.

Tracked: filters.yml, docs/guide.md, .github/workflows/ci.yml

Example::

    jobs:
      gate:
        needs: changes
        if: ${{ always() }}
        runs-on: ubuntu-latest
        steps:
          - uses: impact-ci/impact/gate@v1
            with:
              needs: ${{ toJSON(needs) }}

Use instead::

    jobs:
      gate:
        needs: [changes, docs]
        if: ${{ always() }}
        runs-on: ubuntu-latest
        steps:
          - uses: impact-ci/impact/gate@v1
            with:
              needs: ${{ toJSON(needs) }}
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from impact.checks.gates import gates_of
from impact.checks.subject import Subject, finding_at
from impact.findings import Finding, Severity
from impact.quoting import quote
from impact.workflows.scenes import has_effects
from impact.workflows.wiring import gate_step
from impact.workflows.workflow import Job, Workflow

ID = "no-gate"
_REQUIRING = {"pull_request", "pull_request_target", "merge_group"}
_NAMED = 5


def check(subject: Subject) -> Iterator[Finding]:
    """Yield the workflows of which gated jobs are needed by no gate."""
    for workflow in subject.workflows.values():
        gated = [g for g in subject.gating.jobs if g.workflow is workflow]
        if not gated or not _REQUIRING & {*workflow.events}:
            continue
        judged = gates_of(subject, workflow)
        gates = [workflow.jobs[name] for name in judged]
        covered = {name for names in judged.values() for name in names}
        known = {gate.id for gate in gates}
        left = dict.fromkeys(
            g.job.id
            for g in gated
            if g.job.id.lower() not in covered | {name.lower() for name in known}
            and not has_effects(g.job, g.detected)
            and not known & {need.text for need in g.job.needs}
        )
        if left:
            few = len({g.job.id.lower() for g in gated} & covered) * 2 < len(gated)
            yield _finding(workflow, [] if few else gates, list(left))


def _finding(workflow: Workflow, gates: Sequence[Job], left: Sequence[str]) -> Finding:
    names = ", ".join(map(quote, left[:_NAMED]))
    names += f", and {len(left) - _NAMED} more" if left[_NAMED:] else ""
    if not gates:
        message = f"no gate judges what is gated here: {names}"
        fix = "`impact wire` prints one"
        return finding_at(ID, workflow.file, workflow.place, message, fix, Severity.WARNING)
    gate = max(gates, key=lambda job: len(job.needs))
    needed = {need.text for need in gate.needs}
    if needed.issuperset(left):
        message = f"{gate.id} needs {names}, and looks at no result of that"
        fix = "look at all results, which `needs.*.result` has"
        return finding_at(ID, workflow.file, gate.place, message, fix, Severity.WARNING)
    message = f"{gate.id} does not need {names}, so it cannot judge that"
    left = [name for name in left if name not in needed]
    needs = ", ".join([*(need.text for need in gate.needs), *left])
    fix = f"write `needs: [{needs}]`"
    if gate_step(gate) is None:
        fix += ", and see that it looks at their results"
    return finding_at(ID, workflow.file, gate.place, message, fix, Severity.WARNING)
