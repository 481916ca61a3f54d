"""The benchmarks run, so that they do not rot.  How fast is theirs to say, not a test's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_the_benchmark_compares_detect_with_git_in_one_run() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "benchmarks/run.py", "--files=20", "--changed=3", "--rounds=1"],
        capture_output=True,
        text=True,
        check=True,
    )
    title, header, *rows = done.stdout.splitlines()
    assert title == "20 files, 3 changed, 5 surfaces"
    assert header.split() == ["command", "median", "fastest", "slowest", "ratio"]
    assert [row[:24].rstrip() for row in rows] == [
        "git diff --name-status",
        "python -c pass",
        "impact detect",
    ]
    assert all(row.endswith("x") for row in rows)
