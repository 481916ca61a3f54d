"""The targets of the Makefile that developers and CI are told of exist."""

from __future__ import annotations

import re

from tests.docs.documents import ROOT

PLACES = ("CONTRIBUTING.md", ".ci/run", ".github/workflows/ci.yml")


def test_every_make_target_that_is_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named: set[str] = set()
    for place in PLACES:
        text = (ROOT / place).read_text(encoding="utf-8")
        for words in re.findall(r"(?:`|^ *|run: )make (?!-)([a-z -]+)", text, re.MULTILINE):
            named.update(words.split())
    assert {"demo", "test", "check"} <= named
    assert named <= targets
