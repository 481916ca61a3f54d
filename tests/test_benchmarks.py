"""The benchmarks run, so that they do not rot.  How fast is theirs to say, not a test's."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_the_benchmark_compares_detect_with_git_in_one_run() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "benchmarks/run.py", "--files=20", "--changed=3", "--rounds=1"],
        capture_output=True,
        text=True,
        check=True,
    )
    title, header, *rows = done.stdout.splitlines()
    assert title == "20 files, 3 changed, 5 surfaces"
    assert header.split() == ["command", "median", "fastest", "slowest", "ratio"]
    assert [row[:24].rstrip() for row in rows] == [
        "git diff --name-status",
        "python -c pass",
        "impact detect",
    ]
    assert all(row.endswith("x") for row in rows)


def test_the_benchmark_of_checks_compares_with_the_start_up() -> None:
    title, *rows = _run("checks", "--files=300", "--rounds=1")
    assert title == "300 tracked files, 100 surfaces, 2,000 rules"
    assert [row[2:16].rstrip() for row in rows] == [
        "start-up",
        "git ls-files",
        "impact check",
        "beyond start-u",
    ]


def test_the_benchmark_of_workflows_compares_with_none() -> None:
    title, *rows = _run("workflows", "--workflows=2", "--files=300", "--rounds=1")
    assert title == "2 workflows, 24 gated jobs, 300 tracked files"
    assert [row[2:16].rstrip() for row in rows] == [
        "start-up",
        "files alone",
        "impact check",
        "findings",
    ]
    assert int(rows[-1].split()[-1]) > 0


def test_the_benchmark_of_clones_asks_about_every_event() -> None:
    few = ("--commits=81", "--files=20", "--rounds=1", "--latency=0")
    lines = _run("clones", *few, "--clone=depth 1", "--clone=none")
    assert lines[0] == "81 commits, 20 files, rounds: 1"
    exact = ["clone", "depth 1", "none"]
    guessed = ["clone", "depth 1", "guess", "none", "guess"]
    assert dict(_tables(lines)) == {
        "pull_request, merge commit, 0 ms an answer": exact,
        "pull_request, head, 0 ms an answer": guessed,
        "push to the default branch, 0 ms an answer": exact,
        "push to a topic branch, 0 ms an answer": guessed,
    }


def test_the_benchmark_without_a_checkout_compares_it_with_one() -> None:
    lines = _run("no_checkout", "--files=20", "--blob-bytes=100", "--rounds=1", "--latency=0")
    assert lines[0] == "20 files of 100 bytes, 0 ms an answer, rounds: 1"
    header, *rows = lines[2:]
    assert header.split() == ["trips", "bytes", "seconds", "of", "bytes", "of", "time"]
    assert [row[:20].strip() for row in rows] == [
        "checkout and detect",
        "checkout",
        "detect in it",
        "detect without it",
    ]


def _run(name: str, *options: str) -> list[str]:
    """What a benchmark prints, which fails where impact and git answer differently."""
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def _tables(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """The title of each table, and the first column of it."""
    for number, line in enumerate(lines):
        if line.startswith("clone "):
            rows = itertools.takewhile(lambda row: row.endswith(("x", "in it")), lines[number:])
            yield lines[number - 1], [row[:10].rstrip() for row in rows]
