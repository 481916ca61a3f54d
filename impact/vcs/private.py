"""A private repository, into which is fetched what the checkout lacks.

It lives in a temporary directory for as long as one answer takes.  It borrows the objects
of a checkout and begins with a copy of its `shallow` file, so that a fetch brings only
what is new; without that copy the server would send the whole history.  A partial clone
is not borrowed from: it has commits whose trees are missing, and git would have the server
leave them out again.  Nothing is ever written to the checkout.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from pathlib import Path

from impact.errors import GitError, UnknownCommitError
from impact.quoting import quote
from impact.vcs.git import Git, check_version
from impact.vcs.process import Answer, next_config
from impact.vcs.remote import Remote
from impact.vcs.server import Limits

_CONFIG = (
    "remote.origin.promisor=true",
    "remote.origin.partialclonefilter=blob:none",
    "core.askPass=",
    "credential.interactive=false",
    "fetch.bundleURI=",
    "fetch.fsckObjects=false",
    "fetch.negotiationAlgorithm=skipping",  # fewer rounds, and git has it since 2.19
    "fetch.prune=false",
    "fetch.writeCommitGraph=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "protocol.version=2",
    "transfer.bundleURI=false",
)
_ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",
    "GIT_ASKPASS": "",
    "SSH_ASKPASS": "",
    "SSH_ASKPASS_REQUIRE": "never",
    "GCM_INTERACTIVE": "never",
}
_OPTIONS = (
    "--quiet",
    "--no-tags",
    "--no-recurse-submodules",
    "--no-write-fetch-head",
    "--no-auto-gc",
)
_CONTENTS = ("--filter=blob:none", "--no-filter")
_COMMITS = ("--filter=tree:0", *_CONTENTS)
"""What to leave out of a fetch, the most first: a server need not allow every filter.
https://git-scm.com/docs/git-rev-list#Documentation/git-rev-list.txt---filterltfilter-specgt"""
_HAVE = "refs/have/"
_ARGUMENTS = 1000
"""So many ids fit into one command line."""
_UNKNOWN = {
    r"not our ref ([0-9a-f]+)": "commit",
    r"couldn't find remote ref (.+)": "branch or tag",
}
"""What git complains of where the remote lacks what was asked for."""
_BAD_REF = re.compile(
    r"\A(refs/((heads|tags)/)?)?-|[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(/|\Z)|[./]\Z"
)
"""https://git-scm.com/docs/git-check-ref-format"""


class _RefusedFilterError(GitError):
    """The server does not allow the filter."""


