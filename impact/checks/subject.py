"""What the checks look at, and the words that they share."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from impact.checks.job_files import Uses
from impact.coverage import Coverage, Written
from impact.effects import without_effect
from impact.findings import Finding, Location, Severity
from impact.model import Filters, Place
from impact.past import Past, no_past
from impact.tracked import Tracked
from impact.workflows.gating import Gating
from impact.workflows.project import Project
from impact.workflows.workflow import Workflow

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


def no_file(_: str) -> None:
    """What reads the files of no repository."""


@dataclass(frozen=True)
class Subject:
    """A filters file, and the repository that it is about.

    ``share``: how much of the tracked files a surface may claim, in percent.
    ``workflows``: those of the repository by their paths, ``refused`` what is wrong with
    those that are none.  ``read``: the contents of a tracked file.
    """

    filters: Filters
    tracked: Tracked
    standing: Standing = Standing.TRACKED
    past: Past = no_past
    share: float = SHARE
    workflows: Mapping[str, Workflow] = field(default_factory=dict)
    refused: Sequence[Finding] = ()
    read: Callable[[str], bytes | None] = no_file

    @cached_property
    def coverage(self) -> Coverage:
        """What the rules make of the tracked files."""
        return Coverage(self.filters, self.tracked)

    @cached_property
    def without_effect(self) -> Sequence[Written]:
        """The rules and uses that change nothing; see `impact.effects.without_effect`."""
        return without_effect(self.coverage)

    @cached_property
    def project(self) -> Project:
        """The workflows and the actions of the repository."""
        filters = self.filters if self.filters.surfaces else None
        return Project(self.workflows, filters, self.read)

    @property
    def files(self) -> list[str]:
        """The workflows and the actions of the repository that they run."""
        return [*self.workflows, *(action.file for action in self.project.actions())]

    @cached_property
    def gating(self) -> Gating:
        """Which jobs of the workflows are gated."""
        return Gating(self.project)

    @cached_property
    def uses(self) -> Uses:
        """The tracked files that the jobs of the workflows use."""
        return Uses(self.project, self.tracked)

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


def finding_at(
    check: str,
    file: str,
    place: Place,
    message: str,
    fix: str | None = None,
    severity: Severity = Severity.ERROR,
    surface: str | None = None,
) -> Finding:
    """A finding in another file than the filters."""
    location = Location(file, place.line, place.column)
    return Finding(check, message, location, severity, fix, surface)


def quoted(pattern: str, include: bool = True) -> str:
    """A rule as it can be pasted into YAML."""
    text = ("" if include else "!") + pattern
    if not text.isprintable():
        return json.dumps(text)  # which YAML reads too
    return "'" + text.replace("'", "''") + "'"


def files(count: int) -> str:
    """So many tracked files, in words."""
    return f"{count:,} tracked file{'s' * (count != 1)}"
