"""The text of a pattern: what it consists of, and what is wrong with it.

`parse_items` reads a pattern as git does (``dir.c`` and ``wildmatch.c``) and refuses
what cannot mean what its author thinks, each time with what to write instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum


class Wild(Enum):
    """What a pattern can hold besides bytes and classes of bytes."""

    ANY = "one byte but the slash"
    STAR = "any bytes but the slash"
    ANYTHING = "any bytes"
    ANY_DIRECTORIES = "any number of whole directories"


ANY, STAR, ANYTHING, ANY_DIRECTORIES = Wild
Item = frozenset[int] | Wild
"""A class of bytes (one of them: a literal) or a wildcard."""

MAX_LENGTH = 10_000
"""Longer than any path that a file system takes."""
_MAX_PROBLEMS = 10
_SLASH = ord("/")
_NAMED = {
    0x00: "NUL",
    0x0A: "a line feed",
    0x0D: "a carriage return",
    0xFEFF: "a byte order mark",
}
_ASCII = range(0x80)
_BACKSLASH = r"'\\' for the character"
# git's own ctype tables (sane_ctype): vertical tab and form feed are no space there.
_SPACE = frozenset(b" \t\n\r")
_PRINT = frozenset(range(0x20, 0x7F))
_ALPHA = frozenset(b for b in _ASCII if chr(b).isalpha())
_DIGIT = frozenset(b"0123456789")
CLASSES: dict[str, frozenset[int]] = {
    "alnum": _ALPHA | _DIGIT,
    "alpha": _ALPHA,
    "blank": frozenset(b" \t"),
    "cntrl": frozenset(_ASCII) - _PRINT,
    "digit": _DIGIT,
    "graph": _PRINT - _SPACE,
    "lower": frozenset(b for b in _ALPHA if chr(b).islower()),
    "print": _PRINT,
    "punct": _PRINT - _SPACE - _ALPHA - _DIGIT,
    "space": _SPACE,
    "upper": frozenset(b for b in _ALPHA if chr(b).isupper()),
    "xdigit": _DIGIT | frozenset(b"abcdefABCDEF"),
}
"""The named classes of git's wildmatch, ``[[:alpha:]]`` and so on."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a pattern, ``offset`` characters into it, and what to write."""

    offset: int
    message: str
    fix: str | None = None


