"""The path filters that GitHub has itself: `on.EVENT.paths` and `paths-ignore`.

A pattern has to match all of a path.  `**` is any text, `*` any without a slash, `?` and `+`
repeat the character before, `[abc]` is one of these; of a list the last match decides.
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from impact.workflows.workflow import PathFilter

_ITEM = re.compile(
    r"(?P<directories>(?:(?<=/)|^)(?:\*\*/)+)|(?P<anything>\*\*+)|(?P<star>\*)"
    r"|(?P<set>\[[A-Za-z0-9-]+\])|\\(?P<escaped>.)|(?P<text>[^\[])",
    re.DOTALL,
)
_WIDE = {"directories": "(?:.*/)?", "anything": ".*", "star": "[^/]*"}
_MOST = 6
"""With more wildcards than that a pattern can take long, and is not held against paths."""


@dataclass(frozen=True, slots=True)
class NativeFilter:
    """A filter that can be asked: the sign and the expression of each pattern."""

    patterns: tuple[tuple[bool, re.Pattern[str]], ...]
    ignored: bool

    def runs(self, path: str) -> bool:
        """Whether a change to this path alone runs the workflow."""
        matched = False
        for include, expression in self.patterns:
            if matched is not include and expression.fullmatch(path):
                matched = include
        return matched is not self.ignored


def native_filter(written: PathFilter) -> NativeFilter | None:
    """What can be asked of a filter; None where a pattern of it cannot be read."""
    patterns = []
    for one in written.patterns:
        text = one.text.removeprefix("!")
        expression = _expression(text)
        if expression is None:
            return None
        patterns.append((text == one.text, expression))
    return NativeFilter(tuple(patterns), written.ignored)


def _expression(text: str) -> re.Pattern[str] | None:
    written, wide, at = "", 0, 0
    while at < len(text):
        item = _ITEM.match(text, at)
        if item is None:
            return None
        at = item.end()
        kind = item.lastgroup or ""
        wide += kind in _WIDE
        if kind == "text" and item[0] in "?+":
            if not written:
                return None
            written += item[0]
            wide += item[0] == "+"
            continue
        if kind in _WIDE:
            written += f"(?:{_WIDE[kind]})"
        else:
            written += item[0] if kind == "set" else re.escape(item[kind])
    if wide > _MOST:
        return None
    try:
        return re.compile(written, re.DOTALL)
    except re.error:
        return None
