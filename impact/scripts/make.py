"""Reads makefiles: rules, variables and includes, in the order of the text.

Each says which conditionals it is in.  What a rule or a variable is made of stays text with
references in it, as `impact.scripts.making` expands them.
https://www.gnu.org/software/make/manual/html_node/Reading-Makefiles.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

_CONDITIONALS = ("ifeq", "ifneq", "ifdef", "ifndef")
_MODIFIERS = ("export", "override", "private")
_LONGEST = 500_000


@dataclass(frozen=True, slots=True)
class Asked:
    """A conditional: `ifeq`, `ifneq`, `ifdef` or `ifndef`, and what it is about.

    ``holds``: false behind its `else`.
    """

    keyword: str
    text: str
    line: int
    holds: bool = True


@dataclass(frozen=True, slots=True)
class Set:
    """`name operator value`; ``always``: it is sure that it is made.  Lines count from 1.

    ``overrides``: what others say of the variable does not count.
    """

    name: str
    operator: str
    value: str
    line: int
    always: bool = False
    exports: bool = False
    overrides: bool = False
    when: tuple[Asked, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a recipe."""

    number: int
    text: str
    when: tuple[Asked, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """`targets: pattern: prerequisites | order_only`, with the lines of its recipe.

    ``assignment``: of variables for these targets, in place of prerequisites.
    """

    targets: str
    pattern: str
    prerequisites: str
    order_only: str
    recipe: tuple[Line, ...]
    line: int
    assignment: Set | None = None
    when: tuple[Asked, ...] = ()


@dataclass(frozen=True, slots=True)
class Include:
    """`include names`; ``optional``: it need not be there."""

    names: str
    optional: bool
    line: int
    when: tuple[Asked, ...] = ()


Statement: TypeAlias = Set | Rule | Include


def read(text: str) -> Iterator[Statement]:
    """The statements of a makefile; of a rule before those that follow its recipe."""
    if len(text) > _LONGEST:
        return
    lines = text.split("\n")
    number = 0
    conditions: list[tuple[Asked, ...]] = []
    rule: Rule | None = None
    recipe: list[Line] = []
    while number < len(lines):
        start = number
        if rule is not None and lines[number].startswith("\t"):
            number, command = _continued(lines, number)
            recipe.append(Line(start + 1, command, _flat(conditions)))
            continue
        number, line = _logical(lines, number)
        words = line.split(None, 1)
        first = words[0] if words else ""
        if not first:
            continue
        if first.startswith(_CONDITIONALS):
            keyword = next(name for name in _CONDITIONALS if first.startswith(name))
            if first == keyword or first[len(keyword)] in "(\"'":
                conditions.append((Asked(keyword, line[len(keyword) :].strip(), start),))
                continue
        if first in ("else", "endif") and _assignment(line, 0) is None:
            if conditions and first == "else":
                conditions[-1] = _otherwise(conditions[-1], line, start)
            if first == "endif":
                del conditions[-1:]
            continue
        statement: Statement | None
        if _is_definition(line):
            number, statement = _definition(lines, number, line, start + 1)
        else:
            statement = _statement(line, start + 1)
        if rule is not None:
            yield _with_recipe(rule, recipe)
        rule, recipe = None, []
        when = _flat(conditions)
        if isinstance(statement, Rule):
            rule = replace(statement, when=when)
            recipe = [replace(one, when=when) for one in rule.recipe]
        elif statement is not None:
            yield replace(statement, when=when)
    if rule is not None:
        yield _with_recipe(rule, recipe)


def _with_recipe(rule: Rule, recipe: list[Line]) -> Rule:
    return replace(rule, recipe=tuple(recipe))


def _flat(conditions: list[tuple[Asked, ...]]) -> tuple[Asked, ...]:
    return tuple(one for level in conditions for one in level)


def _otherwise(level: tuple[Asked, ...], line: str, number: int) -> tuple[Asked, ...]:
    """What holds behind `else`, or behind `else ifeq ...`."""
    *before, last = level
    rest = line.removeprefix("else").strip()
    keyword = next((name for name in _CONDITIONALS if rest.startswith(name)), "")
    again = (Asked(keyword, rest[len(keyword) :].strip(), number),) if keyword else ()
    return (*before, replace(last, holds=False), *again)


def _continued(lines: list[str], number: int) -> tuple[int, str]:
    """A line of a recipe: the shell sees the line breaks, but not the tabs behind them."""
    found = [lines[number][1:]]
    while _goes_on(lines[number]) and number + 1 < len(lines):
        number += 1
        found.append(lines[number].removeprefix("\t"))
    return number + 1, "\n".join(found)


def _logical(lines: list[str], number: int) -> tuple[int, str]:
    """A line that is none of a recipe: continued ones are joined, comments are cut off."""
    found = []
    while True:
        line = lines[number]
        number += 1
        goes_on = _goes_on(line) and number < len(lines)
        found.append(line[:-1] if goes_on else line)
        if not goes_on:
            break
    joined = found[0] if len(found) == 1 else " ".join(part.strip() for part in found)
    return number, _without_comment(joined.rstrip("\r")).lstrip(" \t")


def _goes_on(line: str) -> bool:
    return (len(line) - len(line.rstrip("\\"))) % 2 == 1


def _without_comment(line: str) -> str:
    at = line.find("#")
    while at >= 0:
        if (len(line[:at]) - len(line[:at].rstrip("\\"))) % 2 == 0:
            return line[:at]
        line = line[: at - 1] + line[at:]
        at = line.find("#", at)
    return line


def _statement(line: str, number: int) -> Statement | None:
    first, _, rest = line.partition(" ")
    if first in ("include", "-include", "sinclude") and not rest.lstrip().startswith(
        ("=", ":", "+", "?")
    ):
        return Include(rest.strip(), first != "include", number)
    if first in ("vpath", "undefine", "unexport", "load", "-load"):
        return None
    if found := _set(line, number):
        return found
    if first in _MODIFIERS:
        return Set(rest.strip(), "", "", number, True, exports=True) if rest else None
    return _rule(line, number)


def _set(line: str, number: int) -> Set | None:
    """An assignment, or None for what is none."""
    exports = overrides = False
    while True:
        first, _, rest = line.partition(" ")
        rest = rest.lstrip()
        # `export = x` is of a variable of that name.
        if first not in _MODIFIERS or not rest or rest[0] in "=:?+!":
            break
        exports |= first == "export"
        overrides |= first == "override"
        line = rest
    parts = _assignment(line, 0)
    if parts is None:
        return None
    name, operator, value = parts
    return Set(name, operator, value, number, False, exports, overrides)


def _assignment(line: str, start: int) -> tuple[str, str, str] | None:
    """The name, the operator and the value of an assignment; None for what is none."""
    at = outside(line, "=:", start)
    if at < 0:
        return None
    if line[at] == ":":
        end = at
        while end < len(line) and line[end] == ":" and end - at < 3:
            end += 1
        if line[end : end + 1] != "=":
            return None
        name, operator, value = line[:at], line[at : end + 1], line[end + 1 :]
    else:
        before = line[at - 1 : at]
        begin = at - 1 if before and before in "?+!" else at
        name, operator, value = line[:begin], line[begin : at + 1], line[at + 1 :]
    name = name.strip()
    if not name or (len(name.split()) > 1 and "$" not in name):
        return None
    return name, operator, value.lstrip()


def _rule(line: str, number: int) -> Rule | None:
    at = outside(line, ":", 0)
    if at < 0:
        return None
    targets = line[:at].strip().removesuffix("&").strip()
    rest = line[at + 1 :].removeprefix(":")
    if found := _set(rest.strip(), number):
        semicolon, equals = outside(rest, ";", 0), outside(rest, "=", 0)
        if semicolon < 0 or semicolon > equals:
            return Rule(targets, "", "", "", (), number, found)
    semicolon = outside(rest, ";", 0)
    recipe = () if semicolon < 0 else (Line(number, rest[semicolon + 1 :].strip()),)
    rest = rest if semicolon < 0 else rest[:semicolon]
    pattern = ""
    again = outside(rest, ":", 0)
    if again >= 0:
        pattern, rest = rest[:again].strip(), rest[again + 1 :]
    bar = outside(rest, "|", 0)
    order = "" if bar < 0 else rest[bar + 1 :].strip()
    rest = rest if bar < 0 else rest[:bar]
    return Rule(targets, pattern, rest.strip(), order, recipe, number)


def outside(line: str, signs: str, start: int) -> int:
    """Where the first of these signs is that is in no reference; -1 for none."""
    depth = 0
    at = start
    while at < len(line):
        char = line[at]
        if char == "$" and line[at + 1 : at + 2] in ("(", "{"):
            depth += 1
            at += 1
        elif char == "$":
            at += 1
        elif depth and char in "({":
            depth += 1
        elif depth and char in ")}":
            depth -= 1
        elif not depth and char in signs:
            return at
        at += 1
    return -1


def _is_definition(line: str) -> bool:
    words = line.split()
    while words and words[0] in _MODIFIERS:
        words = words[1:]
    if len(words) < 2 or words[0] != "define":
        return False
    return words[1][0] not in "=:+?" and (len(words) == 2 or words[2].endswith("="))


def _definition(lines: list[str], number: int, line: str, start: int) -> tuple[int, Set]:
    """`define name` up to its `endef`."""
    words = line.split()
    words = words[words.index("define") + 1 :]
    operator = words[1] if len(words) > 1 else "="
    depth = 1
    body: list[str] = []
    while number < len(lines):
        first = lines[number].split(None, 1)[:1]
        depth += first == ["define"]
        depth -= first == ["endef"]
        number += 1
        if not depth:
            break
        body.append(lines[number - 1])
    text = "\n".join(body)
    return number, Set(words[0], operator, text, start)
