"""Publishing a plan on a GitHub Actions runner: files, log and outputs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from impact.cli.output import write
from impact.errors import UsageError
from impact.model import Plan
from impact.report import github, json
from impact.report.markdown import LIMIT

if TYPE_CHECKING:
    from impact.gate import Gate

_CAUSES = 250_000
"""So many causes are written to the plan file, some 60 MB; of more, the first of each kind."""


def publish(plan: Plan) -> None:
    """Write the log, the step summary and the plan file, and the outputs last of all.

    Whatever fails before leaves no output behind: a failed step says nothing of sleep.
    Raises `UsageError` outside a runner, where a file cannot be written and where GitHub
    would not take the outputs.
    """
    output = os.environ.get("GITHUB_OUTPUT")
    if not output:
        raise UsageError("--format github writes to $GITHUB_OUTPUT, which is not set")
    values = github.outputs(plan, _write_plan(plan))
    _check_size(values, len(plan.verdicts))
    write(github.render_log(plan, _token()))
    page = os.environ.get("GITHUB_STEP_SUMMARY")
    if page:
        from impact.report import summary

        _append(page, summary.render_summary(plan, LIMIT - _size_of(page)))
    _append(output, github.render_outputs(values, f"impact-{_token()}"))


def publish_gate(gate: Gate) -> None:
    """Write the log with an annotation for each job that fails, and the step summary."""
    from impact.report import gate_log, gate_summary

    write(gate_log.render_gate_log(gate, _token()))
    page = os.environ.get("GITHUB_STEP_SUMMARY")
    if page:
        _append(page, gate_summary.render_summary(gate, LIMIT - _size_of(page)))


def _check_size(values: Mapping[str, str], surfaces: int) -> None:
    """The job that passes on too much fails where it ends, with all its steps green."""
    size = github.size(values)
    if size > github.OUTPUTS:
        raise UsageError(
            f"the outputs for {surfaces:,} surfaces take {size:,} bytes, and GitHub takes "
            f"{github.OUTPUTS:,} of a job; join surfaces, or give them shorter names"
        )


def _size_of(path: str) -> int:
    """What the step wrote there before."""
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _write_plan(plan: Plan) -> str:
    """Every cause, unless that would fill the disk: an unclaimed path wakes each surface."""
    causes = sum(len(some) for v in plan.verdicts.values() for some in v.groups.values())
    try:
        path = os.path.join(_temporary(), f"impact-plan-{_token()}.json")
        with open(path, "x", encoding="ascii", opener=_private) as stream:
            stream.writelines(json.render_plan(plan, all_causes=causes <= _CAUSES))
    except OSError as error:
        raise UsageError(f"the plan file cannot be written: {error.strerror}") from None
    return path


def _temporary() -> str:
    """An absolute path, for the steps that read what is there run in other directories."""
    folder = os.environ.get("RUNNER_TEMP")
    if not folder:
        from tempfile import gettempdir

        folder = gettempdir()
    return os.path.abspath(folder)


def _private(path: str, flags: int) -> int:
    """Opened as `tempfile` does, whose import takes longer than all of this."""
    return os.open(path, flags, 0o600)


def _token() -> str:
    """What nobody can guess."""
    return os.urandom(16).hex()


def _append(path: str, text: str) -> None:
    try:
        with open(
            path, "a", encoding="utf-8", errors="backslashreplace", newline="\n"
        ) as stream:
            stream.write(text)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None
