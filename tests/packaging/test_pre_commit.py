"""The hook for pre-commit, installed and run by it as the page of the checks says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project import ROOT, files
from tests.repositories import Repository

pytest_plugins = ["tests.repositories"]

PARTS = ("impact/", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml")
URL = "https://github.com/impact-ci/impact"
FILTERS = "version: 1\nsurfaces:\n  sdk: [/sdk/]\n  docs: [/docs/]\n  rest: ['/.pre*']\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pre-commit keeps what it made: one environment for all tests here."""
    return tmp_path_factory.mktemp("pre-commit")


@pytest.fixture
def hooked(no_commits: Repository, home: Path) -> Repository:
    """A repository with the hook installed, and a commit made through it."""
    source = Repository(home / "source")
    if not source.path.exists():
        for name in files(home / "listing"):
            if name.startswith(PARTS):
                place = source.path / name
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, place)
        source.git("init", "--quiet", "--template=")
        source.commit()
        source.git("tag", "v1")
    page = (ROOT / "docs" / "checks.md").read_text("utf-8")
    (config,) = re.findall(r"^```yaml\n(repos:\n.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert URL in config
    no_commits.write(".pre-commit-config.yaml", config.replace(URL, source.path.as_uri()))
    no_commits.write("filters.yml", FILTERS)
    no_commits.write("sdk/a.c")
    no_commits.write("docs/a.md")
    no_commits.git("add", "--all")
    run(no_commits, home, sys.executable, "-m", "pre_commit", "install")
    done = commit(no_commits, home)
    assert done.returncode == 0, done.stderr
    return no_commits


def run(repository: Repository, home: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")} | {
        "PRE_COMMIT_HOME": str(home / "cache"),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    return subprocess.run(
        command, cwd=repository.path, env=environment, text=True, capture_output=True
    )


def commit(
    repository: Repository, home: Path, *options: str
) -> subprocess.CompletedProcess[str]:
    author = ("-c", "user.name=A", "-c", "user.email=a@example.com")
    return run(repository, home, "git", *author, "commit", "--message", "A change", *options)


def test_a_commit_is_kept_from_leaving_a_pattern_dead(hooked: Repository, home: Path) -> None:
    before = hooked.id("HEAD")
    hooked.git("mv", "sdk", "lib")
    done = commit(hooked, home)
    assert done.returncode == 1
    assert "filters.yml:3:9: error: /sdk/ matches no tracked file" in done.stderr
    assert hooked.id("HEAD") == before
    hooked.write("filters.yml", FILTERS.replace("/sdk/", "/lib/"))
    hooked.git("add", "filters.yml")
    done = commit(hooked, home)
    assert done.returncode == 0, done.stderr


def test_what_a_commit_of_everything_stages_is_seen(hooked: Repository, home: Path) -> None:
    """`git commit --all` has an index of its own while the hook runs."""
    (hooked.path / "docs" / "a.md").unlink()
    done = commit(hooked, home, "--all")
    assert done.returncode == 1
    assert "filters.yml:4:10: error: /docs/ matches no tracked file" in done.stderr


def test_the_hook_is_as_strict_as_it_is_told_to_be(hooked: Repository, home: Path) -> None:
    hooked.write("new/file")
    hooked.git("add", "--all")
    done = commit(hooked, home)
    assert done.returncode == 1
    assert "no rule includes 1 tracked file" in done.stderr
