"""Names: of surfaces, jobs and the paths of expectations."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from itertools import islice

from impact.config.tree import Text, TreeReader
from impact.model import ALL, OUTPUTS
from impact.quoting import quote

NAME = r"[A-Za-z_][A-Za-z0-9_-]*"
NAME_PATTERN = re.compile(NAME)
"""What a name looks like."""

RESERVED = (ALL, *OUTPUTS)
"""Names that outputs or options have already."""

NAME_RULE = "A to Z, a to z, digits, _ and - are allowed, and no digit or - first"

_LISTED = 20
_COMPARED = 1000
_JOB = re.compile(rf"([^/:\s]+\.ya?ml:)?{NAME}")


def folded(name: str) -> str:
    """What a name is told apart by: outputs fold case, dotenv keys have no ``-``."""
    return name.lower().replace("-", "_")


def shown(name: str) -> str:
    """A name in a message: one that is empty has to be seen too."""
    return quote(name) or "''"


def name_advice(name: str) -> str:
    """A name near to what is none."""
    near = re.sub(r"[^A-Za-z0-9_]+", "-", name).strip("-")
    if not near:
        return "rename it"
    return f"rename it, as in {'_' * near[:1].isdigit()}{near}"


def listed(names: Collection[str]) -> str:
    """The names, as many as a message can hold."""
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(islice(names, _LISTED)) + more


def nearest(name: str, names: Collection[str]) -> str | None:
    """The name that was perhaps meant; None where there is none, or too many to ask."""
    from difflib import get_close_matches  # for a wrong name only

    close = get_close_matches(name, names, 1) if len(names) <= _COMPARED else []
    return close[0] if close else None


class NameChecks:
    """Reports names that cannot be, and names of nothing."""

    def __init__(self, reader: TreeReader, surfaces: Sequence[Text]) -> None:
        self._reader = reader
        self.known = dict.fromkeys(key.value for key in surfaces)
        reserved = {folded(name) for name in RESERVED}
        seen: dict[str, Text] = {}
        for key in surfaces:
            if key.reported:
                continue
            if not NAME_PATTERN.fullmatch(key.value):
                reader.find(
                    "name",
                    key.place,
                    f"{shown(key.value)} is no name for a surface; {NAME_RULE}",
                    name_advice(key.value),
                )
                continue
            if folded(key.value) in reserved:
                reader.find(
                    "name",
                    key.place,
                    f"{key.value} is reserved; so are {', '.join(RESERVED)}",
                    f"rename it, as in {key.value}-surface",
                )
            first = seen.setdefault(folded(key.value), key)
            if first is not key and first.value != key.value:
                reader.find(
                    "name",
                    key.place,
                    f"{key.value} and {first.value} (line {first.place.line}) are one name "
                    "where case is folded and - becomes _",
                    "rename one",
                )

    def check_known(self, text: Text) -> None:
        """Report the name of no surface."""
        if text.value not in self.known:
            close = nearest(text.value, self.known)
            self._reader.find(
                "unknown-surface",
                text.place,
                f"there is no surface {shown(text.value)}; there are: {listed(self.known)}",
                f"did you mean {close}?" if close else None,
            )

    def check_dependencies(self, edges: Mapping[str, Sequence[Text]]) -> None:
        """Report unknown surfaces and cycles in ``depends-on``."""
        done: set[str] = set()
        for texts in edges.values():
            for text in texts:
                self.check_known(text)
        for name in edges:
            self._walk(name, edges, done)

    def _walk(self, root: str, edges: Mapping[str, Sequence[Text]], done: set[str]) -> None:
        """Depth first without recursion: a chain can be as long as the file."""
        path: dict[str, None] = {}
        todo: list[tuple[str | None, Text | None]] = [(root, None)]
        while todo:
            name, text = todo.pop()
            if name is None:  # every edge of the last name on the path is walked
                done.add(path.popitem()[0])
            elif name in path and text is not None:
                open_names = list(path)
                chain = " -> ".join([*open_names[open_names.index(name) :], name])
                self._reader.find(
                    "cycle",
                    text.place,
                    f"the surfaces depend in a circle: {chain}",
                    "remove one dependency of the circle",
                )
            elif name not in done:
                path[name] = None
                todo.append((None, None))
                todo += [(needed.value, needed) for needed in reversed(edges.get(name, ()))]

    def check_job(self, text: Text) -> None:
        """Report what is no job: JOB, or FILE:JOB for one of another workflow."""
        if not _JOB.fullmatch(text.value):
            self._reader.find(
                "name",
                text.place,
                f"{shown(text.value)} is no job",
                "write JOB, or FILE:JOB as in release.yml:publish",
            )

    def check_path(self, text: Text) -> None:
        """Report a path of an expectation that git would never name."""
        path = text.value
        parts = path.removesuffix("/").split("/")
        if any(part in ("", ".", "..") for part in parts) or "\0" in path:
            plain = "/".join(part for part in parts if part not in ("", ".", ".."))
            self._reader.find(
                "path",
                text.place,
                f"{shown(path)} is no path from the repository's root",
                f"write {plain}{'/' * path.endswith('/')}"
                if plain
                else "name a file, or a directory as in docs/",
            )
