"""A machine on which the action starts: nothing is on PATH but what a test puts there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from action.environment import LOCK, PACKAGES
from action.shared import is_whole

ROOT = Path(__file__).resolve().parent.parent.parent
ASK = """\
import os, sys
sys.path.insert(0, {root!r})
sys.dont_write_bytecode = True
from action import environment
environment.LOCK = {lock!r}
print(environment.packages(os.environ))
"""
ALL = ("yaml", "git", "pathspec", "pydantic")


def find_uv() -> Path:
    """The uv of the environment that runs the tests."""
    uv = shutil.which("uv", path=Path(sys.executable).parent)
    if uv is None:
        pytest.fail("uv is missing: `make set-up` installs it in .venv, `make test` uses it")
    return Path(uv)


@dataclass
class Machine:
    """A runner's machine: programs on PATH, a RUNNER_TEMP, a workspace, a home.

    ``lock`` is what `install` installs, ``packages`` what is then imported.
    """

    root: Path
    environment: dict[str, str] = field(default_factory=dict)
    lock: str = LOCK
    packages: Sequence[str] = ALL

    def __post_init__(self) -> None:
        for name in ("bin", "temp", "workspace", "home"):
            (self.root / name).mkdir(parents=True)
        reaching = ("PIP_", "UV_", "SSL_", "REQUESTS_CA", "HTTP", "http", "NO_PROXY")
        kept = {k: v for k, v in os.environ.items() if k.startswith(reaching)}
        self.environment = kept | {
            "HOME": str(self.root / "home"),
            "PATH": str(self.bin),
            "RUNNER_TEMP": str(self.temp),
            **self.environment,
        }

    @property
    def bin(self) -> Path:
        return self.root / "bin"

    @property
    def temp(self) -> Path:
        return self.root / "temp"

    @property
    def workspace(self) -> Path:
        return self.root / "workspace"

    @property
    def python(self) -> str:
        """The interpreter, by its own name, so that it sees the machine's packages only."""
        return str(self.bin / "python3")

    @property
    def place(self) -> Path:
        """The one directory that is installed."""
        found = [p for p in self.temp.iterdir() if p.name.startswith("impact-") and p.is_dir()]
        assert len(found) == 1, found
        return found[0]

    def give_python(self, *, with_packages: bool) -> None:
        """The interpreter of the tests, in an environment of its own that is never written to.

        ``with_packages``: what is installed for that interpreter is seen there, too.
        """
        real = Path(sys.executable).resolve()
        seen = str(with_packages).lower()
        (self.root / "pyvenv.cfg").write_text(
            f"home = {real.parent}\ninclude-system-site-packages = {seen}\n"
        )
        with suppress(FileExistsError):
            (self.bin / "python3").symlink_to(real)

    def program(self, name: str, script: str) -> None:
        """Put a shell script on PATH."""
        (self.bin / name).write_text(f"#!/bin/sh\n{script}\n")
        (self.bin / name).chmod(0o755)

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        ask = ASK.format(root=str(ROOT), lock=self.lock)
        return subprocess.Popen(
            [self.python, "-I", "-S", *(arguments or ("-c", ask))],
            cwd=self.workspace,
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        process = self.start(*arguments, **environment)
        out, err = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def only(self, package: str) -> Machine:
        """Let the lock be one package of it, which takes less time."""
        pin = rf"^{package}==.*\n(?: .*\n)+"
        (found,) = re.findall(pin, Path(LOCK).read_text(encoding="utf-8"), re.M)
        self.lock, self.packages = str(self.root / "lock.txt"), (package,)
        Path(self.lock).write_text(found, encoding="utf-8")
        return self

    def install(self, **environment: str) -> str:
        """Have the packages installed, and import them; what was said on the way."""
        done = self.run(**environment)
        assert done.returncode == 0, done.stderr
        assert Path(done.stdout.strip()) == self.place / PACKAGES
        path = str(self.place / PACKAGES)
        code = (
            f"import sys; sys.path.insert(0, {path!r}); import {', '.join(self.packages)}; "
            f"print({self.packages[0]}.__file__)"
        )
        used = self.run("-B", "-c", code, GIT_PYTHON_REFRESH="quiet")
        assert used.stdout.startswith(path), used.stderr
        assert is_whole(str(self.place / PACKAGES))
        return done.stderr
