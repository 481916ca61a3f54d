"""A pattern would match more tracked files if case were ignored.

Only files of which the list would judge differently are counted: none that another of its
rules matches already.

Why it is bad: paths and patterns are bytes, and case counts, on every machine. A file that
the author saw matched on a laptop with another file system wakes nothing in CI.

Tracked: filters.yml, README.md, docs/photo.jpg, docs/SCREEN.JPG

Example::

    version: 1
    surfaces:
      images: ['*.jpg']
      words: ['*.md']

Use instead::

    version: 1
    surfaces:
      images: ['*.jpg', '*.JPG']
      words: ['*.md']
"""

from __future__ import annotations

from collections.abc import Iterator

from impact.checks.subject import Subject, files
from impact.coverage import Coverage, Group, Written
from impact.findings import Finding
from impact.naming import signed
from impact.quoting import quote

ID = "case-mismatch"
_SHOWN = 3


def check(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for every pattern that case keeps from a tracked file."""
    tracked, coverage = subject.tracked, subject.coverage
    for written in coverage.rules:
        missed = tracked.other_case(written.rule.pattern)
        concerned = [n for n in missed if _matters(coverage, coverage.group_of[n], written)]
        if not concerned:
            continue
        shown = ", ".join(quote(tracked.text(number)) for number in concerned[:_SHOWN])
        more = f" and {len(concerned) - _SHOWN:,} more" if len(concerned) > _SHOWN else ""
        message = (
            f"{signed(written.rule)} would match {files(len(concerned))} more if case were "
            f"ignored: {shown}{more}"
        )
        yield subject.of_rule(ID, written, message, "write it as the files are spelt")


def _matters(coverage: Coverage, group: Group, written: Written) -> bool:
    """Whether some list would judge the files otherwise if the rule matched them."""
    include = written.rule.include
    return any(
        not group.rules.get(number) if include else coverage.claiming(group, number)
        for number, _ in written.spots
    )
