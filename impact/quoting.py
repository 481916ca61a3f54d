"""Paths and other hostile text as printable text, and back: git's C-style quoting.

The form is that of https://git-scm.com/docs/git-config#Documentation/git-config.txt-corequotePath
with printable characters beyond ASCII left as they are.
"""

from __future__ import annotations

import re

_ESCAPES = {"\a": "a", "\b": "b", "\t": "t", "\n": "n", "\v": "v", "\f": "f", "\r": "r"}
_CHARACTERS = {letter: ord(char) for char, letter in _ESCAPES.items()} | {'"': 0x22, "\\": 0x5C}
_QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_UNIT = re.compile(rb"\\([0-3][0-7]{2}|.)|([^\\]+)", re.DOTALL)


def quote(text: str) -> str:
    """The text itself where that is safe to print, else quoted as git quotes names.

    The result is one line without control characters.  A CI runner reads no command out
    of it: it neither begins with ``::`` nor contains ``##[``.
    """
    safe = (
        text.isprintable()
        and text == text.strip()
        and not text.startswith(('"', "::"))
        and "##[" not in text
    )
    return (
        text
        if safe
        else '"' + "".join(_escaped(char) for char in text).replace("##[", "#\\043[") + '"'
    )


def one_line(text: str) -> str:
    """A message with whatever a terminal or a CI runner could obey in it escaped."""
    return "".join(char if char.isprintable() else _escaped(char) for char in text).replace(
        "##[", "#\\043["
    )


def _escaped(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    if char in _ESCAPES:
        return "\\" + _ESCAPES[char]
    if char.isprintable():
        return char
    try:
        data = char.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        data = char.encode("utf-8", "surrogatepass")
    return "".join(f"\\{byte:03o}" for byte in data)


def unquote(line: bytes) -> bytes:
    """The bytes that a line stands for, where it begins with a double quote as git's do.

    Raises ValueError, with what is wrong, for a line that git would not write.
    """
    if not line.startswith(b'"'):
        return line
    match = _QUOTED.fullmatch(line)
    if match is None:
        raise ValueError("the quotes do not end where the name does")
    found = bytearray()
    for escape, plain in _UNIT.findall(match.group(1)):
        if plain:
            found += plain
        elif len(escape) == 3:
            found.append(int(escape, 8))
        elif escape.decode("latin-1") in _CHARACTERS:
            found.append(_CHARACTERS[escape.decode("latin-1")])
        else:
            raise ValueError(f"git knows no escape \\{escape.decode('latin-1')}")
    return bytes(found)
