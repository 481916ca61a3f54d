"""A rule and its place, in the words of every message."""

from __future__ import annotations

from collections.abc import Callable

from impact.model import Rule, Status
from impact.quoting import quote

Show = Callable[[str], str]
"""How a name (a path, a pattern, a label) is printed: harmless, whole or shortened."""


def signed(rule: Rule, show: Show = quote) -> str:
    """The rule as it stands in a list: a pattern, with ``!`` where it excludes."""
    return show(("" if rule.include else "!") + rule.pattern)


def place_of(rule: Rule, show: Show = quote) -> str:
    """``file:line:column``, and where the ``use`` stands that brought the rule."""
    place = f"{show(rule.file)}:{rule.place.line}:{rule.place.column}"
    if rule.used_at is not None:
        place += f" (used at {rule.used_at.line}:{rule.used_at.column})"
    return place


def rule_at(rule: Rule, show: Show = quote) -> str:
    """The rule and its place."""
    statuses = ""
    if rule.statuses is not None:
        statuses = f" [{', '.join(s.value for s in Status if s in rule.statuses)}]"
    return f"{signed(rule, show)}{statuses} at {place_of(rule, show)}"
