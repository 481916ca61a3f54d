"""What a plan is made of: the change set, the filters, and the filters at its bases."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from impact.cli.committed import load_before, load_committed, load_earlier, load_rewritten
from impact.cli.event import Event
from impact.cli.place import read_filters
from impact.cli.repository import RunRepository, history_of
from impact.config.load import parse_filters
from impact.errors import GitError, UsageError
from impact.events import LAPTOP, Comparison, at_head, compared, given
from impact.listing import parse_name_status, parse_names
from impact.model import (
    NO_BASE,
    UNTRUSTED,
    ChangeSet,
    Committed,
    Earlier,
    Filters,
    in_order,
)
from impact.quoting import quote

if TYPE_CHECKING:
    from impact.vcs.history import History
    from impact.vcs.server import Limits


@dataclass(frozen=True, slots=True)
class Sources:
    """The arguments of `impact.decide.decide`, but for what is forced.

    ``before``: the filters that were in use before the change, where it changed that.
    """

    filters: Filters
    changes: ChangeSet
    earlier: Earlier = NO_BASE
    committed: tuple[Committed, ...] = ()
    before: Earlier = NO_BASE


def read_sources(
    arguments: argparse.Namespace, event: Event | None, check: Callable[[Filters], object]
) -> Sources:
    """Everything that the options, the event and the repository give.

    ``check`` is called with the filters as soon as they are known.  Raises `UsageError`,
    `FiltersError` and `GitError`.
    """
    listed = arguments.files_from is not None
    run = RunRepository(arguments.directory, event, listed)
    root, pinned = run.root, run.pinned
    file = arguments.filters
    if run.checked_out and file is not None:
        # For a commit: without a look at what is checked out, links included.
        whole = os.path.join(os.path.realpath(arguments.directory), file)
        file = os.path.relpath(whole, root)
    filters: Filters | None = None
    data = b""
    if pinned is None and (run.checked_out or (file is not None and os.path.isabs(file))):
        data, name = read_filters(arguments.directory, root, arguments.filters)
        filters = parse_filters(data, name)
        check(filters)
        if listed:
            return Sources(filters, _listed(arguments, event))
    with run.store(bool(_typed(arguments)), _limits(arguments)) as store:
        history = history_of(store)
        changes = _listed(arguments, event) if listed else _compared(arguments, event, history)
        if filters is None:
            commits = [pinned] if pinned else _heads(arguments, history, changes)
            filters = _first_committed(history, commits, file)
            check(filters)
        if pinned is not None:
            return Sources(filters, changes, UNTRUSTED)
        committed: tuple[Committed, ...] = ()
        if _is_of_a_commit(event, history, filters, changes):
            committed = load_rewritten(history, filters, data, changes)
        earlier = load_earlier(history, filters, changes)
        before = load_before(history, filters, changes)
        return Sources(filters, changes, earlier, committed, before)


def _is_of_a_commit(
    event: Event | None, history: History, filters: Filters, changes: ChangeSet
) -> bool:
    """Whether the filters on the disk should be those of a commit.

    Not where somebody asks what the filters before them make of some other commits.
    """
    on_disk = filters.commit is None and not os.path.isabs(filters.file)
    if not on_disk or changes.head is None or history.store.checkout is None:
        return False
    in_ci = event is not None or bool(os.environ.get("CI"))
    return in_ci or changes.head == history.store.checked_out()


def _limits(arguments: argparse.Namespace) -> Limits:
    from impact.vcs.server import Limits

    return Limits(arguments.max_depth, arguments.fetch_timeout)


def _heads(arguments: argparse.Namespace, history: History, changes: ChangeSet) -> list[str]:
    """Whose filters decide where nothing is checked out, the best first."""
    given_first = [changes.head] if arguments.head is not None else []
    return [
        head for head in (*given_first, history.store.head, changes.head) if head is not None
    ]


def _first_committed(history: History, commits: list[str], file: str | None) -> Filters:
    if not commits:
        raise GitError("nothing is checked out, and no commit to read the filters of is known")
    try:
        return load_committed(history, commits[0], file)
    except GitError:
        if not commits[1:]:
            raise
    return _first_committed(history, commits[1:], file)


def _typed(arguments: argparse.Namespace) -> list[str]:
    given_revisions = (arguments.base, arguments.merge_base, arguments.head)
    return [revision for revision in given_revisions if revision is not None]


def _compared(
    arguments: argparse.Namespace, event: Event | None, history: History
) -> ChangeSet:
    from impact.vcs.compare import compare

    name = event.name if event else None
    typed = _typed(arguments)
    base, head, merge_base = arguments.base, arguments.head, arguments.merge_base
    if base is not None or merge_base is not None or (typed and event is None):
        comparisons: tuple[Comparison, ...] = (given(base, head, merge_base),)
    elif event is None:
        comparisons = (LAPTOP,)
    elif event.unreadable:
        return ChangeSet((), event.unreadable, determined=False, event=name)
    else:
        comparisons = compared(event.name, event.payload)
        if head is not None:
            comparisons = at_head(comparisons, head)
    return compare(history, comparisons, name, typed)


def _listed(arguments: argparse.Namespace, event: Event | None) -> ChangeSet:
    name = event.name if event else None
    source = arguments.files_from
    try:
        if source == "-":
            if sys.stdin is None:
                raise UsageError("--files-from -: standard input is closed")
            data = sys.stdin.buffer.read()
        else:
            with open(os.path.join(arguments.directory, source), "rb") as stream:
                data = stream.read()
    except OSError as error:
        raise UsageError(f"--files-from {quote(source)}: {error.strerror}") from None
    parse = parse_name_status if arguments.name_status else parse_names
    changes = parse(data, arguments.nul)
    if not changes and not arguments.allow_empty:
        reason = "the list of changed paths is empty (--allow-empty: nothing changed)"
        return ChangeSet((), reason, determined=False, event=name)
    return ChangeSet(tuple(in_order(changes)), "the given list of paths", event=name)
