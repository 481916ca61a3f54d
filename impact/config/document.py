"""Any YAML document as a tree of placed nodes, anchors and aliases resolved.

For files that others define, such as GitHub's workflows; filters files, which have a
stricter YAML of their own, are read by `impact.config.tree`.  A plain scalar is the text
that GitHub makes of it where text is expected: `True` is `true`, `1.10` is `1.1`, and `~`
and `null` are empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from impact.config.tree import (
    LOADER,
    Assembly,
    Mapping,
    Node,
    Sequence,
    Text,
    lines_of,
    place_behind,
)
from impact.errors import WorkflowError
from impact.findings import Finding, Location
from impact.model import Place

MAX_BYTES = 2 * 1024 * 1024
"""GitHub takes less of a workflow file."""
MAX_DEPTH = 100
MAX_NODES = 50_000
"""GitHub takes no more, the ends of lists and mappings among them, and what is behind an
alias every time."""
MAX_INTEGER = 2**31 - 1
"""GitHub takes no larger one in hexadecimal or octal digits."""

_TAG = "tag:yaml.org,2002:"
_TAGS = frozenset(_TAG + name for name in ("bool", "float", "int", "null", "str"))
# The core schema of YAML 1.2.
_NULL = re.compile(r"(~|null|Null|NULL)?")
_BOOLEAN = re.compile(r"true|True|TRUE|false|False|FALSE")
_OTHER_BASE = re.compile(r"0x[0-9a-fA-F]+|0o[0-7]+")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NO_NUMBER = re.compile(r"(?P<infinite>[-+]?)\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


def read_document(data: bytes, file: str) -> Node:
    """The one document of a file; ``file`` is its name in errors.

    Raises `WorkflowError`, with the place, where it is not YAML, repeats a key, has a tag
    that GitHub does not take, is empty, or is larger or deeper than a workflow can be.
    """
    if len(data) > MAX_BYTES:
        raise _error(file, Place(1, 1), "the file is larger than 2 MiB, and no workflow is")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = place_behind(error.object[: error.start].decode("utf-8"))
        raise _error(file, place, "the file is not UTF-8") from None
    try:
        node = _Reader(file, text).read()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(1, 1) if mark is None else Place(mark.line + 1, mark.column + 1)
        raise _error(file, place, f"not valid YAML: {error.problem}") from None
    except yaml.reader.ReaderError as error:
        place = place_behind(text.partition(chr(error.character))[0])
        message = f"a control character (U+{error.character:04X}), which YAML does not allow"
        raise _error(file, place, message) from None
    if node is None:
        raise _error(file, Place(1, 1), "the file is empty")
    return node


def _error(file: str, place: Place, message: str) -> WorkflowError:
    return WorkflowError([Finding("yaml", message, Location(file, place.line, place.column))])


class _Reader:
    """Builds the tree from the parser's events, without recursion."""

    def __init__(self, file: str, text: str) -> None:
        self._file = file
        self._text = text
        self._lines = lines_of(text)
        self._anchors: dict[str, Node] = {}
        self._nodes = 4  # two for the beginning and two for the end, as GitHub counts
        self._sizes: dict[int, int] = {}  # of what has ended, by identity

    def read(self) -> Node | None:
        """The root, or None where there is none."""
        assembly = Assembly(self._key)
        began: list[int] = []
        events: Iterator[Any] = iter(yaml.parse(self._text, Loader=LOADER))
        for event in events:
            place = Place(event.start_mark.line + 1, event.start_mark.column + 1)
            if isinstance(event, yaml.CollectionEndEvent):
                self._count(1, place)
                self._sizes[id(assembly.close())] = self._nodes - began.pop()
            if not isinstance(event, yaml.NodeEvent):
                continue
            if assembly.root is not None and not assembly.parents:
                raise _error(self._file, place, "a second document; a workflow is one")
            opened = isinstance(event, yaml.CollectionStartEvent)
            if opened:
                began.append(self._nodes)
            assembly.put(self._node(event, place), opened)
            if len(assembly.parents) > MAX_DEPTH:
                raise _error(self._file, place, f"nested more than {MAX_DEPTH} deep")
        return assembly.root

    def _node(self, event: Any, place: Place) -> Node:
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise _error(self._file, place, f"no anchor &{event.anchor} stands before")
            known = self._anchors[event.anchor]
            if not isinstance(known, Text) and id(known) not in self._sizes:
                raise _error(self._file, place, f"an alias of what it is in: *{event.anchor}")
            self._count(self._sizes.get(id(known), 1), place)
            return known
        self._count(1, place)
        node: Node
        if isinstance(event, yaml.SequenceStartEvent):
            node = Sequence(place)
        elif isinstance(event, yaml.MappingStartEvent):
            node = Mapping(place)
        else:
            node = self._scalar(event, place)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _count(self, nodes: int, place: Place) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            raise _error(self._file, place, f"more than {MAX_NODES:,} nodes")

    def _scalar(self, event: Any, place: Place) -> Text:
        plain = event.style in ("", None)
        if event.tag is not None and (
            event.tag not in _TAGS or (not plain and event.tag != f"{_TAG}str")
        ):
            tag = event.tag.replace(_TAG, "!!")
            raise _error(self._file, place, f"the tag {tag}, which GitHub does not take here")
        column = place.column - plain
        plain = plain and event.tag != f"{_TAG}str"
        value = _plain_text(event.value) if plain else event.value
        line = self._lines[place.line - 1] if place.line <= len(self._lines) else ""
        as_is = value == event.value != "" and line.startswith(value, column)
        return Text(value, place, plain, as_is)

    def _key(self, parent: Mapping, node: Node) -> Text:
        if not isinstance(node, Text):
            raise _error(self._file, node.place, "a key has to be text")
        if node.value == "<<" and node.plain:
            message = "a merge key (<<), which GitHub does not take"
            raise _error(self._file, node.place, message)
        if (first := parent.keys.setdefault(node.value, node)) is not node:
            message = f"the key {node.value} is given twice; first in line {first.place.line}"
            raise _error(self._file, node.place, message)
        return node


def _plain_text(value: str) -> str:
    """The text that GitHub makes of a plain scalar, by way of what it stands for."""
    if _NULL.fullmatch(value):
        return ""
    if _BOOLEAN.fullmatch(value):
        return value.lower()
    if _OTHER_BASE.fullmatch(value):
        number = int(value, 0)
        return str(number) if number <= MAX_INTEGER else value
    if _NUMBER.fullmatch(value):
        return _number_text(float(value))
    if found := _NO_NUMBER.fullmatch(value):
        sign = "-" if found["infinite"] == "-" else ""
        return "NaN" if found["infinite"] is None else f"{sign}Infinity"
    return value


def _number_text(number: float) -> str:
    """As .NET writes a number in its format G15."""
    return format(number, ".15g").upper().replace("INF", "Infinity")
