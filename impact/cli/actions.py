"""Publishing a plan on a GitHub Actions runner: files, log and outputs."""

from __future__ import annotations

import os
import secrets
import tempfile

from impact.cli.output import write
from impact.errors import UsageError
from impact.model import Plan
from impact.report import github, json


def publish(plan: Plan) -> None:
    """Write the log, the step summary and the plan file, and the outputs last of all.

    Whatever fails before leaves no output behind: a failed step says nothing of sleep.
    Raises `UsageError` outside a runner or where a file cannot be written.
    """
    output = os.environ.get("GITHUB_OUTPUT")
    if not output:
        raise UsageError("--format github writes to $GITHUB_OUTPUT, which is not set")
    values = github.outputs(plan, _write_plan(plan))
    write(github.render_log(plan, secrets.token_hex(16)))
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary:
        _append(summary, github.render_summary(plan))
    _append(output, github.render_outputs(values, f"impact-{secrets.token_hex(16)}"))


def _write_plan(plan: Plan) -> str:
    try:
        handle, path = tempfile.mkstemp(
            prefix="impact-plan-", suffix=".json", dir=os.environ.get("RUNNER_TEMP") or None
        )
        with open(handle, "w", encoding="ascii") as stream:
            stream.write(json.render_plan(plan, all_causes=True))
    except OSError as error:
        raise UsageError(f"the plan file cannot be written: {error.strerror}") from None
    return path


def _append(path: str, text: str) -> None:
    try:
        with open(
            path, "a", encoding="utf-8", errors="backslashreplace", newline="\n"
        ) as stream:
            stream.write(text)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None
