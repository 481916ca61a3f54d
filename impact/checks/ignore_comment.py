"""A comment that is to silence a finding silences none.

`# impact: ignore[ID] reason` silences the one finding of that check in its line or, where it
stands in a line of its own, in the next one; in a text over several lines, as a script is, what
counts is the line in which that begins. `ignore[ID, ID]` names several checks. The
reason is obligatory. It is a mistake if there are two such findings in the line, since it
would not be plain which one is meant: give every rule its own line. A comment about a check
that is not run is let be.

Why it is bad: a comment that outlived its finding hides the next one, for another reason.

Tracked: filters.yml, docs/guide.md

Example::

    version: 1
    surfaces:
      docs:
        - /docs/ # impact: ignore[dead-pattern] made when a release is built

Use instead::

    version: 1
    surfaces:
      docs:
        - /docs/
        - /site/ # impact: ignore[dead-pattern] made when a release is built
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from difflib import get_close_matches

from impact.config.comments import Comment
from impact.findings import Finding, Location, Severity
from impact.quoting import quote

ID = "ignore-comment"
_FORM = "write `# impact: ignore[ID] reason`"


def silence(
    findings: Iterable[Finding],
    file: str,
    comments: Sequence[Comment],
    known: Collection[str],
    ran: Collection[str],
) -> tuple[list[Finding], list[Finding]]:
    """The findings that no comment of the file silences, and those about its comments.

    ``known``: the checks that there are; ``ran``: those whose findings these are.
    """
    left = list(findings)
    wrong: list[Finding] = []

    def find(comment: Comment, severity: Severity, message: str, fix: str) -> None:
        location = Location(file, comment.place.line, comment.place.column)
        wrong.append(Finding(ID, message, location, severity, fix))

    for comment in comments:
        if comment.ids is None:
            message = "this comment means nothing to impact"
            find(comment, Severity.WARNING, message, _FORM)
            continue
        if not comment.reason:
            message = "a comment that silences a finding has to give a reason"
            find(comment, Severity.ERROR, message, f"{_FORM}; without, it silences nothing")
            continue
        for name in comment.ids:
            if name not in known:
                message = f"there is no check {quote(name) or repr('')} to silence"
                close = get_close_matches(name, known, 1)
                fix = (
                    f"did you mean {close[0]}?"
                    if close
                    else "name one, as findings do at the end"
                )
                find(comment, Severity.ERROR, message, fix)
                continue
            meant = [
                f
                for f in left
                if (f.id, f.location.file) == (name, file)
                and comment.line in (f.location.line, f.block)
            ]
            if len(meant) == 1:
                left.remove(meant[0])
            elif meant:
                message = (
                    f"there are {len(meant)} findings of {name} in line {comment.line}, and a "
                    "comment silences one"
                )
                find(comment, Severity.ERROR, message, "give each rule a line of its own")
            elif name in ran:
                message = f"there is no finding of {name} in line {comment.line} to silence"
                same = (f.location for f in left if f.id == name)
                lines = [where.line for where in same if where.file == file]
                near = min(lines, key=lambda line: abs(line - comment.line), default=None)
                fix = "remove the comment"
                if near is not None:
                    fix += f", or move it: the nearest is in line {near}"
                find(comment, Severity.WARNING, message, fix)
    return left, wrong
