"""Files of an imagined repository, and what a script uses of them, as lines of text."""

from __future__ import annotations

from collections.abc import Mapping

from impact.scripts.uses import follow


class Tracked:
    """Tracked files with their contents; None is no text."""

    def __init__(self, contents: Mapping[str, str | None]) -> None:
        self.contents = contents
        self.directories: dict[str, set[str]] = {}
        for path in contents:
            while path:
                directory, _, name = path.rpartition("/")
                self.directories.setdefault(directory, set()).add(name)
                path = directory

    def read(self, path: str) -> str | None:
        return self.contents.get(path)

    def is_file(self, path: str) -> bool:
        return path in self.contents

    def is_directory(self, path: str) -> bool:
        return path in self.directories

    def names(self, path: str) -> set[str]:
        return self.directories.get(path, set())


def used(
    script: str,
    contents: Mapping[str, str | None],
    directory: str = "",
    variables: Mapping[str, str] | None = None,
) -> list[str]:
    """The paths, each once, sorted."""
    found = follow(script, directory, Tracked(contents), variables)
    return sorted({use.path for use in found.uses})


def told(
    script: str,
    contents: Mapping[str, str | None],
    directory: str = "",
    variables: Mapping[str, str] | None = None,
) -> list[str]:
    """All that is found, in words: the line from 1, the path or the problem, and the way."""
    found = follow(script, directory, Tracked(contents), variables)
    return [
        *(f"{use.line + 1} {' > '.join([use.path, *use.through])}" for use in found.uses),
        *(
            f"{one.line + 1} {' > '.join([one.text, *one.through])}: {one.reason}"
            for one in found.unresolved
        ),
    ]
