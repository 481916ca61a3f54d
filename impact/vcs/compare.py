"""From the comparisons that an event asks for to the set of changed paths."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from impact.errors import GitError, UsageError
from impact.events import HEAD, WORK_TREE, Comparison, Span
from impact.model import Change, ChangeSet, change_order
from impact.vcs.diff import changed_between, distinct
from impact.vcs.git import Git
from impact.vcs.revisions import find_commit, merge_bases
from impact.vcs.worktree import changed_in_work_tree


def compare(
    git: Git,
    comparisons: Sequence[Comparison],
    event: str | None = None,
    given: Collection[str] = (),
) -> ChangeSet:
    """What changed according to the first comparison that holds.

    Whatever stands in the way (a missing commit, a failing git) gives an undetermined
    change set with the reason, never an empty one.  Only a revision among ``given``, those
    that the user typed, raises `UsageError` if it names no commit.
    """
    try:
        for comparison in comparisons:
            if _holds(git, comparison):
                return _answer(git, comparison, event, given)
        reason = "no comparison of this event fits the checkout"
    except GitError as error:
        reason = str(error)
    except OSError as error:
        reason = f"{error.filename}: {error.strerror}"
    return ChangeSet((), reason, determined=False, event=event)


def _holds(git: Git, comparison: Comparison) -> bool:
    if comparison.present is not None and git.resolve(comparison.present) is None:
        return False
    if comparison.merge_of is None:
        return True
    head = git.resolve(HEAD)
    return head is not None and git.parents(head)[1:2] == [comparison.merge_of]


def _answer(
    git: Git, comparison: Comparison, event: str | None, given: Collection[str]
) -> ChangeSet:
    if not comparison.spans:
        return ChangeSet((), comparison.reason, determined=False, event=event)
    ends: list[tuple[str, str | None]] = []
    changes: list[Change] = []
    for span in comparison.spans:
        bases, head, found = _changes(git, span, comparison.default_branch, given)
        ends += [(base, head) for base in bases]
        changes += found
    ordered = sorted(distinct(changes), key=change_order)
    return ChangeSet(
        tuple(ordered),
        comparison.reason,
        base=ends[0][0],
        head=ends[0][1],
        event=event,
        diffs=tuple((base, head) for base, head in dict.fromkeys(ends) if head is not None),
    )


def _changes(
    git: Git, span: Span, default_branch: str | None, given: Collection[str]
) -> tuple[list[str], str | None, list[Change]]:
    def commit(revision: str) -> str:
        try:
            return find_commit(git, revision, default_branch)
        except GitError as error:
            if revision in given:
                raise UsageError(str(error)) from None
            raise

    head = commit(HEAD if span.head is WORK_TREE else span.head)
    base = commit(span.base)
    bases = [base] if span.dots == 2 else merge_bases(git, base, head)
    if span.head is WORK_TREE:
        found = [change for one in bases for change in changed_in_work_tree(git, one)]
        return bases, None, found
    # An empty answer would be a lie: a push of nothing new, a base that is ahead.
    if head == base:
        raise GitError(f"base and head are the same commit, {head}: nothing to compare")
    if head in bases:
        raise GitError(f"{head} has nothing that {base} has not: nothing to compare")
    return (
        bases,
        head,
        [change for one in bases for change in changed_between(git, one, head)],
    )
