"""`impact wire --check`: workflows that depart from their wiring, and what is said of each.

Beside each workflow of `departing/` is the exact output; `make goldens` writes them anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from impact.workflows.departures import departures
from tests.gates import FILTERS, filters_of, workflow_of
from tests.program import Program
from tests.workflows.github import GitHub

pytest_plugins = ["tests.program", "tests.workflows.fixtures"]

FOLDER = Path(__file__).parent / "departing"
WORKFLOWS = sorted(file.stem for file in FOLDER.glob("*.yml"))
REFUSED = {"no-detection", "refused", "refused-elsewhere", "renamed-job"}
"""GitHub itself refuses these."""


@pytest.mark.parametrize("name", WORKFLOWS)
def test_what_is_said(program: Program, golden: Callable[[str, str], None], name: str) -> None:
    program.write("filters.yml", FILTERS.decode())
    program.write(".github/workflows/ci.yml", (FOLDER / f"{name}.yml").read_text("utf-8"))
    program.write(".github/workflows/called.yml", "on: workflow_call\njobs: {a: {}}\n")
    ran = program("wire", "--check", ".github/workflows/ci.yml")
    assert ran.err == ""
    golden(ran.out, f"departing/{name}.txt")
    assert ran.code == (0 if ran.out == "no findings\n" else 1)


def test_github_takes_the_others(github: GitHub) -> None:
    texts = [(FOLDER / f"{name}.yml").read_text("utf-8") for name in WORKFLOWS]
    checked = github.check_all(texts)
    refused = {name for name, found in zip(WORKFLOWS, checked, strict=True) if found.errors}
    assert refused == REFUSED


def test_a_long_chain_of_needs_is_walked() -> None:
    condition = "${{ !cancelled() && needs.changes.outputs.sdk != 'false' }}"
    steps = [{"id": "impact", "uses": "impact-ci/impact@v1"}]
    jobs: dict[str, object] = {
        f"j{n}": {"needs": ["changes", f"j{n - 1}"] if n else ["changes"], "if": condition}
        for n in range(300)
    }
    jobs["ci-sdk"] = {"needs": ["changes", "j299"], "if": condition}
    text = json.dumps({"jobs": {"changes": {"steps": steps}, **jobs}})
    messages = [f.message for f in departures(filters_of(), workflow_of(text))]
    assert "ci-sdk: it runs where j299 failed" in messages
