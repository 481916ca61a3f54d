"""What every random test draws: patterns, paths, changes, filters and filters files.

Everything is generated from `Choices`, numbers that Hypothesis draws and shrinks or that
come from a seed where a test needs very many.  Paths are mostly derived from patterns, by
a walk over the text that knows nothing of the parser, and then damaged a little: what
nearly matches finds more than what never could.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from hypothesis import strategies as st

from impact.config.names import folded
from impact.model import (
    Change,
    ChangeSet,
    Expectation,
    Filters,
    Force,
    NamedList,
    Place,
    Rule,
    Status,
    Surface,
)
from impact.syntax import CLASSES, PatternError, parse_items

T = TypeVar("T")


class Choices:
    """One choice after the other; the first of the options is the simplest."""

    def __init__(self, below: Callable[[int], int]) -> None:
        self.below = below
        """Given n, a number from 0 to n - 1."""

    @classmethod
    def seeded(cls, seed: int) -> Choices:
        return cls(random.Random(seed).randrange)

    @classmethod
    def drawn(cls, draw: st.DrawFn) -> Choices:
        """The digits of numbers that Hypothesis draws: far fewer draws than choices."""
        number, room = 0, 1

        def below(limit: int) -> int:
            nonlocal number, room
            if room < limit:
                # Hypothesis likes small numbers; so the digits of these differ as well.
                number, room = draw(_DIGITS) * 0x9E3779B1 % (1 << 24), 1 << 24
            number, digit = divmod(number, limit)
            room //= limit
            return digit

        return cls(below)

    def pick(self, options: Sequence[T]) -> T:
        return options[self.below(len(options))]

    def chance(self, of: int = 2) -> bool:
        """True in one case of so many."""
        return self.below(of) == of - 1

    def shuffled(self, options: Iterable[T]) -> list[T]:
        rest = list(options)
        return [rest.pop(self.below(len(rest))) for _ in range(len(rest))]

    def some(self, options: Iterable[T], least: int = 0) -> list[T]:
        """Some of the options, in some order."""
        found = self.shuffled(options)
        return found[: least + self.below(len(found) + 1 - least)]


_DIGITS = st.integers(0, (1 << 24) - 1)

# -- patterns and paths --------------------------------------------------------------------

PLAIN_NAMES = ["a", "b", "ab", "aa", "src", "x.md", "Makefile", ".x", "..a", "c.d.e", "A", "1"]
ODD_NAMES = [
    *("-x", "--", "a b", " a", "it's", '"q"', "~", "$(x)", "50%", "a,b", "a:b", "k=v", "&x"),
    *("a|b", "`x`", "<b>", "@", "+", "a}b", "::add-mask::x", "##[group]x", "a;b", "^", "]"),
    *("é", "e\u0301", "日本.md", "ÿ", "\u202ex", "\U0001f600", "\x01", "\x7f", "a\tb", "\x85"),
    *("*", "a?b", "[a]", "[!a]", "{a,b}", "!a", "#a", "a\\b", "**", "\\", "a ", "null", "yes"),
]
"""Names that something on their way could misread: git, YAML, a shell, a CI runner."""
UNPRINTABLE_NAMES = [b"a\nb", b"\r", b"\xff", b"caf\xe9", b"\xed\xa0\x80", b"\n", b"x\x1b[1m"]
UNPRINTABLE_NAMES += [b'\a\b\t\n\v\f\r"\\']
"""Names that can only be in paths."""
_PUNCTUATION = "*?[]{}!#-^ .,:;$%&+=@~()|<>'\"`\\"
_MEMBERS = [*"ab01.-_*?!^[,:= é日\x7f~", "a-c", "0-9", "A-Z", "+-9", " -~", "!-.", "é-ÿ"]
_MEMBERS += [r"\]", r"\\", r"\-", r"\[", r"\^", r"\a", r"a-\c", r"\a-c", "a-", "[:", "[.-0"]
_INSERTS = [*"ab./AB -*?[]\\!#~é", "\x01", "\n", "\udcff", "\udcc3", "\udca9"]
_TOKENS = ["**", "***", "./", "../", "//", "{a,b}", "{", "[z-a]", "[", "[[:no:]]", "\\", "\\a"]
_TOKENS += ["/", "/", "*", "?", "a", "b", "#", "!", " ", "\t", "\r", "\n", "\0", "\ufeff"]
_TOKENS += ["[/]", "[!-]", "[]", "\ud800", "é", "a\\ ", "\\b", "}", ",", "***/", "/***", "a  "]


def class_text(choices: Choices) -> str:
    """A bracket expression."""
    text = choices.pick(["", "", "", "!", "^"]) + choices.pick(["", "", "", "", "]", "-"])
    for _ in range(choices.below(3) + (text in ("", "!", "^"))):
        name = choices.chance(4) and choices.pick(list(CLASSES))
        text += f"[:{name}:]" if name else choices.pick(_MEMBERS)
    return f"[{text}{'-' * choices.chance(8)}]"


def _escaped(name: str, choices: Choices) -> str:
    """The name as a pattern that stands for it, with an escape too many now and then."""
    text = re.sub(r"[*?\[\\{]", r"\\\g<0>", name)
    text = re.sub(r"^[#!]|[ \t]$", r"\\\g<0>", text)
    if choices.chance(8) and text[-1] in _PUNCTUATION and text[-2:-1] != "\\":
        text = text[:-1] + "\\" + text[-1]
    return text


def _component(choices: Choices) -> str:
    kind = choices.below(8)
    if kind < 3:
        return choices.pick(PLAIN_NAMES)
    if kind < 5:
        return _escaped(choices.pick(ODD_NAMES), choices)
    text = ""
    for _ in range(1 + choices.below(4)):
        part = choices.below(8)
        if part < 3:
            text += choices.pick(["a", "b", ".", "x.md"])
        elif part < 5:
            text += "" if text.endswith("*") else "*"
        elif part == 5:
            text += "?"
        elif part == 6:
            text += class_text(choices)
        else:
            text += "\\" + choices.pick(_PUNCTUATION)
    return text


def pattern_text(choices: Choices) -> str:
    """A pattern; one that impact refuses only by chance."""
    components = [
        "**" if choices.chance(6) else _component(choices)
        for _ in range(1 + choices.pick([0, 0, 0, 1, 1, 2, 3]))
    ]
    slash, end = choices.pick(["", "/"]), choices.pick(["", "", "", "/"])
    text = slash + "/".join(components) + end
    return "\\" + text if text[:1] in "#!" else text


def any_text(choices: Choices) -> str:
    """What someone may take for a pattern: a soup of all that has a meaning or had one."""
    text = ""
    for _ in range(1 + choices.below(4)):
        text += choices.pick(_TOKENS) if choices.below(2) else _component(choices)
    return text


def accepted(pattern: str) -> bool:
    """Whether impact takes the pattern."""
    try:
        parse_items(pattern)
    except PatternError:
        return False
    return True


def any_path(choices: Choices) -> bytes:
    """A path that nothing was said of."""
    names = [*(n.encode() for n in PLAIN_NAMES + ODD_NAMES), *UNPRINTABLE_NAMES]
    return b"/".join(choices.pick(names) for _ in range(1 + choices.below(3)))


def path_like(choices: Choices, pattern: str) -> bytes:
    """A path that the pattern matches, or nearly does, as git gives paths: raw bytes."""
    if choices.chance(8):
        return any_path(choices)
    text = "".join(_filled(pattern, choices))
    if choices.chance(3):
        text = choices.pick(["a", "b", "src/a", "日本", "**"]) + "/" + text
    if choices.chance(3):
        text += "/" + choices.pick(["a", "x.md", "a/b", "*"])
    for _ in range(choices.pick([0, 0, 0, 1, 2])):
        text = _damaged(text, choices)
    return proper_path(text.encode("utf-8", "surrogateescape"))


def proper_path(raw: bytes) -> bytes:
    """The bytes without what git's paths never contain."""
    parts = (part[:200] for part in raw.replace(b"\0", b"").split(b"/"))
    return b"/".join(part for part in parts if part not in (b"", b".", b"..")) or b"a"


