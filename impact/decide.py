"""The decision: filters, changes and forced wakes in, a plan with every cause out.

Pure: no git, no environment, no clock.  `detect`, `explain` and `check` all come here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from impact.beneath import may_match
from impact.difference import differences
from impact.index import Answer, Index
from impact.model import (
    DEFAULT_FILES,
    NO_BASE,
    UNTRUSTED,
    Cause,
    Change,
    ChangeSet,
    Committed,
    Difference,
    Earlier,
    Excluded,
    Filters,
    Force,
    Kind,
    Plan,
    Rule,
    Verdict,
    change_order,
)
from impact.pattern import compile_pattern


@dataclass(frozen=True, slots=True)
class Considered:
    """A rule held against a change.

    ``matches``: the pattern matches (for a directory: something beneath it may).
    ``applies``: the rule's statuses include the change's, or that is unknown.
    """

    rule: Rule
    matches: bool
    applies: bool
    decides: bool


def decide(
    filters: Filters,
    changes: ChangeSet,
    forced: Sequence[Force] = (),
    earlier: Earlier = NO_BASE,
    committed: Sequence[Committed] = (),
) -> Plan:
    """Which surfaces wake for the changes, and why.

    An undetermined change set wakes every surface, and so does a change of the filters,
    unless ``earlier`` has those of every base: then the surfaces that differ from any.
    ``committed`` has what the filters in use should be, where they are not: whatever
    changed, a surface that differs from any of these wakes too.
    """
    names = list(filters.surfaces)
    own: dict[str, dict[Kind, list[Cause]]] = {name: {} for name in names}
    # What wakes every surface alike is collected once and shared by all the verdicts.
    shared: dict[Kind, list[Cause]] = {}
    excluded: dict[str, list[tuple[Change, Rule]]] = {}
    unmatched: dict[str, None] = {}

    if not changes.determined:
        shared[Kind.UNDETERMINED] = [Cause(Kind.UNDETERMINED, detail=changes.reason)]
    index = Index(
        [*(s.rules for s in filters.surfaces.values()), filters.always, filters.inert]
    )
    ordered = sorted(set(changes.changes), key=change_order)
    touching = [change for change in ordered if _touches_filters(filters, change)]
    _wake_for_filters(filters, touching, earlier, own, shared)
    _wake_for_committed(filters, committed, own, shared)
    for change in ordered:
        answer = index.answer(change)
        for number, decision in answer.decisions.items():
            if number > len(names):
                continue  # inert only cancels unmatched, which `claimed` tells
            always = number == len(names)
            if not decision.rule.include:
                if not always:
                    excluded.setdefault(names[number], []).append((change, decision.rule))
                continue
            kind = Kind.ALWAYS if always else Kind.CHANGED
            causes = shared if always else own[names[number]]
            _add(
                causes,
                Cause(
                    kind, change.path, change.status, decision.rule, example=decision.example
                ),
            )
        if not answer.claimed and not is_filters_file(filters, change):
            unmatched[change.path] = None
            if filters.wake_unmatched:
                _add(shared, _unmatched(change, answer))
    for force in forced:
        for name in force.surfaces:
            _add(own[name], Cause(Kind.FORCED, detail=force.source))
    _wake_dependents(filters, own, bool(shared))
    return _plan(filters, changes, own, shared, excluded, tuple(unmatched))


def woken_before(
    earlier: Earlier, changes: ChangeSet, forced: Callable[[Filters], Sequence[Force]]
) -> dict[str, bool] | None:
    """Each surface of the earlier filters, and whether these wake it for the changes.

    Any of them, where there are several; None where they are not known.  ``forced`` gives
    what is demanded of filters.
    """
    if earlier.problem is not None and earlier not in (NO_BASE, UNTRUSTED):
        return None
    found: dict[str, bool] = {}
    for filters in earlier.filters:
        # Of themselves they are no change.
        plan = decide(filters, changes, forced(filters), Earlier((filters,)))
        for name, verdict in plan.verdicts.items():
            found[name] = found.get(name, False) or verdict.woken
    return found


def considered(
    rules: Sequence[Rule], change: Change, deciding: Rule | None
) -> tuple[Considered, ...]:
    """Every rule of a list, held against the change; ``deciding`` is the plan's."""
    path = change.path.encode("utf-8", "surrogateescape")
    rows = []
    for rule in rules:
        pattern = compile_pattern(rule.pattern)
        matches = may_match(pattern, path) if change.directory else pattern.matches(path)
        applies = change.status is None or rule.applies(change.status)
        rows.append(Considered(rule, matches, applies, rule is deciding))
    return tuple(rows)


def deciding_rule(rules: Sequence[Rule], change: Change) -> Rule | None:
    """The rule of a list that decides about the change, including or excluding."""
    decision = Index([rules]).answer(change).decisions.get(0)
    return decision.rule if decision else None


def filters_files(filters: Filters) -> set[str]:
    """The file in use, and those of default names."""
    return {*DEFAULT_FILES, filters.file}


