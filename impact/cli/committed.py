"""Filters files as they are in commits: where nothing is checked out, and at the base."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from impact.cli.place import two_files
from impact.config.load import parse_filters
from impact.errors import FiltersError, GitError, UsageError
from impact.findings import Finding, Location
from impact.model import DEFAULT_FILES, NO_BASE, ChangeSet, Earlier, Filters
from impact.quoting import quote

_NO_FILE = (os.curdir, os.pardir)

if TYPE_CHECKING:
    from impact.vcs.history import History


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
    name, data = found[0].path, found[0].data
    if data is None:
        message = f"the filters file is no regular file in the commit {commit}"
        raise FiltersError([Finding("unreadable", message, Location(name))])
    return replace(parse_filters(data, name), commit=commit)


def load_earlier(history: History, filters: Filters, changes: ChangeSet) -> Earlier:
    """The filters at the bases of the comparison, if what changed makes them needed."""
    names = DEFAULT_FILES if filters.file in DEFAULT_FILES else (filters.file,)
    files = {*DEFAULT_FILES, filters.file}
    if not any(change.path in files or change.directory for change in changes.changes):
        return NO_BASE
    try:
        return Earlier(tuple(_at_base(history, base, names) for base in changes.bases))
    except (FiltersError, UsageError, GitError) as error:
        return Earlier(problem=f"those at the base cannot be used: {error}")


def _at_base(history: History, base: str, names: Sequence[str]) -> Filters:
    return load_committed(history, base, None if len(names) > 1 else names[0])
