"""Every expression of a workflow or action file, with what it is in and its place.

https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from impact.config import tree
from impact.model import Place
from impact.workflows.expressions import ANYWHERE, JOB_CONDITION
from impact.workflows.lexer import ExpressionError
from impact.workflows.nodes import Expression
from impact.workflows.templates import parse_condition, parse_template

Keys = tuple[str, ...]
"""The way from the root of a file to a text in it; items of a list by their numbers."""


@dataclass(frozen=True, slots=True)
class Site:
    """A text with expressions in it, or one that GitHub refuses for its ``error``."""

    keys: Keys
    text: tree.Text
    expressions: tuple[Expression, ...] = ()
    error: ExpressionError | None = None

    @property
    def job(self) -> str | None:
        """The job that it is of, if it is of one."""
        return self.keys[1] if self.keys[:1] == ("jobs",) and len(self.keys) > 2 else None

    @property
    def step(self) -> int | None:
        """The number of the step that it is of, from 0, in a job or in an action."""
        for number, key in enumerate(self.keys[:-1]):
            if key == "steps" and number in (1, 2):
                return int(self.keys[number + 1])
        return None


def sites(root: tree.Node) -> Iterator[Site]:
    """The texts that GitHub evaluates, in the order of the file."""
    todo: list[tuple[Keys, tree.Node]] = [((), root)]
    while todo:
        keys, node = todo.pop()
        if isinstance(node, tree.Mapping):
            todo += [((*keys, key.value), value) for key, value in reversed(node.entries)]
        elif isinstance(node, tree.Sequence):
            items = reversed(list(enumerate(node.items)))
            todo += [((*keys, str(number)), item) for number, item in items]
        elif _is_condition(keys) or "${{" in node.value:
            yield _site(keys, node)


def _site(keys: Keys, node: tree.Text) -> Site:
    try:
        return Site(keys, node, _expressions(node.value, _is_condition(keys), len(keys) == 3))
    except ExpressionError as error:
        return Site(keys, node, error=error)


def _expressions(text: str, is_condition: bool, is_of_job: bool) -> tuple[Expression, ...]:
    if not is_condition:
        return parse_template(text).expressions
    return (parse_condition(text, JOB_CONDITION if is_of_job else ANYWHERE),)


def _is_condition(keys: Keys) -> bool:
    """Whether it is the `if` of a job, or of a step of a job or an action."""
    if not keys or keys[-1] != "if":
        return False
    return (keys[0] == "jobs" and len(keys) in (3, 5)) or keys[:2] == ("runs", "steps")


def condition_of(text: str, of_job: bool = False) -> Expression:
    """The expression of the `if` of a step, or of a job.  Raises `ExpressionError`."""
    return _expressions(text, True, of_job)[0]


def expressions_of(text: str) -> tuple[Expression, ...]:
    """Those within a text; none where GitHub refuses one."""
    try:
        return _expressions(text, False, False)
    except ExpressionError:
        return ()


def place_in(node: tree.Text, lines: Sequence[str], start: int, end: int) -> Place:
    """Where a part of a text stands; ``lines`` are those of the file.

    In a text over several lines, or in quotes with escapes, it is looked for.
    """
    if node.raw_place is not None:
        return Place(node.raw_place.line, node.raw_place.column + start)
    words = node.value[start:end].split()
    if words:
        earlier = node.value.count(words[0], 0, start)
        for number in range(node.place.line - 1, len(lines)):
            column = lines[number].find(words[0])
            while column >= 0:
                if not earlier:
                    return Place(number + 1, column + 1)
                earlier -= 1
                column = lines[number].find(words[0], column + 1)
    return node.place
