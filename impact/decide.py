"""The decision: filters, changes and forced wakes in, a plan with every cause out.

Pure: no git, no environment, no clock.  `detect`, `explain` and `check` all come here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from impact.causes import by_rules
from impact.difference import differences
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
    Filters,
    Force,
    Kind,
    Plan,
    Verdict,
    in_order,
)

_Groups = dict[Kind, list[Cause]]


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
    own: dict[str, _Groups] = {name: {} for name in filters.surfaces}
    # What wakes every surface alike is collected once and shared by all the verdicts.
    shared: _Groups = {}
    if not changes.determined:
        shared[Kind.UNDETERMINED] = [Cause(Kind.UNDETERMINED, detail=changes.reason)]
    ordered = in_order(changes.changes)
    files = filters_files(filters)
    near = [n for n, change in enumerate(ordered) if change.path in files or change.directory]
    touching = [ordered[n] for n in near if _touches_filters(filters, ordered[n])]
    _wake_for_filters(filters, touching, earlier, own, shared)
    _wake_for_committed(filters, committed, own, shared)
    rules = by_rules(filters, ordered, {n for n in near if ordered[n].path in files})
    alike: dict[Kind, Collection[Cause]] = {}
    if rules.always:
        alike[Kind.ALWAYS] = rules.always
    if rules.unclaimed and filters.wake_unmatched:
        alike[Kind.UNMATCHED] = rules.unclaimed
    for force in forced:
        for name in force.surfaces:
            _add(own[name], Cause(Kind.FORCED, detail=force.source))
    everything = bool(shared or alike)
    awake = [n for n in own if everything or own[n] or n in rules.changed]
    _wake_dependents(filters, own, awake)
    alike |= {kind: _sorted(causes) for kind, causes in shared.items()}
    verdicts = {}
    for name, surface in filters.surfaces.items():
        groups = alike | {
            kind: _sorted([*causes, *shared.get(kind, ())])
            for kind, causes in own[name].items()
        }
        if name in rules.changed:
            groups[Kind.CHANGED] = rules.changed[name]
        excluded = rules.excluded.get(name)
        verdicts[name] = Verdict(surface, groups, rules.matched[name], excluded)
    return Plan(filters, changes, verdicts, rules.unmatched)


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
    own: Mapping[str, _Groups],
    shared: _Groups,
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
    own: Mapping[str, _Groups],
    shared: _Groups,
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


def _add(groups: _Groups, cause: Cause) -> None:
    groups.setdefault(cause.kind, []).append(cause)


def _wake_dependents(filters: Filters, own: Mapping[str, _Groups], awake: list[str]) -> None:
    """Wake, transitively, what depends on a woken surface, one cause a direct edge."""
    dependents: dict[str, list[str]] = {}
    for surface in filters.surfaces.values():
        for needed in surface.depends_on:
            dependents.setdefault(needed, []).append(surface.name)
    seen = set(awake)
    for name in awake:  # grows while it is walked
        for dependent in dependents.get(name, ()):
            _add(own[dependent], Cause(Kind.DEPENDENCY, surface=name))
            if dependent not in seen:
                seen.add(dependent)
                awake.append(dependent)


def _sorted(causes: Iterable[Cause]) -> tuple[Cause, ...]:
    return tuple(sorted(dict.fromkeys(causes), key=_cause_order))


def _cause_order(cause: Cause) -> tuple[str, str, str, str]:
    status = cause.status.value if cause.status else ""
    return cause.path or "", status, cause.surface or "", cause.detail or ""
