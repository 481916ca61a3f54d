"""YAML as a tree of placed nodes, without what a filters file has no use for.

Built from PyYAML's events, not from its objects: every node knows its line and column,
anchors and aliases are refused before anything can grow, and plain scalars stay text
but for booleans and integers (a path called ``1.10`` is no number).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from impact.findings import Finding, Location
from impact.model import Place

MAX_DEPTH = 12
_TRUE = re.compile("true|True|TRUE|yes|Yes|YES|on|On|ON")
_FALSE = re.compile("false|False|FALSE|no|No|NO|off|Off|OFF")
_INTEGER = re.compile("[-+]?(0|[1-9][0-9]{0,17})")
# A list entry that begins with one of YAML's own characters, as `- !x`.
_UNQUOTED = re.compile(r"^(?P<lead>\s*-\s+)(?P<text>[!*&#%@`|>{\[].*?)\s*$")
_LOADER = getattr(yaml, "CLoader", yaml.Loader)


@dataclass(slots=True)
class Text:
    """A scalar.

    ``raw_place`` is where its first character stands, where the value stands in the file
    as it is; ``folded``: written over several lines, which YAML joined; ``reported``: it is
    not what its author wrote, and an error says so already.
    """

    value: str
    place: Place
    plain: bool = False
    raw_place: Place | None = None
    folded: bool = False
    reported: bool = False

    @property
    def resolved(self) -> str | bool | int:
        """The value as data: a plain boolean or integer is one, anything else is text."""
        if self.plain:
            if _TRUE.fullmatch(self.value):
                return True
            if _FALSE.fullmatch(self.value):
                return False
            if _INTEGER.fullmatch(self.value):
                return int(self.value)
        return self.value


@dataclass(slots=True)
class Sequence:
    """A list of nodes."""

    place: Place
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class Mapping:
    """Keys and values in the order written."""

    place: Place
    entries: list[tuple[Text, Node]] = field(default_factory=list)

    def get(self, key: str) -> Node | None:
        """The value of a key, or None."""
        return next((value for name, value in self.entries if name.value == key), None)


Node = Text | Sequence | Mapping


def plain_data(node: Node) -> Any:
    """The node as plain Python data."""
    if isinstance(node, Text):
        return node.resolved
    if isinstance(node, Sequence):
        return [plain_data(item) for item in node.items]
    return {key.value: plain_data(value) for key, value in node.entries}


class TreeReader:
    """Reads one YAML document; ``findings`` holds what is wrong with it."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.findings: list[Finding] = []
        self._text = text
        self._lines = re.split("\r\n|[\r\n\x85\u2028\u2029]", text)  # what ends a line in YAML
        self._flows: list[bool] = []

    def read(self) -> Node | None:
        """The tree, or None where the text is empty or not YAML at all."""
        try:
            return self._document(iter(yaml.parse(self._text, Loader=_LOADER)))
        except yaml.MarkedYAMLError as error:
            self._syntax_error(error)
        except yaml.reader.ReaderError as error:
            line = self._text.count("\n", 0, error.position) + 1
            column = error.position - self._text.rfind("\n", 0, error.position)
            self.find(
                "yaml", Place(line, column), "a control character, which YAML does not allow"
            )
        return None

    def find(self, kind: str, place: Place, message: str, fix: str | None = None) -> None:
        """Add an error at a place of the file."""
        location = Location(self.file, place.line, place.column)
        self.findings.append(Finding(kind, message, location, fix=fix))

    def _document(self, events: Iterator[Any]) -> Node | None:
        root: Node | None = None
        # The containers that are open, and the key that waits for its value, if any.
        open_nodes: list[Sequence | Mapping] = []
        keys: list[Text | None] = []
        documents = 0
        for event in events:
            place = Place(event.start_mark.line + 1, event.start_mark.column + 1)
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents == 2:
                    self.find(
                        "yaml", place, "a second document; a filters file is one", "remove ---"
                    )
            if documents > 1:
                continue
            if isinstance(event, yaml.CollectionEndEvent):
                open_nodes.pop()
                keys.pop()
                self._flows.pop()
                continue
            if not isinstance(event, yaml.NodeEvent):
                continue
            node = self._node(event, place)
            if not open_nodes:
                root = node
            elif isinstance(parent := open_nodes[-1], Sequence):
                parent.items.append(node)
            elif (key := keys[-1]) is not None:
                parent.entries.append((key, node))
                keys[-1] = None
            else:
                keys[-1] = self._key(parent, node)
            if isinstance(event, yaml.CollectionStartEvent) and not isinstance(node, Text):
                open_nodes.append(node)
                keys.append(None)
                self._flows.append(bool(event.flow_style))
                if len(open_nodes) > MAX_DEPTH:
                    self.find("yaml", place, f"nested more than {MAX_DEPTH} deep")
                    return None
        return root

    def _node(self, event: Any, place: Place) -> Node:
        if isinstance(event, yaml.AliasEvent):
            self._unquoted(place, "an alias", "alias")
            return Text("", place, reported=True)
        if event.anchor is not None:
            self._unquoted(place, "an anchor", "alias")
        if event.tag is not None:
            self._unquoted(place, "a tag")
        if isinstance(event, yaml.SequenceStartEvent):
            return Sequence(place)
        if isinstance(event, yaml.MappingStartEvent):
            return Mapping(place)
        plain = event.style in ("", None)
        rest = self._rest_of_line(place)
        comment_only = plain and event.value == "" and rest.lstrip().startswith("#")
        if comment_only:
            comment = Place(place.line, place.column + len(rest) - len(rest.lstrip()))
            self._unquoted(comment, "a comment")
        first = Place(place.line, place.column + (not plain))
        as_is = event.value != "" and self._rest_of_line(first).startswith(event.value)
        folded = event.style not in ("|", ">") and event.end_mark.line > event.start_mark.line
        return Text(
            event.value,
            place,
            plain=plain,
            raw_place=first if as_is else None,
            folded=folded and event.value != "",
            reported=comment_only or event.tag is not None or event.anchor is not None,
        )

    def _key(self, parent: Mapping, node: Node) -> Text:
        if not isinstance(node, Text):
            self.find("yaml", node.place, "a key has to be text")
            return Text("", node.place)
        if isinstance(node.resolved, bool):
            self.find(
                "quote",
                node.place,
                f"YAML reads the key {node.value} as a boolean",
                f"quote it: '{node.value}'",
            )
        elif any(key.value == node.value for key, _ in parent.entries):
            first = next(key for key, _ in parent.entries if key.value == node.value)
            self.find(
                "duplicate-key",
                node.place,
                f"the key {node.value} is given twice; first in line {first.place.line}",
                "remove one",
            )
        return node

    def _unquoted(self, place: Place, what: str, kind: str = "quote") -> None:
        """Report text that YAML reads as something else for want of quotes."""
        written = self._rest_of_line(place)
        if self._flows[-1:] == [True]:
            written = re.split(r"[,\]}]", written)[0]
        written = written.strip()
        fix = f"write {_quoted(chr(92) * (written[:1] == '#') + written)}"
        if kind == "alias":
            fix += " if it is a pattern; to share rules use `patterns:`"
        self.find(kind, place, f"unquoted {written} is {what} to YAML", fix)

    def _rest_of_line(self, place: Place) -> str:
        lines = self._lines[place.line - 1 : place.line]
        return lines[0][place.column - 1 :] if lines else ""

    def _syntax_error(self, error: yaml.MarkedYAMLError) -> None:
        mark = error.problem_mark or error.context_mark
        if error.context_mark is not None and "end of stream" in (error.problem or ""):
            mark = error.context_mark  # where the unfinished text begins
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        quoting = [
            (number, match)
            for number, text in enumerate(self._lines, 1)
            if number >= line
            and (match := _UNQUOTED.match(text))
            and match["text"][0] not in "#|>"
        ]
        if not quoting or quoting[0][0] != line:
            text = self._lines[line - 1] if line <= len(self._lines) else ""
            problem = error.problem or "not YAML"
            fix = "check the indentation and the quotes of this line and the one before"
            if text[column - 1 : column] == "\t":
                problem, fix = "a tab where YAML takes only spaces", "indent with spaces"
            self.find("yaml", Place(line, column), f"not valid YAML: {problem}", fix)
            quoting = []
        for number, match in quoting:
            place = Place(number, len(match["lead"]) + 1)
            written = match["text"]
            message = f"{written} has to be quoted: YAML gives its first character a meaning"
            self.find("quote", place, message, f"write {_quoted(written)}")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
