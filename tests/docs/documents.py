"""The documents' files and commands, as a reader would type them.

A fenced block after ``<!-- file: NAME -->`` is a file.  A ``console`` block is a session:
lines that begin with ``$ `` are commands, what follows is their output, to the letter;
``...`` on a line of its own stands for any lines, and ``(exit code N)`` ends the output of
a command that fails.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])

_BLOCK = re.compile(
    r"^(?:<!-- file: (?P<file>\S+) -->\n)?```(?P<language>\w*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class File:
    """A file that the reader writes."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Command:
    """A command that the reader types, and what it prints."""

    line: str
    output: str


def steps(document: str) -> list[File | Command]:
    """The files and commands of a document, in order."""
    found: list[File | Command] = []
    for block in _BLOCK.finditer(document):
        if block["file"]:
            found.append(File(block["file"], block["text"]))
        elif block["language"] == "console":
            found += _commands(block["text"])
    return found


def _commands(session: str) -> list[Command]:
    # `make demo` itself shows sessions: a blank line before `$` is part of its output.
    parts = re.split(r"(?:\A|(?<=[^\n]\n))\$ ", session)
    rows = [part.partition("\n") for part in parts if part]
    return [Command(line, output) for line, _, output in rows]


def matches(output: str, wanted: str) -> bool:
    """Whether the output is the documented one."""
    pieces = re.split(r"^\.\.\.\n", wanted, flags=re.MULTILINE)
    return re.fullmatch(r"(?:.*\n)*?".join(map(re.escape, pieces)), output) is not None
