"""What `self-wake` says where nothing is installed that reads scripts."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.repositories import Repository
from tests.transcripts import SECTION, track

pytest_plugins = ["tests.repositories"]

BLOCKED = """\
import sys
sys.modules["tree_sitter"] = None
sys.path.insert(0, sys.argv.pop(1))
from impact.cli.main import main
sys.exit(main())
"""


def check(repository: Repository, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-c", BLOCKED, os.getcwd()]
    return subprocess.run(
        [*command, "-C", os.fspath(repository.path), "check", "--select=self-wake", *options],
        capture_output=True,
        text=True,
        check=False,
    )


def test_scripts_are_not_read_and_it_says_so(no_commits: Repository) -> None:
    repository = no_commits
    here = os.path.dirname(__file__)
    with open(os.path.join(here, "self-wake", "bad.txt"), encoding="utf-8") as stream:
        _, *parts = SECTION.split(stream.read())
    files = dict(zip(parts[::2], parts[1::2], strict=True))
    for name, text in files.items():
        if name != "tracked" and not name.startswith(("$", "exit")):
            repository.write(name, text)
    track(repository, files["tracked"].splitlines())

    told = check(repository)
    assert told.returncode == 1
    assert [line.split(": error: ")[0] for line in told.stdout.splitlines()[:-1]] == [
        ".github/workflows/app.yml:13:16",  # hashFiles
        ".github/workflows/ci.yml:14:3",  # the workflow itself
        ".github/workflows/ci.yml:19:15",  # the local action
        ".github/workflows/ci.yml:26:19",  # an input of an action
    ]
    assert told.stderr == (
        "impact: self-wake: scripts are not read; pip install 'impact-filter[scripts]'\n"
        "impact: self-wake: 3 parts of scripts could not be followed; --unresolved shows them\n"
    )
    shown = check(repository, "--unresolved").stdout.splitlines()
    words = "a script, and what reads scripts is not installed"
    assert f".github/workflows/ci.yml:20:14: note: {words} [self-wake]" in shown
