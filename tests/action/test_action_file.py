"""action.yml and the workflows, read: what they declare, and what they must never do."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from impact.config.load import parse_filters
from impact.decide import decide
from impact.model import ChangeSet
from impact.report.github import outputs
from tests.contract import OUTPUTS

ROOT = Path(__file__).resolve().parent.parent.parent
TEXT = (ROOT / "action.yml").read_text(encoding="utf-8")
GATE = (ROOT / "gate" / "action.yml").read_text(encoding="utf-8")
DEFAULTS = {
    "filters": "",
    "base": "",
    "head": "",
    "force": "",
    "require-determined": "false",
    "token": "${{ github.token }}",
    "max-depth": "10000",
    "fetch-timeout": "120",
    "repository-path": ".",
}


GATE_DEFAULTS = {
    "needs": None,
    "filters": "",
    "changes-job": "changes",
    "workflow": "",
    "optional": "",
    "narrowing-label": "",
    "token": "${{ github.token }}",
    "repository-path": ".",
}


@pytest.fixture
def action() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(TEXT)
    return loaded


@pytest.fixture
def gate() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(GATE)
    return loaded


def test_the_inputs_of_the_gate_and_their_defaults(gate: dict[str, Any]) -> None:
    assert {name: row.get("default") for name, row in gate["inputs"].items()} == GATE_DEFAULTS
    assert [name for name, row in gate["inputs"].items() if row["required"]] == ["needs"]
    assert "outputs" not in gate


def test_every_output_is_declared_and_is_the_one_of_the_step(action: dict[str, Any]) -> None:
    assert {name: row["value"] for name, row in action["outputs"].items()} == {
        name: f"${{{{ steps.impact.outputs.{name} }}}}" for name in OUTPUTS
    }


def test_the_inputs_and_their_defaults(action: dict[str, Any]) -> None:
    assert {name: row["default"] for name, row in action["inputs"].items()} == DEFAULTS


def test_everything_is_described(action: dict[str, Any], gate: dict[str, Any]) -> None:
    rows = [action, *action["inputs"].values(), *action["outputs"].values()]
    rows += [gate, *gate["inputs"].values()]
    assert all(row["description"].strip() for row in rows)


def test_every_input_reaches_the_launcher(action: dict[str, Any], gate: dict[str, Any]) -> None:
    launcher = (ROOT / "action" / "run.py").read_text(encoding="utf-8")
    for file, names in ((action, DEFAULTS), (gate, GATE_DEFAULTS)):
        (step,) = file["runs"]["steps"]
        passed = re.findall(r"inputs\.([a-z-]+)", str(step["env"]))
        assert sorted(passed) == sorted(names)
        for variable in step["env"]:
            name = variable.removeprefix("IMPACT_INPUT_")
            option = name.lower().replace("_", "-")
            assert any(f'"{word}"' in launcher for word in (name, variable, option))


def test_the_outputs_are_exactly_what_is_written(action: dict[str, Any]) -> None:
    """GitHub passes on no output that is not declared, and says nothing of it."""
    filters = parse_filters(b"version: 1\nsurfaces: {a: [/a]}\n", "filters.yml")
    plan = decide(filters, ChangeSet((), "nothing"), [])
    assert set(outputs(plan, "plan.json")) == set(action["outputs"])


FILES = [
    ROOT / "action.yml",
    ROOT / "gate" / "action.yml",
    *ROOT.glob(".github/workflows/*.yml"),
    *ROOT.glob("tests/action/workflows/*.yml"),
]


def mappings(value: Any) -> Iterator[dict[str, Any]]:
    """Every mapping in a document."""
    if isinstance(value, dict):
        yield value
    for part in value.values() if isinstance(value, dict) else value:
        if isinstance(part, (dict, list)):
            yield from mappings(part)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_expression_stands_in_a_script(file: Path) -> None:
    found = list(mappings(yaml.safe_load(file.read_text(encoding="utf-8"))))
    scripts = [row["run"] for row in found if isinstance(row.get("run"), str)]
    assert scripts or "uses: ./.github/workflows/" in file.read_text(encoding="utf-8")
    assert [script for script in scripts if "${{" in script] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_action_of_others_is_pinned_by_hash(file: Path) -> None:
    found = list(mappings(yaml.safe_load(file.read_text(encoding="utf-8"))))
    used = [row["uses"] for row in found if "uses" in row]
    # Pinned, of this repository, or this project's own.
    allowed = re.compile(r"[\w.-]+(/[\w.-]+)+@[0-9a-f]{40}|\./.*|impact-ci/impact(/gate)?@v1")
    assert [name for name in used if not allowed.fullmatch(name)] == []


def test_nobody_elses_action_is_used() -> None:
    assert "uses:" not in TEXT + GATE


def test_zizmor_finds_nothing() -> None:
    zizmor = shutil.which("zizmor", path=Path(sys.executable).parent)
    assert zizmor, "zizmor is missing: `make set-up` installs it in .venv"
    done = subprocess.run(
        [
            zizmor,
            "--offline",
            "--no-progress",
            "--color=never",
            "--config",
            ROOT / ".github" / "zizmor.yml",
            *FILES,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith("No findings to report.")


def test_every_python_is_isolated() -> None:
    script = (ROOT / "action" / "start.sh").read_text(encoding="utf-8")
    assert script.count('"$python"') == script.count('"$python" -I -S ') == 1
    assert script.count("exec ") == script.count('exec "$found" -I -S ') == 1


def test_both_actions_start_alike(action: dict[str, Any], gate: dict[str, Any]) -> None:
    (detecting,), (gating,) = action["runs"]["steps"], gate["runs"]["steps"]
    script = 'action=$GITHUB_ACTION_PATH command=detect\n. "$action/action/start.sh"\n'
    assert detecting["run"] == script
    assert gating["run"] == script.replace("PATH command=detect", "PATH/.. command=gate")
    assert detecting["shell"] == gating["shell"] == "sh"
