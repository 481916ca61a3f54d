"""What a pattern that matches no tracked file was perhaps to say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from difflib import get_close_matches
from functools import cached_property

from impact.tracked import WILDCARDS, Tracked, escaped, is_pattern

_CLOSE = 0.7
_CLOSE_NAME = 0.8
"""How alike names are (`difflib`), beside few others in a directory, or among all there are."""
_COMPARED = 500
"""So many names are compared one by one; of more, those of the same ends and length."""


class Nearest:
    """The names of the tracked files and their directories, to look for a similar one."""

    def __init__(self, tracked: Tracked) -> None:
        self._tracked = tracked

    def pattern(self, text: str) -> str | None:
        """A pattern like this one that matches a tracked file; None if there is none near.

        It differs by a slash at the end, by the case of letters, by one name of a path, or
        by where a file is.
        """
        if text.endswith("/") and (found := self._working(text.removesuffix("/"))):
            return found  # a file, not a directory
        body = text.strip("/")
        end = "/" * text.endswith("/")
        names = body.split("/")
        if names == [body] and not text.startswith("/"):
            near = self._name(body)
            return self._working(_plain(near) + end) if near else None
        return (
            self._in_other_case(names, end)
            or self._misspelt(names, end)
            or self._elsewhere(names[-1], end)
        )

    @cached_property
    def _children(self) -> dict[str, dict[str, None]]:
        """What each directory holds, by its path with a slash at the end."""
        found: dict[str, dict[str, None]] = defaultdict(dict)
        for path in self._paths:
            at = 0
            while True:
                stop = path.find("/", at)
                holder = found[path[:at]]
                holder[path[at:stop] if stop >= 0 else path[at:]] = None
                if stop < 0:
                    break
                at = stop + 1
        return found

    @cached_property
    def _paths(self) -> list[str]:
        files = (self._tracked.text(number) for number in range(len(self._tracked.paths)))
        return [
            *files,
            *(p.decode("utf-8", "surrogateescape") for p in self._tracked.submodules),
        ]

    @cached_property
    def _directories(self) -> dict[str, list[str]]:
        """The directories that have something of a name, by that name."""
        found: dict[str, list[str]] = defaultdict(list)
        for directory, names in self._children.items():
            for name in names:
                found[name].append(directory)
        return found

    def _name(self, name: str) -> str | None:
        if WILDCARDS.intersection(name):
            return None
        folded = [n for n in self._directories if n.lower() == name.lower()]
        alike = folded or _comparable(name, self._directories)
        close = get_close_matches(name, alike, 1, 0.0 if folded else _CLOSE_NAME)
        return close[0] if close else None

    def _in_other_case(self, names: list[str], end: str) -> str | None:
        """The path as it is spelt, where only the case of its letters is wrong."""
        directory = ""
        for name in names:
            children = self._children.get(directory, {})
            if name not in children:
                name = next((n for n in children if n.lower() == name.lower()), "")
            if not name:
                return None
            directory += name + "/"
        return self._working(escaped(directory.removesuffix("/")) + end)

    def _misspelt(self, names: list[str], end: str) -> str | None:
        """The path with another name in the place of the first that does not exist."""
        directory = ""
        for number, name in enumerate(names):
            children = self._children.get(directory, {})
            if name in children:
                directory += name + "/"
                continue
            if WILDCARDS.intersection(name):
                return None
            for close in get_close_matches(name, _comparable(name, children), 3, _CLOSE):
                corrected = [*names[:number], _plain(close), *names[number + 1 :]]
                if found := self._working("/" + "/".join(corrected) + end):
                    return found
            return None
        return None

    def _elsewhere(self, name: str, end: str) -> str | None:
        """The one place in which there is something of the path's last name."""
        places = self._directories.get(name, [])
        return self._working(escaped(places[0] + name) + end) if len(places) == 1 else None

    def _working(self, text: str) -> str | None:
        return text if is_pattern(text) and self._tracked.matching(text) else None


def _plain(name: str) -> str:
    """A name as it has to stand in a pattern."""
    return escaped(name).removeprefix("/")


def _comparable(name: str, names: Collection[str]) -> Collection[str]:
    """The names that it is worth comparing with, as many as do not take long."""
    if len(names) <= _COMPARED:
        return names
    alike = [
        n
        for n in names
        if abs(len(n) - len(name)) <= 2 and n[0] == name[0] and n[-1] == name[-1]
    ]
    return alike if len(alike) <= _COMPARED else []
