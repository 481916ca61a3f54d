"""The oracle for single patterns: real git.

`git_matches` asks ``git check-ignore --no-index`` about many patterns in one process.
Pattern number i is alone in ``i/.gitignore`` of an otherwise empty repository and is
asked about ``./i/PATH``: check-ignore would read a leading ``:`` as magic.  Nothing of
PATH is on the disk, so every leaf is a file; parents are directories to git anyway.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path


def plain_git_environment(home: Path) -> dict[str, str]:
    """An environment in which git sees no configuration but the repository's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
    }


def git_matches(
    folder: Path, questions: Sequence[tuple[str, Sequence[bytes]]]
) -> list[list[bool]]:
    """For each pattern, whether git ignores each of its paths with that pattern alone."""
    environment = plain_git_environment(folder)
    git = ["git", "-c", "core.ignoreCase=false", "-c", f"core.excludesFile={os.devnull}"]
    subprocess.run(
        [*git, "init", "-q", "--template=", "."], cwd=folder, env=environment, check=True
    )
    asked = bytearray()
    for number, (pattern, paths) in enumerate(questions):
        directory = folder / str(number)
        directory.mkdir()
        (directory / ".gitignore").write_bytes(pattern.encode("utf-8", "surrogateescape"))
        for path in paths:
            asked += b"./%d/%b\0" % (number, path)
    answer = subprocess.run(
        [*git, "check-ignore", "--no-index", "--stdin", "-z", "--verbose", "--non-matching"],
        cwd=folder,
        env=environment,
        input=bytes(asked),
        stdout=subprocess.PIPE,
        check=False,
    )
    assert answer.returncode in (0, 1), answer
    fields = answer.stdout.split(b"\0")
    # Four fields a path: source, line number, pattern, path; no source: no match.
    sources = iter(fields[0:-1:4])
    found = [[bool(next(sources)) for _ in paths] for _, paths in questions]
    assert next(sources, None) is None
    return found
