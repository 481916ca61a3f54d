"""Which paths differ between a commit and the work tree, which stays as it is.

Three kinds are added up: what is staged, what is not, and what is untracked and not
ignored.  A file that the user told git to overlook (`update-index --assume-unchanged`,
`--skip-worktree`, a sparse checkout) is overlooked, since git would not commit it.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from impact.errors import GitError, UsageError
from impact.model import Change, Status
from impact.vcs.diff import GITLINK, OPTIONS, decode_path, distinct, parse_raw
from impact.vcs.git import Git

_OFF = {"filter": ("clean=", "process=", "required=false"), "hook": ("enabled=false",)}


def changed_in_work_tree(git: Git, base: str) -> list[Change]:
    """The changes from a commit, given by its full id, to the work tree.

    A path can come with two statuses: staged as added, say, and then deleted.
    """
    # Not "none", which has git run `git status` inside submodules, with filters of their
    # own configuration; `_dirty_submodules` looks into them instead.
    options = (*OPTIONS, "--ignore-submodules=dirty")
    with _private_index(git) as private:
        staged, unstaged, untracked, entries = private.runs(
            ("diff-index", "--cached", *options, base, "--"),
            ("diff-index", *options, base, "--"),
            ("ls-files", "--others", "--exclude-standard", "-z"),
            ("ls-files", "--stage", "-z"),
        )
    return distinct(
        [
            *parse_raw([staged]),
            *parse_raw([unstaged]),
            *parse_untracked(untracked),
            *_dirty_submodules(git.root, entries),
        ]
    )


def parse_untracked(output: bytes) -> list[Change]:
    """Changes from what ``ls-files --others -z`` prints.

    A name that ends in a slash is a repository of its own: git does not look into it.
    """
    return [
        Change(decode_path(name.removesuffix(b"/")), Status.ADDED, name.endswith(b"/"))
        for name in output.split(b"\0")[:-1]
    ]


def parse_gitlinks(output: bytes) -> list[bytes]:
    """The paths of the submodules in what ``ls-files --stage -z`` prints."""
    entries = output.split(b"\0")[:-1]
    links = (entry.partition(b"\t")[2] for entry in entries if entry.startswith(GITLINK))
    return list(dict.fromkeys(links))


def without_programs(names: Iterable[str]) -> list[str]:
    """Settings that switch off what these configuration keys say to run.

    Content filters: without its filter a file that was touched but not changed, and is
    stored filtered (Git LFS), counts as modified, the safe side.  Hooks by configuration
    (git 2.54), which `core.hooksPath` does not reach.  Raises `GitError` for a name that
    ``git -c`` cannot express.
    """
    matches = (re.fullmatch(r"(filter|hook)\.(.*)\.\w+", name, re.DOTALL) for name in names)
    found = dict.fromkeys((match[1], match[2]) for match in matches if match)
    for section, name in found:
        if "=" in name:
            raise GitError(
                f"the {section} {name!r} of git's configuration cannot be switched off"
            )
    return [
        f"{section}.{name}.{setting}" for section, name in found for setting in _OFF[section]
    ]


@contextmanager
def _private_index(git: Git) -> Iterator[Git]:
    """The same repository with a refreshed copy of its index; git runs no programs."""
    configuration = git.run("config", "--list", "--name-only", "-z")
    names = os.fsdecode(configuration).split("\0")
    with TemporaryDirectory(prefix="impact-") as folder:
        index = Path(folder, "index")
        with suppress(FileNotFoundError):  # nothing was ever staged
            # The time as well: git takes a file that is newer than the index, and of the
            # size the index says, to be possibly changed, and only then reads it.
            shutil.copy2(git.path("index"), index)
        private = replace(
            git,
            config=(*git.config, *without_programs(names)),
            environment={**git.environment, "GIT_INDEX_FILE": str(index)},
        )
        private.run("update-index", "-q", "--unmerged", "--refresh")
        yield private


def _dirty_submodules(root: str, entries: bytes) -> Iterator[Change]:
    """The submodules whose own work tree differs from their own HEAD.

    ``entries``: what ``ls-files --stage -z`` prints.
    """
    for name in parse_gitlinks(entries):
        place = Path(root, os.fsdecode(name))
        # A link on the way, to this very repository perhaps, is a change that git reports.
        if place.resolve() != place:
            continue
        if Path(place, ".git").exists() and _is_dirty(place):
            yield Change(decode_path(name), Status.MODIFIED, directory=True)


def _is_dirty(place: Path) -> bool:
    try:
        submodule = Git.open(place)
    except UsageError as error:
        raise GitError(f"submodule {error}") from None
    head = submodule.head
    return head is None or bool(changed_in_work_tree(submodule, head))
