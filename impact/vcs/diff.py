"""Which paths changed between two commits, from git's raw diff.

Plumbing, so that no setting for people (`diff.*`) has a say; every option that would
hide a change is given as its opposite.  Format and options:
https://git-scm.com/docs/git-diff-tree#_raw_output_format
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import closing

from impact.errors import GitError
from impact.model import Change, Status
from impact.vcs.git import Git

OPTIONS = (
    "--raw",
    "-r",
    "-z",
    "--no-renames",
    "--no-relative",
    "--no-ext-diff",
    "--no-textconv",
)
"""For every raw diff.  A rename is a delete and an add: both sides count."""

_HEADER = re.compile(rb":(\d{6}) (\d{6}) [0-9a-f]+ [0-9a-f]+ ([ADMTUX])")

_STATUS = {
    b"A": Status.ADDED,
    b"D": Status.DELETED,
    b"M": Status.MODIFIED,
    b"T": Status.TYPE_CHANGED,
    b"U": Status.MODIFIED,  # unmerged
}

GITLINK = b"160000"
"""The mode of a submodule."""


def changed_between(git: Git, base: str, head: str) -> list[Change]:
    """The changes from one commit's tree to another's, both full ids (two-dot)."""
    # What is no commit is no answer: the id of a tree would be compared as well.
    ends = (base + "^{commit}", head + "^{commit}")
    options = (*OPTIONS, "--ignore-submodules=none", *ends)
    with closing(git.stream("diff-tree", *options, "--")) as pieces:
        return parse_raw(pieces)


def parse_raw(pieces: Iterable[bytes]) -> list[Change]:
    """Changes from what ``--raw -z --no-renames`` prints, in pieces of any size.

    Raises `GitError` for anything else, renames included: a diff read wrongly could lose
    a change.
    """
    changes: list[Change] = []
    rest = b""
    for piece in pieces:
        fields = (rest + piece).split(b"\0")
        whole = (len(fields) - 1) // 2 * 2
        changes += map(_change, fields[:whole:2], fields[1:whole:2])
        rest = b"\0".join(fields[whole:])
    if rest:
        raise GitError("git printed a raw diff that is cut off")
    return changes


def _change(header: bytes, path: bytes) -> Change:
    match = _HEADER.fullmatch(header)
    if not match:
        raise GitError(f"git printed a raw diff that impact cannot read: {header!r}")
    before, after, letter = match.groups()
    return Change(decode_path(path), _STATUS.get(letter), GITLINK in (before, after))


def decode_path(path: bytes) -> str:
    """A path as `impact.model` has it, whatever its bytes."""
    return path.decode("utf-8", "surrogateescape")


def distinct(changes: Iterable[Change]) -> list[Change]:
    """Each change once, in the order given; a path can keep several statuses."""
    return list(dict.fromkeys(changes))
