"""How long `impact detect` takes as a whole process on a small repository, beside others.

    python -m benchmarks.startup                     # on a repository made for it
    python -m benchmarks.startup --action DIR        # beside dorny/paths-filter, which is there
    python -m benchmarks.startup --repository DIR    # on any repository, its last commit

As on a laptop, with two revisions; and as in CI, for a push, with everything that the action
writes.  The other action runs as a runner starts it, for the same push, without a network.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks import engines, measure

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
OTHER_FILTERS = """\
engine: [src/**]
web: [web/**, shared/**]
docs: [docs/**, '**/*.md']
database: [migrations/**, '**/*.sql']
release: [release/**, Makefile]
"""
DIRECTORIES = ("src", "web", "docs", "migrations", "release", "shared", "other")


def git(directory: Path, *arguments: str, given: str | None = None) -> str:
    """What a git command prints; the committer is always the same."""
    identity = ("-c", "user.name=bench", "-c", "user.email=bench@example.com")
    command = ["git", *identity, *arguments]
    return subprocess.run(
        command, cwd=directory, input=given, stdout=subprocess.PIPE, text=True, check=True
    ).stdout


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
    git(directory, "init", "--quiet", "--initial-branch=main")
    git(directory, "add", "--all")
    git(directory, "commit", "--quiet", "--message", "one")
    for name in names[:: max(1, files // changed)][:changed]:
        name.write_text("two\n")
    git(directory, "commit", "--quiet", "--all", "--message", "two")


def _pushed(place: Path, base: str, head: str) -> dict[str, str]:
    """The environment of a runner for a push to the default branch."""
    owner = {"login": "owner", "name": "owner"}
    repository = {"default_branch": "main", "name": "name", "owner": owner}
    event = {"before": base, "after": head, "ref": "refs/heads/main", "repository": repository}
    (place / "event.json").write_text(json.dumps(event))
    return {
        **measure.clean_environment(),
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "push",
        "GITHUB_EVENT_PATH": str(place / "event.json"),
        "GITHUB_OUTPUT": str(place / "output"),
        "GITHUB_REF": "refs/heads/main",
        "GITHUB_REPOSITORY": "owner/name",
        "GITHUB_SHA": head,
        "GITHUB_STEP_SUMMARY": str(place / "summary"),
        "RUNNER_TEMP": str(place),
    }


def compare(directory: Path, filters: Path, action: Path | None, rounds: int) -> None:
    """Run every command in turn and print the table."""
    base, head = git(directory, "rev-parse", "HEAD~1", "HEAD").split()
    detect = [sys.executable, "-m", "impact", "detect", f"--filters={filters}"]
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        laptop, runner = measure.clean_environment(), _pushed(place, base, head)
        commands = {
            "git diff --name-status": (["git", "diff", "--name-status", base, head], laptop),
            "bare Python": ([sys.executable, "-I", "-c", "pass"], laptop),
            "bare Node.js": ([engines.node(), "--eval", ""], laptop),
            "impact, two revisions": ([*detect, f"--base={base}", f"--head={head}"], laptop),
            "impact, push in CI": ([*detect, "--format=github"], runner),
        }
        beside = "bare Node.js"
        if action:
            beside = "the other action"
            (place / "filters.yml").write_text(OTHER_FILTERS)
            inputs = {
                "filters": str(place / "filters.yml"),
                "base": base,
                "ref": head,
                "list-files": "none",
                "initial-fetch-depth": "10",
                "predicate-quantifier": "some",
                "token": "",
            }
            given = {f"INPUT_{key.upper()}": value for key, value in inputs.items()}
            script = str(action.resolve() / "dist/index.js")
            commands[beside] = ([engines.node(), script], {**runner, **given})
        runs = {
            name: partial(measure.measured, command, directory, environment)
            for name, (command, environment) in commands.items()
        }
        if rounds > 1:
            measure.in_turn(1, runs)  # writes bytecode, and fills the caches of the system
        found = measure.in_turn(rounds, runs)
    seconds = {name: [run.seconds for run in some] for name, some in found.items()}
    measure.print_table(
        ["whole process", "milliseconds", f"of {beside}", "of them CPU", "peak memory"],
        (
            [
                name,
                measure.spread(seconds[name], factor=1e3),
                measure.ratios(seconds[name], seconds[beside]),
                measure.spread((run.cpu for run in some), factor=1e3),
                measure.spread((run.peak for run in some), " MB", 1e-6),
            ]
            for name, some in found.items()
        ),
    )


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--action", type=Path, metavar="DIR", help="a dorny/paths-filter")
    parser.add_argument("--files", type=int, default=2000, help="of the made repository")
    parser.add_argument("--changed", type=int, default=50, help="of these files")
    parser.add_argument("--starts", type=int, default=15, help="rounds of whole processes")


def run(arguments: argparse.Namespace) -> None:
    """The table, for the repository that is named, else one made for it."""
    with tempfile.TemporaryDirectory() as place:
        filters = arguments.filters or Path(place, "filters.yml")
        if not arguments.filters:
            filters.write_text(FILTERS)
        directory = arguments.repository
        if directory:
            print(f"The last commit of {directory.name}; rounds: {arguments.starts}\n")
        else:
            directory = Path(place, "repository")
            directory.mkdir()
            make_repository(directory, arguments.files, arguments.changed)
            print(
                f"{arguments.files} files, {arguments.changed} changed, 5 surfaces;"
                f" rounds: {arguments.starts}\n"
            )
        compare(directory.resolve(), filters.resolve(), arguments.action, arguments.starts)


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--repository", type=Path, metavar="DIR")
    parser.add_argument("--filters", type=Path, metavar="FILE")
    add_options(parser)
    run(parser.parse_args())


if __name__ == "__main__":
    main()
