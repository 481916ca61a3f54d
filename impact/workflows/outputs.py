"""The outputs that a step sets by itself, as far as that can be told.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#setting-an-output-parameter
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from impact.workflows.values import UNKNOWN, Partial, Value
from impact.workflows.workflow import Step


class Seen(dict[str, Value]):
    """The outputs that a step is seen to set; any other is most likely none of it."""


_FILE = "GITHUB_OUTPUT"
_OLD = "set-output"
_PRINTED = re.compile(
    r"(?:^|[\s;&|({])(?:echo|printf)\b[^\n]*?[\s\"'{]([A-Za-z_][\w-]*)(?:=|<<)"
)
_ASSIGNED = re.compile(r"^\s*([A-Za-z_][\w-]*)(?:=|<<)")
_ANYWHERE = re.compile(r"(?<![\w-])([A-Za-z_][\w-]*)(?:=|<<)")
_BLOCK = re.compile(r"^\s*(?:\}|\)|done\b|fi\b)|<<-?\s*[\"'\\]?\w|^\s*cat\b")
"""What writes the lines around it."""
_DYNAMIC = re.compile(r"(?:%s|\$\{?[\w@*]+\}?)(?:=|<<)|\bcat\s+[^\s<>|&-]")
"""What writes outputs of which the names are not there."""
_COMMAND = re.compile(r"::set-output +name=([A-Za-z_][\w-]*)::")
_SCRIPT = re.compile(r"""\bsetOutput\(\s*(?:'([\w-]+)'|"([\w-]+)"|`([\w-]+)`)\s*,""")
_CALLS = re.compile(r"\bsetOutput\(")
_PROGRAM = re.compile(
    r"(?:^|[\s;&|(\"'])(?:\.{1,2}/[\w./-]+|[\w./${}-]+\.(?:sh|bash|py|js|mjs|cjs|ts|rb|pl|ps1))\b"
    r"|\b(?:make|just|task|mage|rake|pnpm|yarn|bun|gradlew?|mvnw?|bazel|nox|tox|nx|turbo|dagger"
    r"|npm (?:run|test|start|exec)|cargo (?:run|xtask)|go run|uv run|poetry run|dotnet run"
    r"|python3? -|node -)\b"
)
"""What may run something of the repository, which may write outputs too."""
_PLAIN = frozenset(
    """
    echo printf cd mkdir cp mv rm cat git export set if then else elif fi for do done while case
    esac ls curl wget tar unzip sed grep awk jq tr cut sort head tail tee date sleep test true
    false exit return local read sudo apt-get apt brew pip pip3 npm npx cargo go docker chmod
    touch pwd source eval wc find xargs sha256sum gh [ [[ { } ( ) ;; EOF END
    """.split()  # noqa: SIM905
)
"""Commands that are known to write no outputs."""
_WORDS = re.compile(
    r"(?:^|&&|\|\||[;|])\s*(?:[A-Za-z_]\w*=\S*\s+)*([^\s;&|=\"'<>-][^\s;&|=]*)(?=\s|$|;)"
)
_PASSED = re.compile(
    r"""echo\s+["']?([A-Za-z_][\w-]*)=(\$\{\{[^{}]*\}\})["']?"""
    r"""\s*>>\s*["']?\$\{?GITHUB_OUTPUT\}?["']?"""
)
_LONGEST = 2000
_OF_GITHUB = {
    "cache": "cache-hit cache-primary-key cache-matched-key",
    "cache/restore": "cache-hit cache-primary-key cache-matched-key",
    "checkout": "ref commit",
    "create-github-app-token": "token installation-id app-slug",
    "download-artifact": "download-path",
    "setup-go": "go-version cache-hit",
    "setup-java": "distribution version path cache-hit",
    "setup-node": "node-version cache-hit",
    "setup-python": "python-version python-path cache-hit",
    "upload-artifact": "artifact-id artifact-url artifact-digest",
}
"""The outputs that actions of GitHub declare in their `action.yml`, of any version."""


def written_outputs(step: Step) -> Mapping[str, Value]:
    """Their names.  Of a `Partial` there may be others, and of `Seen` most likely not.

    All are known of a script that writes each of them with `echo NAME=...` on a line of its
    own, and of one in JavaScript that gives their names as they are.
    """
    if step.run is not None:
        return _of_shell(step.run.text)
    action = step.uses.text.partition("@")[0] if step.uses is not None else ""
    if action == "actions/github-script":
        script = step.given.get("script")
        return _of_javascript(script.text) if script is not None else Partial()
    names = _OF_GITHUB.get(action.removeprefix("actions/")) if "/" in action else None
    return Partial() if names is None else Seen(dict.fromkeys(names.split(), UNKNOWN))


def passed_on(step: Step) -> Mapping[str, str]:
    """The outputs of a script that are those of other steps, with the expressions.

    Only of a script that does nothing else, and so writes all of them.
    """
    lines = [line for line in step.run.text.splitlines() if line.strip()] if step.run else []
    found = [_PASSED.fullmatch(line.strip()) for line in lines]
    return {m[1]: m[2] for m in found if m is not None} if all(found) else {}


def _of_shell(script: str) -> Mapping[str, Value]:
    certain: dict[str, Value] = {}
    around: dict[str, Value] = {}
    is_seen = is_open = False
    is_told = _FILE in script or _OLD in script
    for line in _lines(script):
        if line is None:
            return Partial()
        # A script that writes no output may run something that does.
        is_open |= not is_told and any(word not in _PLAIN for word in _WORDS.findall(line))
        is_open |= is_told and _FILE in line and _DYNAMIC.search(line) is not None
        is_open |= is_told and "eval " in line
        printed, old = _PRINTED.search(line), _COMMAND.findall(line)
        certain |= dict.fromkeys(old, UNKNOWN)
        if _FILE in line and printed is not None:
            # There may be several, and where a text has any is not looked into.
            every = _ANYWHERE.findall(line.replace("\\n", "\n"))
            certain |= dict.fromkeys([printed[1], *every], UNKNOWN)
        elif _FILE in line or (_OLD in line and not old):
            is_seen |= _BLOCK.search(line) is not None
            is_open |= _BLOCK.search(line) is None
        elif "GITHUB_ENV" not in line:
            around |= {m[1]: UNKNOWN for m in (printed, _ASSIGNED.match(line)) if m is not None}
    if is_open or _PROGRAM.search(script) is not None:
        return Partial({**around, **certain})
    if is_seen:
        anywhere = dict.fromkeys(_ANYWHERE.findall(script), UNKNOWN)
        return Seen({**around, **certain, **anywhere})
    return certain or Seen()


def _lines(script: str) -> Iterator[str | None]:
    """The lines that are no comments; None for one that is too long to look at."""
    for line in script.replace("\\\n", " ").splitlines():
        if not line.lstrip().startswith("#"):
            yield line if len(line) <= _LONGEST else None


def _of_javascript(script: str) -> Mapping[str, Value]:
    found: dict[str, Value] = {"result": UNKNOWN}
    calls = _SCRIPT.findall(script)
    found |= {a or b or c: UNKNOWN for a, b, c in calls}
    # A script that loads another one may set what that likes.
    is_open = len(calls) < len(_CALLS.findall(script)) or "require(" in script
    return Partial(found) if is_open or "import(" in script else found
