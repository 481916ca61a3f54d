"""The tracked files that a script may use, and how it names them.

Where the repository lies is not known before a run; to scripts it is said to be `ROOT`.
"""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Protocol

ROOT = "/github/workspace"
_LONGEST = 1_000
_MATCHES = 500


class Files(Protocol):
    """What is tracked.  Paths are from the root, which is ``''``, with `/` between names."""

    def read(self, path: str) -> str | None:
        """The text of a regular file; None where it is not tracked, no text or too large."""

    def is_file(self, path: str) -> bool:
        """Whether it is a tracked file."""

    def is_directory(self, path: str) -> bool:
        """Whether a tracked file lies beneath it."""

    def names(self, path: str) -> Iterable[str]:
        """The names that lie in a directory, of directories too, in any order."""


class Bounded:
    """Files of which no more than so much is looked at, however often that is asked."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.characters = 20_000_000
        self.entries = 200_000
        self.is_file = files.is_file
        self.is_directory = files.is_directory

    def read(self, path: str) -> str | None:
        """The text of a file, while there is room for it."""
        text = self.files.read(path) if self.characters > 0 else None
        self.characters -= len(text or "")
        return text

    def names(self, path: str) -> Iterable[str]:
        """The names in a directory, while there is room for them."""
        found = sorted(self.files.names(path)) if self.entries > 0 else []
        self.entries -= len(found) + 1
        return found


def absolute(directory: str | None, name: str) -> str | None:
    """The path of what is called so in a directory; None where that depends on the run."""
    if not name.startswith("/"):
        if directory is None:
            return None
        name = f"{directory}/{name}"
    parts: list[str] = []
    for part in name.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/" + "/".join(parts)


def from_root(path: str) -> str | None:
    """An absolute path from the root of the repository; None where it lies elsewhere."""
    if path == ROOT:
        return ""
    return path[len(ROOT) + 1 :] if path.startswith(f"{ROOT}/") else None


def named(name: str, directory: str | None, files: Files) -> str | None:
    """The tracked file called so in a directory, or the tracked directory, with a slash."""
    if not name or len(name) > _LONGEST or "\0" in name or "://" in name:
        return None
    path = absolute(directory, name)
    inner = from_root(path) if path is not None else None
    if not inner:
        return None
    if files.is_file(inner):
        return None if name.endswith("/") else inner
    return f"{inner}/" if files.is_directory(inner) else None


def matching(pattern: str, directory: str | None, files: Files) -> list[str] | None:
    """The names that the shell makes of a pattern; None where that cannot be told."""
    start = absolute(directory, "." if not pattern.startswith("/") else "/")
    if start is None or len(pattern) > _LONGEST:
        return None
    found = [""]
    for part in pattern.split("/"):
        if not set(part) & set("*?["):
            found = [f"{prefix}{part}/" for prefix in found]
            continue
        longer = []
        for prefix in found:
            path = absolute(directory, prefix or ".")
            inner = from_root(path) if path is not None else None
            if inner is None:
                return None
            longer += [
                f"{prefix}{name}/"
                for name in files.names(inner)
                if fnmatchcase(name, part.replace("[^", "[!"))
                and (part.startswith(".") or not name.startswith("."))
            ]
            if len(longer) > _MATCHES:
                return None
        found = longer
    names = [name[:-1] for name in found]
    return [name for name in names if named(name, directory, files)]
