"""YAML as a tree of placed nodes, without what a filters file has no use for.

Built from PyYAML's events, not from its objects: every node knows its line and column,
anchors and aliases are refused before anything can grow, and plain scalars stay text
but for booleans and integers (a path called ``1.10`` is no number).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from impact.errors import FiltersError
from impact.findings import Finding, Location
from impact.model import Place
from impact.syntax import PatternError, parse_items

MAX_DEPTH = 12
MAX_FINDINGS = 100
_LONGEST = 1000
"""So much of a line is looked at and quoted in messages: a line can be the whole file."""
_NO_TEXT = re.compile(
    "(?P<true>true|True|TRUE|yes|Yes|YES|on|On|ON)"
    "|(?P<false>false|False|FALSE|no|No|NO|off|Off|OFF)"
    "|(?P<integer>[-+]?(?:0|[1-9][0-9]{0,17}))"
)
# A list entry that begins with one of YAML's own characters, as `- !x`.
_UNQUOTED = re.compile(r"^(?P<lead>\s*-\s+)(?P<text>[!*&#%@`|>{\[].*)$")
_COMMENT = re.compile(r"\s+#.*|\s+$")
# What libyaml and PyYAML's own parser say, in part; our words for it; what to do.
_SYNTAX = (
    (
        "',' or",
        "this fits neither a list in [ ] nor a mapping in { }",
        "close the brackets, and quote entries that contain one of []{},",
    ),
    ("end of stream", "the quotes that begin here do not end", "end them"),
    (
        "escape|hexa?decimal",
        "double quotes give a backslash a meaning, but not this one",
        "use single quotes, in which it has none",
    ),
    (
        "mapping values|expected ':'",
        "`key: value` goes wrong here",
        "check the indentation and the blank behind each colon; quote text that contains one",
    ),
    (
        "expected key|block end|'-' indicator|sequence entries",
        "this does not go on with what the lines before began",
        "check its indentation and the quotes before it",
    ),
    (
        "",
        "this cannot be read",
        "check the indentation and the quotes of this line and the one before",
    ),
)
LOADER = getattr(yaml, "CLoader", yaml.Loader)
"""libyaml's parser where PyYAML has it."""


@dataclass(slots=True)
class Text:
    """A scalar.

    ``as_is``: the value stands in the file as it is, but for quotes around it; ``folded``:
    written over several lines; ``reported``: it is not what its author wrote, and an error
    says so already.
    """

    value: str
    place: Place
    plain: bool = False
    as_is: bool = False
    folded: bool = False
    reported: bool = False

    @property
    def resolved(self) -> str | bool | int:
        """The value as data: a plain boolean or integer is one, anything else is text."""
        if self.plain and (match := _NO_TEXT.fullmatch(self.value)):
            return int(self.value) if match["integer"] else match["true"] is not None
        return self.value

    @property
    def raw_place(self) -> Place | None:
        """Where the first character of the value stands, if it is there as it is."""
        if not self.as_is:
            return None
        return self.place if self.plain else Place(self.place.line, self.place.column + 1)


@dataclass(slots=True)
class Sequence:
    """A list of nodes."""

    place: Place
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class Mapping:
    """Keys and values in the order written; ``keys``: where each key first stands."""

    place: Place
    entries: list[tuple[Text, Node]] = field(default_factory=list)
    keys: dict[str, Text] = field(default_factory=dict)

    def get(self, key: str) -> Node | None:
        """The value of a key, or None."""
        for name, value in self.entries:
            if name.value == key:
                return value
        return None


