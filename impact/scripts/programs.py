"""What programs use: those that start others, those that others know, and all the rest."""

from __future__ import annotations

from impact.scripts.arguments import SILENT, Argument, arguments, names
from impact.scripts.defaults import own_files
from impact.scripts.files import named
from impact.scripts.images import docker
from impact.scripts.making import make
from impact.scripts.packages import monorepo, package_manager, several
from impact.scripts.requirements import pip
from impact.scripts.shell import UNKNOWN
from impact.scripts.state import State
from impact.scripts.trace import DEEPEST, Origin, Runner, Spot, is_known
from impact.scripts.wrappers import unwrapped

_SHELLS = names("bash sh dash zsh ksh")
_SHELL_VALUES = names("-o +o -O +O --rcfile --init-file")
_PYTHONS = ("python", "pypy")
_INTERPRETERS = names("node ruby perl php deno tsx ts-node Rscript julia lua")
_EXECUTES = names("-exec -execdir -ok -okdir")
_CODE = names("-c -e -p --eval --print -E -pe -ne -r -lane")


def program(runner: Runner, words: list[str], state: State, spot: Spot) -> None:
    """Follow a command that is none of the shell."""
    words, state = unwrapped(words, state)
    if not words:
        return
    name, rest = words[0], words[1:]
    if not is_known(name):
        runner.trace.unresolved(" ".join(words), "it is not known what runs", spot)
        others(runner, "", rest, state, spot)
        return
    base = name.rpartition("/")[2]
    own_files(runner, base, rest, state, spot)
    if "/" in name and (path := runner.trace.name(name, state.directory, spot)):
        if not path.endswith("/") and _is_shell(path, runner):
            follow(runner, path, words, state, spot)
        others(runner, "", rest, state, spot)
    elif base in _SHELLS:
        _shell(runner, words, state, spot)
    elif base.startswith(_PYTHONS):
        _python(runner, words, state, spot)
    elif base in _INTERPRETERS or (base == "bun" and _is_file(rest)):
        _interpreter(runner, words, state, spot)
    elif base in ("xargs", "parallel"):
        runner.trace.unresolved(" ".join(words), "its arguments are not known", spot)
    elif not _known(runner, base, rest, state, spot):
        others(runner, base, rest, state, spot)


def _known(runner: Runner, name: str, words: list[str], state: State, spot: Spot) -> bool:
    """A program of which another module tells what it uses; whether it is one."""
    match name:
        case "make" | "gmake":
            make(runner, words, state, spot)
        case "npm" | "pnpm" | "yarn" | "bun":
            package_manager(runner, name, words, state, spot)
        case "npm-run-all" | "run-s" | "run-p" | "npm-run-all2" | "concurrently":
            several(runner, words, state, spot)
        case "turbo" | "nx" | "lerna":
            monorepo(runner, name, words, state, spot)
        case "docker" | "podman" | "buildah" | "docker-compose":
            docker(runner, name, words, state, spot)
        case "pip" | "pip3":
            pip(runner, words, state, spot)
        case "find":
            _find(runner, words, state, spot)
        case "uv" if words[:1] == ["pip"]:
            pip(runner, words[1:], state, spot)
        case _:
            return False
    return True


def follow(runner: Runner, path: str, words: list[str], state: State, spot: Spot) -> None:
    """Follow a tracked shell script: what it is called, and its arguments."""
    trace = runner.trace
    if path in trace.active or path in trace.written:
        return
    if len(trace.active) >= DEEPEST:
        trace.unresolved(path, f"more than {DEEPEST} scripts within each other", spot)
        return
    text = trace.files.read(path)
    if text is None:
        trace.unresolved(path, "it cannot be read", spot)
        return
    inner = state.child()
    inner.script = inner.source = words[0]
    inner.arguments = tuple(words[1:])
    trace.active.append(path)
    runner.script(text, inner, Origin(spot, f"{path}:", 1))
    trace.active.pop()


def others(runner: Runner, name: str, words: list[str], state: State, spot: Spot) -> None:
    """The files that a program is given by name."""
    if name in SILENT:
        return
    for argument in arguments(name, words):
        take(runner, argument, state, spot)


def take(runner: Runner, argument: Argument, state: State, spot: Spot) -> None:
    """A word that may name a file."""
    text = argument.text
    if argument.written:
        runner.trace.write(text, state.directory)
    elif not is_known(text):
        if _may_name(text, state, runner):
            runner.trace.unresolved(text, "its name is not known", spot)
    elif argument.plain or "/" in text or "." in text:
        runner.trace.name(text, state.directory, spot)


def _may_name(text: str, state: State, runner: Runner) -> bool:
    """Whether a text that is known in part could name a tracked file."""
    if "://" in text or any(char.isspace() for char in text):
        return False
    directory, slash, _ = text.partition(UNKNOWN)[0].rpartition("/")
    if slash:
        return named(f"{directory}/", state.directory, runner.trace.files) is not None
    return "/" in text.rpartition(UNKNOWN)[2]


