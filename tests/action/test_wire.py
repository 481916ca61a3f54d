"""What `impact wire` prints, put into a repository and run by a real runner."""

from __future__ import annotations

from dataclasses import replace

import pytest

from impact.config.load import parse_filters
from impact.report.wiring import render_wiring
from impact.workflows.wiring import wire
from tests import payloads
from tests.action.runner import Runner
from tests.git_server import GitServer
from tests.repositories import Repository

pytest_plugins = ["tests.repositories", "tests.git_server", "tests.action.fixtures"]

WORKFLOW = ".github/workflows/ci.yml"
FILTERS = """\
version: 1
surfaces:
  sdk: {paths: [/sdk/], jobs: [sdk, both]}
  server: {paths: [/server/], jobs: [server, both]}
  chart: {paths: [/chart/], advisory: true}
"""


@pytest.fixture
def wired(no_commits: Repository) -> Repository:
    """A repository whose workflow is what is printed, its steps those that pass or fail."""
    printed = render_wiring(wire(parse_filters(FILTERS.encode(), "filters.yml")), None)
    assert printed.count("- run: exit 1 # in place of this, what tests ") == 4
    # Each line that is to be replaced names its surfaces; a test of both fails with either.
    lines = []
    for line in printed.splitlines():
        before, mark, surfaces = line.partition("exit 1 # in place of this, what tests ")
        if mark:
            names = surfaces.split(", ")
            line = before + " && ".join(f"test ! -e broken-{name}" for name in names)
        lines.append(line)
    no_commits.write(WORKFLOW, "\n".join(lines) + "\n")
    no_commits.commit(**{"filters.yml": FILTERS})
    no_commits.git("tag", "base")
    return no_commits


@pytest.mark.parametrize(
    ("path", "text", "results"),
    [
        ("sdk/a", "", "changes=success sdk=success both=success gate=success"),
        ("chart/a", "", "changes=success chart=success gate=success"),
        ("server/a", "", "changes=success server=success both=success gate=success"),
        (
            "filters.yml",
            "version: 2\n",
            "changes=failure gate=failure "
            "sdk=success server=success both=success chart=success",
        ),
    ],
)
def test_it_runs(
    runner: Runner,
    git_server: GitServer,
    wired: Repository,
    path: str,
    text: str,
    results: str,
) -> None:
    wired.write(path, text)
    wired.commit()
    served = {
        "GITHUB_SERVER_URL": git_server.url,
        "GITHUB_REPOSITORY": "./repository",
        "GITHUB_WORKFLOW_REF": f"./repository/{WORKFLOW}@refs/heads/main",
    }
    machine = replace(runner, environment=served)
    run = machine.run(wired.path, "push", payloads.push(wired))
    skipped = dict.fromkeys(("sdk", "server", "both", "chart"), "skipped")
    assert run.jobs == skipped | dict(word.split("=") for word in results.split())
