"""``impact detect``: which surfaces wake for what changed."""

from __future__ import annotations

import argparse
import re
from dataclasses import replace

from impact.cli.event import Event, read_event
from impact.cli.output import FORMAT_HELP, color_wanted, write
from impact.cli.place import FILTERS_HELP, known_surface
from impact.cli.sources import read_sources
from impact.decide import decide, woken_before
from impact.errors import UndeterminedError, UsageError
from impact.events import labels
from impact.model import ALL, Filters, Force, Plan

EXAMPLE = "impact detect --base origin/main --head HEAD --format json"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--filters", metavar="FILE", help=FILTERS_HELP)
    parser.add_argument("--base", metavar="REV", help="compare from this commit (two-dot)")
    parser.add_argument(
        "--merge-base",
        metavar="REV",
        help="compare from the merge base with this commit (three-dot)",
    )
    parser.add_argument("--head", metavar="REV", help="to this commit (default: HEAD)")
    parser.add_argument(
        "--files-from", metavar="FILE", help="read the changed paths here; - is standard input"
    )
    parser.add_argument("-z", dest="nul", action="store_true", help="they are NUL-separated")
    parser.add_argument(
        "--name-status", action="store_true", help="they are git diff --name-status output"
    )
    parser.add_argument(
        "--allow-empty", action="store_true", help="an empty list means: nothing changed"
    )
    parser.add_argument("--event", metavar="NAME", help="the CI event (default: the runner's)")
    parser.add_argument(
        "--event-path", metavar="FILE", help="its payload (default: the runner's)"
    )
    parser.add_argument(
        "--max-depth",
        metavar="N",
        type=_depth,
        default=10_000,
        help="fetch at most so many commits of each history (default: 10000)",
    )
    parser.add_argument(
        "--fetch-timeout",
        metavar="SECONDS",
        type=_seconds,
        default=120,
        help="give up fetching after so long (default: 120; 0: fetch nothing)",
    )
    parser.add_argument(
        "--force",
        metavar="NAME",
        action="append",
        default=[],
        help="wake this surface, or all, in any case; repeatable",
    )
    parser.add_argument(
        "--require-determined", action="store_true", help="exit 3 if the changes are unknown"
    )
    parser.add_argument("--surface", metavar="NAME", help="why this one, path by path")
    parser.add_argument(
        "--all-causes", action="store_true", help="every cause, not the first 20 of a kind"
    )
    parser.add_argument(
        "--format",
        choices=["text", "json", "dotenv", "github"],
        default="text",
        help=FORMAT_HELP,
    )


def run(arguments: argparse.Namespace) -> int:
    """Detect, and print the plan."""
    _check_usage(arguments)
    event = read_event(arguments.directory, arguments.event, arguments.event_path)

    def check(filters: Filters) -> None:
        if arguments.surface is not None:
            known_surface(filters, arguments.surface, "--surface")
        _forced(filters, arguments.force, event)

    found = read_sources(arguments, event, check)
    forced = _forced(found.filters, arguments.force, event)
    plan = decide(found.filters, found.changes, forced, found.earlier, found.committed)
    before = woken_before(
        found.before,
        found.changes,
        lambda filters: _forced(
            filters, [n for n in arguments.force if n == ALL or n in filters.surfaces], event
        ),
    )
    plan = replace(plan, before=before)
    if arguments.require_determined and not plan.changes.determined:
        raise UndeterminedError(f"the change set is unknown: {plan.changes.reason}")
    _report(plan, arguments)
    return 0


def _depth(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 0 < int(text) < 2**31:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of commits from 1")
    return int(text)


def _seconds(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]+)?", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds")
    return float(text)


def _check_usage(arguments: argparse.Namespace) -> None:
    listed = arguments.files_from is not None
    revisions = (arguments.base, arguments.merge_base, arguments.head)
    if listed and revisions != (None, None, None):
        raise UsageError(
            "--files-from names the changes itself; leave out --base, --merge-base and --head"
        )
    if arguments.base is not None and arguments.merge_base is not None:
        raise UsageError("--base and --merge-base name two places to begin; leave out one")
    for option in ("nul", "name_status", "allow_empty"):
        if getattr(arguments, option) and not listed:
            name = "-z" if option == "nul" else "--" + option.replace("_", "-")
            raise UsageError(f"{name} is about --files-from, which is not given")


def _forced(filters: Filters, demanded: list[str], event: Event | None) -> list[Force]:
    everything = frozenset(filters.surfaces)
    forced = []
    for name in demanded:
        surfaces = everything
        if name != ALL:
            surfaces = frozenset({known_surface(filters, name, "--force")})
        forced.append(Force(surfaces, f"--force {name}"))
    if event is not None and event.lost and filters.labels:
        forced.append(Force(everything, "a label, perhaps: the payload cannot be read"))
    # To GitHub, labels that differ in case alone are the same label.
    carried = {label.casefold() for label in (labels(event.payload) if event else ())}
    wakes = [(label, s) for label, s in filters.labels.items() if label.casefold() in carried]
    return forced + [Force(surfaces, f"label {label}") for label, surfaces in wakes]


def _report(plan: Plan, arguments: argparse.Namespace) -> None:
    """Print it; only the form that is asked for is imported."""
    only = arguments.surface
    if arguments.format == "json":
        from impact.report import json

        write(json.render_plan(plan, arguments.all_causes, only))
    elif arguments.format == "dotenv":
        from impact.report import dotenv

        write(dotenv.render_plan(plan))
    elif arguments.format == "github":
        from impact.cli import actions

        actions.publish(plan)
    elif only is not None:
        from impact.report.surface import render_surface

        write(render_surface(plan, only, color_wanted()))
    else:
        from impact.report import text

        write(text.render_plan(plan, color_wanted()))
