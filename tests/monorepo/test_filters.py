"""The example monorepo's filters: every row of what has to wake and to sleep."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest

from impact.model import Filters, Status
from tests.monorepo.example import EXAMPLE, Completed, edit, woken
from tests.repositories import Repository

pytest_plugins = ["tests.repositories", "tests.action.fixtures", "tests.monorepo.example"]

# The filters.

# What wakes at least, and what sleeps at least; `rest` is every other surface.
ROWS: dict[str, tuple[str, str]] = {
    "scripts/generate-sdk.sh": ("typescript", "extension-sql"),
    ".github/workflows/ci.yml": ("typescript", ""),
    ".github/workflows/release.yml": ("typescript", ""),
    "scripts/tidy-changelog.sh": ("", "extension-sql typescript"),
    "scripts/a-new-helper.sh": ("", "extension-sql typescript"),
    "extension/src/lib.rs": ("extension-sql", "typescript"),
    "extension/sql/cellstate--0.3.0.sql": ("extension-sql", "typescript"),
    "extension/Dockerfile": ("extension-sql", "typescript"),
    "extension/Cargo.toml": ("extension-sql", "typescript"),
    "packages/convex/src/component/lib.ts": ("typescript release", "extension-sql"),
    "packages/python/cellstate/__init__.py": ("python release", "extension-sql"),
    "tests/contracts/cells.test.ts": ("typescript", "extension-sql"),
    "openapi.json": ("openapi typescript", "extension-sql"),
    "scripts/release/preflight.sh": ("release", "extension-sql typescript"),
    "scripts/install.sh": ("release", "extension-sql typescript"),
    "examples/deploy/fly/fly.toml": ("examples", "rest"),
    "examples/deploy/helm/values.yaml": ("examples", "rest"),
    "migrations/0004_new.sql": ("migrations deploy extension-sql", "typescript"),
    "examples/deploy/linode/deploy.sh": ("deploy", "extension-sql typescript"),
    "docs/deploy.md": ("docs", "rest"),
    "a-new-directory/file.txt": ("all", ""),
    "filters.yml": ("all", ""),
    "Makefile": ("rest", "docs"),
}


@pytest.mark.parametrize("path", ROWS)
def test_what_has_to_wake_wakes_and_an_expectation_says_so(filters: Filters, path: str) -> None:
    wakes, sleeps = (set(names.split()) for names in ROWS[path])
    every = set(filters.surfaces)
    wakes = every if wakes == {"all"} else every - sleeps if wakes == {"rest"} else wakes
    sleeps = every - wakes if sleeps == {"rest"} else sleeps
    (case,) = (case for case in filters.expectations if case.path == path)
    found = woken(filters, path, case.status or Status.MODIFIED)
    assert wakes <= found <= every - sleeps
    exact = case.only if case.only is not None else case.wakes
    assert exact == found


def impact(repository: Repository, *arguments: str, given: str = "") -> Completed:
    command = [sys.executable, "-m", "impact", "-C", os.fspath(repository.path), *arguments]
    return subprocess.run(command, input=given, capture_output=True, text=True, check=False)


def test_every_expectation_holds(example: Repository) -> None:
    done = impact(example, "check", "--strict")
    assert (done.returncode, done.stdout) == (0, "no findings\n")


def test_an_expectation_that_does_not_hold_is_found(example: Repository) -> None:
    edit(example.path, "filters.yml", "      - /packages/convex/\n", "")
    done = impact(example, "check")
    assert done.returncode == 1
    assert "packages/convex/src/component/lib.ts: expected to wake" in done.stdout


def test_every_file_but_one_is_claimed_or_inert(example: Repository) -> None:
    listed = example.git("ls-files", "-z")
    arguments = ("detect", "--files-from", "-", "-z", "--format", "json")
    done = impact(example, *arguments, given=listed)
    assert json.loads(done.stdout)["unmatched"] == ["extension/README.md"]
    assert len(listed.split("\0")) > 60


def test_every_public_package_is_in_ci_and_in_the_release(filters: Filters) -> None:
    packages = [folder.name for folder in (EXAMPLE / "packages").iterdir()]
    assert len(packages) == 3
    for name in packages:
        cases = [c for c in filters.expectations if c.path.startswith(f"packages/{name}/")]
        assert any(c.only and "release" in c.only and len(c.only) == 2 for c in cases)


def documented() -> list[tuple[str, str]]:
    """The rows of the table in the example's README: paths, and what wakes."""
    text = (EXAMPLE / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", text, re.M)[2:]
    return [(path, words) for cell, words in rows for path in re.findall(r"`(.+?)`", cell)[:1]]


@pytest.mark.parametrize(("path", "words"), documented())
def test_the_readme_says_what_wakes(filters: Filters, path: str, words: str) -> None:
    named = {name for name in filters.surfaces if name in re.findall(r"[\w-]+", words)}
    file = path + "a-new-file" if path.endswith("/") else path
    every = set(filters.surfaces) if words.startswith("everything") else set()
    assert woken(filters, file) == (every - named if every else named)
