"""Make `.venv`: the tools of `dev.txt`, by hash, and impact itself, editable.

Standard library only, for any machine with Python and git.  A set-up that is complete,
undamaged and made for the same locks and interpreter is kept: the stamp, written last,
holds the size of every file that was installed, so a look at each is enough to know.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "impact-set-up.json"
MADE_FROM = ("requirements/dev.txt", "requirements/set_up.py", "pyproject.toml")
PIP = ("-I", "-m", "pip", "--disable-pip-version-check", "--no-input")
INSTALL = (*PIP, "install", "-qq", "--no-compile")


def key() -> str:
    """What the set-up depends on: the locks, the project's metadata, the interpreter."""
    digest = hashlib.sha256(f"{ROOT}\n{sys.executable}\n{sys.version}".encode())
    for name in MADE_FROM:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def installed() -> dict[str, int]:
    """Every file of the set-up with its size; links count as what they point to."""
    return {
        str(path.relative_to(VENV)): path.stat().st_size
        for path in sorted(VENV.rglob("*"))
        if path.is_file() and path.suffix != ".pyc"
    }


def is_sound() -> bool:
    """Whether the set-up at hand was completed, for this key, and is as it was then."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
        return stamp["key"] == key() and all(
            (VENV / name).stat().st_size == size for name, size in stamp["files"].items()
        )
    except (OSError, ValueError, KeyError):
        return False


def build() -> None:
    """Make the set-up anew."""
    print("setting up .venv ...", file=sys.stderr, flush=True)
    python = str(VENV / "bin" / "python")
    lock = ("--require-hashes", "--only-binary", ":all:", "-r", "requirements/dev.txt")
    project = ("--no-deps", "--no-build-isolation", "--editable", ".")
    for command in (
        (sys.executable, "-I", "-m", "venv", "--clear", str(VENV)),
        (python, *INSTALL, *lock),
        (python, *INSTALL, *project),
    ):
        subprocess.run(command, cwd=ROOT, env={**os.environ, "PIP_USER": "0"}, check=True)
    STAMP.write_text(json.dumps({"key": key(), "files": installed()}), encoding="utf-8")


def main() -> int:
    """Set up unless that is done; 1 with a reason where it cannot be."""
    if sys.version_info < (3, 10):  # noqa: UP036 - older ones get here to be told
        print(
            "impact needs Python 3.10 or newer, this is {}.{}: make PYTHON=... names "
            "another".format(*sys.version_info),
            file=sys.stderr,
        )
        return 1
    if not is_sound():
        try:
            build()
        except subprocess.CalledProcessError as error:
            print(f"set-up failed: {' '.join(error.cmd)}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
