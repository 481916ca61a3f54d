"""A pattern matches no tracked file.

It was right once, and a file was renamed or deleted; or it never was, for a slip of the
hand. Where the history at hand shows what became of the files, the finding says so, and
else it names what is nearest. A clone of one commit has no history.

Why it is bad: what was to wake a surface sleeps through every change, and nobody notices
until a release. It is an error; a warning where a pattern excludes or is inert, or is about a
kind of file, `*.hpp`, of which one may come any day; a note where both are so.

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

import re
from collections.abc import Iterator, Sequence

from impact.checks.subject import Subject, quoted
from impact.coverage import Written
from impact.effects import is_alive
from impact.findings import Finding, Severity
from impact.model import Rule
from impact.naming import rule_at, signed
from impact.nearest import Nearest
from impact.past import STAGED, Step
from impact.quoting import quote
from impact.tracked import WILDCARDS, Tracked, escaped, is_pattern

ID = "dead-pattern"
_SHORT = 12
"""So many characters of a commit's id are enough for people."""
_NAMED = 3
_WIDER = 10
"""A pattern that matches so many times the files that moved is another one."""


def check(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for every rule whose pattern matches nothing that is tracked."""
    tracked, coverage = subject.tracked, subject.coverage
    dead = [written for written in coverage.rules if not is_alive(coverage, written.spots)]
    past = subject.past(list(dict.fromkeys(w.rule.pattern for w in dead))) if dead else {}
    nearest = Nearest(tracked)
    for written in dead:
        rule = written.rule
        steps = past.get(rule.pattern, ())
        wakes = rule.include and any(number != coverage.inert for number, _ in written.spots)
        message = f"{signed(rule)} matches no tracked file"
        if steps:
            message += f"; {_told(steps, subject.tracked)}"
        fix = _fix(subject, written, steps, nearest)
        levels = [Severity.ERROR, Severity.WARNING, Severity.NOTE]
        severity = levels[(not wakes) + _is_kind(rule.pattern)]
        yield subject.of_rule(ID, written, message, fix, severity)


def _is_kind(pattern: str) -> bool:
    """Whether a pattern is about a kind of file, `*.hpp`, of which one may come any day."""
    return re.fullmatch(r"(.*/)?\*\.[^/*?\[]+", pattern) is not None


def _fix(subject: Subject, written: Written, steps: Sequence[Step], nearest: Nearest) -> str:
    """What to write instead: what the files are now, or what was perhaps meant."""
    rule = written.rule
    near = _successor(subject, rule, steps[-1]) if steps else nearest.pattern(rule.pattern)
    known = _made_needless(subject, written, near) if near else None
    if known and steps:
        return f"remove it: {rule_at(known)} does the same for {quote(near or '')}"
    if near and steps:
        return f"write {quoted(near, rule.include)}"
    if near and not known:
        return f"did you mean {quote('!' * (not rule.include) + near)}?"
    places = [place for place, _ in steps[-1].places] if steps else []
    if steps and not steps[-1].certain:
        return "name the new place, or remove it"
    if any(_is_there(place, subject.tracked) for place in places):
        return "name the new place, or remove it"
    return "remove it"


def _successor(subject: Subject, rule: Rule, last: Step) -> str | None:
    """A pattern for what has moved that does there what this one did."""
    if last.example is None:
        return None
    if not WILDCARDS.intersection(rule.pattern):
        pattern = escaped(last.to) if last.to else None
    else:
        pattern = _in_other_directory(rule.pattern, last.example)
    if pattern is None or not is_pattern(pattern):
        return None
    count = len(subject.tracked.matching(pattern))
    # Neither a part of what moved nor very much more.
    return pattern if last.moved * 9 <= count * 10 <= last.moved * 10 * _WIDER else None


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


def _told(steps: Sequence[Step], tracked: Tracked) -> str:
    words = []
    for number, step in enumerate(steps):
        what = "" if number else "what it matched last "
        if not step.places:
            what += "was deleted" if step.certain else "was moved or deleted"
        elif step.moved == step.files:
            what += f"moved to {_places(step, tracked)}"
        else:
            what = "" if number else "of what it matched last, "
            what += f"{step.moved:,} of {step.files:,} files moved to {_places(step, tracked)}"
        where = f"commit {step.commit[:_SHORT]}" if step.commit != STAGED else "what is staged"
        words.append(f"{what} in {where}")
    return ", then ".join(words)


def _places(step: Step, tracked: Tracked) -> str:
    """Where files went; what is there still comes first."""
    rows = sorted(step.places, key=lambda place: not _is_there(place[0], tracked))
    if len(rows) == 1:
        return quote(rows[0][0])
    shown = [f"{quote(place)} ({count:,})" for place, count in rows[:_NAMED]]
    more = f" and {len(rows) - _NAMED:,} more places" if len(rows) > _NAMED else ""
    return ", ".join(shown) + more


def _is_there(place: str, tracked: Tracked) -> bool:
    return tracked.has(place.removesuffix("/"))
