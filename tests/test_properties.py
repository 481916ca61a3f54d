"""What holds of every filters file and every change set, on random ones.

A list is read here by its definition, the last match of a plain `pathspec.PathSpec`, and
outputs are read by small parsers of the formats that they are written in.
"""

from __future__ import annotations

import base64
import html
import json
import os
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Any

import pathspec
import pytest
from hypothesis import event, example, given, settings
from hypothesis import strategies as st

from impact.beneath import Beneath, TooMuchToWalkError
from impact.config.load import parse_filters
from impact.config.schema import shape_errors
from impact.config.shape import FILTERS, fits
from impact.config.tree import Node, TreeReader, plain_data
from impact.decide import decide
from impact.errors import FiltersError, UsageError
from impact.explain import explain
from impact.findings import Finding, Location, Severity
from impact.index import Index
from impact.listing import parse_name_status, parse_names
from impact.model import (
    DEFAULT_FILES,
    NO_BASE,
    Cause,
    Change,
    ChangeSet,
    Earlier,
    Filters,
    Force,
    Kind,
    Place,
    Plan,
    Rule,
    Status,
    Surface,
)
from impact.pattern import GitPattern, compile_pattern
from impact.quoting import one_line, quote, unquote
from impact.report import dotenv, explanation, github, summary, text
from impact.report import findings as findings_text
from impact.report import json as report_json
from impact.report.phrases import compared, reason, shortened
from impact.report.surface import render_surface
from tests.oracle import plain_git_environment
from tests.strategies import (
    Document,
    Scenario,
    as_text,
    change_sets,
    changes,
    damaged_documents,
    directory_scenarios,
    documents,
    forces,
    paths,
    proper_path,
    rules,
    scenarios,
    texts,
)

PERMANENT = (Kind.CHANGED, Kind.ALWAYS, Kind.FILTERS_CHANGED, Kind.FORCED, Kind.UNDETERMINED)
"""The kinds of causes that come from neither another surface nor the lack of a claim."""


