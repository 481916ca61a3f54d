"""What a run does before it does what it is asked for, and what it leaves undone."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.program import Program
from tests.repositories import Repository

pytest_plugins = ["tests.program", "tests.repositories"]

FILTERS = "version: 1\nsurfaces:\n  docs: [/docs/]\n  sdk: [/sdk/]\n"
UNUSED = {
    "git",
    "impact.checks",
    "impact.gate",
    "impact.scripts",
    "impact.vcs.private",
    "impact.vcs.remote",
    "impact.vcs.worktree",
    "impact.workflows",
    "pathspec",
    "pydantic",
}
"""What comparing two commits needs nothing of, and everybody would wait for."""


@pytest.fixture
def repository(program: Program) -> Repository:
    made = Repository(program.directory)
    made.git("init", "--quiet", "--initial-branch=main")
    made.commit(**{"filters.yml": FILTERS})
    made.commit(docs__intro="text\n")
    return made


def imported(program: Program, *arguments: str) -> set[str]:
    """The modules that a run of its own imports, with the packages they are in."""
    ran = program(*arguments, fresh=True, PYTHONPROFILEIMPORTTIME="1")
    assert ran.code == 0
    names = {line.rpartition("|")[2].strip() for line in ran.err.splitlines()}
    assert "impact.cli.main" in names
    return names | {name.rpartition(".")[0] for name in names}


def test_what_two_commits_do_not_need_is_not_imported(
    program: Program, repository: Repository
) -> None:
    names = imported(program, "detect", "--base=HEAD~1", "--head=HEAD")
    assert "impact.vcs.history" in names
    assert names & UNUSED == set()


def test_what_an_explanation_does_not_need_is_not_imported(program: Program) -> None:
    program.write("filters.yml", FILTERS)
    names = imported(program, "explain", "docs/intro")
    # Every rule is shown as it is alone, and pathspec has a part in a single pattern.
    unused = {*UNUSED, "impact.cli.detect", "impact.vcs.history"} - {"pathspec"}
    assert names & unused == set()


def test_a_package_that_does_not_run_here(program: Program, tmp_path: Path) -> None:
    program.write("filters.yml", FILTERS)
    (tmp_path / "yaml.py").write_text("raise ImportError('no libyaml\\nhere')\n")
    path = os.pathsep.join((str(tmp_path), program.environment["PYTHONPATH"]))
    ran = program("explain", "docs/intro", fresh=True, PYTHONPATH=path)
    message = "impact: what is installed does not run on this machine: no libyaml\\nhere\n"
    assert (ran.code, ran.out, ran.err) == (2, "", message)


# git, asked while the command is imported.


def fake_git(program: Program, script: str) -> str:
    """A PATH with a program called git in front, which tells its process in ``ran``."""
    told = f"echo $$ >> '{program.directory}/ran'"
    file = program.write("../bin/git", f"#!/bin/sh\n{told}\n{script}\n")
    file.chmod(0o755)
    return os.pathsep.join((str(file.parent), program.environment["PATH"]))


def test_what_is_asked_for_nothing_ends_with_the_run(
    program: Program, repository: Repository
) -> None:
    path = fake_git(program, "exec sleep 60")
    repository.write("filters.yml", "version: 2\n")
    ran = program("detect", PATH=path)
    assert ran.code == 2
    assert "filters.yml:1:10: error:" in ran.err
    started = (program.directory / "ran").read_text().split()
    assert len(started) <= 2
    for number in started:
        with pytest.raises(ProcessLookupError):
            os.kill(int(number), 0)


def test_git_never_sees_the_token(program: Program, repository: Repository) -> None:
    real = shutil.which("git", path=program.environment["PATH"])
    path = fake_git(program, f"env >> '{program.directory}/seen'\nexec '{real}' \"$@\"")
    variables = {"IMPACT_TOKEN": "hidden", "OTHER": "shown"}
    ran = program("-C", "..", "-Cwork", "detect", "--base=HEAD~1", PATH=path, **variables)
    assert (ran.code, ran.err) == (0, "")
    # version, root and HEAD, base, diff, filters: what was asked ahead is not asked again
    assert len((program.directory / "ran").read_text().split()) == 5
    seen = (program.directory / "seen").read_text()
    assert "OTHER=shown" in seen
    assert "hidden" not in seen


def test_a_list_of_paths_asks_git_for_nothing(program: Program, repository: Repository) -> None:
    path = fake_git(program, "exit 1")
    repository.write("list", "docs/intro\n")
    assert program("detect", "--files-from=list", PATH=path).code == 0
    assert not (program.directory / "ran").exists()


def test_git_that_prints_nonsense_without_end_is_stopped(
    program: Program, repository: Repository
) -> None:
    real = shutil.which("git", path=program.environment["PATH"])
    nonsense = "printf 'junk\\0a\\0'; yes >&2 & exec yes"
    path = fake_git(
        program, f'case "$*" in *diff-tree*) {nonsense} ;; *) exec \'{real}\' "$@" ;; esac'
    )
    ran = program("detect", "--base=HEAD~1", "--head=HEAD", fresh=True, PATH=path)
    assert (ran.code, ran.err) == (0, "")
    first = ran.out.splitlines()[0]
    assert "git printed a raw diff that impact cannot read: b'junk'" in first
