"""Which directory is the root of the repository that a command is about."""

from __future__ import annotations

import os
from collections.abc import Sequence

from impact.errors import UsageError
from impact.model import DEFAULT_FILES


def find_root(directory: str) -> str:
    """The repository's root: the nearest directory upwards with a ``.git`` that git takes.

    Without a repository: the nearest one with a filters file of a default name, else the
    directory itself.  Raises `UsageError` where the current directory was removed.
    """
    try:
        start = os.path.realpath(directory)
    except OSError as error:
        message = f"the current directory cannot be found: {error.strerror}"
        raise UsageError(message) from None
    upwards = [start]
    while (parent := os.path.dirname(upwards[-1])) != upwards[-1]:
        upwards.append(parent)
    return _nearest(upwards, ".git") or _nearest(upwards, *DEFAULT_FILES) or start


def is_repository(root: str) -> bool:
    """Whether `find_root` found a repository."""
    return _nearest([root], ".git") is not None


def _nearest(upwards: Sequence[str], *marks: str) -> str | None:
    for place in upwards:
        if any(_is_mark(os.path.join(place, mark)) for mark in marks):
            return place
    return None


def _is_mark(path: str) -> bool:
    """Whether it is there; a directory has to be a repository, as it has to be to git."""
    return os.path.lexists(os.path.join(path, "HEAD") if os.path.isdir(path) else path)
