"""What holds of the checks for any filters and any tracked files.

Deleting a rule and deciding again is the definition of what it is good for.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace

from hypothesis import assume, event, example, given, settings
from hypothesis import strategies as st

from impact.beneath import may_match
from impact.checks import case_mismatch, dead_pattern, floating_pattern, no_effect, uncovered
from impact.checks.subject import Subject
from impact.decide import decide
from impact.findings import Finding
from impact.model import Change, ChangeSet, Earlier, Filters, Place, Plan, Rule, Status, Surface
from impact.pattern import compile_pattern
from impact.quoting import quote
from impact.tracked import Tracked
from tests.strategies import Choices, Document, as_text, documents, path_like, paths, patterns


def at_most(examples: int) -> settings:
    """Fewer examples where each of them takes long; in a thorough run as many more."""
    return settings(max_examples=examples * settings().max_examples // 100)


# -- which files a pattern matches ---------------------------------------------------------


@st.composite
def patterns_and_paths(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    pool = draw(st.lists(patterns(), min_size=1, max_size=4))
    choices = Choices.drawn(draw)
    found = [as_text(path_like(choices, choices.pick(pool))) for _ in range(choices.below(40))]
    if found and choices.chance(4):
        found.append((found[0] + "/") * 40 + "end")  # longer than an expression is let loose on
    return pool, found


@given(patterns_and_paths())
@example((["/a"], ["a", "a-b", "a/b", "a.c", "ab", "b/a"]))
@example((["*.c", "**/x/**/*a*"], [f"{'x/' * n}{n}.c" for n in range(60)]))
def test_the_files_of_a_pattern_are_those_that_match(
    drawn: tuple[list[str], list[str]],
) -> None:
    pool, files = drawn
    tracked = Tracked(files)
    assert [tracked.text(n) for n in range(len(tracked.paths))] == sorted(
        set(files), key=lambda path: path.encode("utf-8", "surrogateescape")
    )
    for text in pool:
        pattern = compile_pattern(text)
        matching = [n for n, path in enumerate(tracked.paths) if pattern.matches(path)]
        assert list(tracked.matching(text)) == matching


def in_other_case(text: str) -> str:
    return text.swapcase() if text.isascii() else text


@given(patterns_and_paths())
@example((["/A*b"], ["axB", "AxB", "Axb", "axb/C"]))
def test_case_is_ignored_for_letters(drawn: tuple[list[str], list[str]]) -> None:
    """Without classes: to match whatever the case is to match with everything made small."""
    pool, files = drawn
    files = [*files, *map(in_other_case, files)]
    tracked = Tracked(files)
    for text in pool:
        if "[" in text:
            continue
        small = "".join(char.lower() if char.isascii() else char for char in text)
        pattern, folded = compile_pattern(text), compile_pattern(small)
        assert list(tracked.other_case(text)) == [
            number
            for number, path in enumerate(tracked.paths)
            if folded.matches(path.lower()) and not pattern.matches(path)
        ]


# -- what a rule contributes ---------------------------------------------------------------


@st.composite
def subjects(draw: st.DrawFn) -> Subject:
    """Filters as written in a file, and tracked files and submodules that they are about."""
    document: Document = draw(documents())
    filters = document.filters
    lists = [*(s.rules for s in filters.surfaces.values()), filters.always, filters.inert]
    pool = [rule.pattern for rules in lists for rule in rules] or ["a"]
    choices = Choices.drawn(draw)
    names = [as_text(path_like(choices, choices.pick(pool))) for _ in range(choices.below(12))]
    names += [filters.file] * choices.chance(4)
    submodules = [names.pop() for _ in range(choices.below(2)) if names]
    return Subject(filters, Tracked(set(names).difference(submodules), submodules))


def without(filters: Filters, deleted: Collection[tuple[bool, Place]]) -> Filters:
    """The filters but for the rules, or what uses take in, at some places."""

    def left(rules: Iterable[Rule]) -> tuple[Rule, ...]:
        return tuple(
            rule
            for rule in rules
            if (False, rule.place) not in deleted and (True, rule.used_at) not in deleted
        )

    surfaces = {n: replace(s, rules=left(s.rules)) for n, s in filters.surfaces.items()}
    return replace(
        filters, surfaces=surfaces, always=left(filters.always), inert=left(filters.inert)
    )


def plan_of(filters: Filters, *changes: Change) -> Plan:
    # Of themselves the filters are no change.
    return decide(filters, ChangeSet(changes, "given"), (), Earlier((filters,)))


def told(subject: Subject, filters: Filters) -> list[object]:
    """What is decided for every file, submodule and case, for every status of it."""
    changes = [
        Change(as_text(path), status, directory)
        for directory, some in (
            (False, subject.tracked.paths),
            (True, subject.tracked.submodules),
        )
        for path in some
        for status in Status
    ]
    for case in filters.expectations:
        statuses = [case.status] if case.status else list(Status)
        path, directory = case.path.removesuffix("/"), case.path.endswith("/")
        changes += [Change(path, status, directory) for status in statuses]
    plans = [plan_of(filters, change) for change in changes]
    return [(plan.woken, plan.unmatched) for plan in plans]


def placed(findings: Iterable[Finding]) -> set[tuple[bool, Place]]:
    """The places of findings, and whether they are about a `use`."""
    return {
        ("what this `use`" in found.message, Place(found.location.line, found.location.column))
        for found in findings
    }


def written(filters: Filters) -> list[Rule]:
    lists = [*(s.rules for s in filters.surfaces.values()), filters.always, filters.inert]
    return [rule for rules in lists for rule in rules]


def is_alive(subject: Subject, rules: Iterable[Rule]) -> bool:
    """Whether one matches a tracked file or a submodule, or names what may be in that."""
    patterns = [compile_pattern(rule.pattern) for rule in rules]
    return any(
        any(pattern.matches(path) for path in subject.tracked.paths)
        or any(
            pattern.matches(path, directory=True)
            or (not pattern.floating and may_match(pattern, path))
            for path in subject.tracked.submodules
        )
        for pattern in patterns
    )


@at_most(200)
@given(subjects())
def test_a_rule_has_no_effect_if_deleting_it_changes_nothing(subject: Subject) -> None:
    filters = subject.filters
    before = told(subject, filters)
    found = placed(no_effect.check(subject))
    rules = written(filters)
    entries: dict[tuple[bool, Place], list[Rule]] = {}
    for rule in rules:
        entries.setdefault((False, rule.place), []).append(rule)
        if rule.used_at is not None:
            entries.setdefault((True, rule.used_at), []).append(rule)
    alone = {
        entry
        for entry, some in entries.items()
        if is_alive(subject, some) and told(subject, without(filters, {entry})) == before
    }
    event(f"without effect: {min(len(found), 3)} of {min(len(alone), 3)}")
    assert found <= alone, "a rule is told that has an effect"
    dead = {(False, rule.place) for rule in rules if not is_alive(subject, [rule])}
    alive = told(subject, without(filters, dead))
    together = told(subject, without(filters, dead | found))
    assert together == alive, "all can be deleted together, and with what is dead"
    for entry in alone - found:
        left = [
            rule
            for rule in entries[entry]
            if not {(False, rule.place), (True, rule.used_at)} & found
        ]
        if is_alive(subject, left):  # else all of it is told, as what is in or around it
            others = {*dead, *found, entry}
            assert told(subject, without(filters, others)) != alive, "one is not told"


@at_most(200)
@given(subjects())
def test_a_pattern_is_dead_if_it_matches_nothing_tracked(subject: Subject) -> None:
    """And then deleting it changes no verdict of a tracked file either."""
    filters = subject.filters
    found = placed(dead_pattern.check(subject))
    dead = {(False, rule.place) for rule in written(filters) if not is_alive(subject, [rule])}
    assert found == dead
    event(f"dead: {min(len(dead), 3)}")
    without_cases = replace(filters, expectations=())
    files = Tracked(map(as_text, subject.tracked.paths))
    subject = replace(subject, filters=without_cases, tracked=files)
    assert told(subject, without(without_cases, dead)) == told(subject, without_cases)


@at_most(100)
@given(subjects())
def test_what_is_uncovered_is_what_would_be_unmatched(subject: Subject) -> None:
    filters = replace(subject.filters, expectations=())
    subject = replace(subject, filters=filters)
    changes = tuple(Change(as_text(path), Status.MODIFIED) for path in subject.tracked.paths)
    unmatched = plan_of(filters, *changes).unmatched
    messages = [finding.message for finding in uncovered.check(subject)]
    counts = [re.findall(r"(?:includes|excludes) ([\d,]+) tracked", text) for text in messages]
    assert sum(int(count) for some in counts for count in some) == len(unmatched)
    submodules = [
        as_text(path)
        for path in subject.tracked.submodules
        if plan_of(filters, Change(as_text(path), Status.MODIFIED, True)).unmatched
    ]
    told_of = [text for text in messages if "can be in the submodule" in text]
    assert len(told_of) == bool(submodules)
    assert all(quote(path) in text for path in submodules for text in told_of)


@given(st.lists(paths(), min_size=1, max_size=12, unique=True), st.data())
def test_an_anchored_spelling_matches_in_one_directory(
    files: list[str], data: st.DataObject
) -> None:
    """What the finding about a floating name says to write matches, and no longer floats."""
    name = data.draw(st.sampled_from(files)).split("/")[0]
    rule = Rule(escaped_name(name), True, "f", Place(1, 1))
    assume(accepted_and_floating(rule))
    subject = Subject(Filters("f", {"s": Surface("s", (rule,))}), Tracked(files))
    parents = {
        path[: at + 1] for path in files if (at := ("/" + path + "/").find(f"/{name}/")) >= 0
    }
    found = list(floating_pattern.check(subject))
    assert bool(found) == (len(parents) > 1)
    for finding in found:
        assert finding.fix is not None
        fix = finding.fix.removeprefix("write '").partition("', or '")[0].replace("''", "'")
        matching = subject.tracked.matching(fix)
        assert 0 < len(matching) < len(subject.tracked.matching(rule.pattern))


def escaped_name(name: str) -> str:
    return "".join("\\" + char if char in "*?[\\{ \t#!" else char for char in name)


def accepted_and_floating(rule: Rule) -> bool:
    try:
        return compile_pattern(rule.pattern).floating
    except ValueError:
        return False


@at_most(50)
@given(subjects())
def test_a_case_mismatch_is_one_of_a_rule_that_would_match_more(subject: Subject) -> None:
    for finding in case_mismatch.check(subject):
        place = Place(finding.location.line, finding.location.column)
        texts = {rule.pattern for rule in written(subject.filters) if rule.place == place}
        (text,) = texts
        assert subject.tracked.other_case(text)
