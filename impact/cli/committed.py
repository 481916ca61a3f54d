"""Filters files as commits have them: at the base, at the head, with nothing checked out."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from impact.cli.place import two_files
from impact.cli.repository import runner_workflow
from impact.config.load import parse_filters
from impact.errors import FileError, FiltersError, GitError, UsageError
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
    try:
        return Earlier(tuple(_version(history, base, filters) for base in changes.bases))
    except (FiltersError, UsageError, GitError) as error:
        return Earlier(problem=_problem(BASE, error))


def load_before(history: History, filters: Filters, changes: ChangeSet) -> Earlier:
    """The filters that were in use at the bases, for what they would have woken.

    Where the run's workflow may have changed, it says there which file they are.  A base
    without any has none; a problem is one of not knowing.
    """
    workflow = runner_workflow()
    names_them = workflow is not None and any(
        change.path.startswith(".github/") and change.path not in DEFAULT_FILES
        for change in changes.changes
    )
    if not names_them and not _may_have_changed(filters, changes):
        return NO_BASE
    name = None if filters.file in DEFAULT_FILES else filters.file
    found = []
    try:
        for base in changes.bases:
            if workflow is not None and names_them:
                name = _named_by(history, base, workflow[1])
            if history.files(base, DEFAULT_FILES if name is None else (name,)):
                found.append(load_committed(history, base, name))
    except (FileError, UsageError, GitError) as error:
        return Earlier(problem=_problem(BASE, error))
    return Earlier(tuple(found))


def _named_by(history: History, commit: str, path: str) -> str | None:
    """The filters file that a workflow gives to the action; None for a default name.

    Raises `UsageError` where only a run can tell, or nothing is to be found.
    """
    from impact.workflows.wiring import is_action
    from impact.workflows.workflow import parse_workflow

    (entry,) = history.files(commit, (path,)) or (None,)
    if entry is not None and entry.blob is not None:
        workflow = parse_workflow(history.contents(entry.blob), path)
        steps = [s for job in workflow.jobs.values() for s in job.steps if is_action(s)]
        given = {s.given["filters"].text.strip() if "filters" in s.given else "" for s in steps}
        if len(given) == 1 and "${{" not in (name := given.pop()) and "\0" not in name:
            return name or None
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


def _problem(where: str, error: FileError | UsageError | GitError) -> str:
    told = str(error)
    if isinstance(error, FileError):
        first = error.findings[0]
        told = f"{first.location}: {first.message}"
    return f"those {where} cannot be used: {told}"
