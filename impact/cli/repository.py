"""The repository of a run: what is checked out, if anything is, and its server."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from impact.cli.event import Event
from impact.cli.root import find_root, is_repository
from impact.errors import UsageError
from impact.events import filters_commit
from impact.model import UNTRUSTED

if TYPE_CHECKING:
    from impact.vcs.history import History
    from impact.vcs.server import Limits, Server
    from impact.vcs.store import Store

COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?\Z")
"""A full commit id."""
_WORKFLOW = re.compile(r"([^/]+/[^/]+)/(.+?\.ya?ml)@refs/|([^/]+/[^/]+)/(.+?\.ya?ml)@")


class RunRepository:
    """Where the files and the commits of a run are to be had.

    ``root``: of the repository that the directory is in, else what stands for it.
    ``checked_out`` is false where a run has nothing checked out, so that everything comes
    from its server.  ``pinned``: the one commit whose files may be read, if there is one.
    """

    def __init__(self, directory: str, event: Event | None, listed: bool = False) -> None:
        """Look where the directory is.

        ``listed``: no commit is compared, so nothing of a server is needed.  Raises
        `UsageError` where an event names no commit that it has to name.
        """
        self.root = find_root(directory)
        self.pinned = _pinned(event)
        self._in_ci = event is not None
        self._server = None if listed and self.pinned is None else _server()
        listed = listed and self.pinned is None
        self.checked_out = (
            listed or self._server is None or event is None or _is_checkout(self.root)
        )

    def store(self, asked: bool, limits: Limits) -> Store:
        """Its commits, and those of its server.

        ``asked``: somebody names commits, so that some may be fetched outside CI too.
        """
        from impact.vcs.git import Git
        from impact.vcs.store import Store

        head, temporary = (os.environ.get(name, "") for name in ("GITHUB_SHA", "RUNNER_TEMP"))
        return Store(
            # The root, which has a .git: a directory below may pose as a bare repository.
            Git.open(self.root) if self.checked_out else None,
            fetches=(self._in_ci or asked) and limits.seconds > 0,
            server=self._server,
            limits=limits,
            head=head if COMMIT.match(head) else None,
            folder=os.path.abspath(temporary) if temporary else None,
        )


def history_of(store: Store) -> History:
    """The history of what is in the store."""
    from impact.vcs.history import History

    return History(store)


def runner_workflow() -> tuple[str, str] | None:
    """The repository and the path of the run's workflow: OWNER/REPOSITORY/PATH@REF.

    None where the runner does not say.
    https://docs.github.com/en/actions/reference/workflows-and-actions/variables
    """
    found = _WORKFLOW.match(os.environ.get("GITHUB_WORKFLOW_REF", ""))
    return (found[1] or found[3], found[2] or found[4]) if found else None


def _is_checkout(root: str) -> bool:
    """Whether it is a repository, and not one that the workspace of the run lies in."""
    workspace = os.environ.get("GITHUB_WORKSPACE")
    if workspace:
        inside = os.path.relpath(root, os.path.realpath(workspace))
        below = os.path.relpath(os.path.realpath(workspace), root)
        if inside.split(os.sep)[0] == os.pardir and below.split(os.sep)[0] != os.pardir:
            return False
    return is_repository(root)


def _pinned(event: Event | None) -> str | None:
    """The one commit whose filters may be read, for an event that has such a one."""
    commit = filters_commit(event.name, event.payload) if event else None
    if commit == "":
        raise UsageError(
            "the payload names no commit in pull_request.base.sha to read the filters of, "
            f"and {UNTRUSTED.problem}"
        )
    return commit


def _server() -> Server | None:
    from impact.vcs.server import Server

    token = os.environ.pop("IMPACT_TOKEN", "")
    url, name = (os.environ.get(f"GITHUB_{word}") for word in ("SERVER_URL", "REPOSITORY"))
    return Server(url, name, token) if url and name else None
