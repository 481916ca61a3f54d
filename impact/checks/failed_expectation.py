"""An `expect` case does not hold.

The cases say what a change to a path wakes and what it leaves asleep. They are decided as
every change is, dependencies and unmatched paths included. In the text the explanation of
the path goes with the first twenty findings.

Why it is bad: the filters do not do what somebody once wrote down that they have to.

Tracked: filters.yml, docs/guide.md, docs/logo.png, sdk/README.md, sdk/main.c

Example::

    version: 1
    surfaces:
      sdk: [/sdk/]
      docs: [/docs/]
    expect:
      - {path: sdk/README.md, only: [docs]}

Use instead::

    version: 1
    surfaces:
      sdk: [/sdk/, '!*.md']
      docs: [/docs/, '*.md']
    expect:
      - {path: sdk/README.md, only: [docs]}
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from impact.checks.subject import Subject
from impact.decide import decide
from impact.findings import Finding, Severity
from impact.model import Change, ChangeSet, Expectation, Filters
from impact.quoting import quote

ID = "failed-expectation"


def check(subject: Subject) -> Iterator[Finding]:
    """Decide each case; yield those that do not hold."""
    filters = subject.filters
    for case in filters.expectations:
        if words := wrong(filters, case):
            status = f" ({case.status.value})" if case.status else ""
            message = f"{quote(case.path)}{status}: {'; '.join(words)}"
            found = subject.finding(ID, case.place, message, severity=Severity.ERROR)
            yield replace(found, change=_change(case))


def wrong(filters: Filters, case: Expectation) -> list[str]:
    """In what the verdicts are not those that a case expects."""
    woken = set(decide(filters, ChangeSet((_change(case),), "an expectation")).woken)
    asleep = sorted((case.wakes or frozenset()) - woken)
    awake = sorted((case.sleeps or frozenset()) & woken)
    if case.only is not None:
        asleep = sorted({*asleep, *(case.only - woken)})
        awake = sorted({*awake, *(woken - case.only)})
    words = []
    if asleep:
        words.append(f"expected to wake, but asleep: {', '.join(asleep)}")
    if awake:
        words.append(f"expected to sleep, but awake: {', '.join(awake)}")
    return words


def _change(case: Expectation) -> Change:
    return Change(case.path.removesuffix("/"), case.status, case.path.endswith("/"))
