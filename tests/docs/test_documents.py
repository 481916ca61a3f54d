"""What the documents tell a reader to type prints what they say."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.documents import DOCUMENTS, ROOT, Command, File, matches, steps

REFERENCES = [
    ROOT / "docs" / name for name in ("checks.md", "filters.md", "coming-from-dorny.md")
]
"""Documents whose paths are those of an imagined repository."""


@pytest.fixture
def bin_with_impact(tmp_path: Path) -> Path:
    """A directory for PATH with the command, run by the interpreter of the tests."""
    directory = tmp_path / "bin"
    directory.mkdir()
    command = directory / "impact"
    command.write_text(
        f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m impact "$@"\n'
    )
    command.chmod(0o755)
    return directory


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_prints_what_the_document_says(
    document: Path, tmp_path: Path, bin_with_impact: Path
) -> None:
    reader = tmp_path / "reader"
    reader.mkdir()
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("GIT", "MAKE", "MFLAGS"))}
    environment = kept | {
        "HOME": str(tmp_path),
        "GIT_CONFIG_NOSYSTEM": "1",
        "PATH": f"{bin_with_impact}{os.pathsep}{os.environ['PATH']}",
    }
    for step in steps(document.read_text(encoding="utf-8")):
        if isinstance(step, File):
            file = reader / step.name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(step.text, encoding="utf-8")
        else:
            where = ROOT if step.line.startswith("make ") else reader
            output = _run(step, where, environment)
            assert matches(output, step.output), f"$ {step.line}\n{output}"


def _run(command: Command, where: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        ["sh", "-c", command.line],
        cwd=where,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout + (f"(exit code {done.returncode})\n" if done.returncode else "")


def test_the_readme_opens_with_a_file_and_its_explanation() -> None:
    first, second, *_ = steps((ROOT / "README.md").read_text(encoding="utf-8"))
    assert isinstance(first, File)
    assert isinstance(second, Command)
    assert first.name == "filters.yml"
    assert len(first.text.splitlines()) == 5
    assert second.line.startswith("impact explain ")


def test_the_test_command_of_the_readme_sets_up_and_starts_the_tests() -> None:
    assert "`make test`" in (ROOT / "README.md").read_text(encoding="utf-8")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(
        ["make", "test", "ARGS=--version"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert re.search(r"^pytest \d", done.stdout, re.MULTILINE)


def test_every_path_that_a_document_names_exists() -> None:
    named = re.compile(
        r"`((?:impact|docs|tests|action|examples|benchmarks|requirements)/[\w./-]*)`"
    )
    linked = re.compile(r"\]\((?!https?:)([^)#]+)")
    missing = []
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8")
        places = [document.parent / name for name in linked.findall(text)]
        if document not in REFERENCES:
            places += [ROOT / name for name in named.findall(text)]
        missing += [(document.name, str(place)) for place in places if not place.exists()]
    assert missing == []