def at_most(examples: int) -> settings:
    """Fewer examples where each of them takes long; in a thorough run as many more."""
    return settings(max_examples=examples * settings().max_examples // 100)


def is_bytes(written: str) -> bool:
    """Whether the text can be that of bytes."""
    return not re.search("[\ud800-\udc7f\udd00-\udfff]", written)


def plan_of(
    filters: Filters,
    changed: Iterable[Change],
    forced: Sequence[Force] = (),
    earlier: Earlier = NO_BASE,
) -> Plan:
    return decide(filters, ChangeSet(tuple(changed), "given"), forced, earlier)


@st.composite
def earlier_than(draw: st.DrawFn, scenario: Scenario) -> Earlier:
    """The filters at some bases, which differ a little if at all, or why there are none."""
    found = []
    for _ in range(draw(st.integers(0, 2))):
        filters, where = scenario.filters, draw(st.integers(0, len(scenario.filters.surfaces)))
        if where:
            rule = draw(rules(scenario.pool, include=True))
            filters = with_rule(filters, rule, where - 1, draw(st.integers(0, 9)))
        found.append(filters)
    return Earlier(tuple(found), draw(st.none() | st.none() | texts))


def causes_of(plan: Plan, *kinds: Kind) -> dict[str, set[Cause]]:
    """The causes of each surface, of all kinds or of some."""
    found = {}
    for name, verdict in plan.verdicts.items():
        causes = [c for c in verdict.causes if not kinds or c.kind in kinds]
        assert len(causes) == len({*causes}), "a cause is listed twice"
        found[name] = {*causes}
    return found


def both(*sides: Mapping[str, set[Cause]]) -> dict[str, set[Cause]]:
    return {name: set().union(*(side[name] for side in sides)) for name in sides[0]}


# -- the definition of a list --------------------------------------------------------------


@lru_cache(maxsize=10_000)
def pattern_of(text: str, include: bool) -> GitPattern:
    return GitPattern(text, include)


def last_match(some: Sequence[Rule], path: str, status: Status | None = None) -> Rule | None:
    """The last rule that matches; those that are not for the status are not there."""
    some = [rule for rule in some if status is None or rule.applies(status)]
    listed = [pattern_of(rule.pattern, rule.include) for rule in some]
    index = pathspec.PathSpec(listed, backend="simple").check_file(path).index
    return None if index is None else some[index]


def deciding(some: Sequence[Rule], path: str, status: Status | None) -> list[Rule | None]:
    """The rules that may be named as deciding.

    A change of unknown status is each of the four at once: what wakes for one wakes.
    """
    if status is not None:
        return [last_match(some, path, status)]
    found = [last_match(some, path, assumed) for assumed in Status]
    woken = [rule for rule in found if rule is not None and rule.include]
    return woken or [rule for rule in found if rule is not None] or [None]


def lists_of(filters: Filters) -> list[tuple[Rule, ...]]:
    surfaces = [surface.rules for surface in filters.surfaces.values()]
    return [*surfaces, filters.always, filters.inert]


def claimed(filters: Filters, path: str) -> bool:
    found = (last_match(some, path) for some in lists_of(filters))
    return any(rule is not None and rule.include for rule in found)


# -- deciding ------------------------------------------------------------------------------


@given(scenarios(directories=False))
def test_the_index_equals_the_last_match_of_a_plain_pathspec(scenario: Scenario) -> None:
    lists = lists_of(scenario.filters)
    index = Index(lists)
    for change in scenario.changes:
        answer = index.answer(change)
        for number, some in enumerate(lists):
            decision = answer.decisions.get(number)
            assert decision is None or decision.example is None
            rule = decision.rule if decision else None
            assert rule in deciding(some, change.path, change.status)
        assert answer.claimed == claimed(scenario.filters, change.path)
        last = [last_match(some, change.path) for some in lists]
        assert answer.excluding == tuple(r for r in last if r is not None and not r.include)
        assert answer.unclaimed is None


@given(scenarios(), st.data())
def test_the_order_of_changes_and_their_repetition_do_not_matter(
    scenario: Scenario, data: st.DataObject
) -> None:
    changed = [*scenario.changes, *scenario.changes[:2]]
    forced = data.draw(forces(list(scenario.filters.surfaces)))
    earlier = data.draw(earlier_than(scenario))
    plan = plan_of(scenario.filters, scenario.changes, forced, earlier)
    other = plan_of(
        scenario.filters,
        data.draw(st.permutations(changed)),
        data.draw(st.permutations([*forced, *forced[:1]])),
        earlier,
    )
    assert plan.verdicts == other.verdicts
    assert plan.unmatched == other.unmatched
    for verdict in plan.verdicts.values():
        for causes in verdict.groups.values():
            assert [c.path or "" for c in causes] == sorted(c.path or "" for c in causes)


@given(scenarios(), st.lists(st.integers(1, 3), min_size=24, max_size=24), st.data())
def test_the_plan_of_a_union_is_the_union_of_the_plans(
    scenario: Scenario, sides: list[int], data: st.DataObject
) -> None:
    earlier = data.draw(earlier_than(scenario))
    one, other = (
        plan_of(
            scenario.filters,
            [c for c, side in zip(scenario.changes, sides, strict=False) if side & bit],
            earlier=earlier,
        )
        for bit in (1, 2)
    )
    union = plan_of(scenario.filters, scenario.changes, earlier=earlier)
    assert causes_of(union) == both(causes_of(one), causes_of(other))
    assert union.unmatched == tuple(sorted({*one.unmatched, *other.unmatched}))
    assert {*union.woken} == {*one.woken, *other.woken}
    for verdict in union.verdicts.values():
        changed = {c.path for c in verdict.groups.get(Kind.CHANGED, ())}
        assert verdict.matched == len(changed)


@given(scenarios(directories=False), st.data())
def test_a_rename_is_a_delete_and_an_add(scenario: Scenario, data: st.DataObject) -> None:
    old, new = data.draw(paths(scenario.pool)), data.draw(paths(scenario.pool))
    sides = [Change(old, Status.DELETED), Change(new, Status.ADDED)]
    separately = [plan_of(scenario.filters, [side]) for side in sides]
    renamed = os.fsencode(f"R087\0{old}\0{new}\0")
    by_line = b"R100\t%b\t%b\n" % (as_git_quotes(old), as_git_quotes(new))
    for listed in (parse_name_status(renamed, True), parse_name_status(by_line, False)):
        assert listed == sides
        together = causes_of(plan_of(scenario.filters, listed))
        assert together == both(*(causes_of(plan) for plan in separately))


@given(scenarios() | directory_scenarios())
def test_explain_agrees_with_detect(scenario: Scenario) -> None:
    filters = scenario.filters
    plan = plan_of(filters, scenario.changes)
    explained: dict[str, set[Cause]] = {name: set() for name in filters.surfaces}
    for change in scenario.changes:
        explanation = explain(filters, change)
        assert explanation.unmatched == (change.path in plan_of(filters, [change]).unmatched)
        for name, surface in explanation.surfaces.items():
            verdict = surface.verdict
            explained[name] |= {*verdict.causes}
            (rule,) = [row.rule for row in surface.considered if row.decides] or [None]
            by_rules = [c.rule for c in verdict.groups.get(Kind.CHANGED, ())]
            if rule is not None and rule.include:
                assert by_rules == [rule]
            else:
                assert not by_rules
                assert rule == (verdict.excluded.rule if verdict.excluded else None)
        for kind, rows in ((Kind.ALWAYS, explanation.always), (None, explanation.inert)):
            (rule,) = [row.rule for row in rows if row.decides] or [None]
            causes = [c.rule for c in surface.verdict.groups.get(kind, ())] if kind else []
            assert causes == ([rule] if kind and rule is not None and rule.include else [])
    assert explained == causes_of(plan)


def test_explain_names_the_rule_of_detect_where_another_surface_changes_the_example() -> None:
    """With `[!q]` and `q` no byte is like any other, and 0 comes before x."""
    own = [Rule(p, True, "my.yml", Place(n, 1)) for n, p in enumerate(["/lib/?", "/lib/0"], 1)]
    other = [Rule(p, True, "my.yml", Place(n, 1)) for n, p in enumerate(["/lib/[!q]", "q"], 3)]
    surfaces = {"a": Surface("a", (*own,)), "b": Surface("b", (*other,))}
    explanation = explain(Filters("my.yml", surfaces), Change("lib", None, directory=True))
    surface = explanation.surfaces["a"]
    named = [cause.rule for cause in surface.verdict.groups[Kind.CHANGED]]
    assert named == [row.rule for row in surface.considered if row.decides]


@given(scenarios() | directory_scenarios())
def test_explain_tells_for_each_rule_whether_it_matches_and_applies(
    scenario: Scenario,
) -> None:
    for change in scenario.changes:
        explanation = explain(scenario.filters, change)
        rows = [*explanation.always, *explanation.inert]
        rows += [row for s in explanation.surfaces.values() for row in s.considered]
        lists = [*lists_of(scenario.filters)[-2:], *lists_of(scenario.filters)[:-2]]
        assert [row.rule for row in rows] == [rule for some in lists for rule in some]
        for row in rows:
            assert row.applies == (change.status is None or row.rule.applies(change.status))
            if not change.directory:
                matches = pattern_of(row.rule.pattern, True).match_file(change.path)
                assert row.matches == bool(matches)
            assert not row.decides or row.matches


@given(scenarios(), st.data())
def test_explain_says_where_verdicts_differ_by_status(
    scenario: Scenario, data: st.DataObject
) -> None:
    change = replace(data.draw(changes(scenario.pool)), status=None)
    by_status = {
        status: plan_of(scenario.filters, [replace(change, status=status)]).woken
        for status in Status
    }
    explanation = explain(scenario.filters, change)
    for name, surface in explanation.surfaces.items():
        woken = {status: name in names for status, names in by_status.items()}
        assert surface.by_status == (woken if len({*woken.values()}) == 2 else None)
        assert surface.verdict.woken == any(woken.values())


def with_rule(filters: Filters, rule: Rule, where: int, at: int) -> Filters:
    """The filters with one more rule in one of the lists."""
    some = lists_of(filters)[where]
    longer = (*some[: at % (len(some) + 1)], rule, *some[at % (len(some) + 1) :])
    if where == len(filters.surfaces):
        return replace(filters, always=longer)
    if where > len(filters.surfaces):
        return replace(filters, inert=longer)
    name = [*filters.surfaces][where]
    surface = replace(filters.surfaces[name], rules=longer)
    return replace(filters, surfaces={**filters.surfaces, name: surface})


@given(scenarios(wake_unmatched=False), st.booleans(), st.integers(0, 9), st.data())
def test_where_unmatched_is_ignored_including_wakes_and_excluding_sleeps(
    scenario: Scenario, include: bool, at: int, data: st.DataObject
) -> None:
    filters = scenario.filters
    where = data.draw(st.integers(0, len(filters.surfaces) + 1))
    rule = data.draw(rules(scenario.pool, include))
    before = plan_of(filters, scenario.changes)
    after = plan_of(with_rule(filters, rule, where, at), scenario.changes)
    if include:
        assert {*before.woken} <= {*after.woken}
    else:
        assert {*after.woken} <= {*before.woken}


@given(scenarios(), st.integers(0, 9), st.data())
def test_an_including_rule_wakes_its_surface_and_only_takes_unmatched_causes_away(
    scenario: Scenario, at: int, data: st.DataObject
) -> None:
    filters = scenario.filters
    where = data.draw(st.integers(0, len(filters.surfaces) - 1))
    own = [*filters.surfaces][where]
    rule = data.draw(rules(scenario.pool, include=True, limited=False))
    before = plan_of(filters, scenario.changes)
    after = plan_of(with_rule(filters, rule, where, at), scenario.changes)
    assert after.verdicts[own].woken or not before.verdicts[own].woken
    assert {*after.unmatched} <= {*before.unmatched}
    one, other = causes_of(before, *PERMANENT), causes_of(after, *PERMANENT)
    for name in filters.surfaces:
        assert name == own or one[name] == other[name]
        unmatched_before, unmatched_after = (
            {(c.path, c.status) for c in plan.verdicts[name].groups.get(Kind.UNMATCHED, ())}
            for plan in (before, after)
        )
        assert unmatched_after <= unmatched_before
    assert {p for _, p in changed_paths(before, own)} <= {
        p for _, p in changed_paths(after, own)
    }


def changed_paths(plan: Plan, name: str) -> set[tuple[Kind, str | None]]:
    return {(c.kind, c.path) for c in plan.verdicts[name].causes if c.kind is Kind.CHANGED}


@given(scenarios(directories=False))
def test_of_the_paths_kept_out_the_first_is_shown_and_all_are_counted(
    scenario: Scenario,
) -> None:
    plan = plan_of(scenario.filters, scenario.changes)
    for verdict in plan.verdicts.values():
        kept_out = {
            change
            for change in scenario.changes
            for rule in deciding(verdict.surface.rules, change.path, change.status)[:1]
            if rule is not None and not rule.include
        }
        assert (verdict.excluded is None) == (not kept_out)
        if verdict.excluded is not None:
            shown = verdict.excluded
            assert shown.path == min(change.path for change in kept_out)
            assert Change(shown.path, shown.status) in kept_out
            assert shown.rule in deciding(verdict.surface.rules, shown.path, shown.status)
            assert shown.paths == len({change.path for change in kept_out})


@given(scenarios(), st.data())
def test_dependents_wake_transitively_and_nothing_further(
    scenario: Scenario, data: st.DataObject
) -> None:
    filters = scenario.filters
    for name in data.draw(st.sets(st.sampled_from(sorted(filters.surfaces)))):
        quiet = replace(filters.surfaces[name], rules=())
        filters = replace(filters, surfaces={**filters.surfaces, name: quiet})
    forced = data.draw(forces(list(filters.surfaces)))
    plan = plan_of(filters, scenario.changes, forced)
    own = causes_of(plan, *PERMANENT, Kind.UNMATCHED)

    def awake(name: str) -> bool:
        return bool(own[name]) or any(awake(n) for n in filters.surfaces[name].depends_on)

    assert plan.woken == sorted(name for name in filters.surfaces if awake(name))
    for name, causes in causes_of(plan, Kind.DEPENDENCY).items():
        needed = filters.surfaces[name].depends_on
        assert causes == {Cause(Kind.DEPENDENCY, surface=n) for n in needed if awake(n)}
    again = plan_of(filters, scenario.changes, [*forced, Force(frozenset(plan.woken), "again")])
    assert again.woken == plan.woken


@given(scenarios(), texts)
def test_an_undetermined_change_set_wakes_all(scenario: Scenario, why: str) -> None:
    for changed in ((), scenario.changes):
        plan = decide(scenario.filters, ChangeSet(changed, why, determined=False))
        assert plan.woken == sorted(scenario.filters.surfaces)
        for causes in causes_of(plan).values():
            assert Cause(Kind.UNDETERMINED, detail=why) in causes


@given(scenarios(), st.data())
def test_forcing_wakes_the_named_and_their_dependents_and_says_who_asked(
    scenario: Scenario, data: st.DataObject
) -> None:
    filters = scenario.filters
    forced = data.draw(forces(list(filters.surfaces)))
    before = plan_of(filters, scenario.changes)
    after = plan_of(filters, scenario.changes, forced)
    kinds = [kind for kind in Kind if kind not in (Kind.DEPENDENCY, Kind.FORCED)]
    assert causes_of(after, *kinds) == causes_of(before, *kinds)
    for name, causes in causes_of(after, Kind.FORCED).items():
        asked = {force.source for force in forced if name in force.surfaces}
        assert causes == {Cause(Kind.FORCED, detail=source) for source in asked}
    assert after.unmatched == before.unmatched
    everything = Force(frozenset(filters.surfaces), "all")
    assert plan_of(filters, scenario.changes, [everything]).asleep == []


@given(scenarios(directories=False))
def test_inert_only_cancels_unmatched(scenario: Scenario) -> None:
    filters = scenario.filters
    without = plan_of(replace(filters, inert=()), scenario.changes)
    plan = plan_of(filters, scenario.changes)
    assert causes_of(plan, *PERMANENT) == causes_of(without, *PERMANENT)
    last = {path: last_match(filters.inert, path) for path in without.unmatched}
    left = tuple(path for path, rule in last.items() if rule is None or not rule.include)
    assert plan.unmatched == left
    for causes in causes_of(plan, Kind.UNMATCHED).values():
        assert {cause.path for cause in causes} == (
            {*left} if filters.wake_unmatched else set()
        )


@given(scenarios(), st.sampled_from([*DEFAULT_FILES, "my.yml"]), st.sampled_from(Status))
def test_a_change_of_the_filters_without_a_base_wakes_all_and_is_never_unmatched(
    scenario: Scenario, file: str, status: Status
) -> None:
    plan = plan_of(scenario.filters, [Change(file, status)])
    assert plan.asleep == []
    assert plan.unmatched == ()
    for causes in causes_of(plan).values():
        assert Cause(Kind.FILTERS_CHANGED, file, status, detail=NO_BASE.problem) in causes


@pytest.mark.parametrize(
    ("directory", "woken"),
    [("", ["a"]), (".github", ["a"]), ("ci", ["a"]), (".git", []), ("c", []), ("ci/my", [])],
)
def test_a_directory_that_may_hold_the_filters_wakes_all(
    directory: str, woken: list[str]
) -> None:
    filters = Filters("ci/my.yml", {"a": Surface("a", ())}, wake_unmatched=False)
    plan = plan_of(filters, [Change(directory, None, directory=True)])
    assert plan.woken == woken


# -- directories ---------------------------------------------------------------------------

SHORT_PATHS = sorted(
    {
        path
        for length in range(1, 5)
        for letters in product(b"ab./", repeat=length)
        if proper_path(path := bytes(letters)) == path
    }
)
"""Every path of at most four bytes out of some."""


def last_match_itself(
    some: Sequence[Rule], path: str, status: Status | None
) -> list[Rule | None]:
    """The deciding rules for the directory itself, matched as one."""
    raw = os.fsencode(path)
    found = []
    for assumed in Status if status is None else [status]:
        matching = [
            rule
            for rule in some
            if rule.applies(assumed) and pattern_of(rule.pattern, True).matches(raw, True)
        ]
        found.append(matching[-1] if matching else None)
    return found


@at_most(200)
@given(directory_scenarios())
def test_a_directory_is_the_union_of_all_that_can_lie_beneath(scenario: Scenario) -> None:
    filters, (change,) = scenario.filters, scenario.changes
    directory = change.path + "/" if change.path else ""  # the root
    beneath = [directory + os.fsdecode(path) for path in SHORT_PATHS]
    plan = plan_of(filters, [change])
    groups = [verdict.groups for verdict in plan.verdicts.values()]
    lists = lists_of(filters)
    expected = [Kind.CHANGED] * len(filters.surfaces) + [Kind.ALWAYS]
    for number, kind in enumerate(expected):
        some = lists[number]
        found = groups[number if number < len(groups) else 0].get(kind, ())
        wakes = [deciding(some, path, change.status) for path in beneath]
        wakes.append(last_match_itself(some, change.path, change.status))
        if any(rule is not None and rule.include for rows in wakes for rule in rows):
            assert found, f"{some} includes something"
        for cause in found:
            assert cause.rule is not None
            assert cause.rule.include
            if cause.example is None:
                assert cause.rule in last_match_itself(some, change.path, change.status)
            else:
                assert lies_beneath(cause.example, directory)
                assert cause.rule in deciding(some, cause.example, change.status)
    if any(not claimed(filters, path) for path in beneath):
        assert plan.unmatched == (change.path,)
    for group in groups:
        for cause in group.get(Kind.UNMATCHED, ()):
            assert cause.example is not None
            assert lies_beneath(cause.example, directory)
            assert not claimed(filters, cause.example)


@pytest.mark.parametrize(
    ("pattern", "examples"),
    [
        (".*", {"lib/.x", "lib/.0"}),
        ("**/.*/b", {"lib/.x/b", "lib/.b/b"}),
        ("/lib/..*", {"lib/..x"}),
        ("/lib/..?", {"lib/..x", "lib/..."}),
        ("/lib/[.-]", {"lib/-"}),
        ("/lib/[.][.][.]", {"lib/..."}),
    ],
)
def test_an_example_beneath_a_directory_has_names_that_can_be(
    pattern: str, examples: set[str]
) -> None:
    surface = Surface("a", (Rule(pattern, True, "my.yml", Place(1, 1)),))
    filters = Filters("my.yml", {"a": surface})
    (cause,) = plan_of(filters, [Change("lib", None, True)]).verdicts["a"].groups[Kind.CHANGED]
    assert cause.example in examples


@pytest.mark.parametrize(
    ("patterns", "rule", "example"),
    [
        (["/lib", "!/lib/**"], "/lib", None),
        (["/lib/", "!/lib/*"], "/lib/", None),
        (["/lib/*", "!/lib/"], None, None),
        (["/lib/a", "!/lib/?"], None, None),
        (["/lib/??", "!/lib/?"], "/lib/??", "lib/xx"),
    ],
)
def test_a_directory_itself_and_what_lies_beneath_are_decided_apart(
    patterns: list[str], rule: str | None, example: str | None
) -> None:
    some = tuple(
        Rule(text.removeprefix("!"), text[0] != "!", "my.yml", Place(number, 1))
        for number, text in enumerate(patterns, 1)
    )
    filters = Filters("my.yml", {"a": Surface("a", some)}, wake_unmatched=False)
    verdict = plan_of(filters, [Change("lib", None, directory=True)]).verdicts["a"]
    found = [(c.rule.pattern, c.example) for c in verdict.causes if c.rule is not None]
    assert found == ([(rule, example)] if rule else [])


def test_the_globs_of_shells_for_all_dotfiles_leave_nothing_beneath_a_directory() -> None:
    globs = ["/lib/[!.]*", "/lib/.[!.]*", "/lib/..?*"]
    some = tuple(Rule(p, True, "my.yml", Place(n, 1)) for n, p in enumerate(globs, 1))
    filters = Filters("my.yml", {"a": Surface("a", some), "b": Surface("b", ())})
    plan = plan_of(filters, [Change("lib", None, directory=True)])
    assert plan.unmatched == ()
    assert plan.woken == ["a"]


def lies_beneath(path: str, directory: str) -> bool:
    """Whether it does, and is a path that git could name."""
    raw = os.fsencode(path)
    return path.startswith(directory) and proper_path(raw) == raw


@pytest.mark.parametrize(("length", "status"), [(17, None), (40, Status.DELETED)])
def test_what_is_too_much_to_walk_wakes_rather_than_sleeps(
    length: int, status: Status | None
) -> None:
    """Each combination of the last so many letters is a state of its own."""
    hard = [f"*a{'?' * length}", f"*a{'?' * (length - 1)}b"]
    with pytest.raises(TooMuchToWalkError):
        Beneath(b"lib").find(
            [compile_pattern(pattern) for pattern in hard], lambda row: False, lambda row: False
        )
    including = tuple(Rule(p, True, "my.yml", Place(n, 1)) for n, p in enumerate(hard, 1))
    excluding = Rule("*", False, "my.yml", Place(3, 1))
    surfaces = {
        "awake": Surface("awake", including),
        "hidden": Surface("hidden", (*including, excluding)),
        "elsewhere": Surface("elsewhere", (replace(including[0], pattern="/other/"),)),
    }
    filters = Filters("my.yml", surfaces, wake_unmatched=False)
    change = Change("lib", status, directory=True)
    plan = plan_of(filters, [change])
    assert {"awake"} <= {*plan.woken} <= {"awake", "hidden"}
    assert plan.unmatched == ("lib",)
    rows = explain(filters, replace(change, status=Status.ADDED)).surfaces["awake"].considered
    named = [cause.rule for cause in plan.verdicts["awake"].causes]
    assert named == [row.rule for row in rows if row.decides]


# -- outputs -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Command:
    """What a GitHub runner reads as an order to itself."""

    name: str
    properties: Mapping[str, str]
    data: str


def commands(output: str) -> Iterator[Command]:
    """The commands in a step's output, as the runner's ActionCommand.cs reads them."""
    stopped = None
    for line in re.split("\r\n|\r|\n", output):
        found = re.match(r"::([A-Za-z0-9-]+)(?: (.*?))?::(.*)", line.lstrip())
        if found:
            name, properties, data = found[1], found[2] or "", unescaped(found[3])
            if stopped in (None, name):
                pairs = dict(pair.split("=", 1) for pair in properties.split(",") if pair)
                yield Command(name, {key: unescaped(v) for key, v in pairs.items()}, data)
                stopped = data if name == "stop-commands" else None
        elif old := re.search(r"##\[([^\]]*)\](.*)", line):
            yield Command(old[1], {}, old[2])


def unescaped(text: str) -> str:
    return re.sub("%(25|0D|0A|3A|2C)", lambda found: chr(int(found[1], 16)), text)


def github_output(written: str) -> dict[str, str]:
    """A file of `name<<DELIMITER` values, as the runner's FileCommandManager.cs reads it."""
    found: dict[str, str] = {}
    lines = iter(written.split("\n"))
    for line in lines:
        if not line:
            continue
        name, heredoc, delimiter = line.partition("<<")
        assert heredoc
        assert "=" not in name
        value: list[str] = []
        for part in lines:
            if part == delimiter:
                break
            value.append(part)
        else:
            raise AssertionError(f"{name} has no end")
        found[name] = "\n".join(value)
    return found


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Plans with causes of every kind, and every text that reports show."""
    scenario = draw(scenarios())
    forced = draw(forces(list(scenario.filters.surfaces)))
    found = draw(change_sets(scenario.changes))
    return decide(scenario.filters, found, forced, draw(earlier_than(scenario)))


@st.composite
def found_things(draw: st.DrawFn) -> list[Finding]:
    """Findings with whatever text."""
    number = st.integers(1, 10**6)
    some = st.builds(
        Finding,
        id=st.sampled_from(["pattern", "dead-pattern"]),
        message=texts,
        location=st.builds(Location, texts, number, number),
        severity=st.sampled_from(Severity),
        fix=st.none() | texts,
    )
    return draw(st.lists(some, max_size=4))


def path_in(row: Mapping[str, Any]) -> str:
    """The path of a JSON object: given in two ways where it is not UTF-8."""
    raw = row["path"].encode("utf-8", "surrogateescape")
    assert ("path_base64" in row) == (row["path"].encode("utf-8", "replace") != raw)
    if "path_base64" in row:
        assert base64.b64decode(row["path_base64"], validate=True) == raw
    return as_text(raw)


def place_in(row: Mapping[str, int]) -> Place:
    return Place(row["line"], row["column"])


def rule_in(row: Mapping[str, Any]) -> Rule:
    return Rule(
        row["pattern"],
        {"+": True, "-": False}[row["sign"]],
        row["file"],
        place_in(row),
        frozenset(map(Status, row["statuses"])) if "statuses" in row else None,
        place_in(row["used_at"]) if "used_at" in row else None,
    )


def cause_in(row: Mapping[str, Any]) -> Cause:
    return Cause(
        Kind(row["kind"]),
        path_in(row) if "path" in row else None,
        Status(row["status"]) if row.get("status") else None,
        rule_in(row["rule"]) if "rule" in row else None,
        row.get("surface"),
        row.get("detail"),
        tuple(map(rule_in, row.get("excluding", ()))),
        row.get("example"),
    )


@given(plans())
def test_the_json_of_a_plan_parses_back_to_the_plan(plan: Plan) -> None:
    written = "".join(report_json.render_plan(plan, all_causes=True))
    assert written.isascii()
    read = json.loads(written)
    assert tuple(
        Change(
            path_in(row), Status(row["status"]) if row["status"] else None, "directory" in row
        )
        for row in read["changes"]
    ) == tuple(plan.changes.changes)
    for key in ("event", "determined", "reason", "base", "head"):
        assert read[key] == getattr(plan.changes, key)
    assert read["filters"] == {"file": plan.filters.file, "commit": None}
    assert tuple(read["unmatched"]) == plan.unmatched
    assert list(read["surfaces"]) == list(plan.verdicts)
    for name, verdict in plan.verdicts.items():
        row = read["surfaces"][name]
        assert tuple(map(cause_in, row["causes"])) == verdict.causes
        assert row["woken"] == verdict.woken
        assert row["matched"] == verdict.matched
        assert row["advisory"] == verdict.surface.advisory
        assert tuple(row["jobs"]) == verdict.surface.jobs


@given(scenarios(wake_unmatched=True), st.integers(0, 45))
def test_the_json_shows_the_first_causes_of_each_kind_and_counts_all(
    scenario: Scenario, more: int
) -> None:
    changed = [*scenario.changes, *(Change(f"nothing/like/{n}/it") for n in range(more))]
    plan = plan_of(scenario.filters, changed)
    read = json.loads("".join(report_json.render_plan(plan)))
    for name, verdict in plan.verdicts.items():
        row = read["surfaces"][name]
        shown = [c for kind in Kind for c in [*verdict.groups.get(kind, ())][:20]]
        assert list(map(cause_in, row["causes"])) == shown
        counts = {kind.value: len(causes) for kind, causes in verdict.groups.items()}
        assert row["cause_counts"] == counts


@given(scenarios() | directory_scenarios())
def test_the_json_of_an_explanation_parses_back(scenario: Scenario) -> None:
    explanations = [explain(scenario.filters, change) for change in scenario.changes]
    read = json.loads(report_json.render_explanations(explanations))
    for explained, row in zip(explanations, read["paths"], strict=True):
        change = explained.change
        assert path_in(row) == change.path + "/" * change.directory
        assert row["status"] == (change.status.value if change.status else None)
        assert row["unmatched"] == explained.unmatched
        for name, surface in explained.surfaces.items():
            shown = row["surfaces"][name]
            assert shown["woken"] == surface.verdict.woken
            assert tuple(map(cause_in, shown["causes"])) == surface.verdict.causes
            for one, other in zip(shown["considered"], surface.considered, strict=True):
                assert rule_in({**one, "file": "my.yml"}) == other.rule
                assert (one["matches"], one["decides"]) == (other.matches, other.decides)


@given(plans())
def test_the_dotenv_lines_parse_back(plan: Plan) -> None:
    lines = dotenv.render_plan(plan).removesuffix("\n").split("\n")
    read = dict(line.split("=", 1) for line in lines)
    assert len(read) == len(lines) == len(plan.verdicts) + 6
    assert all(re.fullmatch("IMPACT_[A-Z0-9_]+", key) for key in read)
    for name, verdict in plan.verdicts.items():
        key = "IMPACT_" + name.upper().replace("-", "_")
        assert read[key] == str(verdict.woken).lower()
    assert [*filter(None, read["IMPACT_WOKEN"].split(","))] == plan.woken
    assert [*filter(None, read["IMPACT_ASLEEP"].split(","))] == plan.asleep
    assert read["IMPACT_ANY"] == str(bool(plan.woken)).lower()
    assert read["IMPACT_DETERMINED"] == str(plan.changes.determined).lower()
    assert read["IMPACT_BASE"] == (plan.changes.base or "")
    assert read["IMPACT_HEAD"] == (plan.changes.head or "")


@given(plans(), texts)
def test_the_outputs_parse_back_as_the_runner_reads_them(plan: Plan, plan_file: str) -> None:
    values = github.outputs(plan, plan_file)
    read = github_output(github.render_outputs(values, "impact-0"))
    assert read == values
    assert json.loads(read["surfaces"]) == {n: v.woken for n, v in plan.verdicts.items()}
    assert json.loads(read["woken"]) == plan.woken
    assert json.loads(read["asleep"]) == plan.asleep
    assert read["any"] == str(bool(plan.woken)).lower()
    assert read["determined"] == str(plan.changes.determined).lower()
    assert read["plan-file"] == plan_file


@given(st.dictionaries(st.from_regex("[a-z][a-z-]*", fullmatch=True), texts, max_size=4))
@example({"a": "x\nimpact-0\nb=c", "b": ""})
def test_no_value_ends_early_in_an_output_file(values: dict[str, str]) -> None:
    if any("impact-0" in value for value in values.values()):
        with pytest.raises(ValueError, match="delimiter"):
            github.render_outputs(values, "impact-0")
    else:
        assert github_output(github.render_outputs(values, "impact-0")) == values


@given(plans())
def test_the_log_gives_the_runner_its_own_commands_only(plan: Plan) -> None:
    first, stop, resume, end, *notes = commands(github.render_log(plan, "t0ken"))
    assert first == Command("group", {}, f"impact: {compared(plan)}")
    assert stop == Command("stop-commands", {}, "t0ken")
    assert resume == Command("t0ken", {}, "")
    assert end == Command("endgroup", {}, "")
    noted = plan.unmatched or not plan.changes.determined
    if not plan.changes.determined or plan.filters.wake_unmatched:
        # What is advisory may fail anyway.
        noted = noted and any(not v.surface.advisory for v in plan.verdicts.values())
    assert [note.properties for note in notes] == [{"title": "impact"}] * bool(noted)
    if not notes:
        return
    if not plan.changes.determined:
        assert notes[0].name == "warning"
        assert notes[0].data.endswith(quote(plan.changes.reason))
    elif plan.unmatched:
        assert notes[0].name == ("warning" if plan.filters.wake_unmatched else "notice")
        assert notes[0].data.startswith(", ".join(map(quote, plan.unmatched[:3])))


@given(plans(), st.booleans())
def test_text_is_lines_that_command_neither_a_runner_nor_a_terminal(
    plan: Plan, color: bool
) -> None:
    written = [text.render_plan(plan, color)]
    written += [render_surface(plan, name, color) for name in plan.verdicts]
    explained = [explain(plan.filters, change) for change in plan.changes.changes]
    written.append(explanation.render_explanations(explained, color=color))
    for output in written:
        assert not [*commands(output)]
        plain = re.sub(r"\x1b\[[0-9;]+m", "", output) if color else output
        assert all(line.isprintable() for line in plain.split("\n"))


@given(plans())
def test_the_unclaimed_paths_of_the_text_parse_back(plan: Plan) -> None:
    lines = text.render_plan(plan).removesuffix("\n").split("\n")
    listed = [line.removeprefix("  ") for line in lines if line.startswith("  ")]
    if len(plan.unmatched) > 10:
        assert listed.pop() == f"and {len(plan.unmatched) - 10} more"
    assert tuple(as_text(unquote(line.encode())) for line in listed) == plan.unmatched[:10]


@given(plans())
def test_the_summary_tells_every_verdict_with_its_reason_and_nothing_else(plan: Plan) -> None:
    page = summary.render_summary(plan)
    rows = [line for line in page.split("\n") if line.startswith("| ")][2:]
    read = {}
    for row in rows:
        cells = re.fullmatch(r"\| (\*\*awake\*\*|asleep) \| (.*) \| <code>(.*)</code> \|", row)
        assert cells
        assert not re.search(r"[|<>`*\[\]]", cells[3])
        for name in cells[2].split(", "):
            (plain,) = re.findall(r"<code>(.*)</code>", name)
            assert not re.search(r"[|<>`*\[\]]", plain)
            read[html.unescape(plain)] = (cells[1] != "asleep", html.unescape(cells[3]))
    assert read == {
        name: (verdict.woken, reason(verdict, plan.verdicts, shortened(120)))
        for name, verdict in plan.verdicts.items()
    }
    fences = [line for line in page.split("\n") if line.startswith("```")]
    assert fences == ["```sh", "```"]


@given(found_things())
def test_findings_are_one_line_each_and_command_nothing(some: list[Finding]) -> None:
    written = findings_text.render_findings(some)
    assert not [*commands(written)]
    assert len(written.splitlines()) == len(some) + 1
    assert all(line.isprintable() for line in written.split("\n"))
    read = json.loads(report_json.render_findings(some))["findings"]
    for row, finding in zip(read, some, strict=True):
        assert Location(row["file"], row["line"], row["column"]) == finding.location
        assert (row["id"], row["message"]) == (finding.id, finding.message)
        assert row["severity"] == finding.severity.value
        assert row.get("fix") == (finding.fix or None)


@given(found_things())
@example([Finding("id", "100%: a,b\r\n", Location("a,b:100%25\n.yml", 2, 3))])
def test_findings_as_annotations_stay_what_they_are(some: list[Finding]) -> None:
    read = [*commands(github.render_findings(some))]
    names = {"error": Severity.ERROR, "warning": Severity.WARNING, "notice": Severity.NOTE}
    for command, finding in zip(read, some, strict=True):
        words = finding.message + (f"; {finding.fix}" if finding.fix else "")
        assert names[command.name] is finding.severity
        assert command.data == one_line(words)
        assert command.properties == {
            "file": finding.location.file,
            "line": str(finding.location.line),
            "col": str(finding.location.column),
            "title": finding.id,
        }


@example(as_text(bytes(range(256))))
@example(" a")
@example("\u2028\u00a0a\x1b[0m")
@given(st.one_of(paths(), st.binary(max_size=12).map(as_text), texts.filter(is_bytes)))
def test_quoted_text_is_one_harmless_line_that_unquotes_to_itself(written: str) -> None:
    quoted = quote(written)
    assert unquote(quoted.encode()) == written.encode("utf-8", "surrogateescape")
    assert quoted.isprintable()
    assert not [*commands(quoted), *commands(f"  {quoted} (added)")]


# -- inputs --------------------------------------------------------------------------------


@given(documents())
def test_a_filters_file_means_what_its_author_meant(document: Document) -> None:
    filters = parse_filters(document.data, document.filters.file)
    assert filters == document.filters
    assert list(filters.surfaces) == list(document.filters.surfaces)
    assert fits(tree_of(document.data), FILTERS)  # else every file would import pydantic


LINE_END = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
"""What ends a line in YAML."""
PYDANTIC = re.compile("[Ii]nput should|validation|pydantic|Field required|Extra inputs")


def tree_of(data: bytes) -> Node:
    tree = TreeReader(data.decode("utf-8-sig"), "filters.yml").read()
    assert tree is not None
    return tree


def refuse_or_read(data: bytes) -> None:
    """Read the bytes as a filters file; what is wrong has to be said, and in its place."""
    findings: Sequence[Finding] = ()
    try:
        filters = parse_filters(data, "filters.yml")
    except FiltersError as error:
        findings = error.findings
    if not findings:
        event("read")
        assert not any(shape_errors(plain_data(tree_of(data))))
        plan_of(filters, [Change("a"), Change("a", None, directory=True)])
        return
    event("refused")
    lines = LINE_END.split(data.decode("utf-8-sig", "replace"))
    for finding in findings:
        place = finding.location
        assert place.file == "filters.yml"
        assert 1 <= place.line <= len(lines), finding
        assert 1 <= place.column <= len(lines[place.line - 1]) + 1, finding
        assert finding.severity is Severity.ERROR
        assert finding.message.strip()
        assert not PYDANTIC.search(finding.message)


@given(damaged_documents())
@example(b"version: 1\nsurfaces: {'': [/a]}")
@example(b"version: 1\nsurfaces: {a: {depends-on: ['', b]}, b: {depends-on: [a]}}")
def test_a_damaged_filters_file_is_read_or_refused_with_places(data: bytes) -> None:
    refuse_or_read(data)


@given(documents(), st.data())
def test_what_no_text_file_contains_is_told_where_it_stands(
    document: Document, data: st.DataObject
) -> None:
    written = document.data.decode("utf-8-sig")
    at = data.draw(st.integers(0, len(written)))
    lines = LINE_END.split(written[:at])
    for wrong, message in ((b"\x01", "control character"), (b"\xff", "byte 0xff")):
        damaged = written[:at].encode() + wrong + written[at:].encode()
        for mark in (b"", b"\xef\xbb\xbf"):
            with pytest.raises(FiltersError) as refused:
                parse_filters(mark + damaged, "filters.yml")
            (finding,) = refused.value.findings
            assert message in finding.message
            place = Location("filters.yml", len(lines), len(lines[-1]) + 1)
            assert finding.location == place


@given(st.binary() | st.text().map(str.encode) | documents().map(lambda d: d.data[::-1]))
def test_any_bytes_are_read_or_refused_with_places(data: bytes) -> None:
    refuse_or_read(data)


@pytest.mark.parametrize("parse", [parse_names, parse_name_status])
@given(
    st.binary(max_size=40) | st.from_regex(rb"([AMDRC][0-9]*[\t\0]\"?[a./]*[\n\0\t]?)*"),
    st.booleans(),
)
def test_any_bytes_are_a_list_of_proper_paths_or_a_usage_error(
    parse: Callable[[bytes, bool], list[Change]], data: bytes, nul: bool
) -> None:
    refusal, found = "", []
    try:
        found = parse(data, nul)
    except UsageError as error:
        refusal = str(error)
    assert refusal.isprintable()
    for raw in (os.fsencode(change.path) for change in found):
        assert not {b"", b".", b".."} & {*raw.split(b"/")}


class Repository:
    """Trees of one repository and what ``git diff`` prints of them; no work tree is used."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.git("init", "-q", "--template=", "--bare", ".")
        for system in ("NTFS", "HFS"):
            self.git("config", f"core.protect{system}", "false")
        self.blobs = [
            self.git("hash-object", "-w", "--stdin", given=b"%d" % n) for n in range(3)
        ]

    def git(self, *arguments: str, given: bytes = b"") -> bytes:
        return subprocess.run(
            ["git", *arguments],
            cwd=self.folder,
            env=plain_git_environment(self.folder),
            input=given,
            stdout=subprocess.PIPE,
            check=True,
        ).stdout

    def tree(self, files: Mapping[str, tuple[str, int]]) -> str:
        rows = b"".join(
            b"%b %b\t%b\0" % (mode.encode(), self.blobs[blob].strip(), os.fsencode(path))
            for path, (mode, blob) in files.items()
        )
        self.git("read-tree", "--empty")
        self.git("update-index", "-z", "--index-info", given=rows)
        return self.git("write-tree").decode().strip()


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return Repository(tmp_path_factory.mktemp("repository"))


FILES = [("100644", 0), ("100644", 1), ("100755", 1), ("120000", 2), None]


def status_of(old: tuple[str, int] | None, new: tuple[str, int] | None) -> Status | None:
    if old == new:
        return None
    if old is None or new is None:
        return Status.ADDED if old is None else Status.DELETED
    return Status.MODIFIED if old[0][:3] == new[0][:3] else Status.TYPE_CHANGED


@at_most(25)
@given(
    st.dictionaries(
        paths(), st.tuples(st.sampled_from(FILES), st.sampled_from(FILES)), max_size=9
    ),
    st.sampled_from(["--no-renames", "--find-renames", "--find-copies-harder"]),
    st.booleans(),
)
def test_lists_are_read_as_git_prints_them(
    repository: Repository,
    files: dict[str, tuple[tuple[str, int] | None, tuple[str, int] | None]],
    renames: str,
    quote_all: bool,
) -> None:
    for path in [*files]:  # a name is a file or a directory, not both
        if any(other.startswith(path + "/") for other in files):
            del files[path]
    old = repository.tree({p: both[0] for p, both in files.items() if both[0]})
    new = repository.tree({p: both[1] for p, both in files.items() if both[1]})
    changed = {
        Change(path, status_of(*both)) for path, both in files.items() if both[0] != both[1]
    }
    git = ["-c", f"core.quotePath={str(quote_all).lower()}", "diff", renames, old, new]
    for nul in ([], ["-z"]):
        listed = repository.git(*git, "--name-status", *nul)
        assert {*parse_name_status(listed, bool(nul))} == changed
        names = repository.git(*git[:3], "--no-renames", *git[4:], "--name-only", *nul)
        assert {*parse_names(names, bool(nul))} == {Change(c.path) for c in changed}
    for line in repository.git(*git, "--no-renames", "--name-only").split(b"\n"):
        assert not quote_all or line in (b"", *(as_git_quotes(c.path) for c in changed))


def as_git_quotes(path: str) -> bytes:
    """The path as ``git diff`` prints it while core.quotePath is what it is by default."""
    names = {0x07: "a", 0x08: "b", 0x09: "t", 0x0A: "n", 0x0B: "v", 0x0C: "f", 0x0D: "r"}
    names |= {0x22: '"', 0x5C: "\\"}
    quoted = "".join(
        "\\" + names[byte]
        if byte in names
        else chr(byte)
        if 0x20 <= byte < 0x7F
        else f"\\{byte:03o}"
        for byte in os.fsencode(path)
    )
    return (f'"{quoted}"' if "\\" in quoted else quoted).encode()
