"""Workflow files of repositories, read here and by GitHub's own parser.

    make compare ARGS='REPOSITORY...'
    make compare ARGS='--commits=100 REPOSITORY...'    # and what they were so many commits ago

Compares the YAML, the jobs and steps, every expression, its value in generated contexts and
what is known of it where some of those are unknown.  Each REPOSITORY, bare or not, is asked
for its files in git; no checkout is looked at.  Prints counts and every difference, with its
place, and ends with 1 where there is one.  What GitHub refuses and what is read here all the
same is told apart: the gate and the checks read what somebody else runs.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.workflows.github import ask_github
from tests.workflows.parity import EVERYTHING, File, Report, compare_files, compare_values

PATHS = (".github/workflows", ":(glob)**/action.yml", ":(glob)**/action.yaml")
_WANTED = re.compile(r"\.github/workflows/[^/]+\.ya?ml|(.*/)?action\.ya?ml")
_MODES = ("100644", "100755")


def git(repository: Path, *command: str, given: bytes = b"") -> bytes:
    """What a git command says; nothing is fetched."""
    environment = {**os.environ, "GIT_NO_LAZY_FETCH": "1"}
    return subprocess.run(
        ["git", "-C", repository, *command],
        input=given,
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
    ).stdout


def blobs(repository: Path, commits: int) -> dict[str, str]:
    """Blobs of workflows and actions, each with a path: those of HEAD, and of the history."""
    found: dict[str, str] = {}
    for row in git(repository, "ls-tree", "-r", "-z", "HEAD").decode().split("\0"):
        meta, _, path = row.partition("\t")
        if _WANTED.fullmatch(path) and meta.startswith(_MODES):
            found.setdefault(meta.split()[2], path)
    if commits:
        log = ("log", "-z", f"-{commits}", "--format=", "--raw", "--no-renames", "--no-abbrev")
        fields = git(repository, *log, "HEAD", "--", *PATHS).decode("utf-8", "replace")
        rows = [field.strip("\n") for field in fields.split("\0") if field.strip("\n")]
        for meta, path in zip(rows[::2], rows[1::2], strict=True):
            _, mode, _, blob, *_ = meta.split()
            if _WANTED.fullmatch(path) and mode in _MODES:
                found.setdefault(blob, f"{path}@{blob[:10]}")
    return found


def files(repository: Path, commits: int, missing: Counter[str]) -> Iterator[File]:
    """The files of a repository, each version once."""
    found = blobs(repository, commits)
    answers = git(repository, "cat-file", "--batch", given="\n".join([*found, ""]).encode())
    at = 0
    for blob, path in found.items():
        end = answers.index(b"\n", at)
        header, at = answers[at:end].split(), end + 1
        if header[1] == b"missing":
            missing["blobs that are missing"] += 1
            continue
        size = int(header[2])
        name, _, version = path.partition("@")
        shown = f"{repository}@{version}:{name}" if version else f"{repository}:{name}"
        yield File(shown, answers[at : at + size])
        assert header[0].decode() == blob
        at += size + 1


def main() -> int:
    """Compare and print; 1 where something differs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("repositories", nargs="+", type=Path, metavar="REPOSITORY")
    parser.add_argument("--commits", type=int, default=0, help="of the history; default 0")
    parser.add_argument("--contexts", type=int, default=8, help="for an expression; default 8")
    parser.add_argument("--lenient", action="store_true", help="list what GitHub refuses")
    arguments = parser.parse_args()
    report = Report()
    with ask_github() as github:
        for repository in arguments.repositories:
            before = report.counts.copy()
            found = list(files(repository, arguments.commits, report.counts))
            compare_files(github, found, report)
            report.counts["repositories with workflows"] += bool(found)
            parts = ("files", "jobs", "if", "expressions in ${{ }}")
            rows = [f"{report.counts[part] - before[part]} {part}" for part in parts]
            print(f"{repository}: {', '.join(rows)}", file=sys.stderr, flush=True)
        compare_values(github, report.expressions, arguments.contexts, report, EVERYTHING)
    for difference in report.differences:
        print(f"{difference}\n")
    if arguments.lenient:
        for place, message in report.lenient:
            print(f"{place}: GitHub refuses: {message}")
    for name, count in sorted(report.counts.items()):
        print(f"{count:10,} {name}")
    print(f"{len(report.differences):10,} differences")
    return 1 if report.differences else 0


if __name__ == "__main__":
    sys.exit(main())
