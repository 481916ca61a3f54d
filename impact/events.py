"""From a CI event and its payload to the commits to compare, as data.  Pure.

`ROWS` is the table: the first row of the event whose conditions hold says which spans
are compared.  A row for which only the checkout can tell (is HEAD the merge commit?)
carries that as data too, and the rows behind it stay as alternatives.  No row: the
change set is undetermined, which wakes every surface.

Payload fields: https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

Payload = Mapping[str, Any]

HEAD = "HEAD"
FIRST_PARENT = "HEAD^1"
"""The first parent of HEAD, read from the commit itself: shallow clones hide parents."""
DEFAULT_BRANCH = "@default"
"""The remote-tracking branch of the default branch."""
WORK_TREE = None
"""In place of a head: the work tree, with what is staged, unstaged and untracked."""

_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?\Z")


@dataclass(frozen=True, slots=True)
class Span:
    """One diff.  Two dots: base to head; three dots: their merge base to head.

    ``base`` and ``head`` are a commit id, a revision that the user gave, or one of the
    constants of this module.
    """

    base: str
    head: str | None
    dots: Literal[2, 3] = 2


@dataclass(frozen=True, slots=True)
class Comparison:
    """The spans whose changes are added up, and the reason to put into the plan.

    ``merge_of``: holds only if the second parent of HEAD is this commit.  ``present``:
    holds only if this commit can be had.
    ``default_branch``: the name of the default branch, where the payload gives it.
    No spans: undetermined, for that reason.
    """

    reason: str
    spans: tuple[Span, ...] = ()
    merge_of: str | None = None
    default_branch: str | None = None
    present: str | None = None


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the table.  ``$a.b`` in a revision is the payload's field, a commit id."""

    event: str
    reason: str
    spans: tuple[Span, ...] = ()
    when: Callable[[Payload], bool] = lambda payload: True
    merge_of: str | None = None
    present: str | None = None


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


ROWS = (
    _Row(
        "pull_request",
        "a closed pull request: which commits landed is not known here",
        when=lambda payload: _field(payload, "action") == "closed",
    ),
    _Row(
        "pull_request",
        "merge commit: first parent to head",
        (Span(FIRST_PARENT, HEAD),),
        merge_of="$pull_request.head.sha",
    ),
    _Row(
        "pull_request",
        "pull request: merge base of base and head to head (three-dot)",
        (Span("$pull_request.base.sha", "$pull_request.head.sha", 3),),
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
        (Span(DEFAULT_BRANCH, "$after", 3),),
        when=lambda payload: _is_zero(payload, "before"),
    ),
    _Row(
        "push",
        "push to the default branch: before to after (two-dot)",
        (Span("$before", "$after"),),
        when=_is_default_branch,
    ),
    _Row(
        "push",
        "push to a branch: before to after (two-dot), and merge base with the default "
        "branch to after (three-dot)",
        (Span("$before", "$after"), Span(DEFAULT_BRANCH, "$after", 3)),
        present="$before",
    ),
    _Row(
        "push",
        "push to a branch, before is gone (a force push): merge base with the default "
        "branch to after (three-dot)",
        (Span(DEFAULT_BRANCH, "$after", 3),),
    ),
)

LAPTOP = Comparison(
    "merge base with the default branch to the work tree (three-dot)",
    (Span(DEFAULT_BRANCH, WORK_TREE, 3),),
)


def given(base: str | None, head: str | None) -> Comparison:
    """What ``--base`` and ``--head`` ask for: exactly these two, two-dot.

    Without a base: from the merge base with the default branch, three-dot.
    """
    if base is None:
        return Comparison(
            "merge base with the default branch to the given head (three-dot)",
            (Span(DEFAULT_BRANCH, head, 3),),
        )
    return Comparison(
        "the given base to head (two-dot)", (Span(base, HEAD if head is None else head),)
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
        if row.merge_of is None and row.present is None:
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
            spans=tuple(replace(span, head=head) for span in comparison.spans),
        )
        for comparison in comparisons
        if comparison.merge_of is None
    )


def labels(payload: Payload) -> tuple[str, ...]:
    """The labels of the payload's pull request."""
    rows = _field(payload, "pull_request.labels")
    names = [_field(row, "name") for row in rows] if isinstance(rows, list) else []
    return tuple(name for name in names if isinstance(name, str))


def _filled(row: _Row, payload: Payload) -> Comparison:
    missing: list[str] = []

    def fill(revision: str | None) -> str | None:
        if revision is None or not revision.startswith("$"):
            return revision
        value = _field(payload, revision[1:])
        if isinstance(value, str) and _COMMIT.match(value):
            return value
        missing.append(revision[1:])
        return None

    merge_of, present = fill(row.merge_of), fill(row.present)
    spans = tuple(Span(fill(s.base) or "", fill(s.head), s.dots) for s in row.spans)
    default = _field(payload, "repository.default_branch")
    if missing:
        return Comparison(
            f"the payload has no commit id in {' and '.join(dict.fromkeys(missing))}"
        )
    return Comparison(
        row.reason, spans, merge_of, default if isinstance(default, str) else None, present
    )
