"""Follows the scripts of `package.json` that npm, pnpm, yarn and bun run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from impact.scripts.arguments import names
from impact.scripts.files import absolute, from_root
from impact.scripts.package import nearest, read
from impact.scripts.shell import UNKNOWN
from impact.scripts.state import State
from impact.scripts.trace import Origin, Runner, Spot, is_known
from impact.scripts.workspaces import workspace

_LOCKS = {
    "npm": ("package-lock.json", "npm-shrinkwrap.json"),
    "pnpm": ("pnpm-lock.yaml", "pnpm-workspace.yaml"),
    "yarn": ("yarn.lock",),
    "bun": ("bun.lock", "bun.lockb"),
}
_DIRECTORIES = names("--prefix -C --dir --cwd")
_WORKSPACES = names("-w --workspace --filter -F")
_EVERYWHERE = names("-ws --workspaces -r --recursive")
_VALUES = names(
    "--loglevel --registry --userconfig --cache --reporter --network-timeout --mutex --jobs "
    "--workspace-concurrency --stream --store-dir --omit --include --filter-prod"
)
_LIFECYCLE = ("preinstall", "install", "postinstall", "prepare")
_INSTALLS = names("install i ci clean-install it install-test install-ci-test")
_SEVERAL_VALUES = names(
    "-n --names -c --prefix-colors -p --prefix --max-parallel -m --max-processes -s --success "
    "--restart-tries --restart-after --name-separator -l --prefix-length --default-input-target"
)
_ALIASES = {"t": "test", "tst": "test"}
_DIRECT = names("test start stop restart")
_OWN = names(
    "add remove rm uninstall un update up upgrade audit outdated list ls ll la why info view "
    "show publish pack link unlink login logout whoami config cache init create version "
    "dedupe prune rebuild set pm import store fetch patch deploy root bin prefix doctor "
    "owner dist-tag access team org ping search fund explain env setup approve-builds "
    "plugin constraints workspaces node self-update licenses help tag policies dedup "
    "unplug changeset npm pkg get bugs docs repo explore completion stage token"
)


@dataclass(slots=True)
class _Asked:
    """What a command line asks of a package manager."""

    directory: str | None
    words: list[str] = field(default_factory=list)
    workspaces: list[str] = field(default_factory=list)
    everywhere: bool = False
    optional: bool = False
    sure: bool = False
    scripts: bool = True
    globally: bool = False
    arguments: list[str] = field(default_factory=list)


def package_manager(
    runner: Runner, name: str, words: list[str], state: State, spot: Spot
) -> None:
    """What `npm words` uses, or another package manager."""
    asked = _asked(name, words, state.directory)
    text = " ".join([name, *words])
    if asked.globally or not (asked.words or name == "yarn"):
        return
    first, *rest = asked.words or ["install"]
    first = _ALIASES.get(first, first) if name != "yarn" else first
    if not is_known(first):
        runner.trace.unresolved(text, "it is not known what runs", spot)
        return
    if name == "yarn" and first == "workspace" and rest:
        asked.workspaces, asked.words = [rest[0]], rest[1:]
        first, *rest = asked.words or ["install"]
    if name == "yarn" and first == "workspaces" and rest[:1] in (["foreach"], ["run"]):
        asked.everywhere, first, rest = True, "run", rest[-1:]
    if first in _INSTALLS:
        _install(runner, name, asked, rest, state, spot)
        return
    script = rest[0] if first in ("run", "run-script", "rum", "urn") and rest else first
    given = rest[1:] if script is not first else rest
    if first in _OWN or (name == "bun" and first in ("test", "build", "x", "create")):
        return
    asked.sure = script is not first or first in _DIRECT
    asked.arguments = [*given, *asked.arguments]
    for directory in _places(runner, asked, text, spot):
        _script(runner, name, script, asked, directory, state, spot)


def _asked(name: str, words: Sequence[str], directory: str | None) -> _Asked:
    asked = _Asked(directory)
    rest = list(words)
    while rest:
        word = rest.pop(0)
        option, equals, text = word.partition("=")
        if word == "--":
            asked.arguments = rest
            break
        if not word.startswith("-") or word == "-":
            asked.words.append(word)
            # What follows the script is for the script, but to npm.
            script = asked.words[0] in ("run", "run-script") and len(asked.words) == 2
            if name != "npm" and (script or _is_script(asked.words)):
                asked.arguments = rest
                break
            continue
        if option in _EVERYWHERE:
            asked.everywhere = True
        elif option in _WORKSPACES and not (name == "pnpm" and option == "-w"):
            asked.workspaces.append(text if equals else rest.pop(0) if rest else UNKNOWN)
        elif option in _DIRECTORIES:
            text = text if equals else rest.pop(0) if rest else UNKNOWN
            asked.directory = absolute(asked.directory, text) if is_known(text) else None
        elif option in _VALUES and not equals:
            del rest[:1]
        asked.globally |= option in ("-g", "--global", "--version", "-v", "--help", "-h")
        asked.scripts &= option != "--ignore-scripts"
        asked.optional |= option == "--if-present"
    return asked


def _is_script(words: list[str]) -> bool:
    first = words[0]
    return len(words) == 1 and first not in (
        *_INSTALLS, *_OWN, "run", "run-script", "workspace", "exec", "dlx"
    )  # fmt: skip


def _places(runner: Runner, asked: _Asked, text: str, spot: Spot) -> list[str]:
    """The directories of the packages that are meant."""
    trace = runner.trace
    if asked.directory is None:
        trace.unresolved(text, "the directory is not known", spot)
        return []
    here = nearest(trace.files, asked.directory)
    if asked.everywhere:
        if here is not None:
            trace.name("package.json", here, spot)
        trace.unresolved(text, "it runs in several workspaces", spot)
        return []
    if not asked.workspaces:
        return [here if here is not None else asked.directory]
    found = []
    for name in asked.workspaces:
        place = workspace(trace.files, asked.directory, name) if is_known(name) else None
        if place is None:
            trace.unresolved(text, "it is not known where the workspace is", spot)
        else:
            found.append(place)
    return found


def _install(
    runner: Runner, name: str, asked: _Asked, rest: list[str], state: State, spot: Spot
) -> None:
    """The dependencies are read, and what runs once they are there."""
    trace = runner.trace
    where = nearest(trace.files, asked.directory)
    package = read(runner, where, spot) if where is not None else None
    if package is None:
        return
    above: str | None = where
    while above is not None and from_root(above) is not None:
        locks = [trace.name(lock, above, spot) for lock in _LOCKS[name]]
        if any(locks):
            break
        above = absolute(above, "..")
    if not rest and asked.scripts:
        for script in _LIFECYCLE:
            package.run(runner, f"{name} install", script, [], state, spot)


def _script(
    runner: Runner,
    name: str,
    script: str,
    asked: _Asked,
    directory: str,
    state: State,
    spot: Spot,
) -> None:
    """A script of a package, with those that run before and after it; or a program."""
    trace = runner.trace
    text = f"{name} run {script}"
    package = read(runner, directory, spot)
    if package is None:
        if asked.sure:
            trace.unresolved(text, "no package.json is tracked there", spot)
    elif not is_known(script):
        trace.unresolved(text, "the script is not known", spot)
    elif script in package.scripts:
        package.run_all(runner, name, script, asked.arguments, state, spot)
    elif name != "npm" and script not in ("test", "start"):
        inner = state.copy()
        inner.directory = directory
        runner.invoke([script, *asked.arguments], inner, spot)
    elif asked.sure and not asked.optional and script not in ("start", "restart"):
        trace.unresolved(text, f"no such script in {package.path}", spot)


def several(runner: Runner, words: list[str], state: State, spot: Spot) -> None:
    """`npm-run-all`, `run-s`, `run-p`, `concurrently`: the scripts they are given."""
    where = nearest(runner.trace.files, state.directory)
    package = read(runner, where, spot) if where is not None else None
    if package is None:
        return
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word.startswith("-"):
            del rest[: word in _SEVERAL_VALUES]
            continue
        if set(word) & set("!()?{}"):
            runner.trace.unresolved(word, "a pattern of scripts", spot)
            continue
        asked = word.removeprefix("npm:").split(" ")[0]
        before, star, _ = asked.partition("*")
        found = [asked]
        if star:
            found = [
                name
                for name in package.scripts
                if name.startswith(before) and ":" not in name[len(before) :]
            ]
        for name in found:
            if name in package.scripts:
                package.run_all(runner, "npm", name, [], state, spot)
            elif word != asked or " " in word:
                runner.script(word, state.child(), Origin(spot))
            else:
                runner.trace.unresolved(word, f"no such script in {package.path}", spot)


def monorepo(runner: Runner, name: str, words: list[str], state: State, spot: Spot) -> None:
    """`turbo`, `nx`, `lerna`: their configuration is used, what they run is not known."""
    where = nearest(runner.trace.files, state.directory)
    if where is not None:
        runner.trace.name(f"{name}.json", where, spot)
    if any(not word.startswith("-") for word in words):
        text = " ".join([name, *words])
        runner.trace.unresolved(text, "it runs in several workspaces", spot)
