"""A pattern as the names of a path, one behind the other: what quick matching is made of.

A path is matched name by name, so a pattern is read here as a row of components: a name as
it stands, a name with wildcards, or any directories.  On text as `impact.model` has it; a
pattern is never half a character, so what holds of its bytes holds of its characters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Final

from impact.automaton import Automaton
from impact.syntax import ANY_DIRECTORIES, ANYTHING, MAX_LENGTH, STAR, Item, parse_items

Test = Callable[[str], bool]


class Glob:
    """A name with wildcards.

    It matches names that end in ``suffix`` and pass ``test``, if there is one; all of them
    have the ``literal``.
    """

    __slots__ = ("literal", "suffix", "test")

    def __init__(self, suffix: str = "", test: Test | None = None, literal: str = "") -> None:
        self.suffix = suffix
        self.test = test
        self.literal = literal or suffix


DIRECTORIES: Final = Glob()
"""Among components: any number of whole directories, none among them."""
ANY_NAME: Final = Glob()

Component = str | Glob

_NAME = r"[\w.@+~%=,-]"
_COMPONENT = rf"(?:\*?{_NAME}+(?:\*{_NAME}+)*\*?|\*\*?)"
_ORDINARY = re.compile(rf"/?(?:(?!\.\.?/){_COMPONENT}/)*(?!\.\.?/?\Z){_COMPONENT}/?\Z")
"""A pattern in which nothing is wrong, and nothing special but stars and slashes."""


@lru_cache(maxsize=1 << 16)
def parse_components(text: str) -> tuple[tuple[Component, ...], bool]:
    """The components of a pattern, and whether it matches directories only.

    Raises `impact.syntax.PatternError`, as `impact.syntax.parse_items` does.
    """
    if len(text) > MAX_LENGTH or not _ORDINARY.match(text):
        items, only_directories = parse_items(text)
        return tuple(_components(items)), only_directories
    only_directories = text.endswith("/")
    body = text[:-1] if only_directories else text
    if "/" not in body:
        return (DIRECTORIES, _component(body) if body != "**" else ANY_NAME), only_directories
    names = body.removeprefix("/").split("/")
    last = len(names) - 1
    components: list[Component] = []
    for number, name in enumerate(names):
        component = _component(name) if "*" in name else name
        if component is DIRECTORIES and number == last:
            component = ANY_NAME  # one more name, and whatever is beneath is matched with it
        if component is not DIRECTORIES or components[-1:] != [DIRECTORIES]:
            components.append(component)
    return tuple(components), only_directories


@lru_cache(maxsize=1 << 12)
def _component(name: str) -> Component:
    """What a name of an ordinary pattern stands for."""
    if name == "**":
        return DIRECTORIES
    return _starred(name.split("*"))


def _starred(parts: Sequence[str]) -> Component:
    """A name of which parts are known, with any text between one and the next."""
    first, *middle = parts
    if not middle:
        return first
    last = middle.pop()
    if not first and not middle:
        return Glob(last) if last else ANY_NAME
    shortest = sum(map(len, parts))

    def test(name: str) -> bool:
        if len(name) < shortest or not (name.startswith(first) and name.endswith(last)):
            return False
        at, end = len(first), len(name) - len(last)
        for part in middle:  # the first place is as good as any further one
            at = name.find(part, at, end)
            if at < 0:
                return False
            at += len(part)
        return True

    return Glob(last, test, max(parts, key=len))


def _components(items: Iterable[Item]) -> list[Component]:
    components: list[Component] = []
    name: list[Item] = []
    for item in items:
        if item is ANY_DIRECTORIES:  # the slash belongs to it
            components.append(DIRECTORIES)
        elif item == _SLASH:
            components.append(_component_of(name))
            name = []
        else:
            name.append(STAR if item is ANYTHING else item)
    return [*components, _component_of(name)]


_SLASH = frozenset(b"/")


def _component_of(items: Sequence[Item]) -> Component:
    """What the items of one name stand for."""
    parts = [b""]
    plain = True
    for item in items:
        if isinstance(item, frozenset) and len(item) == 1:
            parts[-1] += bytes(item)
        else:
            plain = plain and item is STAR
            parts.append(b"")
    try:
        texts = [part.decode() for part in parts]
    except UnicodeDecodeError:  # a class of which one byte is left
        return Glob("", _by_bytes(tuple(items), ""))
    if plain:
        return _starred(texts)
    literal = max(texts, key=len)
    return Glob(texts[-1], _by_bytes(tuple(items), literal), literal)


def _by_bytes(items: tuple[Item, ...], literal: str) -> Test:
    """Whether a name has the items; any that has them has the literal."""

    @lru_cache(maxsize=1)
    def automaton() -> Automaton:
        return Automaton(items, only_directories=False)

    def test(name: str) -> bool:
        if literal not in name:
            return False
        states = automaton()
        end = states.run(states.start, name.encode("utf-8", "surrogateescape"))
        return states.ends(end, True)

    return test
