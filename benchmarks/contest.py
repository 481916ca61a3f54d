"""Contestants of matching on the same rules and paths, in turn, their answers checked."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks import engines, measure
from benchmarks.engines import Timing
from benchmarks.inputs import Rule, for_picomatch
from impact.pattern import compile_pattern


@dataclass(frozen=True)
class Case:
    """Rules and paths.  ``made``: all contestants have to agree about these rules."""

    title: str
    lists: Sequence[Sequence[Rule]]
    paths: Sequence[str]
    made: bool = True

    @property
    def rules(self) -> int:
        return sum(map(len, self.lists))


Decided = list[list[int]]


class WrongError(Exception):
    """A contestant does not answer as the definition does."""


class Bench:
    """Runs contestants on cases; everything is written to files below ``place``."""

    def __init__(self, place: Path, rounds: int, budget: float, sample: int) -> None:
        self._files = place / "lists.json", place / "paths"
        self._rounds = rounds
        self._budget = budget
        self._sample = sample

    def timings(self, case: Case, names: Sequence[str]) -> dict[str, list[tuple[Timing, int]]]:
        """A timing and the peak memory of each round; the answers are checked."""
        self._write(case)
        expected = _defined(case, self._sample)

        def contestant(name: str) -> tuple[Timing, int]:
            run = self._run(name)
            timing = engines.timing(run.output)
            _check(case, name, timing, expected)
            return timing, run.peak

        turns = {name: partial(contestant, name) for name in names}
        return measure.in_turn(self._rounds, turns)

    def limited(self, case: Case, name: str, limit: float) -> Timing | None:
        """One contestant, once; None where it takes longer than ``limit`` seconds."""
        self._write(case)
        try:
            return engines.timing(self._run(name, limit).output)
        except subprocess.TimeoutExpired:
            return None

    def _run(self, name: str, limit: float | None = None) -> measure.Run:
        command = engines.command(name, *self._files, self._budget, self._sample)
        # picomatch is found from where it is.
        directory = engines.PACKAGES if name == "picomatch" else measure.ROOT
        return measure.measured(command, directory, timeout=limit)

    def _write(self, case: Case) -> None:
        """The files that the contestants read."""
        lists, paths = self._files
        translated = [
            [("" if include else "!") + for_picomatch(text) for text, include in one]
            for one in case.lists
        ]
        lists.write_text(json.dumps({"impact": case.lists, "picomatch": translated}))
        text = "".join(f"{path}\0" for path in case.paths)
        paths.write_bytes(text.encode("utf-8", "surrogateescape"))


def _defined(case: Case, sample: int) -> dict[str, Decided]:
    """Paths of the sample, each with its list and deciding rule, by their numbers.

    The definition as it stands: of each list the last rule that matches, one after the other.
    """
    compiled = {text: compile_pattern(text) for one in case.lists for text, _ in one}

    def decided(path: str) -> Iterator[list[int]]:
        data = path.encode("utf-8", "surrogateescape")
        for number, rules in enumerate(case.lists):
            for line in reversed(range(len(rules))):
                if compiled[rules[line][0]].matches(data):
                    yield [number, line]
                    break

    return {path: list(decided(path)) for path in engines.sampled(case.paths, sample)}


def _check(case: Case, name: str, timing: Timing, expected: Mapping[str, Decided]) -> None:
    """Raise WrongError where an answer is not the one that is expected."""
    if timing.deciding is not None and timing.deciding != list(expected.values()):
        raise WrongError(f"{name} decides otherwise than the definition: {case.title}")
    if timing.woken is None or not case.made:
        return
    # To picomatch, `!a` in a list is whatever is not a: these are other rules.
    same = {
        number
        for number, one in enumerate(case.lists)
        if name != "picomatch" or all(include for _, include in one)
    }
    for woken, (path, decided) in zip(timing.woken, expected.items(), strict=True):
        wanted = {number for number, line in decided if case.lists[number][line][1]}
        if wrong := (wanted ^ set(woken)) & same:
            raise WrongError(f"{name} wakes others for {path}: {sorted(wrong)}: {case.title}")


def whole(timing: Timing, paths: int) -> float:
    """Seconds from the rules to all answers; of what was not asked as much as of what was."""
    return timing.compile + timing.pass_ * paths / timing.asked
