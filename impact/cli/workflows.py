"""The workflow files of a repository, and whatever else their checks read."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from impact.config.document import MAX_BYTES
from impact.errors import UsageError, WorkflowError
from impact.findings import Finding
from impact.quoting import quote
from impact.workflows.workflow import FOLDER, Workflow, parse_workflow

Read = Callable[[str], bytes | None]


@dataclass(frozen=True)
class WorkflowFiles:
    """Those that could be read, by their paths, and what is wrong with the others."""

    workflows: dict[str, Workflow] = field(default_factory=dict)
    refused: list[Finding] = field(default_factory=list)


def load_workflows(directory: str, root: str, folder: str | None) -> WorkflowFiles:
    """The workflows of ``--workflows`` (relative to the directory), else where GitHub looks.

    Raises `UsageError` for a folder that was asked for and is none.
    """
    whole = os.path.join(root, FOLDER)
    if folder is not None:
        whole = os.path.normpath(os.path.join(os.path.realpath(directory), folder))
    try:
        names = sorted(os.listdir(whole))
    except OSError as error:
        if folder is None:
            return WorkflowFiles()
        message = f"--workflows {quote(folder)}: {(error.strerror or str(error)).lower()}"
        raise UsageError(message) from None
    paths = {name: os.path.relpath(os.path.join(whole, name), root) for name in names}
    read, found = disk_reader(root, paths.values()), WorkflowFiles()
    for name, path in paths.items():
        data = read(path) if name.endswith((".yml", ".yaml")) else None
        if data is None or not _has_content(data):
            continue
        try:
            found.workflows[path] = parse_workflow(data, path)
        except WorkflowError as error:
            found.refused.extend(error.findings)
    return found


def _has_content(data: bytes) -> bool:
    """Whether there is more than comments in it; GitHub lets such a file be."""
    lines = (line.strip() for line in data.removeprefix(b"\xef\xbb\xbf").splitlines())
    return any(line and not line.startswith(b"#") for line in lines)


def disk_reader(root: str, outside: Collection[str] = ()) -> Read:
    """Reads regular files by their paths from the root; None for anything else.

    ``outside``: the paths of files that may be read though they lie elsewhere.
    """

    def read(path: str) -> bytes | None:
        file = os.path.join(root, path)
        try:
            if not stat.S_ISREG(os.lstat(file).st_mode):
                return None
            inside = os.path.relpath(os.path.realpath(file), os.path.realpath(root))
            if inside.split(os.sep)[0] == os.pardir and path not in outside:
                return None
            with open(file, "rb") as stream:
                return stream.read(MAX_BYTES + 1)
        except (OSError, ValueError):
            return None

    return read
