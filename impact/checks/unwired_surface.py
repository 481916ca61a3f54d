"""No job is gated on a surface.

No condition of a workflow asks whether it is awake, nor does one for a surface that depends
on it.

Why it is bad: the surface wakes and sleeps, and nothing happens. Whoever wrote it down
believes that something is tested.

Tracked: filters.yml, docs/guide.md, image/Dockerfile, .github/workflows/ci.yml

Example::

    # filters.yml
    version: 1
    surfaces:
      docs: [/docs/, /.github/]
      image: [/image/, /.github/]

Use instead::

    jobs:
      changes:
        runs-on: ubuntu-latest
        outputs:
          surfaces: ${{ steps.impact.outputs.surfaces }}
          determined: ${{ steps.impact.outputs.determined }}
          docs: ${{ fromJSON(steps.impact.outputs.surfaces).docs }}
          image: ${{ fromJSON(steps.impact.outputs.surfaces).image }}
        steps:
          - id: impact
            uses: impact-ci/impact@v1
      image:
        needs: changes
        if: ${{ !cancelled() && needs.changes.outputs.image != 'false' }}
        runs-on: ubuntu-latest
        steps:
          - run: make image
      gate:
        needs: [changes, docs, image]
        if: ${{ always() }}
        runs-on: ubuntu-latest
        steps:
          - uses: impact-ci/impact/gate@v1
            with:
              needs: ${{ toJSON(needs) }}
"""

from __future__ import annotations

from collections.abc import Iterator

from impact.checks.subject import Subject
from impact.checks.wired import asks_by, entries, gated_on, handed_on
from impact.findings import Finding, Severity
from impact.quoting import quote

ID = "unwired-surface"


def check(subject: Subject) -> Iterator[Finding]:
    """Yield the surfaces that wake no job, where any workflow detects."""
    if not any(subject.gating.detecting(w) for w in subject.workflows.values()):
        return
    filters = subject.filters
    wired = {name for name in filters.surfaces if gated_on(subject, name)}
    wired |= handed_on(subject)
    for entry in entries(subject):
        if any(entry.surface.name in asks_by(subject, *found) for found in entry.found):
            wired.add(entry.surface.name)
    while more := {
        name
        for surface in filters.surfaces.values()
        if surface.name in wired
        for name in surface.depends_on
        if name not in wired
    }:
        wired |= more
    for surface in filters.surfaces.values():
        if surface.name not in wired:
            jobs = ", ".join(map(quote, surface.jobs))
            message = f"no job is gated on {surface.name}"
            fix = f"`impact wire` prints the condition of {jobs}"
            yield subject.finding(ID, surface.place, message, fix, Severity.ERROR, surface.name)
