"""What starts both actions, run by a plain `sh`: it finds a Python, or says what is missing."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from action.shared import is_whole
from tests.action.machine import ROOT, Machine
from tests.payloads import push
from tests.repositories import Repository

pytest_plugins = ["tests.repositories", "tests.action.fixtures"]


@pytest.fixture
def ready(machine: Machine, one_commit: Repository) -> Machine:
    """A machine with git, and a push to the repository in its workspace; no bash."""
    for name in ("git", "head"):
        (machine.bin / name).symlink_to(str(shutil.which(name)))
    one_commit.commit(**{"filters.yml": "version: 1\nsurfaces: {a: [/a.txt], b: [/b]}\n"})
    one_commit.git("tag", "--force", "base")
    one_commit.commit(**{"a.txt": "other\n"})
    payload = machine.root / "event.json"
    payload.write_text(json.dumps(push(one_commit)))
    machine.workspace.rmdir()
    one_commit.path.rename(machine.workspace)
    machine.environment |= {
        "GITHUB_ACTION_PATH": str(ROOT),
        "GITHUB_EVENT_NAME": "push",
        "GITHUB_EVENT_PATH": str(payload),
        "GITHUB_OUTPUT": str(machine.root / "output"),
        "RUNNER_OS": "Linux",
    }
    return machine


def step(
    machine: Machine, before: str = "", action: str = ".", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the step as a runner does: https://github.com/actions/runner is the source.

    ``action``: its folder.  ``before``: what the shell is told first.
    """
    text = (ROOT / action / "action.yml").read_text(encoding="utf-8")
    (found,) = yaml.safe_load(text)["runs"]["steps"]
    assert found["shell"] == "sh"
    script = machine.root / "script.sh"
    script.write_text(before + found["run"])
    environment = {"GITHUB_ACTION_PATH": str(ROOT / action), **environment}
    return subprocess.run(
        ["/bin/sh", "-e", str(script)],
        cwd=machine.workspace,
        env=machine.environment | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def outputs(machine: Machine) -> str:
    written = machine.root / "output"
    return written.read_text() if written.exists() else ""


def test_it_needs_no_bash(ready: Machine) -> None:
    assert shutil.which("bash", path=str(ready.bin)) is None
    done = step(ready)
    assert done.returncode == 0, done
    assert '{"a": true, "b": false}' in outputs(ready)


def test_a_step_leaves_bytecode_beside_its_packages_and_none_elsewhere(
    ready: Machine, action: Path
) -> None:
    done = step(ready, GITHUB_ACTION_PATH=str(action))
    assert done.returncode == 0, done
    folder = ready.place / "bytecode"
    assert is_whole(str(folder))
    found = {place.name.split(".")[0] for place in folder.rglob("*.pyc")}
    assert found >= {"main", "detect"}
    assert "argparse" not in found
    assert set(ready.root.rglob("*.pyc")) == set(folder.rglob("*.pyc"))
    assert not list(action.rglob("*.pyc"))
    assert step(ready, GITHUB_ACTION_PATH=str(action)).returncode == 0
    assert is_whole(str(folder))


def test_nothing_that_is_installed_for_the_user_is_imported(ready: Machine) -> None:
    """Neither what Python imports at its start."""
    packages = ready.root / "lib" / "python{}.{}".format(*sys.version_info) / "site-packages"
    packages.mkdir(parents=True)
    (packages / "sitecustomize.py").write_text("print('imported')\n")
    assert subprocess.check_output([ready.python, "-I", "-c", ""], text=True) == "imported\n"
    assert step(ready, RUNNER_TEMP="").stdout == (
        "::error title=impact::RUNNER_TEMP is not set: only a GitHub Actions runner runs this\n"
    )


NEEDS = json.dumps(
    {
        "changes": {
            "result": "success",
            "outputs": {"surfaces": '{"a": true, "b": false}', "determined": "true"},
        },
        "a": {"result": "success", "outputs": {}},
        "b": {"result": "skipped", "outputs": {}},
    }
)
GATING = {"IMPACT_INPUT_NEEDS": NEEDS, "IMPACT_INPUT_WORKFLOW": "ci.yml"}


@pytest.fixture
def gated(ready: Machine) -> Machine:
    """The same with a workflow, which the commit does not have."""
    (ready.workspace / "ci.yml").write_text("jobs: {changes: {}, a: {}, b: {}}\n")
    return ready


def test_the_gate_needs_no_bash_either(gated: Machine) -> None:
    done = step(gated, action="gate", **GATING)
    assert done.returncode == 0, done
    assert "the gate passes: 3 jobs did what the change asks for" in done.stdout
    failed = {**GATING, "IMPACT_INPUT_NEEDS": NEEDS.replace("success", "failure")}
    assert step(gated, action="gate", **failed).returncode == 1


def test_a_gate_that_cannot_write_fails_and_says_so(gated: Machine) -> None:
    """It has its packages from the step before; now the disk is full."""
    assert step(gated, action="gate", **GATING).returncode == 0
    done = step(gated, before="ulimit -f 0\n", action="gate", **GATING)
    assert (done.returncode, done.stdout) == (
        2,
        "::error title=impact::the results of the jobs cannot be written: File too large\n",
    )


def test_a_python_that_is_too_old_is_passed_over(ready: Machine) -> None:
    (ready.bin / "python3").rename(ready.bin / "python3.12")
    ready.program("python3", "exit 1")
    ready.program("python", "exit 1")
    done = step(ready)
    assert done.returncode == 0, done
    assert '{"a": true, "b": false}' in outputs(ready)


def test_without_python_it_says_so(ready: Machine) -> None:
    (ready.bin / "python3").unlink()
    done = step(ready)
    assert (done.returncode, outputs(ready)) == (2, "")
    assert done.stdout == (
        "::error title=impact::Python 3.10 or newer is needed (found: no python3): "
        "run actions/setup-python before\n"
    )


def test_a_python_that_is_too_old_is_named(ready: Machine) -> None:
    (ready.bin / "python3").unlink()
    ready.program("python3", '[ "$1" = -V ] && echo Python 3.9.2 && echo more')
    done = step(ready)
    assert (done.returncode, outputs(ready)) == (2, "")
    assert done.stdout == (
        "::error title=impact::Python 3.10 or newer is needed (found: Python 3.9.2): "
        "run actions/setup-python before\n"
    )


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (None, "git was not found on PATH; install git 2.30 or later"),
        ("echo git version 2.29.9", "git 2.29.9 is too old; install git 2.30 or later"),
    ],
    ids=["missing", "too old"],
)
def test_git_missing_or_too_old_is_told(ready: Machine, script: str | None, said: str) -> None:
    (ready.bin / "git").unlink()
    if script:
        ready.program("git", script)
    done = step(ready)
    assert (done.returncode, outputs(ready)) == (2, "")
    assert done.stderr.endswith(f"impact: {said}\n")
    assert done.stdout == f"::error title=impact::{said}\n"


