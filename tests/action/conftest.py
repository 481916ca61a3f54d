"""The action as a release holds it, installed, with a runner and an example repository."""

from __future__ import annotations

import fcntl
import importlib.util
import os
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.action.runner import Runner
from tests.repositories import Repository

ROOT = Path(__file__).resolve().parent.parent.parent
PARTS = ("action.yml", "action", "impact", "requirements")
"""All that the action needs of this repository."""


@pytest.fixture(scope="session")
def launcher() -> ModuleType:
    """action/run.py, which the action starts and nothing imports."""
    spec = importlib.util.spec_from_file_location("action_run", ROOT / "action" / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


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
def installed(tmp_path_factory: pytest.TempPathFactory, launcher: ModuleType) -> Path:
    """A RUNNER_TEMP in which the action has installed what it needs.

    It was installed where the environment asks pip for anything else.
    """
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    place, elsewhere = shared / "installed", str(shared / "elsewhere")
    place.mkdir(exist_ok=True)
    asking = {
        "PIP_CONSTRAINT": "/does/not/exist",
        "PIP_DRY_RUN": "1",
        "PIP_NO_BINARY": ":all:",
        "PIP_PREFIX": elsewhere,
        "PIP_REQUIRE_VIRTUALENV": "1",
        "PIP_TARGET": elsewhere,
        "PIP_USER": "1",
    }
    environment = {**os.environ, **asking, "RUNNER_TEMP": str(place)}
    directory = launcher.private_directory(environment, launcher.LOCK.read_bytes())
    with (shared / "installing").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        launcher.install(directory, environment)
    assert not Path(elsewhere).exists()
    return place


@pytest.fixture
def runner(tmp_path: Path, action: Path, installed: Path) -> Runner:
    """A runner whose `python3` is the interpreter of the tests, without its packages."""
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "python3").symlink_to(Path(sys.executable).resolve())
    work = tmp_path / "runner"
    work.mkdir()
    return Runner(work, action, installed, f"{tools}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def monorepo(no_commits: Repository) -> Repository:
    """The quickstart example with a gated workflow, on `main`; tagged `base`."""
    shutil.copytree(ROOT / "examples" / "quickstart", no_commits.path, dirs_exist_ok=True)
    workflows = no_commits.path / ".github" / "workflows"
    shutil.copytree(ROOT / "tests" / "action" / "workflows", workflows)
    no_commits.commit()
    no_commits.git("tag", "base")
    return no_commits
