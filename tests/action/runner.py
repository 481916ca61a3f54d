"""A real runner: nektos/act, on this machine and without containers.

`Runner.run` gives a repository's workflow to act together with an event, and reads back
what it says, a JSON object a line.  Where act differs from GitHub: a checkout is a copy
of the work tree, `.git` included, whatever the event; undeclared outputs of a composite
action are passed on, so action.yml is read too (test_action_file.py).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ACTIONS = (
    "impact/impact@0123456789abcdef0123456789abcdef01234567",
    "impact-ci/impact@v1",
)
"""What workflows call this project's action: those of these tests, and those of examples."""

ALL_WORKFLOWS = ".github/workflows"

ONLY_A_RUNNER_SETS = ("ACTIONS_", "GITHUB_", "IMPACT_", "RUNNER_")


@dataclass
class Run:
    """What a run of a workflow came to.

    ``jobs``: the result of each job, as `needs.JOB.result` has it.  ``step``, ``outputs``:
    the action's own.  ``plan``: its plan file.  ``annotations``: type and text.
    ``commands``: the name of every command that the runner obeyed.  ``said``: what each job
    wrote to its log.
    """

    jobs: dict[str, str] = field(default_factory=dict)
    step: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    plan: dict[str, Any] = field(default_factory=dict)
    annotations: list[tuple[str, str]] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)
    log: str = ""

    @property
    def ran(self) -> list[str]:
        """The jobs behind `changes` that ran."""
        return sorted(name for name in self.jobs if self.jobs[name] != "skipped")[1:]


@dataclass(frozen=True)
class Runner:
    """A machine for runs: a folder to work in, and the action.

    ``path`` is the PATH of every step, ``environment`` what else is set in it.
    """

    work: Path
    action: Path
    path: str
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(
        self,
        repository: Path,
        event: str,
        payload: Mapping[str, object],
        *,
        workflow: str = ALL_WORKFLOWS,
        job: str | None = None,
        **variables: str,
    ) -> Run:
        """Run a workflow of ``repository`` for the event; variables are its `vars`.

        ``job``: only this one and what it needs.
        act does not ask whether the workflow is one for this branch or tag.
        """
        for name in ("home", "kept"):
            (self.work / name).mkdir()
        event_file = self.work / "event.json"
        event_file.write_text(json.dumps(payload))
        seen = {"KEPT": str(self.work / "kept"), **self.environment}
        done = subprocess.run(
            [
                *(find_act(), event, "-C", str(repository), "-P", "ubuntu-latest=-self-hosted"),
                *("--json", "-v", "--no-cache-server", "-e", str(event_file)),
                *("-W", str(repository / workflow)),
                *(("-j", job) if job else ()),
                *(f"--local-repository={name}={self.action}" for name in ACTIONS),
                *(word for item in variables.items() for word in ("--var", "=".join(item))),
                *(f"--env={name}={value}" for name, value in seen.items()),
            ],
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        found = _read(done.stdout, done.stderr)
        plan = self.work / "kept" / "plan.json"
        if plan.exists():
            found.plan = json.loads(plan.read_text())
        return found

    def _environment(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(ONLY_A_RUNNER_SETS)
        }
        return kept | {"HOME": str(self.work / "home"), "PATH": self.path, "GIT_PAGER": "cat"}


def find_act() -> str:
    """The act of the environment that runs the tests."""
    act = shutil.which("act", path=Path(sys.executable).parent)
    if act is None:
        pytest.fail("act is missing: `make set-up` installs it in .venv, `make test` uses it")
    return act


def _read(said: str, complaints: str) -> Run:
    found = Run(log=said + complaints)
    for line in said.splitlines():
        row = json.loads(line)
        if "jobResult" in row:
            found.jobs[row["jobID"]] = row["jobResult"]
        if row.get("raw_output"):
            found.said[row["jobID"]] = found.said.get(row["jobID"], "") + row["msg"]
        if "stepResult" in row and row.get("stepID") == ["impact", "impact"]:
            found.step = row["stepResult"]
        command = row.get("command")
        if command is None:
            continue
        found.commands.append(command)
        if command == "set-output" and row["stepID"] == ["impact"]:
            found.outputs[row["name"]] = row["arg"]
        elif command in ("error", "warning", "notice"):
            found.annotations.append((command, row["arg"]))
    if not found.jobs:
        pytest.fail(f"act ran no job:\n{found.log}")
    return found
