"""How long `impact detect` takes as a whole process, beside what it cannot go below.

    make bench                              # on a repository made for it
    make bench ARGS=path/to/a/repository    # on any repository, its last commit

Every round runs each command once, in turn, so that a busy machine slows all of them
alike.  Figures are medians of whole processes; the ratio is to git diff --name-status.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FILTERS = """\
version: 1
surfaces:
  engine: [/src/, '!/src/**/*.md']
  web: [/web/, /shared/]
  docs: [/docs/, '*.md']
  database: [/migrations/, '*.sql']
  release: [/release/, /Makefile]
inert: [/LICENSE]
unmatched: ignore
"""
DIRECTORIES = ("src", "web", "docs", "migrations", "release", "shared", "other")


def git(directory: Path, *arguments: str) -> None:
    """Run git with nothing of the user's configuration."""
    identity = ("-c", "user.name=bench", "-c", "user.email=bench@example.com")
    subprocess.run(["git", *identity, *arguments], cwd=directory, check=True)


def make_repository(directory: Path, files: int, changed: int) -> None:
    """Two commits: `files` files, then an edit of `changed` of them."""
    names = [
        directory / DIRECTORIES[i % len(DIRECTORIES)] / f"part{i % 97}" / f"file{i}.txt"
        for i in range(files)
    ]
    for name in names:
        name.parent.mkdir(parents=True, exist_ok=True)
        name.write_text("one\n")
    (directory / "filters.yml").write_text(FILTERS)
    git(directory, "init", "--quiet")
    git(directory, "add", "--all")
    git(directory, "commit", "--quiet", "--message", "one")
    for name in names[:: max(1, files // changed)][:changed]:
        name.write_text("two\n")
    git(directory, "commit", "--quiet", "--all", "--message", "two")


def seconds(command: list[str], directory: Path, environment: dict[str, str]) -> float:
    """The wall time of one process, which has to succeed."""
    start = time.perf_counter()
    subprocess.run(
        command, cwd=directory, env=environment, stdout=subprocess.DEVNULL, check=True
    )
    return time.perf_counter() - start


def compare(directory: Path, filters: Path, rounds: int) -> None:
    """Run every command in turn and print medians, spread and ratios."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GITHUB_")}
    environment["PYTHONPATH"] = str(ROOT)
    detect = [sys.executable, "-m", "impact", "detect", f"--filters={filters}"]
    commands = {
        "git diff --name-status": ["git", "diff", "--name-status", "HEAD~1", "HEAD"],
        "python -c pass": [sys.executable, "-c", "pass"],
        "impact detect": [*detect, "--base=HEAD~1", "--head=HEAD"],
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            times[name].append(seconds(command, directory, environment))
    floor = statistics.median(times["git diff --name-status"])
    print(f"{'command':24} {'median':>9} {'fastest':>9} {'slowest':>9} {'ratio':>7}")
    for name, rows in times.items():
        median = statistics.median(rows)
        columns = (median, min(rows), max(rows))
        shown = " ".join(f"{1000 * value:6.1f} ms" for value in columns)
        print(f"{name:24} {shown} {median / floor:6.1f}x")


def main() -> None:
    """Benchmark the repository that is named, else one made for it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("repository", nargs="?", type=Path)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--changed", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=15)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        filters = Path(place, "filters.yml")
        filters.write_text(FILTERS)
        if arguments.repository:
            print(f"{arguments.repository}, HEAD~1 to HEAD")
            compare(arguments.repository.resolve(), filters, arguments.rounds)
            return
        directory = Path(place, "repository")
        directory.mkdir()
        make_repository(directory, arguments.files, arguments.changed)
        print(f"{arguments.files} files, {arguments.changed} changed, 5 surfaces")
        compare(directory, directory / "filters.yml", arguments.rounds)


if __name__ == "__main__":
    main()
