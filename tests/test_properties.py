"""What holds of every filters file and every change set, on random ones.

A list is read here by its definition, the last match of a plain `pathspec.PathSpec`, and
outputs are read by small parsers of the formats that they are written in.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import product

import pathspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impact.beneath import outcomes
from impact.decide import decide
from impact.explain import explain
from impact.index import Index
from impact.listing import parse_name_status
from impact.model import (
    DEFAULT_FILES,
    Cause,
    Change,
    ChangeSet,
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
from tests.strategies import (
    Scenario,
    changes,
    directory_scenarios,
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


def plan_of(filters: Filters, changed: Iterable[Change], forced: Sequence[Force] = ()) -> Plan:
    return decide(filters, ChangeSet(tuple(changed), "given"), forced)


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
        assert answer.unclaimed == (None if answer.claimed else change.path)


@given(scenarios(), st.data())
def test_the_order_of_changes_and_their_repetition_do_not_matter(
    scenario: Scenario, data: st.DataObject
) -> None:
    changed = [*scenario.changes, *scenario.changes[:2]]
    plan = plan_of(scenario.filters, scenario.changes)
    other = plan_of(scenario.filters, data.draw(st.permutations(changed)))
    assert plan.verdicts == other.verdicts
    assert plan.unmatched == other.unmatched
    for verdict in plan.verdicts.values():
        for causes in verdict.groups.values():
            assert [c.path or "" for c in causes] == sorted(c.path or "" for c in causes)


@given(scenarios(), st.lists(st.integers(1, 3), min_size=6, max_size=6))
def test_the_plan_of_a_union_is_the_union_of_the_plans(
    scenario: Scenario, sides: list[int]
) -> None:
    one, other = (
        plan_of(
            scenario.filters,
            [c for c, side in zip(scenario.changes, sides, strict=False) if side & bit],
        )
        for bit in (1, 2)
    )
    union = plan_of(scenario.filters, scenario.changes)
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


@given(scenarios(), st.data())
def test_dependents_wake_transitively_and_nothing_further(
    scenario: Scenario, data: st.DataObject
) -> None:
    filters = scenario.filters
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
def test_a_change_of_the_filters_wakes_all_and_is_never_unmatched(
    scenario: Scenario, file: str, status: Status
) -> None:
    plan = plan_of(scenario.filters, [Change(file, status)])
    assert plan.asleep == []
    assert plan.unmatched == ()
    for causes in causes_of(plan).values():
        assert Cause(Kind.FILTERS_CHANGED, file, status) in causes


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


@at_most(60)
@given(directory_scenarios())
def test_a_directory_is_the_union_of_all_that_can_lie_beneath(scenario: Scenario) -> None:
    filters, (change,) = scenario.filters, scenario.changes
    beneath = [f"{change.path}/{os.fsdecode(path)}" for path in SHORT_PATHS]
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
                assert lies_beneath(cause.example, change.path)
                assert cause.rule in deciding(some, cause.example, change.status)
    if any(not claimed(filters, path) for path in beneath):
        assert plan.unmatched == (change.path,)
    for group in groups:
        for cause in group.get(Kind.UNMATCHED, ()):
            assert cause.example is not None
            assert lies_beneath(cause.example, change.path)
            assert not claimed(filters, cause.example)


def lies_beneath(path: str, directory: str) -> bool:
    """Whether it does, and is a path that git could name."""
    raw = os.fsencode(path)
    return path.startswith(directory + "/") and proper_path(raw) == raw


@pytest.mark.parametrize(("length", "status"), [(17, None), (40, Status.DELETED)])
def test_what_is_too_much_to_walk_wakes_rather_than_sleeps(
    length: int, status: Status | None
) -> None:
    """Each combination of the last so many letters is a state of its own."""
    hard = [f"*a{'?' * length}", f"*a{'?' * (length - 1)}b"]
    assert outcomes([compile_pattern(pattern) for pattern in hard], b"lib") is None
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
