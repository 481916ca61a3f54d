"""What GitHub hands to the gate as JSON: the results of jobs, and a plan.  Pure.

`needs` is what `${{ toJSON(needs) }}` gives; a plan is the outputs of the job that detects.
Both are text that a job could have written: read strictly, and never more than `LIMIT`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from impact.quoting import quote

LIMIT = 1024 * 1024
"""GitHub takes so many bytes of outputs of a job, and a runner far fewer as a variable."""


class InputError(ValueError):
    """What is wrong with JSON that came from a job, in words."""


@dataclass(frozen=True, slots=True)
class Need:
    """A job that the gate needs: its result, if it has one, and its outputs."""

    result: str | None
    outputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Detected:
    """The plan as far as it came through, and what is wrong with it.

    ``surfaces``: which are woken.  ``base``: which the filters before the change wake,
    none where it did not change them.  Either is None where it did not come through.
    """

    surfaces: Mapping[str, bool] | None
    determined: bool = True
    base: Mapping[str, bool] | None = None
    problems: tuple[str, ...] = ()


def parse_needs(text: str) -> dict[str, Need]:
    """The jobs of a `needs` object.

    A result that is no text is its JSON, which is none that GitHub has.  Raises `InputError`.
    """
    found = {}
    for name, row in _object(text, "needs").items():
        if not isinstance(row, dict):
            raise InputError(f"needs: the job {quote(name)} is no object with a result")
        result, outputs = row.get("result"), row.get("outputs")
        found[name] = Need(
            result if isinstance(result, str | None) else json.dumps(result),
            {key: value for key, value in outputs.items() if isinstance(value, str)}
            if isinstance(outputs, dict)
            else {},
        )
    if not found:
        raise InputError("needs: it names no job")
    return found


def read_plan(needs: Mapping[str, Need], job: str, surfaces: str | None = None) -> Detected:
    """The plan in the outputs of the job that detects.

    ``surfaces``: the JSON of the plan where somebody gives it by hand; then the job need
    not have it, and need not say whether the plan is determined either.
    """
    outputs = needs[job].outputs if job in needs else {}
    problems: list[str] = []
    woken = base = None
    text = outputs.get("surfaces", "") if surfaces is None else surfaces
    declare = f"declare it: `surfaces: ${{{{ steps.ID.outputs.surfaces }}}}` in {quote(job)}"
    if not text.strip():
        problems.append(f"its output surfaces is lost or not declared; {declare}")
    else:
        try:
            woken = _plan(text, "surfaces")
        except InputError as problem:
            problems.append(str(problem))
    told = outputs.get("determined", "")
    if told not in ("true", "false") and (told or surfaces is None):
        shown = "lost or not declared" if not told else "neither true nor false"
        problems.append(f"its output determined is {shown}")
    if outputs.get("surfaces-base"):
        try:
            base = _plan(outputs["surfaces-base"], "surfaces-base")
        except InputError as problem:
            problems.append(str(problem))
    return Detected(woken, told != "false", base, tuple(problems))


def _plan(text: str, what: str) -> dict[str, bool]:
    found = _object(text, what)
    wrong = [name for name, value in found.items() if not isinstance(value, bool)]
    if wrong:
        raise InputError(f"{what}: {quote(wrong[0])} is neither true nor false")
    return found


def _object(text: str, what: str) -> dict[str, Any]:
    if len(text.encode("utf-8", "surrogatepass")) > LIMIT:
        raise InputError(f"{what}: more than {LIMIT:,} bytes, so it is not read")
    try:
        found = json.loads(
            text, object_pairs_hook=_without_repeats, parse_constant=_no_constant
        )
    except InputError as problem:
        raise InputError(f"{what}: {problem}") from None
    except (ValueError, RecursionError):
        raise InputError(f"{what}: it is not JSON") from None
    if not isinstance(found, dict):
        raise InputError(f"{what}: it is JSON, but not an object")
    return found


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise InputError("a name stands in it twice")
    return found


def _no_constant(name: str) -> Any:
    raise InputError(f"{name} is no JSON")
