"""What a GitHub Actions runner reads out of a step: outputs from a file, commands from a log.

Written after the runner's own code, so that a test sees what the runner would see:
https://github.com/actions/runner/blob/main/src/Runner.Worker/FileCommandManager.cs
https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

COMMANDS = frozenset(
    {
        "add-mask",
        "add-matcher",
        "add-path",
        "debug",
        "echo",
        "endgroup",
        "error",
        "group",
        "internal-set-repo-path",
        "notice",
        "remove-matcher",
        "save-state",
        "set-env",
        "set-output",
        "stop-commands",
        "warning",
    }
)
_DATA = (("%0D", "\r"), ("%0A", "\n"), ("%25", "%"))
_PROPERTY = (*_DATA[:2], ("%3A", ":"), ("%2C", ","), _DATA[2])


@dataclass(frozen=True)
class Command:
    """A workflow command, ``::name key=value::data``."""

    name: str
    data: str
    properties: dict[str, str] = field(default_factory=dict)


def read_outputs(written: bytes) -> dict[str, str]:
    """The outputs in what a step wrote to ``$GITHUB_OUTPUT``; ValueError if it is malformed."""
    lines = iter(written.decode("utf-8").split("\n"))
    found = {}
    for line in lines:
        if not line:
            continue
        equals, heredoc = line.find("="), line.find("<<")
        if equals >= 0 and (heredoc < 0 or equals < heredoc):
            name, _, value = line.partition("=")
        elif heredoc >= 0:
            name, _, delimiter = line.partition("<<")
            rows = []
            for row in lines:
                if row == delimiter:
                    break
                rows.append(row)
            else:
                raise ValueError(f"no delimiter ends {name}")
            value = "\n".join(rows)
        else:
            raise ValueError(f"no output: {line}")
        if not name:
            raise ValueError(f"no name: {line}")
        found[name] = value
    return found


def read_commands(log: bytes) -> list[Command]:
    """The commands that the runner obeys in what a step printed."""
    return list(_commands(log))


def _commands(log: bytes) -> Iterator[Command]:
    stopped: str | None = None
    # As .NET reads lines: a carriage return alone ends one too.
    for line in re.split("\r\n|\r|\n", log.decode("utf-8", "replace")):
        known = COMMANDS if stopped is None else {stopped}
        command = _second(line, known) or _first(line, known)
        if command is None:
            continue
        if stopped is not None:
            stopped = None
        elif command.name == "stop-commands":
            stopped = command.data
        else:
            yield command


def _second(line: str, known: frozenset[str] | set[str]) -> Command | None:
    """``::name key=value,key=value::data``, at the beginning of a line but for blanks."""
    line = line.lstrip()
    end = line.find("::", 2)
    if not line.startswith("::") or end < 0:
        return None
    name, _, rest = line[2:end].partition(" ")
    if name.lower() not in known:
        return None
    pairs = (pair.partition("=") for pair in rest.strip().split(",") if "=" in pair)
    properties = {key.strip(): _unescaped(value, _PROPERTY) for key, _, value in pairs}
    return Command(name.lower(), _unescaped(line[end + 2 :], _DATA), properties)


def _first(line: str, known: frozenset[str] | set[str]) -> Command | None:
    """``##[name key=value;]data``, anywhere in a line."""
    start = line.find("##[")
    end = line.find("]", start)
    if start < 0 or end < 0:
        return None
    name, _, _ = line[start + 3 : end].partition(" ")
    return Command(name.lower(), line[end + 1 :]) if name.lower() in known else None


def _unescaped(text: str, table: tuple[tuple[str, str], ...]) -> str:
    for escape, character in table:
        text = text.replace(escape, character)
    return text
