"""Any YAML document as a tree of placed nodes, anchors and aliases resolved.

For files that others define, such as GitHub's workflows; filters files, which have a
stricter YAML of their own, are read by `impact.config.tree`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from impact.config.tree import (
    LINE_END,
    LOADER,
    Assembly,
    Mapping,
    Node,
    Sequence,
    Text,
    place_behind,
)
from impact.errors import WorkflowError
from impact.findings import Finding, Location
from impact.model import Place

MAX_BYTES = 2 * 1024 * 1024
"""GitHub takes less of a workflow file."""
MAX_DEPTH = 100


def read_document(data: bytes, file: str) -> Node:
    """The one document of a file; ``file`` is its name in errors.

    Raises `WorkflowError`, with the place, where it is not YAML, repeats a key, is empty,
    or is larger or deeper than a workflow can be.
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
        self._lines = LINE_END.split(text)
        self._anchors: dict[str, Node] = {}

    def read(self) -> Node | None:
        """The root, or None where there is none."""
        assembly = Assembly(self._key)
        events: Iterator[Any] = iter(yaml.parse(self._text, Loader=LOADER))
        for event in events:
            place = Place(event.start_mark.line + 1, event.start_mark.column + 1)
            if isinstance(event, yaml.CollectionEndEvent):
                assembly.close()
            if not isinstance(event, yaml.NodeEvent):
                continue
            if assembly.root is not None and not assembly.parents:
                raise _error(self._file, place, "a second document; a workflow is one")
            opened = isinstance(event, yaml.CollectionStartEvent)
            assembly.put(self._node(event, place), opened)
            if len(assembly.parents) > MAX_DEPTH:
                raise _error(self._file, place, f"nested more than {MAX_DEPTH} deep")
        return assembly.root

    def _node(self, event: Any, place: Place) -> Node:
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise _error(self._file, place, f"no anchor &{event.anchor} stands before")
            return self._anchors[event.anchor]
        node: Node
        if isinstance(event, yaml.SequenceStartEvent):
            node = Sequence(place)
        elif isinstance(event, yaml.MappingStartEvent):
            node = Mapping(place)
        else:
            plain = event.style in ("", None)
            first = Place(place.line, place.column + (not plain))
            line = self._lines[first.line - 1] if first.line <= len(self._lines) else ""
            as_is = event.value != "" and line.startswith(event.value, first.column - 1)
            node = Text(event.value, place, plain, first if as_is else None)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

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
