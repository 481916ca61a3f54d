"""docs/gate.md: its table is what the gate answers, and its workflow does what it says."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
import yaml

from impact.gate import ACCEPTED
from tests import payloads
from tests.action.runner import Run, Runner
from tests.docs.documents import ROOT, File, steps
from tests.gates import RESULTS, combination
from tests.git_server import GitServer
from tests.repositories import Repository

pytest_plugins = ["tests.repositories", "tests.git_server", "tests.action.fixtures"]

PAGE = ROOT / "docs" / "gate.md"
KINDS = {
    "required": "a job of a surface",
    "advisory": "a job of an advisory surface",
    "unclaimed": "a job of no surface",
    "optional": "an optional job of no surface",
    "detection": "the detection itself",
}
PLANS = ("awake", "asleep", "undetermined")
MARK = "<!-- table -->\n"


def table() -> str:
    """Every plan, kind of job and result, and whether the gate passes."""
    rows = [
        f"| the plan | the job | {' | '.join(RESULTS)} |",
        "| --- " * (len(RESULTS) + 2) + "|",
    ]
    for kind, words in KINDS.items():
        for plan in PLANS:
            cells = [
                "passes" if combination(plan, kind, result).passed else "**fails**"
                for result in RESULTS
            ]
            rows.append(f"| {plan} | {words} | {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def test_the_table_is_what_the_gate_answers(request: pytest.FixtureRequest) -> None:
    before, _, rest = PAGE.read_text("utf-8").partition(MARK)
    after = rest[rest.index("\n## ") :]
    whole = f"{before}{MARK}{table()}{after}"
    if request.config.getoption("goldens"):
        PAGE.write_text(whole, "utf-8")
    assert PAGE.read_text("utf-8") == whole, "see `make goldens`"


def rows(title: str) -> list[list[str]]:
    section = PAGE.read_text("utf-8").split(f"\n## {title}\n")[1].split("\n## ")[0]
    lines = [line.strip("|").split("|") for line in section.splitlines() if line[:1] == "|"]
    return [[cell.strip() for cell in line] for line in lines[2:]]


def test_the_verdicts_are_those_of_the_code() -> None:
    told = {row[0].strip("`"): row[2] for row in rows("What is asked of a job")[:5]}
    for expected, accepted in ACCEPTED.items():
        words = set(re.findall(r"success|failure|skipped|cancelled", told[expected.value]))
        assert words == accepted
    assert told["advisory"].startswith("anything")
    assert set(told) == {*(expected.value for expected in ACCEPTED), "advisory"}


def test_every_input_is_documented() -> None:
    action: dict[str, Any] = yaml.safe_load((ROOT / "gate" / "action.yml").read_text("utf-8"))
    found = {row[0].strip("`"): row[1].strip("`") for row in rows("Inputs")}
    assert found == {name: row.get("default", "") for name, row in action["inputs"].items()}


# The workflow, in a real runner.

TARGETS = "chart contracts lint sdk server"
MAKEFILE = f".PHONY: {TARGETS}\n{TARGETS}:\n\t@! test -e $@/broken && echo made $@\n"


@pytest.fixture
def page(no_commits: Repository) -> Repository:
    """The files of the page, on `main`; tagged `base`."""
    for step in steps(PAGE.read_text("utf-8")):
        if isinstance(step, File) and step.name in ("filters.yml", ".github/workflows/ci.yml"):
            no_commits.write(step.name, step.text)
    no_commits.commit(Makefile=MAKEFILE)
    no_commits.git("tag", "base")
    return no_commits


def push(runner: Runner, server: GitServer, repository: Repository) -> Run:
    served = {
        "GITHUB_SERVER_URL": server.url,
        "GITHUB_REPOSITORY": "./repository",
        "GITHUB_WORKFLOW_REF": "./repository/.github/workflows/ci.yml@refs/heads/main",
    }
    machine = replace(runner, environment=served)
    return machine.run(repository.path, "push", payloads.push(repository))


@pytest.mark.parametrize(
    ("files", "results"),
    [
        ({"sdk/a": ""}, "sdk=success gate=success"),
        ({"README.md": ""}, "gate=success"),
        ({"server/a": ""}, "server=success contracts=success gate=success"),
        ({"server/broken": ""}, "server=failure gate=failure"),
        ({"chart/broken": ""}, "chart=failure gate=success"),
        ({"lint/broken": "", "README.md": ""}, None),
        ({"filters.yml": "version: 2\n"}, None),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, dict) else "",
)
def test_the_workflow(
    runner: Runner,
    git_server: GitServer,
    page: Repository,
    files: dict[str, str],
    results: str | None,
) -> None:
    for name, text in files.items():
        page.write(name, text)
    page.commit()
    run = push(runner, git_server, page)
    if results is None:
        assert run.jobs["gate"] == "failure"
        return
    told = dict(word.split("=") for word in results.split())
    others = dict.fromkeys(("sdk", "server", "contracts", "chart"), "skipped")
    assert run.jobs == {"changes": "success", "lint": "success", **others, **told}, run.log
