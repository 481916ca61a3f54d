"""What the checks look at, and the words that they share."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from impact.coverage import Coverage, Written
from impact.effects import without_effect
from impact.findings import Finding, Location, Severity
from impact.model import Filters, Place
from impact.past import Past, no_past
from impact.tracked import Tracked

SHARE = 60
"""A surface may claim so much of the tracked files, in percent."""


class Standing(Enum):
    """What the filters file is to the repository."""

    TRACKED = "tracked"
    UNTRACKED = "untracked"
    IGNORED = "ignored"
    OUTSIDE = "outside"
    IN_SUBMODULE = "in a submodule"
    NOTHING_TRACKED = "nothing tracked"
    NO_REPOSITORY = "no repository"


@dataclass(frozen=True)
class Subject:
    """A filters file, and the repository that it is about.

    ``share``: how much of the tracked files a surface may claim, in percent.
    """

    filters: Filters
    tracked: Tracked
    standing: Standing = Standing.TRACKED
    past: Past = no_past
    share: float = SHARE

    @cached_property
    def coverage(self) -> Coverage:
        """What the rules make of the tracked files."""
        return Coverage(self.filters, self.tracked)

    @cached_property
    def without_effect(self) -> Sequence[Written]:
        """The rules and uses that change nothing; see `impact.effects.without_effect`."""
        return without_effect(self.coverage)

    def finding(
        self,
        check: str,
        place: Place,
        message: str,
        fix: str | None = None,
        severity: Severity = Severity.WARNING,
        surface: str | None = None,
    ) -> Finding:
        """A finding in the filters file."""
        location = Location(self.filters.file, place.line, place.column)
        return Finding(check, message, location, severity, fix, surface)

    def of_rule(
        self,
        check: str,
        written: Written,
        message: str,
        fix: str | None = None,
        severity: Severity = Severity.WARNING,
    ) -> Finding:
        """A finding about a rule as it is written."""
        surface = self.coverage.surface(written)
        return self.finding(check, written.place, message, fix, severity, surface)


def quoted(pattern: str, include: bool = True) -> str:
    """A rule as it can be pasted into YAML."""
    text = ("" if include else "!") + pattern
    if not text.isprintable():
        return json.dumps(text)  # which YAML reads too
    return "'" + text.replace("'", "''") + "'"


def files(count: int) -> str:
    """So many tracked files, in words."""
    return f"{count:,} tracked file{'s' * (count != 1)}"
