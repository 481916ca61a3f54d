"""Directories that the runs of a job share: made in turn, used only while they are whole."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def turn(file: str) -> Iterator[None]:
    """Wait for the others that are about to look or make something, and keep them waiting.

    ``file`` is locked; the lock goes with the process, however that ends.
    """
    with open(file, "a") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("impact: waiting for another installation", file=sys.stderr, flush=True)
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def manifest(folder: str) -> str:
    """Where it is written down what is in ``folder``."""
    return folder + ".json"


def seal(folder: str) -> None:
    """Write down what is in ``folder``.  Raises OSError where that fails."""
    found = json.dumps(_digests(folder))
    with open(manifest(folder), "w", encoding="utf-8") as stream:
        stream.write(found)


def is_whole(folder: str) -> bool:
    """Whether ``folder`` holds exactly what was sealed: no file more, less or other."""
    try:
        with open(manifest(folder), encoding="utf-8") as stream:
            sealed = json.load(stream)
        return bool(sealed) and bool(sealed == _digests(folder))
    except (OSError, ValueError, RecursionError):
        return False


def _digests(folder: str) -> dict[str, str]:
    """The SHA-256 of every file beneath ``folder``, by its path; of a link, its target."""
    found = {}
    waiting = [folder]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                name = entry.path[len(folder) + 1 :]
                if entry.is_symlink():
                    found[name] = "-> " + os.readlink(entry.path)
                elif entry.is_dir():
                    waiting.append(entry.path)
                elif entry.is_file():
                    with open(entry.path, "rb", buffering=0) as stream:
                        found[name] = hashlib.sha256(stream.readall()).hexdigest()
                else:
                    found[name] = "neither file, link nor directory"
    return found
