"""A `package.json`: where it is, its scripts, and what they use."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from impact.scripts.files import ROOT, Files, from_root
from impact.scripts.state import State
from impact.scripts.trace import DEEPEST, Origin, Runner, Spot, is_known


@dataclass(frozen=True, slots=True)
class Package:
    """The directory, the path of the file, and its scripts by their names."""

    directory: str
    path: str
    scripts: Mapping[str, str]

    def run_all(
        self,
        runner: Runner,
        manager: str,
        script: str,
        arguments: list[str],
        state: State,
        spot: Spot,
    ) -> None:
        """Follow a script, with those that run before and after it."""
        for name in (f"pre{script}", script, f"post{script}"):
            given = arguments if name == script else []
            self.run(runner, f"{manager} run {name}", name, given, state, spot)

    def run(
        self,
        runner: Runner,
        label: str,
        script: str,
        arguments: list[str],
        state: State,
        spot: Spot,
    ) -> None:
        """Follow a script, if there is one of that name."""
        trace = runner.trace
        key = f"{self.path}#{script}"
        if script not in self.scripts or key in trace.active:
            return
        if len(trace.active) >= DEEPEST:
            trace.unresolved(label, f"more than {DEEPEST} within each other", spot)
            return
        inner = state.child()
        inner.directory = self.directory
        given = [shlex.quote(word) if is_known(word) else word for word in arguments]
        trace.active.append(key)
        text = " ".join([self.scripts[script], *given])
        runner.script(text, inner, Origin(spot, f"{label} ({self.path})"))
        trace.active.pop()


def read(runner: Runner, directory: str, spot: Spot) -> Package | None:
    """The package in a directory, of which the file is used; None where there is none."""
    path = runner.trace.name("package.json", directory, spot)
    if path is None or path.endswith("/"):
        return None
    try:
        package = json.loads(runner.trace.files.read(path) or "")
    except (ValueError, RecursionError):
        package = None
    found = package.get("scripts") if isinstance(package, dict) else None
    scripts = found.items() if isinstance(found, dict) else ()
    return Package(
        directory, path, {name: text for name, text in scripts if isinstance(text, str)}
    )


def nearest(files: Files, directory: str | None) -> str | None:
    """The nearest directory with a package.json, upwards."""
    inner = None if directory is None else from_root(directory)
    while inner is not None:
        if files.is_file(f"{inner}/package.json".lstrip("/")):
            return f"{ROOT}/{inner}".rstrip("/")
        if not inner:
            return None
        inner = inner.rpartition("/")[0]
    return None
