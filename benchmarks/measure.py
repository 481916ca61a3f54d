"""What all benchmarks share: processes measured, contestants in turn, tables in Markdown."""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parents[1]
T = TypeVar("T")

# A small process in between.  Linux counts the peak of what forks into that of what it runs.
_LAUNCHER = """
import json, os, sys, time
start = time.perf_counter()
child = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(child, 0)
seconds = time.perf_counter() - start
unit = 1 if sys.platform == "darwin" else 1024
with open(sys.argv[1], "w") as report:
    json.dump(
        {
            "seconds": seconds,
            "cpu": usage.ru_utime + usage.ru_stime,
            "peak": usage.ru_maxrss * unit,
        },
        report,
    )
sys.exit(os.waitstatus_to_exitcode(status) and 1)
"""


@dataclass(frozen=True)
class Run:
    """A whole process: its wall time, its peak of resident memory in bytes, what it printed.

    ``cpu`` is the time that it and what it started worked, in seconds.
    """

    seconds: float
    cpu: float
    peak: int
    output: str = ""


def measured(
    command: Sequence[str | Path],
    directory: Path = ROOT,
    environment: Mapping[str, str] | None = None,
    output: Path | None = None,
    timeout: float | None = None,
) -> Run:
    """Run a command, which has to succeed; ``output``: the file that it prints to."""
    with tempfile.TemporaryDirectory() as place:
        report = Path(place, "report.json")
        printed = output or Path(place, "output")
        with printed.open("wb") as out:
            launcher = [sys.executable, "-I", "-S", "-c", _LAUNCHER, report, *command]
            process = subprocess.Popen(
                launcher,
                cwd=directory,
                env=environment or clean_environment(),
                stdout=out,
                start_new_session=True,
            )
            try:
                code = process.wait(timeout)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)
                process.wait()
                raise
        if code:
            raise subprocess.CalledProcessError(code, [str(word) for word in command])
        text = "" if output else printed.read_text(encoding="utf-8")
        return Run(**json.loads(report.read_text()), output=text)


def seconds(command: list[str], directory: Path, environment: dict[str, str]) -> float:
    """The wall time of one process, which has to succeed."""
    start = time.perf_counter()
    subprocess.run(
        command, cwd=directory, env=environment, stdout=subprocess.DEVNULL, check=True
    )
    return time.perf_counter() - start


def in_turn(rounds: int, contestants: Mapping[str, Callable[[], T]]) -> dict[str, list[T]]:
    """What every contestant gives, each round all of them: a busy machine slows them alike."""
    found: dict[str, list[T]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, contestant in contestants.items():
            found[name].append(contestant())
    return found


def clean_environment() -> dict[str, str]:
    """The environment without what a runner sets and what makes Python slower than it is.

    This impact is on Python's path.
    """
    others = ("GITHUB_", "RUNNER_", "INPUT_", "PYTHON")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    return {**kept, "PYTHONPATH": str(ROOT)}


def spread(values: Iterable[float], unit: str = "", factor: float = 1.0) -> str:
    """The median, and of several rounds the lowest and highest; ``factor`` units are 1."""
    ordered = sorted(value * factor for value in values)
    median = f"{digits(statistics.median(ordered))}{unit}"
    several = len(ordered) > 1
    return f"{median} ({digits(ordered[0])} to {digits(ordered[-1])})" if several else median


def ratios(above: Iterable[float], below: Iterable[float]) -> str:
    """How many times as much: the ratio of each round, spread."""
    return spread((one / other for one, other in zip(above, below, strict=True)), "x")


def digits(value: float) -> str:
    """A number with the digits that mean something: at least two, all before the point."""
    if not value:
        return "0"
    return f"{value:,.{max(0, 1 - math.floor(math.log10(abs(value))))}f}"


def megabytes(count: float) -> str:
    """A number of bytes, in units of 10^6."""
    return f"{digits(count / 1e6)} MB"


def print_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table as Markdown has it."""
    for row in (header, ["---"] * len(header), *rows):
        print(f"| {' | '.join(row)} |")
    print(flush=True)


def machine() -> str:
    """What it runs on."""
    git = subprocess.check_output(["git", "version"], text=True).split()[2]
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, git {git}"


def main(
    told: str | None,
    add_options: Callable[[argparse.ArgumentParser], None],
    run: Callable[[argparse.Namespace], None],
) -> None:
    """Read the arguments of a part and run it alone; ``told`` begins with what it measures."""
    parser = argparse.ArgumentParser(description=(told or "").partition("\n")[0])
    add_options(parser)
    run(parser.parse_args())
