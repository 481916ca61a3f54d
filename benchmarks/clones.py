"""What `impact detect` costs in every kind of clone, beside the git commands typed by hand.

    make bench-clones
    make bench-clones ARGS='--rounds=5 --latency=0.1'

A made-up repository behind a real HTTP server on this machine.  Every run gets a fresh copy
of a fresh clone, because what git fetches stays there, and the runs that are compared take
turns.  `process` is the whole of `impact detect`; `in it` is History and compare alone, so
that the difference is Python, its imports and the filters; `by hand` is git, asked the same
question by somebody who knows how deep to fetch; `guess` is that person guessing a depth
where nobody can know it.  Ratios are to `by hand`.
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
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
from impact.events import compared
from impact.vcs.compare import compare
from impact.vcs.git import Git, check_version
from impact.vcs.history import History
from impact.vcs.server import Server
from impact.vcs.store import Store
from tests.git_server import GitServer, serving

AHEAD = 30
"""So many commits was the base ahead of the fork when the event happened."""
TOPIC = 5
"""So many commits has the branch."""
PUSHED = 3
"""So many of them, and of those on the default branch, came with the push."""
GUESS = 50
"""The depth that somebody guesses."""
DIFF = ("git", "diff", "--name-status", "--no-renames")
"""Without renames, as impact asks: looking for them fetches blobs."""

Commands = list[tuple[str, ...]]


@dataclass(frozen=True)
class Clone:
    """A kind of clone; ``depth`` None: nothing is checked out."""

    title: str
    depth: int | None = 0
    only: str | None = None


CLONES = (
    Clone("full"),
    Clone("depth 50", 50),
    Clone("depth 2", 2),
    Clone("depth 1", 1),
    Clone("blobless", only="blob:none"),
    Clone("treeless", only="tree:0"),
    Clone("none", None),
)


@dataclass(frozen=True)
class Question:
    """An event, and how git is asked the same: diffs, and what to fetch for them.

    ``near``: so many commits of each history answer, and it is known beforehand.  None:
    nobody can know it, as for a merge base.  ``wanted``: whose histories.  ``needs``: a
    checkout so deep answers without a fetch; None: only one of everything does.
    """

    event: Event
    diffs: tuple[tuple[str, ...], ...]
    wanted: tuple[str, ...]
    near: int | None
    needs: int | None

    def by_hand(self, clone: Clone) -> dict[str, Commands]:
        """What somebody types, by title."""
        diffs = [(*DIFF, *revisions) for revisions in self.diffs]
        if clone.depth is None:
            start = [("git", "init", "--quiet"), ("git", "remote", "add", "origin", "URL")]
            filters = ("git", "show", f"{self.event.commit}:filters.yml")
            return {
                title: [*start, self._fetch(options), filters, *diffs]
                for title, options in self._depths().items()
            }
        if clone.depth == 0 or (self.needs is not None and self.needs <= clone.depth):
            return {"": diffs}
        if self.near is not None:
            # Deepened, a clone gets what it lacks alone, so there is little to filter.
            return {"": [self._fetch((f"--depth={self.near}",)), *diffs]}
        return {
            "": [self._fetch(("--filter=blob:none", "--unshallow")), *diffs],
            "guess": [self._fetch(self._depths()["guess"]), *diffs],
        }

    def typed(self, clones: Sequence[Clone]) -> Iterator[str]:
        """What is typed by hand in each kind of clone."""
        said: dict[str, list[str]] = {}
        for clone in clones:
            for title, commands in self.by_hand(clone).items():
                line = "; ".join(" ".join(command) for command in commands)
                line = re.sub(r"\b([0-9a-f]{7})[0-9a-f]{33}\b", r"\1", line)
                said.setdefault(line, []).append(f"{clone.title} {title}".strip())
        for line, clones in said.items():
            yield f"by hand, {', '.join(clones)}:\n  {line}"

    def _depths(self) -> dict[str, tuple[str, ...]]:
        if self.near is not None:
            return {"": ("--filter=blob:none", f"--depth={self.near}")}
        return {
            "": ("--filter=blob:none",),
            "guess": ("--filter=blob:none", f"--depth={GUESS}"),
        }

    def _fetch(self, options: tuple[str, ...]) -> tuple[str, ...]:
        return ("git", "fetch", "--quiet", "--no-tags", *options, "origin", *self.wanted)


def make_repository(directory: Path, commits: int, files: int) -> None:
    """A line of ``commits`` on the default branch, and a pull request."""
    chance = random.Random(1)
    names = [
        f"{DIRECTORIES[n % len(DIRECTORIES)]}/part{n % 97}/file{n}.txt" for n in range(files)
    ]

    def text() -> bytes:
        return chance.randbytes(chance.randrange(200, 2000)).hex().encode()

    def some() -> dict[str, bytes]:
        return {name: text() for name in chance.sample(names, min(4, files))}

    with Import.into(directory) as stream:
        first = {name: text() for name in names} | {"filters.yml": FILTERS.encode()}
        tip = fork = stream.commit(f"refs/heads/{TIP}", first.items())
        for n in range(1, commits):
            tip = stream.commit(f"refs/heads/{TIP}", some().items(), tip)
            fork = tip if n == commits - 1 - AHEAD else fork
        head = fork
        changed: dict[str, bytes] = {}
        for _ in range(TOPIC):
            changed |= (new := some())
            head = stream.commit("refs/heads/topic", new.items(), head)
        stream.commit("refs/pull/1/merge", changed.items(), tip, head)


def make_questions(directory: Path) -> list[Question]:
    """The events."""

    def commit(name: str) -> str:
        return git(directory, "rev-parse", f"{name}^{{commit}}")

    base, head, merge = commit(TIP), commit("topic"), commit("refs/pull/1/merge")
    repository = {"repository": {"default_branch": TIP}}
    pull_request = {
        "action": "synchronize",
        "pull_request": {
            "base": {"ref": TIP, "sha": base},
            "head": {"ref": "topic", "sha": head},
            "commits": TOPIC,
            "merge_commit_sha": merge,
        },
        **repository,
    }
    before, earlier = commit(f"{TIP}~{PUSHED}"), commit(f"topic~{PUSHED}")
    to_default = {"ref": f"refs/heads/{TIP}", "before": before, "after": base, **repository}
    to_topic = {"ref": "refs/heads/topic", "before": earlier, "after": head, **repository}
    tracking = f"+refs/heads/{TIP}:refs/remotes/origin/{TIP}"
    return [
        Question(
            Event("pull_request, merge commit", "pull_request", merge, pull_request),
            ((f"{merge}^1", merge),),
            (merge,),
            near=2,
            needs=2,
        ),
        Question(
            Event("pull_request, head", "pull_request", head, pull_request),
            ((f"{base}...{head}",),),
            (base, head),
            near=None,
            needs=None,
        ),
        Question(
            Event("push to the default branch", "push", base, to_default),
            ((before, base),),
            (before, base),
            near=1,
            needs=PUSHED + 1,
        ),
        Question(
            Event("push to a topic branch", "push", head, to_topic),
            ((earlier, head), (f"origin/{TIP}...{head}",)),
            (tracking, earlier, head),
            near=None,
            needs=None,
        ),
    ]


def run_by_hand(directory: Path, url: str, commands: Commands) -> list[str]:
    """Run commands as they are; the paths that the diffs among them print."""
    paths = set()
    for command in commands:
        done = subprocess.run(
            [url if word == "URL" else word for word in command],
            cwd=directory,
            stdout=subprocess.PIPE,
            check=True,
        )
        if "diff" in command:
            paths |= {line.split(b"\t")[1].decode() for line in done.stdout.splitlines()}
    return sorted(paths)


def run_within(directory: Path, server: GitServer, event: Event, clone: Clone) -> list[str]:
    """History and compare in this process, and the filters where they have to be fetched."""
    nothing = clone.depth is None
    with Store(
        None if nothing else Git.open(directory),
        fetches=True,
        server=Server(server.url, NAME),
        head=event.commit,
    ) as store:
        history = History(store)
        found = compare(history, compared(event.name, event.payload), event.name)
        if nothing:
            (filters,) = history.files(event.commit, ["filters.yml"])
            history.contents(str(filters.blob))
    return sorted({change.path for change in found.changes})


def bench(
    place: Path,
    server: GitServer,
    question: Question,
    clone: Clone,
    rounds: int,
    latencies: list[float],
) -> dict[float, dict[str, Cost]]:
    """The medians by latency and title; all of them take turns."""
    event, url = question.event, f"{server.url}/{NAME}"
    server.latency = 0
    fresh = place / "fresh"
    if clone.depth is None:
        fresh.mkdir()
    else:
        check_out(fresh, url, event.commit, clone.depth, clone.only)
    environment = event.environment(server, place)
    runs: dict[str, Callable[[Path], list[str]]] = {
        "process": lambda directory: detect(directory, environment),
        "in it": lambda directory: run_within(directory, server, event, clone),
    }
    for title, commands in question.by_hand(clone).items():
        runs[title] = partial(run_by_hand, url=url, commands=commands)
    costs: dict[float, dict[str, list[Cost]]] = {
        latency: {title: [] for title in runs} for latency in latencies
    }
    answers = set()
    for _ in range(rounds):
        for latency, found in costs.items():
            for title, run in runs.items():
                # None of these questions reads the files of the work tree.
                copy = place / "copy"
                shutil.copytree(fresh, copy, ignore=shutil.ignore_patterns(*DIRECTORIES))
                server.latency = latency
                cost, answer = measured(server, partial(run, copy))
                found[title].append(cost)
                answers.add(tuple(answer))
                shutil.rmtree(copy)
    shutil.rmtree(fresh)
    if len(answers) != 1:
        raise SystemExit(f"{event.title}, {clone.title}: different answers: {answers}")
    return {
        latency: {title: median(rows) for title, rows in found.items()}
        for latency, found in costs.items()
    }


def row(title: str, ours: dict[str, Cost], hand: Cost) -> str:
    """A row of the table."""
    cells = [f"{title:10}"]
    cells += [
        f"{cost.trips:3} {shown(cost.size):>8} {1000 * cost.seconds:6.0f} ms"
        for cost in (*ours.values(), hand)
    ]
    cells += [f"{cost.seconds / hand.seconds:6.2f}x" for cost in ours.values()]
    return "  ".join(cells)


def table(results: dict[str, dict[str, Cost]]) -> Iterator[str]:
    """The rows of one event at one latency."""
    columns = "".join(f"  {name:^22}" for name in ("process", "in it", "by hand"))
    yield f"{'clone':10}{columns}  process    in it"
    for clone, costs in results.items():
        ours = {title: costs[title] for title in ("process", "in it")}
        for title, hand in costs.items():
            if title not in ours:
                yield row(title or clone, ours, hand)


def main() -> None:
    """Measure every event in every kind of clone."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--commits", type=int, default=300)
    parser.add_argument("--files", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=1, help="medians of so many (1)")
    parser.add_argument(
        "--latency", type=float, default=0.05, help="seconds an answer, beside 0 (0.05)"
    )
    kinds = {clone.title: clone for clone in CLONES}
    parser.add_argument("--clone", action="append", choices=kinds, help="only this kind")
    arguments = parser.parse_args()
    clones = [kinds[title] for title in arguments.clone or kinds]
    if arguments.commits <= AHEAD + GUESS:
        parser.error(f"--commits has to be more than {AHEAD + GUESS}")
    latencies = list(dict.fromkeys([0.0, arguments.latency]))
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder, "served")) as server:
        settle_environment(Path(folder))
        make_repository(server.root / NAME, arguments.commits, arguments.files)
        check_version(str(folder))  # imports what every process imports once
        print(
            f"{arguments.commits} commits, {arguments.files} files, rounds: {arguments.rounds}"
        )
        print(conditions(server))
        for question in make_questions(server.root / NAME):
            work = Path(folder, "work")
            work.mkdir(exist_ok=True)
            results = {
                clone.title: bench(work, server, question, clone, arguments.rounds, latencies)
                for clone in clones
            }
            for latency in latencies:
                print(f"\n{question.event.title}, {1000 * latency:g} ms an answer")
                found = {clone: costs[latency] for clone, costs in results.items()}
                print("\n".join(table(found)), flush=True)
            print("\n".join(question.typed(clones)))


if __name__ == "__main__":
    main()
