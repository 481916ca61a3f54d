"""A gate for the log of GitHub Actions, with its annotations."""

from __future__ import annotations

from impact.gate import SKIPPED, SUCCESS, Expected, Gate
from impact.report.gate import narrowed_words, render_gate
from impact.report.github import annotation


def render_gate_log(gate: Gate, token: str) -> str:
    """A gate with an error for each job that fails it, commands stopped within the rest.

    A job that is advisory, and failed, is a warning.
    """
    words = [f"{row.job}: {row.why}" for row in gate.jobs.values() if not row.ok]
    warnings = [
        f"{row.job}: {row.why}"
        for row in gate.jobs.values()
        if row.expected is Expected.ADVISORY and row.result not in (SUCCESS, SKIPPED)
    ]
    lines = [
        f"::stop-commands::{token}",
        *render_gate(gate).splitlines(),
        f"::{token}::",
        *(annotation("error", text, "impact gate") for text in (*gate.problems, *words)),
    ]
    if gate.narrowed:
        warnings.append(narrowed_words(gate))
    lines += [annotation("warning", text, "impact gate") for text in warnings]
    return "\n".join([*lines, ""])
