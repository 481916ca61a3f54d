"""action.yml itself: what it declares, and what it must never do."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
TEXT = (ROOT / "action.yml").read_text(encoding="utf-8")
OUTPUTS = {
    "surfaces",
    "woken",
    "asleep",
    "any",
    "determined",
    "base",
    "head",
    "plan-file",
}
DEFAULTS = {
    "filters": "",
    "base": "",
    "head": "",
    "force": "",
    "require-determined": "false",
    "token": "${{ github.token }}",
    "repository-path": ".",
}


@pytest.fixture
def action() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(TEXT)
    return loaded


def test_every_output_is_declared_and_is_the_one_of_the_step(action: dict[str, Any]) -> None:
    assert {name: row["value"] for name, row in action["outputs"].items()} == {
        name: f"${{{{ steps.impact.outputs.{name} }}}}" for name in OUTPUTS
    }


def test_the_inputs_and_their_defaults(action: dict[str, Any]) -> None:
    assert {name: row["default"] for name, row in action["inputs"].items()} == DEFAULTS


def test_everything_is_described(action: dict[str, Any]) -> None:
    rows = [action, *action["inputs"].values(), *action["outputs"].values()]
    assert all(row["description"].strip() for row in rows)


def test_every_input_but_the_token_reaches_the_launcher(action: dict[str, Any]) -> None:
    (step,) = action["runs"]["steps"]
    launcher = (ROOT / "action" / "run.py").read_text(encoding="utf-8")
    passed = re.findall(r"inputs\.([a-z-]+)", str(step["env"]))
    assert sorted(passed) == sorted(set(DEFAULTS) - {"token"})
    for variable in step["env"]:
        name = variable.removeprefix("IMPACT_INPUT_")
        assert f'"{name}"' in launcher or f'"{name.lower()}"' in launcher


def test_no_expression_stands_in_a_script(action: dict[str, Any]) -> None:
    assert all("${{" not in step["run"] for step in action["runs"]["steps"])


def test_nobody_elses_action_is_used() -> None:
    assert "uses:" not in TEXT


def test_every_python_is_isolated(action: dict[str, Any]) -> None:
    script = " ".join(step["run"] for step in action["runs"]["steps"])
    assert script.count('"$python"') == script.count('"$python" -I ') == 2
