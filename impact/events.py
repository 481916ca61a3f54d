"""From a CI event and its payload to the commits to compare, as data.  Pure.

`ROWS` is the table: the first row of the event whose conditions hold says which spans
are compared.  A row for which only the repository can tell (is HEAD the merge commit? is
the commit before the push still to be had?) carries that as data too, and the rows behind
it stay as alternatives.  No row: the change set is undetermined, which wakes every surface.

Payload fields: https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

Payload = Mapping[str, Any]

HEAD = "HEAD"
FIRST_PARENT = "HEAD^1"
"""The first parent of HEAD, read from the commit itself: shallow clones hide parents."""
DEFAULT_BRANCH = "@default"
"""The default branch of the remote, where no payload names it."""
BRANCH = "refs/heads/"
"""What the full name of a branch of the remote begins with."""
WORK_TREE = None
"""In place of a head: the work tree, with what is staged, unstaged and untracked."""

_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?\Z")


@dataclass(frozen=True, slots=True)
class Span:
    """One diff, from ``base`` to ``head``: two dots.

    With ``fork`` it starts at the merge bases of ``base`` and ``fork`` instead, which is
    three dots where ``fork`` is the head.  Each is a commit id, the full name of a branch
    of the remote (`BRANCH`), a revision that the user gave, or a constant of
    this module; with ``^1`` behind it, its first parent.
    """

    base: str
    head: str | None
    fork: str | None = None

    @property
    def revisions(self) -> tuple[str, ...]:
        """Every revision that is named."""
        return tuple(name for name in (self.base, self.head, self.fork) if name is not None)


def two_dot(base: str, head: str) -> Span:
    """From one commit to another."""
    return Span(base, head)


def three_dot(base: str, head: str | None) -> Span:
    """From the merge bases of both to the head, which can be the work tree."""
    return Span(base, head, HEAD if head is WORK_TREE else head)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The spans whose changes are added up, and the reason to put into the plan.

    ``merge_of``: holds only if the second parent of HEAD is this commit.  ``present``:
    holds only if this commit can be had.  ``depth``: so many commits of each history may
    tell.  ``counted``: how many files GitHub says have changed.  ``commits``: so many commits
    have to be new from the base, else it has some of them.  No spans: undetermined, for that
    reason.
    """

    reason: str
    spans: tuple[Span, ...] = ()
    merge_of: str | None = None
    present: str | None = None
    depth: int = 1
    counted: int | None = None
    commits: int | None = None


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the table.  ``$a.b`` in a revision is the payload's field.

    ``whole``: all commits that GitHub counts have to be new from the base.
    """

    event: str
    reason: str
    spans: tuple[Span, ...] = ()
    when: Callable[[Payload], bool] = lambda payload: True
    merge_of: str | None = None
    present: str | None = None
    whole: bool = False


def _field(payload: Payload, path: str) -> Any:
    value: Any = payload
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _is_zero(payload: Payload, path: str) -> bool:
    value = _field(payload, path)
    return isinstance(value, str) and value != "" and not value.strip("0")


def _is_default_branch(payload: Payload) -> bool:
    default = _field(payload, "repository.default_branch")
    return isinstance(default, str) and _field(payload, "ref") == f"refs/heads/{default}"


def _is_tag(payload: Payload) -> bool:
    return str(_field(payload, "ref")).startswith("refs/tags/")


def _is_branch(payload: Payload) -> bool:
    return str(_field(payload, "ref")).startswith("refs/heads/")


def _is_merged(payload: Payload) -> bool:
    merged = _field(payload, "pull_request.merged")
    return _field(payload, "action") == "closed" and merged is not False


def _is_head_itself(payload: Payload) -> bool:
    commit = _field(payload, "pull_request.merge_commit_sha")
    return commit is not None and commit == _field(payload, "pull_request.head.sha")


_DEFAULT = "refs/heads/$repository.default_branch"
_PULL_REQUEST = three_dot("$pull_request.base.sha", "$pull_request.head.sha")

ROWS = (
    _Row(
        "pull_request",
        "merged pull request, its head as it is: merge base of base and head to head "
        "(three-dot)",
        (_PULL_REQUEST,),
        when=lambda payload: _is_merged(payload) and _is_head_itself(payload),
        whole=True,
    ),
    _Row(
        "pull_request",
        "merged pull request: merge base of what it was merged into and head, to head "
        "(three-dot)",
        (three_dot("$pull_request.merge_commit_sha^1", "$pull_request.head.sha"),),
        when=_is_merged,
        # Who merges by hand can do so in several steps, and only the last is named.
        whole=True,
    ),
    _Row(
        "pull_request",
        "merge commit: first parent to head",
        (two_dot(FIRST_PARENT, HEAD),),
        merge_of="$pull_request.head.sha",
        present=FIRST_PARENT,
    ),
    _Row(
        "pull_request",
        "pull request: merge base of base and head to head (three-dot)",
        (_PULL_REQUEST,),
    ),
    _Row(
        "pull_request_target",
        "pull request: merge base of base and head to head (three-dot)",
        (_PULL_REQUEST,),
    ),
    _Row(
        "push",
        "the push deletes its branch or tag",
        when=lambda payload: _is_zero(payload, "after"),
    ),
    _Row(
        "push",
        "a pushed tag: a release proves everything",
        when=_is_tag,
    ),
    _Row(
        "push",
        "the payload names no branch in ref",
        when=lambda payload: not _is_branch(payload),
    ),
    _Row(
        "push",
        "the first push of the default branch: there is nothing to compare with",
        when=lambda payload: _is_zero(payload, "before") and _is_default_branch(payload),
    ),
    _Row(
        "push",
        "new branch: merge base with the default branch to after (three-dot)",
        (three_dot(_DEFAULT, "$after"),),
        when=lambda payload: _is_zero(payload, "before"),
    ),
    _Row(
        "push",
        "push to the default branch: before to after (two-dot)",
        (two_dot("$before", "$after"),),
        when=_is_default_branch,
    ),
    _Row(
        "push",
        "push to a branch: before to after (two-dot), and merge base with the default "
        "branch to after (three-dot)",
        (two_dot("$before", "$after"), three_dot(_DEFAULT, "$after")),
        present="$before",
    ),
    _Row(
        "push",
        "push to a branch, before is gone (a force push): merge base with the default "
        "branch to after (three-dot)",
        (three_dot(_DEFAULT, "$after"),),
    ),
    _Row(
        "merge_group",
        "merge queue: merge base of the target branch and the queue's base to head",
        (
            Span(
                "$merge_group.base_ref",
                "$merge_group.head_sha",
                fork="$merge_group.base_sha",
            ),
        ),
    ),
    _Row("release", "a release proves everything"),
)

LAPTOP = Comparison(
    "merge base with the default branch to the work tree (three-dot)",
    (three_dot(DEFAULT_BRANCH, WORK_TREE),),
    depth=2,
)


def given(
    base: str | None = None, head: str | None = None, merge_base: str | None = None
) -> Comparison:
    """What ``--base`` and ``--head`` ask for: exactly these two, two-dot.

    ``--merge-base``: from the merge base with that commit, three-dot; without either from
    the one with the default branch.
    """
    for revision in (base, merge_base):
        if revision is not None and re.fullmatch(r"0{40}(0{24})?", revision):
            # What CI systems say in place of the commit before the first.
            return Comparison("the given base is all zeros: there is nothing to compare with")
    if merge_base is not None:
        return Comparison(
            "merge base of the given commit and head to head (three-dot)",
            (three_dot(merge_base, HEAD if head is None else head),),
            depth=2,
        )
    if base is None:
        return Comparison(
            "merge base with the default branch to the given head (three-dot)",
            (three_dot(DEFAULT_BRANCH, head),),
            depth=2,
        )
    return Comparison(
        "the given base to head (two-dot)", (two_dot(base, HEAD if head is None else head),)
    )


def compared(event: str, payload: Payload) -> tuple[Comparison, ...]:
    """What to compare for an event: alternatives, the first that holds.

    Never empty: an event without a row, or a payload without a field that its row
    needs, gives a comparison without spans, which is undetermined.
    """
    rows = [row for row in ROWS if row.event == event and row.when(payload)]
    if not rows:
        return (Comparison(f"event {event} has no commits to compare; give a base"),)
    found: list[Comparison] = []
    for row in rows:
        found.append(_filled(row, payload))
        if row.present is None:
            break
    return tuple(found)


def at_head(comparisons: tuple[Comparison, ...], head: str) -> tuple[Comparison, ...]:
    """The comparisons of an event, with a given head in the place of the event's.

    What is only true of the HEAD that is checked out falls away.
    """
    return tuple(
        replace(
            comparison,
            reason=comparison.reason + ", at the given head" * bool(comparison.spans),
            spans=tuple(
                Span(span.base, head, head if span.fork == span.head else span.fork)
                for span in comparison.spans
            ),
            counted=None,
            commits=None,
        )
        for comparison in comparisons
        if comparison.merge_of is None
    )


def filters_commit(event: str, payload: Payload) -> str | None:
    """The commit whose filters decide, whatever is checked out; None: what is checked out.

    A workflow on pull_request_target has the base's secrets, so nothing that the author
    of a pull request wrote may steer it.  "" where the payload does not name the commit.
    https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#pull_request_target
    """
    if event != "pull_request_target":
        return None
    value = _field(payload, "pull_request.base.sha")
    return value if isinstance(value, str) and _COMMIT.match(value) else ""


def labels(payload: Payload) -> tuple[str, ...]:
    """The labels of the payload's pull request."""
    rows = _field(payload, "pull_request.labels")
    names = [_field(row, "name") for row in rows] if isinstance(rows, list) else []
    return tuple(name for name in names if isinstance(name, str))


