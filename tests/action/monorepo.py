"""The example monorepo as a repository with history, and the events that happen to it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import yaml

from tests.action.machine import ROOT
from tests.repositories import Repository

EXAMPLE = ROOT / "examples" / "monorepo"
CI, RELEASE = ".github/workflows/ci.yml", ".github/workflows/release.yml"

NOT_IN_THE_EXAMPLE = shutil.ignore_patterns("dist", "__pycache__")


def jobs_of(workflow: str) -> dict[str, Any]:
    """The jobs of a workflow of the example."""
    found: dict[str, Any] = yaml.safe_load((EXAMPLE / workflow).read_text("utf-8"))["jobs"]
    return found


def check_targets() -> list[str]:
    """What `make check` makes."""
    text = (EXAMPLE / "Makefile").read_text("utf-8").replace("\\\n", "")
    (listed,) = re.findall(r"^CHECKS := (.+)", text, re.M)
    return str(listed).split()


def copy_example(place: Path) -> None:
    """The example as a person has it who just got it."""
    shutil.copytree(EXAMPLE, place, ignore=NOT_IN_THE_EXAMPLE, dirs_exist_ok=True)


def edit(root: Path, path: str, old: str, new: str) -> None:
    """Put ``new`` in the place of ``old`` in a file; at its end, or into a new one, for ''."""
    place = root / path
    text = place.read_text("utf-8") if place.exists() else ""
    assert old in text, f"{path} has no {old!r}"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text.replace(old, new, 1) if old else text + new, "utf-8")


# Events.

BRANCH = {"repository": {"default_branch": "main"}}


def push(repository: Repository, ref: str = "refs/heads/main") -> dict[str, object]:
    """The payload of a push of everything since the tag `base`."""
    before, after = repository.id("base"), repository.id("HEAD")
    return {"ref": ref, "before": before, "after": after, **BRANCH}


def tag_push(repository: Repository, tag: str) -> dict[str, object]:
    """The payload of a new tag."""
    after = repository.id(tag)
    return {"ref": f"refs/tags/{tag}", "before": "0" * 40, "after": after, **BRANCH}


def pull_request(repository: Repository, *labels: str) -> dict[str, object]:
    """The payload of a pull request of `topic` to `main`, with labels."""
    return {
        "action": "synchronize",
        "pull_request": {
            "base": {"ref": "main", "sha": repository.id("main")},
            "head": {"ref": "topic", "sha": repository.id("topic")},
            "labels": [{"name": name} for name in labels],
        },
        **BRANCH,
    }
