"""The step summary of a gate: every job, what was asked of it, what happened, why."""

from __future__ import annotations

from collections.abc import Iterator

from impact.gate import Gate, JobVerdict
from impact.report.gate import headline, narrowed_words, shown_result
from impact.report.markdown import LIMIT, PAGE, Item, Section, cell, size

_TABLE = "| | job | asked | result | why |\n| --- | --- | --- | --- | --- |\n"


def render_summary(gate: Gate, room: int = LIMIT) -> str:
    """The page, in at most ``room`` bytes; nothing where not even its frame fits."""
    opening = f"### impact: {headline(gate)}\n\n"
    opening += "".join(f"{cell(words)}\n\n" for words in _beside(gate))
    table = Section(
        _TABLE,
        [Item(_row(row)) for row in gate.jobs.values()],
        things="jobs",
        where="the log has them",
    )
    room = min(room, PAGE) - size(opening) - table.frame
    if room < 0:
        return ""
    return opening + (table.render(room)[0] if gate.jobs else "")


def _beside(gate: Gate) -> Iterator[str]:
    yield from gate.problems
    if gate.narrowed:
        yield narrowed_words(gate)
    yield from gate.notes


def _row(row: JobVerdict) -> str:
    mark = "ok" if row.ok else "**fails**"
    cells = (cell(row.job), row.expected.value, cell(shown_result(row)), cell(row.why))
    return f"| {mark} | {' | '.join(cells)} |\n"