def as_text(path: bytes) -> str:
    """The path as impact keeps paths."""
    return path.decode("utf-8", "surrogateescape")


def _filled(pattern: str, choices: Choices) -> Iterator[str]:
    """The pattern with something in the place of each wildcard."""
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if pattern.startswith("**", at):
            yield choices.pick(["a", "a/b", "", "x.md", "a/b/a"])
            at += 1
        elif char == "*":
            yield choices.pick(["a", "", "ab", ".b", "x.md", "é", "a/b", "\udcff"])
        elif char == "?":
            yield choices.pick(["a", ".", "*", "\udcff", "é", "\n", ""])
        elif char == "[":
            end = pattern.find("]", at + 2 + (pattern[at + 1 : at + 2] in "!^"))
            while end > 0 and pattern[end - 1] == ":":
                end = pattern.find("]", end + 1)
            inside = pattern[at + 1 : end] if end > 0 else "["
            yield choices.pick([inside[0], inside[-1], *"abZ0-]!é", "\udcc3"])
            at = end if end > 0 else at
        elif char == "\\":
            at += 1
            yield pattern[at : at + 1]
        else:
            yield char
        at += 1


def _damaged(text: str, choices: Choices) -> str:
    at, way = choices.below(len(text) + 1), choices.below(6)
    if way == 0:
        return text[:at] + text[at + 1 :]
    if way == 1:
        return text[:at] + choices.pick(_INSERTS) + text[at:]
    if way == 2:
        return text[:at] + choices.pick(_INSERTS) + text[at + 1 :]
    if way == 3:
        return text[:at] + text[at : at + 1].swapcase() + text[at + 1 :]
    parts = text.split("/")
    number = choices.below(len(parts))
    if way == 4:
        return "/".join(parts[:number] + parts[number + 1 :])
    return "/".join([*parts, parts[number]])


