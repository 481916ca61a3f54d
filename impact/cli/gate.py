"""``impact gate``: did every job do what the plan asked of it?"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from impact.cli.event import Event, read_event
from impact.cli.output import FORMAT_HELP, color_wanted, write
from impact.cli.place import FILTERS_HELP
from impact.errors import EXIT_FINDINGS, EXIT_FINE, UsageError
from impact.events import labels
from impact.model import CHANGES_JOB
from impact.quoting import quote

if TYPE_CHECKING:
    from impact.gate import Gate

EXAMPLE = "impact gate --needs needs.json --workflow .github/workflows/ci.yml"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "--needs",
        metavar="FILE",
        required=True,
        help="read what ${{ toJSON(needs) }} gives here; - is standard input",
    )
    parser.add_argument(
        "--surfaces",
        metavar="JSON",
        help="the plan, name to true or false (default: the output of the changes job)",
    )
    parser.add_argument("--filters", metavar="FILE", help=FILTERS_HELP)
    parser.add_argument(
        "--workflow", metavar="FILE", help="the gate's workflow file (default: the runner's)"
    )
    parser.add_argument(
        "--changes-job",
        metavar="NAME",
        default=CHANGES_JOB,
        help=f"the job that detects (default: {CHANGES_JOB})",
    )
    parser.add_argument(
        "--optional",
        metavar="JOB",
        action="append",
        default=[],
        help="this job of no surface may be skipped; repeatable",
    )
    parser.add_argument(
        "--narrowing-label",
        metavar="LABEL",
        help="fail where a pull request without this label changes the filters so that a "
        "surface sleeps which they would have woken",
    )
    parser.add_argument("--event", metavar="NAME", help="the CI event (default: the runner's)")
    parser.add_argument(
        "--event-path", metavar="FILE", help="its payload (default: the runner's)"
    )
    parser.add_argument(
        "--format", choices=["text", "json", "github"], default="text", help=FORMAT_HELP
    )


def run(arguments: argparse.Namespace) -> int:
    """Judge, and print the verdicts; 1 where the gate fails."""
    gate = _judge(arguments)
    if arguments.format == "json":
        from impact.report import json

        write(json.render_gate(gate))
    elif arguments.format == "github":
        from impact.cli import actions

        actions.publish_gate(gate)
    else:
        from impact.report import gate as text

        write(text.render_gate(gate, color_wanted()))
    return EXIT_FINE if gate.passed else EXIT_FINDINGS


def _judge(arguments: argparse.Namespace) -> Gate:
    """The gate's answer; where there is nothing to read the results of, one that fails.

    Imported here is what no other command needs: each import is paid for by all of them.
    """
    from impact.cli.run_files import read_run_files
    from impact.gate import Gate, Question, judge
    from impact.needs import InputError, parse_needs, read_plan

    try:
        needs = parse_needs(_read_needs(arguments.directory, arguments.needs))
    except InputError as problem:
        return Gate({}, (str(problem),))
    event = read_event(arguments.directory, arguments.event, arguments.event_path)
    files = read_run_files(arguments.directory, event, arguments.filters, arguments.workflow)
    return judge(
        Question(
            filters=files.filters,
            needs=needs,
            detected=read_plan(needs, arguments.changes_job, arguments.surfaces),
            changes_job=arguments.changes_job,
            workflow=files.workflow,
            others=files.called,
            optional=arguments.optional,
            narrowing_label=arguments.narrowing_label,
            labels=_labels(event),
        )
    )


def _labels(event: Event | None) -> Sequence[str] | None:
    """Those of the pull request; None where the event is of none.

    Of a payload that cannot be read none is known, which allows nothing.
    """
    if event is None or not event.name.startswith("pull_request"):
        return None
    return labels(event.payload)


def _read_needs(directory: str, source: str) -> str:
    from impact.needs import LIMIT, InputError

    try:
        if source == "-":
            if sys.stdin is None:
                raise UsageError("--needs -: standard input is closed")
            data = sys.stdin.buffer.read(LIMIT + 1)
        else:
            with open(os.path.join(directory, source), "rb") as stream:
                data = stream.read(LIMIT + 1)
    except OSError as error:
        raise UsageError(f"--needs {quote(source)}: {error.strerror}") from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        if len(data) > LIMIT:  # it may end in the midst of a character
            return data.decode("utf-8", "replace")
        raise InputError("needs: it is not UTF-8") from None
