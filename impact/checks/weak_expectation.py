"""An `expect` case holds only because nothing knows its path.

No tracked file is at the path and no rule matches it, so `unmatched` alone decides: with
`wake-all` everything wakes, what the case names included; with `ignore` everything sleeps.
A case that wants that wakes `all`, or sleeps `all`, and is none of these.

Why it is bad: the path is most likely misspelt, or the file was moved, and the case that was
to guard it guards nothing.

Tracked: filters.yml, scripts/generate-sdk.sh, extension/main.c

Example::

    version: 1
    surfaces:
      sdk: [/scripts/generate-sdk.sh]
      extension: [/extension/]
    expect:
      - {path: script/generate-sdk.sh, wakes: [sdk]}

Use instead::

    version: 1
    surfaces:
      sdk: [/scripts/generate-sdk.sh]
      extension: [/extension/]
    expect:
      - {path: scripts/generate-sdk.sh, only: [sdk]}
"""

from __future__ import annotations

from collections.abc import Iterator

from impact.beneath import may_match
from impact.checks.failed_expectation import wrong
from impact.checks.subject import Subject
from impact.findings import Finding
from impact.nearest import Nearest
from impact.pattern import GitPattern, compile_pattern
from impact.quoting import quote
from impact.tracked import escaped

ID = "weak-expectation"


def check(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for every case that only the policy for unmatched paths fulfils."""
    filters, tracked = subject.filters, subject.tracked
    texts = {rule.pattern for rules in subject.coverage.lists for rule in rules}
    nearest = Nearest(tracked)
    for case in filters.expectations:
        meant = case.all_wake if filters.wake_unmatched else case.all_sleep
        if meant or wrong(filters, case):
            continue
        path = case.path.removesuffix("/").encode("utf-8", "surrogateescape")
        known = may_match if case.path.endswith("/") else _matches
        if tracked.has(case.path.removesuffix("/")) or any(
            known(compile_pattern(text), path) for text in texts
        ):
            continue
        policy = "wakes every surface" if filters.wake_unmatched else "wakes nothing"
        message = (
            f"{quote(case.path)} is not tracked and no rule matches it: the case holds only "
            f"because whatever nothing claims {policy}"
        )
        near = nearest.pattern(escaped(case.path))
        fix = f"did you mean {quote(near.removeprefix('/'))}?" if near else None
        whole = "wakes: all" if filters.wake_unmatched else "sleeps: all"
        yield subject.finding(ID, case.place, message, fix or f"write {whole} if that is meant")


def _matches(pattern: GitPattern, path: bytes) -> bool:
    return pattern.matches(path)