@st.composite
def patterns(draw: st.DrawFn) -> str:
    """A pattern that impact accepts."""
    return _accepted_pattern(Choices.drawn(draw))


def _accepted_pattern(choices: Choices) -> str:
    text = pattern_text(choices)
    return text if accepted(text) else "a"


@st.composite
def pattern_attempts(draw: st.DrawFn) -> str:
    """A pattern that impact may accept."""
    choices = Choices.drawn(draw)
    return pattern_text(choices) if choices.chance(4) else any_text(choices)


@st.composite
def paths(draw: st.DrawFn, like: Sequence[str] = ()) -> str:
    """A path, mostly one that one of the patterns ``like`` matches or nearly does."""
    return _path(Choices.drawn(draw), like)


def _path(choices: Choices, like: Sequence[str]) -> str:
    raw = path_like(choices, choices.pick(like)) if like else any_path(choices)
    return as_text(raw)


# -- changes, rules, filters ---------------------------------------------------------------

STATUSES = [None, *Status]
OWN_FILE = "my.yml"
"""The filters file of all the filters here."""
COMMIT = "0123456789abcdef0123456789abcdef01234567"

texts = st.one_of(
    st.sampled_from(["", "::error::x", "  ::stop::", "a\n::warning::b", "##[debug]", "\ud800"]),
    st.lists(
        st.sampled_from([*ODD_NAMES, "\n", "\r", "##[", "::", "\udcff", "%0A"]), max_size=4
    ).map("".join),
    st.text(max_size=8),
)
"""Text where a report takes it from somebody else."""


