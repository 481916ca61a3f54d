"""A plan for GitHub Actions: outputs, the step summary, the log and its annotations.

Limits and formats: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping

from impact.findings import Finding, Severity
from impact.model import Kind, Plan
from impact.quoting import one_line, quote
from impact.report.phrases import compared, reason, unmatched_advice
from impact.report.text import render_plan as render_text

ANNOTATIONS = 10
"""GitHub shows so many annotations of a type for a step."""
_SUMMARY_PATHS = 20


def outputs(plan: Plan, plan_file: str) -> dict[str, str]:
    """The action's outputs.  Changed paths are in the plan file only."""
    return {
        "surfaces": json.dumps({name: v.woken for name, v in sorted(plan.verdicts.items())}),
        "woken": json.dumps(plan.woken),
        "asleep": json.dumps(plan.asleep),
        "any": "true" if plan.woken else "false",
        "determined": "true" if plan.changes.determined else "false",
        "base": plan.changes.base or "",
        "head": plan.changes.head or "",
        "plan-file": plan_file,
    }


def render_outputs(values: Mapping[str, str], delimiter: str) -> str:
    """The lines for ``$GITHUB_OUTPUT``.

    The delimiter has to be random: it must not stand in any value.  Raises ValueError if
    it does.
    """
    if any(delimiter in value for value in values.values()):
        raise ValueError("the delimiter stands in a value")
    return "".join(
        f"{name}<<{delimiter}\n{value}\n{delimiter}\n" for name, value in values.items()
    )


def render_log(plan: Plan, token: str) -> str:
    """The plan in a log group, commands stopped within, and annotations.

    ``token`` is random: it ends the stretch in which the runner reads no commands.
    """
    lines = ["::group::impact: " + _data(compared(plan)), f"::stop-commands::{token}"]
    lines += render_text(plan).splitlines()
    lines += [f"::{token}::", "::endgroup::"]
    if not plan.changes.determined:
        reason = _data(quote(plan.changes.reason))
        lines.append(f"::warning title=impact::every surface wakes: {reason}")
    elif plan.unmatched:
        shown = ", ".join(quote(path) for path in plan.unmatched[:3])
        more = f" and {len(plan.unmatched) - 3} more" if len(plan.unmatched) > 3 else ""
        words = _data(f"{shown}{more}: {unmatched_advice(plan)}")
        lines.append(
            f"::{'warning' if plan.filters.wake_unmatched else 'notice'} title=impact::{words}"
        )
    return "\n".join(lines) + "\n"


def render_summary(plan: Plan) -> str:
    """The step summary: a table of the surfaces, and how to reproduce the answer."""
    rows = [
        f"| {'**awake**' if v.woken else 'asleep'} | {name} "
        f"| {_cell(reason(v, plan.verdicts))} |"
        for name, v in sorted(plan.verdicts.items(), key=lambda row: not row[1].woken)
    ]
    lines = [
        f"### impact: {len(plan.woken)} of {len(plan.verdicts)} surfaces awake",
        "",
        _cell(compared(plan)),
        "",
        "| verdict | surface | why |",
        "| --- | --- | --- |",
        *rows,
        "",
    ]
    if plan.unmatched:
        lines += [f"{unmatched_advice(plan).capitalize()}:", ""]
        lines += [f"- {_cell(quote(path))}" for path in plan.unmatched[:_SUMMARY_PATHS]]
        if len(plan.unmatched) > _SUMMARY_PATHS:
            lines.append(f"- and {len(plan.unmatched) - _SUMMARY_PATHS} more")
        lines.append("")
    if plan.changes.diffs:
        lines += ["The same answer on a laptop:", "", "```sh", reproduction(plan), "```", ""]
    return "\n".join(lines)


def reproduction(plan: Plan) -> str:
    """The command that gives this plan again in a clone of the repository."""
    diffs = plan.changes.diffs
    command = ["impact", "detect", f"--filters={plan.filters.file}"]
    if len(diffs) == 1:
        command += [f"--base={diffs[0][0]}", f"--head={diffs[0][1]}"]
    else:
        command += ["--files-from=-", "--name-status", "-z"]
    forced = [name for name, v in plan.verdicts.items() if Kind.FORCED in v.groups]
    line = quote_command([*command, *(f"--force={name}" for name in forced)])
    if len(diffs) == 1:
        return line
    parts = "; ".join(f"git diff --name-status --no-renames -z {a} {b}" for a, b in diffs)
    return f"({parts}) | {line}"


def quote_command(command: list[str]) -> str:
    """An argument list as one line for a shell, with nothing to break out of a fence."""
    line = shlex.join(command)
    return line if line.isprintable() and "`" not in line else "impact detect"


def render_findings(findings: list[Finding]) -> str:
    """Findings as annotations, at most as many of each type as GitHub shows."""
    types = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
    lines = []
    shown = dict.fromkeys(Severity, 0)
    for finding in findings:
        shown[finding.severity] += 1
        if shown[finding.severity] > ANNOTATIONS:
            continue
        where = finding.location
        words = finding.message + (f"; {finding.fix}" if finding.fix else "")
        lines.append(
            f"::{types[finding.severity]} file={_property(where.file)},line={where.line},"
            f"col={where.column},title={_property(finding.id)}::{_data(one_line(words))}"
        )
    for severity, count in shown.items():
        if count > ANNOTATIONS:
            lines.append(f"and {count - ANNOTATIONS} more of severity {severity.value}")
    return "".join(line + "\n" for line in lines)


def _data(text: str) -> str:
    """Escaped as the runner's toolkit escapes a command's data."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _cell(text: str) -> str:
    """Text in a Markdown table or paragraph, with no markup read out of it.

    Markdown is read within HTML too; a character reference never begins any of it:
    https://spec.commonmark.org/0.31.2/#entity-and-numeric-character-references
    """
    plain = re.sub(r"[^\w /-]|_", lambda found: f"&#{ord(found[0])};", text)
    return f"<code>{plain}</code>"
