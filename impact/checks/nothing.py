"""A surface claims no tracked file.

Though it has rules: they match nothing, or an exclusion takes everything away again.

Why it is bad: no change wakes it, but for one that wakes everything and for what it depends
on. Its job is skipped, and nobody sees what it would have found.

Tracked: filters.yml, docs/guide.md, src/main.c

Example::

    version: 1
    surfaces:
      docs: [/docs/]
      program: [/src/, '!*']

Use instead::

    version: 1
    surfaces:
      docs: [/docs/]
      program: [/src/]
"""

from __future__ import annotations

from collections.abc import Iterator

from impact.checks.subject import Subject
from impact.findings import Finding, Severity

ID = "nothing"


def check(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for every surface that has rules and claims nothing."""
    coverage = subject.coverage
    claiming = {
        number
        for group in coverage.groups
        if group.files
        for number in group.rules
        if any(coverage.claiming(group, number, view) for view in coverage.views)
    }
    for number, surface in enumerate(subject.filters.surfaces.values()):
        if number in claiming or not surface.rules:
            continue
        including = (rule.pattern for rule in surface.rules if rule.include)
        if any(map(subject.tracked.is_about_submodule, including)):
            continue
        message = f"{surface.name} claims no tracked file"
        fix = "mend its rules, or remove it"
        yield subject.finding(
            ID, surface.place, message, fix, Severity.ERROR, surface=surface.name
        )