@dataclass(frozen=True)
class Scenario:
    """Filters, changes that have to do with them, and the patterns of both."""

    filters: Filters
    changes: tuple[Change, ...]
    pool: tuple[str, ...]


@st.composite
def scenarios(
    draw: st.DrawFn, wake_unmatched: bool | None = None, directories: bool = True
) -> Scenario:
    """Filters and changes; ``directories``: a submodule may be among the changes."""
    choices = Choices.drawn(draw)
    pool = tuple(_accepted_pattern(choices) for _ in range(1 + choices.below(5)))
    filters = _filters(choices, pool, wake_unmatched)
    count = choices.pick([1, 0, 2, 3, 4, 5, 6])
    changed = [_change(choices, pool, directories) for _ in range(count)]
    if choices.chance(4):  # as from several merge bases
        changed += [replace(change, status=choices.pick(STATUSES)) for change in changed]
        if directories:
            changed += [
                replace(c, directory=not c.directory) for c in changed if choices.chance()
            ]
    return Scenario(filters, tuple(changed), pool)


@st.composite
def directory_scenarios(draw: st.DrawFn) -> Scenario:
    """One changed directory, and patterns about the few short paths that lie beneath it."""
    choices = Choices.drawn(draw)
    pool = tuple(_pattern_beneath(choices) for _ in range(1 + choices.below(4)))
    filters = _filters(choices, pool, None)
    path = choices.pick(["a", "a/b", ".a", "b/a", ""])
    return Scenario(filters, (Change(path, choices.pick(STATUSES), True),), pool)


_BENEATH = [
    "?",
    "*",
    "??",
    "/a",
    "/a/**",
    "/a/?",
    "*a",
    "*.*",
    "[!a]*",
    "*/b",
    ".*",
    "/**",
    "a/",
]


def _pattern_beneath(choices: Choices) -> str:
    tokens = ["a", "b", ".", "*", "?", "/", "**/", "/**", "[!a]", "[.-b]", "[a.]", ".*", "0"]
    text = "".join(choices.pick(tokens) for _ in range(1 + choices.below(5)))
    return text if choices.chance() and accepted(text) else choices.pick(_BENEATH)


@st.composite
def changes(draw: st.DrawFn, like: Sequence[str] = (), directories: bool = True) -> Change:
    """A change, of a submodule now and then."""
    return _change(Choices.drawn(draw), like, directories)


def _change(choices: Choices, like: Sequence[str], directories: bool) -> Change:
    path, status = _path(choices, like), choices.pick(STATUSES)
    if choices.chance(8):
        path = choices.pick(["filters.yml", ".github/filters.yml", ".github", OWN_FILE])
    return Change(path, status, directories and choices.chance(8))


@st.composite
def rules(draw: st.DrawFn, pool: Sequence[str], include: bool, limited: bool = True) -> Rule:
    """A rule with one of the patterns; ``limited``: perhaps to some statuses."""
    rule = _rule(Choices.drawn(draw), pool, 3000)
    return replace(rule, include=include, statuses=rule.statuses if limited else None)


def _rule(choices: Choices, pool: Sequence[str], line: int) -> Rule:
    limited = choices.chance(4)
    return Rule(
        choices.pick(pool),
        choices.pick([True, True, False]),
        OWN_FILE,
        Place(line, 3),
        frozenset(choices.some(Status, 1)) if limited else None,
        choices.pick([None, None, Place(3, 4)]),
    )


def _rules(choices: Choices, pool: Sequence[str], line: int) -> tuple[Rule, ...]:
    """An ordered list of rules; the first one includes, as in a file."""
    found = [_rule(choices, pool, line + n) for n in range(choices.pick([1, 0, 2, 3, 4, 5]))]
    return (replace(found[0], include=True), *found[1:]) if found else ()


