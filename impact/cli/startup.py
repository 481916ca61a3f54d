"""The tricks by which a run is over sooner, in one place, each with what it gains.

Measured on whole processes of `impact detect` for two commits of a small repository.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from impact.cli.root import find_root, is_repository
from impact.errors import UsageError
from impact.vcs import ahead
from impact.vcs.git import Git


@contextmanager
def hurried(words: Sequence[str]) -> Iterator[None]:
    """For as long as the command that these words give is imported and runs."""
    # 3 ms here, and more with many paths: what is made is not in circles.
    gc.disable()
    try:
        _open_ahead(words)
        yield
    finally:
        ahead.stop()
        # 6 ms: the interpreter, as it ends, looks through all that is not frozen.
        gc.enable()
        gc.freeze()


def _open_ahead(words: Sequence[str]) -> None:
    """Ask git at once what the command will ask it first; it answers during the imports.

    3 ms.  What is wrong is told when the command asks.
    """
    directory, rest = ".", list(words)
    while rest and rest[0].startswith("-C"):
        option = rest.pop(0)
        directory = os.path.join(directory, option[2:] or "".join(rest[:1]))
        rest = rest if option[2:] else rest[1:]
    listed = any(word.startswith("--files-from") for word in rest)
    if listed or rest[:1] not in (["detect"], ["check"], ["gate"]):
        return
    with suppress(UsageError):
        root = find_root(directory)
        if is_repository(root):
            Git.open_ahead(root)
