"""How long `impact check` takes beyond its start-up, for many rules and many files.

    make bench-checks                         # 10,000 and 100,000 files, 2,000 rules
    make bench-checks ARGS='--files 50000'

Every round runs each command once, in turn: `impact check` on a repository of one file, which
is the start-up; `git ls-files`, which reads the same index; and `impact check` on the large
repository.  Figures are medians of whole processes.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import clean_environment, seconds

ENDS = ("py", "ts", "md", "rs", "sql", "json", "yml", "txt", "go", "proto")
FOLDERS = ("src", "tests", "docs", "lib", "internal")
SURFACES, RULES = 100, 20


def make_index(directory: Path, files: list[str]) -> None:
    """A repository that tracks the files, all of them empty."""
    directory.mkdir()
    git = [
        "git",
        "-C",
        str(directory),
        "-c",
        "user.name=bench",
        "-c",
        "user.email=b@example.com",
    ]
    subprocess.run([*git, "init", "--quiet"], check=True)
    blob = subprocess.check_output([*git, "hash-object", "-w", os.devnull], text=True).strip()
    rows = "".join(f"100644 {blob} 0\t{name}\n" for name in files)
    subprocess.run([*git, "update-index", "--index-info"], input=rows, text=True, check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", "all"], check=True)


def paths(count: int, choice: random.Random) -> list[str]:
    """Paths of a monorepo of 200 packages."""
    found: set[str] = set()
    while len(found) < count:
        folders = [f"pkg{choice.randrange(200)}"]
        folders += [choice.choice(FOLDERS) for _ in range(choice.randrange(4))]
        name = f"file_{choice.randrange(count)}.{choice.choice(ENDS)}"
        found.add("/".join([*folders, name]))
    return sorted(found)


def pattern(files: list[str], choice: random.Random) -> str:
    """A pattern of one of the shapes that people write, mostly one that matches."""
    first, *middle, last = choice.choice(files).split("/")
    folder = "/".join([first, *middle])
    return choice.choice(
        [
            f"!/{first}/**/*.{choice.choice(ENDS)}",
            f"/{folder}/{last}",
            f"/{folder}/",
            f"/{first}/*/*.{choice.choice(ENDS)}",
            f"*.{choice.choice(ENDS)}{choice.choice(['', 'x'])}",
            f"/pkg*/{choice.choice(FOLDERS)}/**/*.{choice.choice(ENDS)}",
            last,
            f"**/{choice.choice(FOLDERS)}/**/file_{choice.randrange(100)}*.ts",
        ]
    )


def filters(files: list[str], choice: random.Random) -> str:
    """A filters file with so many surfaces and rules."""
    lines = ["version: 1", "surfaces:"]
    for surface in range(SURFACES):
        lines += [f"  s{surface}:", f"    - /pkg{2 * surface}/"]
        lines += [f"    - '{pattern(files, choice)}'" for _ in range(RULES - 1)]
    return "\n".join([*lines, ""])


def compare(count: int, rounds: int) -> None:
    """Print the medians for a repository of so many files, and what is beyond start-up."""
    choice = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        small, large = Path(folder, "small"), Path(folder, "large")
        files = paths(count, choice)
        make_index(large, files)
        (large / "filters.yml").write_text(filters(files, choice))
        make_index(small, ["a"])
        (small / "filters.yml").write_text("version: 1\nsurfaces:\n  a: [/a]\n")
        check = f"{sys.executable} -m impact check >{os.devnull}; test $? -le 1"
        commands = {
            "start-up": (["sh", "-c", check], small),
            "git ls-files": (["git", "ls-files", "-s"], large),
            "impact check": (["sh", "-c", check], large),
        }
        environment = clean_environment()
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(rounds):
            for name, (command, place) in commands.items():
                times[name].append(seconds(command, place, environment))
    medians = {name: statistics.median(values) for name, values in times.items()}
    print(f"{count:,} tracked files, {SURFACES} surfaces, {SURFACES * RULES:,} rules")
    for name, median in medians.items():
        print(f"  {name:14}{median:7.3f} s  ({median / medians['start-up']:.2f} x start-up)")
    print(f"  beyond start-up{medians['impact check'] - medians['start-up']:6.3f} s")


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    for count in arguments.files:
        compare(count, arguments.rounds)


if __name__ == "__main__":
    main()
