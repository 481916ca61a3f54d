"""Programs that start another one: `sudo`, `env`, `timeout` and their like."""

from __future__ import annotations

import re
from collections.abc import Mapping

from impact.scripts.arguments import names
from impact.scripts.state import State

_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_WRAPPERS: Mapping[tuple[str, ...], frozenset[str]] = {
    ("sudo",): names("-u --user -g --group -h -p -C -D --chdir"),
    ("doas",): frozenset(("-u",)),
    ("env",): names("-u --unset -C --chdir"),
    ("cross-env",): frozenset(),
    ("time",): names("-f -o --format --output"),
    ("timeout",): names("-k -s --kill-after --signal"),
    ("gtimeout",): names("-k -s --kill-after --signal"),
    ("nice",): frozenset(["-n", "--adjustment"]),
    ("ionice",): names("-c -n -t"),
    ("nohup",): frozenset(),
    ("setsid",): frozenset(),
    ("exec",): frozenset(("-a",)),
    ("command",): frozenset(),
    ("builtin",): frozenset(),
    ("coproc",): frozenset(),
    ("stdbuf",): names("-i -o -e"),
    ("xvfb-run",): names("-s -n -e -f --server-args --server-num"),
    ("unbuffer",): frozenset(),
    ("caffeinate",): frozenset(),
    ("dbus-run-session",): frozenset(("--",)),
    ("poetry", "run"): frozenset(),
    ("pipenv", "run"): frozenset(),
    ("pdm", "run"): frozenset(),
    ("rye", "run"): frozenset(),
    ("bundle", "exec"): frozenset(),
    ("uv", "run"): names(
        "--with --python -p --extra --group --package --with-requirements --with-editable "
        "--only-group --no-group --no-extra --env-file --index --index-url --directory "
        "--project --resolution --exclude-newer --color --config-file --cache-dir"
    ),
    ("uvx",): names("--from --with --python -p"),
    ("uv", "tool", "run"): names("--from --with --python -p"),
    ("conda", "run"): names("-n --name -p --prefix"),
    ("npx",): names("-p --package -c --call -w --workspace"),
    ("bunx",): frozenset(("-p", "--package")),
    ("npm", "exec"): names("-p --package -c --call -w --workspace"),
    ("pnpm", "exec"): frozenset(),
    ("pnpm", "dlx"): frozenset(("--package",)),
    ("yarn", "exec"): frozenset(),
    ("yarn", "dlx"): frozenset(["-p", "--package"]),
    ("coverage", "run"): names("--source --rcfile --omit --include --data-file"),
}
"""The options of each that take a value."""
_PYTHON = frozenset((("coverage", "run"),))
_ELSEWHERE = names("-C --chdir -D --directory -c --call")
_MOST = 10


def unwrapped(words: list[str], state: State) -> tuple[list[str], State]:
    """The command that is started in the end, and what holds there."""
    for _ in range(_MOST):
        key = next((k for n in (3, 2, 1) if (k := tuple(words[:n])) in _WRAPPERS), None)
        if key is None:
            return words, state
        rest, state = _inner(key, words[len(key) :], state)
        words = ["python", *rest] if key in _PYTHON and rest else rest
        if not words:
            return words, state
        if key in (("uv", "run"),) and words[0].endswith((".py", ".pyw")):
            words = ["python", *words]
    return [], state


def _inner(key: tuple[str, ...], rest: list[str], state: State) -> tuple[list[str], State]:
    values = _WRAPPERS[key]
    if key == ("command",) and rest[:1] in (["-v"], ["-V"]):
        return [], state
    while rest and rest[0].startswith("-"):
        option = rest[0]
        rest = rest[1:]
        if option == "--":
            break
        if key == ("uv", "run") and option in ("-m", "--module"):
            return ["python", "-m", *rest], state
        if key == ("coverage", "run") and option in ("-m", "--module"):
            return ["-m", *rest], state
        if option in _ELSEWHERE and option in values:
            return [], state  # elsewhere, or a text of commands
        if option in values:
            rest = rest[1:]
    if key[0] in ("env", "sudo", "cross-env"):
        while rest and _ASSIGNMENT.match(rest[0]):
            name, _, text = rest[0].partition("=")
            state = state.copy()
            state.assign(name, text, export=True)
            rest = rest[1:]
    if key[-1] in ("timeout", "gtimeout"):
        rest = rest[1:]
    return rest, state
