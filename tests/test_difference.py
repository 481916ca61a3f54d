"""What a change to the filters wakes, where the filters of the bases are at hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from impact.config.load import parse_filters
from impact.decide import decide
from impact.difference import changed_surfaces, differences
from impact.model import (
    CHECKED_OUT,
    DEFAULT_FILES,
    HEAD,
    NO_BASE,
    Cause,
    Change,
    ChangeSet,
    Committed,
    Difference,
    Earlier,
    Expectation,
    Filters,
    Kind,
    Place,
    Plan,
    Rule,
    Status,
    Surface,
)
from impact.report import text
from impact.report.phrases import reason
from impact.report.surface import render_surface
from tests.strategies import (
    OWN_FILE,
    Choices,
    Document,
    Scenario,
    changes,
    documents,
    paths,
    rules,
    scenarios,
)

MODIFIED = Change(OWN_FILE, Status.MODIFIED)


def plan_of(filters: Filters, earlier: Earlier, *changed: Change) -> Plan:
    return decide(filters, ChangeSet(changed, "given"), (), earlier)


def filters_causes(plan: Plan, name: str) -> list[Cause]:
    return [*plan.verdicts[name].groups.get(Kind.FILTERS_CHANGED, ())]


def cause(change: Change, detail: Difference | str | None) -> Cause:
    words = detail.told() if isinstance(detail, Difference) else detail
    return Cause(Kind.FILTERS_CHANGED, change.path, change.status, detail=words)


def with_dependents(filters: Filters, names: Iterable[str]) -> set[str]:
    found = {*names}
    while True:
        more = {s.name for s in filters.surfaces.values() if found & {*s.depends_on}} - found
        if not more:
            return found
        found |= more


def with_surface(filters: Filters, surface: Surface) -> Filters:
    return replace(filters, surfaces={**filters.surfaces, surface.name: surface})


# -- what does not differ ------------------------------------------------------------------


@given(documents(), st.data())
def test_a_file_written_anew_differs_in_nothing(
    document: Document, data: st.DataObject
) -> None:
    """Without comments and named lists, in another order, style, place and line of words."""
    after = document.filters
    before = parse_filters(rewritten(after, Choices.drawn(data.draw)), DEFAULT_FILES[1])
    assert changed_surfaces(document.filters, after) == frozenset()
    assert changed_surfaces(before, after) == frozenset()
    assert changed_surfaces(after, before) == frozenset()
    changed = [Change(DEFAULT_FILES[1], Status.DELETED), Change(after.file, Status.ADDED)]
    plan = plan_of(replace(after, file=DEFAULT_FILES[0]), Earlier((before,)), *changed)
    assert not any(filters_causes(plan, name) for name in after.surfaces)
    assert plan.unmatched == ()


def rewritten(filters: Filters, choices: Choices) -> bytes:
    """A filters file with the same rules, and nothing else of it, on one line."""
    lists = {
        "always": [_item(rule) for rule in filters.always],
        "inert": [_item(rule) for rule in filters.inert],
    }
    parts = [f'"{key}": {_flow(rows)}' for key, rows in lists.items() if rows]
    surfaces = [_surface(surface, choices) for surface in filters.surfaces.values()]
    parts += [
        '"version": 1',
        f'"unmatched": {"wake-all" if filters.wake_unmatched else "ignore"}',
        f'"surfaces": {{{", ".join(choices.shuffled(surfaces))}}}',
    ]
    return f"{{{', '.join(choices.shuffled(parts))}}}".encode()


def _surface(surface: Surface, choices: Choices) -> str:
    keys = [f'"advisory": {"false" if surface.advisory else "true"}', '"jobs": [other]']
    if surface.rules:
        keys.append(f'"paths": {_flow(map(_item, surface.rules))}')
    if surface.depends_on:
        needed = map(_quoted, choices.shuffled(surface.depends_on))
        keys.append(f'"depends-on": {_flow(needed)}')
    return f"{_quoted(surface.name)}: {{{', '.join(choices.shuffled(keys))}}}"


def _item(rule: Rule) -> str:
    pattern = _quoted(("" if rule.include else "!") + rule.pattern)
    if rule.statuses is None:
        return pattern
    return f'{{"path": {pattern}, "status": {_flow(s.value for s in rule.statuses)}}}'


def _flow(items: Iterable[str]) -> str:
    return f"[{', '.join(items)}]"


def _quoted(written: str) -> str:
    return '"' + "".join(f"\\U{ord(char):08x}" for char in written) + '"'


@given(scenarios(), st.integers(1, 9))
def test_what_is_said_beside_the_rules_does_not_count(scenario: Scenario, line: int) -> None:
    before = scenario.filters

    def moved(some: Sequence[Rule]) -> tuple[Rule, ...]:
        place = Place(line, line)
        return tuple(replace(r, file="other.yml", place=place, used_at=place) for r in some)

    surfaces = {
        name: replace(
            surface,
            rules=moved(surface.rules),
            description="new",
            jobs=("new",),
            advisory=not surface.advisory,
            depends_on=(*reversed(surface.depends_on), *surface.depends_on[:1]),
            place=Place(line, line),
        )
        for name, surface in reversed(before.surfaces.items())
    }
    after = replace(
        before,
        file="other.yml",
        surfaces=surfaces,
        always=moved(before.always),
        inert=moved(before.inert),
        labels={"new": frozenset(surfaces)},
        expectations=(Expectation("a", Place(line, line)),),
    )
    assert differences(before, after) == {}
    plan = plan_of(after, Earlier((before,)), Change("other.yml"))
    assert not any(filters_causes(plan, name) for name in surfaces)
    assert plan.unmatched == ()


# -- what differs --------------------------------------------------------------------------


@given(scenarios(), st.data())
def test_other_rules_of_a_surface_wake_it_and_its_dependents(
    scenario: Scenario, data: st.DataObject
) -> None:
    before = scenario.filters
    name = data.draw(st.sampled_from(sorted(before.surfaces)))
    surface = before.surfaces[name]
    after = with_surface(before, replace(surface, rules=otherwise(surface.rules, data)))
    assert differences(before, after) == {name: Difference.RULES}
    assert differences(after, before) == {name: Difference.RULES}
    plan = plan_of(after, Earlier((before,)), MODIFIED)
    for other in after.surfaces:
        expected = [cause(MODIFIED, Difference.RULES)] if other == name else []
        assert filters_causes(plan, other) == expected
    for other in with_dependents(after, [name]) - {name}:
        assert Kind.DEPENDENCY in plan.verdicts[other].groups
    by_rules = {
        n for n, v in plan.verdicts.items() if {Kind.CHANGED, Kind.ALWAYS} & {*v.groups}
    }
    assert {*plan.woken} == with_dependents(after, [name, *by_rules])


def otherwise(some: Sequence[Rule], data: st.DataObject) -> tuple[Rule, ...]:
    """The rules with one of them added, or else one changed or taken away."""
    at = data.draw(st.integers(0, len(some)))
    if at == len(some):
        return (*some, Rule("new", True, OWN_FILE, Place(1, 1)))
    rule = some[at]
    other: list[Rule] = data.draw(
        st.sampled_from(
            [
                [],
                [rule, rule],
                [replace(rule, pattern="another")],
                [replace(rule, include=not rule.include)],
                [replace(rule, statuses=None if rule.statuses else frozenset({Status.ADDED}))],
            ]
        )
    )
    return (*some[:at], *other, *some[at + 1 :])


def test_the_order_of_rules_counts() -> None:
    one, other = Rule("a", True, "f", Place(1, 1)), Rule("*", False, "f", Place(2, 1))
    before = Filters("f", {"s": Surface("s", (one, other))})
    after = Filters("f", {"s": Surface("s", (other, one))})
    assert changed_surfaces(before, after) == {"s"}


@given(scenarios(), st.data())
def test_a_surface_that_depends_on_others_or_is_new_differs_alone(
    scenario: Scenario, data: st.DataObject
) -> None:
    filters = scenario.filters
    name = data.draw(st.sampled_from(sorted(filters.surfaces)))
    surface = filters.surfaces[name]
    others = sorted(filters.surfaces)
    needed = data.draw(st.lists(st.sampled_from(others), unique=True))
    after = with_surface(filters, replace(surface, depends_on=tuple(needed)))
    same = {*needed} == {*surface.depends_on}
    expected = {} if same else {name: Difference.DEPENDS_ON}
    assert differences(filters, after) == expected
    fewer = {n: s for n, s in filters.surfaces.items() if n != name}
    assert differences(replace(filters, surfaces=fewer), filters) == {name: Difference.NEW}
    assert differences(filters, replace(filters, surfaces=fewer)) == {}


@given(scenarios(), st.data())
def test_what_holds_for_every_surface_wakes_every_surface(
    scenario: Scenario, data: st.DataObject
) -> None:
    before = scenario.filters
    always = replace(before, always=otherwise(before.always, data))
    inert = replace(before, inert=otherwise(before.inert, data))
    unmatched = replace(before, wake_unmatched=not before.wake_unmatched)
    for after, difference in [
        (always, Difference.ALWAYS),
        (unmatched, Difference.UNMATCHED),
        (inert, Difference.INERT if before.wake_unmatched else None),
        (replace(unmatched, inert=inert.inert), Difference.UNMATCHED),
    ]:
        expected = dict.fromkeys(before.surfaces, difference) if difference else {}
        assert differences(before, after) == expected
        plan = plan_of(after, Earlier((before,)), MODIFIED)
        for name in after.surfaces:
            words = [cause(MODIFIED, difference)] if difference else []
            assert filters_causes(plan, name) == words


@given(st.sets(st.sampled_from("abcd")), st.sets(st.sampled_from("abcd")))
@example({"a"}, {"b"})
def test_a_named_list_differs_for_those_that_take_it_in(
    directly: set[str], through: set[str]
) -> None:
    def written(pattern: str) -> bytes:
        lines = [f"version: 1\npatterns:\n  inner: [{pattern}]"]
        lines += ["  outer: [/b, use: inner]", "surfaces:"]
        for name in "abcd":
            lines += [f"  {name}:", f"    - /{name}"]
            lines += ["    - use: inner"] * (name in directly)
            lines += ["    - use: outer"] * (name in through)
        return "\n".join(lines).encode()

    before, after = (parse_filters(written(p), "filters.yml") for p in ("/lib", "/lib/x"))
    assert changed_surfaces(before, after) == directly | through


# -- deciding ------------------------------------------------------------------------------


@st.composite
def versions(draw: st.DrawFn, scenario: Scenario) -> Filters:
    """The filters after some changes of any kind."""
    filters = scenario.filters
    for _ in range(draw(st.integers(0, 3))):
        filters = _edited(draw, filters, scenario.pool)
    return filters


def _edited(draw: st.DrawFn, filters: Filters, pool: Sequence[str]) -> Filters:
    way = draw(st.sampled_from(["rules"] * 4 + ["always", "inert", "needs", "gone", "new"]))
    if way == "always":
        return replace(filters, always=_longer(draw, filters.always, pool))
    if way == "inert":
        return replace(filters, inert=_longer(draw, filters.inert, pool))
    surface = filters.surfaces[draw(st.sampled_from(sorted(filters.surfaces)))]
    if way == "rules":
        some = _longer(draw, surface.rules, pool)
        return with_surface(filters, replace(surface, rules=some))
    if way == "needs":
        return with_surface(filters, replace(surface, depends_on=surface.depends_on[1:]))
    if way == "new":
        return with_surface(filters, replace(surface, name="new", depends_on=(surface.name,)))
    rest = {
        name: replace(s, depends_on=tuple(n for n in s.depends_on if n != surface.name))
        for name, s in filters.surfaces.items()
        if name != surface.name or len(filters.surfaces) == 1
    }
    return replace(filters, surfaces=rest)


def _longer(draw: st.DrawFn, some: Sequence[Rule], pool: Sequence[str]) -> tuple[Rule, ...]:
    if some and draw(st.booleans()):
        at = draw(st.integers(0, len(some) - 1))
        return (*some[:at], *some[at + 1 :])
    at = draw(st.integers(0, len(some)))
    return (*some[:at], draw(rules(pool, include=draw(st.booleans()))), *some[at:])


@given(scenarios(), st.data())
def test_whose_verdict_changes_with_the_filters_wakes_for_them(
    scenario: Scenario, data: st.DataObject
) -> None:
    """For any other change: a wake that the new filters take away is the last one.

    What others claim, or leave unclaimed, wakes by `unmatched`, which is nobody's rule.
    """
    after = data.draw(versions(scenario))
    before = scenario.filters
    woken = {*plan_of(after, Earlier((before,)), MODIFIED).woken}
    change = data.draw(changes(scenario.pool))
    one, other = (plan_of(filters, NO_BASE, change) for filters in (before, after))
    for name in after.surfaces:
        if name not in before.surfaces:
            assert name in woken
            continue
        if one.verdicts[name].woken == other.verdicts[name].woken:
            continue
        by_claims = any(
            Kind.UNMATCHED in verdict.groups
            for plan in (one, other)
            for verdict in plan.verdicts.values()
        )
        assert name in woken or by_claims


@given(scenarios(wake_unmatched=True), st.data())
def test_what_is_moved_to_inert_wakes_for_the_last_time(
    scenario: Scenario, data: st.DataObject
) -> None:
    before = scenario.filters
    path = data.draw(paths(scenario.pool))
    if not plan_of(before, NO_BASE, Change(path)).unmatched:
        return
    rule = data.draw(rules(scenario.pool, include=True, limited=False))
    after = replace(before, inert=(*before.inert, rule))
    plan = plan_of(after, Earlier((before,)), MODIFIED, Change(path))
    assert plan.asleep == []


@given(scenarios(), st.data())
def test_several_bases_add_up(scenario: Scenario, data: st.DataObject) -> None:
    after = scenario.filters
    bases = data.draw(st.lists(versions(scenario), min_size=1, max_size=3))
    together = plan_of(after, Earlier((*bases,)), MODIFIED)
    changed = frozenset().union(*(changed_surfaces(before, after) for before in bases))
    assert {n for n in after.surfaces if filters_causes(together, n)} == changed
    separately = [plan_of(after, Earlier((before,)), MODIFIED) for before in bases]
    assert {*together.woken} == {name for plan in separately for name in plan.woken}


@given(scenarios(), st.data(), st.sampled_from(["the base has none", ""]))
def test_with_a_base_of_which_the_filters_are_not_at_hand_all_wake(
    scenario: Scenario, data: st.DataObject, problem: str
) -> None:
    after = scenario.filters
    for earlier, words in [
        (Earlier((data.draw(versions(scenario)),), problem), problem or NO_BASE.problem),
        (Earlier(), NO_BASE.problem),
        (NO_BASE, NO_BASE.problem),
    ]:
        plan = plan_of(after, earlier, MODIFIED)
        assert plan.asleep == []
        assert plan.unmatched == ()
        shared = {id(v.groups[Kind.FILTERS_CHANGED]) for v in plan.verdicts.values()}
        assert len(shared) == 1
        for name in after.surfaces:
            assert filters_causes(plan, name) == [cause(MODIFIED, words)]


def two(file: str, a: str = "/a/") -> Filters:
    place = Place(1, 1)
    names = {"a": a, "b": "/b/"}
    return Filters(
        file, {n: Surface(n, (Rule(p, True, file, place),)) for n, p in names.items()}
    )


ANOTHER = "the filters in use are another file"
BENEATH = "the filters may be in it"


@pytest.mark.parametrize(
    ("file", "change", "detail_of_a", "detail_of_b"),
    [
        ("filters.yml", Change("filters.yml"), Difference.RULES, None),
        ("filters.yml", Change(".github/filters.yml"), Difference.RULES, None),
        (".github/filters.yml", Change("filters.yml"), Difference.RULES, None),
        ("ci/my.yml", Change("ci/my.yml"), Difference.RULES, None),
        ("ci/my.yml", Change("filters.yml"), ANOTHER, ANOTHER),
        ("ci/my.yml", Change(".github/filters.yml"), ANOTHER, ANOTHER),
        ("/outside.yml", Change("filters.yml"), ANOTHER, ANOTHER),
        ("ci/my.yml", Change("ci", None, directory=True), BENEATH, BENEATH),
        ("ci/my.yml", Change("ci/my.yml", None, directory=True), BENEATH, BENEATH),
        ("filters.yml", Change("filters.yml", None, directory=True), BENEATH, BENEATH),
        ("filters.yml", Change(".github", None, directory=True), BENEATH, BENEATH),
    ],
)
def test_which_paths_are_compared(
    file: str,
    change: Change,
    detail_of_a: Difference | str,
    detail_of_b: str | None,
) -> None:
    plan = plan_of(two(file), Earlier((two("filters.yml", "/old/"),)), change)
    assert filters_causes(plan, "a") == [cause(change, detail_of_a)]
    assert filters_causes(plan, "b") == ([cause(change, detail_of_b)] if detail_of_b else [])


def test_what_wakes_one_surface_and_what_wakes_all_stand_beside_each_other() -> None:
    before, after = two("ci/my.yml", "/old/"), two("ci/my.yml")
    changed = [
        Change("ci", None, directory=True),
        Change("ci/my.yml", Status.MODIFIED),
        Change("filters.yml", Status.ADDED),
    ]
    plan = plan_of(after, Earlier((before,)), *changed)
    every = [cause(changed[0], BENEATH), cause(changed[2], ANOTHER)]
    assert filters_causes(plan, "b") == every
    assert filters_causes(plan, "a") == [
        every[0],
        cause(changed[1], Difference.RULES),
        every[1],
    ]


# -- reports -------------------------------------------------------------------------------


def test_reports_say_why() -> None:
    change = Change("filters.yml", Status.MODIFIED)
    filters, before = two("filters.yml"), two("filters.yml", "/old/")
    compared = plan_of(filters, Earlier((before,)), change)
    assert [reason(v, compared.verdicts) for v in compared.verdicts.values()] == [
        "filters.yml (modified): its rules differ from those at the base",
        "no changed path matches its rules",
    ]
    lines = render_surface(compared, "b").splitlines()
    assert lines[-1] == "  - filters.yml (modified): its rules are those at the base"
    unknown = plan_of(filters, Earlier(problem="the base has\nnone"), change)
    assert reason(unknown.verdicts["b"], unknown.verdicts) == (
        'filters.yml (modified): "the base has\\nnone", so every surface wakes'
    )
    same = plan_of(filters, Earlier((filters,)), change)
    assert same.woken == []
    assert same.unmatched == ()


# -- filters that should be others ----------------------------------------------------------


@given(scenarios(), st.sampled_from([HEAD, CHECKED_OUT]), st.data())
def test_rules_that_should_be_others_wake_whatever_changed(
    scenario: Scenario, where: str, data: st.DataObject
) -> None:
    after = data.draw(versions(scenario))
    plain = plan_of(after, NO_BASE, *scenario.changes)
    changes = ChangeSet(tuple(scenario.changes), "given")
    committed = (Committed(where, scenario.filters),)
    plan = decide(after, changes, (), NO_BASE, committed)
    differing = differences(scenario.filters, after)
    for name, difference in differing.items():
        expected = Cause(Kind.FILTERS_CHANGED, after.file, detail=difference.told(where))
        assert expected in filters_causes(plan, name)
    assert {*plan.woken} == {*plain.woken} | with_dependents(after, differing)


def test_rules_that_should_be_others_and_cannot_be_told_wake_everything() -> None:
    filters = two(DEFAULT_FILES[0])
    committed = (Committed(HEAD, problem="gone"),)
    plan = decide(filters, ChangeSet((), "given"), (), NO_BASE, committed)
    expected = [Cause(Kind.FILTERS_CHANGED, filters.file, detail="gone")]
    assert all(filters_causes(plan, name) == expected for name in filters.surfaces)
    assert "filters.yml: gone, so every surface wakes" in text.render_plan(plan, False)
