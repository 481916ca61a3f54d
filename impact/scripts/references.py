"""The variables of make, and references to them in text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from impact.scripts.files import ROOT
from impact.scripts.make import Asked, Set, outside
from impact.scripts.shell import UNKNOWN

_DEEPEST = 20
_LONGEST = 20_000
_QUOTED = re.compile(r"""('[^']*'|"[^"]*")\s*('[^']*'|"[^"]*")""")
_OUTPUTS = {"pwd": "", "git rev-parse --show-toplevel": ROOT}


@dataclass(slots=True)
class Budget:
    """How many more references may be resolved."""

    left: int = 50_000


class Variables:
    """What the variables of a run of make hold, as far as makefiles tell."""

    def __init__(
        self,
        given: Mapping[str, str],
        environment: Mapping[str, str],
        directory: str,
        budget: Budget,
    ) -> None:
        self.given = {"MAKE": "make", "CURDIR": directory, "SHELL": "sh", **given}
        self.environment = environment
        self.directory = directory
        self.texts: dict[str, str] = {}
        self.of_target: dict[str, dict[str, str]] = {}
        self.doubtful: set[str] = set()
        self.simple: set[str] = set()
        self.overridden: set[str] = set()
        self.budget = budget

    def answer(self, asked: Iterable[Asked], known: dict[int, bool | None]) -> bool | None:
        """Whether all of these conditionals hold; None where that is not known.

        Each is answered once, when make comes to it; ``known`` are the answers by its line.
        """
        answers: set[bool | None] = set()
        for one in asked:
            if one.line not in known:
                known[one.line] = self._answer(one)
            found = known[one.line]
            answers.add(None if found is None else found is one.holds)
        return False if False in answers else None if None in answers else True

    def _answer(self, asked: Asked) -> bool | None:
        found = None
        if asked.keyword in ("ifeq", "ifneq"):
            sides = _sides(asked.text)
            known = [self.expand(side) for side in sides or ()]
            if known and not any(UNKNOWN in side for side in known):
                found = known[0] == known[1]
        else:
            found = self._is_set(self.expand(asked.text))
        if found is None:
            return None
        return found is (asked.keyword in ("ifeq", "ifdef"))

    def _is_set(self, name: str) -> bool | None:
        """Whether a variable holds any text, as it was written."""
        if UNKNOWN in name or (name in self.doubtful and name not in self.given):
            return None
        text = self.given.get(name, self.texts.get(name, self.environment.get(name, UNKNOWN)))
        return None if UNKNOWN in text else text != ""

    def set(self, one: Set) -> None:
        """An assignment: one that depends on a condition leaves the value unknown."""
        name = self.expand(one.name)
        if not one.operator or (name in self.overridden and not one.overrides):
            return
        if one.operator == "+=" and not one.value and name in self.texts:
            return
        is_set = name in self.texts or name in self.environment
        if one.overrides and (one.operator != "?=" or not is_set):
            self.overridden.add(name)
            self.given.pop(name, None)
        if UNKNOWN in name or not one.always or one.operator == "!=":
            self.doubtful.add(name)
            return
        match one.operator:
            case "?=":
                if not is_set:
                    self.texts[name] = one.value
            case "+=":
                before = self.texts.get(name, self.environment.get(name, ""))
                added = self._now(one.value) if name in self.simple else one.value
                together = f"{before} {added}" if before and one.value else before or added
                self.texts[name] = together[:_LONGEST]
            case "=":
                self.texts[name] = one.value
                self.simple.discard(name)
                self.doubtful.discard(name)
            case _:
                self.texts[name] = self._now(one.value)
                self.simple.add(name)
                self.doubtful.discard(name)

    def _now(self, text: str) -> str:
        """A text of which the references are resolved once and for all."""
        return self.expand(text).replace("$", "$$")

    def set_for(self, target: str, one: Set) -> None:
        """An assignment for a target, and for what it needs, which is left out."""
        name = self.expand(one.name)
        known = one.always and one.operator in ("=", ":=", "::=", "?=")
        self.of_target.setdefault(target, {})[name] = one.value if known else UNKNOWN
        if name not in self.texts:
            self.doubtful.add(name)

    def expand(
        self, text: str, target: str = "", automatic: Mapping[str, str] | None = None
    ) -> str:
        """A text with what its references stand for."""
        return self._expand(text, target, automatic or {}, 0)

    def _expand(self, text: str, target: str, automatic: Mapping[str, str], depth: int) -> str:
        if "$" not in text:
            return text
        self.budget.left -= 1
        if depth > _DEEPEST or self.budget.left < 0:
            return UNKNOWN
        found: list[str] = []
        size = at = 0
        while at < len(text) and size < _LONGEST:
            start = text.find("$", at)
            if start < 0 or start + 1 >= len(text):
                found.append(text[at:])
                break
            found.append(text[at:start])
            sign = text[start + 1]
            if sign == "$":
                found.append("$")
                at = start + 2
            elif sign in "({":
                end = _closing(text, start + 1)
                inner = text[start + 2 : end]
                found.append(self._reference(inner, target, automatic, depth + 1))
                at = end + 1
            else:
                found.append(self._reference(sign, target, automatic, depth + 1))
                at = start + 2
            size += len(found[-1])
        return "".join(found)

    def _reference(
        self, inner: str, target: str, automatic: Mapping[str, str], depth: int
    ) -> str:
        """What `$(inner)` stands for."""
        if inner.startswith("shell "):
            command = inner[6:].strip()
            return (_OUTPUTS[command] or self.directory) if command in _OUTPUTS else UNKNOWN
        name = self._expand(inner, target, automatic, depth)
        if name in automatic:
            return automatic[name]
        own = self.of_target.get(target, {})
        if name in self.given:
            return self.given[name]
        if name in own:
            return self._expand(own[name], target, automatic, depth)
        if name in self.doubtful:
            return UNKNOWN
        if name in self.texts:
            return self._expand(self.texts[name], target, automatic, depth)
        return self.environment.get(name, UNKNOWN)


def _sides(text: str) -> list[str] | None:
    """The two texts that `ifeq` compares: `(a,b)`, `'a' 'b'` or `"a" "b"`."""
    if text[:1] == "(" and text[-1:] == ")":
        inner = text[1:-1]
        at = outside(inner, ",", 0)
        return None if at < 0 else [inner[:at].rstrip(), inner[at + 1 :].lstrip()]
    quoted = _QUOTED.fullmatch(text)
    return [quoted[1][1:-1], quoted[2][1:-1]] if quoted else None


def _closing(text: str, start: int) -> int:
    """Where the bracket closes that opens there; the end of the text if nowhere."""
    opens = text[start]
    closes = ")" if opens == "(" else "}"
    depth = 0
    for at in range(start, len(text)):
        if text[at] == opens:
            depth += 1
        elif text[at] == closes:
            depth -= 1
            if not depth:
                return at
    return len(text)
