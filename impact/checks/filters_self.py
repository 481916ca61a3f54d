"""The filters file is no tracked file of the repository.

It lies outside, or git ignores it, or it was never added.

Why it is bad: a change to it is in no diff, so it wakes nothing and nobody reviews it. And
where there is no repository no rule can be held against tracked files.

Tracked: src/main.c

Example::

    version: 1
    surfaces:
      program: [/src/]

Use instead: `git add filters.yml`.
"""

from __future__ import annotations

from collections.abc import Iterator

from impact.checks.subject import Standing, Subject
from impact.findings import Finding, Severity
from impact.quoting import quote

ID = "filters-self"


def check(subject: Subject) -> Iterator[Finding]:
    """Yield a finding where changes to the filters would go unseen."""
    name = quote(subject.filters.file)
    unseen = "so changes to it are in no diff"
    words = {
        Standing.UNTRACKED: (f"git does not track this file, {unseen}", f"git add {name}"),
        Standing.IGNORED: (
            f"git ignores this file, {unseen}",
            f"take it out of .gitignore, and git add {name}",
        ),
        Standing.OUTSIDE: (
            f"this file lies outside the repository, {unseen}",
            "put it into the repository",
        ),
        Standing.IN_SUBMODULE: (
            "this file is in a submodule, so changes to it are told as changes of all of that",
            "put it into the repository itself",
        ),
        Standing.NOTHING_TRACKED: (
            "git tracks no file here, so no rule is held against any",
            "git add the files of the repository",
        ),
        Standing.NO_REPOSITORY: (
            "there is no git repository here, so no rule is held against tracked files",
            "run it in a repository",
        ),
    }
    if subject.standing in words:
        message, fix = words[subject.standing]
        ignored = subject.standing is Standing.IGNORED
        severity = Severity.ERROR if ignored else Severity.WARNING
        yield subject.finding(ID, subject.filters.place, message, fix, severity)
