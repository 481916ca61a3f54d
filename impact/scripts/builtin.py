"""The commands of the shell itself that matter to what is used after them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from impact.scripts.expand import target
from impact.scripts.shell import UNKNOWN
from impact.scripts.state import State
from impact.scripts.trace import DEEPEST, Origin, Runner, Spot, is_known

Builtin: TypeAlias = Callable[[Runner, list[str], State, Spot], None]


def _cd(runner: Runner, words: list[str], state: State, spot: Spot) -> None:
    names = [word for word in words if word not in ("-P", "-L", "-e", "--")]
    name = names[0] if names else "/~"
    here = state.directory
    state.directory = target(name, state)
    state.previous = here
    if state.directory is None and (here is not None or not is_known(name)):
        runner.trace.unresolved(f"cd {name}", "the directory is not known", spot)


def _pushd(runner: Runner, words: list[str], state: State, spot: Spot) -> None:
    state.stack = (*state.stack, state.directory)
    _cd(runner, words or [UNKNOWN], state, spot)


def _popd(runner: Runner, words: list[str], state: State, spot: Spot) -> None:
    *rest, state.directory = state.stack or (None,)
    state.stack = tuple(rest)


def _set(runner: Runner, words: list[str], state: State, spot: Spot) -> None:
    if "--" in words:
        given = words[words.index("--") + 1 :]
        state.arguments = tuple(given) if all(map(is_known, given)) else None


def _shift(runner: Runner, words: list[str], state: State, spot: Spot) -> None:
    count = words[0] if words else "1"
    if state.arguments is not None and count.isascii() and count.isdecimal() and len(count) < 9:
        state.arguments = state.arguments[int(count) :]
    else:
        state.arguments = None


def _forget(runner: Runner, words: list[str], state: State, spot: Spot) -> None:
    """`read`, `unset` and their like: what the variables hold is not known."""
    for word in words:
        state.variables[word] = UNKNOWN


def _eval(runner: Runner, words: list[str], state: State, spot: Spot) -> None:
    text = " ".join(words)
    if is_known(text):
        runner.script(text, state, Origin(spot))
    else:
        runner.trace.unresolved(f"eval {text}", "it is not known what runs", spot)


def _trap(runner: Runner, words: list[str], state: State, spot: Spot) -> None:
    if len(words) > 1 and not words[0].startswith("-"):
        runner.script(words[0], state.copy(), Origin(spot))


def _end(runner: Runner, words: list[str], state: State, spot: Spot) -> None:
    state.ended = True


def _source(runner: Runner, words: list[str], state: State, spot: Spot) -> None:
    """A script that runs in the shell itself: what it changes lasts."""
    if not words:
        return
    if not is_known(words[0]):
        runner.trace.unresolved(f"source {words[0]}", "it is not known what runs", spot)
        return
    path = runner.trace.name(words[0], state.directory, spot)
    if path is None or path.endswith("/"):
        return
    text = runner.trace.files.read(path)
    if text is None:
        return
    if path in runner.trace.active or len(runner.trace.active) >= DEEPEST:
        return
    outer, arguments = state.source, state.arguments
    state.source = words[0]
    if words[1:]:
        state.arguments = tuple(words[1:])
    runner.trace.active.append(path)
    runner.script(text, state, Origin(spot, f"{path}:", 1))
    runner.trace.active.pop()
    state.source, state.arguments, state.ended = outer, arguments, False


BUILTINS: dict[str, Builtin] = {
    "cd": _cd,
    "pushd": _pushd,
    "popd": _popd,
    "set": _set,
    "shift": _shift,
    "read": _forget,
    "unset": _forget,
    "mapfile": _forget,
    "readarray": _forget,
    "getopts": _forget,
    "eval": _eval,
    "trap": _trap,
    "exit": _end,
    "return": _end,
    "source": _source,
    ".": _source,
}
