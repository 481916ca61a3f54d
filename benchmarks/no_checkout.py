"""What `impact detect` costs with nothing checked out, beside a checkout and detect there.

    make bench-no-checkout
    make bench-no-checkout ARGS='--cache=/tmp/large --rounds=5'

A repository of 50,000 files and more than 1 GB that cannot be compressed, and a pull request
to it, behind a real HTTP server on this machine.  `checkout` is what actions/checkout does
by default, a fetch of depth 1 of the merge commit; then `impact detect` runs in it.
`detect without it` is the same command in an empty directory.  Needs three times the size
of the blobs on the disk.
"""

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
from functools import partial
from itertools import chain
from pathlib import Path

from benchmarks.served import (
    NAME,
    TIP,
    Cost,
    Event,
    Import,
    check_out,
    conditions,
    detect,
    git,
    measured,
    median,
    settle_environment,
    shown,
)
from benchmarks.startup import DIRECTORIES, FILTERS
from tests.git_server import GitServer, serving

CHANGED = 20
"""So many files does each commit change."""
TITLES = ("checkout and detect", "  checkout", "  detect in it", "detect without it")


def make_repository(directory: Path, files: int, size: int) -> None:
    """Two commits on the default branch, a pull request of one, and its merge commit."""
    chance = random.Random(1)
    names = [
        f"{DIRECTORIES[n % len(DIRECTORIES)]}/part{n % 61}/group{n % 11}/file{n}.bin"
        for n in range(files)
    ]

    def some() -> list[tuple[str, bytes]]:
        chosen = chance.sample(names, min(CHANGED, files))
        return [(name, chance.randbytes(size)) for name in chosen]

    with Import.into(directory) as stream:
        filters = [("filters.yml", FILTERS.encode())]
        contents = ((name, chance.randbytes(size)) for name in names)
        fork = stream.commit(f"refs/heads/{TIP}", chain(filters, contents))
        base = stream.commit(f"refs/heads/{TIP}", some(), fork)
        changed = some()
        head = stream.commit("refs/heads/topic", changed, fork)
        stream.commit("refs/pull/1/merge", changed, base, head)


def cached(directory: Path, files: int, size: int) -> Path:
    """The directory that holds the repository, which is made where it is not there yet."""
    made = directory / f"{files}-files-of-{size}"
    if not made.exists():
        unfinished = directory / f"unfinished-{made.name}"
        shutil.rmtree(unfinished, ignore_errors=True)
        make_repository(unfinished / NAME, files, size)
        unfinished.rename(made)
    return made


def make_event(repository: Path) -> Event:
    """The pull request."""
    merge, base, head = (
        git(repository, "rev-parse", name) for name in ("refs/pull/1/merge", TIP, "topic")
    )
    payload = {
        "action": "opened",
        "pull_request": {
            "base": {"ref": TIP, "sha": base},
            "head": {"ref": "topic", "sha": head},
            "commits": 1,
            "merge_commit_sha": merge,
        },
        "repository": {"default_branch": TIP},
    }
    return Event("pull request", "pull_request", merge, payload)


def bench(folder: Path, server: GitServer, rounds: int) -> dict[str, Cost]:
    """The medians of what takes turns; the first is the sum of the next two."""
    event = make_event(server.root / NAME)
    environment = event.environment(server, folder)
    checkout, nothing = folder / "checkout", folder / "nothing"
    costs: dict[str, list[Cost]] = {title: [] for title in TITLES}
    for _ in range(rounds):
        fetch = partial(check_out, checkout, f"{server.url}/{NAME}", event.commit, 1)
        first, _ = measured(server, fetch)
        second, there = measured(server, partial(detect, checkout, environment))
        nothing.mkdir()
        alone, here = measured(server, partial(detect, nothing, environment))
        if there != here:
            raise SystemExit(f"different answers: {there} and {here}")
        for title, cost in zip(TITLES, (first + second, first, second, alone), strict=True):
            costs[title].append(cost)
        shutil.rmtree(checkout)
        nothing.rmdir()
    return {title: median(found) for title, found in costs.items()}


def main() -> None:
    """Make the repository, or take it from the cache, and measure."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--files", type=int, default=50_000)
    parser.add_argument("--blob-bytes", type=int, default=22_000, help="of each file (22000)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--latency", type=float, default=0.05, help="seconds an answer (0.05)")
    parser.add_argument("--cache", type=Path, help="keep the repository in this directory")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settle_environment(Path(folder))
        cache = (arguments.cache or Path(folder, "cache")).resolve()
        root = cached(cache, arguments.files, arguments.blob_bytes)
        with serving(root) as server:
            server.latency = arguments.latency
            print(
                f"{arguments.files} files of {arguments.blob_bytes} bytes, "
                f"{1000 * arguments.latency:g} ms an answer, rounds: {arguments.rounds}"
            )
            print(conditions(server))
            costs = bench(Path(folder), server, arguments.rounds)
    whole = costs[TITLES[0]]
    print(f"{'':20} {'trips':>6} {'bytes':>9} {'seconds':>9} {'of bytes':>9} {'of time':>9}")
    for title, cost in costs.items():
        size, seconds = cost.size / whole.size, cost.seconds / whole.seconds
        print(
            f"{title:20} {cost.trips:6} {shown(cost.size):>9} {cost.seconds:8.2f}s"
            f" {size:9.2%} {seconds:9.2%}"
        )


if __name__ == "__main__":
    main()
