"""Filters files as commits have them: at the base, at the head, with nothing checked out."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from impact.cli.place import two_files
from impact.cli.repository import runner_workflow
from impact.config.load import parse_filters
from impact.errors import FiltersError, GitError, UsageError, WorkflowError
from impact.findings import Finding, Location
from impact.model import (
    BASE,
    CHECKED_OUT,
    DEFAULT_FILES,
    HEAD,
    NO_BASE,
    RUN,
    ChangeSet,
    Committed,
    Earlier,
    Filters,
)
from impact.quoting import quote

_NO_FILE = (os.curdir, os.pardir)

if TYPE_CHECKING:
    from impact.vcs.history import Entry, History


def load_committed(history: History, commit: str, file: str | None) -> Filters:
    """The filters file of a commit: ``file`` from the root, else one of a default name.

    Raises `FiltersError` for what is wrong in the file or with it, `UsageError` where the
    commit has none, `GitError` where the commit cannot be had.
    """
    names = DEFAULT_FILES if file is None else (os.path.normpath(file),)
    if file is not None and (os.path.isabs(file) or names[0].split(os.sep)[0] in _NO_FILE):
        raise UsageError(f"--filters {quote(file) or repr('')} is no file of the repository")
    found = history.files(commit, names)
    if not found:
        raise UsageError(
            f"there is no filters file {' or '.join(names)} in the commit {commit}"
        )
    if len(found) > 1:
        raise two_files()
    return _loaded(history, commit, found[0])


def load_earlier(history: History, filters: Filters, changes: ChangeSet) -> Earlier:
    """The filters at the bases of the comparison, if what changed makes them needed."""
    if not _may_have_changed(filters, changes):
        return NO_BASE
    return _at_bases(changes, lambda base: _version(history, base, filters))


def load_before(
    history: History, filters: Filters, changes: ChangeSet, earlier: Earlier
) -> Earlier:
    """The filters that were in use at the bases, for what they would have woken.

    They are the earlier ones, unless the run's workflow changed: it says which file they are.
    """
    workflow = runner_workflow()
    if workflow is None or all(change.path != workflow[1] for change in changes.changes):
        return earlier
    path = workflow[1]

    def load(base: str) -> Filters:
        try:
            return load_committed(history, base, _named_by(history, base, path))
        except (FiltersError, UsageError, GitError, WorkflowError):
            return _version(history, base, filters)

    return _at_bases(changes, load)


def _at_bases(changes: ChangeSet, load: Callable[[str], Filters]) -> Earlier:
    try:
        return Earlier(tuple(map(load, changes.bases)))
    except (FiltersError, UsageError, GitError) as error:
        return Earlier(problem=_problem(BASE, error))


def _named_by(history: History, commit: str, path: str) -> str | None:
    """The filters file that a workflow gives to the action; None for a default name.

    Raises `UsageError` where only a run can tell, or nothing is to be found.
    """
    from impact.workflows.wiring import changes_job, detecting_step
    from impact.workflows.workflow import parse_workflow

    for entry in history.files(commit, (path,)):
        if entry.blob is not None:
            workflow = parse_workflow(history.contents(entry.blob), path)
            job = workflow.jobs.get(changes_job(workflow))
            step = detecting_step(job) if job is not None else None
            given = step.given.get("filters") if step is not None else None
            if step is not None and (given is None or "${{" not in given.text):
                return given.text.strip() or None if given is not None else None
    raise UsageError(f"{quote(path)} does not say which filters file it uses")


def load_rewritten(
    history: History, filters: Filters, data: bytes, changes: ChangeSet
) -> tuple[Committed, ...]:
    """The filters of the commits that say what the file on the disk should hold.

    Its contents, ``data``, need not be what was committed: what `.gitattributes` says
    converts a file as it is checked out, and a step can write another.  And where neither
    the head of the comparison nor the commit of the run is checked out, they may have others.
    """
    run, checked_out = history.store.head, history.store.checked_out()
    commits = {CHECKED_OUT: checked_out}
    # Neither the head nor what the run is for: its base, or what an earlier job left behind.
    foreign = checked_out not in (run, changes.head)
    if foreign:
        commits |= {RUN: run} if run is not None else {HEAD: changes.head}
    if changes.head != checked_out and _may_have_changed(filters, changes):
        commits[HEAD] = changes.head
    found = []
    for where, commit in commits.items():
        if commit is None:
            continue
        try:
            rows = history.files(commit, (filters.file,))
            if any(row.holds(data) for row in rows):
                continue
            if where != CHECKED_OUT:
                found.append(Committed(where, _version(history, commit, filters)))
            elif rows:  # else it is no part of the repository
                found.append(Committed(where, _loaded(history, commit, rows[0])))
        except (FiltersError, UsageError, GitError) as error:
            found.append(Committed(where, problem=_problem(where, error)))
    return tuple(found)


def _may_have_changed(filters: Filters, changes: ChangeSet) -> bool:
    files = {*DEFAULT_FILES, filters.file}
    return any(change.path in files or change.directory for change in changes.changes)


def _version(history: History, commit: str, filters: Filters) -> Filters:
    """The filters in use as they are in a commit, whichever default name they have there.

    Raises as `load_committed` does.
    """
    return load_committed(
        history, commit, None if filters.file in DEFAULT_FILES else filters.file
    )


def _loaded(history: History, commit: str, entry: Entry) -> Filters:
    if entry.blob is None:
        message = f"the filters file is no regular file in the commit {commit}"
        raise FiltersError([Finding("unreadable", message, Location(entry.path))])
    data = history.contents(entry.blob)
    return replace(parse_filters(data, entry.path), commit=commit)


def _problem(where: str, error: FiltersError | UsageError | GitError) -> str:
    told = str(error)
    if isinstance(error, FiltersError):
        first = error.findings[0]
        told = f"{first.location}: {first.message}"
    return f"those {where} cannot be used: {told}"
