"""A pattern matches no tracked file.

It was right once, and a file was renamed or deleted; or it never was, for a slip of the
hand. Where the history at hand shows what became of the files, the finding says so, and
else it names what is nearest. A clone of one commit has no history.

Why it is bad: what was to wake a surface sleeps through every change, and nobody notices
until a release. A pattern that excludes, or is inert, and matches nothing is a warning only.

Tracked: filters.yml, .browserslistrc, src/app.js

Example::

    version: 1
    surfaces:
      web: [.browserlistrc, /src/]

Use instead::

    version: 1
    surfaces:
      web: [.browserslistrc, /src/]
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from impact.checks.subject import Subject, advice
from impact.findings import Finding, Severity
from impact.model import Rule
from impact.naming import signed
from impact.nearest import Nearest
from impact.past import Step
from impact.quoting import quote
from impact.tracked import WILDCARDS, escaped

ID = "dead-pattern"
_SHORT = 12
"""So many characters of a commit's id are enough for people."""


def check(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for every rule whose pattern matches nothing that is tracked."""
    tracked, coverage = subject.tracked, subject.coverage
    dead = [
        written
        for written in coverage.rules
        if not tracked.matching(written.rule.pattern)
        and not tracked.may_match_beneath(written.rule.pattern)
    ]
    past = subject.past(list(dict.fromkeys(w.rule.pattern for w in dead))) if dead else {}
    nearest = Nearest(tracked)
    for written in dead:
        rule = written.rule
        steps = past.get(rule.pattern, ())
        wakes = rule.include and any(number != coverage.inert for number, _ in written.spots)
        message = f"{signed(rule)} matches no tracked file"
        if steps:
            message += f"; what it matched {_told(steps)}"
        near = _successor(subject, rule, steps) or nearest.pattern(rule.pattern)
        fix = "remove it"
        if near and steps:
            fix = advice(near, rule.include)
        elif near:
            fix = f"did you mean {quote('!' * (not rule.include) + near)}?"
        severity = Severity.ERROR if wakes else Severity.WARNING
        yield subject.of_rule(ID, written, message, fix, severity)


def _successor(subject: Subject, rule: Rule, steps: Sequence[Step]) -> str | None:
    """A pattern for what has moved that does there what this one did."""
    last = steps[-1] if steps else None
    if last is None or last.to is None or last.example is None:
        return None
    if not WILDCARDS.intersection(rule.pattern):
        pattern = escaped(last.to)
        return pattern if subject.tracked.matching(pattern) else None
    # With wildcards only a directory in front of them can be another one.
    old, new = (path.split("/") for path in last.example)
    while old and new and old[-1] == new[-1]:
        old.pop()
        new.pop()
    anchored = "/" + rule.pattern.removeprefix("/")
    before, after = ("".join(escaped(part) for part in parts) + "/" for parts in (old, new))
    if not anchored.startswith(before):
        return None
    pattern = after + anchored.removeprefix(before)
    return pattern if subject.tracked.matching(pattern) else None


def _told(steps: Sequence[Step]) -> str:
    words = []
    for step in steps:
        what = "was deleted"
        if step.to is not None:
            what = f"moved to {quote(step.to)}{' and elsewhere' * step.elsewhere}"
        words.append(f"{what} in commit {step.commit[:_SHORT]}")
    return ", then ".join(words)
