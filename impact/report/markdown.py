"""Markdown for the page of a step, with nothing read out of names, and as much as fits.

GitHub drops a summary of more than 1 MiB whole, and counts what else the step wrote there:
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#step-isolation-and-limits
So everything that can grow is an item of a section, and items are taken while there is room.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

LIMIT = 1024 * 1024
"""Bytes that GitHub takes of a step, all of its summary together."""
PAGE = 256 * 1024
"""Bytes that we write at most: who reads more, and what browser likes to show it?"""


@dataclass(frozen=True, slots=True)
class Item:
    """Some Markdown, and how many things it tells of."""

    text: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Section:
    """Items between an opening and a closing, of which the last ones can be left out.

    ``where``: in words, where those are told.
    """

    opening: str
    items: Sequence[Item]
    closing: str = "\n"
    things: str = "surfaces"
    left_out: int = 0
    where: str = "the plan file has them"

    def render(self, room: int) -> tuple[str, int]:
        """The section with the items for which there is room, and the room that is left."""
        shown = []
        for item in self.items:
            room -= size(item.text)
            if room < 0:
                break
            shown.append(item)
        left_out = sum(item.count for item in self.items[len(shown) :]) + self.left_out
        more = self._more(left_out) if left_out else ""
        items = "".join(item.text for item in shown)
        return f"{self.opening}{items}{more}{self.closing}", max(room, 0)

    @property
    def frame(self) -> int:
        """The room that it takes with no item at all."""
        longest = self._more(sum(item.count for item in self.items) + self.left_out)
        return size(self.opening + longest + self.closing)

    def _more(self, count: int) -> str:
        return f"\nand {count:,} more {self.things}: {self.where}\n"


def cell(text: str) -> str:
    """Text in a Markdown table or paragraph, with no markup read out of it.

    Markdown is read within HTML too; a character reference never begins any of it:
    https://spec.commonmark.org/0.31.2/#entity-and-numeric-character-references
    """
    plain = re.sub(r"[^\w /-]|_", lambda found: f"&#{ord(found[0])};", text)
    return f"<code>{plain}</code>"


def size(text: str) -> int:
    """The bytes that the text takes of a page."""
    return len(text.encode("utf-8", "backslashreplace"))
