"""Comments of a YAML file that silence a finding: ``# impact: ignore[ID] reason``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from impact.config.tree import LOADER, lines_of
from impact.model import Place

_COMMENT = re.compile(r"(?:^|(?<=[ \t]))#[ \t]*impact[ \t]*:[ \t]*(?P<text>.*)", re.IGNORECASE)
_IGNORE = re.compile(r"ignore\[(?P<ids>[^]]*)\](?P<reason>.*)")


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment that speaks to impact.

    ``line``: the line that it is about, its own or, where it stands alone, the next one
    that has more than a comment.  ``ids``: the checks that it names; None where it is
    written in a way that means nothing.
    """

    place: Place
    line: int
    ids: tuple[str, ...] | None
    reason: str


def read_comments(data: bytes) -> list[Comment]:
    """The comments of a file that can be read as YAML, in order."""
    text = data.decode("utf-8-sig")
    if "impact" not in text.lower() or "#" not in text:
        return []
    lines = lines_of(text)
    matches = [(n, list(_COMMENT.finditer(line))) for n, line in enumerate(lines)]
    if not any(there for _, there in matches):
        return []
    scalars = list(_scalars(text))
    found = []
    for number, there in matches:
        line = lines[number]
        for match in there:
            if not any(start <= (number, match.start()) < end for start, end in scalars):
                place = Place(number + 1, match.start() + 1)
                alone = not line[: match.start()].strip()
                about = _next_line(lines, number) if alone else number + 1
                found.append(_comment(place, about, match["text"].strip()))
                break
    return found


def _comment(place: Place, line: int, text: str) -> Comment:
    match = _IGNORE.fullmatch(text)
    if match is None:
        return Comment(place, line, None, "")
    ids = tuple(word.strip() for word in match["ids"].split(","))
    return Comment(place, line, ids, match["reason"].strip())


def _next_line(lines: list[str], number: int) -> int:
    for following in range(number + 1, len(lines)):
        if (text := lines[following].strip()) and not text.startswith("#"):
            return following + 1
    return number + 1


def _scalars(text: str) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """From where to where the texts of a document stand, in lines and columns from 0."""
    events: Iterator[Any] = iter(yaml.parse(text, Loader=LOADER))
    for event in events:
        start, end = event.start_mark, event.end_mark
        if isinstance(event, yaml.ScalarEvent):
            in_block = event.style in ("|", ">")  # behind which a comment may stand
            begin = (start.line + 1, 0) if in_block else (start.line, start.column)
            yield begin, (end.line, end.column)
