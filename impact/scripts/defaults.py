"""Programs that read files of their own without being told: manifests, locks, settings.

Such a file is looked for where the program runs and in the directories around that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from impact.scripts.arguments import names
from impact.scripts.files import ROOT, from_root
from impact.scripts.state import State
from impact.scripts.trace import Runner, Spot


@dataclass(frozen=True, slots=True)
class _Tool:
    """``files``: each of them is read; ``either``: the first that there is.

    ``commands``: by these alone, if any.  ``runs``: what they say to run is not looked into.
    """

    files: Sequence[str] = ()
    either: Sequence[str] = ()
    commands: frozenset[str] = frozenset()
    runs: bool = False


_TOOLS = {
    "cargo": _Tool(
        ("Cargo.toml", "Cargo.lock"),
        commands=names("build b check c clippy test t run r doc d bench nextest package fetch"),
    ),
    "go": _Tool(("go.mod", "go.sum"), commands=names("build test vet run generate mod")),
    "uv": _Tool(("pyproject.toml", "uv.lock"), commands=names("sync lock build export")),
    "poetry": _Tool(
        ("pyproject.toml", "poetry.lock"), commands=names("install build lock check sync")
    ),
    "bundle": _Tool(("Gemfile", "Gemfile.lock"), commands=names("install check update")),
    "composer": _Tool(
        ("composer.json", "composer.lock"), commands=names("install update validate")
    ),
    "mvn": _Tool(("pom.xml",)),
    "just": _Tool(either=("justfile", "Justfile", ".justfile"), runs=True),
    "task": _Tool(
        either=("Taskfile.yml", "Taskfile.yaml", "taskfile.yml", "taskfile.yaml"), runs=True
    ),
    "tox": _Tool(either=("tox.ini",), runs=True),
    "nox": _Tool(either=("noxfile.py",), runs=True),
    "pre-commit": _Tool(
        either=(".pre-commit-config.yaml",), commands=names("run install"), runs=True
    ),
    "rake": _Tool(either=("Rakefile", "rakefile", "Rakefile.rb"), runs=True),
    "tilt": _Tool(either=("Tiltfile",), runs=True),
    "earthly": _Tool(either=("Earthfile",), runs=True),
    "bazel": _Tool(runs=True),
    "gradle": _Tool(runs=True),
    "gradlew": _Tool(runs=True),
}
_ELSEWHERE = names(
    "-f --file --filename --justfile --taskfile -d --dir --directory --project -C "
    "--manifest-path --config -c -p --noxfile --rootdir --working-directory"
)
"""Options by which a program is told of others."""


def own_files(
    runner: Runner, name: str, words: Sequence[str], state: State, spot: Spot
) -> None:
    """Use what a program reads by itself; say so where it runs what that names."""
    tool = _TOOLS.get(name)
    asked = [word for word in words if not word.startswith(("-", "+"))][:1]
    if tool is None or (tool.commands and not tool.commands & {*asked}):
        return
    if tool.runs:
        shown = " ".join([name, *words])
        runner.trace.unresolved(shown, "what its own file runs is not looked into", spot)
    if any(word.partition("=")[0] in _ELSEWHERE for word in words):
        return
    for file in tool.files:
        _use(runner, (file,), state, spot)
    _use(runner, tool.either, state, spot)


def _use(runner: Runner, files: Sequence[str], state: State, spot: Spot) -> None:
    for directory in _around(state.directory):
        for file in files:
            if runner.trace.files.is_file(f"{directory}/{file}".lstrip("/")):
                runner.trace.name(file, f"{ROOT}/{directory}".rstrip("/"), spot)
                return


def _around(directory: str | None) -> Iterator[str]:
    """A directory of the repository, and those that it is in, up to the root."""
    inner = from_root(directory) if directory is not None else None
    while inner is not None:
        yield inner
        inner = inner.rpartition("/")[0] if inner else None
