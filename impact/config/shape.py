"""Whether a filters file surely has the right shape, without importing pydantic.

To import pydantic and build its models takes longer than all the rest of a run, and a right
file does not need them.  `fits` only says yes or no; at a no `impact.config.schema`, which
defines the shape, is asked, and what it finds is what is wrong.  A test makes `FILTERS` of
the JSON Schema and compares, so that no shape is right here and wrong there.
"""

from __future__ import annotations

from typing import Any

from impact.config.tree import Mapping, Node, Sequence, Text
from impact.model import ALL, Status

Shape = Any
"""``str`` or ``bool``; a frozenset: one of these values; ``[a]``: a list of `a`, not empty;
``{str: a}``: a mapping of any keys to `a`, not empty; another dict: a mapping of these keys
and no others; ``(a, b)``: `a` or `b`; None: nothing, as a key that may be left out has it."""

_STATUS = frozenset(status.value for status in Status)
_RULES: Shape = [(str, {"path": str, "status": ([_STATUS], None)}, {"use": str})]
_NAMES = [str]
_ALL = frozenset({ALL})

SURFACE: dict[str, Shape] = {
    "description": (str, None),
    "paths": (_RULES, None),
    "depends-on": (_NAMES, None),
    "jobs": (_NAMES, None),
    "advisory": (bool, None),
}
EXPECT: dict[str, Shape] = {
    "path": str,
    "status": (_STATUS, None),
    "wakes": (_ALL, _NAMES, None),
    "sleeps": (_ALL, _NAMES, None),
    "only": (_NAMES, None),
}
FILTERS: dict[str, Shape] = {
    "version": frozenset({1}),
    "patterns": ({str: _RULES}, None),
    "surfaces": {str: (_RULES, SURFACE)},
    "always": (_RULES, None),
    "inert": (_RULES, None),
    "unmatched": (frozenset({"wake-all", "ignore"}), None),
    "labels": ({str: (_ALL, _NAMES)}, None),
    "expect": ([EXPECT], None),
}


def fits(node: Node | None, shape: Shape) -> bool:
    """Whether a node of a document without findings surely has the shape."""
    if isinstance(shape, tuple):
        return any(fits(node, option) for option in shape)
    if isinstance(node, Text):
        value = node.resolved
        if isinstance(shape, frozenset):
            return value in shape
        return type(value) is shape
    if isinstance(node, Sequence) and isinstance(shape, list):
        return node.items != [] and all(fits(item, shape[0]) for item in node.items)
    if isinstance(node, Mapping) and isinstance(shape, dict):
        if str in shape:
            values = [value for _, value in node.entries]
            return values != [] and all(fits(value, shape[str]) for value in values)
        right_keys = node.keys.keys() <= shape.keys()
        return right_keys and all(fits(node.get(key), shape[key]) for key in shape)
    return node is shape is None
