"""The errors that a user can meet, each with its exit code.

Anything else that is raised is a bug in impact and ends in exit code 70.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from impact.findings import Finding

EXIT_FINE = 0
EXIT_FINDINGS = 1
EXIT_USAGE = 2
EXIT_UNDETERMINED = 3
EXIT_BUG = 70
EXIT_INTERRUPTED = 130


class ImpactError(Exception):
    """An expected error: its text is for the user."""

    exit_code: ClassVar[int] = EXIT_USAGE


class UsageError(ImpactError):
    """The command line, an input or the place where impact runs is wrong."""


class FileError(ImpactError):
    """A file is wrong; ``findings`` holds every mistake in it."""

    kind: ClassVar[str]
    """What kind of file it is, in words."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        count = len(self.findings)
        super().__init__(f"{count} error{'s' * (count != 1)} in the {self.kind}")


class FiltersError(FileError):
    """The filters file is wrong."""

    kind = "filters"


class WorkflowError(FileError):
    """A workflow file cannot be read."""

    kind = "workflow"


class UndeterminedError(ImpactError):
    """The change set is unknown, and ``--require-determined`` was given."""

    exit_code = EXIT_UNDETERMINED


class GitError(ImpactError):
    """git is missing, too old, or failed where it must not."""


class UnknownCommitError(GitError):
    """``revision`` names no commit that can be had."""

    def __init__(self, message: str, revision: str) -> None:
        self.revision = revision
        super().__init__(message)
