"""The workflows of the documents, in real runs: what is copied from there works."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests import payloads
from tests.action.runner import Run, Runner
from tests.docs.documents import ROOT, File, steps
from tests.git_server import GitServer
from tests.repositories import Repository

pytest_plugins = ["tests.repositories", "tests.git_server", "tests.action.fixtures"]

PAGE = ROOT / "docs" / "action.md"
WORKFLOW = ".github/workflows/ci.yml"
TARGETS = "contracts deploy extension-sql sdk server typescript"
MAKEFILE = f".PHONY: {TARGETS}\n{TARGETS}:\n\t@! test -e $@/broken && echo made $@\n"
"""Every target passes, but for one `x` with a file `x/broken`."""

SUCCESS, FAILURE, SKIPPED = "success", "failure", "skipped"


@pytest.fixture
def runner(runner: Runner, git_server: GitServer) -> Runner:
    """A runner of a server, from which a job without a checkout has all that it needs."""
    served = {
        "GITHUB_SERVER_URL": git_server.url,
        "GITHUB_REPOSITORY": "./repository",
        "GITHUB_WORKFLOW_REF": f"./repository/{WORKFLOW}@refs/heads/main",
    }
    return replace(runner, environment=served)


def repository_of(document: Path, place: Repository) -> Repository:
    """The files of a document, on `main`; tagged `base`."""
    for step in steps(document.read_text(encoding="utf-8")):
        if isinstance(step, File) and "/" not in step.name.removeprefix(".github/workflows/"):
            place.write(step.name, step.text)
    place.commit(Makefile=MAKEFILE)
    place.git("tag", "base")
    return place


def push(runner: Runner, repository: Repository, branch: str = "main") -> Run:
    payload = payloads.push(repository, f"refs/heads/{branch}")
    return runner.run(repository.path, "push", payload)


@pytest.fixture
def page(no_commits: Repository) -> Repository:
    return repository_of(PAGE, no_commits)


def results(run: Run, *jobs: str) -> tuple[str, ...]:
    return tuple(run.jobs[job] for job in jobs)


ROWS = ("changes", "sdk", "contracts", "server", "deploy")


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ({"sdk/a": ""}, (SUCCESS, SUCCESS, SUCCESS, SKIPPED, SKIPPED)),
        ({"server/a": ""}, (SUCCESS, SKIPPED, SUCCESS, SUCCESS, SUCCESS)),
        ({"openapi.json": ""}, (SUCCESS, SUCCESS, SUCCESS, SUCCESS, SUCCESS)),
        ({"README.md": ""}, (SUCCESS, SKIPPED, SKIPPED, SKIPPED, SKIPPED)),
        ({"new/a": ""}, (SUCCESS, SUCCESS, SUCCESS, SUCCESS, SUCCESS)),
        (
            {"sdk/broken": "", "server/a": ""},
            (SUCCESS, FAILURE, SKIPPED, SUCCESS, SKIPPED),
        ),
        ({"server/broken": ""}, (SUCCESS, SKIPPED, SUCCESS, FAILURE, SKIPPED)),
        (
            {"filters.yml": "version: 2\n"},
            (FAILURE, SUCCESS, SUCCESS, SUCCESS, SKIPPED),
        ),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, dict) else "",
)
def test_the_conditions(
    runner: Runner, page: Repository, files: dict[str, str], wanted: tuple[str, ...]
) -> None:
    for name, text in files.items():
        page.write(name, text)
    page.commit()
    run = push(runner, page)
    assert results(run, *ROWS) == wanted, run.log


def test_a_lost_output_runs_its_job(runner: Runner, page: Repository) -> None:
    """Declared under a misspelt name, as people do."""
    text = (page.path / WORKFLOW).read_text()
    for name in ("sdk", "asleep"):
        text = text.replace(f"      {name}: ${{{{", f"      {name}x: ${{{{")
    page.commit(**{".github__workflows__ci.yml": text})
    page.git("tag", "--force", "base")
    page.commit(**{"README.md": "# Read this\n"})
    run = push(runner, page)
    assert results(run, *ROWS) == (SUCCESS, SUCCESS, SUCCESS, SUCCESS, SKIPPED), run.log


def test_nothing_is_deployed_from_another_branch(runner: Runner, page: Repository) -> None:
    page.git("checkout", "--quiet", "-b", "topic")
    page.git("update-ref", "refs/remotes/origin/main", "base")
    page.commit(**{"server/a": ""})
    run = push(runner, page, "topic")
    assert results(run, *ROWS) == (SUCCESS, SKIPPED, SUCCESS, SUCCESS, SKIPPED)


def test_nothing_is_deployed_where_it_is_not_known_what_changed(
    runner: Runner, page: Repository
) -> None:
    run = runner.run(page.path, "workflow_dispatch", {"ref": "refs/heads/main"})
    assert results(run, *ROWS) == (SUCCESS, SUCCESS, SUCCESS, SUCCESS, SKIPPED)


def test_the_lines_of_the_quick_start_are_those_of_the_workflow() -> None:
    """What the page shows in pieces is in what is run."""
    text = PAGE.read_text(encoding="utf-8")
    pieces = re.findall(r"(?<!-->\n)```yaml\n(.*?)```", text, re.DOTALL)
    eight, two, _ = pieces
    whole = next(
        step.text for step in steps(text) if isinstance(step, File) and step.name == WORKFLOW
    )
    assert len(eight.splitlines()) == 8
    assert len(two.splitlines()) == 3
    run = whole.splitlines()
    assert [line for line in eight.splitlines() if line not in run] == []
    assert two in whole


@pytest.fixture
def matrix_page(page: Repository) -> Repository:
    """The page's workflow with its job for each woken surface, which notes the surface."""
    text = PAGE.read_text(encoding="utf-8")
    (matrix,) = re.findall(r"```yaml\n(  each:\n.*?)```", text, re.DOTALL)
    workflow = yaml.safe_load((page.path / WORKFLOW).read_text())
    workflow["on"] = workflow.pop(True)  # what YAML 1.1 makes of `on`
    for name in ("any", "woken"):
        workflow["jobs"]["changes"]["outputs"][name] = f"${{{{ steps.impact.outputs.{name} }}}}"
    step: dict[str, Any] = {"run": 'echo "$SURFACE" >> "$KEPT/surfaces"'}
    step["env"] = {"SURFACE": "${{ matrix.surface }}"}
    each = yaml.safe_load(matrix)["each"] | {"runs-on": "ubuntu-latest", "steps": [step]}
    workflow["jobs"]["each"] = each
    page.commit(**{".github__workflows__ci.yml": yaml.safe_dump(workflow)})
    page.git("tag", "--force", "base")
    return page


