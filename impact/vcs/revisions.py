"""What one repository knows of its history: merge bases, the branches of its remote."""

from __future__ import annotations

from itertools import combinations

from impact.errors import GitError, UnknownCommitError
from impact.events import BRANCH, DEFAULT_BRANCH, HEAD
from impact.vcs.git import Git


def merge_bases(git: Git, base: str, head: str) -> list[str]:
    """Every best common ancestor of two commits, given by their full ids; maybe none.

    A shallow history ends in boundary commits whose parents git pretends not to know.
    With one of them on either side only, an ancestor may be missing or a worse one found,
    so that is an error: `GitError` with the reason.
    See https://git-scm.com/docs/git-merge-base and https://git-scm.com/docs/shallow.
    """
    _check_depth(git, base, head)
    answer = git.call("merge-base", "--all", base, head)
    if answer.status == 0:
        bases = _lines(answer.output)
        # To a history that is too short, an ancestor of one looks like one more.
        for one, other in combinations(bases, 2):
            _check_depth(git, one, other)
        return bases
    # Before git 2.44 a missing commit gives status 1 as well, and an error on top.
    if answer.status == 1 and "error: " not in answer.errors:
        return []
    raise GitError(f"git merge-base failed: {answer.complaint}")


def _check_depth(git: Git, one: str, other: str) -> None:
    """Raise `GitError` if a shallow history ends in what only one of two commits has."""
    boundary = shallow_boundary(git)
    if boundary and boundary.intersection(
        _lines(git.run("rev-list", f"{one}...{other}", "--"))
    ):
        raise GitError(
            f"this clone is shallow, and too short to tell the merge base of {one} and "
            f"{other}; fetch all of the history (`git fetch --unshallow`)"
        )


def shallow_boundary(git: Git) -> frozenset[str]:
    """The commits at which a shallow history ends; none if it is complete."""
    try:
        with open(git.path("shallow"), "rb") as file:
            return frozenset(_lines(file.read()))
    except FileNotFoundError:
        return frozenset()


def ahead(git: Git, base: str, head: str) -> int:
    """How many commits ``head`` has that ``base`` has not."""
    return int(git.run("rev-list", "--count", f"{base}..{head}", "--"))


def known_depth(git: Git, commit: str) -> int:
    """How many commits of the first-parent line of a commit are here; 0 if it is not."""
    answer = git.call("rev-list", "--count", "--first-parent", commit, "--")
    return 0 if answer.status else int(answer.output)


def last_fetched(git: Git, commit: str) -> bool:
    """Whether the last fetch, if there was one since the clone was made, brought a commit.

    https://git-scm.com/docs/git-fetch#_description
    """
    try:
        with open(git.path("FETCH_HEAD"), "rb") as file:
            return commit.encode() in file.read()
    except FileNotFoundError:
        return True


def tracked(git: Git, branch: str) -> str:
    """The commit at which a branch of the remote was last seen.

    ``branch`` is a full name or `DEFAULT_BRANCH`.  Raises `GitError` with the reason where
    it is not known here.
    """
    if branch != DEFAULT_BRANCH:
        name = branch.removeprefix(BRANCH)
        commit = git.ref(f"refs/remotes/origin/{name}")
        if commit is None:
            raise GitError(
                f"the branch {name!r} is not in this clone as a branch of origin; "
                "fetch it (actions/checkout: `fetch-depth: 0`), or give a base"
            )
        return commit
    remotes = _lines(git.run("remote"))
    remote = remotes[0] if len(remotes) == 1 else "origin"
    # Which branch it is, nothing else tells: one called main need not be it.
    commit = git.ref(f"refs/remotes/{remote}/HEAD")
    if commit is not None:
        return commit
    if remote not in remotes:
        raise GitError("no remote called origin has a default branch here; give --base")
    raise GitError(
        f"the default branch of {remote} is not known here; "
        f"run `git remote set-head {remote} --auto`, or give --base"
    )


def unknown(git: Git | None, revision: str) -> UnknownCommitError:
    """The error that says why a revision names no commit."""
    return UnknownCommitError(_why_unknown(git, revision), revision)


def _why_unknown(git: Git | None, revision: str) -> str:
    if git is None:
        return f"{revision!r} names no commit, branch or tag at the server"
    if revision == HEAD:
        return "HEAD names no commit: nothing was committed here yet"
    if git.ref(f"refs/remotes/origin/{revision}") is not None:
        return f"{revision!r} names no commit here; did you mean 'origin/{revision}'?"
    if shallow_boundary(git):
        return (
            f"{revision!r} names no commit in this clone, which is shallow; "
            "fetch more of the history (actions/checkout: `fetch-depth: 0`)"
        )
    return f"{revision!r} names no commit in this clone: not fetched, or misspelt"


def _lines(output: bytes) -> list[str]:
    return output.decode("utf-8", "surrogateescape").splitlines()
