"""What became of files that are not tracked any more, as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """Files left their place in a commit, given by its full id.

    ``to``: the path, or with a slash at its end the directory, that they moved to; None
    where they were deleted.  ``elsewhere``: not all of them went there.  ``example`` is one
    of the files, the path before and after.
    """

    commit: str
    to: str | None = None
    elsewhere: bool = False
    example: tuple[str, str] | None = None


Past = Callable[[Sequence[str]], Mapping[str, Sequence[Step]]]
"""For patterns that match no tracked file, what became of the last files that they matched:
one step after the other.  A pattern of which the history at hand tells nothing is absent."""


def no_past(patterns: Sequence[str]) -> Mapping[str, Sequence[Step]]:
    """The `Past` where there is no history."""
    return {}
