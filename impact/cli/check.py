"""``impact check``: does the filters file hold what it says?"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace

from impact.checks import CHECKS
from impact.cli.output import FORMAT_HELP, write
from impact.cli.place import FILTERS_HELP, find_root, load_filters
from impact.errors import EXIT_FINDINGS, EXIT_FINE, UsageError
from impact.explain import explain
from impact.findings import Finding, Severity
from impact.model import Filters
from impact.quoting import quote
from impact.report import explanation, findings, github, json

NAME = "check"
HELP = "run the checks of the filters file; exit 1 on a finding"
EXAMPLE = "impact check --format github"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--filters", metavar="FILE", help=FILTERS_HELP)
    parser.add_argument(
        "--select",
        metavar="ID",
        action="append",
        default=[],
        help="only this check; repeatable",
    )
    parser.add_argument(
        "--ignore", metavar="ID", action="append", default=[], help="not this check; repeatable"
    )
    parser.add_argument("--strict", action="store_true", help="exit 1 on a warning too")
    parser.add_argument(
        "--format", choices=["text", "json", "github"], default="text", help=FORMAT_HELP
    )


def run(arguments: argparse.Namespace) -> int:
    """Run the checks and print what they find."""
    for name in (*arguments.select, *arguments.ignore):
        if name not in CHECKS:
            raise UsageError(f"there is no check {quote(name)}; there are: {', '.join(CHECKS)}")
    root = find_root(arguments.directory)
    filters = load_filters(arguments.directory, root, arguments.filters)
    names = [
        name
        for name in CHECKS
        if name not in arguments.ignore and (not arguments.select or name in arguments.select)
    ]
    rows = sorted(_findings(filters, names), key=lambda finding: finding.location)
    if arguments.format == "json":
        write(json.render_findings(rows))
    elif arguments.format == "github":
        write(github.render_findings(rows))
    else:
        write(findings.render_findings(rows))
    failing = {Severity.ERROR} | ({Severity.WARNING} if arguments.strict else set())
    return EXIT_FINDINGS if any(row.severity in failing for row in rows) else EXIT_FINE


def _findings(filters: Filters, names: list[str]) -> Iterator[Finding]:
    for name in names:
        for finding, change in CHECKS[name](filters):
            if change is None:
                yield finding
                continue
            details = explanation.render_explanations([explain(filters, change)])
            yield replace(finding, details=details)
