"""Clones as CI makes them, of a repository that a real server serves.

PYTEST_DONT_REWRITE: test modules import names from here before pytest loads the plugin.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from impact.vcs.git import Git
from impact.vcs.history import History
from impact.vcs.server import Limits, Server
from impact.vcs.store import Store
from tests.git_server import GitServer
from tests.repositories import Repository

KINDS = {
    "full": [],
    "depth 1": ["--depth=1"],
    "depth 2": ["--depth=2"],
    "depth 50": ["--depth=50"],
    "blobless": ["--filter=blob:none"],
    "treeless": ["--filter=tree:0"],
    "blobless, depth 1": ["--filter=blob:none", "--depth=1"],
    "none": None,
}
"""The options with which a kind of clone is fetched; None: nothing is."""
LIMITS = Limits(depth=1000, seconds=30)


@dataclass
class Upstream:
    """A repository to build with git, and the server that serves it.

    ``GitServer`` serves it as ``/repository``.
    """

    repository: Repository
    server: GitServer
    clones: int = 0

    @property
    def url(self) -> str:
        return f"{self.server.url}/repository"

    def checkout(self, commit: str, kind: str) -> Repository | None:
        """What `actions/checkout` leaves behind: one commit fetched by id, and checked out.

        A depth of 0, which is all kinds without one, fetches every branch as well.
        """
        options = KINDS[kind]
        if options is None:
            return None
        self.clones += 1
        made = self.repository.sibling(f"clone-{self.clones}")
        made.git("remote", "add", "origin", self.url)
        branches = (
            [] if "--depth" in " ".join(options) else ["+refs/heads/*:refs/remotes/origin/*"]
        )
        made.git(
            "fetch",
            "-q",
            "--no-tags",
            *options,
            "origin",
            *branches,
            f"+{commit}:refs/remotes/pull/1",
        )
        made.git("checkout", "--quiet", "--detach", commit)
        self.server.requests.clear()
        return made

    @contextmanager
    def history(
        self,
        made: Repository | None,
        head: str | None = None,
        limits: Limits = LIMITS,
        token: str | None = "",
        server: str | None = None,
        fetches: bool = True,
    ) -> Iterator[History]:
        """The history of a clone; fails if anything that git keeps there was changed.

        ``token``: "" for the one that the server wants.
        """
        before = made.git_files() if made else None
        shown = self.server.token if token == "" else token
        source = Server(server or self.server.url, "repository", shown or "")
        checkout = Git.open(made.path) if made else None
        with Store(checkout, fetches=fetches, server=source, limits=limits, head=head) as store:
            yield History(store)
        assert (made.git_files() if made else None) == before


@pytest.fixture
def upstream(one_commit: Repository, git_server: GitServer) -> Upstream:
    """A server of ``one_commit``; the session of its git sees no configuration."""
    return Upstream(one_commit, git_server)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where impact makes its temporary directories; they are gone when it has answered."""
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    return place
