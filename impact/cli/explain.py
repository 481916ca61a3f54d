"""``impact explain``: what paths wake, and why."""

from __future__ import annotations

import argparse

from impact.cli.output import FORMAT_HELP, color_wanted, write
from impact.cli.place import FILTERS_HELP, known_surface, load_filters, root_relative
from impact.cli.root import find_root
from impact.explain import explain
from impact.model import Change, Status

EXAMPLE = "impact explain scripts/build.sh docs/ --status modified"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="a path, which need not exist; PATH/: anything beneath",
    )
    parser.add_argument("--filters", metavar="FILE", help=FILTERS_HELP)
    parser.add_argument("--surface", metavar="NAME", help="only this surface")
    parser.add_argument(
        "--status",
        choices=[status.value for status in Status],
        help="what happens to the path (default: any of them)",
    )
    parser.add_argument("--format", choices=["text", "json"], default="text", help=FORMAT_HELP)


def run(arguments: argparse.Namespace) -> int:
    """Explain the paths."""
    root = find_root(arguments.directory)
    filters = load_filters(arguments.directory, root, arguments.filters)
    only = arguments.surface
    if only is not None:
        known_surface(filters, only, "--surface")
    status = Status(arguments.status) if arguments.status else None
    paths = root_relative(arguments.directory, root, arguments.paths)
    explanations = [
        explain(filters, Change(path, status, beneath), asked) for path, beneath, asked in paths
    ]
    if arguments.format == "json":
        from impact.report import json

        write(json.render_explanations(explanations, only))
    else:
        from impact.report import explanation as text

        write(text.render_explanations(explanations, only, color_wanted()))
    return 0
