"""A surface claims most of the repository.

More than 60 % of the tracked files, and at least 50 of them; `--share` sets another
percentage.

Why it is bad: it wakes for nearly every change, so its job might as well run always. Often
one broad pattern is the reason, or exclusions that exclude less than they look. As often it
is meant, so it is a note and fails no run.

Tracked: filters.yml, docs/{1..40}.md, src/{1..60}.c

Example::

    version: 1
    surfaces:
      program: ['**']
      docs: [/docs/]

Use instead::

    version: 1
    surfaces:
      program: [/src/]
      docs: [/docs/]
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from impact.checks.subject import Subject
from impact.findings import Finding, Severity
from impact.naming import rule_at

ID = "everything"
FEWEST = 50
"""A surface that claims fewer files is never one of these."""


def check(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for every surface that claims too much."""
    coverage = subject.coverage
    total = len(subject.tracked.paths)
    by_rule: dict[int, Counter[int]] = defaultdict(Counter)
    for group in coverage.groups:
        for number in group.rules:
            position = coverage.deciding(group, number, None)
            if position is not None and coverage.lists[number][position].include:
                by_rule[number][position] += len(group.files)
    for number, surface in enumerate(subject.filters.surfaces.values()):
        count = by_rule[number].total()
        if count < FEWEST or count * 100 <= subject.share * total:
            continue
        ((position, most),) = by_rule[number].most_common(1)
        widest = rule_at(surface.rules[position])
        message = (
            f"{surface.name} claims {count:,} of {total:,} tracked files "
            f"({count * 100 // total} %), {most:,} of them by {widest}"
        )
        fix = "name what it is about, or exclude what it is not"
        yield subject.finding(ID, surface.place, message, fix, Severity.NOTE, surface.name)
