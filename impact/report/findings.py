"""Findings as text: ``file:line:column: severity: message; fix [id]``."""

from __future__ import annotations

from collections.abc import Iterable

from impact.findings import Finding, Severity
from impact.quoting import one_line, quote


def render_finding(finding: Finding) -> str:
    """One finding on a line, its details indented beneath."""
    where = finding.location
    fix = f"; {finding.fix}" if finding.fix else ""
    line = one_line(
        f"{quote(where.file)}:{where.line}:{where.column}: "
        f"{finding.severity.value}: {finding.message}{fix} [{finding.id}]"
    )
    details = (finding.details or "").splitlines()
    return "\n".join([line, *(f"  {detail}".rstrip() for detail in details)]) + "\n"


def render_findings(findings: Iterable[Finding]) -> str:
    """All findings, and how many there are of each severity."""
    rows = list(findings)
    counts = [(s, sum(f.severity is s for f in rows)) for s in Severity]
    total = ", ".join(f"{n} {s.value}{'s' * (n != 1)}" for s, n in counts if n)
    return "".join(render_finding(row) for row in rows) + (total or "no findings") + "\n"
