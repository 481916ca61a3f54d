"""Commits, merge bases, diffs and files of a repository, whatever the clone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from impact.errors import GitError, UnknownCommitError
from impact.events import BRANCH, DEFAULT_BRANCH, HEAD
from impact.model import Change
from impact.vcs import revisions
from impact.vcs.diff import changed_between
from impact.vcs.git import Git
from impact.vcs.store import STEP, Store

if TYPE_CHECKING:
    from impact.vcs.private import Private

_ID = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?\Z")
_FILE = ("100644", "100755", "100664")
"""The modes of a regular file; git once wrote the last."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A path in a commit, and the id of the file's contents; None if it is no regular file."""

    path: str
    blob: str | None

    def holds(self, data: bytes) -> bool:
        """Whether it is a file with these contents.

        Its id tells: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
        """
        import hashlib

        whole = b"blob %d\0%b" % (len(data), data)
        kind = "sha256" if len(self.blob or "") == 64 else "sha1"
        return hashlib.new(kind, whole, usedforsecurity=False).hexdigest() == self.blob


class History:
    """The history of a repository: what is in its store, by the names that events use."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._parents: dict[str, list[str]] = {}
        self._branches: dict[str, str] = {}
        self._is_behind = False

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
        if self.store.checkout is None:
            if revision == HEAD and self.store.head is not None:
                return self.store.head
            message = f"nothing is checked out, and nothing names {revision}"
            raise UnknownCommitError(message, revision)
        is_head = revision == HEAD
        found = self.store.checked_out() if is_head else self.store.checkout.resolve(revision)
        if found is None:
            raise revisions.unknown(self.store.checkout, revision)
        return found

    def typed(self, revision: str) -> str:
        """The full id of the commit that a user means, which is then at hand.

        As git reads the text in the checkout; else an id, or the name of a tag or a branch,
        at the remote.  Raises `UnknownCommitError` where it names no commit.
        """
        if revision == HEAD:
            return self.find(HEAD)
        found = self.store.resolve(revision)
        if found is not None:
            return found
        if not self.store.may_fetch:
            raise revisions.unknown(self.store.checkout, revision)
        private = self.store.make()
        parent = re.fullmatch(r"(.+?)(\^1?|~1?)", revision)
        if parent:
            parents = self.parents(self.typed(parent[1]))
            found = self.typed(parents[0]) if parents else None
        elif _ID.match(revision):
            self.store.fetch([revision], 1)
            found = private.git.resolve(revision)
        else:
            found = self._named_at_remote(private, revision)
        if found is None:
            raise revisions.unknown(self.store.checkout, revision)
        return found

    def is_gone(self, revision: str) -> bool:
        """Whether a commit is not at hand, and there is no remote that may have it.

        Where one was asked that knows them all it is for the error to tell what it said.
        """
        return not self.has(revision) and self.store.decides

    def has(self, revision: str) -> bool:
        """Whether the commit is at hand."""
        try:
            commit = self.find(revision)
        except GitError:
            return False
        return self.store.has(commit)

    def parents(self, commit: str) -> list[str]:
        """The parents that a commit names, whether they are here or not."""
        if commit not in self._parents:
            found = self.store.ask(lambda git: git.parents(commit), [commit], 2)
            self._parents[commit] = found
        return self._parents[commit]

    def gather(self, wanted: Sequence[str], depth: int) -> None:
        """Fetch, in one go, what of these revisions is not at hand.

        If that takes some depth, then all of them: one that is here is as short.
        """
        names = list(dict.fromkeys(name.partition("^")[0] for name in wanted))
        # A clone that lacks a commit of the event may know its branches as they once were.
        lacking = self.store.lacking([name for name in names if _ID.match(name)])
        self._is_behind |= bool(lacking)
        missing = [name for name in names if name in lacking or not self._at_hand(name)]
        if missing and self.store.may_fetch:
            if depth > 1 and not self.store.make().whole:
                missing = [name for name in names if _is_remote(name)]
            # Of more commits than that, only those that are compared need their trees.
            self.store.fetch([self._remote_name(name) for name in missing], min(depth, STEP))

    def merge_bases(self, one: str, other: str, depth: int = 2) -> list[str]:
        """Every best common ancestor of two commits; none where they share nothing."""
        return self.store.ask(
            lambda git: revisions.merge_bases(git, one, other),
            [one, other],
            depth,
            deepen=True,
        )

    def ahead(self, base: str, head: str, depth: int = 2) -> int:
        """How many commits one has that the other has not, where that is sure."""

        def query(git: Git) -> int:
            revisions.merge_bases(git, base, head)  # or the history is too short to tell
            return revisions.ahead(git, base, head)

        return self.store.ask(query, [base, head], depth, deepen=True)

    # Contents.

    def changes(self, bases: Sequence[str], head: str) -> list[Change]:
        """The changes from each of some commits to another (two-dot)."""

        def query(git: Git) -> list[Change]:
            return [change for base in bases for change in changed_between(git, base, head)]

        return self.store.ask(query, [*bases, head], 1)

    def work_tree_changes(self, base: str) -> list[Change]:
        """The changes from a commit to the work tree of the checkout."""
        if self.store.checkout is None:
            raise GitError("nothing is checked out")
        from impact.vcs.worktree import changed_in_work_tree

        return changed_in_work_tree(self.store.checkout, base)

    def files(self, commit: str, paths: Sequence[str]) -> list[Entry]:
        """Those of the paths that a commit has."""
        listed = self.store.ask(
            lambda git: git.run("ls-tree", "--full-tree", "-z", commit, "--", *paths),
            [commit],
            1,
        )
        found = []
        for row in listed.decode("utf-8", "surrogateescape").split("\0")[:-1]:
            words, _, path = row.partition("\t")
            mode, _, blob = words.split(" ")
            found.append(Entry(path, blob if mode in _FILE else None))
        return found

    def contents(self, blob: str) -> bytes:
        """The contents of a file, by the id of its entry, which they have to have.

        git itself does not look: a checkout that was left behind can hold anything.
        """
        data = self.store.blob(blob)
        if not Entry("", blob).holds(data):
            raise GitError(f"the contents of {blob} are not those of that id")
        return data

    # Names.

    def _at_hand(self, revision: str) -> bool:
        """Whether a revision needs no fetching; what the user typed is looked up later."""
        if revision == HEAD and self.store.checkout is None:
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
        """A branch of the remote as it is known here, unless the remote has to be asked.

        In a shallow clone, in one that is behind, and where the last fetch brought something
        else, it may be what an earlier run left behind.
        """
        checkout, found = self.store.checkout, None
        if checkout is not None:
            if branch not in self._branches:
                with suppress(GitError):
                    self._branches[branch] = revisions.tracked(checkout, branch)
            found = self._branches.get(branch)
            asks = self.store.may_fetch and (self._is_behind or self._is_shallow())
            if found is not None and self.store.may_fetch and branch != DEFAULT_BRANCH:
                asks |= not revisions.last_fetched(checkout, found)
            found = None if asks else found
        return found or self.store.fetched(self._remote_name(branch))

    def _is_shallow(self) -> bool:
        checkout = self.store.checkout
        return checkout is not None and bool(revisions.shallow_boundary(checkout))

    def _branch(self, name: str) -> str:
        if self._tracked(name) is None and self.store.may_fetch:
            self.store.fetch([self._remote_name(name)], 1)
        found = self._tracked(name)
        if found is not None:
            return found
        if self.store.checkout is None:
            raise GitError(f"{name} is not here")
        return revisions.tracked(self.store.checkout, name)

    def _named_at_remote(self, private: Private, revision: str) -> str | None:
        """In git's own order: https://git-scm.com/docs/gitrevisions, ``<refname>``."""
        branch = re.sub(r"\A(refs/remotes/|remotes/)?origin/", "", revision)
        names = [revision, f"refs/{revision}", f"refs/tags/{revision}"]
        names += [BRANCH + revision, BRANCH + branch]
        try:
            known = private.known_at_remote(names)[:1]
            self.store.fetch(known, 1)
        except GitError as error:
            unknown = revisions.unknown(self.store.checkout, revision)
            raise GitError(f"{unknown}; {error}") from None
        return private.fetched(known[0]) if known else None


def _is_remote(revision: str) -> bool:
    """Whether the remote, too, knows the revision by this name."""
    by_name = revision == DEFAULT_BRANCH or revision.startswith(BRANCH)
    return by_name or bool(_ID.match(revision))
