"""The commands of the shell itself that matter to what is used after them.

Each says whether it ends well, if that is known.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from impact.scripts.expand import target
from impact.scripts.shell import UNKNOWN
from impact.scripts.state import State
from impact.scripts.trace import DEEPEST, Origin, Runner, Spot, is_known

Builtin: TypeAlias = Callable[[Runner, list[str], State, Spot], bool | None]


def _cd(runner: Runner, words: list[str], state: State, spot: Spot) -> bool | None:
    names = [word for word in words if word not in ("-P", "-L", "-e", "--")]
    name = names[0] if names else "/~"
    here = state.directory
    state.directory = target(name, state)
    state.previous = here
    if state.directory is None and (here is not None or not is_known(name)):
        runner.trace.unresolved(f"cd {name}", "the directory is not known", spot)
    return None


def _pushd(runner: Runner, words: list[str], state: State, spot: Spot) -> bool | None:
    state.stack = (*state.stack, state.directory)
    return _cd(runner, words or [UNKNOWN], state, spot)


def _popd(runner: Runner, words: list[str], state: State, spot: Spot) -> bool | None:
    *rest, state.directory = state.stack or (None,)
    state.stack = tuple(rest)
    return None


def _set(runner: Runner, words: list[str], state: State, spot: Spot) -> bool | None:
    if "--" in words:
        given = words[words.index("--") + 1 :]
        state.arguments = tuple(given)
    return True


def _shift(runner: Runner, words: list[str], state: State, spot: Spot) -> bool | None:
    count = words[0] if words else "1"
    if state.arguments is not None and count.isascii() and count.isdecimal() and len(count) < 9:
        state.arguments = state.arguments[int(count) :]
    else:
        state.arguments = None
    return None


def _forget(runner: Runner, words: list[str], state: State, spot: Spot) -> bool | None:
    """`read`, `unset` and their like: what the variables hold is not known."""
    for word in words:
        state.assign(word, UNKNOWN)
    return None


def _print(runner: Runner, words: list[str], state: State, spot: Spot) -> bool | None:
    """`printf`, which may print into a variable."""
    if words[:1] == ["-v"]:
        _forget(runner, words[1:2], state, spot)
    return True


def _eval(runner: Runner, words: list[str], state: State, spot: Spot) -> bool | None:
    text = " ".join(words)
    if is_known(text):
        return runner.script(text, state, Origin(spot))
    runner.trace.unresolved(f"eval {text}", "it is not known what runs", spot)
    return None


def _trap(runner: Runner, words: list[str], state: State, spot: Spot) -> bool | None:
    if len(words) > 1 and not words[0].startswith("-"):
        runner.script(words[0], state.copy(), Origin(spot))
    return True


def _exit(runner: Runner, words: list[str], state: State, spot: Spot) -> bool | None:
    return _end("exit", words, state)


def _return(runner: Runner, words: list[str], state: State, spot: Spot) -> bool | None:
    return _end("return", words, state) if state.returns else False


def _break(runner: Runner, words: list[str], state: State, spot: Spot) -> bool | None:
    return _end("break", [], state) if state.loops else True


def _continue(runner: Runner, words: list[str], state: State, spot: Spot) -> bool | None:
    return _end("continue", [], state) if state.loops else True


def _end(kind: str, words: list[str], state: State) -> bool | None:
    """Leave the script, a function or a loop."""
    state.ended = kind
    known = bool(words) and words[0].isascii() and words[0].isdecimal()
    state.status = words[0].strip("0") == "" if known else None
    return state.status


def _source(runner: Runner, words: list[str], state: State, spot: Spot) -> bool | None:
    """A script that runs in the shell itself: what it changes lasts."""
    if not words:
        return None
    path = None
    if is_known(words[0]):
        path = runner.trace.name(words[0], state.directory, spot)
    else:
        runner.trace.unresolved(f"source {words[0]}", "it is not known what runs", spot)
    text = None if path is None or path.endswith("/") else runner.trace.files.read(path)
    if path is None or text is None:
        return None
    if path in runner.trace.active or len(runner.trace.active) >= DEEPEST:
        return None
    outer = state.copy()
    state.source, state.returns = words[0], True
    if words[1:]:
        state.arguments = tuple(words[1:])
    runner.trace.active.append(path)
    status = runner.script(text, state, Origin(spot, f"{path}:", 1))
    runner.trace.active.pop()
    state.source, state.arguments = outer.source, outer.arguments
    state.loops, state.returns = outer.loops, outer.returns
    return status


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
    "printf": _print,
    "exit": _exit,
    "return": _return,
    "break": _break,
    "continue": _continue,
    "source": _source,
    ".": _source,
}
ANSWERS = {"true": True, ":": True, "echo": True, "false": False}
"""Those of which only the answer matters."""
