"""The outputs that a step sets by itself, as far as its script says so.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#setting-an-output-parameter
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from impact.workflows.values import UNKNOWN, Partial, Value
from impact.workflows.workflow import Step

_FILE = "GITHUB_OUTPUT"
_PRINTED = re.compile(
    r"(?:^|[\s;&|({])(?:echo|printf)\b[^\n]*?[\s\"'{]([A-Za-z_][\w-]*)(?:=|<<)"
)
_ASSIGNED = re.compile(r"^\s*([A-Za-z_][\w-]*)(?:=|<<)")
_PROGRAM = re.compile(
    r"\./|\.(?:sh|py|js|mjs|cjs|ts|rb|pl)\b"
    r"|\b(?:make|just|task|npm|pnpm|yarn|bun|cargo|go run|gradle|mvn|uv|nx|dotnet|docker)\b"
)
"""What may run something that writes outputs too."""
_LONGEST = 2000
_COMMAND = re.compile(r"::set-output +name=([A-Za-z_][\w-]*)::")
_SCRIPT = re.compile(r"""\bsetOutput\(\s*(?:'([\w-]+)'|"([\w-]+)"|`([\w-]+)`)\s*,""")
_CALLS = re.compile(r"\bsetOutput\(")


def written_outputs(step: Step) -> Mapping[str, Value]:
    """Their names; of a `Partial` there may be others.

    All are known of a script that writes each of them with `echo NAME=...` on a line of its
    own, and of one in JavaScript that gives their names as they are.
    """
    if step.run is not None:
        return _of_shell(step.run.text)
    if step.uses is not None and step.uses.text.startswith("actions/github-script@"):
        script = step.given.get("script")
        return _of_javascript(script.text) if script is not None else Partial()
    return Partial()


def _of_shell(script: str) -> Mapping[str, Value]:
    found: dict[str, Value] = {}
    others: dict[str, Value] = {}
    is_open = _FILE not in script and "set-output" not in script
    is_open |= _PROGRAM.search(script) is not None
    for line in script.splitlines():
        if line.lstrip().startswith("#") or len(line) > _LONGEST:
            is_open |= len(line) > _LONGEST
            continue
        if "set-output" in line:
            names = _COMMAND.findall(line)
            is_open |= not names
            found |= dict.fromkeys(names, UNKNOWN)
        printed = _PRINTED.search(line)
        if _FILE in line:
            is_open |= printed is None
        for name in (printed, _ASSIGNED.match(line)):
            if name is not None:
                (found if name is printed and _FILE in line else others)[name[1]] = UNKNOWN
    return Partial({**others, **found}) if is_open else found


def _of_javascript(script: str) -> Mapping[str, Value]:
    found: dict[str, Value] = {"result": UNKNOWN}
    calls = _SCRIPT.findall(script)
    found |= {a or b or c: UNKNOWN for a, b, c in calls}
    # A script that loads another one may set what that likes.
    is_open = len(calls) < len(_CALLS.findall(script)) or "require(" in script
    return Partial(found) if is_open or "import(" in script else found
