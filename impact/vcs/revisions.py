"""From what a comparison names to commits that are here: ids, parents, merge bases.

`find_commit` is the one way to a commit.  A clone that lacks one could be widened there
(fetched into a private repository); today a missing commit is an error with its reason.
"""

from __future__ import annotations

from impact.errors import GitError
from impact.events import DEFAULT_BRANCH, FIRST_PARENT, HEAD
from impact.vcs.git import Git


def find_commit(git: Git, revision: str, default_branch: str | None = None) -> str:
    """The full id of a commit of a comparison, as `impact.events` names them.

    ``default_branch`` is the name of the default branch, where it is known.  Raises
    `GitError` with the reason, for a person, where the commit cannot be had.
    """
    if revision == DEFAULT_BRANCH:
        return _default_branch(git, default_branch)
    if revision == FIRST_PARENT:
        return _first_parent(git)
    found = git.resolve(revision)
    if found is None:
        raise GitError(_unknown(git, revision))
    return found


def merge_bases(git: Git, base: str, head: str) -> list[str]:
    """Every best common ancestor of two commits, given by their full ids.

    A shallow history ends in boundary commits whose parents git pretends not to know.
    With one of them on either side only, an ancestor may be missing or a worse one found,
    so that is an error, as is no common ancestor at all: `GitError` with the reason.
    See https://git-scm.com/docs/git-merge-base and https://git-scm.com/docs/shallow.
    """
    boundary = shallow_boundary(git)
    if boundary and boundary.intersection(
        _lines(git.run("rev-list", f"{base}...{head}", "--"))
    ):
        raise GitError(
            f"this clone is shallow, and too short to tell the merge base of {base} and "
            f"{head}; fetch all of the history (actions/checkout: `fetch-depth: 0`)"
        )
    answer = git.call("merge-base", "--all", base, head)
    if answer.status == 0:
        return _lines(answer.output)
    # Before git 2.44 a missing commit gives status 1 as well, and an error on top.
    if answer.status == 1 and "error: " not in answer.errors:
        raise GitError(f"{base} and {head} have no common ancestor")
    raise GitError(f"git merge-base failed: {answer.complaint}")


def shallow_boundary(git: Git) -> frozenset[str]:
    """The commits at which a shallow history ends; none if it is complete."""
    try:
        return frozenset(_lines(git.path("shallow").read_bytes()))
    except FileNotFoundError:
        return frozenset()


def _lines(output: bytes) -> list[str]:
    return output.decode("utf-8", "surrogateescape").splitlines()


def _first_parent(git: Git) -> str:
    parents = git.parents(find_commit(git, HEAD))
    if not parents:
        raise GitError("HEAD has no parent to compare with: it is a root commit")
    found = git.resolve(parents[0])
    if found is None:
        raise GitError(
            f"the first parent of HEAD, {parents[0]}, is not in this clone; "
            "fetch it (actions/checkout: `fetch-depth: 2`)"
        )
    return found


def _default_branch(git: Git, name: str | None) -> str:
    if name is not None:
        commit = git.ref(f"refs/remotes/origin/{name}")
        if commit is None:
            raise GitError(
                f"the default branch {name!r} is not in this clone as a branch of origin; "
                "fetch it (actions/checkout: `fetch-depth: 0`), or give a base"
            )
        return find_commit(git, commit)
    remotes = _lines(git.run("remote"))
    remote = remotes[0] if len(remotes) == 1 else "origin"
    for names in (("HEAD",), ("main", "master")):
        commits = [git.ref(f"refs/remotes/{remote}/{name}") for name in names]
        known = [commit for commit in commits if commit is not None]
        if len(known) == 1:
            return find_commit(git, known[0])
    if remote not in remotes:
        raise GitError("no remote called origin has a default branch here; give --base")
    raise GitError(
        f"the default branch of {remote} is not known here; "
        f"run `git remote set-head {remote} --auto`, or give --base"
    )


def _unknown(git: Git, revision: str) -> str:
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
