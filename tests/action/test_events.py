"""The action in a real runner, for each event, with a checkout one deep and with none.

act makes the checkout a copy of the repository it is started in, and takes its HEAD for
GITHUB_SHA: so that is a clone of a server's repository, one commit deep.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests import github_events as github
from tests.action.machine import ROOT
from tests.action.runner import Run, Runner
from tests.clones import Upstream
from tests.github_events import Payload
from tests.repositories import Repository

pytest_plugins = [
    "tests.repositories",
    "tests.git_server",
    "tests.clones",
    "tests.action.fixtures",
]

TOKEN = "ghs_a-Secret+Token/0123456789"
JOBS = ("with-checkout", "without")
SDK = "packages/typescript/src/index.ts"
EXTENSION = "extension/sql/notes--1.0.sql"


@dataclass(frozen=True)
class Asked:
    """A run of both jobs, and the plan of each."""

    run: Run
    plans: dict[str, Any]


@pytest.fixture
def served(upstream: Upstream) -> Upstream:
    """The quickstart example on a server that wants a token; `topic` changed the SDK, and
    `main` the extension, twenty commits ago.
    """
    repository = upstream.repository
    shutil.copytree(ROOT / "examples" / "quickstart", repository.path, dirs_exist_ok=True)
    workflows = repository.path / ".github" / "workflows"
    workflows.mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "action" / "workflows" / "events.yml", workflows)
    repository.commit()
    repository.git("tag", "--force", "base")
    repository.git("checkout", "--quiet", "-b", "topic")
    repository.commit(**{SDK: "export const x = 1;\n"})
    repository.git("checkout", "--quiet", "main")
    for number in range(20):
        repository.commit(**{EXTENSION: f"SELECT {number};\n"})
    return upstream


def merged(repository: Repository) -> str:
    repository.git("checkout", "--quiet", "--detach", "main")
    repository.git("merge", "--quiet", "--no-ff", "--message", "Merge", "topic")
    return repository.id("HEAD")


def ask(
    served: Upstream, runner: Runner, event: str, payload: Payload, commit: str, base: str = ""
) -> Asked:
    """Run both jobs for an event, of which ``commit`` is what GitHub checks out."""
    made = served.checkout(commit, "depth 1")
    assert made is not None
    served.server.token = TOKEN
    before = made.git_files()
    variables = {"GITHUB_SERVER_URL": served.server.url, "GITHUB_REPOSITORY": "repository"}
    machine = replace(runner, environment=variables)
    run = machine.run(made.path, event, payload, TOKEN=TOKEN, BASE=base)
    assert run.jobs == dict.fromkeys(JOBS, "success"), run.log
    assert made.git_files() == before
    assert TOKEN not in str(run.said)
    kept = runner.work / "kept"
    plans = {name: json.loads((kept / f"{name}.json").read_text()) for name in JOBS}
    assert plans["with-checkout"]["filters"] == {"file": "filters.yml", "commit": None}
    assert plans["without"]["filters"] == {"file": "filters.yml", "commit": commit}
    return Asked(run, plans)


def woken(plan: Any) -> list[str]:
    return [name for name, surface in plan["surfaces"].items() if surface["woken"]]


def pull_request(repository: Repository) -> tuple[Payload, str]:
    base, head = repository.id("main"), repository.id("topic")
    return github.pull_request(base, head), merged(repository)


def push(repository: Repository) -> tuple[Payload, str]:
    base, head = repository.id("base"), repository.id("topic")
    return github.push(base, head, "refs/heads/topic"), head


def merge_group(repository: Repository) -> tuple[Payload, str]:
    base, head = repository.id("main"), merged(repository)
    return github.merge_group(base, head), head


@pytest.mark.parametrize("happened", [pull_request, push, merge_group])
def test_an_event_wakes_what_it_changes(
    served: Upstream,
    runner: Runner,
    happened: Callable[[Repository], tuple[Payload, str]],
) -> None:
    payload, commit = happened(served.repository)
    asked = ask(served, runner, happened.__name__, payload, commit)
    for plan in asked.plans.values():
        assert plan["determined"], plan["reason"]
        assert [change["path"] for change in plan["changes"]] == [SDK]
        assert woken(plan) == ["typescript"]
        assert plan["head"] == commit


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        ("workflow_dispatch", github.workflow_dispatch()),
        ("schedule", github.schedule()),
    ],
)
def test_an_event_without_a_base_wakes_everything(
    served: Upstream, runner: Runner, event: str, payload: Payload
) -> None:
    commit = served.repository.id("main")
    asked = ask(served, runner, event, payload, commit)
    for plan in asked.plans.values():
        assert not plan["determined"]
        assert plan["reason"] == f"event {event} has no commits to compare; give a base"
        assert woken(plan) == list(plan["surfaces"])


@pytest.mark.parametrize("name", ["id", "branch"])
def test_a_base_that_no_checkout_has(served: Upstream, runner: Runner, name: str) -> None:
    repository = served.repository
    base = "origin/topic" if name == "branch" else repository.id("topic")
    payload = github.workflow_dispatch()
    asked = ask(served, runner, "workflow_dispatch", payload, repository.id("main"), base)
    for plan in asked.plans.values():
        assert [change["path"] for change in plan["changes"]] == [EXTENSION, SDK]
        assert plan["base"] == repository.id("topic")
