"""The checkout, and behind it a private repository that is filled with what it lacks.

Every question is put to the checkout first.  Only where that cannot answer is a private
repository made (`impact.vcs.private`) and filled: with what is named, as deep as can
answer at all, then twice as deep, and so on within the limits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from impact.errors import GitError
from impact.vcs import revisions
from impact.vcs.git import Git
from impact.vcs.server import Limits, Server

if TYPE_CHECKING:
    from tempfile import TemporaryDirectory
    from types import TracebackType

    from impact.vcs.private import Private
    from impact.vcs.remote import Remote

_T = TypeVar("_T")
STEP = 32
"""So many commits, of some 150 bytes, are worth no request each."""


class Store:
    """The repositories that are asked; to be used in a ``with`` block.

    ``checkout``: None where nothing is checked out.  ``head``: what HEAD means then.
    ``fetches``: whether missing commits may be fetched from the remote or ``server``, into
    a directory of ``folder``, by default the system's temporary one.
    """

    def __init__(
        self,
        checkout: Git | None,
        *,
        fetches: bool = False,
        server: Server | None = None,
        limits: Limits | None = None,
        head: str | None = None,
        folder: str | None = None,
    ) -> None:
        self.checkout = checkout
        self.head = head
        self._fetches = fetches
        self._server = server
        self._remote: Remote | None = None
        self._limits = limits or Limits()
        self._known = {checkout.head} if checkout is not None else set()
        self._parent = folder
        self._folder: TemporaryDirectory[str] | None = None
        self._private: Private | None = None

    def __enter__(self) -> Store:
        """The store; its private repository ends with the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove the private repository."""
        if self._folder is not None:
            self._folder.cleanup()

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of where the answers came from."""
        if self._private is None or not self._private.fetches:
            return ()
        what = "what this clone lacks" if self.checkout is not None else "everything"
        count = self._private.fetches
        times = f"in {count} fetches" if count > 1 else "in one fetch"
        return (f"{what} was fetched from {self._private.remote.shown}, {times}",)

    def ask(
        self,
        query: Callable[[Git], _T],
        commits: Sequence[str],
        depth: int,
        deepen: bool = False,
    ) -> _T:
        """The answer to a query about commits: from what is here, else from the remote."""
        problems: list[GitError] = []
        for git in self.repositories():
            if answer := _answered(query, git, problems):
                return answer[0]
        if not self.may_fetch:
            missing = [name for name in commits if not self.has(name)]
            if missing:
                raise revisions.unknown(self.checkout, missing[0])
            raise problems[0]
        private = self.make()
        for fetch in self._deeper(commits, depth) if deepen else self._missing(commits, depth):
            fetch()
            if answer := _answered(query, private.git, problems):
                return answer[0]
        if deepen and not private.whole:
            raise GitError(
                f"the merge base of {' and '.join(commits)} is not within "
                f"{self._limits.depth} commits of them (max-depth)"
            )
        raise problems[-1]

    def _missing(self, commits: Sequence[str], depth: int) -> Iterator[Callable[[], None]]:
        """What to fetch for what is in commits: those that are missing, then their trees."""
        private = self.make()
        missing = [name for name in commits if not _contains(private.git, name)]
        if missing:
            yield partial(self.fetch, missing, depth)
        trees = [private.git.tree(name) for name in commits]
        yield partial(private.fetch_objects, trees)

    def _deeper(self, commits: Sequence[str], depth: int) -> Iterator[Callable[[], None]]:
        """What to fetch for a merge base: as deep as can tell more than is here, then twice
        that.  Many commits, of which two or three are compared: their trees come later.
        """
        private = self.make()
        if private.whole:
            yield partial(private.fetch, commits)
            return
        known = max(revisions.known_depth(private.git, name) for name in commits)
        step = max(depth, 2 * known, STEP) if known else depth
        while step < self._limits.depth:
            yield partial(private.fetch, commits, step, trees=False)
            step *= 2
        yield partial(private.fetch, commits, self._limits.depth, trees=False)

    def fetch(self, wanted: Sequence[str], depth: int) -> None:
        """Fetch commits by id and branches by full name, and their trees."""
        private = self.make()
        if not wanted:
            return
        private.fetch(wanted, None if private.whole else min(depth, self._limits.depth))

    @property
    def may_fetch(self) -> bool:
        """Whether what is missing may be fetched, and there is where from."""
        if self._fetches and self._remote is None:
            from impact.vcs.remote import find_remote

            self._remote = find_remote(self.checkout, self._server)
            self._fetches = self._remote is not None
        return self._fetches

    @property
    def decides(self) -> bool:
        """Whether a commit that neither is here nor was fetched is to be had nowhere."""
        from impact.vcs.remote import find_remote

        remote = self._remote or find_remote(self.checkout, self._server)
        return remote is None or (self.may_fetch and remote.decides)

    def has(self, commit: str) -> bool:
        """Whether a commit, given by its full id, is at hand."""
        return not self.lacking([commit])

    def resolve(self, revision: str) -> str | None:
        """The full id of the commit that a revision names in what is at hand."""
        for git in self.repositories():
            if found := git.resolve(revision):
                self._known.add(found)
                return found
        return None

    def lacking(self, commits: Sequence[str]) -> list[str]:
        """Those of some commits, given by their full ids, that are not at hand."""
        for git in self.repositories():
            left = [name for name in dict.fromkeys(commits) if name not in self._known]
            answers = git.calls(*(_existence(name) for name in left))
            self._known |= {n for n, a in zip(left, answers, strict=True) if not a.status}
        return [name for name in commits if name not in self._known]

    def fetched(self, ref: str) -> str | None:
        """The commit of a branch that was fetched, by its full name."""
        return self._private.fetched(ref) if self._private is not None else None

    def repositories(self) -> Iterator[Git]:
        """Those that there are, in the order in which they are asked."""
        if self.checkout is not None:
            yield self.checkout
        if self._private is not None:
            yield self._private.git

    def make(self) -> Private:
        """The private repository, made when it is first needed."""
        if self._private is None:
            if not self.may_fetch or self._remote is None:
                raise GitError("there is no remote to fetch from")
            # What most runs need none of: each import is paid for by all of them.
            from pathlib import Path
            from tempfile import TemporaryDirectory

            from impact.vcs.private import Private

            try:
                self._folder = TemporaryDirectory(
                    prefix="impact-", dir=self._parent, ignore_cleanup_errors=True
                )
                self._private = Private.create(
                    Path(self._folder.name),
                    self._remote,
                    self._limits,
                    self._object_format(),
                    self.checkout,
                    self.checked_out(),
                )
            except OSError as error:
                raise GitError(f"there is no temporary repository: {error}") from None
        return self._private

    def _object_format(self) -> str:
        head = self.checked_out() or self.head
        if head is None and self.checkout is not None:
            return self.checkout.run("rev-parse", "--show-object-format").decode().strip()
        return "sha256" if head is not None and len(head) == 64 else "sha1"

    def checked_out(self) -> str | None:
        """The commit HEAD of the checkout, as it was opened."""
        return self.checkout.head if self.checkout is not None else None

    def blob(self, blob: str) -> bytes:
        """The contents of a file, by the blob's id."""
        for git in self.repositories():
            answer = git.call("cat-file", "blob", blob)
            if not answer.status:
                return answer.output
        if not self.may_fetch:
            raise GitError(f"the file {blob} is not in this clone")
        private = self.make()
        private.fetch_objects([blob])
        return private.git.run("cat-file", "blob", blob)


def _answered(
    query: Callable[[Git], _T], git: Git, problems: list[GitError]
) -> tuple[_T] | None:
    """The answer of one repository; None where it has none, and why is added."""
    try:
        return (query(git),)
    except GitError as error:
        problems.append(error)
        return None


def _contains(git: Git, commit: str) -> bool:
    """Whether a repository has a commit, given by its full id."""
    return not git.call(*_existence(commit)).status


def _existence(commit: str) -> tuple[str, ...]:
    return ("cat-file", "-e", commit + "^{commit}")