def _filled(row: _Row, payload: Payload) -> Comparison:
    missing: list[str] = []

    def fill(revision: str) -> str:
        text, mark, name = revision.partition("$")
        if not mark:
            return revision
        name, caret, parent = name.partition("^")
        value = _field(payload, name)
        branch = bool(text) or name.endswith("_ref")
        if isinstance(value, str):
            whole = text + value
            if whole.startswith(BRANCH) if branch else _COMMIT.match(whole):
                return whole + caret + parent
        missing.append(f"no {'branch' if branch else 'commit id'} in {name}")
        return ""

    def maybe(revision: str | None) -> str | None:
        return None if revision is None else fill(revision)

    spans = tuple(Span(fill(s.base), maybe(s.head), maybe(s.fork)) for s in row.spans)
    merge_of, present = maybe(row.merge_of), maybe(row.present)
    if missing:
        return Comparison(f"the payload has {' and '.join(dict.fromkeys(missing))}")
    return Comparison(
        row.reason,
        spans,
        merge_of,
        present,
        _depth(spans, payload),
        _number(payload, "pull_request.changed_files"),
        _number(payload, "pull_request.commits") if row.whole else None,
    )


def _depth(spans: tuple[Span, ...], payload: Payload) -> int:
    """The fewest commits of each history that can answer.

    A pull request of n commits is at least so far from its merge base, unless it merged.
    """
    if any(span.fork is not None for span in spans):
        return 1 + max(1, _number(payload, "pull_request.commits") or 1)
    return 2 if any("^" in name for span in spans for name in span.revisions) else 1


def _number(payload: Payload, path: str) -> int | None:
    value = _field(payload, path)
    return value if type(value) is int and value >= 0 else None