class PatternError(ValueError):
    """A pattern that impact does not accept; ``problems`` holds all that is wrong."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("; ".join(problem.message for problem in problems))


def parse_items(text: str) -> tuple[tuple[Item, ...], bool]:
    """The items of a pattern, and whether it matches directories only.

    A pattern without a slash but at its end floats: its items begin with
    ANY_DIRECTORIES.  Raises `PatternError` with every problem.
    """
    problems = list(_whole_text_problems(text))
    if problems:
        raise PatternError(problems)
    reader = _Reader(text)
    items: list[Item] = []
    for item in reader.items():
        if item is not ANY_DIRECTORIES or items[-1:] != [ANY_DIRECTORIES]:
            items.append(item)  # `**/**/` is `**/`
    problems = sorted(reader.problems, key=lambda problem: problem.offset)
    if problems:
        raise PatternError(problems)
    return tuple(items), text.endswith("/")


def _whole_text_problems(text: str) -> Iterator[Problem]:
    if not text:
        yield Problem(0, "an empty pattern matches nothing", "remove it")
        return
    if len(text) > MAX_LENGTH:
        yield Problem(0, f"a pattern has at most {MAX_LENGTH:,} characters", "shorten it")
        return
    for offset, char in enumerate(text):
        if ord(char) in _NAMED:
            yield Problem(offset, f"a pattern cannot contain {_NAMED[ord(char)]}", "remove it")
        elif 0xD800 <= ord(char) < 0xE000:
            yield Problem(offset, "a pattern cannot contain half a character", "remove it")
    if text[0] == "#":
        yield Problem(
            0, "gitignore reads a leading # as a comment", f"write {_quoted(chr(92) + text)}"
        )
    if text[0] == "!":
        yield Problem(
            0,
            "a pattern has one sign at most; a second ! would be part of the name",
            f"write {_quoted(chr(92) + text)} for a name that begins with !",
        )
    if text == "/":
        yield Problem(0, "/ alone matches nothing", "write '**' for every path")
    yield from _blanks_at_the_end(text)
    yield from _component_problems(text)


def _blanks_at_the_end(text: str) -> Iterator[Problem]:
    kept = text.rstrip(" \t")
    backslashes = len(kept) - len(kept.rstrip("\\"))
    if backslashes % 2:
        kept = text[: len(kept) + 1]  # the first blank is escaped
    dropped = text[len(kept) :]
    if not dropped:
        return
    message = "git drops blanks at the end of a pattern"
    if "\t" in dropped:
        message = "git keeps a tab at the end of a pattern, where nobody sees it"
    elif not kept:
        message = "a pattern of blanks matches nothing"
    fix = f"write {_quoted(kept)}; a backslash keeps a blank that is in the name"
    yield Problem(len(kept), message, fix if kept else "remove it")


def _component_problems(text: str) -> Iterator[Problem]:
    if "//" in text:
        yield Problem(
            text.index("//"), "no path contains //", f"write {_quoted(re.sub('/+', '/', text))}"
        )
    components = text.split("/")
    offset = 0
    for number, component in enumerate(components):
        if component == "." and number == components.index("."):  # one fix for all of them
            rest = "/".join(part for part in components if part != ".")
            anchored = "/" + rest.lstrip("/") if text.startswith("./") else rest
            fix = (
                f"write {_quoted(anchored)}"
                if anchored.strip("/")
                else "write '**' for every path"
            )
            yield Problem(offset, "git's paths have no . component", fix)
        elif component == "..":
            yield Problem(
                offset,
                "git's paths have no .. component",
                "write the path from the repository's root",
            )
        offset += len(component) + 1


class _Reader:
    """Reads the items of one pattern from left to right, collecting problems."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.problems: list[Problem] = []
        self._data = text.encode("utf-8")
        self._end = len(self._data) - self._data.endswith(b"/")
        self._at = 0

    def items(self) -> Iterator[Item]:
        """The items; problems are complete once it is exhausted."""
        data = self._data
        if data.startswith(b"/"):
            self._at = 1
        elif b"/" not in data[: self._end]:
            yield ANY_DIRECTORIES
        while self._at < self._end and len(self.problems) < _MAX_PROBLEMS:
            char = data[self._at : self._at + 1]
            if char == b"*":
                yield from self._stars()
            elif char == b"?":
                self._at += 1
                yield ANY
            elif char == b"[":
                yield self._class()
            else:
                if char == b"\\":
                    self._escape()
                elif char == b"{":
                    self._problem(
                        self._at,
                        "gitignore has no braces; this { is a plain character",
                        _without_braces(self.text),
                    )
                if self._at < self._end:
                    yield frozenset(data[self._at : self._at + 1])
                self._at += 1

    def _problem(self, at: int, message: str, fix: str | None) -> None:
        offset = len(self._data[:at].decode("utf-8", "ignore"))
        self.problems.append(Problem(offset, message, fix))

    def _stars(self) -> Iterator[Item]:
        data, start = self._data, self._at
        while self._at < self._end and data[self._at] == ord("*"):
            self._at += 1
        count = self._at - start
        if count == 1:
            yield STAR
            return
        whole = (start == 0 or data[start - 1] == _SLASH) and (
            self._at == self._end or data[self._at] == _SLASH
        )
        if not whole:
            self._problem(
                start,
                "beside other characters ** means * to git, and before git 2.52 sometimes more",
                f"write {_quoted(_proper_stars(self.text))}, or **/ for any directories",
            )
        elif count > 2:
            fix = f"write {_quoted(_proper_stars(self.text))}"
            self._problem(start, "git reads *** as **", fix)
        elif b"/" not in data[: self._end]:
            yield STAR  # `**` alone is a name like any other: no slash, any component
        elif self._at == self._end:
            yield ANYTHING
        else:
            self._at += 1  # the slash belongs to it
            yield ANY_DIRECTORIES

    def _escape(self) -> None:
        """At a backslash: move on to the character that it makes plain."""
        start = self._at
        following = self._data[start + 1 :].decode("utf-8")[:1]
        self._at += 1
        if not following or following == "/" or following.isalnum() or following == "_":
            if following:
                message = "a backslash makes the next character plain, it separates nothing"
                fix = f"write {_quoted(_slashes(self.text))}"
            else:
                message = "a pattern that ends in a backslash matches nothing"
                rest = self.text.rstrip("\\")
                fix = f"write {_quoted(rest + '/')}" if rest else f"write {_BACKSLASH}"
            self._problem(start, message, fix)

    def _class(self) -> Item:
        """A bracket expression, read with the steps of git's wildmatch."""
        data, start = self._data, self._at
        at = start + 1
        negated = data[at : at + 1] in (b"!", b"^")
        at += negated
        members: set[int] = set()
        previous, first = 0, True
        while True:
            if at >= self._end:
                self._at = self._end
                self._problem(
                    start,
                    "this [ is never closed, so git matches nothing",
                    "write \\[ for the character, as in "
                    + _quoted(_escaped_bracket(self.text, start, data)),
                )
                return frozenset()
            byte = data[at]
            if byte == ord("]") and not first:
                break
            first = False
            if byte == ord("\\"):
                at += 1
                if at >= self._end:
                    continue
                byte = data[at]
                members.add(byte)
            elif (
                byte == ord("-")
                and previous
                and at + 1 < self._end
                and data[at + 1] != ord("]")
            ):
                at += 1
                if data[at] == ord("\\"):
                    at += 1
                    if at >= self._end:
                        continue
                if previous > data[at]:
                    fix = f"write [{chr(data[at])}-{chr(previous)}]"
                    if previous not in _ASCII:
                        fix = "a class holds bytes; write one pattern for each character"
                    self._problem(
                        at,
                        "this range runs backwards, so git matches only its first character",
                        fix,
                    )
                members.update(range(previous, data[at] + 1))
                byte = 0
            elif data[at : at + 2] == b"[:":
                close = data.find(b"]", at + 2, self._end)
                if close > at + 2 and data[close - 1] == ord(":"):
                    name = data[at + 2 : close - 1].decode("utf-8", "replace")
                    if name not in CLASSES:
                        self._problem(
                            at,
                            f"git knows no class [:{name}:] and matches nothing",
                            f"the classes are {', '.join(CLASSES)}",
                        )
                    members |= CLASSES.get(name, frozenset())
                    at = close
                    byte = 0
                else:
                    members.add(byte)
            else:
                members.add(byte)
            previous = byte
            at += 1
        self._at = at + 1
        allowed = (frozenset(range(1, 256)) - members if negated else frozenset(members)) - {
            _SLASH
        }
        if not allowed and not self.problems:
            self._problem(
                start,
                "this class matches nothing",
                "a class matches one byte that is not a slash",
            )
        return allowed


