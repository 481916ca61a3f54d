"""What the program prints, to the letter: ``goldens/NAME.txt``.

The form is that of `tests.transcripts`.  To add one, write the files and the commands and
let `make goldens` (``pytest --goldens``) write the outputs; read them before you commit.
"""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from tests.program import Program
from tests.transcripts import transcript

pytest_plugins = ["tests.program", "tests.repositories"]

GOLDENS = Path(__file__).parent / "goldens"


@pytest.mark.parametrize("name", sorted(file.stem for file in GOLDENS.iterdir()))
def test_golden(program: Program, golden: Callable[[str, str], None], name: str) -> None:
    expected = (GOLDENS / f"{name}.txt").read_text(encoding="utf-8")
    golden(transcript(program, expected), f"goldens/{name}.txt")


# Colour: only where it is seen.


FILTERS = "version: 1\nsurfaces:\n  docs: [/docs/]\n  sdk: [/sdk/]\n"
EXPLAIN = ("explain", "docs/intro.md")
DETECT = ("detect", "--files-from", "changes")
PLAIN_DETECT = """\
1 changed path: the given list of paths

awake   docs  docs/intro.md matches /docs/ at filters.yml:3:10
asleep  sdk   no changed path matches its rules
"""
COLORED_DETECT = """\
1 changed path: the given list of paths

\x1b[1;33mawake \x1b[0m  docs  docs/intro.md matches /docs/ at filters.yml:3:10
\x1b[32masleep\x1b[0m  sdk   \x1b[2mno changed path matches its rules\x1b[0m
"""


@pytest.fixture
def small(program: Program) -> Program:
    program.write("filters.yml", FILTERS)
    program.write("changes", "docs/intro.md\n")
    return program


def on_terminal(program: Program, *arguments: str, **environment: str) -> str:
    """What a run prints on a terminal that is its standard output, as it arrives there."""
    ours, theirs = pty.openpty()
    ran = program(*arguments, stdout=theirs, **environment)
    os.close(theirs)
    printed = b""
    with os.fdopen(ours, "rb", buffering=0) as terminal, suppress(OSError):  # at its end
        while some := terminal.read(1 << 16):
            printed += some
    assert (ran.code, ran.err) == (0, "")
    return printed.decode().replace("\r\n", "\n")


@pytest.mark.parametrize(
    "environment", [{}, {"NO_COLOR": ""}, {"TERM": "xterm-256color"}], ids=str
)
def test_a_terminal_gets_colour(small: Program, environment: dict[str, str]) -> None:
    assert on_terminal(small, *DETECT, **environment) == COLORED_DETECT


@pytest.mark.parametrize(
    "environment", [{"NO_COLOR": "1"}, {"NO_COLOR": "0"}, {"TERM": "dumb"}], ids=str
)
def test_a_terminal_that_wants_none_gets_none(
    small: Program, environment: Mapping[str, str]
) -> None:
    assert on_terminal(small, *DETECT, **environment) == PLAIN_DETECT
    for command in (EXPLAIN, (*DETECT, "--surface=docs")):
        assert on_terminal(small, *command, **environment) == small(*command).out


@pytest.mark.parametrize("command", [EXPLAIN, DETECT, (*DETECT, "--surface=sdk")], ids=str)
def test_colour_adds_nothing_but_colour(small: Program, command: tuple[str, ...]) -> None:
    colored = on_terminal(small, *command)
    assert "\x1b[" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == small(*command).out


@pytest.mark.parametrize("name", ["json", "dotenv"])
def test_what_programs_read_has_no_colour(small: Program, name: str) -> None:
    command = (*DETECT, "--format", name)
    assert on_terminal(small, *command) == small(*command).out


def test_a_pipe_gets_no_colour(small: Program) -> None:
    """Not even where standard error is a terminal; in a new interpreter, to be sure."""
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "impact", *DETECT],
        cwd=small.directory,
        env=small.environment | {"TERM": "xterm"},
        stdout=subprocess.PIPE,
        stderr=theirs,
        check=True,
    )
    os.close(theirs)
    os.close(ours)
    assert done.stdout.decode() == PLAIN_DETECT