@dataclass(slots=True)
class Private:
    """The repository in ``folder``, fetching from ``remote``.

    ``fetches`` counts them; ``whole``: it borrows a history without an edge, so what is
    fetched needs no depth.
    """

    git: Git
    remote: Remote
    limits: Limits
    whole: bool = False
    fetches: int = 0
    _network: Git = field(init=False)
    _end: float | None = None
    _treeless: bool = False
    _refused: set[str] = field(default_factory=set)
    _refs: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Settle how git is called when it talks to the remote."""
        url = self.remote.url
        # The user's rewriting of URLs was applied, and could bring a password in once more.
        settings = next_config([*self.remote.settings, (f"url.{url}.insteadOf", url)])
        self._network = replace(
            self.git,
            environment={**self.git.environment, **_ENVIRONMENT, **settings},
            network=True,
        )

    @classmethod
    def create(
        cls,
        folder: Path,
        remote: Remote,
        limits: Limits,
        object_format: str,
        checkout: Git | None = None,
        head: str | None = None,
    ) -> Private:
        """An empty one, or one that borrows what a checkout has, which has ``head`` out."""
        # Named, so that git need not discover it, and ask who owns it.
        home = checkout.home if checkout is not None else {}
        named = {**home, "GIT_DIR": str(folder)}
        git = Git(str(folder), ("remote.origin.promisor=true",), named)
        if checkout is None:
            check_version(git.root)
        git.run("init", "--quiet", "--bare", "--template=", f"--object-format={object_format}")
        whole = False
        objects = Path(checkout.path("objects")) if checkout is not None else None
        if checkout is not None and objects is not None and not _is_partial(objects):
            alternates = folder / "objects" / "info" / "alternates"
            alternates.parent.mkdir(exist_ok=True)
            alternates.write_text(quote(str(objects)) + "\n")
            shallow = Path(checkout.path("shallow"))
            whole = not shallow.exists()
            if not whole:
                (folder / "shallow").write_bytes(_edge(git, shallow.read_bytes()))
            if head is not None:
                git.run("update-ref", _HAVE + head, head)
        return cls(git, remote, limits, whole)

    def fetched(self, ref: str) -> str | None:
        """The commit of a branch or tag, by its full name, as it was fetched."""
        return self.git.resolve(self._refs[ref]) if ref in self._refs else None

    def fetch(
        self, wanted: Sequence[str], depth: int | None = None, *, trees: bool = True
    ) -> None:
        """Fetch commits by id and branches by full name, and what is in them but blobs.

        ``depth``: so many commits of each history; ``trees``: whether with their contents.
        Raises `GitError` with the reason.
        """
        for name in wanted:
            if not _is_ref(name):
                raise UnknownCommitError(f"{name!r} is no name of a branch", name)
        # New names each time: git does not ask for what one of them stands for already,
        # deeper or not.
        refs = {name: f"refs/fetched/{self.fetches}/{name}" for name in wanted}
        refspecs = [f"+{name}:{ref}" for name, ref in refs.items()]
        options = () if depth is None else (f"--depth={depth}",)
        self._fetch(options, refspecs, silent=trees and self._treeless, trees=trees)
        self._treeless |= not trees
        self._refs |= refs

    def fetch_objects(self, ids: Sequence[str]) -> None:
        """Fetch trees, with all that is beneath, and blobs, by id."""
        self._fetch((), ids, silent=True)

    def _fetch(
        self,
        options: Sequence[str],
        wanted: Sequence[str],
        *,
        silent: bool,
        trees: bool = True,
    ) -> None:
        """``silent``: tell nothing of the commits that are here.

        The server would leave out what is in them, and it may be missing.
        """
        filters = [f for f in (_CONTENTS if trees else _COMMITS) if f not in self._refused]
        config = ("fetch.negotiationAlgorithm=noop",) if silent else ()
        try:
            self._ask(("fetch", *_OPTIONS, filters[0], *options, "origin", *wanted), *config)
            self.fetches += 1
        except _RefusedFilterError:
            self._refused.add(filters[0])
            self._fetch(options, wanted, silent=silent, trees=trees)

    def known_at_remote(self, refs: Sequence[str]) -> list[str]:
        """Those of the refs, by their full names, that the remote has."""
        names = [name for name in refs if _is_ref(name)]
        if not names:
            return []
        output = self._ask(("ls-remote", "--quiet", "origin", *names)).output
        rows = {line.partition("\t")[2] for line in os.fsdecode(output).splitlines()}
        return [name for name in names if name in rows]

    def _ask(self, arguments: Sequence[str], *config: str) -> Answer:
        now = time.monotonic()
        self._end = self._end or now + self.limits.seconds
        late = GitError(
            f"fetching from {self.remote.shown} took more than {self.limits.seconds:g} seconds"
        )
        if now >= self._end:
            raise late
        try:
            settings = [f"remote.origin.url={self.remote.url}"]
            # For git itself, should nobody be left to stop it.
            settings += ["http.lowSpeedLimit=1", f"http.lowSpeedTime={ceil(self._end - now)}"]
            network = replace(self._network, config=(*_CONFIG, *settings, *config))
            answer = network.call(*arguments, timeout=self._end - now)
        except TimeoutError:
            raise late from None
        if answer.status:
            raise self._failed(answer)
        return answer

    def _failed(self, answer: Answer) -> GitError:
        if re.search(r"filter '.*' not supported", answer.errors):
            return _RefusedFilterError(answer.complaint)
        for pattern, words in _UNKNOWN.items():
            found = re.search(pattern, answer.errors)
            if found:
                message = f"{self.remote.shown} has no {words} {found[1]}"
                return UnknownCommitError(message, found[1])
        complaint = self.remote.redacted(answer.complaint)
        hint = "; is there a token that can read it?" * ("could not read" in complaint)
        return GitError(f"fetching from {self.remote.shown} failed: {complaint}{hint}")


def _edge(git: Git, shallow: bytes) -> bytes:
    """The commits of a `shallow` file that are here.

    With ``--shallow-since`` and ``--shallow-exclude`` git names others, too, and a later
    fetch fails on them.
    """
    ids = [found.decode() for found in re.findall(rb"^[0-9a-f]{40,64}$", shallow, re.M)]
    found = b""
    for first in range(0, len(ids), _ARGUMENTS):
        some = ids[first : first + _ARGUMENTS]
        found += git.run("rev-list", "--no-walk", "--ignore-missing", *some, "--")
    return found


def _is_partial(objects: Path) -> bool:
    """Whether the objects of a clone are incomplete: https://git-scm.com/docs/partial-clone."""
    return any((objects / "pack").glob("*.promisor"))


def _is_ref(name: str) -> bool:
    """Whether it can be the name of a ref, or an id."""
    try:
        os.fsencode(name)
    except ValueError:
        return False
    return bool(name) and not _BAD_REF.search(name)
