"""``impact wire``: the jobs, conditions and gate that connect filters with a workflow."""

from __future__ import annotations

import argparse
import os

from impact.cli.output import write
from impact.cli.place import FILTERS_HELP, load_filters
from impact.cli.root import find_root
from impact.config.names import NAME_PATTERN
from impact.errors import EXIT_FINDINGS, EXIT_FINE, UsageError
from impact.model import CHANGES_JOB
from impact.quoting import quote
from impact.report.findings import render_findings

EXAMPLE = "impact wire --check .github/workflows/ci.yml"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--filters", metavar="FILE", help=FILTERS_HELP)
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--workflow", metavar="FILE", help="print them for this workflow (default: a new one)"
    )
    what.add_argument(
        "--check", metavar="FILE", help="say where this workflow departs; exit 1 if it does"
    )
    parser.add_argument(
        "--changes-job",
        metavar="NAME",
        help=f"the job that detects (default: the one that runs the action, or {CHANGES_JOB})",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the wiring, or the departures from it."""
    # What no other command needs: each import is paid for by all of them.
    from impact.cli.run_files import read_called, read_workflow
    from impact.report.wiring import render_wiring
    from impact.workflows.departures import departures
    from impact.workflows.wiring import wire

    changes = arguments.changes_job or ""
    if changes and not NAME_PATTERN.fullmatch(changes):
        raise UsageError(f"--changes-job {quote(changes)} is no name of a job")
    root = find_root(arguments.directory)
    filters = load_filters(arguments.directory, root, arguments.filters)
    file = arguments.check or arguments.workflow
    workflow = None
    if file is not None:
        whole = os.path.join(os.path.realpath(arguments.directory), file)
        workflow = read_workflow(root, os.path.relpath(whole, root))
    if arguments.check is not None and workflow is not None:
        found = departures(filters, workflow, changes, read_called(root, workflow))
        write(render_findings(found))
        return EXIT_FINDINGS if found else EXIT_FINE
    wiring = wire(filters, workflow, changes)
    write(render_wiring(wiring, workflow.file if workflow is not None else None))
    return EXIT_FINE
