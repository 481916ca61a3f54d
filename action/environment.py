"""The packages that impact needs, in a directory of its own on this runner.

They are those of requirements/runtime.txt, by hash.  The user's Python is left as it is.
The directory lies in RUNNER_TEMP, which the runner empties for each job; within a job it is
used again, but only if each of its files is still the one that was installed.

Every run comes here, so what only an installation needs is imported where one is made.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from importlib.machinery import EXTENSION_SUFFIXES

from action.errors import ActionError
from action.shared import is_whole, seal, turn

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
LOCK = os.path.join(ROOT, "requirements", "runtime.txt")
PACKAGES = "packages"


def packages(environment: Mapping[str, str]) -> str:
    """The directory to import the packages from, made or repaired if need be.

    ``environment`` is the step's.  Raises `ActionError` where they cannot be installed,
    OSError where the disk fails.
    """
    if not environment.get("RUNNER_TEMP"):
        raise ActionError("RUNNER_TEMP is not set: only a GitHub Actions runner runs this")
    parent = os.path.abspath(environment["RUNNER_TEMP"])
    with open(LOCK, "rb") as stream:
        place = directory(parent, stream.read())
    found = os.path.join(place, PACKAGES)
    with turn(place + ".turn"):
        if not is_whole(found):
            _replace(place, environment)
    return found


def directory(parent: str, lock: bytes) -> str:
    """Where the packages of ``lock`` belong: one place per lock, interpreter and platform."""
    libc = None
    with suppress(ValueError, OSError):  # there is none to ask but glibc
        libc = os.confstr("CS_GNU_LIBC_VERSION")
    # The suffix of extension modules has the ABI, and on Linux the platform.
    made_for = (
        sys.executable,
        sys.version,
        EXTENSION_SUFFIXES[0],
        os.uname().machine,
        str(libc),
    )
    text = "\0".join((lock.decode(), *made_for))
    key = hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
    return os.path.join(parent, f"impact-{key[:16]}")


def _replace(place: str, environment: Mapping[str, str]) -> None:
    """Install beside ``place``, and give the new directory its name when it is complete."""
    import tempfile

    from action.installation import install

    print("impact: installing its dependencies", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(
        prefix=f"{os.path.basename(place)}-",
        dir=os.path.dirname(place),
        ignore_cleanup_errors=True,
    ) as work:
        new = os.path.join(work, "new")
        os.mkdir(new, mode=0o700)
        target = os.path.join(new, PACKAGES)
        install(LOCK, target, work, environment)
        seal(target)
        if os.path.lexists(place):
            print("impact: what was installed is damaged; it is replaced", file=sys.stderr)
            os.rename(place, os.path.join(work, "damaged"))
        os.rename(new, place)
