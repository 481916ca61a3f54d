"""A job that detects: which surfaces its outputs tell of, and what they are in a situation."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from impact.workflows.detection import FAILURE, SUCCESS, Scene
from impact.workflows.project import Outputs, Project, State
from impact.workflows.values import UNKNOWN, Partial, Value
from impact.workflows.workflow import Job

_WORD = re.compile(r"[A-Za-z_][\w-]*")
_OF_MANY = {
    *("any", "changes", "changed_keys", "modified_keys"),
    *(f"{how}_{what}" for how in ("any", "all", "only") for what in ("changed", "modified")),
}
"""Outputs of steps that detect which tell of many surfaces."""


class _Told(Mapping[str, Value]):
    """Outputs without those that are lost; empty text is what GitHub makes of them."""

    def __init__(self, outputs: Outputs, lost: Collection[str]) -> None:
        self._outputs = outputs
        self._lost = lost

    def __getitem__(self, name: str) -> Value:
        return "" if name.lower() in self._lost else self._outputs[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._outputs)

    def __len__(self) -> int:
        return len(self._outputs)


@dataclass(frozen=True)
class Detected:
    """A job that detects, as `scenes` ask it; ``surfaces`` are all that it tells of.

    ``assumed``: of what only a run can tell, in its outputs.
    """

    project: Project
    job: Job
    assumed: bool = False

    @property
    def name(self) -> str:
        """The job's id."""
        return self.job.id

    @cached_property
    def surfaces(self) -> Sequence[str]:
        """All that it tells of, in order."""
        return self.project.surfaces(self.job)

    @cached_property
    def told(self) -> Mapping[str, frozenset[str]]:
        """The surfaces on which each output depends, by its name in lower case."""
        every = frozenset(self.surfaces)
        none, full = (self._folded(awake, None) for awake in (frozenset(), every))
        found: dict[str, set[str]] = {output: set() for output in none}
        for output in none:
            if self._names_none(output) and none[output] != full.get(output):
                found[output].update(self.surfaces)
        asking: dict[str, set[str]] = {}
        for output in none:
            names = [name for name in self.surfaces if self._may_tell(output, name.lower())]
            if len(names) == 1:
                # All that there is to know of it is whether that one is awake.
                found[output].update(names if none[output] != full.get(output) else ())
                continue
            for name in names:
                asking.setdefault(name, set()).add(output)
        for name, asked in asking.items():
            alone = self._folded(frozenset({name}), asked)
            others = self._folded(every - {name}, asked)
            for output in asked:
                if alone.get(output) != none[output] or others.get(output) != full.get(output):
                    found[output].add(name)
        return {output: frozenset(names) for output, names in found.items()}

    @cached_property
    def _words(self) -> Mapping[str, set[str]]:
        """The words of each output of a job that detects itself; else nothing is known."""
        if self.job.uses is not None or any(map(self.project.action, self.job.steps)):
            return {}
        texts = {name.lower(): text.text.lower() for name, text in self.job.outputs.items()}
        return {
            name: {part for word in _WORD.findall(text) for part in _beginnings(word)}
            for name, text in texts.items()
        }

    def _may_tell(self, output: str, name: str) -> bool:
        """Whether an output may depend on a surface: one that names others does not."""
        words = self._words.get(output)
        if words is None or words & _OF_MANY:
            return True
        if self._names_none(output):
            return False  # it tells of all of them or of none
        return name in words

    def _names_none(self, output: str) -> bool:
        words = self._words.get(output)
        return words is not None and not words & (_OF_MANY | self._names)

    @cached_property
    def _names(self) -> set[str]:
        return {name.lower() for name in self.surfaces}

    def _folded(
        self, awake: frozenset[str], wanted: Collection[str] | None
    ) -> dict[str, Value]:
        state = State(awake, assumed=self.assumed)
        found = self.project.job_outputs(self.job, state, only=wanted)
        return {name.lower(): value for name, value in found.items()}

    def about(self, output: str) -> Collection[str]:
        """The surfaces on which an output may depend."""
        return self.told.get(output.lower(), self.surfaces)

    def outputs(self, scene: Scene) -> Mapping[str, Value]:
        """What `needs.NAME.outputs` is in a situation."""
        if scene.detection not in (SUCCESS, FAILURE) or scene.lost is None:
            # What tells of no surface is what it may be, as everywhere.
            others = (name for name, surfaces in self.told.items() if not surfaces)
            return dict.fromkeys(others, UNKNOWN)
        failed = scene.detection == FAILURE  # its outputs are made all the same
        state = State(frozenset(scene.awake), scene.determined, self.assumed, failed)
        found = self.project.job_outputs(self.job, state)
        lost = {name.lower() for name in scene.lost}
        if isinstance(found, Partial):
            return Partial({**found, **dict.fromkeys(scene.lost, "")})
        return _Told(found, lost) if lost else found


def _beginnings(word: str) -> Iterator[str]:
    """A word, and what is before each `_` of it: `docs_files` is about `docs`."""
    yield word
    for at, letter in enumerate(word):
        if letter == "_":
            yield word[:at]
