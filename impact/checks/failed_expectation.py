"""An `expect` case of the filters file does not hold.

The cases say what a change to a path must wake and what it must leave asleep.  They are
decided as every change is, dependencies and unmatched paths included.
"""

from __future__ import annotations

from collections.abc import Iterator

from impact.decide import decide
from impact.findings import Finding, Location
from impact.model import Change, ChangeSet, Expectation, Filters
from impact.quoting import quote

ID = "failed-expectation"


def check(filters: Filters) -> Iterator[tuple[Finding, Change | None]]:
    """Decide each case; yield those that do not hold."""
    for case in filters.expectations:
        change = Change(case.path.removesuffix("/"), case.status, case.path.endswith("/"))
        woken = set(decide(filters, ChangeSet((change,), "an expectation")).woken)
        wrong = _wrong(case, woken)
        if wrong:
            status = f" ({case.status.value})" if case.status else ""
            message = f"{quote(case.path)}{status}: {'; '.join(wrong)}"
            location = Location(filters.file, case.place.line, case.place.column)
            yield Finding(ID, message, location), change


def _wrong(case: Expectation, woken: set[str]) -> list[str]:
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
