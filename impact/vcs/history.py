"""Commits, merge bases, diffs and files: from the checkout, and fetched where it lacks them.

Every question is put to the checkout first.  Only where that cannot answer is a private
repository made (`impact.vcs.private`) and filled: with what is named, as deep as can
answer at all, then twice as deep, and so on within the limits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import TypeVar

from impact.errors import GitError, UnknownCommitError
from impact.events import BRANCH, DEFAULT_BRANCH, HEAD
from impact.model import Change
from impact.vcs import revisions
from impact.vcs.diff import changed_between
from impact.vcs.git import Git
from impact.vcs.private import Limits, Private
from impact.vcs.remote import Remote, Server, find_remote
from impact.vcs.worktree import changed_in_work_tree

_T = TypeVar("_T")
_ID = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?\Z")
_STEP = 32
"""So many commits, of some 150 bytes, are worth no request each."""
_FILE = ("100644", "100755", "100664")
"""The modes of a regular file; git once wrote the last."""


@dataclass(frozen=True, slots=True)
class Found:
    """A path in a commit: the file's bytes, or None for what is no regular file."""

    path: str
    data: bytes | None


class History:
    """The history of a repository, whatever the clone; to be used in a ``with`` block.

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
        self._fetches = fetches
        self._server = server
        self._remote: Remote | None = None
        self._limits = limits or Limits()
        self.head = head
        self._head: str | None = None
        self._parents: dict[str, list[str]] = {}
        self._parent = folder
        self._folder: TemporaryDirectory[str] | None = None
        self._private: Private | None = None

    def __enter__(self) -> History:
        """The history; its private repository ends with the block."""
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

    # Commits.

    def find(self, revision: str) -> str:
        """The full id of the commit that a comparison names; see `impact.events.Span`.

        The commit itself need not be here.  Raises `GitError` with the reason.
        """
        name, caret, rest = revision.partition("^1")
        if caret and not rest:
            return self._first_parent(name)
        if _ID.match(revision):
            return revision
        if revision == DEFAULT_BRANCH or revision.startswith(BRANCH):
            return self._branch(revision)
        if self.checkout is None:
            if revision == HEAD and self.head is not None:
                return self.head
            message = f"nothing is checked out, and nothing names {revision}"
            raise UnknownCommitError(message, revision)
        is_head = revision == HEAD
        found = self._checked_out() if is_head else self.checkout.resolve(revision)
        if found is None:
            raise revisions.unknown(self.checkout, revision)
        return found

    def typed(self, revision: str) -> str:
        """The full id of the commit that a user means, which is then at hand.

        As git reads the text in the checkout; else an id, or the name of a tag or a branch,
        at the remote.  Raises `UnknownCommitError` where it names no commit.
        """
        if revision == HEAD:
            return self.find(HEAD)
        for git in self._repositories():
            if found := git.resolve(revision):
                return found
        if not self._may_fetch:
            raise revisions.unknown(self.checkout, revision)
        private = self._make()
        parent = re.fullmatch(r"(.+?)(\^1?|~1?)", revision)
        if parent:
            parents = self.parents(self.typed(parent[1]))
            found = self.typed(parents[0]) if parents else None
        elif _ID.match(revision):
            self._fetch([revision], 1)
            found = private.git.resolve(revision)
        else:
            found = self._named_at_remote(private, revision)
        if found is None:
            raise revisions.unknown(self.checkout, revision)
        return found

    def is_gone(self, revision: str) -> bool:
        """Whether a commit is not at hand, and there is no remote that may have it.

        Where a remote was asked it is for the error to tell what it said.
        """
        return not self.has(revision) and (
            self._may_fetch or find_remote(self.checkout, self._server) is None
        )

    def has(self, revision: str) -> bool:
        """Whether the commit is at hand."""
        try:
            commit = self.find(revision)
        except GitError:
            return False
        return any(_contains(git, commit) for git in self._repositories())

    def parents(self, commit: str) -> list[str]:
        """The parents that a commit names, whether they are here or not."""
        if commit not in self._parents:
            self._parents[commit] = self._ask(lambda git: git.parents(commit), [commit], 2)
        return self._parents[commit]

    def gather(self, wanted: Sequence[str], depth: int) -> None:
        """Fetch, in one go, what of these revisions is not at hand.

        If that takes some depth, then all of them: one that is here is as short.
        """
        names = list(dict.fromkeys(name.partition("^")[0] for name in wanted))
        missing = [name for name in names if not self._at_hand(name)]
        if missing and self._may_fetch:
            if depth > 1 and not self._make().whole:
                missing = [name for name in names if _is_remote(name)]
            # Of more commits than that, only those that are compared need their trees.
            self._fetch([self._remote_name(name) for name in missing], min(depth, _STEP))

    def merge_bases(self, one: str, other: str, depth: int = 2) -> list[str]:
        """Every best common ancestor of two commits; none where they share nothing."""
        return self._ask(
            lambda git: revisions.merge_bases(git, one, other),
            [one, other],
            depth,
            deepen=True,
        )

    # Contents.

    def changes(self, bases: Sequence[str], head: str) -> list[Change]:
        """The changes from each of some commits to another (two-dot)."""

        def query(git: Git) -> list[Change]:
            return [change for base in bases for change in changed_between(git, base, head)]

        return self._ask(query, [*bases, head], 1)

    def work_tree_changes(self, base: str) -> list[Change]:
        """The changes from a commit to the work tree of the checkout."""
        if self.checkout is None:
            raise GitError("nothing is checked out")
        return changed_in_work_tree(self.checkout, base)

    def files(self, commit: str, paths: Sequence[str]) -> list[Found]:
        """Those of the paths that a commit has, with their contents."""
        listed = self._ask(
            lambda git: git.run("ls-tree", "--full-tree", "-z", commit, "--", *paths),
            [commit],
            1,
        )
        found = []
        for row in listed.decode("utf-8", "surrogateescape").split("\0")[:-1]:
            words, _, path = row.partition("\t")
            mode, _, blob = words.split(" ")
            found.append(Found(path, self._blob(blob) if mode in _FILE else None))
        return found

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of where the answers came from."""
        if self._private is None or not self._private.fetches:
            return ()
        what = "what this clone lacks" if self.checkout is not None else "everything"
        count = self._private.fetches
        times = f"in {count} fetches" if count > 1 else "in one fetch"
        return (f"{what} was fetched from {self._private.remote.shown}, {times}",)

    # What stands behind it.

    def _ask(
        self,
        query: Callable[[Git], _T],
        commits: Sequence[str],
        depth: int,
        deepen: bool = False,
    ) -> _T:
        """The answer to a query about commits: from what is here, else from the remote."""
        problems: list[GitError] = []
        for git in self._repositories():
            if answer := _answered(query, git, problems):
                return answer[0]
        if not self._may_fetch:
            missing = [name for name in commits if not self.has(name)]
            if missing:
                raise revisions.unknown(self.checkout, missing[0])
            raise problems[0]
        private = self._make()
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
        private = self._make()
        missing = [name for name in commits if not _contains(private.git, name)]
        if missing:
            yield partial(self._fetch, missing, depth)
        trees = [private.git.tree(name) for name in commits]
        yield partial(private.fetch_objects, trees)

    def _deeper(self, commits: Sequence[str], depth: int) -> Iterator[Callable[[], None]]:
        """What to fetch for a merge base: as deep as can tell more than is here, then twice
        that.  Many commits, of which two or three are compared: their trees come later.
        """
        private = self._make()
        if private.whole:
            yield partial(private.fetch, commits)
            return
        known = max(revisions.known_depth(private.git, name) for name in commits)
        step = max(depth, 2 * known, _STEP) if known else depth
        while step < self._limits.depth:
            yield partial(private.fetch, commits, step, trees=False)
            step *= 2
        yield partial(private.fetch, commits, self._limits.depth, trees=False)

    def _fetch(self, wanted: Sequence[str], depth: int) -> None:
        private = self._make()
        if not wanted:
            return
        private.fetch(wanted, None if private.whole else min(depth, self._limits.depth))

    @property
    def _may_fetch(self) -> bool:
        if self._fetches and self._remote is None:
            self._remote = find_remote(self.checkout, self._server)
            self._fetches = self._remote is not None
        return self._fetches

    def _repositories(self) -> Iterator[Git]:
        if self.checkout is not None:
            yield self.checkout
        if self._private is not None:
            yield self._private.git

    def _make(self) -> Private:
        """The private repository, made when it is first needed."""
        if self._private is None:
            if not self._may_fetch or self._remote is None:
                raise GitError("there is no remote to fetch from")
            try:
                self._folder = TemporaryDirectory(prefix="impact-", dir=self._parent)
                self._private = Private.create(
                    Path(self._folder.name),
                    self._remote,
                    self._limits,
                    self._object_format(),
                    self.checkout,
                    self._checked_out(),
                )
            except OSError as error:
                raise GitError(f"there is no temporary repository: {error}") from None
        return self._private

    def _object_format(self) -> str:
        head = self._checked_out() or self.head
        if head is None and self.checkout is not None:
            return self.checkout.run("rev-parse", "--show-object-format").decode().strip()
        return "sha256" if head is not None and len(head) == 64 else "sha1"

    def _checked_out(self) -> str | None:
        """The commit HEAD of the checkout, asked for once: it stays."""
        if self._head is None and self.checkout is not None:
            self._head = self.checkout.resolve(HEAD)
        return self._head

    def _at_hand(self, revision: str) -> bool:
        """Whether a revision needs no fetching; what the user typed is looked up later."""
        if revision == HEAD and self.checkout is None:
            return self.has(revision)
        if not _is_remote(revision):
            return True
        return self.has(revision) if _ID.match(revision) else bool(self._tracked(revision))

    def _remote_name(self, revision: str) -> str:
        if revision == HEAD:
            return self.find(HEAD)
        return HEAD if revision == DEFAULT_BRANCH else revision

    def _first_parent(self, revision: str) -> str:
        parents = self.parents(self.find(revision))
        if not parents:
            raise GitError(f"{revision} has no parent to compare with: it is a root commit")
        return parents[0]

    def _tracked(self, branch: str) -> str | None:
        """A branch of the remote as it is known here.

        In a shallow clone it may be what an earlier run left behind, so the remote is asked.
        """
        found = None
        stale = self._may_fetch and self._is_shallow()
        if self.checkout is not None and not stale:
            with suppress(GitError):
                found = revisions.tracked(self.checkout, branch)
        if found is None and self._private is not None:
            found = self._private.fetched(self._remote_name(branch))
        return found

    def _is_shallow(self) -> bool:
        return self.checkout is not None and bool(revisions.shallow_boundary(self.checkout))

    def _branch(self, name: str) -> str:
        if self._tracked(name) is None and self._may_fetch:
            self._fetch([self._remote_name(name)], 1)
        found = self._tracked(name)
        if found is not None:
            return found
        if self.checkout is None:
            raise GitError(f"{name} is not here")
        return revisions.tracked(self.checkout, name)

    def _named_at_remote(self, private: Private, revision: str) -> str | None:
        """In git's own order: https://git-scm.com/docs/gitrevisions, ``<refname>``."""
        branch = re.sub(r"\A(refs/remotes/|remotes/)?origin/", "", revision)
        names = [revision, f"refs/{revision}", f"refs/tags/{revision}"]
        names += [BRANCH + revision, BRANCH + branch]
        try:
            known = private.known_at_remote(names)[:1]
            self._fetch(known, 1)
        except GitError as error:
            unknown = revisions.unknown(self.checkout, revision)
            raise GitError(f"{unknown}; {error}") from None
        return private.fetched(known[0]) if known else None

    def _blob(self, blob: str) -> bytes:
        for git in self._repositories():
            answer = git.call("cat-file", "blob", blob)
            if not answer.status:
                return answer.output
        if not self._may_fetch:
            raise GitError(f"the file {blob} is not in this clone")
        private = self._make()
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


def _is_remote(revision: str) -> bool:
    """Whether the remote, too, knows the revision by this name."""
    by_name = revision == DEFAULT_BRANCH or revision.startswith(BRANCH)
    return by_name or bool(_ID.match(revision))


def _contains(git: Git, commit: str) -> bool:
    return not git.call("cat-file", "-e", commit + "^{commit}").status
