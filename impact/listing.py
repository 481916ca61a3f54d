"""Lists of changed paths from elsewhere: names alone, or ``git diff --name-status``.

Nothing is guessed: a line that git would not print is an error, never a path less.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
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
_IMPROPER = re.compile(r"(?:\A|/)\.{0,2}/|(?:\A|/)\.{1,2}\Z|\A\Z")
"""An empty name, `.` or `..` in a path, which a directory may end with one slash."""
_CODE = re.compile(r"[AMDTUX]|[MRC][0-9]{1,3}|[RC]")


_PIECE = 1 << 20


def parse_names(data: bytes, nul: bool) -> list[Change]:
    """The changes of a list of names, their status unknown.

    Lines are unquoted as git quotes them; with ``nul`` names are raw, each ended by NUL.
    Raises `UsageError` naming the line.
    """
    if nul:
        fields = enumerate(_fields(data), 1)
        return [_change(path, None, ("entry", number)) for number, path in fields]
    return [_change(_unquoted(line, where), None, where) for where, line in _lines(data)]


def parse_name_status(data: bytes, nul: bool) -> list[Change]:
    """The changes of what ``git diff --name-status`` printed (with ``nul``: ``-z``).

    A rename is a delete and an add; a copy adds its target.  Raises `UsageError` naming
    the line.
    """
    changes: list[Change] = []
    for where, letter, paths in _rows_nul(data) if nul else _rows(data):
        if letter == "R":
            changes.append(_change(paths[0], Status.DELETED, where))
        status = Status.ADDED if letter in "RC" else _STATUSES[letter]
        changes.append(_change(paths[-1], status, where))
    return changes


_Where = tuple[str, int]
"""What is counted, and the number of it in the list."""


def _fields(data: bytes) -> Iterator[bytes]:
    """What NUL bytes end, without all of it in memory at once."""
    at = 0
    while at < len(data):
        stop = data.find(b"\0", at + _PIECE)
        stop = len(data) if stop < 0 else stop
        piece = data[at:stop]
        yield from (piece.removesuffix(b"\0") if stop == len(data) else piece).split(b"\0")
        at = stop + 1


def _lines(data: bytes) -> Iterator[tuple[_Where, bytes]]:
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
            yield ("line", number), line


def _unquoted(line: bytes, where: _Where) -> bytes:
    try:
        return unquote(line)
    except ValueError as error:
        raise UsageError(
            f"{_told(where)} is not quoted as git quotes names: {error}; use -z on both sides"
        ) from None


def _rows(data: bytes) -> Iterator[tuple[_Where, str, list[bytes]]]:
    for where, line in _lines(data):
        code, *paths = line.split(b"\t")
        letter = _checked(code, len(paths), where)
        yield where, letter, [_unquoted(path, where) for path in paths]


def _rows_nul(data: bytes) -> Iterator[tuple[_Where, str, list[bytes]]]:
    fields = _fields(data)
    number = 1
    for code in fields:
        paths = [*islice(fields, 2 if code[:1] in (b"R", b"C") else 1)]
        where = ("entry", number)
        yield where, _checked(code, len(paths), where), paths
        number += 1 + len(paths)


def _checked(code: bytes, paths: int, where: _Where) -> str:
    """The letter of a status that has so many paths."""
    letter = _letter(code)
    if letter is None or paths != (2 if letter in "RC" else 1):
        raise UsageError(
            f"{_told(where)} is not what git diff --name-status prints: "
            f"{quote(_text(code))} with {paths} path{'s' * (paths != 1)}; expected a status "
            "(A, M, D, T, U, X, R100 or C100), a tab and its path or two paths"
        )
    return letter


@cache
def _letter(code: bytes) -> str | None:
    text = _text(code)
    return text[0] if _CODE.fullmatch(text) else None


def _told(where: _Where) -> str:
    return f"{where[0]} {where[1]} of the list"


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _change(raw: bytes, status: Status | None, where: _Where) -> Change:
    path = _text(raw)
    directory = path.endswith("/")
    # What is searched for takes a dot or a slash behind a slash, or at the beginning.
    suspect = path[:1] in ("", ".", "/") or "/." in path or "//" in path
    if suspect and _IMPROPER.search(path):
        raise UsageError(
            f"{_told(where)}: {quote(path) or 'an empty name'} is not a path from the "
            "repository's root as git prints it (no leading / or ./, no .., no //)"
        )
    return Change(path.removesuffix("/"), status, directory)
