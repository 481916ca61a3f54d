"""What has been found: which files are used, from where, and what could not be told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from impact.quoting import one_line
from impact.scripts.files import ROOT, Files, absolute, from_root, named
from impact.scripts.make import Statement
from impact.scripts.references import Budget
from impact.scripts.shell import UNKNOWN
from impact.scripts.state import State

DEEPEST = 10
_USES = 2_000
_COMMANDS = 20_000
_WITHIN = 100
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Use:
    """A tracked file that a script uses; a directory ends in a slash.

    ``line``, from 0, of the script led to it, ``through`` what it runs in between.
    """

    path: str
    line: int
    through: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unresolved:
    """What may use files that cannot be told, and why they cannot."""

    text: str
    line: int
    reason: str
    through: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a command is: the line of the first script, and the way from there."""

    line: int
    through: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a text of commands is.

    Without ``outer`` it is the first script.  ``first`` is the number of its first line in
    the file that ``before`` and ``after`` are written around; without it they are the label.
    """

    outer: Spot | None = None
    before: str = ""
    first: int | None = None
    after: str = ""

    def at(self, line: int) -> Spot:
        """The place of a line of it, from 0."""
        if self.outer is None:
            return Spot(line)
        if not self.before:
            return self.outer
        number = "" if self.first is None else str(self.first + line)
        label = one_line(f"{self.before}{number}{self.after}")
        return Spot(self.outer.line, (*self.outer.through, label))


@dataclass(slots=True)
class Trace:
    """Collects what is found.  It is bounded, and says so where a bound is reached."""

    files: Files
    uses: dict[tuple[str, int, tuple[str, ...]], Use] = field(default_factory=dict)
    problems: dict[Unresolved, None] = field(default_factory=dict)
    written: set[str] = field(default_factory=set)
    active: list[str] = field(default_factory=list)
    makefiles: dict[str, tuple[Statement, ...]] = field(default_factory=dict)
    budget: Budget = field(default_factory=Budget)
    commands: int = 0
    depth: int = 0
    full: bool = False

    def use(self, path: str, spot: Spot) -> None:
        """A tracked file, or a directory, is used; not one that the script wrote before."""
        if path in self.written or not path.strip("/"):
            return
        if len(self.uses) >= _USES:
            self.stop("more than 2,000 files", spot)
            return
        self.uses.setdefault((path, spot.line, spot.through), Use(path, *_parts(spot)))

    def name(self, name: str, directory: str | None, spot: Spot) -> str | None:
        """What is called so is used, if it is tracked; which it is."""
        path = named(name, directory, self.files)
        if path is not None and path not in self.written:
            self.use(path, spot)
            return path
        return None

    def unresolved(self, text: str, reason: str, spot: Spot) -> None:
        """What something uses cannot be told."""
        if len(self.problems) < _USES:
            shown = one_line(text.replace(UNKNOWN, "\u2026").replace("\n", " ").strip())
            shown = shown if len(shown) <= _LONGEST else shown[: _LONGEST - 3] + "..."
            line, through = _parts(spot)
            self.problems.setdefault(Unresolved(shown, line, reason, through))

    def write(self, name: str, directory: str | None) -> None:
        """A file is written: whoever reads it from now on uses no tracked one."""
        path = absolute(directory, name)
        inner = from_root(path) if path is not None and UNKNOWN not in name else None
        if inner and self.files.is_file(inner):
            self.written.add(inner)

    def spend(self, spot: Spot) -> bool:
        """Whether another command may be looked at."""
        self.commands += 1
        if self.commands > _COMMANDS:
            self.stop("too many commands", spot)
        return not self.full

    def enter(self, spot: Spot) -> bool:
        """Whether there may be something within what is followed; then `leave` it."""
        if self.depth >= _WITHIN:
            self.unresolved("the rest", "too much within each other", spot)
            return False
        self.depth += 1
        return True

    def leave(self) -> None:
        """Done with what was entered."""
        self.depth -= 1

    def stop(self, reason: str, spot: Spot) -> None:
        """Look no further."""
        if not self.full:
            self.full = True
            self.unresolved("the rest", reason, spot)


class Runner(Protocol):
    """What follows commands further: given to all that tells what a program does."""

    trace: Trace

    def script(self, text: str, state: State, origin: Origin) -> bool | None:
        """Follow the commands of a text; whether it ends well, if that is known."""

    def invoke(self, words: list[str], state: State, spot: Spot) -> bool | None:
        """Follow a command, as `script`."""


def is_known(text: str) -> bool:
    """Whether no part of a text is unknown."""
    return UNKNOWN not in text


def place(directory: str) -> str:
    """A directory for a message."""
    inner = from_root(directory)
    return directory if inner is None else inner or "the root"


def _parts(spot: Spot) -> tuple[int, tuple[str, ...]]:
    return spot.line, spot.through


__all__ = ["DEEPEST", "ROOT", "Origin", "Runner", "Spot", "Trace", "Unresolved", "Use"]
