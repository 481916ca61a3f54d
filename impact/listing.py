"""Lists of changed paths from elsewhere: names alone, or ``git diff --name-status``.

Nothing is guessed: a line that git would not print is an error, never a path less.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from impact.errors import UsageError
from impact.model import Change, Status
from impact.quoting import quote, unquote

_STATUSES = {
    "A": Status.ADDED,
    "M": Status.MODIFIED,
    "D": Status.DELETED,
    "T": Status.TYPE_CHANGED,
    "U": Status.MODIFIED,  # unmerged: there is a change, git cannot say which
    "X": None,
}
_CODE = re.compile(r"[AMDTUX]|[MRC][0-9]{1,3}|[RC]")


def parse_names(data: bytes, nul: bool) -> list[Change]:
    """The changes of a list of names, their status unknown.

    Lines are unquoted as git quotes them; with ``nul`` names are raw, each ended by NUL.
    Raises `UsageError` naming the line.
    """
    return [_change(path, None, where) for where, path in _fields(data, nul)]


def parse_name_status(data: bytes, nul: bool) -> list[Change]:
    """The changes of what ``git diff --name-status`` printed (with ``nul``: ``-z``).

    A rename is a delete and an add; a copy adds its target.  Raises `UsageError` naming
    the line.
    """
    rows = _rows_nul(data) if nul else _rows(data)
    changes: list[Change] = []
    for where, code, paths in rows:
        letter = code[:1]
        if letter == "R":
            changes.append(_change(paths[0], Status.DELETED, where))
        status = Status.ADDED if letter in "RC" else _STATUSES[letter]
        changes.append(_change(paths[-1], status, where))
    return changes


def _fields(data: bytes, nul: bool) -> Iterator[tuple[str, bytes]]:
    """Each name as raw bytes, with where it stands."""
    if nul:
        for number, field in enumerate(
            data.removesuffix(b"\0").split(b"\0") if data else (), 1
        ):
            yield f"entry {number}", field
        return
    for where, line in _lines(data):
        yield where, _unquoted(line, where)


def _lines(data: bytes) -> Iterator[tuple[str, bytes]]:
    if b"\0" in data:
        raise UsageError("the list contains NUL bytes; give -z for NUL-separated names")
    if data.startswith(b"\xef\xbb\xbf"):
        raise UsageError("the list begins with a byte order mark; save it without one")
    for number, line in enumerate(data.split(b"\n"), 1):
        if line.endswith(b"\r"):
            raise UsageError(
                f"line {number} of the list ends with a carriage return; "
                "end lines with a line feed alone, or give -z"
            )
        if line:
            yield f"line {number}", line


def _unquoted(line: bytes, where: str) -> bytes:
    try:
        return unquote(line)
    except ValueError as error:
        raise UsageError(
            f"{where} of the list is not quoted as git quotes names: {error}; "
            "use -z on both sides"
        ) from None


def _rows(data: bytes) -> Iterator[tuple[str, str, list[bytes]]]:
    for where, line in _lines(data):
        code, *paths = line.split(b"\t")
        name = _code(code, len(paths), where)
        yield where, name, [_unquoted(path, where) for path in paths]


def _rows_nul(data: bytes) -> Iterator[tuple[str, str, list[bytes]]]:
    fields = _fields(data, True)
    for where, code in fields:
        wanted = 2 if code[:1] in (b"R", b"C") else 1
        paths = [path for _, path in islice(fields, wanted)]
        yield where, _code(code, len(paths), where), paths


def _code(code: bytes, paths: int, where: str) -> str:
    text = code.decode("utf-8", "surrogateescape")
    if not _CODE.fullmatch(text) or paths != (2 if text[0] in "RC" else 1):
        raise UsageError(
            f"{where} of the list is not what git diff --name-status prints: "
            f"{quote(text)} with {paths} path{'s' * (paths != 1)}; expected a status "
            "(A, M, D, T, U, X, R100 or C100), a tab and its path or two paths"
        )
    return text


def _change(raw: bytes, status: Status | None, where: str) -> Change:
    path = raw.decode("utf-8", "surrogateescape")
    directory = path.endswith("/")
    parts = path.removesuffix("/").split("/")
    if any(part in ("", ".", "..") for part in parts):
        raise UsageError(
            f"{where} of the list: {quote(path) or 'an empty name'} is not a path from the "
            "repository's root as git prints it (no leading / or ./, no .., no //)"
        )
    return Change(path.removesuffix("/"), status, directory)
