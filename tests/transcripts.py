"""What the program prints, to the letter, beside the files that it was run on.

A transcript holds the files of a directory and the commands run there, each with its exact
output::

    -- filters.yml --
    version: 1
    ...
    -- $ impact explain docs/intro.md --
    docs/intro.md
    ...
    -- exit 2 --        only where it is not 0
    -- stderr --        only where there is any
    impact: ...

A section ``tracked``, ``moved`` or ``deleted`` makes a commit (the first one a repository);
in outputs the ids of the commits are numbered.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping

from tests.program import Program
from tests.repositories import Repository

SECTION = re.compile(r"^-- (.+) --\n", re.MULTILINE)


def transcript(program: Program, golden: str) -> str:
    """The golden with what the commands print now."""
    _, *parts = SECTION.split(golden)
    written = []
    history = History(Repository(program.directory))
    for name, text in zip(parts[::2], parts[1::2], strict=True):
        if name.startswith("$ "):
            printed = answer(program, name.removeprefix("$ "))
            written.append(f"-- {name} --\n" + history.numbered(printed))
        elif name in history.sections:
            history.sections[name](text)
            written.append(f"-- {name} --\n{text}")
        elif name != "stderr" and not name.startswith("exit "):
            program.write(name, text)
            written.append(f"-- {name} --\n{text}")
    return "".join(written)


def answer(program: Program, command: str) -> str:
    """What a command prints, on standard output and beside it, and how it ends."""
    name, *arguments = shlex.split(command)
    assert name == "impact"
    ran = program(*arguments)
    text = ran.out
    if ran.code:
        text += f"-- exit {ran.code} --\n"
    if ran.err:
        text += f"-- stderr --\n{ran.err}"
    text = text.replace(str(program.directory), "$PWD")
    return text.replace(str(program.directory.parent), "$PWD/..")


class History:
    """The commits of a transcript."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._commits: list[str] = []
        self.sections: Mapping[str, Callable[[str], None]] = {
            "tracked": self._tracked,
            "moved": self._moved,
            "deleted": self._deleted,
        }

    def numbered(self, text: str) -> str:
        """The text with ``COMMIT-2`` for the beginning of the second commit's id."""
        for number, commit in enumerate(self._commits, 1):
            text = text.replace(commit[:12], f"COMMIT-{number}")
        return text

    def _tracked(self, text: str) -> None:
        """Track files, one a line: ``{1..3}`` for several, ``name/`` for a submodule."""
        track(self._repository, text.splitlines())
        self._commit()

    def _moved(self, text: str) -> None:
        for line in text.splitlines():
            old, new = line.split(" -> ")
            target = self._repository.path / new
            target.parent.mkdir(parents=True, exist_ok=True)
            self._repository.git("mv", old, new)
        self._commit()

    def _deleted(self, text: str) -> None:
        self._repository.git("rm", "--quiet", "-r", "--", *text.splitlines())
        self._commit()

    def _commit(self) -> None:
        number = str(len(self._commits))  # so that no two commits are the same one
        self._repository.git("commit", "--quiet", "--allow-empty", "--message", number)
        self._commits.append(self._repository.id("HEAD"))


def track(repository: Repository, names: list[str]) -> None:
    """Add files, made where they are not there, to the index of a repository."""
    if not (repository.path / ".git").exists():
        repository.git("init", "--quiet", "--template=")
    for name in [one for line in names if line for one in expanded(line)]:
        if name.endswith("/"):
            entry = f"160000,{'1' * 40},{name.removesuffix('/')}"
            repository.git("update-index", "--add", "--cacheinfo", entry)
        else:
            if not (repository.path / name).exists():
                # Contents of their own, so that git sees which file was moved where.
                repository.write(name, f"{name}\n" * 5)
            repository.git("add", "--", name)


def expanded(name: str) -> Iterator[str]:
    """``a{1..3}`` to a1, a2 and a3."""
    match = re.fullmatch(r"(.*)\{(\d+)\.\.(\d+)\}(.*)", name)
    if match is None:
        yield name
        return
    for number in range(int(match[2]), int(match[3]) + 1):
        yield f"{match[1]}{number}{match[4]}"
