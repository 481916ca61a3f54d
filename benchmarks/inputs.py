"""Paths and rules to measure with: real ones, or made ones of a fixed seed.

A rule here is a pattern and whether it includes; a list of rules is a surface.
"""

from __future__ import annotations

import random
import re
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

Rule = tuple[str, bool]

SHARES = {"directory": 60, "file": 15, "extension": 10, "inner": 10, "negation": 5}
"""How many of a hundred rules are of which shape."""

_ROOTS = ("src", "packages", "lib", "docs", "tests", "tools", "examples", ".github")
_NAMES = ("core", "api", "web", "client", "server", "utils", "types", "internal", "model")
_COMMON = {".py": 200, ".ts": 200, ".go": 100, ".md": 80, ".c": 80, ".test.ts": 60, ".h": 60}
_KNOWN = (".json", ".yml", ".sql", ".sh", ".css", ".html", ".proto", ".txt", ".rs", ".java", "")
_RARE = (
    *(
        ".svg",
        ".png",
        ".snap",
        ".toml",
        ".lock",
        ".mjs",
        ".cjs",
        ".d.ts",
        ".tsx",
        ".vue",
        ".rb",
    ),
    *(".php", ".kt", ".lua", ".ini", ".cfg", ".bat", ".ps1", ".tf", ".hcl", ".graphql", ".csv"),
    *(".xml", ".mdx", ".rst", ".j2", ".tmpl", ".golden", ".ipynb", ".in", ".map", ".patch"),
)
_ENDS = _COMMON | dict.fromkeys(_KNOWN, 20) | dict.fromkeys(_RARE, 1)
_FILES_OF_A_DIRECTORY = 8
_DEEPEST = 8
# What means itself in every dialect.
_PLAIN = re.compile(r"[A-Za-z0-9._/-]+")


def tracked_paths(repository: Path) -> list[str]:
    """The files of HEAD, in git's order."""
    command = ["git", "-C", str(repository), "ls-tree", "-r", "-z", "--name-only", "HEAD"]
    listed = subprocess.check_output(command).decode("utf-8", "surrogateescape")
    return listed.split("\0")[:-1]


