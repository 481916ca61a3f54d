"""The demo prints the same for everybody."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_demo(tmp_path: Path, golden: Callable[[str, str], None]) -> None:
    """In an empty folder, for a user with settings of their own, within a CI run."""
    (tmp_path / ".gitconfig").write_text(
        "[init]\ndefaultBranch = trunk\n[commit]\ngpgSign = true\n[core]\nautocrlf = true\n"
    )
    tools = Path(sys.executable).parent
    environment = {
        "HOME": str(tmp_path),
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
        "GITHUB_EVENT_NAME": "push",
        "GIT_DIR": str(tmp_path),
    }
    done = subprocess.run(
        ["sh", ROOT / "examples" / "demo.sh"],
        cwd=tmp_path,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done
    golden(done.stdout, "demo.txt")
