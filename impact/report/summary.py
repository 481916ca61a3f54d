"""The step summary: which surfaces are awake, why, and how to get the answer again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from impact.model import Plan
from impact.report.groups import Group, grouped, label
from impact.report.markdown import LIMIT, PAGE, Item, Section, cell, size
from impact.report.phrases import compared, shortened, unmatched_advice
from impact.report.reproduction import reproduction

_AWAKE_ROWS = 30
"""So many rows of the awake are seen at once; more are folded."""
_ROWS = 12
"""The asleep are seen too in a table of so many rows; else they are folded."""
_NAMES = 12
"""So many surfaces are named in a row; more of them are listed, folded."""
_LINE = 8
"""So many of these stand on a line."""
_PATHS = 20
"""So many unclaimed paths are listed."""
_TABLE = "| verdict | surface | why |\n| --- | --- | --- |\n"

_show = shortened(120)
_show_reason = shortened(400)


def render_summary(plan: Plan, room: int = LIMIT) -> str:
    """The step summary, in at most ``room`` bytes; nothing where not even its frame fits."""
    groups = grouped(plan, _show)
    opening = (
        f"### impact: {len(plan.woken):,} of {len(plan.verdicts):,} surfaces awake\n\n"
        f"{cell(compared(plan, _show_reason))}\n\n"
    )
    opening += "".join(f"{cell(_show_reason(note))}\n\n" for note in plan.changes.notes)
    closing = _reproduction(plan)
    sections = [section for section in _sections(plan, groups) if section.items]
    room = min(room, PAGE) - size(opening) - size(closing)
    room -= sum(section.frame for section in sections)
    if room < 0:
        return ""
    written = [opening]
    for section in sections:
        text, room = section.render(room)
        written.append(text)
    return "".join([*written, closing])


def _sections(plan: Plan, groups: Sequence[Group]) -> Iterator[Section]:
    """From what must be read to what may be: room runs out in this order."""
    awake = [group for group in groups if group.woken]
    asleep = [group for group in groups if not group.woken]
    whole = len(groups) <= _ROWS
    yield Section(_TABLE, _rows([*awake[:_AWAKE_ROWS], *(asleep if whole else ())]))
    yield _folded("awake, and why", awake[_AWAKE_ROWS:])
    yield _folded("awake, by name", _long(awake), names=True)
    yield _unclaimed(plan)
    yield _folded("asleep, and why", () if whole else asleep)
    yield _folded("asleep, by name", _long(asleep), names=True)


def _long(groups: Iterable[Group]) -> list[Group]:
    return [group for group in groups if len(group.surfaces) > _NAMES]


def _folded(title: str, groups: Sequence[Group], names: bool = False) -> Section:
    """Markdown within HTML is read as such only between blank lines:
    https://spec.commonmark.org/0.31.2/#html-blocks
    """
    count = sum(len(group.surfaces) for group in groups)
    opening = f"<details><summary>{count:,} surfaces {title}</summary>\n\n"
    items = _lists(groups) if names else _rows(groups)
    return Section(opening + ("" if names else _TABLE), items, "\n</details>\n\n")


def _rows(groups: Iterable[Group]) -> list[Item]:
    """A row of the table for each reason."""
    rows = []
    for group in groups:
        names = ", ".join(_name(label(surface, _show)) for surface in group.surfaces[:_NAMES])
        if len(group.surfaces) > _NAMES:
            names = f"{len(group.surfaces):,} surfaces, listed below"
        verdict = "**awake**" if group.woken else "asleep"
        text = f"| {verdict} | {names} | {cell(group.reason)} |\n"
        rows.append(Item(text, len(group.surfaces)))
    return rows


def _lists(groups: Iterable[Group]) -> list[Item]:
    """Every name, a paragraph for each reason."""
    items: list[Item] = []
    for group in groups:
        above = "\n" if items else ""
        items.append(Item(f"{above}{cell(group.reason)}:\n", 0))
        names = [_name(label(surface, _show)) for surface in group.surfaces]
        # A newline is a blank or a line break, as the page has it: either reads well.
        ends = [",\n" if number % _LINE == 0 else ", " for number in range(1, len(names))]
        items += [Item(name + end) for name, end in zip(names, [*ends, "\n"], strict=True)]
    return items


def _unclaimed(plan: Plan) -> Section:
    paths = plan.unmatched[:_PATHS]
    return Section(
        f"{unmatched_advice(plan).capitalize()}:\n\n",
        [Item(f"- {cell(_show(path))}\n") for path in paths],
        things="paths",
        left_out=len(plan.unmatched) - len(paths),
    )


def _reproduction(plan: Plan) -> str:
    how = reproduction(plan)
    return (
        f"{how.words}\n\n```sh\n{how.script}\n```\n\n"
        "`impact detect` with `--surface=NAME` tells why one surface is awake or asleep, "
        "`impact explain PATH` what one path wakes and why.\n"
    )


def _name(text: str) -> str:
    """A surface, its name apart from what is said of it."""
    name, blank, note = text.partition(" ")
    return cell(name) + blank + note
