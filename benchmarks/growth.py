"""`impact detect` as a whole process where everything is large: time, memory, what it prints.

    python -m benchmarks.growth    # a million paths, 10,000 rules
    python -m benchmarks.growth --growth 100000 --growth-sparse

The diff is given as `git diff --name-status -z` prints it, and is one of two commits of a
repository, too.  Beside it stands what reads and splits the same input.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from benchmarks import measure
from benchmarks.engines import sampled
from benchmarks.inputs import Rule, made_paths, rule_lists
from benchmarks.measure import Run
from benchmarks.startup import git
from impact.config.load import parse_filters
from impact.index import Index
from impact.model import Change

_SPLIT = "import sys; data = open(sys.argv[1], 'rb').read().split(b'\\0')"
_SPLIT_DIFF = """
import subprocess, sys
command = ["git", "diff", "--raw", "-r", "-z", "--no-renames", sys.argv[1], sys.argv[2]]
data = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.split(b'\\0')
"""


PARTS = 100
"""How many directories of the same structure the large repository has."""


def in_parts(part: Sequence[str]) -> list[str]:
    """The paths of the large repository, of those of a part."""
    return [f"part{number}/{path}" for number in range(PARTS) for path in part]


def filters(lists: Sequence[Sequence[Rule]], size: int) -> str:
    """A filters file of these surfaces, described at such length that it has so many bytes."""
    body = sum(len(text) + 12 for one in lists for text, _ in one)
    words = max(1, (size - body) // len(lists) // 14)
    lines = ["version: 1", "surfaces:"]
    for number, one in enumerate(lists):
        lines += [
            f"  s{number}:",
            f"    description: {'what it is for ' * words}",
            "    paths:",
        ]
        lines += [f"      - '{'' if include else '!'}{text}'" for text, include in one]
    return "\n".join([*lines, ""])


def make_repository(directory: Path, part: Sequence[str]) -> tuple[str, str]:
    """Two commits, the second with `PARTS` directories of these paths; nothing is checked out.

    git keeps equal directories once, so this takes a second and not a minute.
    """
    directory.mkdir()
    git(directory, "init", "--quiet")
    with subprocess.Popen(
        ["git", "fast-import", "--quiet"], cwd=directory, stdin=-1
    ) as process:
        assert process.stdin
        process.stdin.write(b"blob\nmark :1\ndata 0\n")
        process.stdin.write(b"commit refs/heads/part\ncommitter b <b@x.com> 0 +0000\ndata 0\n")
        process.stdin.writelines(b"M 100644 :1 %b\n" % path.encode() for path in part)
    tree = git(directory, "rev-parse", "part^{tree}").strip()
    rows = "".join(f"040000 tree {tree}\tpart{number}\n" for number in range(PARTS))
    root = git(directory, "mktree", given=rows).strip()
    base = git(
        directory, "commit-tree", "-m", "one", git(directory, "mktree", given="").strip()
    )
    head = git(directory, "commit-tree", "-m", "two", "-p", base.strip(), root)
    return base.strip(), head.strip()


def measure_all(place: Path, part: Sequence[str], rules: Path, rounds: int) -> None:
    """Run every command in turn and print the table."""
    (empty := place / "empty").mkdir()
    base, head = make_repository(repository := place / "repository", part)
    one, many = place / "one", place / "many"
    one.write_text("M\0src/one.py\0")
    many.write_text("".join(f"A\0{path}\0" for path in in_parts(part)))
    environment = measure.clean_environment()
    runner = {
        **environment,
        "GITHUB_ACTIONS": "true",
        "GITHUB_OUTPUT": str(place / "output"),
        "GITHUB_STEP_SUMMARY": str(place / "summary"),
        "RUNNER_TEMP": str(place),
    }
    detect = [sys.executable, "-m", "impact", "detect", f"--filters={rules}"]
    listed = [*detect, "-z", "--name-status", f"--files-from={many}"]
    revisions = [f"--base={base}", f"--head={head}"]

    def run(command: Sequence[str], directory: Path, given: dict[str, str]) -> tuple[Run, int]:
        printed = place / "printed"
        done = measure.measured(command, directory, given, printed)
        return done, printed.stat().st_size

    python = [sys.executable, "-I", "-c"]
    commands: dict[str, tuple[list[str], Path, dict[str, str]]] = {
        "read and split": ([*python, _SPLIT, str(many)], empty, environment),
        "detect, one path": (
            [*detect, "-z", "--name-status", f"--files-from={one}", "--format=json"],
            empty,
            environment,
        ),
        "detect, JSON": ([*listed, "--format=json"], empty, environment),
        "detect, in CI": ([*listed, "--format=github"], empty, runner),
        "git diff, split": (
            [*python, _SPLIT_DIFF, base, head],
            repository,
            environment,
        ),
        "detect, of two commits": ([*detect, *revisions], repository, environment),
    }
    tasks: dict[str, Callable[[], tuple[Run, int]]] = {
        name: partial(run, *command) for name, command in commands.items()
    }
    found = measure.in_turn(rounds, tasks)
    floor = [done.seconds for done, _ in found["read and split"]]
    rows = []
    for name, runs in found.items():
        seconds = [done.seconds for done, _ in runs]
        rows.append(
            [
                name,
                measure.spread(seconds, " s"),
                measure.ratios(seconds, floor),
                measure.spread((done.cpu for done, _ in runs), " s"),
                measure.spread((done.peak for done, _ in runs), " MB", 1e-6),
                measure.megabytes(runs[0][1]),
            ]
        )
    measure.print_table(["", "seconds", "of the floor", "CPU", "peak memory", "printed"], rows)
    summary, plan = (
        (place / "summary").stat().st_size,
        max((file.stat().st_size for file in place.glob("impact-plan-*")), default=0),
    )
    print(
        f"The summary of a run in CI: {measure.megabytes(summary / rounds)};"
        f" the plan file: {measure.megabytes(plan)}.\n"
    )


def _awake(file: Path, paths: Sequence[str]) -> float:
    """How many surfaces some path wakes, of a sample of them."""
    surfaces = parse_filters(file.read_bytes(), file.name).surfaces.values()
    changes = [Change(path) for path in sampled(paths, 1000)]
    answers = Index([surface.rules for surface in surfaces]).answers(changes)
    woken = (one.rule.include for answer in answers for one in answer.decisions.values())
    return sum(woken) / len(changes)


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--growth", type=int, default=1_000_000, help="changed paths")
    parser.add_argument("--growth-rules", type=int, default=10_000, help="of 500 surfaces")
    parser.add_argument(
        "--growth-sparse", action="store_true", help="rules of deep directories"
    )
    parser.add_argument("--bytes", type=int, default=1_000_000, help="of the filters file")
    parser.add_argument("--growth-rounds", type=int, default=1)


def run(arguments: argparse.Namespace) -> None:
    """The table."""
    part = made_paths(max(1, arguments.growth // PARTS))
    paths = in_parts(part)
    count = arguments.growth_rules
    dense = not arguments.growth_sparse
    lists = rule_lists(paths, count, min(500, max(1, count // 20)), dense)
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        rules = place / "filters.yml"
        rules.write_text(filters(lists, arguments.bytes))
        print(
            f"{len(paths):,} changed paths; {len(lists)} surfaces, {count:,} rules, a filters"
            f" file of {measure.megabytes(rules.stat().st_size)};\n"
            f"{measure.digits(_awake(rules, paths))} surfaces awake for a path;"
            f" rounds: {arguments.growth_rounds}\n"
        )
        measure_all(place, part, rules, arguments.growth_rounds)


if __name__ == "__main__":
    measure.main(__doc__, add_options, run)
