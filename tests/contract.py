"""What other programs rely on, spelled out: it changes in no test by itself."""

from __future__ import annotations

OUTPUTS = [
    "surfaces",
    "woken",
    "asleep",
    "any",
    "determined",
    "base",
    "head",
    "surfaces-base",
    "plan-file",
]
"""The outputs of the action, in the order in which they are written."""
