"""This project's own tree."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def files(work: Path) -> list[str]:
    """Every file of the project, committed or not, but for what .gitignore names.

    Asked of an empty repository, so that it holds in an unpacked sdist too.
    """
    git = ["git", "-C", str(ROOT), f"--git-dir={work}", f"--work-tree={ROOT}"]
    subprocess.run(["git", "init", "--quiet", "--bare", work], check=True)
    listed = subprocess.run(
        [*git, "ls-files", "-z", "--others", "--exclude-standard"],
        check=True,
        capture_output=True,
        text=True,
    )
    return sorted(set(listed.stdout.split("\0")) - {"", "PKG-INFO"})
