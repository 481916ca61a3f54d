"""``impact detect``: which surfaces wake for what changed."""

from __future__ import annotations

import argparse
import os
import sys

from impact.cli import actions
from impact.cli.event import Event, read_event
from impact.cli.output import FORMAT_HELP, color_wanted, write
from impact.cli.place import FILTERS_HELP, find_root, known_surface, load_filters
from impact.decide import decide
from impact.errors import UndeterminedError, UsageError
from impact.events import LAPTOP, Comparison, at_head, compared, given, labels
from impact.listing import parse_name_status, parse_names
from impact.model import ALL, ChangeSet, Filters, Force, Plan, change_order
from impact.quoting import quote
from impact.report import dotenv, json, text

NAME = "detect"
HELP = "say which surfaces wake for what changed"
EXAMPLE = "impact detect --base origin/main --head HEAD --format json"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--filters", metavar="FILE", help=FILTERS_HELP)
    parser.add_argument("--base", metavar="REV", help="compare from this commit (two-dot)")
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
    root = find_root(arguments.directory)
    filters = load_filters(arguments.directory, root, arguments.filters)
    if arguments.surface is not None:
        known_surface(filters, arguments.surface, "--surface")
    event = read_event(arguments.directory, arguments.event, arguments.event_path)
    forced = _forced(filters, arguments.force, event)
    plan = decide(filters, _changes(arguments, event), forced)
    if arguments.require_determined and not plan.changes.determined:
        raise UndeterminedError(f"the change set is unknown: {plan.changes.reason}")
    _report(plan, arguments)
    return 0


def _check_usage(arguments: argparse.Namespace) -> None:
    listed = arguments.files_from is not None
    if listed and (arguments.base is not None or arguments.head is not None):
        raise UsageError("--files-from names the changes itself; leave out --base and --head")
    for option in ("nul", "name_status", "allow_empty"):
        if getattr(arguments, option) and not listed:
            name = "-z" if option == "nul" else "--" + option.replace("_", "-")
            raise UsageError(f"{name} is about --files-from, which is not given")


def _changes(arguments: argparse.Namespace, event: Event | None) -> ChangeSet:
    name = event.name if event else None
    if arguments.files_from is not None:
        return _listed(arguments, name)
    # GitPython takes longer to import than most answers take to find.
    from impact.vcs.compare import compare
    from impact.vcs.git import Git

    typed = [rev for rev in (arguments.base, arguments.head) if rev is not None]
    if arguments.base is not None or (typed and event is None):
        comparisons: tuple[Comparison, ...] = (given(arguments.base, arguments.head),)
    elif event is None:
        comparisons = (LAPTOP,)
    elif event.unreadable:
        return ChangeSet((), event.unreadable, determined=False, event=name)
    else:
        comparisons = compared(event.name, event.payload)
        if arguments.head is not None:
            comparisons = at_head(comparisons, arguments.head)
    return compare(Git.open(arguments.directory), comparisons, name, typed)


def _listed(arguments: argparse.Namespace, event: str | None) -> ChangeSet:
    source = arguments.files_from
    try:
        if source == "-":
            if sys.stdin is None:
                raise UsageError("--files-from -: standard input is closed")
            data = sys.stdin.buffer.read()
        else:
            with open(os.path.join(arguments.directory, source), "rb") as stream:
                data = stream.read()
    except OSError as error:
        raise UsageError(f"--files-from {quote(source)}: {error.strerror}") from None
    parse = parse_name_status if arguments.name_status else parse_names
    changes = parse(data, arguments.nul)
    if not changes and not arguments.allow_empty:
        reason = "the list of changed paths is empty (--allow-empty: nothing changed)"
        return ChangeSet((), reason, determined=False, event=event)
    ordered = tuple(sorted(set(changes), key=change_order))
    return ChangeSet(ordered, "the given list of paths", event=event)


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
    only = arguments.surface
    if arguments.format == "json":
        write(json.render_plan(plan, arguments.all_causes, only))
    elif arguments.format == "dotenv":
        write(dotenv.render_plan(plan))
    elif arguments.format == "github":
        actions.publish(plan)
    elif only is not None:
        write(text.render_surface(plan, only, color_wanted()))
    else:
        write(text.render_plan(plan, color_wanted()))
