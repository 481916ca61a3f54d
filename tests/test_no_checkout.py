"""Nothing is checked out: the change set and the filters come from the server."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests import github_events as github
from tests.clones import Upstream
from tests.program import Program, Ran
from tests.repositories import Repository

pytest_plugins = ["tests.repositories", "tests.git_server", "tests.clones", "tests.program"]

FILTERS = "version: 1\nsurfaces:\n  sdk: [/sdk/]\n  server: [/server/]\n"
SHOWN = "filters.yml or .github/filters.yml"


class Run:
    """`impact detect` as GitHub runs it in an empty workspace."""

    def __init__(self, program: Program, upstream: Upstream) -> None:
        self.program = program
        self.upstream = upstream

    def __call__(
        self, event: str, payload: github.Payload, head: str, *options: str, **changed: Any
    ) -> Ran:
        file = self.program.write("../event.json", json.dumps(payload))
        variables = {
            "GITHUB_SERVER_URL": self.upstream.server.url,
            "GITHUB_REPOSITORY": "repository",
            "GITHUB_SHA": head,
            "GITHUB_EVENT_NAME": event,
            "GITHUB_EVENT_PATH": file,
        }
        ran = self.program("detect", "--format", "json", *options, **(variables | changed))
        assert list(self.program.directory.iterdir()) == []
        return ran

    def push(self, *options: str, **changed: Any) -> Ran:
        """The push of the last commit to `main`."""
        repository = self.upstream.repository
        before, after = repository.id("main~1"), repository.id("main")
        return self("push", github.push(before, after), after, *options, **changed)


@pytest.fixture
def run(program: Program, upstream: Upstream, temporary: Path) -> Run:
    """Everything is wanted from a server."""
    upstream.server.token = "ghs_token"
    program.environment["IMPACT_TOKEN"] = "ghs_token"
    program.environment["RUNNER_TEMP"] = str(temporary)
    return Run(program, upstream)


def woken(ran: Ran) -> list[str]:
    plan = ran.json
    assert plan["determined"], plan["reason"]
    return [name for name, found in plan["surfaces"].items() if found["woken"]]


@pytest.fixture
def repository(upstream: Upstream) -> Repository:
    """The filters, then the SDK."""
    upstream.repository.commit(**{"filters.yml": FILTERS})
    upstream.repository.commit(**{"sdk__a.c": "a\n"})
    return upstream.repository


def test_a_push(run: Run, repository: Repository, temporary: Path) -> None:
    ran = run.push()
    assert woken(ran) == ["sdk"]
    plan = ran.json
    assert plan["filters"] == {"file": "filters.yml", "commit": repository.id("main")}
    assert (plan["base"], plan["head"]) == (repository.id("main~1"), repository.id("main"))
    assert plan["notes"] == [f"everything was fetched from {run.upstream.url}, in one fetch"]
    # What the server can do and the commits; the same again and the filters.
    assert [r.line.split()[0] for r in run.upstream.server.requests] == ["GET", "POST"] * 2
    assert list(temporary.iterdir()) == []


def test_a_relative_temporary_directory(
    run: Run, repository: Repository, temporary: Path
) -> None:
    relative = os.path.relpath(temporary, run.program.directory)
    assert woken(run.push(RUNNER_TEMP=relative)) == ["sdk"]
    assert list(temporary.iterdir()) == []


def test_in_words(run: Run, repository: Repository) -> None:
    head = repository.id("main")
    assert run.push("--format", "text").out == (
        "1 changed path: push to the default branch: before to after (two-dot)\n"
        f"base {repository.id('main~1')}, head {head}\n"
        f"filters filters.yml of {head}\n"
        f"note: everything was fetched from {run.upstream.url}, in one fetch\n"
        "\n"
        "awake   sdk     sdk/a.c (added) matches /sdk/ at filters.yml:3:9\n"
        "asleep  server  no changed path matches its rules\n"
    )


def test_the_filters_are_those_of_the_head(run: Run, repository: Repository) -> None:
    """Not the newest: main has gone on."""
    before, after = repository.id("main~1"), repository.id("main")
    repository.commit(**{"filters.yml": "version: 1\nsurfaces: {other: [/other]}\n"})
    ran = run("push", github.push(before, after), after)
    assert list(ran.json["surfaces"]) == ["sdk", "server"]


def test_a_merge_commit_that_is_gone(run: Run, repository: Repository) -> None:
    """GitHub keeps a test merge for a while; its two sides tell as well."""
    base = repository.id("main")
    repository.git("checkout", "--quiet", "-b", "topic")
    head = repository.commit(**{"server__a.c": "a\n"})
    ran = run("pull_request", github.pull_request(base, head), "1" * 40)
    assert woken(ran) == ["server"]
    assert ran.json["filters"]["commit"] == head


@pytest.mark.parametrize("event", ["schedule", "workflow_dispatch", "release", "fork"])
def test_an_event_without_a_base(run: Run, repository: Repository, event: str) -> None:
    head = repository.id("main")
    plan = run(event, github.schedule(), head).json
    assert not plan["determined"]
    assert all(found["woken"] for found in plan["surfaces"].values())
    base = repository.id("main~1")
    assert woken(run(event, github.schedule(), head, "--base", base)) == ["sdk"]
    assert woken(run(event, github.schedule(), head, "--merge-base", "base")) == [
        "sdk",
        "server",
    ]


def test_a_given_head_has_its_own_filters(run: Run, repository: Repository) -> None:
    old = repository.id("main")
    new = repository.commit(**{"filters.yml": "version: 1\nsurfaces: {other: [/other]}\n"})
    payload = github.push(repository.id("base"), new)
    ran = run("push", payload, new, "--head", old)
    assert list(ran.json["surfaces"]) == ["sdk", "server"]
    assert ran.json["filters"]["commit"] == old


def test_filters_of_another_name(run: Run, repository: Repository, tmp_path: Path) -> None:
    repository.git("mv", "filters.yml", ".impact.yml")
    repository.git("commit", "--quiet", "--message", "Move")
    repository.commit(**{"sdk__b.c": "b\n"})
    assert woken(run.push("--filters", "./.impact.yml")) == ["sdk"]
    outside = tmp_path / "elsewhere.yml"
    outside.write_text("version: 1\nsurfaces: {all-of-it: ['*']}\n")
    assert woken(run.push("--filters", str(outside))) == ["all-of-it"]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, f"impact: there is no filters file {SHOWN} in the commit HEAD\n"),
        (
            {"filters.yml": FILTERS, ".github__filters.yml": FILTERS},
            ".github/filters.yml:1:1: error: both filters.yml and .github/filters.yml exist, "
            "and only one can be right; delete one [two-files]\n"
            "impact: 1 error in the filters; nothing is decided\n",
        ),
        (
            {"filters.yml": "version: 2\n"},
            "filters.yml:1:1: error: the key surfaces is missing; ",
        ),
    ],
    ids=["none", "both", "wrong"],
)
def test_what_is_wrong_with_the_filters(
    run: Run, upstream: Upstream, files: dict[str, str], message: str
) -> None:
    upstream.repository.commit(**files)
    ran = run.push()
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(message.replace("HEAD", upstream.repository.id("main")))


def test_a_link_is_no_filters_file(run: Run, upstream: Upstream) -> None:
    repository = upstream.repository
    repository.commit(**{"real.yml": FILTERS})
    (repository.path / "filters.yml").symlink_to("real.yml")
    head = repository.commit()
    ran = run.push()
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(
        f"filters.yml:1:1: error: the filters file is no regular file in the commit {head}"
    )


def test_a_server_in_trouble_decides_nothing(run: Run, repository: Repository) -> None:
    """No filters, no surfaces: the step fails, no output is written, and every job runs."""
    run.upstream.server.hangs = True
    ran = run.push("--fetch-timeout", "0.5")
    url = run.upstream.url
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"impact: fetching from {url} took more than 0.5 seconds\n"
    ran = run.push("--fetch-timeout", "0")
    assert (ran.code, ran.out) == (2, "")


@pytest.mark.parametrize(
    "missing", ["GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_EVENT_NAME"]
)
def test_without_a_server_there_has_to_be_a_repository(
    run: Run, repository: Repository, missing: str
) -> None:
    ran = run.push(**{missing: None})
    assert (ran.code, ran.out) == (2, "")
    assert "no filters file: filters.yml or .github/filters.yml at" in ran.err


def test_a_workspace_within_another_repository(
    run: Run, repository: Repository, program: Program
) -> None:
    """Dotfiles in the home of a runner: they are not what is asked about."""
    outer = Repository(program.directory.parent)
    outer.git("init", "--quiet", "--template=")
    outer.write("filters.yml", "version: 1\nsurfaces: {outer: [/outer]}\n")
    assert woken(run.push(GITHUB_WORKSPACE=program.directory)) == ["sdk"]


def test_without_a_head(run: Run, repository: Repository) -> None:
    """An event by hand: the head is the payload's."""
    assert woken(run.push(GITHUB_SHA=None)) == ["sdk"]
    ran = run("schedule", github.schedule(), "")
    assert ran.err == (
        "impact: nothing is checked out, and no commit to read the filters of is known\n"
    )


def test_a_repository_of_sha_256(run: Run, upstream: Upstream) -> None:
    repository = Repository(upstream.repository.path.parent / "modern")
    repository.path.mkdir()
    repository.git("init", "--quiet", "--object-format=sha256", "--template=")
    before = repository.commit(**{"filters.yml": FILTERS})
    after = repository.commit(**{"sdk__a.c": "a\n"})
    for event, payload in (
        ("push", github.push(before, after)),
        ("pull_request", github.pull_request(before, after)),
    ):
        ran = run(event, payload, after, GITHUB_REPOSITORY="modern")
        assert woken(ran) == ["sdk"]
        assert (ran.json["base"], ran.json["head"]) == (before, after)
