"""``impact check``: does the filters file hold what it says?"""

from __future__ import annotations

import argparse
import gc
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from impact.cli.output import FORMAT_HELP, write
from impact.cli.place import FILTERS_HELP, find_root, read_filters
from impact.config.load import parse_filters
from impact.errors import EXIT_FINDINGS, EXIT_FINE, UsageError
from impact.explain import explain
from impact.findings import Finding, Severity
from impact.model import Filters
from impact.quoting import quote
from impact.report import explanation, findings, github, json

if TYPE_CHECKING:
    from impact.checks.subject import Subject

NAME = "check"
HELP = "hold the filters against the tracked files; exit 1 on an error"
EXPLAINED = 20
"""So many explanations are printed; further failing cases are told without."""
EXAMPLE = "impact check --strict --ignore uncovered"


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
        "--share",
        metavar="PERCENT",
        type=_percent,
        default=60.0,
        help="a surface may claim so much of the tracked files (default: 60)",
    )
    parser.add_argument(
        "--format", choices=["text", "json", "github"], default="text", help=FORMAT_HELP
    )


def run(arguments: argparse.Namespace) -> int:
    """Run the checks and print what they find."""
    from impact.checks import IDS, ignore_comment
    from impact.cli.subject import load_subject
    from impact.config.comments import read_comments

    for name in (*arguments.select, *arguments.ignore):
        if name not in IDS:
            raise UsageError(f"there is no check {quote(name)}; there are: {', '.join(IDS)}")
    root = find_root(arguments.directory)
    data, file = read_filters(arguments.directory, root, arguments.filters)
    filters = parse_filters(data, file)
    wanted = [
        name
        for name in IDS
        if name not in arguments.ignore and (not arguments.select or name in arguments.select)
    ]
    # Many small things are made and none of them is in a circle: a tenth of the time.
    gc.disable()
    subject = load_subject(root, filters, arguments.share)
    ran = _runnable(subject, wanted, arguments.select, root)
    kept, about_comments = ignore_comment.silence(
        _found(subject, ran), file, read_comments(data), IDS, ran
    )
    if ignore_comment.ID in wanted:
        kept += about_comments
    rows = sorted(kept, key=_order)
    if arguments.format == "json":
        write(json.render_findings(rows))
    elif arguments.format == "github":
        write(github.render_findings(rows))
    else:
        write(findings.render_findings(_explained(filters, rows)))
    failing = {Severity.ERROR} | ({Severity.WARNING} if arguments.strict else set())
    return EXIT_FINDINGS if any(row.severity in failing for row in rows) else EXIT_FINE


def _percent(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1
    if not 0 <= share <= 100:
        raise argparse.ArgumentTypeError(f"{text} is no percentage; it takes 0 to 100")
    return share


def _runnable(
    subject: Subject, wanted: Sequence[str], selected: Sequence[str], root: str
) -> list[str]:
    """The checks that can be run; raises `UsageError` for one that was asked for and cannot."""
    from impact.checks import CHECKS, OF_FILES
    from impact.checks.subject import Standing

    if subject.tracked.paths:
        return [name for name in wanted if name in CHECKS]
    for name in selected:
        if name in OF_FILES:
            none = "is in no git repository"
            if subject.standing is Standing.NOTHING_TRACKED:
                none = "has none; git add some first"
            raise UsageError(f"{name} looks at tracked files, and {quote(root)} {none}")
    return [name for name in wanted if name in CHECKS and name not in OF_FILES]


def _found(subject: Subject, names: Iterable[str]) -> list[Finding]:
    from impact.checks import CHECKS

    return [finding for name in names for finding in CHECKS[name](subject)]


def _order(finding: Finding) -> tuple[str, int, int, str]:
    where = finding.location
    return where.file, where.line, where.column, finding.id


def _explained(filters: Filters, rows: Sequence[Finding]) -> Iterator[Finding]:
    """The findings; the first of those that are about a change with its explanation."""
    left = EXPLAINED
    for finding in rows:
        if finding.change is None or not left:
            yield finding
            continue
        left -= 1
        details = explanation.render_explanations([explain(filters, finding.change)])
        yield replace(finding, details=details)
