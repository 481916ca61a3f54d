"""What lets a file pass without pydantic: it and the models say the same of every shape."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from collections.abc import Mapping as Dict
from typing import Any

from impact.config.schema import json_schema, shape_errors
from impact.config.shape import FILTERS, Shape, fits
from impact.config.tree import Mapping, Node, Sequence, Text, TreeReader, plain_data
from impact.model import Place

EVERY_KEY = """\
version: 1
patterns: {shared: [/a, {path: /b, status: [added]}]}
surfaces:
  long: {description: x, paths: [{use: shared}, {path: /c}, '/d'],
         depends-on: [short], jobs: [ci], advisory: yes}
  short: [/c]
always: [/e]
inert: ['*.md']
unmatched: wake-all
labels: {full: all, some: [short]}
expect:
- {path: a, status: modified, wakes: [long], sleeps: [short]}
- {path: b, only: [long]}
- {path: c, wakes: all}
- {path: d, sleeps: all}
"""
AT = Place(1, 1)
WORDS = ["", "x", "all", "added", "modified", "wake-all", "ignore", "use", "path", "\ud800"]
OTHERS: list[Node] = [
    *(Text(word, AT) for word in WORDS),
    *(Text(word, AT, plain=True) for word in ("1", "0", "true", "no", "1.0", "null")),
    *(Sequence(AT, items) for items in ([], [Text("x", AT)], [Text("1", AT, True)])),
    Sequence(AT, [Sequence(AT, [Text("x", AT)])]),
]
KEYS = [*FILTERS, "description", "paths", "depends-on", "jobs", "advisory", "path", "status"]
KEYS += ["use", "wakes", "sleeps", "only", "depends_on", "version?", "x", "", "\ud800"]


def mapping(entries: Dict[str, Node]) -> Mapping:
    keys = {key: Text(key, AT) for key in entries}
    return Mapping(AT, [(keys[key], value) for key, value in entries.items()], keys)


def read(text: str) -> Node:
    reader = TreeReader(text, "filters.yml")
    tree = reader.read()
    assert tree is not None
    assert not reader.findings
    return tree


def variants(node: Node) -> Iterator[Node]:
    """The tree with another node, a key more or a key less in one of its places."""
    yield from OTHERS
    yield mapping({})
    yield from (mapping({key: Text("x", AT)}) for key in KEYS)
    if isinstance(node, Sequence):
        for at, item in enumerate(node.items):
            rest = [*node.items[:at], *node.items[at + 1 :]]
            yield Sequence(AT, rest)
            for other in variants(item):
                yield Sequence(AT, [*node.items[:at], other, *node.items[at + 1 :]])
    elif isinstance(node, Mapping):
        entries = {key.value: value for key, value in node.entries}
        for key, value in entries.items():
            yield mapping({k: v for k, v in entries.items() if k != key})
            for other in variants(value):
                yield mapping({**entries, key: other})
        for key in KEYS:
            yield mapping({key: Text("x", AT), **entries})


def test_whatever_is_changed_in_a_file_pydantic_says_the_same() -> None:
    tree = read(EVERY_KEY)
    said = {True: 0, False: 0}
    for other in (tree, *variants(tree)):
        right = fits(other, FILTERS)
        assert right is not any(shape_errors(plain_data(other))), plain_data(other)
        said[right] += 1
    assert min(said.values()) > 200


def test_pydantic_is_not_imported_for_a_right_file() -> None:
    program = (
        "import sys; from impact.config.load import parse_filters;"
        "parse_filters(sys.stdin.buffer.read(), 'filters.yml');"
        "print({'pydantic', 'difflib'} & {*sys.modules})"
    )
    command = [sys.executable, "-c", program]
    assert subprocess.check_output(command, input=EVERY_KEY.encode()) == b"set()\n"


def test_the_shape_is_that_of_the_json_schema() -> None:
    schema = json_schema()
    assert shape_of(schema, schema["$defs"]) == FILTERS


def shape_of(schema: Dict[str, Any], named: Dict[str, Any]) -> Shape:
    """The shape that a JSON Schema describes; it asks for no more than shapes can say."""
    if "$ref" in schema:
        return shape_of(named[schema["$ref"].rpartition("/")[2]], named)
    if "const" in schema or "enum" in schema:
        return frozenset(schema.get("enum") or [schema["const"]])
    if options := schema.get("anyOf") or schema.get("oneOf"):
        return tuple(shape_of(option, named) for option in options)
    if schema["type"] == "array":
        assert schema["minItems"] == 1
        return [shape_of(schema["items"], named)]
    if schema["type"] != "object":
        return {"string": str, "boolean": bool}[schema["type"]]
    if isinstance(others := schema["additionalProperties"], dict):
        assert schema["minProperties"] == 1
        return {str: shape_of(others, named)}
    assert others is False
    shapes: dict[str, Shape] = {}
    for key, value in schema["properties"].items():
        shape = shape_of(value, named)
        options = shape if isinstance(shape, tuple) else (shape,)
        shapes[key] = shape if key in schema.get("required", []) else (*options, None)
    return shapes
