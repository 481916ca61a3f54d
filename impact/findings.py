"""Findings: what is wrong in a file, where, how bad, and the fix, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from impact.model import Change


class Severity(str, Enum):
    """How bad a finding is.  Only errors fail a run, and warnings under ``--strict``."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a file: path, line and column (from 1, in characters)."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found: ``id`` names the check, ``fix`` what to write instead.

    ``change`` is one whose explanation goes with it; ``details`` is that, as text.
    ``block``: the line in which the text begins that it is in, where that is over several
    lines, in which no comment can stand.
    """

    id: str
    message: str
    location: Location
    severity: Severity = Severity.ERROR
    fix: str | None = None
    surface: str | None = None
    change: Change | None = None
    details: str | None = None
    block: int | None = None
