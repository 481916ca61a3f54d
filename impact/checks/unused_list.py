"""Nobody uses a named list.

No surface, nor `always` or `inert`, takes it in, directly or by another list.

Why it is bad: whoever adds a pattern to it believes that something wakes.

Tracked: filters.yml, docs/guide.md, Makefile

Example::

    version: 1
    patterns:
      shared: [/Makefile]
    surfaces:
      docs: [/docs/]
    inert: [/Makefile]

Use instead::

    version: 1
    patterns:
      shared: [/Makefile]
    surfaces:
      docs: [/docs/, use: shared]
"""

from __future__ import annotations

from collections.abc import Iterator

from impact.checks.subject import Subject
from impact.findings import Finding
from impact.quoting import quote

ID = "unused-list"


def check(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for every list that no rule of a surface comes from."""
    for named in subject.filters.lists:
        if not named.used:
            message = f"nothing that decides uses the list {quote(named.name)}"
            yield subject.finding(ID, named.place, message, "use it, or remove it")
