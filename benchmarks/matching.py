"""Matching alone: rules and paths in, an answer for every path out, beside other matchers.

    python -m benchmarks.matching                        # on a made tree of 44,000 paths
    python -m benchmarks.matching --repository DIR       # on the files of a repository
    python -m benchmarks.matching --repository DIR --filters FILE    # with its own rules

One pass is all from the texts of the rules to an answer for each path, in a new process, with
nothing known before.  Slow contestants are asked about paths from all over the tree until
`--budget` seconds are over; the rest of the paths is counted as equally long.  Every process
also answers about a sample of the paths, which is held against the definition, the last rule
that matches, pattern by pattern.  A difference is an error.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path

from benchmarks import engines, measure
from benchmarks.contest import Bench, Case, whole
from benchmarks.engines import Timing
from benchmarks.inputs import made_paths, rule_lists, tracked_paths
from impact.config.load import parse_filters

SIZES = ((48, 8), (1_000, 100), (10_000, 500))
"""Numbers of rules, each with the number of surfaces."""
HARD = {
    "*a*a*a*a*a*a*a*a*b": "b" + "a" * 999,
    "**/a/**/a/**/a/**/b": "b/" + "a/" * 498 + "aa",
    "[a-c]*[!d-f]*[[:alpha:]]*z": "z" + "ab" * 499 + "a",
}
"""Patterns on which matchers that try one way after the other take long; paths for them."""


def compare(bench: Bench, cases: Sequence[Case], names: Sequence[str]) -> None:
    """The tables of every case: against the others, and how it grows with the rules."""
    others = [name for name in names if name != "impact"]
    rows, growth = [], []
    for case in cases:
        found = bench.timings(case, names)
        count = len(case.paths)
        seconds = {name: [whole(one, count) for one, _ in runs] for name, runs in found.items()}
        first = [timing for timing, _ in found["impact"]]
        awake = statistics.mean(len(woken) for woken in first[0].woken or [[]])
        size = [case.title, f"{case.rules:,}", f"{len(case.lists):,}", f"{count:,}"]
        rows.append(
            [
                *size,
                measure.digits(awake),
                measure.spread((count / one for one in seconds["impact"]), factor=1e-3),
                *(measure.ratios(seconds[name], seconds["impact"]) for name in others),
            ]
        )
        growth.append(
            [
                *size,
                measure.spread((timing.compile for timing in first), " ms", 1e3),
                measure.spread((t.pass_ / t.asked for t in first), " us", 1e6),
                measure.spread(((t.again or 0) / t.asked for t in first), " us", 1e6),
            ]
        )
    size = ["shape", "rules", "surfaces", "paths"]
    print("impact's speed, and how many times as long the others take:\n")
    measure.print_table([*size, "awake", "impact, 1,000 paths/s", *others], rows)
    print("Without compilation, a path; again: the same paths once more.\n")
    measure.print_table([*size, "compilation", "first", "again"], growth)


def against_the_floor(bench: Bench, case: Case) -> None:
    """Many paths, beside the bare loop, with the memory of the whole process."""
    found = bench.timings(case, ["impact", "floor"])
    count = len(case.paths)
    seconds = {name: [whole(one, count) for one, _ in runs] for name, runs in found.items()}
    rows = [
        [
            name,
            measure.spread(seconds[name], " s"),
            measure.ratios(seconds[name], seconds["floor"]),
            measure.spread((peak for _, peak in runs), " MB", 1e-6),
        ]
        for name, runs in found.items()
    ]
    print(f"{count:,} paths, {case.rules:,} rules, {case.title}:\n")
    measure.print_table(["", "seconds", "of the floor", "peak memory"], rows)


def worst_cases(bench: Bench, names: Sequence[str], rounds: int, limit: float) -> None:
    """One pattern and one path of 1,000 characters, compiled before."""
    rows = []
    for text, path in HARD.items():
        case = Case("worst", [[(text, True)]], [path])
        row = [f"`{text}`"]
        for name in names:
            runs = (bench.limited(case, name, limit) for _ in range(rounds))
            timings = list(takewhile(bool, runs))
            seconds = [_one(timing) for timing in timings if timing]
            late = len(seconds) < rounds
            row.append(f"over {limit:g} s" if late else measure.spread(seconds, " ms", 1e3))
        rows.append(row)
    print("One path of 1,000 characters that does not match, once:\n")
    measure.print_table(["pattern", *names], rows)


def _one(timing: Timing) -> float:
    """Without compilation; but git is a whole process, and the first path is in its start."""
    return timing.compile + timing.pass_ if timing.woken is None else timing.pass_


def generated(paths: Sequence[str], sizes: Sequence[tuple[int, int]]) -> list[Case]:
    """The rule sets of fixed seed, dense and sparse."""
    return [
        Case(title, rule_lists(paths, rules, surfaces, dense), paths)
        for title, dense in (("dense", True), ("sparse", False))
        for rules, surfaces in sizes
    ]


def given(paths: Sequence[str], file: Path) -> Case:
    """The rules of a filters file, without their statuses."""
    surfaces = parse_filters(file.read_bytes(), file.name).surfaces
    lists = [
        [(rule.pattern, rule.include) for rule in surface.rules]
        for surface in surfaces.values()
    ]
    return Case(file.name, [one for one in lists if one], paths, made=False)


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--repository", type=Path, metavar="DIR", help="whose files to match")
    parser.add_argument(
        "--filters", type=Path, metavar="FILE", help="whose rules to match with"
    )
    parser.add_argument("--paths", type=int, default=44_000, help="of the made tree")
    parser.add_argument("--many", type=int, default=1_000_000, help="paths beside the floor")
    parser.add_argument("--rules", type=int, nargs="+", help=f"of {[r for r, _ in SIZES]}")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--budget", type=float, default=1.0, help="seconds of a slow contestant"
    )
    parser.add_argument("--sample", type=int, default=100, help="paths to check exactly")
    parser.add_argument("--limit", type=float, default=5.0, help="seconds of a worst case")
    parser.add_argument(
        "--without",
        action="append",
        default=[],
        choices=engines.ENGINES[1:],
        help="a contestant",
    )


def run(arguments: argparse.Namespace) -> None:
    """All of it, as Markdown."""
    names = [name for name in engines.ENGINES if name not in arguments.without]
    sizes = [size for size in SIZES if not arguments.rules or size[0] in arguments.rules]
    if arguments.repository:
        paths = tracked_paths(arguments.repository)
    else:
        paths = made_paths(arguments.paths)
    cases = [given(paths, arguments.filters)] if arguments.filters else generated(paths, sizes)
    print(
        f"Rounds: {arguments.rounds}, of each contestant in turn; shown are the median and, in"
        f" brackets,\nthe lowest and the highest. Slow contestants: a sample of"
        f" {arguments.budget:g} s.\n"
    )
    with tempfile.TemporaryDirectory() as place:
        bench = Bench(Path(place), arguments.rounds, arguments.budget, arguments.sample)
        compare(bench, cases, names)
        if arguments.filters:
            return
        many = made_paths(arguments.many)
        for dense in (True, False) if many else ():
            lists = rule_lists(many, 1_000, 100, dense)
            against_the_floor(bench, Case("dense" if dense else "sparse", lists, many))
        contestants = [name for name in names if name != "floor"]
        worst_cases(bench, contestants, arguments.rounds, arguments.limit)


if __name__ == "__main__":
    measure.main(__doc__, add_options, run)
