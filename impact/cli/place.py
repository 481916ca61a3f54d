"""The filters file of a repository, and other paths in it as they are typed."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence

from impact.config.load import MAX_BYTES, parse_filters
from impact.config.names import listed, nearest
from impact.errors import FiltersError, UsageError
from impact.findings import Finding, Location
from impact.model import DEFAULT_FILES, Filters
from impact.quoting import quote

FILTERS_HELP = f"the filters file (default: {' or '.join(DEFAULT_FILES)} at the root)"


def load_filters(directory: str, root: str, file: str | None) -> Filters:
    """The filters of ``--filters`` (relative to the directory), else of a default name.

    Raises `FiltersError` for what is wrong in the file or with it, `UsageError` where
    there is none.
    """
    return parse_filters(*read_filters(directory, root, file))


def read_filters(directory: str, root: str, file: str | None) -> tuple[bytes, str]:
    """The bytes of the file that `load_filters` loads, and its path from the root."""
    name = _default_file(root) if file is None else _named_file(directory, root, file)
    return _read(os.path.join(root, name), name), name


def known_surface(filters: Filters, name: str, option: str) -> str:
    """The name, if it is that of a surface; else raises `UsageError`."""
    if name not in filters.surfaces:
        close = nearest(name, filters.surfaces)
        hint = f"; did you mean {close}?" if close else ""
        raise UsageError(
            f"{option}: there is no surface {quote(name) or repr('')}; "
            f"there are: {listed(filters.surfaces)}{hint}"
        )
    return name


def _default_file(root: str) -> str:
    present = [name for name in DEFAULT_FILES if os.path.lexists(os.path.join(root, name))]
    if len(present) == 2:
        raise two_files()
    if not present:
        raise UsageError(
            f"no filters file: {' or '.join(DEFAULT_FILES)} at {quote(root)}; "
            "write one, or name another with --filters"
        )
    return _named_file(root, root, present[0])


def two_files() -> FiltersError:
    """The error for a repository with both default files."""
    message = f"both {' and '.join(DEFAULT_FILES)} exist, and only one can be right"
    return FiltersError(
        [Finding("two-files", message, Location(DEFAULT_FILES[1]), fix="delete one")]
    )


def _named_file(directory: str, root: str, file: str) -> str:
    """The file's path from the root; the absolute one where it lies outside."""
    whole = os.path.normpath(os.path.join(os.path.realpath(directory), file))
    real = os.path.join(os.path.realpath(os.path.dirname(whole)), os.path.basename(whole))
    for path in (whole, real):
        inside = os.path.relpath(path, root)
        if inside.split(os.sep)[0] == os.pardir:
            continue
        if os.path.join(root, inside) != real:
            problem = "the filters file is behind a link, so its changes would go unseen"
            fix = f"name it as it is: --filters {quote(os.path.relpath(real, root))}"
            raise FiltersError([Finding("unreadable", problem, Location(inside), fix=fix)])
        return inside
    return real


def _read(path: str, name: str) -> bytes:
    problem, fix = "", None
    try:
        mode = os.lstat(path).st_mode
        if stat.S_ISREG(mode):
            with open(path, "rb") as stream:
                return stream.read(MAX_BYTES + 1)
        problem = "the filters file is no regular file"
        if stat.S_ISLNK(mode):
            problem = "the filters file is a symbolic link, so its changes would go unseen"
            fix = "put the file itself there, or name it with --filters"
    except FileNotFoundError:
        raise UsageError(
            f"there is no filters file {quote(name)}; "
            "--filters takes a path from the current directory"
        ) from None
    except OSError as error:
        problem = f"the filters file cannot be read: {(error.strerror or str(error)).lower()}"
    raise FiltersError([Finding("unreadable", problem, Location(name), fix=fix)])


def root_relative(
    directory: str, root: str, paths: Sequence[str]
) -> list[tuple[str, bool, str]]:
    """Paths as typed in the directory to paths from the root, and whether each is a directory.

    The third of each row is the path from the root with the slash that was typed, if any.

    A path need not exist; a trailing slash or an existing directory means anything
    beneath.  Raises `UsageError` for a path outside the repository.
    """
    found = []
    for path in paths:
        if not path or "\0" in path:
            raise UsageError("an empty path names nothing; . is this directory")
        whole = os.path.normpath(os.path.join(os.path.realpath(directory), path))
        inside = os.path.relpath(whole, root)
        if inside.split(os.sep)[0] == os.pardir:
            real = os.path.join(
                os.path.realpath(os.path.dirname(whole)), os.path.basename(whole)
            )
            inside = os.path.relpath(real, root)
        if inside.split(os.sep)[0] == os.pardir:
            raise UsageError(f"{quote(path)} lies outside the repository at {quote(root)}")
        is_directory = os.path.isdir(whole) and not os.path.islink(whole)
        directory_meant = path.endswith("/") or is_directory
        asked = inside + "/" * (path.endswith("/") and inside != os.curdir)
        found.append(("" if inside == os.curdir else inside, directory_meant, asked))
    return found
