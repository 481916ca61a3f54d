"""Which tracked files a shell script uses by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from impact.scripts.files import ROOT, Bounded, Files, absolute
from impact.scripts.run import Run
from impact.scripts.shell import UNKNOWN
from impact.scripts.state import State
from impact.scripts.trace import Origin, Spot, Trace, Unresolved, Use

_EXPRESSION = re.compile(r"\$\{\{((?:'[^']*'|[^'])*?)\}\}")


@dataclass(frozen=True, slots=True)
class Followed:
    """The files that a script uses, in the order in which they were found, and the rest."""

    uses: tuple[Use, ...]
    unresolved: tuple[Unresolved, ...]


def follow(
    script: str, directory: str, files: Files, variables: Mapping[str, str] | None = None
) -> Followed:
    """What a script uses that starts in a directory with these variables in its environment.

    GitHub's expressions may be in it; but for `github.workspace` they are not known.
    Only where `impact.scripts.shell.is_available()`.
    """
    text, lines = _without_expressions(script)
    known = {name: _without_expressions(v)[0] for name, v in (variables or {}).items()}
    known["GITHUB_WORKSPACE"] = ROOT
    start = absolute(ROOT, directory) if is_plain(directory) else None
    state = State(start, known, frozenset(known))
    trace = Trace(Bounded(files))
    if start is None:
        trace.unresolved(directory, "the directory is not known", Spot(0))
    Run(trace).script(text, state, Origin())
    uses = {(use.path, lines[use.line]): use for use in reversed(trace.uses.values())}
    return Followed(
        tuple(
            Use(use.path, lines[use.line], use.through)
            for use in trace.uses.values()
            if uses[use.path, lines[use.line]] is use
        ),
        tuple(
            Unresolved(one.text, lines[one.line], one.reason, one.through)
            for one in trace.problems
        ),
    )


def is_plain(directory: str) -> bool:
    """Whether a directory is written without anything that only a run can tell."""
    return "$" not in directory and UNKNOWN not in directory


def _without_expressions(script: str) -> tuple[str, list[int]]:
    """A text without expressions, and the lines in the original of each of its lines."""
    found: list[str] = []
    lines = [0]
    at = line = 0
    while at < len(script):
        start = script.find("${{", at)
        end = len(script) if start < 0 else start
        for _ in range(script.count("\n", at, end)):
            line += 1
            lines.append(line)
        found.append(script[at:end])
        at = end
        if start >= 0:
            match = _EXPRESSION.match(script, start)
            if match is None:
                # GitHub refuses it.
                found.append(UNKNOWN)
                lines += [line] * script.count("\n", start)
                found.append(script[start + 3 :])
                break
            found.append(ROOT if match[1].strip() == "github.workspace" else UNKNOWN)
            line += script.count("\n", start, match.end())
            at = match.end()
    return "".join(found), lines