def _filters(choices: Choices, pool: Sequence[str], wake_unmatched: bool | None) -> Filters:
    """Filters of which the surfaces depend on each other, in no order of their own."""
    names = choices.shuffled(["a", "b-c", "D", "e_f"])[: choices.pick([2, 1, 3, 4])]
    surfaces = [
        Surface(
            name,
            _rules(choices, pool, 100 * number + 10),
            depends_on=tuple(choices.some(names[:number])),
            jobs=(name,),
            advisory=choices.chance(4),
        )
        for number, name in enumerate(names)
    ]
    return Filters(
        OWN_FILE,
        {surface.name: surface for surface in choices.shuffled(surfaces)},
        _rules(choices, pool, 1000) if choices.chance(3) else (),
        _rules(choices, pool, 2000) if choices.chance(2) else (),
        choices.chance(2) if wake_unmatched is None else wake_unmatched,
    )


@st.composite
def change_sets(draw: st.DrawFn, changed: Sequence[Change]) -> ChangeSet:
    """A change set with all that reports show beside the changes."""
    choices = Choices.drawn(draw)
    return ChangeSet(
        tuple(changed),
        draw(texts),
        not choices.chance(4),
        choices.pick([None, COMMIT]),
        choices.pick([None, COMMIT]),
        choices.pick([None, "push", "pull_request"]),
    )


@st.composite
def forces(draw: st.DrawFn, names: Sequence[str]) -> list[Force]:
    """Wakes by demand."""
    some = st.sets(st.sampled_from(list(names))).map(frozenset)
    return draw(st.lists(st.builds(Force, some, texts), max_size=3))


# -- filters files as text, with the filters that they mean --------------------------------

_PLAIN = re.compile(r"(?!\.\.\.$)[A-Za-z0-9_./$^+=][A-Za-z0-9_./$^+=@%!*?~()é日-]*")
_RESOLVED = re.compile(r"true|false|yes|no|on|off|[-+]?[0-9]+", re.IGNORECASE)
_AS_IT_IS = re.compile(
    "[\t\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*"
)
"""What can stand in YAML without an escape, what ends a line there left out."""
_SURFACES = ["typescript", "extension-sql", "docs", "A", "_b", "x1", "on", "Yes", "null"]
_SURFACES += ["no-op", "All-", "a--b", "surface", "path", "y", "true"]


@dataclass(frozen=True)
class Document:
    """A filters file and what it means."""

    data: bytes
    filters: Filters


@dataclass(frozen=True)
class Use:
    """A named list taken in, and where."""

    name: str
    place: Place


Entry = tuple[str, bool, tuple[Status, ...]] | str
"""What to write: a pattern with its sign and statuses, or the name of a list to use."""
Row = Rule | Use
"""What was written."""


@st.composite
def documents(draw: st.DrawFn, file: str = "filters.yml") -> Document:
    """A filters file that is right, as somebody with a taste of their own wrote it."""
    return _Author(draw, file).document()


class _Writer:
    """Writes YAML in one of the ways in which people do, and knows the places."""

    def __init__(self, choices: Choices) -> None:
        self.choices = choices
        self.lines = [""]

    def put(self, text: str) -> Place:
        place = Place(len(self.lines), len(self.lines[-1]) + 1)
        self.lines[-1] += text
        return place

    def line(self, indent: int) -> None:
        if self.choices.chance(16):
            self.put("  # é: [not, read")
        if self.choices.chance(16):
            self.lines += ["", " # - '"]
        self.lines.append(" " * indent)

    def scalar(self, text: str) -> Place:
        """The text, so that YAML reads it as text."""
        ways = [self._double]
        if _AS_IT_IS.fullmatch(text):
            ways.append(_single)
            if _PLAIN.fullmatch(text) and not _RESOLVED.fullmatch(text):
                ways.append(str)
        return self.put(self.choices.pick(ways[::-1])(text))

    def _double(self, text: str) -> str:
        all_escaped = self.choices.chance(4)
        return '"' + "".join(_double(char, all_escaped) for char in text) + '"'

    def sequence(self, indent: int, write: Sequence[Callable[[], T]]) -> list[T]:
        """A list in the place of a value, each item written by a function."""
        found = []
        if self.choices.chance(4):
            self.put(" [")
            for number, write_one in enumerate(write):
                self.put(", " * (number > 0))
                if self.choices.chance(4):
                    self.line(indent + 1)
                found.append(write_one())
            self.put("]")
            return found
        for write_one in write:
            self.line(indent)
            self.put("-" + " " * (1 + 2 * self.choices.chance(16)))
            found.append(write_one())
        return found

    def mapping(self, values: Mapping[str, str | list[str]]) -> tuple[Place, dict[str, Place]]:
        """A mapping on one line: its place and those of its values."""
        start, places = self.put("{"), {}
        for number, (key, value) in enumerate(values.items()):
            self.put(", " * (number > 0) + key + ": ")
            if isinstance(value, str):
                places[key] = self.scalar(value)
            else:
                self.put("[" + ", ".join(value) + "]")
        self.put("}")
        return start, places


