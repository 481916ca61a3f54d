"""What the benchmarks against a server share: a repository made quickly, and runs measured."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, TypeVar

from benchmarks.measure import ROOT
from tests.git_server import GitServer
from tests.oracle import plain_git_environment

NAME = "owner/name"
"""The repository at the server, as GITHUB_REPOSITORY has it."""
TIP = "main"
"""The default branch."""

T = TypeVar("T")


def settle_environment(home: Path) -> None:
    """For this process and all that it starts: no configuration, no CI run but ours."""
    found = plain_git_environment(home)
    os.environ.clear()
    os.environ.update(
        {k: v for k, v in found.items() if not k.startswith(("GITHUB_", "PYTHON"))}
    )


class Import:
    """`git fast-import` into a new bare repository: a commit is its changed files."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._marks = 0

    @classmethod
    @contextmanager
    def into(cls, directory: Path) -> Iterator[Import]:
        """A stream that ends with the block."""
        directory.mkdir(parents=True)
        git(directory, "init", "--quiet", "--bare", f"--initial-branch={TIP}")
        # What is incompressible is stored as it is, and sent as it is stored.
        command = ["git", "-c", "core.compression=1", "fast-import", "--quiet", "--depth=0"]
        with subprocess.Popen(command, cwd=directory, stdin=subprocess.PIPE) as process:
            assert process.stdin is not None
            yield cls(process.stdin)
            process.stdin.close()
            if process.wait():
                raise SystemExit("git fast-import failed")

    def commit(self, ref: str, files: Iterable[tuple[str, bytes]], *parents: int) -> int:
        """Put a commit on a ref; its mark, which names it as a parent."""
        self._marks += 1
        when = 1_700_000_000 + 60 * self._marks
        lines = [f"commit {ref}", f"mark :{self._marks}"]
        lines += [f"committer bench <bench@example.com> {when} +0000", "data 4", "work"]
        lines += [f"{'merge' if n else 'from'} :{mark}" for n, mark in enumerate(parents)]
        self._stream.write("\n".join([*lines, ""]).encode())
        for name, data in files:
            self._stream.write(f"M 100644 inline {name}\ndata {len(data)}\n".encode())
            self._stream.write(data + b"\n")
        return self._marks


def git(directory: Path, *arguments: str) -> str:
    """What git prints; it has to succeed."""
    done = subprocess.run(
        ["git", *arguments], cwd=directory, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout.strip()


def check_out(
    directory: Path, url: str, commit: str, depth: int = 0, only: str | None = None
) -> None:
    """As actions/checkout does; depth 0 is everything, ``only`` is its input `filter`.

    https://github.com/actions/checkout/blob/v6/src/git-command-manager.ts
    """
    directory.mkdir(parents=True)
    git(directory, "init", "--quiet", f"--initial-branch={TIP}")
    git(directory, "config", "advice.detachedHead", "false")
    git(directory, "config", "gc.auto", "0")
    git(directory, "remote", "add", "origin", url)
    options = ["--quiet", "--prune", "--no-recurse-submodules"]
    options += [f"--filter={only}"] if only else []
    options += [f"--depth={depth}", "--no-tags"] if depth else []
    refspecs = [f"+{commit}:refs/remotes/pull/1/merge"]
    refspecs += [] if depth else ["+refs/heads/*:refs/remotes/origin/*"]
    git(directory, "-c", "protocol.version=2", "fetch", *options, "origin", *refspecs)
    git(directory, "checkout", "--quiet", "--force", commit)


@dataclass
class Cost:
    """What some commands took, and what the server saw of them."""

    seconds: float
    trips: int
    size: int

    def __add__(self, other: Cost) -> Cost:
        """The cost of both, one after the other."""
        return Cost(
            self.seconds + other.seconds, self.trips + other.trips, self.size + other.size
        )


def measured(server: GitServer, run: Callable[[], T]) -> tuple[Cost, T]:
    """Run it; what it cost, and what it gave."""
    server.requests.clear()
    start = time.perf_counter()
    answer = run()
    seconds = time.perf_counter() - start
    requests = list(server.requests)
    size = sum(request.sent + request.received for request in requests)
    return Cost(seconds, len(requests), size), answer


def median(costs: Sequence[Cost]) -> Cost:
    """The median of each figure."""
    return Cost(
        statistics.median(cost.seconds for cost in costs),
        statistics.median_low(cost.trips for cost in costs),
        statistics.median_low(cost.size for cost in costs),
    )


@dataclass(frozen=True)
class Event:
    """An event as the runner tells of it: its name, the commit checked out, its payload."""

    title: str
    name: str
    commit: str
    payload: Mapping[str, Any] = field(default_factory=dict)

    def environment(self, server: GitServer, folder: Path) -> dict[str, str]:
        """The runner's variables."""
        payload = folder / "event.json"
        payload.write_text(json.dumps(self.payload))
        return os.environ | {
            "GITHUB_EVENT_NAME": self.name,
            "GITHUB_EVENT_PATH": str(payload),
            "GITHUB_REPOSITORY": NAME,
            "GITHUB_SERVER_URL": server.url,
            "GITHUB_SHA": self.commit,
            "PYTHONPATH": str(ROOT),
        }


def detect(directory: Path, environment: Mapping[str, str]) -> list[str]:
    """The changed paths as `impact detect` finds them, which has to find them."""
    done = subprocess.run(
        [sys.executable, "-m", "impact", "detect", "--format=json", "--require-determined"],
        cwd=directory,
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
    )
    return sorted(change["path"] for change in json.loads(done.stdout)["changes"])


def conditions(server: GitServer) -> str:
    """One line about what the figures depend on."""
    python = ".".join(map(str, sys.version_info[:3]))
    return (
        f"{os.cpu_count()} cores, {git(server.root, 'version')}, Python {python}, "
        "a server on the same machine"
    )


def shown(size: int) -> str:
    """A number of bytes."""
    for unit, name in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if size >= unit:
            return f"{size / unit:.{1 if size < 100 * unit else 0}f} {name}"
    return f"{size} B"
