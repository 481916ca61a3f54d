"""Each check on broken and on good filters, in real repositories.

They are in ``ID/bad*`` and ``ID/good*``; the form is that of `tests.transcripts`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from impact.checks import IDS
from tests.program import Program
from tests.transcripts import transcript

pytest_plugins = ["tests.program", "tests.repositories"]

HERE = Path(__file__).parent
CASES = sorted(str(file.relative_to(HERE).with_suffix("")) for file in HERE.glob("*/*.txt"))


@pytest.mark.parametrize("name", CASES)
def test_case(program: Program, golden: Callable[[str, str], None], name: str) -> None:
    golden(transcript(program, (HERE / f"{name}.txt").read_text("utf-8")), f"{name}.txt")


@pytest.mark.parametrize("check", IDS)
def test_a_check_has_broken_and_good_filters(check: str) -> None:
    """And finds something in the former alone."""
    bad = [HERE / f"{name}.txt" for name in CASES if name.startswith(f"{check}/bad")]
    good = [HERE / f"{name}.txt" for name in CASES if name.startswith(f"{check}/good")]
    assert bad
    assert good
    assert all(f" [{check}]\n" in file.read_text("utf-8") for file in bad)
    assert not any(f" [{check}]\n" in file.read_text("utf-8") for file in good)


def test_every_folder_is_of_a_check() -> None:
    assert {name.split("/")[0] for name in CASES} == {*IDS}
