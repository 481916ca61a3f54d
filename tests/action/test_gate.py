"""The gate in a real runner, with a checkout and with none."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests import github_events as github
from tests.action.machine import ROOT
from tests.action.runner import Run, Runner
from tests.clones import Upstream
from tests.repositories import Repository

pytest_plugins = [
    "tests.repositories",
    "tests.git_server",
    "tests.clones",
    "tests.action.fixtures",
]

WORKFLOW = ".github/workflows/gate.yml"
TOKEN = "ghs_a-Secret+Token/0123456789"
FILTERS = "version: 1\nsurfaces:\n  sdk: [/sdk/]\n  docs: [/docs/]\n"
HOSTILE = """\
$(touch "$KEPT/fooled") `touch "$KEPT/fooled"`
::error::fooled
::add-mask::true
##[error]fooled
"}}' " \\" ' ${{ toJSON(secrets) }} %0A::error::fooled
"changes": {"result": "success"}
"""
GATES = ("gate", "gate-without")


@pytest.fixture
def served(upstream: Upstream) -> Upstream:
    """A repository with a gate, on a server that wants a token; tagged `base`."""
    workflows = upstream.repository.path / ".github" / "workflows"
    workflows.mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "action" / "workflows" / "gate.yml", workflows)
    upstream.repository.commit(**{"filters.yml": FILTERS, "said.txt": "hello\n"})
    upstream.repository.git("tag", "--force", "base")
    owner = upstream.repository.path.parent / "an-owner"
    owner.mkdir()
    (owner / "repository").symlink_to(upstream.repository.path)
    return upstream


def push(served: Upstream, runner: Runner) -> Run:
    """Run the workflow for a push of what is on `main`."""
    repository = served.repository
    payload = github.push(repository.id("base"), repository.id("main"), "refs/heads/main")
    return run_gates(served, runner, "push", payload, repository.id("main"))


def run_gates(
    served: Upstream,
    runner: Runner,
    event: str,
    payload: github.Payload,
    commit: str,
    label: str = "",
) -> Run:
    made = served.checkout(commit, "depth 1")
    assert made is not None
    served.server.token = TOKEN
    machine = replace(
        runner,
        environment={
            "GITHUB_SERVER_URL": served.server.url,
            "GITHUB_REPOSITORY": "an-owner/repository",
            "GITHUB_WORKFLOW_REF": f"an-owner/repository/{WORKFLOW}@refs/heads/main",
        },
    )
    return machine.run(made.path, event, payload, workflow=WORKFLOW, TOKEN=TOKEN, LABEL=label)


def errors(run: Run) -> list[str]:
    """The error annotations of the gates, as often as there are gates."""
    return [text for kind, text in run.annotations if kind == "error"]


def test_what_is_asleep_may_be_skipped(served: Upstream, runner: Runner) -> None:
    served.repository.commit(**{"docs__a.md": "a\n"})
    run = push(served, runner)
    assert run.jobs == {
        "changes": "success",
        "docs": "success",
        "gate": "success",
        "gate-without": "success",
        "sdk": "skipped",
        "talker": "success",
    }
    assert errors(run) == []
    for gate in GATES:
        said = " ".join(run.said[gate].split())
        assert "ok sdk may-skip skipped sdk is asleep, so it may be skipped" in said
    assert run.said["gate-without"].count("installing its dependencies") == 1
    assert run.said["gate-without"].count("the gate passes: 4 jobs") == 2


def test_one_failed_job_of_a_matrix_fails_it(served: Upstream, runner: Runner) -> None:
    served.repository.commit(**{"sdk__broken-2": "\n"})
    run = push(served, runner)
    assert run.jobs["sdk"] == "failure"
    assert [run.jobs[gate] for gate in GATES] == ["failure", "failure"]
    assert set(errors(run)) == {"sdk: sdk is awake, so it has to succeed; it failed"}


def test_a_detection_that_fails_fails_it(served: Upstream, runner: Runner) -> None:
    served.repository.commit(**{"filters.yml": FILTERS + "  docs: [/x/]\n"})
    run = push(served, runner)
    assert run.jobs["changes"] == "failure"
    assert run.jobs["sdk"] == run.jobs["docs"] == "success"
    assert [run.jobs[gate] for gate in GATES] == ["failure", "failure"]
    # The gate reads the same filters, and has the same to say of them.
    assert {text.split(";")[0] for text in errors(run)} == {"the key docs is given twice"}


def test_nothing_that_a_job_says_is_obeyed(served: Upstream, runner: Runner) -> None:
    served.repository.commit(**{"docs__a.md": "a\n", "said.txt": HOSTILE})
    run = push(served, runner)
    assert [run.jobs[gate] for gate in GATES] == ["success", "success"]
    assert not (runner.work / "kept" / "fooled").exists()
    assert errors(run) == []
    assert "add-mask" not in run.commands


def narrowing(served: Upstream) -> str:
    """A pull request that claims for `docs` what nobody had claimed, and changes it."""
    repository = served.repository
    repository.git("checkout", "--quiet", "-b", "topic")
    wider = FILTERS.replace("[/docs/]", "[/docs/, /new/]")
    repository.commit(**{"filters.yml": wider, "new__a.c": "a\n"})
    repository.git("checkout", "--quiet", "--detach", "main")
    repository.git("merge", "--quiet", "--no-ff", "--message", "Merge", "topic")
    return repository.id("HEAD")


@pytest.mark.parametrize(
    ("label", "labels", "passes"),
    [("", [], True), ("filters-ok", ["other"], False), ("filters-ok", ["Filters-OK"], True)],
)
def test_what_a_change_to_the_filters_puts_to_sleep(
    served: Upstream, runner: Runner, label: str, labels: Sequence[str], passes: bool
) -> None:
    commit = narrowing(served)
    repository: Repository = served.repository
    payload = github.pull_request(repository.id("main"), repository.id("topic"))
    payload["pull_request"]["labels"] = [{"name": name} for name in labels]  # type: ignore[index]
    run = run_gates(served, runner, "pull_request", payload, commit, label)
    assert run.jobs["sdk"] == "skipped"
    assert run.jobs["docs"] == "success"
    assert [run.jobs[gate] for gate in GATES] == ["success" if passes else "failure"] * 2
    told = [text for _, text in run.annotations]
    words = (
        "the filters before this change would have woken them, and it puts them to sleep: sdk"
    )
    missing = (
        "the filters before this change wake sdk, and it puts it to sleep: "
        "the label filters-ok allows that"
    )
    assert (words if passes else missing) in told


def test_in_a_merge_queue(served: Upstream, runner: Runner) -> None:
    """The group is compared with what it will be merged into."""
    repository = served.repository
    base = repository.id("main")
    repository.git("checkout", "--quiet", "--detach", "main")
    head = repository.commit(**{"sdk__broken-1": "\n"})
    payload = github.merge_group(base, head)
    run = run_gates(served, runner, "merge_group", payload, head, label="filters-ok")
    assert run.jobs["docs"] == "skipped"
    assert run.jobs["sdk"] == "failure"
    assert [run.jobs[gate] for gate in GATES] == ["failure", "failure"]
    # A queue has no labels, and none is asked for.
    assert set(errors(run)) == {"sdk: sdk is awake, so it has to succeed; it failed"}


# A job that calls a workflow.


@pytest.fixture
def calling(no_commits: Repository) -> Repository:
    """A repository with a gate behind a workflow that calls another; tagged `base`."""
    for name in ("calling", "called"):
        text = (ROOT / "tests" / "action" / "workflows" / f"{name}.yml").read_text("utf-8")
        no_commits.write(f".github/workflows/{name}.yml", text)
    no_commits.commit(
        **{"filters.yml": "version: 1\nsurfaces: {sdk: [/sdk/]}\ninert: ['*.md']\n"}
    )
    no_commits.git("tag", "base")
    return no_commits


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("sdk/a", "must-run success sdk is awake, so it has to succeed; it succeeded"),
        ("README.md", "may-skip skipped sdk is asleep, so it may be skipped; it was skipped"),
    ],
)
def test_a_called_workflow(runner: Runner, calling: Repository, path: str, said: str) -> None:
    """act ends with a called workflow that fails, so none does."""
    calling.write(path)
    calling.commit()
    payload = github.push(calling.id("base"), calling.id("main"), "refs/heads/main")
    # The runner does not say which file it is, and the name has to do.
    run = runner.run(calling.path, "push", payload, workflow=".github/workflows/calling.yml")
    assert run.jobs["gate"] == "success", run.log
    assert f"ok sdk {said}" in " ".join(run.said["gate"].split())


def test_a_called_workflow_that_hides_its_failure(runner: Runner, calling: Repository) -> None:
    called = ".github/workflows/called.yml"
    text = (calling.path / called).read_text("utf-8")
    hiding = text.replace("    name: build\n", "    name: build\n    continue-on-error: true\n")
    calling.write(called, hiding)
    calling.commit()
    payload = github.push(calling.id("base"), calling.id("main"), "refs/heads/main")
    run = runner.run(calling.path, "push", payload, workflow=".github/workflows/calling.yml")
    assert run.jobs["gate"] == "failure"
    assert errors(run) == [
        "sdk: its success may be a failure: .github/workflows/called.yml:13:24 has "
        "continue-on-error; remove it, or make its surface advisory"
    ]
