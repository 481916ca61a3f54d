"""The action as a release holds it, and a runner with an example repository.

A test module takes them in with ``pytest_plugins``, tests.repositories before them.

PYTEST_DONT_REWRITE: test modules import names from here before pytest loads the plugin.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.action.machine import ROOT, Machine, find_uv
from tests.action.runner import Runner
from tests.repositories import Repository

PARTS = ("action.yml", "action", "gate", "impact", "requirements")
"""All that the action needs of this repository."""


@pytest.fixture(scope="session")
def action(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The action alone: what a runner downloads, less what it does not use."""
    place = tmp_path_factory.mktemp("action")
    without = shutil.ignore_patterns("__pycache__", "*.pyc")
    for name in PARTS:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, place / name, ignore=without)
        else:
            shutil.copy(ROOT / name, place / name)
    return place


@pytest.fixture(scope="session")
def uv_cache() -> str:
    """Where uv keeps what it once downloaded: a test whose HOME is empty needs it."""
    asked = subprocess.run([find_uv(), "cache", "dir"], check=True, stdout=-1, text=True)
    return asked.stdout.strip()


PATIENT = """#!/bin/sh
{shell} "$@" || {{ status=$?; sleep 0.3; exit "$status"; }}
"""
"""A shell that does not end at once where it fails: act closes the terminal of a step that
failed with what it has not read of it yet, all that a short step said.
https://github.com/nektos/act/blob/v0.2.89/pkg/container/host_environment.go
"""


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A directory for PATH: the interpreter of the tests without its packages, uv, shells."""
    place = tmp_path / "tools"
    place.mkdir()
    (place / "python3").symlink_to(Path(sys.executable).resolve())
    (place / "uv").symlink_to(find_uv())
    for name in ("bash", "sh"):
        (place / name).write_text(PATIENT.format(shell=shutil.which(name)))
        (place / name).chmod(0o755)
    return place


@pytest.fixture
def runner(
    tmp_path: Path,
    action: Path,
    tools: Path,
    uv_cache: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Runner:
    """A runner with Python and uv."""
    monkeypatch.setenv("UV_CACHE_DIR", uv_cache)
    work = tmp_path / "runner"
    work.mkdir()
    return Runner(work, action, f"{tools}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def monorepo(no_commits: Repository) -> Repository:
    """The quickstart example with a gated workflow, on `main`; tagged `base`."""
    shutil.copytree(ROOT / "examples" / "quickstart", no_commits.path, dirs_exist_ok=True)
    workflows = no_commits.path / ".github" / "workflows"
    workflows.mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "action" / "workflows" / "gated.yml", workflows)
    no_commits.commit()
    no_commits.git("tag", "base")
    return no_commits


def new_machine(root: Path, uv_cache: str) -> Machine:
    """A machine with uv and a Python that has no pip."""
    made = Machine(root, {"UV_CACHE_DIR": uv_cache})
    made.give_python(with_packages=False)
    (made.bin / "uv").symlink_to(find_uv())
    return made


@pytest.fixture
def machine(tmp_path: Path, uv_cache: str) -> Machine:
    """A machine of the test's own."""
    return new_machine(tmp_path / "machine", uv_cache)


@pytest.fixture
def without_uv(machine: Machine) -> Machine:
    """A machine whose Python has pip, if that of the tests has."""
    (machine.bin / "uv").unlink()
    machine.give_python(with_packages=True)
    return machine
