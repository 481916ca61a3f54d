"""The benchmarks run, so that they do not rot.  How fast is theirs to say, not a test's."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.startup import make_repository

ROOT = Path(__file__).resolve().parents[1]


def test_the_benchmark_of_matching_holds_every_contestant_to_the_definition() -> None:
    few = ("--paths=300", "--many=300", "--rules=48", "--rounds=1", "--budget=0", "--sample=9")
    without = ("--without=pathspec", "--without=git check-ignore")
    lines = _run("run", "--part=matching", *few, *without, "--limit=0.05")
    shape = ["shape", "rules", "surfaces", "paths"]
    compared, growing, *many, worst = _markdown(lines)
    for (header, *rows), more in (
        (compared, ["awake", "impact, 1,000 paths/s", "picomatch", "floor"]),
        (growing, ["compilation", "first", "again"]),
    ):
        assert header == [*shape, *more]
        assert [row[:4] for row in rows] == [
            [one, "48", "8", "300"] for one in ("dense", "sparse")
        ]
    assert [[row[0] for row in table] for table in many] == [["", "impact", "floor"]] * 2
    assert [len(row) for row in worst] == [3] * 4


def test_the_benchmark_of_matching_takes_any_repository_and_its_filters(tmp_path: Path) -> None:
    make_repository(tmp_path, files=20, changed=3)
    few = ("--rounds=1", "--budget=0", "--sample=9", "--without=picomatch")
    filters = tmp_path / "filters.yml"
    lines = _run("matching", f"--repository={tmp_path}", f"--filters={filters}", *few)
    compared, growing = _markdown(lines)
    assert [table[1][:4] for table in (compared, growing)] == [
        ["filters.yml", "10", "5", "21"]
    ] * 2


def test_the_benchmark_of_the_start_up_compares_detect_with_git_in_one_run() -> None:
    lines = _run("run", "--part=startup", "--files=20", "--changed=3", "--starts=1")
    assert lines[4] == "20 files, 3 changed, 5 surfaces; rounds: 1"
    ((header, *rows),) = _markdown(lines)
    assert header == [
        "whole process",
        "milliseconds",
        "of bare Node.js",
        "of them CPU",
        "peak memory",
    ]
    assert [row[0] for row in rows] == [
        "git diff --name-status",
        "bare Python",
        "bare Node.js",
        "impact, two revisions",
        "impact, push in CI",
    ]


def test_the_benchmark_of_growth_compares_detect_with_reading_its_input() -> None:
    lines = _run("run", "--part=growth", "--growth=100", "--growth-rules=100", "--bytes=20000")
    ((header, *rows),) = _markdown(lines)
    assert header == ["", "seconds", "of the floor", "CPU", "peak memory", "printed"]
    assert [row[0] for row in rows] == [
        "read and split",
        "detect, one path",
        "detect, JSON",
        "detect, in CI",
        "git diff, split",
        "detect, of two commits",
    ]


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
    title, *rows = _run("workflows", "--workflows=2", "--jobs=3", "--files=300", "--rounds=1")
    assert title == "2 workflows, 6 gated jobs, 300 tracked files"
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


def _markdown(lines: list[str]) -> list[list[list[str]]]:
    """The rows of each table of Markdown, the header first."""
    groups = itertools.groupby(lines, lambda line: line.startswith("|"))
    tables = ([row[2:-2].split(" | ") for row in rows] for table, rows in groups if table)
    return [[header, *rows] for header, _, *rows in tables]


def _tables(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """The title of each table, and the first column of it."""
    for number, line in enumerate(lines):
        if line.startswith("clone "):
            rows = itertools.takewhile(lambda row: row.endswith(("x", "in it")), lines[number:])
            yield lines[number - 1], [row[:10].rstrip() for row in rows]
