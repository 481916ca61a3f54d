"""What the rules make of the changes: whom they wake, what they keep out, what none claims.

A surface can wake for a million paths, of which a person sees the first few, so causes are
made as they are asked for.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import heappop, heappush, heapreplace
from itertools import chain
from typing import Generic, TypeVar

from impact.answer import Answer, Decision
from impact.index import Index, index_of
from impact.model import Cause, Change, Excluded, Filters, Kind

Evidence = TypeVar("Evidence")
Rows = Sequence[tuple[Sequence[int], Evidence]]
"""The numbers of some changes, ascending, and the evidence that they share; what begins first
comes first."""


class Causes(Collection[Cause], Generic[Evidence]):
    """A cause for each of some changes, in their order; ``make`` makes that of a change.

    ``rows`` number the changes as they stand in ``changes``.
    """

    def __init__(
        self,
        changes: Sequence[Change],
        rows: Rows[Evidence],
        make: Callable[[Change, Evidence], Cause],
    ) -> None:
        self._changes = changes
        self._rows = rows
        self._make = make

    def __len__(self) -> int:
        return sum([len(numbers) for numbers, _ in self._rows])

    def __iter__(self) -> Iterator[Cause]:
        """One after the other: rows are taken up as they begin, so the first cost little."""
        waiting = deque(self._rows)
        begun: list[tuple[int, Iterator[int], Evidence]] = []
        while waiting or begun:
            if waiting and (not begun or waiting[0][0][0] < begun[0][0]):
                numbers, evidence = waiting.popleft()
                rest = iter(numbers)
                heappush(begun, (next(rest), rest, evidence))
                continue
            number, rest, evidence = begun[0]
            yield self._make(self._changes[number], evidence)
            following = next(rest, None)
            if following is None:
                heappop(begun)
            else:
                heapreplace(begun, (following, rest, evidence))

    def __contains__(self, cause: object) -> bool:
        return any(cause == one for one in self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Causes) and [*self] == [*other]

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class ByRules:
    """What the rules say of all the changes.

    ``changed`` and ``excluded``: by the names of surfaces; what has no such change is absent.
    ``matched``: for how many paths each surface wakes.  ``unmatched``: the paths that nothing
    claims, and ``unclaimed`` a cause for each change that nothing claims.
    """

    changed: Mapping[str, Causes[Decision]]
    matched: Mapping[str, int]
    excluded: Mapping[str, Excluded]
    always: Causes[Decision]
    unclaimed: Causes[Answer]
    unmatched: tuple[str, ...]


def by_rules(filters: Filters, changes: Sequence[Change], own: Collection[int]) -> ByRules:
    """Hold every rule against the changes, which are in order, each once.

    ``own``: the numbers of those to the filters themselves, which need no claim.
    """
    surfaces = list(filters.surfaces.values())
    lists = [*(surface.rules for surface in surfaces), filters.always, filters.inert]
    numbers: dict[Answer, list[int]] = defaultdict(list)
    for number, answer in enumerate(_answers(index_of(lists), changes)):
        numbers[answer].append(number)
    including: list[list[tuple[list[int], Decision]]] = [[] for _ in lists]
    excluding: list[list[tuple[list[int], Decision]]] = [[] for _ in lists]
    unclaimed = []
    for answer, some in numbers.items():
        for place, decision in answer.decisions.items():
            (including if decision.rule.include else excluding)[place].append((some, decision))
        if not answer.claimed:
            unclaimed.append((some, answer))
    if own:
        unclaimed = [([n for n in some if n not in own], answer) for some, answer in unclaimed]
        unclaimed = sorted([row for row in unclaimed if row[0]], key=lambda row: row[0][0])
    paths = [change.path for change in changes]
    once = len({*paths}) == len(paths)
    named = list(enumerate(filters.surfaces))
    return ByRules(
        changed={n: Causes(changes, including[p], _changed) for p, n in named if including[p]},
        matched={name: _count(paths, including[place], once) for place, name in named},
        excluded={
            name: _excluded(changes, excluding[place], _count(paths, excluding[place], once))
            for place, name in named
            if excluding[place]
        },
        always=Causes(changes, including[len(surfaces)], _always),
        unclaimed=Causes(changes, unclaimed, _unmatched),
        unmatched=tuple(dict.fromkeys([paths[number] for number in sorted(_all(unclaimed))])),
    )


def _answers(index: Index, changes: Sequence[Change]) -> list[Answer]:
    answers = index.answers(changes)
    for number, change in enumerate(changes):
        # A path can be a file on one side of a diff and a submodule on the other: two changes,
        # one behind the other.  Where the same rule decides about both, once is enough.
        if (
            change.directory
            and replace(change, directory=False) in changes[number - 1 : number]
        ):
            answers[number] = _without(answers[number], answers[number - 1])
    return answers


def _without(answer: Answer, known: Answer) -> Answer:
    same = {number: decision.rule for number, decision in known.decisions.items()}
    decisions = {
        number: decision
        for number, decision in answer.decisions.items()
        if decision.example is not None or decision.rule is not same.get(number)
    }
    return replace(answer, own=decisions, common={})


def _all(rows: Rows[Evidence]) -> Iterable[int]:
    return chain.from_iterable([numbers for numbers, _ in rows])


def _count(paths: Sequence[str], rows: Rows[Evidence], once: bool) -> int:
    """How many different paths there are in some rows; ``once``: each has but one change."""
    if once:
        return sum([len(numbers) for numbers, _ in rows])
    return len({paths[number] for number in _all(rows)})


def _excluded(changes: Sequence[Change], rows: Rows[Decision], paths: int) -> Excluded:
    numbers, decision = rows[0]
    first = changes[numbers[0]]
    return Excluded(first.path, first.status, decision.rule, paths)


def _changed(change: Change, decision: Decision) -> Cause:
    path, status = change.path, change.status
    return Cause(Kind.CHANGED, path, status, decision.rule, example=decision.example)


def _always(change: Change, decision: Decision) -> Cause:
    path, status = change.path, change.status
    return Cause(Kind.ALWAYS, path, status, decision.rule, example=decision.example)


def _unmatched(change: Change, answer: Answer) -> Cause:
    path, status = change.path, change.status
    return Cause(
        Kind.UNMATCHED, path, status, excluding=answer.excluding, example=answer.unclaimed
    )
