"""The bytecode of what the action runs, made by the first run of a job for those after it.

It lies beside the packages and is guarded as they are.  Nothing is written elsewhere: not
beside the action's own modules, and not into the user's Python, whose modules come with
bytecode.  Without it every run would compile whatever it imports.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.machinery import (
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    SourceFileLoader,
)
from types import CodeType

from action.shared import is_whole, seal, turn

BYTECODE = "bytecode"


@contextmanager
def bytecode(place: str, *sources: str) -> Iterator[None]:
    """Import what is beneath ``sources`` by way of the bytecode that ``place`` has.

    Where it has none that is whole, that of the modules imported until the end of the block
    becomes it, unless the block raises.  Raises OSError where ``place`` cannot be written.
    """
    folder = os.path.join(place, BYTECODE)
    if is_whole(folder):
        _import_by_way_of(folder, sources, write=False)
        yield
        return
    with tempfile.TemporaryDirectory(
        prefix=BYTECODE + "-", dir=place, ignore_cleanup_errors=True
    ) as work:
        new = os.path.join(work, "new")
        _import_by_way_of(new, sources, write=True)
        yield
        sys.path_hooks.pop(0)
        sys.path_importer_cache.clear()
        with suppress(OSError), turn(place + ".turn"):
            if not is_whole(folder):
                if os.path.lexists(folder):
                    os.rename(folder, os.path.join(work, "damaged"))
                os.rename(new, folder)
                seal(folder)


def _import_by_way_of(folder: str, sources: tuple[str, ...], *, write: bool) -> None:
    """Have Python read the bytecode of ``sources`` in ``folder``, and ``write`` what it lacks.

    https://docs.python.org/3/library/sys.html#sys.path_hooks
    """

    class Loader(SourceFileLoader):
        def get_code(self, fullname: str) -> CodeType | None:
            # Of these modules alone: those of the user's Python have theirs beside them.
            sys.pycache_prefix, sys.dont_write_bytecode = folder, not write
            try:
                return super().get_code(fullname)
            finally:
                sys.pycache_prefix, sys.dont_write_bytecode = None, True

    loaders = ((ExtensionFileLoader, EXTENSION_SUFFIXES), (Loader, SOURCE_SUFFIXES))

    def finder(path: str) -> FileFinder:
        if not path.startswith(sources):
            raise ImportError
        return FileFinder(path, *loaders)

    sys.path_hooks.insert(0, finder)
    sys.path_importer_cache.clear()
