"""``impact check``: do the filters, and the workflows beside them, hold what they say?"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from impact.cli.output import FORMAT_HELP, write
from impact.cli.place import FILTERS_HELP, read_filters
from impact.cli.root import find_root
from impact.config.load import is_filters, parse_filters
from impact.errors import EXIT_FINDINGS, EXIT_FINE, UsageError
from impact.findings import Finding, Severity
from impact.model import DEFAULT_FILES, Filters
from impact.quoting import quote

if TYPE_CHECKING:
    from impact.checks.subject import Subject

EXPLAINED = 20
"""So many explanations are printed; further failing cases are told without."""
EXAMPLE = "impact check --strict --ignore uncovered"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--filters", metavar="FILE", help=FILTERS_HELP)
    parser.add_argument(
        "--workflows",
        metavar="DIR",
        help="the workflows (default: .github/workflows); without a filters file, they alone",
    )
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
    parser.add_argument(
        "--unresolved",
        action="store_true",
        help="show what self-wake could not tell of scripts",
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
    from impact.cli.workflows import load_workflows
    from impact.config.comments import read_comments

    for name in (*arguments.select, *arguments.ignore):
        if name not in IDS:
            raise UsageError(f"there is no check {quote(name)}; there are: {', '.join(IDS)}")
    root = find_root(arguments.directory)
    files = load_workflows(arguments.directory, root, arguments.workflows)
    data, filters = _load_filters(arguments, root)
    wanted = [
        name
        for name in IDS
        if name not in arguments.ignore and (not arguments.select or name in arguments.select)
    ]
    subject = load_subject(root, filters, arguments.share, files)
    ran = _runnable(subject, wanted, arguments.select, root, data is not None)
    kept = [*_found(subject, ran), *_untold(subject, ran, arguments.unresolved)]
    commented = {name: subject.read(name) for name in subject.files}
    for name, contents in {**commented, filters.file: data}.items():
        comments = read_comments(contents) if contents is not None else []
        kept, wrong = ignore_comment.silence(kept, name, comments, IDS, ran)
        kept += wrong if ignore_comment.ID in wanted else []
    rows = sorted(kept, key=_order)
    if arguments.format == "json":
        from impact.report import json

        write(json.render_findings(rows))
    elif arguments.format == "github":
        from impact.report import github

        write(github.render_findings(rows))
    else:
        from impact.report import findings

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


def _load_filters(arguments: argparse.Namespace, root: str) -> tuple[bytes | None, Filters]:
    """The filters and their bytes; none where only workflows are asked for and are there."""
    if arguments.workflows is not None and arguments.filters is None:
        present = (os.path.lexists(os.path.join(root, name)) for name in DEFAULT_FILES)
        if not any(present):
            return None, Filters(DEFAULT_FILES[0], {})
        data, file = read_filters(arguments.directory, root, None)
        if not is_filters(data):
            told = f"impact: {quote(file)} is none of impact: the workflows are checked alone"
            print(told, file=sys.stderr)
            return None, Filters(DEFAULT_FILES[0], {})
    data, file = read_filters(arguments.directory, root, arguments.filters)
    return data, parse_filters(data, file)


def _runnable(
    subject: Subject, wanted: Sequence[str], selected: Sequence[str], root: str, filtered: bool
) -> list[str]:
    """The checks that can be run; raises `UsageError` for one that was asked for and cannot.

    ``filtered``: there is a filters file.
    """
    from impact.checks import CHECKS, OF_FILES, OF_WORKFLOWS

    unable: set[str] = set()
    if not subject.tracked.paths:
        unable |= OF_FILES.keys()
    if not filtered:
        unable |= CHECKS.keys() - OF_WORKFLOWS.keys()
    for name in selected:
        if name in unable:
            raise UsageError(_why_not(subject, name, root, filtered))
    return [name for name in wanted if name in CHECKS and name not in unable]


def _why_not(subject: Subject, name: str, root: str, filtered: bool) -> str:
    from impact.checks.subject import Standing

    if not filtered:
        return f"{name} looks at a filters file, and there is none in {quote(root)}"
    none = "is in no git repository"
    if subject.standing is Standing.NOTHING_TRACKED:
        none = "has none; git add some first"
    return f"{name} looks at tracked files, and {quote(root)} {none}"


def _found(subject: Subject, names: Iterable[str]) -> list[Finding]:
    from impact.checks import CHECKS

    found = (finding for name in names for finding in CHECKS[name](subject))
    # What a YAML alias repeats is found again.
    unique = {(f.id, f.location, f.message, f.surface): f for f in found}
    return list(unique.values())


def _untold(subject: Subject, ran: Collection[str], shown: bool) -> list[Finding]:
    """What self-wake could not tell, as notes; else how many they are is said beside."""
    from impact.checks import self_wake
    from impact.checks.subject import finding_at
    from impact.scripts.shell import is_available

    untold = self_wake.untold(subject) if self_wake.ID in ran else []
    if untold and not is_available():
        print(
            "impact: self-wake: scripts are not read; pip install 'impact-filter[scripts]'",
            file=sys.stderr,
        )
    if shown or not untold:
        return [
            finding_at(self_wake.ID, one.file, one.place, one.words, None, Severity.NOTE)
            for one in untold
        ]
    parts = f"{len(untold)} part{'s' * (len(untold) != 1)} of scripts"
    print(
        f"impact: self-wake: {parts} could not be followed; --unresolved shows them",
        file=sys.stderr,
    )
    return []


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
        from impact.explain import explain
        from impact.report import explanation

        details = explanation.render_explanations([explain(filters, finding.change)])
        yield replace(finding, details=details)
