"""A gate as text, for a terminal and for the log of CI, and as a page of Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from impact.gate import Gate, JobVerdict
from impact.quoting import one_line, quote
from impact.report.text import Paint

_WIDEST = 40


def render_gate(gate: Gate, color: bool = False) -> str:
    """Each job with what was asked of it, what happened and why that will do or not."""
    paint = Paint(color)
    rows = list(gate.jobs.values())
    names = [quote(row.job) or "''" for row in rows]
    width = min(_WIDEST, max(map(len, names), default=0))
    lines = [headline(gate), ""]
    for row, name in zip(rows, names, strict=True):
        mark = "ok  " if row.ok else paint.strong("FAIL")
        expected = row.expected.value.ljust(9)
        result = shown_result(row).ljust(9)
        why = one_line(row.why)
        lines.append(f"{mark}  {name.ljust(width)}  {expected}  {result}  {why}")
    if rows:
        lines.append("")
    lines += map(one_line, _beside(gate))
    return "\n".join(lines).rstrip("\n") + "\n"


def headline(gate: Gate) -> str:
    """Whether it passed, in one line."""
    jobs = f"{len(gate.jobs):,} job{'s' * (len(gate.jobs) != 1)}"
    failing = sum(not row.ok for row in gate.jobs.values())
    if gate.passed:
        return f"the gate passes: {jobs} did what the change asks for"
    return f"the gate fails: {failing:,} of {jobs}" if failing else "the gate fails"


def shown_result(row: JobVerdict) -> str:
    """The result, harmless and short."""
    return "missing" if row.result is None else quote(row.result)[:40]


def narrowed_words(gate: Gate) -> str:
    """What to say of surfaces that the change to the filters puts to sleep."""
    return (
        "the filters before this change would have woken them, and it puts them to sleep: "
        + ", ".join(map(quote, gate.narrowed))
    )


def _beside(gate: Gate) -> Iterator[str]:
    yield from (f"FAIL  {problem}" for problem in gate.problems)
    if gate.narrowed:
        yield f"note: {narrowed_words(gate)}"
    yield from (f"note: {note}" for note in gate.notes)