Node = Text | Sequence | Mapping


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Findings by their places, each once."""
    unique = {(f.location, f.message): f for f in findings}
    return sorted(unique.values(), key=lambda finding: finding.location)


def lines_of(text: str) -> list[str]:
    """The lines of a text, ended by what YAML takes for the end of a line."""
    for end in ("\r\n", "\r", "\x85", "\u2028", "\u2029"):
        text = text.replace(end, "\n")
    return text.split("\n")


def place_behind(text: str) -> Place:
    """The place that follows the beginning of a file."""
    lines = lines_of(text)
    return Place(len(lines), len(lines[-1]) + 1)


def plain_data(node: Node) -> Any:
    """The node as plain Python data."""
    if isinstance(node, Text):
        return node.resolved
    if isinstance(node, Sequence):
        return [plain_data(item) for item in node.items]
    return {key.value: plain_data(value) for key, value in node.entries}


class Assembly:
    """Puts the nodes of a document together, in the order of its events.

    ``parents``: the containers that are open.  ``key`` makes a key of a node in a mapping.
    """

    def __init__(self, key: Callable[[Mapping, Node], Text]) -> None:
        self.root: Node | None = None
        self.parents: list[Sequence | Mapping] = []
        self._key = key
        self._keys: list[Text | None] = []  # of each parent, the one that waits for its value

    def put(self, node: Node, opened: bool = True) -> None:
        """Add a node, and have a container ``opened``; not one that is an alias."""
        if not self.parents:
            self.root = node
        elif isinstance(parent := self.parents[-1], Sequence):
            parent.items.append(node)
        elif (key := self._keys[-1]) is not None:
            parent.entries.append((key, node))
            self._keys[-1] = None
        else:
            self._keys[-1] = self._key(parent, node)
        if opened and not isinstance(node, Text):
            self.parents.append(node)
            self._keys.append(None)

    def close(self) -> Sequence | Mapping:
        """End the container that was opened last."""
        self._keys.pop()
        return self.parents.pop()


class TreeReader:
    """Reads one YAML document; ``findings`` holds what is wrong with it."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.findings: list[Finding] = []
        self._text = text
        self._lines = lines_of(text)
        self._flows: list[bool] = []

    def read(self) -> Node | None:
        """The tree, or None where the text is empty or not YAML at all."""
        try:
            return self._document(iter(yaml.parse(self._text, Loader=LOADER)))
        except yaml.MarkedYAMLError as error:
            self._syntax_error(error)
        except yaml.reader.ReaderError as error:
            # Its position is one in bytes or in characters, as the reader is libyaml's or not.
            before = self._text.partition(chr(error.character))[0]
            self.find(
                "yaml",
                place_behind(before),
                f"a control character (U+{error.character:04X}), which YAML does not allow",
                "remove it; is this a text file in UTF-8?",
            )
        return None

    def find(self, kind: str, place: Place, message: str, fix: str | None = None) -> None:
        """Add an error at a place of the file; raise `FiltersError` where they are too many."""
        if place.line > len(self._lines):  # where libyaml sees the end, with no line feed there
            place = Place(len(self._lines), len(self._lines[-1]) + 1)
        location = Location(self.file, place.line, place.column)
        if len(self.findings) == MAX_FINDINGS:
            words = f"there are more errors than the {MAX_FINDINGS} above"
            more = Finding("too-many", words, location, fix="fix those first")
            raise FiltersError([*in_order(self.findings), more])
        self.findings.append(Finding(kind, message, location, fix=fix))

    def _document(self, events: Iterator[Any]) -> Node | None:
        assembly = Assembly(self._key)
        documents = 0
        for event in events:
            place = Place(event.start_mark.line + 1, event.start_mark.column + 1)
            if documents == 1 and isinstance(event, yaml.NodeEvent):
                assembly.put(self._node(event, place))
                if isinstance(event, yaml.CollectionStartEvent):
                    self._flows.append(bool(event.flow_style))
                if len(assembly.parents) > MAX_DEPTH:
                    self.find(
                        "yaml",
                        place,
                        f"nested more than {MAX_DEPTH} deep",
                        "check the brackets and the indentation",
                    )
                    return None
            elif documents == 1 and isinstance(event, yaml.CollectionEndEvent):
                ended = assembly.close()
                if self._flows.pop() and assembly.parents:
                    self._braces(ended, assembly.parents[-1], event.end_mark)
            elif isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents == 2:
                    words = "a second document; a filters file is one"
                    self.find("yaml", place, words, "remove ---")
        return assembly.root

    def _node(self, event: Any, place: Place) -> Node:
        if event.anchor is not None:
            if isinstance(event, yaml.AliasEvent):
                self._unquoted(place, "an alias", "alias")
                return Text("", place, reported=True)
            collection = isinstance(event, yaml.CollectionStartEvent)
            self._unquoted(place, "an anchor", "alias", pattern=not collection)
        if event.tag is not None:
            self._unquoted(place, "a tag")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, place)
        return Sequence(place) if isinstance(event, yaml.SequenceStartEvent) else Mapping(place)

    def _scalar(self, event: Any, place: Place) -> Text:
        value, plain = event.value, not event.style
        reported = event.tag is not None or event.anchor is not None
        if value == "":
            rest = self._rest_of_line(place) if plain else ""
            if rest.lstrip().startswith("#"):
                comment = Place(place.line, place.column + len(rest) - len(rest.lstrip()))
                self._unquoted(comment, "a comment")
                reported = True
            return Text(value, place, plain, reported=reported)
        as_is = self._line(place).startswith(value, place.column - plain)
        folded = event.end_mark.line > event.start_mark.line
        return Text(value, place, plain, as_is, folded, reported)

    def _braces(self, node: Node, parent: Node, end: Any) -> None:
        """Report ``- {a,b}``, a mapping of nothing but keys."""
        written = self._rest_of_line(node.place)
        if end.line + 1 == node.place.line:
            written = written[: end.column + 1 - node.place.column]
        is_set = isinstance(node, Mapping) and bool(node.entries) and ":" not in written
        if is_set and isinstance(parent, Sequence):
            self.find(
                "quote",
                node.place,
                f"unquoted {written} is a mapping to YAML",
                _pattern_advice(written),
            )
            parent.items[-1] = Text("", node.place, reported=True)

    def _key(self, parent: Mapping, node: Node) -> Text:
        if not isinstance(node, Text):
            self.find(
                "yaml", node.place, "a key has to be text", "write plain text before the :"
            )
            return Text("", node.place, reported=True)
        if isinstance(node.resolved, bool):
            self.find(
                "quote",
                node.place,
                f"YAML reads the key {node.value} as a boolean",
                f"quote it: '{node.value}'",
            )
        elif (first := parent.keys.setdefault(node.value, node)) is not node:
            self.find(
                "duplicate-key",
                node.place,
                f"the key {node.value} is given twice; first in line {first.place.line}",
                "remove one",
            )
        return node

    def _unquoted(
        self, place: Place, what: str, kind: str = "quote", pattern: bool = True
    ) -> None:
        """Report text that YAML reads as something else for want of quotes."""
        written = self._entry(place, self._flows[-1:] == [True])
        fix = _pattern_advice(written)
        if what == "a tag" and written.startswith("!!"):
            fix = "remove it: a filters file has no tags"
        if kind == "alias":
            fix = f"{fix} if it is a pattern; " if pattern else ""
            fix += "to share rules use `patterns:`"
        self.find(kind, place, f"unquoted {written} is {what} to YAML", fix)

    def _entry(self, place: Place, flow: bool) -> str:
        """What somebody wrote at a place, up to the end of the entry or a comment."""
        rest = self._rest_of_line(place)
        return _COMMENT.split(re.split(r"[,\]}]", rest)[0] if flow else rest)[0]

    def _rest_of_line(self, place: Place) -> str:
        return self._line(place)[place.column - 1 : place.column - 1 + _LONGEST]

    def _line(self, place: Place) -> str:
        return self._lines[place.line - 1] if place.line <= len(self._lines) else ""

    def _syntax_error(self, error: yaml.MarkedYAMLError) -> None:
        mark = error.problem_mark or error.context_mark
        if error.context_mark is not None and "end of stream" in (error.problem or ""):
            mark = error.context_mark  # where the unfinished text begins
        place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
        entries = [
            (Place(number, len(match["lead"]) + 1), _COMMENT.split(match["text"])[0])
            for number, text in enumerate(self._lines, 1)
            if number >= place.line
            and (match := _UNQUOTED.match(text))
            and match["text"][0] not in "#|>"
        ]
        if not entries or entries[0][0].line != place.line:
            entries = [*self._special(error), *entries]
        if not entries or entries[0][0].line != place.line:
            self.find("yaml", place, *self._own_words(error, place))
            return
        starts = [start for start, _ in entries]
        self.findings = [
            f for f in self.findings if Place(f.location.line, f.location.column) not in starts
        ]
        for start, written in entries:
            message = f"{written} has to be quoted: YAML gives its first character a meaning"
            self.find("quote", start, message, _pattern_advice(written))

    def _special(self, error: yaml.MarkedYAMLError) -> Iterator[tuple[Place, str]]:
        """The unquoted text in the midst of a line that a mark of the error points to."""
        for mark in (error.context_mark, error.problem_mark):
            if mark is None:
                continue
            place = Place(mark.line + 1, mark.column + 1)
            before = self._lines[mark.line][: mark.column] if self._line(place) else ""
            starts = before[-1:] in ("", " ", "[", "{", ",")
            if starts and self._rest_of_line(place)[:1] in tuple("!*&@`%|>"):
                opened = sum(map(before.count, "[{")) > sum(map(before.count, "]}"))
                yield place, self._entry(place, opened or self._flows[-1:] == [True])
                return

    def _own_words(self, error: yaml.MarkedYAMLError, place: Place) -> tuple[str, str]:
        if self._rest_of_line(place).startswith("\t"):
            return "not valid YAML: a tab where YAML takes only spaces", "indent with spaces"
        problem = error.problem or ""
        words, fix = next((w, f) for part, w, f in _SYNTAX if re.search(part, problem))
        return f"not valid YAML: {words}", fix


def _pattern_advice(written: str) -> str:
    """What to write for text that is to be a pattern: quotes, and what else it wants."""
    try:
        parse_items(written.removeprefix("!"))
    except PatternError as error:
        fix = error.problems[0].fix or ""
        if fix.startswith("write") and not written.startswith("!"):
            return fix
    return f"write {_quoted(written)}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