def test_a_matrix_of_the_woken(runner: Runner, matrix_page: Repository) -> None:
    matrix_page.commit(**{"openapi.json": "{}"})
    run = push(runner, matrix_page)
    assert run.jobs["each"] == SUCCESS
    assert sorted((runner.work / "kept" / "surfaces").read_text().split()) == ["sdk", "server"]


def test_a_matrix_of_nothing_is_skipped(runner: Runner, matrix_page: Repository) -> None:
    matrix_page.commit(**{"README.md": "# Read this\n"})
    assert push(runner, matrix_page).jobs["each"] == SKIPPED


def test_a_matrix_after_a_failed_detection_is_not_asleep(
    runner: Runner, matrix_page: Repository
) -> None:
    matrix_page.commit(**{"filters.yml": "version: 2\n"})
    run = push(runner, matrix_page)
    # GitHub fails the job; act does not even give it a result.
    assert run.jobs == {"changes": FAILURE}
    assert "Error while evaluating matrix: Invalid JSON" in run.log


@pytest.mark.parametrize(
    ("path", "typescript", "extension", "gate"),
    [
        ("scripts/generate-sdk.sh", SUCCESS, SKIPPED, SUCCESS),
        ("extension/a.sql", SKIPPED, SUCCESS, SUCCESS),
        ("README.md", SKIPPED, SKIPPED, SUCCESS),
        ("extension-sql/broken", SUCCESS, FAILURE, FAILURE),
    ],
)
def test_the_workflow_of_the_readme(
    runner: Runner,
    no_commits: Repository,
    path: str,
    typescript: str,
    extension: str,
    gate: str,
) -> None:
    repository = repository_of(ROOT / "README.md", no_commits)
    repository.write(path)
    repository.commit()
    assert push(runner, repository).jobs == {
        "changes": SUCCESS,
        "typescript": typescript,
        "extension-sql": extension,
        "gate": gate,
    }


# The tables.


@pytest.fixture(scope="module")
def declared() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    return loaded


def table(title: str) -> list[list[str]]:
    """The rows of the table below a title of the page."""
    section = PAGE.read_text(encoding="utf-8").split(f"\n## {title}\n")[1].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line[:1] == "|"]
    return [[cell.strip().strip("`") for cell in row] for row in rows[2:]]


def test_every_input_is_documented(declared: dict[str, Any]) -> None:
    rows = {name: default for name, default, _ in table("Inputs")}
    assert rows == {name: row["default"] for name, row in declared["inputs"].items()}


def test_every_output_is_documented(declared: dict[str, Any]) -> None:
    assert [name for name, _ in table("Outputs")] == list(declared["outputs"])
