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

from impact.checks.subject import Subject, quoted
from impact.coverage import Written
from impact.findings import Finding, Severity
from impact.model import Rule
from impact.naming import rule_at, signed
from impact.nearest import Nearest
from impact.past import Step
from impact.quoting import quote
from impact.tracked import WILDCARDS, escaped

ID = "dead-pattern"
_SHORT = 12
"""So many characters of a commit's id are enough for people."""
_NAMED = 3
_WIDER = 10
"""A pattern that matches so many times the files that moved is another one."""


def check(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for every rule whose pattern matches nothing that is tracked."""
    tracked, coverage = subject.tracked, subject.coverage
    dead = [
        written
        for written in coverage.rules
        if not tracked.matching(written.rule.pattern)
        and not tracked.is_about_submodule(written.rule.pattern)
    ]
    past = subject.past(list(dict.fromkeys(w.rule.pattern for w in dead))) if dead else {}
    nearest = Nearest(tracked)
    for written in dead:
        rule = written.rule
        steps = past.get(rule.pattern, ())
        wakes = rule.include and any(number != coverage.inert for number, _ in written.spots)
        message = f"{signed(rule)} matches no tracked file"
        if steps:
            message += f"; {_told(steps)}"
        fix = _fix(subject, written, steps, nearest)
        severity = Severity.ERROR if wakes else Severity.WARNING
        yield subject.of_rule(ID, written, message, fix, severity)


def _fix(subject: Subject, written: Written, steps: Sequence[Step], nearest: Nearest) -> str:
    """What to write instead: what the files are now, or what was perhaps meant."""
    rule = written.rule
    near = _successor(subject, rule, steps[-1]) if steps else nearest.pattern(rule.pattern)
    if near and (known := _made_needless(subject, written, near)):
        return f"remove it: {rule_at(known)} does the same for {quote(near)}"
    if near and steps:
        return f"write {quoted(near, rule.include)}"
    if near:
        return f"did you mean {quote('!' * (not rule.include) + near)}?"
    return "name the new place, or remove it" if steps and steps[-1].places else "remove it"


def _successor(subject: Subject, rule: Rule, last: Step) -> str | None:
    """A pattern for what has moved that does there what this one did."""
    if last.example is None:
        return None
    if not WILDCARDS.intersection(rule.pattern):
        pattern = escaped(last.to) if last.to else None
    else:
        pattern = _in_other_directory(rule.pattern, last.example)
    matching = subject.tracked.matching(pattern) if pattern else ()
    # Neither a part of what moved nor very much more.
    return pattern if last.moved <= 2 * len(matching) <= 2 * _WIDER * last.moved else None


def _in_other_directory(pattern: str, example: tuple[str, str]) -> str | None:
    """The pattern with a directory in front of its wildcards as a file's that moved."""
    old, new = (path.split("/") for path in example)
    while old and new and old[-1] == new[-1]:
        old.pop()
        new.pop()
    before, after = ("".join(map(escaped, parts)) + "/" for parts in (old, new))
    anchored = "/" + pattern.removeprefix("/")
    if not anchored.startswith(before):
        return None
    return after + anchored.removeprefix(before)


def _made_needless(subject: Subject, written: Written, near: str) -> Rule | None:
    """The rule of its list that does for all files of a pattern what it would do."""
    coverage = subject.coverage
    deciding = None
    for file in subject.tracked.matching(near):
        for number, _ in written.spots:
            position = coverage.deciding(coverage.group_of[file], number, None)
            deciding = None if position is None else coverage.lists[number][position]
            if deciding is None or deciding.include is not written.rule.include:
                return None
    return deciding


def _told(steps: Sequence[Step]) -> str:
    words = []
    for number, step in enumerate(steps):
        places = [quote(place) for place, _ in step.places[:_NAMED]]
        if len(step.places) > 1:
            places = [f"{quote(place)} ({count:,})" for place, count in step.places[:_NAMED]]
            if len(step.places) > _NAMED:
                places.append(f"{len(step.places) - _NAMED:,} more places")
        what = "" if number else "what it matched last "
        if not step.places:
            what += "was deleted"
        elif step.moved == step.files:
            what += f"moved to {', '.join(places)}"
        else:
            what = f"of {'these' if number else 'what it matched last,'} {step.moved:,} of "
            what += f"{step.files:,} files moved to {', '.join(places)}"
        words.append(f"{what} in commit {step.commit[:_SHORT]}")
    return ", then ".join(words)
