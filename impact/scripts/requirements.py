"""What pip reads: files of requirements, and those that they name."""

from __future__ import annotations

from impact.scripts.arguments import names
from impact.scripts.state import State
from impact.scripts.trace import DEEPEST, Origin, Runner, Spot, is_known

_FILES = names("-r --requirement --requirements -c --constraint --constraints -b")
_PACKAGES = names("-e --editable")
_OTHERS = names(
    "-i --index-url --extra-index-url -f --find-links -t --target --prefix --root --src "
    "--platform --python-version --only-binary --no-binary --log --proxy --cert --cache-dir "
    "--report -U --upgrade-strategy -p --python --trusted-host --progress-bar --group --extra "
    "-d --dest -o --output-file -P --upgrade-package --custom-compile-command -w --wheel-dir"
) - {"-U"}
_COMMANDS = names("install download wheel sync compile")


def pip(runner: Runner, words: list[str], state: State, spot: Spot) -> None:
    """What `pip words` uses."""
    rest = [word for word in words if word != "--"]
    while rest and rest[0].startswith("-"):
        del rest[:1]
    if not rest or rest[0] not in _COMMANDS:
        return
    command = rest.pop(0)
    while rest:
        word = rest.pop(0)
        option, equals, text = word.partition("=")
        if option in _FILES or option in _PACKAGES:
            text = text if equals else rest.pop(0) if rest else ""
            _take(runner, text, option in _FILES, state, spot)
        elif word[:2] in ("-r", "-c", "-e") and len(word) > 2:
            _take(runner, word[2:], word[1] != "e", state, spot)
        elif word in _OTHERS:
            del rest[:1]
        elif not word.startswith("-") and (
            command in ("sync", "compile") or "/" in word or word.endswith((".whl", ".gz"))
        ):
            _take(runner, word, command in ("sync", "compile"), state, spot)


def _take(runner: Runner, name: str, listed: bool, state: State, spot: Spot) -> None:
    trace = runner.trace
    if not is_known(name):
        if listed or "/" in name:
            trace.unresolved(name, "its name is not known", spot)
        return
    if name.endswith("]"):
        name = name.partition("[")[0]
    path = trace.name(name, state.directory, spot)
    if path is None or not listed or path.endswith((".toml", ".py", ".cfg", "/")):
        return
    key = f"pip {path}"
    if key in trace.active or len(trace.active) >= DEEPEST:
        return
    trace.active.append(key)
    origin = Origin(spot, f"{path}:", 1)
    inner = state.copy()
    beside = name.rpartition("/")[0] or "."
    for number, line in enumerate((trace.files.read(path) or "").split("\n")):
        words = line.partition(" #")[0].replace("=", " ", 1).split()
        if not words or not trace.spend(spot):
            continue
        if words[0] in _FILES and len(words) == 2:
            _take(runner, _within(beside, words[1]), True, inner, origin.at(number))
        elif words[0][:2] in ("-r", "-c") and len(words) == 1 and len(words[0]) > 2:
            _take(runner, _within(beside, words[0][2:]), True, inner, origin.at(number))
        elif words[0] in _PACKAGES and len(words) == 2 and "/" in words[1]:
            _take(runner, words[1], False, inner, origin.at(number))
    trace.active.pop()


def _within(directory: str, name: str) -> str:
    """Names are relative to the file that they are in."""
    return name if name.startswith("/") else f"{directory}/{name}"
