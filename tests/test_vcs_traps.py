"""A repository can be configured to run programs.  None of them runs.

Each trap is a program that leaves a mark.  That it is laid right is seen after impact was
there: an ordinary git command springs it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from impact.errors import GitError
from impact.vcs.diff import changed_between
from impact.vcs.git import Git
from impact.vcs.worktree import changed_in_work_tree
from tests.repositories import Repository, lines

pytest_plugins = ["tests.repositories"]

Lay = Callable[[Repository, str], None]
STATUS = ("status",)
DIFF = ("diff", "base")


def program(repository: Repository) -> tuple[str, Path]:
    """A program outside the work tree, and the mark that it leaves."""
    place, mark = repository.path.parent / "trap", repository.path.parent / "mark"
    place.write_text(f"#!/bin/sh\ntouch '{mark}'\nexit 1\n")
    place.chmod(0o755)
    return str(place), mark


def setting(name: str, attributes: str = "") -> Lay:
    """The trap as the value of a setting, and what ``.git/info/attributes`` says."""

    def lay(repository: Repository, trap: str) -> None:
        repository.config(name, trap)
        if attributes:
            repository.write(".git/info/attributes", attributes)

    return lay


def hook(repository: Repository, trap: str) -> None:
    folder = repository.path / ".git" / "hooks"
    folder.mkdir(exist_ok=True)
    (folder / "post-index-change").symlink_to(trap)


def hooks_path(repository: Repository, trap: str) -> None:
    hook(repository, trap)
    (repository.path / ".git" / "hooks").rename(repository.path.parent / "hooks")
    repository.config("core.hooksPath", repository.path.parent / "hooks")


def included_filter(repository: Repository, trap: str) -> None:
    repository.write(".git/info/attributes", "* filter=x\n")
    repository.write("../included", f'[filter "x"]\n\tclean = {trap}\n')
    repository.config("include.path", repository.path.parent / "included")


@pytest.mark.parametrize(
    ("lay", "command"),
    [
        pytest.param(setting("core.fsmonitor"), STATUS, id="fsmonitor"),
        pytest.param(hook, STATUS, id="hook"),
        pytest.param(hooks_path, STATUS, id="hooksPath"),
        pytest.param(setting("filter.x.clean", "* filter=x\n"), STATUS, id="clean"),
        pytest.param(setting("filter.x.process", "* filter=x\n"), STATUS, id="process"),
        pytest.param(setting("filter.A.b:c.clean", "* filter=A.b:c\n"), STATUS, id="odd name"),
        pytest.param(setting("filter..clean", "* filter=\n"), STATUS, id="no name"),
        pytest.param(included_filter, STATUS, id="included"),
        pytest.param(setting("diff.external"), DIFF, id="external"),
        pytest.param(setting("diff.x.command", "* diff=x\n"), DIFF, id="driver"),
        pytest.param(setting("diff.x.textconv", "* diff=x\n"), DIFF, id="textconv"),
    ],
)
def test_nothing_runs(modified: Repository, lay: Lay, command: tuple[str, ...]) -> None:
    trap, mark = program(modified)
    lay(modified, trap)
    modified.write("a.txt", "b\n")  # of the same size: only its content tells
    git = Git.open(modified.path)
    base, head = modified.id("base"), modified.id("HEAD")
    before = modified.git_files()
    assert lines(changed_between(git, base, head)) == ["M dir/b.txt"]
    assert sorted(lines(changed_in_work_tree(git, base))) == ["M a.txt", "M dir/b.txt"]
    assert modified.git_files() == before
    assert not mark.exists()
    modified.git(*command, check=False)
    assert mark.exists()


@pytest.mark.parametrize(
    ("settings", "command"),
    [
        ({"GIT_EXTERNAL_DIFF": "{trap}"}, DIFF),
        ({"GIT_CONFIG_PARAMETERS": "'core.fsmonitor={trap}'"}, STATUS),
        (
            {
                "GIT_CONFIG_COUNT": "1",
                "GIT_CONFIG_KEY_0": "core.fsmonitor",
                "GIT_CONFIG_VALUE_0": "{trap}",
            },
            STATUS,
        ),
    ],
)
def test_the_environment_runs_nothing(
    modified: Repository,
    settings: dict[str, str],
    command: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trap, mark = program(modified)
    modified.write("a.txt", "b\n")
    git = Git.open(modified.path)
    for name, value in settings.items():
        monkeypatch.setenv(name, value.format(trap=trap))
    assert lines(changed_in_work_tree(git, modified.id("HEAD"))) == ["M a.txt"]
    assert not mark.exists()
    subprocess.run(["git", *command], cwd=modified.path, capture_output=True, check=False)
    assert mark.exists()


def test_a_filter_that_cannot_be_switched_off_stops_impact(modified: Repository) -> None:
    trap, mark = program(modified)
    setting("filter.x=y.clean", "* filter=x=y\n")(modified, trap)
    modified.write("a.txt", "b\n")
    with pytest.raises(
        GitError, match=r"^the filter 'x=y' of git's configuration cannot be switched off$"
    ):
        changed_in_work_tree(Git.open(modified.path), modified.id("base"))
    assert not mark.exists()
    modified.git("status", check=False)
    assert mark.exists()


def test_nothing_runs_in_a_submodule(submodule: Repository) -> None:
    trap, mark = program(submodule)
    settings = submodule.path / ".git" / "modules" / "library"
    submodule.at("library").config("filter.x.clean", trap)
    submodule.at("library").config("core.fsmonitor", trap)
    (settings / "info").mkdir(exist_ok=True)
    (settings / "info" / "attributes").write_text("* filter=x\n")
    submodule.write("library/code.c", "int y;\n")
    before = submodule.git_files()
    found = changed_in_work_tree(Git.open(submodule.path), submodule.id("base"))
    assert lines(found) == ["M library/"]
    assert submodule.git_files() == before
    assert not mark.exists()
    submodule.git("status", check=False)
    assert mark.exists()


def test_a_partial_clone_starts_no_server(
    partial_clone: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    trap, mark = program(partial_clone)
    partial_clone.config("remote.origin.uploadpack", trap)
    base, head = partial_clone.id("base"), partial_clone.id("HEAD")
    # As a git older than GIT_NO_LAZY_FETCH.
    real = shutil.which("git")
    wrapper = partial_clone.path.parent / "bin" / "git"
    partial_clone.write("../bin/git", f'#!/bin/sh\nunset GIT_NO_LAZY_FETCH\nexec {real} "$@"\n')
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", str(wrapper.parent), prepend=os.pathsep)
    with pytest.raises(GitError):
        changed_between(Git.open(partial_clone.path), base, head)
    assert not mark.exists()
    partial_clone.git("diff-tree", "base", "HEAD", check=False)
    assert mark.exists()