def _single(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _double(char: str, escaped: bool) -> str:
    if char in '"\\':
        return "\\" + char
    if _AS_IT_IS.fullmatch(char) and not escaped:
        return char
    return f"\\x{ord(char):02x}" if ord(char) < 256 else f"\\U{ord(char):08x}"


def _is_unicode(text: str) -> bool:
    return not any(0xD800 <= ord(char) < 0xE000 for char in text)


class _Author:
    """Writes one filters file, and remembers what it means."""

    def __init__(self, draw: st.DrawFn, file: str) -> None:
        self.draw, self.file = draw, file
        self.choices = choices = Choices.drawn(draw)
        self.out = _Writer(choices)
        self.pool = [_accepted_pattern(choices) for _ in range(1 + choices.below(6))]
        unique = {folded(name): name for name in choices.shuffled(_SURFACES)}
        self.names = list(unique.values())[: 1 + choices.below(4)]
        # A list uses only lists before it, which may stand behind it in the file.
        self.lists: dict[str, list[Entry]] = {}
        for name in choices.some(["delivery", "no", "l-2"]):
            self.lists[name] = self._entries()
        self.named: dict[str, list[Row]] = {}
        self.list_places: dict[str, Place] = {}
        self.place = Place(1, 1)
        self.surfaces: dict[str, tuple[Surface, list[Row]]] = {}
        self.always: list[Row] = []
        self.inert: list[Row] = []
        self.rest: dict[str, Any] = {}

    def document(self) -> Document:
        out = self.out
        parts: list[Callable[[], object]] = [lambda: out.put("version: 1"), self._surfaces]
        parts += [self._patterns] if self.lists else []
        parts += self.choices.some(
            [self._always, self._inert, self._labels, self._expect, self._unmatched]
        )
        for number, write in enumerate(self.choices.shuffled(parts)):
            if number:
                out.line(0)
            write()
        text = self.choices.pick(["\n", "\n", "\n", "\r\n", "\r", "\x85"]).join(
            [*out.lines, ""]
        )
        mark = self.choices.pick([b"", b"", b"\xef\xbb\xbf"])
        return Document(mark + text.encode(), self._meaning())

    def _meaning(self) -> Filters:
        return Filters(
            self.file,
            {n: replace(s, rules=self._rules(rows)) for n, (s, rows) in self.surfaces.items()},
            self._rules(self.always),
            self._rules(self.inert),
            lists=tuple(
                NamedList(name, place, name in self._used())
                for name, place in self.list_places.items()
            ),
            place=self.place,
            **self.rest,
        )

    def _used(self) -> set[str]:
        """The named lists that are taken in by what decides, or by one that is."""
        todo = [*(rows for _, rows in self.surfaces.values()), self.always, self.inert]
        used: set[str] = set()
        for rows in todo:  # grows while it is walked
            names = {row.name for row in rows if isinstance(row, Use)} - used
            todo += [self.named[name] for name in names]
            used |= names
        return used

    def _rules(self, rows: Sequence[Row]) -> tuple[Rule, ...]:
        found: list[Rule] = []
        for row in rows:
            if isinstance(row, Use):
                used = self._rules(self.named[row.name])
                found += [replace(rule, used_at=row.place) for rule in used]
            else:
                found.append(row)
        return tuple(found)

    def _entries(self) -> list[Entry]:
        choices, found = self.choices, []
        for _ in range(1 + choices.below(4)):
            if self.lists and choices.chance(3):
                found.append(choices.pick(list(self.lists)))
                continue
            limited = choices.some(Status, 1) if choices.chance(3) else []
            sign = choices.pick([True, True, False])
            found.append((choices.pick(self.pool), sign, tuple(limited)))
        return found

    def _deciding_entries(self) -> list[Entry]:
        """Entries of which the first one includes, once what it uses is taken in."""
        entries = self._entries()
        first = entries[0]
        while isinstance(first, str):
            first = self.lists[first][0]
        return entries if first[1] else [(self.pool[0], True, ()), *entries]

    def _list(self, indent: int, entries: Sequence[Entry]) -> list[Row]:
        return self.out.sequence(indent, [partial(self._entry, entry) for entry in entries])

    def _entry(self, entry: Entry) -> Row:
        out = self.out
        if isinstance(entry, str):
            if self.choices.chance():
                return Use(entry, out.mapping({"use": entry})[0])
            place = out.put("use: ")
            out.scalar(entry)
            return Use(entry, place)
        pattern, include, statuses = entry
        text = pattern if include else "!" + pattern
        if not statuses and not self.choices.chance(16):
            place = out.scalar(text)
        else:
            values: dict[str, Any] = {"path": text}
            if statuses:
                values["status"] = [status.value for status in statuses]
            if self.choices.chance():
                values = dict(reversed(values.items()))
            place = out.mapping(values)[1]["path"]
        return Rule(pattern, include, self.file, place, frozenset(statuses) or None)

    def _patterns(self) -> None:
        self.out.put("patterns:")
        for name in self.choices.shuffled(self.lists):
            self.out.line(2)
            self.list_places[name] = self.out.scalar(name)
            self.out.put(":")
            self.named[name] = self._list(4, self.lists[name])

    def _surfaces(self) -> None:
        self.place = self.out.put("surfaces:")
        order = self.choices.shuffled(self.names)
        for name in self.names:
            self.out.line(2)
            place = self.out.scalar(name)
            self.out.put(":")
            self.surfaces[name] = self._surface(name, order[: order.index(name)], place)

    def _surface(
        self, name: str, may_need: Sequence[str], place: Place
    ) -> tuple[Surface, list[Row]]:
        out, choices = self.out, self.choices
        surface = Surface(name, (), jobs=(name,), place=place)
        if choices.chance():
            return surface, self._list(4, self._deciding_entries())
        keys = choices.some(["paths", "description", "jobs", "advisory", "depends-on"])
        if not may_need:
            keys = [key for key in keys if key != "depends-on"]
        if not {"paths", "depends-on"} & {*keys}:
            keys.append("paths")
        rows: list[Row] = []
        for key in keys:
            out.line(4)
            out.put(key + ":")
            if key == "paths":
                rows = self._list(6, self._deciding_entries())
            elif key == "description":
                surface = replace(surface, description=self.draw(texts.filter(_is_unicode)))
                out.put(" ")
                out.scalar(surface.description)
            elif key == "advisory":
                word = choices.pick(["true", "Yes", "ON", "false", "no"])
                surface = replace(surface, advisory=word not in ("false", "no"))
                out.put(" " + word)
            elif key == "jobs":
                jobs = self._names(6, ["ci", "r.yml:x-1", "r.yaml:_"])
                surface = replace(surface, jobs=tuple(jobs))
            else:
                surface = replace(surface, depends_on=tuple(self._names(6, may_need)))
        return surface, rows

    def _names(self, indent: int, options: Sequence[str]) -> list[str]:
        names = self.choices.some(options, 1)
        self.out.sequence(indent, [partial(self.out.scalar, name) for name in names])
        return names

    def _names_or_all(self, indent: int) -> frozenset[str]:
        if self.choices.chance(4):
            self.out.put(" all")
            return frozenset(self.names)
        return frozenset(self._names(indent, self.names))

    def _always(self) -> None:
        self.out.put("always:")
        self.always = self._list(2, self._deciding_entries())

    def _inert(self) -> None:
        self.out.put("inert:")
        self.inert = self._list(2, self._deciding_entries())

    def _unmatched(self) -> None:
        policy = self.choices.pick(["wake-all", "ignore"])
        self.out.put(f"unmatched: {policy}")
        self.rest["wake_unmatched"] = policy == "wake-all"

    def _labels(self) -> None:
        self.out.put("labels:")
        self.rest["labels"] = found = {}
        label_names = ["full-ci", "ci: all", "é", "no", "1", "", self.draw(st.text(max_size=6))]
        for label in self.choices.some(dict.fromkeys(filter(_is_unicode, label_names)), 1):
            self.out.line(2)
            self.out.scalar(label)
            self.out.put(":")
            found[label] = self._names_or_all(4)

    def _expect(self) -> None:
        self.out.put("expect:")
        cases = []
        for _ in range(1 + self.choices.below(3)):
            self.out.line(2)
            self.out.put("- ")
            cases.append(self._expectation())
        self.rest["expectations"] = tuple(cases)

    def _expectation(self) -> Expectation:
        out, choices = self.out, self.choices
        keys = ["path", *(["status"] if choices.chance() else [])]
        keys += choices.pick([["wakes"], ["sleeps"], ["only"], ["sleeps", "only"]])
        case = Expectation("", Place(len(out.lines), len(out.lines[-1]) + 1))
        for number, key in enumerate(choices.shuffled(keys)):
            if number:
                out.line(4)
            out.put(key + ":")
            if key == "path":
                path = _path(choices, self.pool)
                case = replace(case, path=path if _is_unicode(path) else "a")
                out.put(" ")
                out.scalar(case.path)
            elif key == "status":
                status = choices.pick(list(Status))
                case = replace(case, status=status)
                out.put(f" {status.value}")
            elif key == "only":
                case = replace(case, only=frozenset(self._names(6, self.names)))
            else:
                case = replace(case, **{key: self._names_or_all(6)})
        return case


_WRONG = [*"&*!|>%@`{}[],?:-#'\"\t\r\n \0\x07", ": ", "- ", "  ", "é", "\x85", "\u2028", "<<: "]
_WRONG += ["*a", "!x", "&a ", "null", "~", "1", "true", "no: ", "---\n", "...\n", "use", "./"]
_WRONG += ["!!python/object:x ", "[z-a]", "surfaces:\n", "  all: [/a]\n", "version: 1\n", "//"]
_WRONG += ["status: [renamed]", "{path: /a, statuses: [added]}", "depends-on: [a]\n", "{" * 20]
_WRONG += ["\U0001f600", "\ufeff", "|-\n", "? ", "\\", "x: \n"]


@st.composite
def damaged_documents(draw: st.DrawFn) -> bytes:
    """A filters file after some slips of the hand."""
    data, choices = draw(documents()).data, Choices.drawn(draw)
    for _ in range(1 + choices.below(3)):
        at, other = choices.below(len(data) + 1), choices.below(len(data) + 1)
        end = at + choices.pick([0, 0, 1, 2, 5, 40])
        new = choices.pick([choices.pick(_WRONG).encode(), data[other : other + 20], b""])
        if choices.chance(8):
            new = draw(st.binary(max_size=4))
        data = data[:at] + new + data[end:]
    return data