def test_windows_is_told(ready: Machine) -> None:
    done = step(ready, RUNNER_OS="Windows")
    assert (done.returncode, outputs(ready)) == (2, "")
    assert done.stdout == (
        "::error title=impact::not made for Windows: run this job on Linux or macOS\n"
    )


@pytest.mark.parametrize("place", ["nowhere\n::x::", "/does/not/exist", "filters.yml"])
def test_a_directory_that_is_not_there_is_told(ready: Machine, place: str) -> None:
    done = step(ready, IMPACT_INPUT_REPOSITORY_PATH=place)
    assert (done.returncode, outputs(ready)) == (2, "")
    assert done.stdout == (
        "::error title=impact::the input repository-path names no directory: "
        + place.replace("\n", "\\n")
        + "\n"
    )


def test_the_token_is_kept_from_the_installers(ready: Machine) -> None:
    """And from every git but the one that fetches; from the log, too."""
    seen = ready.root / "seen"
    for name in ("uv", "git"):
        real = (ready.bin / name).resolve()
        (ready.bin / name).unlink()
        ready.program(name, f'/usr/bin/env >> "{seen}-{name}"\nexec "{real}" "$@"')
    done = step(ready, IMPACT_INPUT_TOKEN="ghs_secret")
    assert done.returncode == 0, done
    for name in ("uv", "git"):
        assert "PATH=" in (ready.root / f"seen-{name}").read_text()
        assert "ghs_secret" not in (ready.root / f"seen-{name}").read_text()
    assert "ghs_secret" not in done.stdout + done.stderr