def _quoted(pattern: str) -> str:
    """A pattern as it can be pasted into YAML."""
    return "'" + pattern.replace("'", "''") + "'"


def _slashes(text: str) -> str:
    return re.sub(r"/+", "/", re.sub(r"\\(?=[\w/])", "/", text))


def _proper_stars(text: str) -> str:
    """The text with each run of stars as one that means the same wherever it stands."""
    whole = re.sub(r"(^|/)\*{3,}(?=/|$)", r"\1**", text)
    return re.sub(r"(\\.|(?:^|(?<=/))\*\*(?=/|$))|\*{2,}", lambda m: m[1] or "*", whole)


def _escaped_bracket(text: str, start: int, data: bytes) -> str:
    """The text with its last brackets as characters: behind one never closed, none is."""
    offset = len(data[:start].decode("utf-8", "ignore"))
    behind = re.sub(r"(\\.)|\[", lambda m: m[1] or r"\[", text[offset:])
    return text[:offset] + behind


def _without_braces(text: str) -> str:
    """The fix for braces: the patterns that the first group stands for."""
    group = re.search(r"(?<!\\)\{([^{}]*,[^{}]*)\}", text)
    if not group:
        plain = re.sub(r"(\\.)|\{", lambda m: m[1] or r"\{", text)
        return f"write {_quoted(plain)} for the character"
    options = group.group(1).split(",")
    patterns = [_quoted(text[: group.start()] + o + text[group.end() :]) for o in options[:9]]
    more = ", and so on" if len(options) > len(patterns) else ""
    return f"write one pattern each: {', '.join(patterns)}{more}; a literal brace is \\{{"
