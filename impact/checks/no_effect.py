"""A rule matches tracked files, but deleting it changes no verdict.

Another rule decides in its place, or has decided already: the finding names that one. What
an `expect` case is about counts as a file, so a rule for files to come is kept by a case
that says what they wake. Of two rules that do the same, the one further down is told; all
that are told can be deleted together. A `use` is judged like a rule.

Why it is bad: whoever wrote it believes that it does something. An exclusion in front of
what it was to exclude from, above all, wakes what was to sleep.

Tracked: filters.yml, docs/guide.md, docs/logo.png, src/main.c

Example::

    version: 1
    surfaces:
      site: [/docs/logo.png, '!*.md', /docs/]
      program: [/src/]

Use instead::

    version: 1
    surfaces:
      site: [/docs/, '!*.md']
      program: [/src/]
    inert: ['*.md']
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from impact.beneath import may_match
from impact.checks.subject import Subject, files
from impact.considered import deciding_rule
from impact.coverage import Coverage, Group, Spot, Written
from impact.findings import Finding
from impact.model import Change, Rule, Status
from impact.naming import rule_at, signed
from impact.pattern import compile_pattern

ID = "no-effect"
_NAMED = 3


@dataclass(frozen=True, slots=True)
class _Reason:
    """Why a rule changes nothing: in words, with the rule that makes it so, if one does."""

    words: str
    rule: Rule | None = None


def check(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for every rule and every `use` without effect."""
    coverage = subject.coverage
    told = subject.without_effect
    all_spots = {spot for written in told for spot in written.spots}
    for written in told:
        # Named are rules that stay: those that are told can all be deleted.
        others = all_spots.difference(written.spots)
        reasons, count = _reasons(coverage, written, others)
        words = [
            reason.words.format(reason.rule and rule_at(reason.rule))
            + (f" ({number:,} of them)" if number < count else "")
            for reason, number in reasons.most_common(_NAMED)
        ]
        if len(reasons) > _NAMED:
            words.append(f"and {len(reasons) - _NAMED:,} more rules in the same way")
        what = signed(written.rule)
        if written.use:
            what = "what this `use` takes in"
        matched = files(count) if count else "a submodule"
        message = f"{what} matches {matched} and changes no verdict"
        if not count:
            words = list(_like(coverage, written, others))
        if words:
            message += f": {'; '.join(words)}"
        fix = _removal(coverage, written)
        if any(r.rule is not None and r.rule.include != written.rule.include for r in reasons):
            fix = "remove it, or what excludes the same"
            if not written.rule.include:
                fix = "move it behind that, or remove it"
        yield subject.of_rule(ID, written, message, fix)


_Without = Sequence[tuple[set[Spot], set[Spot]]]
"""Rules that are as if they were not there, and the same with the rule in question."""


def _removal(coverage: Coverage, written: Written) -> str:
    """To remove it, so that no list is left that cannot be one."""
    for number in {number for number, _ in written.spots}:
        left = [
            rule
            for position, rule in enumerate(coverage.lists[number])
            if (number, position) not in written.spots
        ]
        if not left:
            return "remove it with its list, which has nothing else"
        if not left[0].include:
            return "remove it, and put another inclusion first"
    return "remove it"


def _like(coverage: Coverage, written: Written, others: set[Spot]) -> Iterator[str]:
    """The rule that judges the submodule that a rule is about, when that is gone."""
    for path in coverage.tracked.submodules:
        change = Change(path.decode("utf-8", "surrogateescape"), None, directory=True)
        number = written.spots[0][0]
        left = [
            rule
            for position, rule in enumerate(coverage.lists[number])
            if (number, position) not in others.union(written.spots)
        ]
        if may_match(compile_pattern(written.rule.pattern), path) and (
            rule := deciding_rule(left, change)
        ):
            yield f"{rule_at(rule)} decides"
            return


def _reasons(
    coverage: Coverage, written: Written, others: set[Spot]
) -> tuple[Counter[_Reason], int]:
    """Why the rule changes nothing, with the numbers of files, and how many it matches.

    ``others``: rules that are as if they were not there.
    """
    without = [(gone, gone.union(written.spots)) for gone in (others, set[Spot]())]
    reasons: Counter[_Reason] = Counter()
    count = 0
    for group in coverage.groups_of(written.spots):
        spots = [s for s in written.spots if s[1] in group.rules.get(s[0], ())]
        if not group.files:
            continue
        count += len(group.files)
        found = [
            _reason(coverage, group, spot, status, without)
            for spot in spots
            for status in coverage.statuses
            if coverage.rule(spot).applies(status)
        ]
        for reason in dict.fromkeys(found):  # as they come, in every run
            reasons[reason] += len(group.files)
    return reasons, count


def _reason(
    coverage: Coverage, group: Group, spot: Spot, status: Status, without: _Without
) -> _Reason:
    """By a rule that stays, if there is one that is enough."""
    number, position = spot
    rules = coverage.lists[number]
    include = rules[position].include
    for gone, all_gone in without:
        deciding = coverage.deciding(group, number, status, gone)
        if deciding is not None and deciding > position:
            return _Reason("{} decides", rules[deciding])
        before = coverage.deciding(group, number, status, all_gone)
        if before is not None and rules[before].include is include:
            words = "includes" if include else "excludes"
            return _Reason(f"{{}} {words} the same already", rules[before])
        if include and (
            not gone or coverage.outcome(group, gone) == coverage.outcome(group, all_gone)
        ):
            return _elsewhere(coverage, group, number, status, all_gone)
    return _Reason("nothing before it includes any")


def _elsewhere(
    coverage: Coverage, group: Group, number: int, status: Status, without: set[Spot]
) -> _Reason:
    """Why it does not matter that a list claims files only by this rule."""
    if number == coverage.always:
        return _Reason("every surface wakes anyway")
    if number == coverage.inert:
        for other in sorted(group.rules):
            if rule := coverage.claiming(group, other, None, without):
                return _Reason("{} claims the same already", rule)
        return _Reason("a change to the filters is judged by what it changes in them")
    if rule := coverage.claiming(group, coverage.always, status, without):
        return _Reason("{} wakes every surface anyway", rule)
    surface = coverage.filters.surfaces[coverage.names[number]]
    woken = coverage.woken(group, status, without)
    names = [name for name in surface.depends_on if coverage.names.index(name) in woken]
    return _Reason(f"the surface depends on {', '.join(names)} and wakes anyway")
