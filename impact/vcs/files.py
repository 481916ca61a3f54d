"""Which files a repository tracks, as its index has them."""

from __future__ import annotations

from impact.tracked import Tracked
from impact.vcs.diff import GITLINK, decode_path
from impact.vcs.git import Git


def tracked_files(git: Git) -> Tracked:
    """The files and the submodules of the index; those of a sparse checkout, too.

    Format: https://git-scm.com/docs/git-ls-files#_output
    """
    files: list[str] = []
    submodules: list[str] = []
    for entry in git.run("ls-files", "--stage", "-z").split(b"\0")[:-1]:
        header, _, path = entry.partition(b"\t")
        (submodules if header.startswith(GITLINK) else files).append(decode_path(path))
    return Tracked(files, submodules)


def is_ignored(git: Git, path: str) -> bool:
    """Whether git ignores a file that it does not track."""
    options = ("--others", "--ignored", "--exclude-standard", "-z")
    return bool(git.run("ls-files", *options, "--", path))
