"""What the step of the action adds to the detection itself, cold and warm.

    make bench-install
    make bench-install ARGS='--python=/usr/bin/python3'    # with another Python, and its pip

*Cold* is the first use in a job: nothing is installed, and neither pip nor uv has anything
in its cache.  *Warm* is the second use in the same job.  The detection is `impact detect`
with everything installed and compiled.  Every round runs each of them once, in turn, so that
a busy machine slows all of them alike.  The index is the one that pip and uv are set up for.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from benchmarks.measure import ROOT
from benchmarks.startup import make_repository

STEP = 'action=$GITHUB_ACTION_PATH command=detect; . "$action/action/start.sh"'
OPTIONS = ("--base=HEAD~1", "--head=HEAD", "--format=github")
DETECTION = "detection"


class Taken(NamedTuple):
    """Seconds by the clock, and of a processor: these a busy machine changes less."""

    wall: float
    work: float


class Runner:
    """A machine with git, the one Python, and perhaps uv."""

    def __init__(self, root: Path, python: str, uv: str | None) -> None:
        self.temp = root / "temp"
        self.repository = root / "repository"
        self.repository.mkdir(parents=True)
        make_repository(self.repository, files=20, changed=5)
        self.bin = root / "bin"
        self.bin.mkdir()
        for name, program in (("git", shutil.which("git")), ("uv", uv)):
            if program:
                (self.bin / name).symlink_to(program)
        # No link: by another name a Python would not see its own environment.
        (self.bin / "python3").write_text(f'#!/bin/sh\nexec "{python}" "$@"\n')
        (self.bin / "python3").chmod(0o755)
        self.python = python
        ours = ("GITHUB_", "IMPACT_", "RUNNER_", "PYTHON")
        kept = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
        self.environment = kept | {
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_OUTPUT": os.devnull,
            "IMPACT_INPUT_BASE": "HEAD~1",
            "IMPACT_INPUT_HEAD": "HEAD",
            "PATH": str(self.bin),
            "RUNNER_TEMP": str(self.temp),
        }

    def empty(self) -> None:
        """Begin a new job, on a machine that never downloaded anything."""
        shutil.rmtree(self.temp, ignore_errors=True)
        self.temp.mkdir()
        for name in ("PIP_CACHE_DIR", "UV_CACHE_DIR"):
            self.environment[name] = str(self.temp / name)

    def step(self) -> Taken:
        return self._run("/bin/sh", "-e", "-c", STEP)

    def detection(self) -> Taken:
        """The same with everything installed, and compiled by a run before."""
        command = (self.python, "-m", "impact", "detect", *OPTIONS)
        installed = self.temp / "installed"
        (packages,) = self.temp.glob("impact-*/packages")
        shutil.copytree(packages, installed)
        shutil.copytree(ROOT / "impact", installed / "impact")
        self._run(*command, PYTHONPATH=str(installed))
        return self._run(*command, PYTHONPATH=str(installed))

    def _run(self, *command: str, **environment: str) -> Taken:
        start, before = time.perf_counter(), os.times()
        done = subprocess.run(
            command,
            cwd=self.repository,
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        wall, after = time.perf_counter() - start, os.times()
        if done.returncode:
            sys.exit(f"{command}: {done.returncode}\n{done.stdout}{done.stderr}")
        children = zip(after[2:4], before[2:4], strict=True)
        return Taken(wall, sum(now - then for now, then in children))


def compare(runners: dict[str, Runner], rounds: int) -> None:
    """Run everything in turn; print medians, spread, and what is added to the detection."""
    times: dict[str, list[Taken]] = {DETECTION: []}
    for _ in range(rounds):
        for name, runner in runners.items():
            runner.empty()
            times.setdefault(f"cold, {name}", []).append(runner.step())
            times.setdefault(f"warm, {name}", []).append(runner.step())
            times[DETECTION].append(runner.detection())
    columns = ("median", "fastest", "slowest", "added", "processor", "added")
    print(f"{'':12} {' '.join(f'{column:>9}' for column in columns)} {'ratio':>7}")
    least, least_work = map(statistics.median, zip(*times[DETECTION], strict=True))
    for name, rows in times.items():
        walls = [row.wall for row in rows]
        median, work = map(statistics.median, zip(*rows, strict=True))
        seconds = (median, min(walls), max(walls), median - least, work, work - least_work)
        shown = " ".join(f"{1000 * value:6.0f} ms" for value in seconds)
        print(f"{name:12} {shown} {median / least:6.1f}x")


def main() -> None:
    """Benchmark the step with each installer that there is."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    # Not the link to it in .venv, whose pip nobody's runner has.
    parser.add_argument("--python", default=str(Path(sys.executable).resolve()))
    parser.add_argument("--installer", choices=("pip", "uv"), action="append")
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    uv = shutil.which("uv", path=path)
    chosen = arguments.installer or (["pip", "uv"] if uv else ["pip"])
    with tempfile.TemporaryDirectory() as place:
        runners = {
            name: Runner(Path(place, name), arguments.python, uv if name == "uv" else None)
            for name in chosen
        }
        asked = subprocess.run(
            (arguments.python, "-I", "-m", "pip", "--version"), capture_output=True, text=True
        )
        print(f"Python {arguments.python}, {' '.join(asked.stdout.split()[:2]) or 'no pip'}")
        compare(runners, arguments.rounds)


if __name__ == "__main__":
    main()
