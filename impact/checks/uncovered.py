"""Tracked files belong to nothing.

No surface, nor `always` or `inert`, claims them. They are told by directories of which all
files are so, those with most files first; those that a rule excludes are told at that rule.
A file that an `expect` case wants to wake all, whatever the status, is so on purpose.

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

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from impact.beneath import Beneath, may_match
from impact.checks.subject import Subject, files
from impact.coverage import Coverage, Group, Spot
from impact.decide import decide, filters_files
from impact.findings import Finding, Severity
from impact.model import Change, ChangeSet, Earlier, Place, Rule, Status
from impact.naming import signed
from impact.pattern import compile_pattern
from impact.quoting import quote

ID = "uncovered"
_SHOWN = 10


def check(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for what no rule matches, one for each rule that excludes the rest."""
    filters = subject.filters
    effect = "each wakes every surface" if filters.wake_unmatched else "none wakes anything"
    fix = "claim them, or add them to inert"
    excluded: dict[Place | None, list[str]] = defaultdict(list)
    for path, place in _unclaimed(subject):
        excluded[place].append(path)
    parts = []
    if unknown := excluded.pop(None, []):
        parts.append(f"no rule includes {files(len(unknown))}: {_listed(unknown, subject)}")
    if submodules := [quote(path) for path in _submodules(subject)]:
        word = "submodules" if submodules[1:] else "submodule"
        some = ", ".join(submodules[:_SHOWN])
        more = f" and {len(submodules) - _SHOWN:,} more" if len(submodules) > _SHOWN else ""
        parts.append(f"nothing claims all that can be in the {word} {some}{more}")
    if parts:
        yield subject.finding(ID, filters.place, "; ".join([*parts, effect]), fix)
    for written in subject.coverage.rules:
        if paths := excluded.get(written.place):
            message = (
                f"{signed(written.rule)} excludes {files(len(paths))} that nothing claims: "
                f"{_listed(paths, subject)}; {effect}"
            )
            # With `ignore` that is what an exclusion is for.
            severity = Severity.WARNING if filters.wake_unmatched else Severity.NOTE
            yield subject.of_rule(ID, written, message, fix, severity)


def _unclaimed(subject: Subject) -> Iterator[tuple[str, Place | None]]:
    """The files that nothing claims, and where the rule is that takes each away, if any."""
    filters, coverage = subject.filters, subject.coverage
    meant = {
        case.path for case in filters.expectations if case.all_wake and case.status is None
    }
    needless = {spot for written in subject.without_effect for spot in written.spots}
    for group in coverage.groups:
        if coverage.claimed(group):
            continue
        places = [rule.place for rule in _excluding(coverage, group, needless)]
        for file in group.files:
            if (path := subject.tracked.text(file)) not in meant:
                yield path, places[0] if places else None


def _excluding(coverage: Coverage, group: Group, needless: set[Spot]) -> Iterator[Rule]:
    """The rules that take files from lists that would claim them."""
    for number, positions in sorted(group.rules.items()):
        rules = coverage.lists[number]
        position = coverage.deciding(group, number, None, needless)
        if position is not None and any(rules[at].include for at in positions if at < position):
            yield rules[position]


def _submodules(subject: Subject) -> Iterator[str]:
    """The submodules in which something may be that nothing claims."""
    filters, lists = subject.filters, subject.coverage.lists
    for raw in subject.tracked.submodules:
        # Told quickly, nearly always: all is claimed, or a file of any name is not.
        if any(_claims_all(rules, raw) for rules in lists):
            continue
        path = raw.decode("utf-8", "surrogateescape")
        if path in filters_files(filters):
            continue
        change = Change(path, Status.MODIFIED, directory=True)
        any_name = raw + b"/any.name"
        if any(_claims(rules, any_name) for rules in lists):
            # Of themselves the filters are no change.
            plan = decide(filters, ChangeSet((change,), "one path"), (), Earlier((filters,)))
            if not plan.unmatched:
                continue
        yield path


def _claims(rules: Sequence[Rule], path: bytes) -> bool:
    rule = next((r for r in reversed(rules) if compile_pattern(r.pattern).matches(path)), None)
    return rule is not None and rule.include


def _claims_all(rules: Sequence[Rule], directory: bytes) -> bool:
    """Whether a list surely claims all that can be in a directory."""
    inside = directory + b"/any.name"
    for rule in reversed(rules):
        pattern = compile_pattern(rule.pattern)
        if not rule.include and may_match(pattern, directory):
            return False
        if rule.include and pattern.matches(inside) and Beneath(directory).outlook(pattern):
            return True
    return False


def _listed(paths: list[str], subject: Subject) -> str:
    """The directories and files that they are, those with most files first."""
    rows = sorted(
        _folded(paths, subject).items(),
        key=lambda row: (-row[1], row[0].startswith("."), row[0].lower(), row[0]),
    )
    shown = [f"{quote(path)}{f' ({n:,})' if path.endswith('/') else ''}" for path, n in rows]
    more = sum(count for _, count in rows[_SHOWN:])
    return ", ".join(shown[:_SHOWN]) + (f", and {more:,} more" if more else "")


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