def made_paths(count: int) -> list[str]:
    """A tree of so many files, some 8 in a directory, most of them 3 to 6 directories deep."""
    choice = random.Random(count)
    directories = [
        f"{name}{number}" if number else name for number in (0, 1) for name in _ROOTS
    ]
    # A directory is in here once for itself and once for each child: large ones grow.
    parents = list(directories)
    for number in range(
        len(directories), max(len(directories), count // _FILES_OF_A_DIRECTORY)
    ):
        parent = choice.choice(parents)
        while parent.count("/") >= _DEEPEST - 1:
            parent = choice.choice(directories)
        directories.append(f"{parent}/{choice.choice(_NAMES)}{number}")
        parents += [parent, directories[-1]]
    ends, weights = list(_ENDS), list(_ENDS.values())
    found: set[str] = set()
    while len(found) < count:
        directory = choice.choice(directories)
        for _ in range(min(count - len(found), 1 + int(choice.expovariate(1 / 7)))):
            (end,) = choice.choices(ends, weights)
            found.add(f"{directory}/{choice.choice(_NAMES)}_{choice.randrange(count)}{end}")
    return sorted(found)


def rule_lists(
    paths: Sequence[str], rules: int, surfaces: int, dense: bool
) -> list[list[Rule]]:
    """So many rules of the five shapes, dealt to the surfaces.

    Dense: directories near the root, the nearer the fewer rules, so that many surfaces wake for
    a path.  Sparse: any directories, most of them deep, and rare extensions.
    """
    return _Maker(paths, rules, dense).lists(surfaces)


class _Maker:
    """Makes patterns from paths, of a fixed seed."""

    def __init__(self, paths: Sequence[str], rules: int, dense: bool) -> None:
        self._choice = random.Random(rules)
        self._rules, self._dense = rules, dense
        self._paths = [path for path in paths if _PLAIN.fullmatch(path)]
        above = {path.rpartition("/")[0] for path in self._paths} - {""}
        self._directories = [directory.split("/") for directory in sorted(above)]
        self._directories = self._directories or [["none"]]
        names = {part for path in paths for part in path.split("/")[:-1]}
        of_directories = {end for name in names for end in _extensions(name)}
        # In order of how common they are; one that a directory has too means more to git.
        counts: dict[str, int] = {}
        for path in self._paths:
            for end in _extensions(path.rpartition("/")[2]):
                counts[end] = counts.get(end, 0) + 1
        known = [end for end in counts if end not in of_directories]
        self._ends = sorted(known, key=lambda end: (-counts[end], end)) or [".none"]

    def lists(self, surfaces: int) -> list[list[Rule]]:
        rules = self._rules
        makers: dict[str, Callable[[], str]] = {
            "directory": self._directory,
            "file": lambda: f"/{self._choice.choice(self._paths)}",
            "extension": lambda: f"*{self._end()}",
            "inner": self._inner,
        }
        counts = {shape: rules * share // 100 for shape, share in SHARES.items()}
        counts["directory"] += rules - sum(counts.values())
        shapes = [shape for shape in makers for _ in range(counts[shape])]
        self._choice.shuffle(shapes)
        lists: list[list[Rule]] = [[] for _ in range(surfaces)]
        for number, shape in enumerate(shapes):
            lists[number % surfaces].append((makers[shape](), True))
        for _ in range(counts["negation"]):
            chosen = self._choice.choice(lists)
            # Behind what it takes something from, where its list has a directory.
            found = [
                at for at, (text, include) in enumerate(chosen) if include and text[-1] == "/"
            ]
            at = self._choice.choice(found) if found else 0
            directory = chosen[at][0] if found else self._directory()
            place = self._choice.randint(at + 1, len(chosen))
            chosen.insert(place, (f"{directory}**/*{self._end()}", False))
        return lists

    def _folders(self, least: int) -> list[str]:
        """A directory with what it is in, of so many components or more."""
        for _ in range(100):
            folders = self._choice.choice(self._directories)
            if len(folders) >= least:
                return folders
        return ["none"] * least

    def _directory(self) -> str:
        folders = self._folders(1)
        if self._dense:
            folders = folders[: 1 + int(self._choice.expovariate(200 / self._rules))]
        return f"/{'/'.join(folders)}/"

    def _end(self) -> str:
        some = self._ends if self._dense else self._ends[len(self._ends) // 2 :]
        return self._choice.choice(some)

    def _inner(self) -> str:
        match self._choice.randrange(3):
            case 0:
                folders = [*self._folders(3)]
                if self._dense:
                    folders = folders[:3]
                folders[self._choice.randrange(1, len(folders) - 1)] = "*"
                return f"/{'/'.join(folders)}/"
            case 1:
                path = self._choice.choice(self._paths)
                first, _, _ = path.partition("/")
                return f"/{first}/**/{path.rpartition('/')[2]}"
            case _:
                folders = self._folders(1)
                first = self._choice.choice("abcdefghijklmnopqrstuvwxyz")
                return f"/{'/'.join(folders)}/{first}*{self._end()}"


def _extensions(name: str) -> list[str]:
    """The endings of a name: `.test.ts` and `.ts`."""
    parts = name.split(".")
    return ["." + ".".join(parts[at:]) for at in range(max(1, len(parts) - 2), len(parts))]


def for_picomatch(pattern: str) -> str:
    """The pattern as somebody writes it for picomatch."""
    anchored = "/" in pattern[:-1]
    text = re.sub(r"(?<!\\)[()|]", r"\\\g<0>", pattern.removeprefix("/"))
    return ("" if anchored else "**/") + text + ("**" if text.endswith("/") else "")
