"""Tracked files belong to nothing.

No surface, nor `always` or `inert`, claims them. They are told by directories of which all
files are so, those with most files first. A file that an `expect` case wants to wake all,
whatever the status, is so on purpose.

Why it is bad: a change to one of them wakes everything, or, with `unmatched: ignore`,
nothing at all. A new package that nobody put into the filters is among them.

Tracked: filters.yml, docs/guide.md, packages/new/a.js, packages/new/test/a.js

Example::

    version: 1
    surfaces:
      docs: [/docs/]

Use instead::

    version: 1
    surfaces:
      docs: [/docs/]
      new: [/packages/new/]
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from impact.checks.subject import Subject, files
from impact.findings import Finding
from impact.quoting import quote

ID = "uncovered"
_SHOWN = 10


def check(subject: Subject) -> Iterator[Finding]:
    """Yield one finding for all that nothing claims."""
    filters, tracked, coverage = subject.filters, subject.tracked, subject.coverage
    everything = frozenset(filters.surfaces)
    meant = {
        case.path
        for case in filters.expectations
        if case.wakes == everything and case.status is None
    }
    groups = (group for group in coverage.groups if not coverage.claimed(group))
    numbers = sorted(number for group in groups for number in group.files)
    paths = [path for path in map(tracked.text, numbers) if path not in meant]
    if not paths:
        return
    rows = sorted(_folded(paths, subject).items(), key=lambda row: (-row[1], row[0]))
    shown = [f"{quote(path)}{f' ({n:,})' if path.endswith('/') else ''}" for path, n in rows]
    more = sum(count for _, count in rows[_SHOWN:])
    listing = ", ".join(shown[:_SHOWN]) + (f", and {more:,} more" if more else "")
    effect = "each wakes every surface" if filters.wake_unmatched else "none wakes anything"
    message = f"nothing claims {files(len(paths))}, so {effect}: {listing}"
    yield subject.finding(ID, filters.place, message, "claim them, or add them to inert")


def _folded(paths: list[str], subject: Subject) -> dict[str, int]:
    """The paths, or the highest directories of which all files are among them: how many."""
    unclaimed: Counter[str] = Counter()
    for path in paths:
        unclaimed.update(_directories(path))
    whole: dict[str, bool] = {}
    found: Counter[str] = Counter()
    for path in paths:
        for directory in _directories(path):
            if directory not in whole:
                total = len(subject.tracked.beneath(directory))
                whole[directory] = total == unclaimed[directory]
            if whole[directory]:
                found[directory] += 1
                break
        else:
            found[path] += 1
    return found


def _directories(path: str) -> Iterator[str]:
    """The directories that a path lies in, the highest first, each with a slash."""
    at = -1
    while (at := path.find("/", at + 1)) >= 0:
        yield path[: at + 1]