def is_filters_file(filters: Filters, change: Change) -> bool:
    """Whether the change is to the filters in use, or to a file of a default name."""
    return change.path in filters_files(filters)


def _touches_filters(filters: Filters, change: Change) -> bool:
    """Whether the change is to a filters file, or to a directory that may hold one."""
    if is_filters_file(filters, change):
        return True
    beneath = change.path + "/" if change.path else ""
    return change.directory and any(f.startswith(beneath) for f in filters_files(filters))


def _wake_for_filters(
    filters: Filters,
    changes: Sequence[Change],
    earlier: Earlier,
    own: Mapping[str, dict[Kind, list[Cause]]],
    shared: dict[Kind, list[Cause]],
) -> None:
    """Wake whom changes to a filters file, or where one may be, concern."""
    differing: dict[str, Difference] | None = None
    for change in changes:
        problem = _not_comparable(filters, change, earlier)
        if problem is not None:
            kind = Kind.FILTERS_CHANGED
            _add(shared, Cause(kind, change.path, change.status, detail=problem))
            continue
        if differing is None:
            differing = {}
            for before in earlier.filters:
                differing = differences(before, filters) | differing
        causes = {
            difference: Cause(
                Kind.FILTERS_CHANGED, change.path, change.status, detail=difference.told()
            )
            for difference in Difference
        }
        for name, difference in differing.items():
            _add(own[name], causes[difference])


def _wake_for_committed(
    filters: Filters,
    committed: Iterable[Committed],
    own: Mapping[str, dict[Kind, list[Cause]]],
    shared: dict[Kind, list[Cause]],
) -> None:
    """Wake whom the filters in use decide about as those of a commit do not."""
    kind = Kind.FILTERS_CHANGED
    for version in committed:
        if version.filters is None:
            _add(shared, Cause(kind, filters.file, detail=version.problem))
            continue
        for name, difference in differences(version.filters, filters).items():
            _add(own[name], Cause(kind, filters.file, detail=difference.told(version.where)))


def _not_comparable(filters: Filters, change: Change, earlier: Earlier) -> str | None:
    """Why it is unknown whom a change to a filters file concerns; None where it is known."""
    if earlier.problem is not None or not earlier.filters:
        return earlier.problem or NO_BASE.problem
    if change.directory:
        return "the filters may be in it"
    # What a default name held at a base is compared whichever of them is in use now.
    compared = DEFAULT_FILES if filters.file in DEFAULT_FILES else (filters.file,)
    return None if change.path in compared else "the filters in use are another file"


def _add(causes: dict[Kind, list[Cause]], cause: Cause) -> None:
    known = causes.setdefault(cause.kind, [])
    # A path that is a file on one side of a diff and a submodule on the other can change
    # in both ways, one behind the other, for the same reason.
    if known[-1:] != [cause]:
        known.append(cause)


def _excluded(rows: Sequence[tuple[Change, Rule]]) -> Excluded:
    change, rule = rows[0]
    return Excluded(change.path, change.status, rule, len({row.path for row, _ in rows}))


def _unmatched(change: Change, answer: Answer) -> Cause:
    example = answer.unclaimed if change.directory else None
    return Cause(
        Kind.UNMATCHED,
        change.path,
        change.status,
        excluding=answer.excluding,
        example=example,
    )


def _wake_dependents(
    filters: Filters, own: Mapping[str, dict[Kind, list[Cause]]], all_awake: bool
) -> None:
    """Wake, transitively, what depends on a woken surface, one cause a direct edge."""
    dependents: dict[str, list[str]] = {}
    for surface in filters.surfaces.values():
        for needed in surface.depends_on:
            dependents.setdefault(needed, []).append(surface.name)
    awake = [name for name in own if all_awake or own[name]]
    seen = set(awake)
    for name in awake:  # grows while it is walked
        for dependent in dependents.get(name, ()):
            _add(own[dependent], Cause(Kind.DEPENDENCY, surface=name))
            if dependent not in seen:
                seen.add(dependent)
                awake.append(dependent)


def _plan(
    filters: Filters,
    changes: ChangeSet,
    own: Mapping[str, Mapping[Kind, Iterable[Cause]]],
    shared: Mapping[Kind, Iterable[Cause]],
    excluded: Mapping[str, Sequence[tuple[Change, Rule]]],
    unmatched: tuple[str, ...],
) -> Plan:
    common = {kind: tuple(causes) for kind, causes in shared.items()}
    verdicts = {}
    for name, surface in filters.surfaces.items():
        groups = {
            kind: tuple(sorted(dict.fromkeys([*c, *common.get(kind, ())]), key=_cause_order))
            for kind, c in own[name].items()
        }
        matched = len({cause.path for cause in groups.get(Kind.CHANGED, ())})
        kept_out = _excluded(excluded[name]) if name in excluded else None
        verdicts[name] = Verdict(surface, {**common, **groups}, matched, kept_out)
    return Plan(filters, changes, verdicts, unmatched)


def _cause_order(cause: Cause) -> tuple[str, str, str, str]:
    status = cause.status.value if cause.status else ""
    return cause.path or "", status, cause.surface or "", cause.detail or ""
