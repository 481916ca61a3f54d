"""From the comparisons that an event asks for to the set of changed paths."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from impact.errors import GitError, UnknownCommitError, UsageError
from impact.events import HEAD, WORK_TREE, Comparison, Span
from impact.model import Change, ChangeSet, Status, in_order
from impact.vcs.history import History


def compare(
    history: History,
    comparisons: Sequence[Comparison],
    event: str | None = None,
    given: Collection[str] = (),
) -> ChangeSet:
    """What changed according to the first comparison that holds.

    Whatever stands in the way (a missing commit, a failing git) gives an undetermined
    change set with the reason, never an empty one.  Only a revision among ``given``, those
    that the user typed, raises `UsageError` if it names no commit.
    """
    reasons: list[str] = []
    for comparison in comparisons:
        found, error = _tried(history, comparison, event, given)
        if found is not None:
            return found
        if error is None:
            continue
        reasons.append(str(error))
        gone = isinstance(error, UnknownCommitError) and comparison.present is not None
        if not gone or not history.is_gone(comparison.present or ""):
            break
    reason = "; ".join(dict.fromkeys(reasons))
    reason = reason or "no comparison of this event fits the checkout"
    return ChangeSet((), reason, determined=False, event=event)


def _tried(
    history: History, comparison: Comparison, event: str | None, given: Collection[str]
) -> tuple[ChangeSet | None, GitError | None]:
    """The answer of one comparison, if it holds, or why it has none."""
    try:
        return _attempt(history, comparison, event, given), None
    except GitError as error:
        return None, error
    except OSError as error:
        return None, GitError(f"{error.filename}: {error.strerror}")


def _attempt(
    history: History, comparison: Comparison, event: str | None, given: Collection[str]
) -> ChangeSet | None:
    if history.store.checkout is None and comparison.merge_of == history.store.head is not None:
        return None  # no commit is its own parent
    try:
        named = {name for span in comparison.spans for name in span.revisions}
        meant: dict[str | None, str] = {
            name: history.typed(name) for name in given if name in named
        }
    except UnknownCommitError as error:
        raise UsageError(str(error)) from None
    spans = tuple(
        Span(meant.get(s.base, s.base), meant.get(s.head, s.head), meant.get(s.fork, s.fork))
        for s in comparison.spans
    )
    names = [name for span in spans for name in span.revisions]
    history.gather(names, comparison.depth)
    comparison = replace(comparison, spans=spans)
    return _answer(history, comparison, event) if _holds(history, comparison) else None


def _holds(history: History, comparison: Comparison) -> bool:
    if comparison.merge_of is None:
        return True
    head = history.find(HEAD)
    # Another merge of the same head can be what an earlier job left behind.
    of_the_run = history.store.head in (None, head)
    return of_the_run and history.parents(head)[1:2] == [comparison.merge_of]


def _answer(history: History, comparison: Comparison, event: str | None) -> ChangeSet:
    if not comparison.spans:
        return ChangeSet((), comparison.reason, determined=False, event=event)
    ends: list[tuple[str, str | None]] = []
    changes: list[Change] = []
    for span in comparison.spans:
        bases, head, found = _changes(history, span, comparison.depth)
        _check_whole(history, span, comparison)
        ends += [(base, head) for base in bases]
        changes += found
    ordered = tuple(in_order(changes))
    return ChangeSet(
        ordered,
        comparison.reason,
        base=ends[0][0],
        head=ends[0][1],
        event=event,
        diffs=tuple((base, head) for base, head in dict.fromkeys(ends) if head is not None),
        bases=tuple(dict.fromkeys(base for base, _ in ends)),
        notes=(*_notes(comparison.counted, ordered), *history.store.notes),
    )


def _check_whole(history: History, span: Span, comparison: Comparison) -> None:
    """Raise `GitError` where the base has commits of the pull request already."""
    if comparison.commits is None or span.head is None:
        return
    base, head = history.find(span.base), history.find(span.head)
    new = history.ahead(base, head, comparison.depth)
    if new < comparison.commits:
        raise GitError(
            f"{base} has {comparison.commits - new:,} of the {comparison.commits:,} commits of "
            "this pull request already: it was merged in more than one step"
        )


def _changes(
    history: History, span: Span, depth: int
) -> tuple[list[str], str | None, list[Change]]:
    head = history.find(HEAD if span.head is WORK_TREE else span.head)
    base = history.find(span.base)
    bases = [base]
    if span.fork is not None:
        fork = head if span.fork == (span.head or HEAD) else history.find(span.fork)
        bases = history.merge_bases(base, fork, depth)
        if not bases:
            raise GitError(f"{base} and {fork} have no common ancestor")
    if span.head is WORK_TREE:
        return bases, None, [c for one in bases for c in history.work_tree_changes(one)]
    # An empty answer would be a lie: a push of nothing new, a base that is ahead.
    if bases == [head]:
        if head == base:
            raise GitError(f"base and head are the same commit, {head}: nothing to compare")
        raise GitError(f"{head} has nothing that {base} has not: nothing to compare")
    return bases, head, history.changes(bases, head)


def _notes(counted: int | None, changes: Sequence[Change]) -> tuple[str, ...]:
    """What GitHub counted, where that is another number than was found.

    GitHub counts a rename once; here it is a path deleted and a path added.
    """
    paths = len({change.path for change in changes})
    added, deleted = (
        sum(change.status is status for change in changes)
        for status in (Status.ADDED, Status.DELETED)
    )
    if counted is None or paths - min(added, deleted) <= counted <= paths:
        return ()
    return (
        f"GitHub counts {counted:,} changed files in this pull request, "
        f"and {paths:,} changed path{'s were' if paths != 1 else ' was'} found",
    )