def _find(runner: Runner, words: list[str], state: State, spot: Spot) -> None:
    """`find`: names of files are no contents, but what it runs reads those that it finds."""
    starts = [number for number, word in enumerate(words) if word in _EXECUTES]
    first = next((n for n, w in enumerate(words) if w[:1] in ("-", "!", "(")), len(words))
    for start in starts:
        rest = words[start + 1 :]
        end = next((n for n, word in enumerate(rest) if word in (";", "+")), len(rest))
        command = [word for word in rest[:end] if word != "{}"]
        runner.invoke(command, state.copy(), spot)
        if command[:1] and command[0] not in SILENT:
            for word in words[:first]:
                take(runner, Argument(word, plain=True), state, spot)


def _is_file(words: list[str]) -> bool:
    """Whether bun is to run a file."""
    plain = [word for word in words if not word.startswith("-")]
    return plain[:1] != [] and plain[plain[0] == "run" and len(plain) > 1].endswith(
        (".ts", ".tsx", ".js", ".mjs", ".mts", ".cjs", ".jsx")
    )


def _is_shell(path: str, runner: Runner) -> bool:
    """Whether a file is a shell script."""
    text = runner.trace.files.read(path)
    first = (text or "").split("\n", 1)[0]
    if first.startswith("#!"):
        words = first[2:].replace("/", " ").split()
        return any(word in _SHELLS for word in words)
    return path.endswith((".sh", ".bash"))


def _shell(runner: Runner, words: list[str], state: State, spot: Spot) -> None:
    """`bash file`, `bash -c text`."""
    rest = words[1:]
    while rest and rest[0][:1] in ("-", "+") and rest[0] != "--":
        option = rest.pop(0)
        is_short = option.startswith("-") and not option.startswith("--")
        if option in _SHELL_VALUES or (is_short and option.endswith(("o", "O"))):
            rest = rest[1:]  # `-euo pipefail`
        elif is_short and "c" in option:
            if rest and is_known(rest[0]):
                inner = state.child()
                inner.script = rest[1] if rest[1:] else UNKNOWN
                inner.arguments = tuple(rest[2:])
                runner.script(rest[0], inner, Origin(spot))
            elif rest:
                inner = state.child()
                runner.script(rest[0], inner, Origin(spot))
            return
        elif option in ("-s", "--version", "--help"):
            return
    if rest[:1] == ["--"]:
        rest = rest[1:]
    if not rest:
        return
    if not is_known(rest[0]):
        runner.trace.unresolved(" ".join(words), "it is not known what runs", spot)
    elif (path := runner.trace.name(rest[0], state.directory, spot)) and path[-1] != "/":
        follow(runner, path, rest, state, spot)
    others(runner, "", rest[1:], state, spot)


def _python(runner: Runner, words: list[str], state: State, spot: Spot) -> None:
    """`python file`, `python -m module`."""
    rest = words[1:]
    while rest and rest[0].startswith("-"):
        option = rest.pop(0)
        if option == "-m" or (option.endswith("m") and not option.startswith("--")):
            _module(runner, rest, state, spot)
            return
        if option == "-c" or (option.endswith("c") and not option.startswith("--")):
            others(runner, "", rest[1:], state, spot)
            return
        if option == "-":
            break
        if option in ("-W", "-X"):
            rest = rest[1:]
    _file_first(runner, words, rest, state, spot)


def _module(runner: Runner, words: list[str], state: State, spot: Spot) -> None:
    if not words or not is_known(words[0]):
        return
    path = words[0].replace(".", "/")
    for name in (f"{path}.py", f"{path}/__main__.py"):
        if all(part.isidentifier() for part in words[0].split(".")) and runner.trace.name(
            name, state.directory, spot
        ):
            others(runner, "", words[1:], state, spot)
            return
    runner.invoke(words, state, spot)


def _interpreter(runner: Runner, words: list[str], state: State, spot: Spot) -> None:
    rest = words[1:]
    if rest[:1] == ["run"] and words[0] in ("deno", "bun"):
        rest = rest[1:]
    before: list[str] = []
    while rest and rest[0].startswith("-"):
        option = rest.pop(0)
        if option in _CODE:
            others(runner, "", [*before, *rest[1:]], state, spot)
            return
        before.append(option)
        if option in ("--import", "--require", "--loader", "-I", "--env-file") and rest:
            before.append(rest.pop(0))
    others(runner, "", before, state, spot)
    _file_first(runner, words, rest, state, spot)


def _file_first(
    runner: Runner, words: list[str], rest: list[str], state: State, spot: Spot
) -> None:
    """A script of which the name comes first, and its arguments."""
    if not rest:
        return
    if not is_known(rest[0]):
        runner.trace.unresolved(" ".join(words), "it is not known what runs", spot)
    else:
        runner.trace.name(rest[0], state.directory, spot)
    others(runner, "", rest[1:], state, spot)
