"""What became of files that are not tracked any more, as data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

STAGED = ""
"""In place of a commit's id: what is staged for the next one."""


@dataclass(frozen=True, slots=True)
class Step:
    """Files left their places in a commit, given by its full id, or `STAGED`.

    ``files``: how many.  ``places``: the paths, or with a slash at the end the directories,
    that they moved to, and how many to each, most first; none for those that were deleted.
    ``example`` is one of those that moved, the path before and after.  ``certain``: what did
    not move was deleted; else it may have moved too.
    """

    commit: str
    files: int = 1
    places: tuple[tuple[str, int], ...] = ()
    example: tuple[str, str] | None = None
    certain: bool = True

    @property
    def moved(self) -> int:
        """How many of the files moved."""
        return sum(count for _, count in self.places)

    @property
    def to(self) -> str | None:
        """Where what moved went, if nearly all of it went to one place."""
        if not self.places or self.places[0][1] * 10 < self.moved * 9:
            return None
        return self.places[0][0]


def places_of(moved: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """The places that files moved to, with how many to each, as few as tell them.

    Many files are told by their directories, and what went beneath another place by that.
    """
    counts = Counter(moved)
    if len(counts) > _FEW:
        by_directory: Counter[str] = Counter()
        for place, count in counts.items():
            directory = place.rpartition("/")[0]
            by_directory[directory + "/" if directory else place] += count
        counts = by_directory
    merged: Counter[str] = Counter()
    above = ""
    for place, count in sorted(counts.items()):
        if not above or not place.startswith(above):
            above = place if place.endswith("/") else ""
            merged[place] += count
        else:
            merged[above] += count
    return tuple(sorted(merged.items(), key=lambda place: (-place[1], place[0])))


_FEW = 3

Past = Callable[[Sequence[str]], Mapping[str, Sequence[Step]]]
"""For patterns that match no tracked file, what became of the last files that they matched:
one step after the other.  A pattern of which the history at hand tells nothing is absent."""


def no_past(patterns: Sequence[str]) -> Mapping[str, Sequence[Step]]:
    """The `Past` where there is no history."""
    return {}
