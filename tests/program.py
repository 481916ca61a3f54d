"""The program as a user runs it: arguments, environment and standard input to exit code.

A test module takes the fixture in with ``pytest_plugins = ["tests.program"]``.

PYTEST_DONT_REWRITE: test modules import names from here before pytest loads the plugin.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

SOURCES = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Ran:
    """What one run left."""

    code: int
    raw_out: bytes
    raw_err: bytes

    @property
    def out(self) -> str:
        """Standard output."""
        return self.raw_out.decode("utf-8")

    @property
    def err(self) -> str:
        """Standard error."""
        return self.raw_err.decode("utf-8")

    @property
    def json(self) -> Any:
        """Standard output as JSON, of a run that ended well."""
        assert self.code in (0, 1), self
        assert not self.raw_err, self
        return json.loads(self.raw_out)


class Program:
    """`impact`, run in a directory and an environment in which nothing is inherited."""

    def __init__(
        self, directory: Path, home: Path, server: socket.socket, user: int | None = None
    ) -> None:
        self.directory = directory
        self.server = server
        self._user = user
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "LC_ALL": "C.UTF-8",
            "PYTHONPATH": str(SOURCES),
            "PYTHONDONTWRITEBYTECODE": "1",
            "COLUMNS": "80",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CEILING_DIRECTORIES": str(directory.parent),
        }

    def __call__(
        self,
        *arguments: str | bytes | Path,
        stdin: bytes = b"",
        at: str | Path = ".",
        stdout: int | None = None,
        fresh: bool = False,
        **environment: str | Path | None,
    ) -> Ran:
        """Run it to its end, ``at`` a directory below; a variable that is None is unset.

        ``stdout``: a file descriptor to print to; ``fresh``: in an interpreter of its own,
        started as `python -m impact`.
        """
        words = [os.fsdecode(word) for word in arguments]
        directory = self.directory / at
        whole = self.whole_environment(environment)
        with tempfile.TemporaryFile() as given:
            given.write(stdin)
            given.seek(0)
            if fresh:
                command = [sys.executable, "-m", "impact", *words]
                done = subprocess.run(
                    command, stdin=given, capture_output=True, cwd=directory, env=whole
                )
                return Ran(done.returncode, done.stdout, done.stderr)
            with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
                request = {
                    "arguments": words,
                    "directory": str(directory),
                    "environment": whole,
                    "user": self._user,
                }
                data = json.dumps(request).encode()
                written = out.fileno() if stdout is None else stdout
                descriptors = [given.fileno(), written, err.fileno()]
                socket.send_fds(self.server, [b"%20d" % len(data)], descriptors)
                self.server.sendall(data)
                code = int(self.server.recv(20))
                out.seek(0)
                err.seek(0)
                return Ran(code, out.read(), err.read())

    def whole_environment(self, changed: Mapping[str, str | Path | None]) -> dict[str, str]:
        """The environment of a run in which some variables are set or unset."""
        merged = {**self.environment, **changed}
        return {name: str(value) for name, value in merged.items() if value is not None}

    def write(self, name: str, data: str | bytes) -> Path:
        """Write a file below the directory."""
        place = self.directory / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data.encode() if isinstance(data, str) else data)
        return place


@pytest.fixture(scope="session")
def _server() -> Iterator[socket.socket]:
    ours, theirs = socket.socketpair()
    command = [sys.executable, str(SOURCES / "tests" / "preloaded.py")]
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment = {**kept, "PYTHONPATH": str(SOURCES), "LC_ALL": "C.UTF-8"}
    with theirs:
        process = subprocess.Popen(command, stdin=theirs, env=environment)
    ours.settimeout(60)
    with ours, process:
        yield ours
        ours.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def program(tmp_path: Path, _server: socket.socket) -> Program:
    """The program in a new directory, without a repository."""
    home = tmp_path / "home"
    home.mkdir()
    directory = tmp_path / "work"
    directory.mkdir()
    return Program(directory, home, _server)
