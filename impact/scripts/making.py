"""Follows `make`: the targets asked for, what they need, and their recipes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from impact.scripts.arguments import names
from impact.scripts.files import absolute, from_root, matching, named
from impact.scripts.make import Asked, Include, Rule, Set, read
from impact.scripts.references import Variables
from impact.scripts.shell import UNKNOWN
from impact.scripts.state import State
from impact.scripts.trace import DEEPEST, Origin, Runner, Spot, is_known, place

_NAMES = ("GNUmakefile", "makefile", "Makefile")
_VALUES = names("-I -o -W -l --include-dir --old-file --what-if --new-file --assume-new -E")
_NOTHING = names("-n --dry-run --just-print -q --question -p --version -v --help -h")
_INCLUDES = 50
_WORDS = 500


def make(runner: Runner, words: list[str], state: State, spot: Spot) -> None:
    """What `make words` uses."""
    asked = _asked(words, state.directory)
    text = " ".join(["make", *words])
    if asked is None:
        return
    inherited = [word for word in state.variables.get("MAKEFLAGS", "").split() if "=" in word]
    if asked.directory is None or not all(map(is_known, asked.files)):
        runner.trace.unresolved(text, "the directory is not known", spot)
        return
    found = asked.files or _default(runner, asked.directory)
    if not found:
        where = place(asked.directory)
        runner.trace.unresolved(text, f"no makefile is tracked in {where}", spot)
        return
    key = f"make {asked.directory} {found} {asked.targets}"
    if key in runner.trace.active:
        return
    if len(runner.trace.active) >= DEEPEST:
        runner.trace.unresolved(text, f"more than {DEEPEST} within each other", spot)
        return
    runner.trace.active.append(key)
    Making(runner, asked.directory, state, [*inherited, *asked.variables]).start(
        found, asked.targets, spot, text
    )
    runner.trace.active.pop()


@dataclass(slots=True)
class _Asked:
    directory: str | None
    files: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    variables: list[str] = field(default_factory=list)


def _asked(words: list[str], directory: str | None) -> _Asked | None:
    """What a command line asks for; None where nothing is made."""
    asked = _Asked(directory)
    rest = list(words)
    while rest:
        word = rest.pop(0)
        option, equals, text = word.partition("=")
        if word in _NOTHING:
            return None
        if word in ("-C", "--directory", "-f", "--file", "--makefile"):
            option, text = word, rest.pop(0) if rest else ""
        elif word[:2] in ("-C", "-f") and word[2:]:
            option, text = word[:2], word[2:]
        if option in ("-C", "--directory"):
            known = is_known(text)
            asked.directory = absolute(asked.directory, text) if known else None
        elif option in ("-f", "--file", "--makefile"):
            asked.files.append(text)
        elif word in _VALUES or (word == "-j" and rest and rest[0].isdigit()):
            del rest[:1]
        elif word.startswith("-"):
            continue
        elif equals:
            asked.variables.append(word)
        elif word != UNKNOWN or not asked.targets:
            asked.targets.append(word)
    return asked


def _default(runner: Runner, directory: str) -> list[str]:
    inner = from_root(directory)
    if inner is None:
        return []
    paths = [f"{inner}/{name}".lstrip("/") for name in _NAMES]
    files = runner.trace.files
    return [name for name, path in zip(_NAMES, paths, strict=True) if files.is_file(path)][:1]


class Making:
    """One run of make in a directory."""

    def __init__(
        self, runner: Runner, directory: str, state: State, overrides: Iterable[str]
    ) -> None:
        self.runner = runner
        self.directory = directory
        self.state = state.child()
        self.state.directory = directory
        given = dict(word.partition("=")[::2] for word in overrides)
        flags = " ".join(f"{k}={v}" for k, v in given.items() if not {*v} & set(" \t\n"))
        self.state.assign("MAKEFLAGS", flags, export=True)
        self.variables = Variables(given, self.state.variables, directory, runner.trace.budget)
        self.rules: list[tuple[str, Rule]] = []
        self.by_target: dict[str, list[tuple[str, Rule]]] = {}
        self.patterns: list[tuple[str, str, Rule]] = []
        self.first = ""
        self.done: set[str] = set()
        self.included = 0
        self.one_shell = False
        self.incomplete = False

    def start(self, files: list[str], targets: list[str], spot: Spot, text: str) -> None:
        """Read the makefiles and follow the targets."""
        trace = self.runner.trace
        for name in files:
            if not self.load(name, spot, optional=False):
                trace.unresolved(text, f"{name} is not tracked", spot)
                return
        if not targets:
            goal = self.variables.expand("$(.DEFAULT_GOAL)")
            goal = goal if is_known(goal) and goal else self.first
            targets = [goal] if goal else []
        for target in targets:
            if not is_known(target):
                trace.unresolved(text, "the target is not known", spot)
            elif not self.target(target, spot) and not self.is_there(target):
                reason = f"no rule for {target} in {self.path(files[0])}"
                trace.unresolved(text, reason, spot)

    def path(self, name: str) -> str:
        """A makefile for a message."""
        return place(absolute(self.directory, name) or name)

    def is_there(self, name: str) -> bool:
        """Whether it is a tracked file, or a directory."""
        return named(name, self.directory, self.runner.trace.files) is not None

    def load(self, name: str, spot: Spot, optional: bool) -> bool:
        """Take what a makefile says, and those that it includes; whether it is there."""
        trace = self.runner.trace
        path = trace.name(name, self.directory, spot)
        text = None if path is None or path.endswith("/") else trace.files.read(path)
        if path is None or text is None:
            return False
        self.included += 1
        if path not in trace.makefiles:
            trace.makefiles[path] = tuple(read(text))
        answers: dict[int, bool | None] = {}
        for statement in trace.makefiles[path]:
            if not trace.spend(spot):
                return True
            known = self.variables.answer(statement.when, answers)
            if known is False:
                continue
            match statement:
                case Set():
                    self.variables.set(_sure(statement, known))
                    if statement.exports:
                        self.state.exported |= {*statement.name.split()}
                case Rule(assignment=assignment):
                    sure = None if assignment is None else _sure(assignment, known)
                    lines = [
                        one
                        for one in statement.recipe
                        if self.variables.answer(one.when, answers) is not False
                    ]
                    self.rule(path, replace(statement, assignment=sure, recipe=tuple(lines)))
                case Include(names=included, line=line):
                    inner = Origin(spot, f"{path}:", 0).at(line)
                    weak = statement.optional or optional or not known
                    self.include(included, inner, weak)
        return True

    def include(self, text: str, spot: Spot, optional: bool) -> None:
        """Take the makefiles that are included."""
        trace = self.runner.trace
        for word in self.variables.expand(text).split():
            found = [word]
            if is_known(word) and set(word) & set("*?["):
                found = matching(word, self.directory, trace.files) or []
            for name in found:
                if self.included > _INCLUDES:
                    trace.unresolved(f"include {name}", "too many makefiles", spot)
                elif not is_known(name):
                    self.incomplete = True
                    if not optional:
                        trace.unresolved(f"include {name}", "its name is not known", spot)
                elif not self.load(name, spot, optional):
                    self.incomplete = True

    def rule(self, path: str, rule: Rule) -> None:
        """Take a rule, or what variables hold for its targets."""
        targets = self.variables.expand(rule.targets).split()[:_WORDS]
        for target in targets:
            if rule.assignment is not None:
                if "%" not in target:
                    self.variables.set_for(target, rule.assignment)
                continue
            if target == ".ONESHELL":
                self.one_shell = True
            if "%" in target and not rule.pattern:
                self.patterns.append((target, path, rule))
                continue
            if not self.first and (not target.startswith(".") or "/" in target):
                self.first = target
            self.by_target.setdefault(_plain(target), []).append((path, rule))

    def target(self, name: str, spot: Spot) -> bool:
        """Follow a target, once; whether there is a rule for it."""
        plain = _plain(name)
        if plain in self.done:
            return True
        trace = self.runner.trace
        if not trace.spend(spot):
            return True
        rules = self.by_target.get(plain, [])
        stems: dict[int, str] = {}
        if not any(rule.recipe for _, rule in rules) and (implicit := self.implicit(plain)):
            rules = [*rules, implicit[:2]]
            stems[len(rules) - 1] = implicit[2]
        if not rules:
            return False
        self.done.add(plain)
        every: list[str] = []
        for number, (path, rule) in enumerate(rules):
            stem = stems.get(number)
            if rule.pattern:
                stem = _stem(self.variables.expand(rule.pattern), plain)
            needs = self.needs(f"{rule.prerequisites} {rule.order_only}", plain, stem)
            here = Origin(spot, f"make {name} ({path}:", rule.line, ")").at(0)
            for need in needs:
                self.need(need, here)
            own = self.needs(rule.prerequisites, plain, stem)
            # What a rule with a recipe needs comes first.
            every = [*own, *every] if rule.recipe else [*every, *own]
        for number, (path, rule) in enumerate(rules):
            if rule.recipe:
                self.recipe(name, path, rule, every, stems.get(number, ""), spot)
        return True

    def needs(self, text: str, target: str, stem: str | None) -> list[str]:
        """The names of prerequisites."""
        words = self.variables.expand(text, target).split()[:_WORDS]
        found = []
        for word in words:
            if stem is not None:
                word = word.replace("%", stem, 1)
            if is_known(word) and set(word) & set("*?["):
                found += matching(word, self.directory, self.runner.trace.files) or []
            else:
                found.append(word)
        return found

    def need(self, name: str, spot: Spot) -> None:
        """A prerequisite is made, or a file that is used."""
        if not is_known(name):
            if name != UNKNOWN:
                self.runner.trace.unresolved(name, "its name is not known", spot)
        elif self.runner.trace.enter(spot):
            if not self.target(name, spot) and self.is_file(name):
                self.runner.trace.name(name, self.directory, spot)
            self.runner.trace.leave()

    def is_file(self, name: str) -> bool:
        """Whether it is a tracked file."""
        path = named(name, self.directory, self.runner.trace.files)
        return path is not None and not path.endswith("/")

    def implicit(self, name: str) -> tuple[str, Rule, str] | None:
        """The first pattern rule that can make a target, with its stem."""
        for pattern, path, rule in self.patterns:
            stem = _stem(pattern, name)
            if not stem or not rule.recipe:
                continue
            needs = self.needs(rule.prerequisites, name, stem)
            if all(is_known(n) and (self.is_there(n) or n in self.by_target) for n in needs):
                return path, rule, stem
        return None

    def recipe(
        self, name: str, path: str, rule: Rule, needs: list[str], stem: str, spot: Spot
    ) -> None:
        """Each line of a recipe is a script of its own."""
        every = " ".join(dict.fromkeys(needs))
        automatic = {"@": name, "<": needs[0] if needs else "", "^": every}
        automatic |= {"*": stem, "+": " ".join(needs), "?": UNKNOWN, "%": "", "|": UNKNOWN}
        lines = [
            (line.number, self.variables.expand(line.text, _plain(name), automatic))
            for line in rule.recipe
        ]
        if self.one_shell and lines:
            lines = [(lines[0][0], "\n".join(_bare(text) for _, text in lines))]
        for line, text in lines:
            origin = Origin(spot, f"make {name} ({path}:", line, ")")
            self.runner.script(_bare(text), self.state.copy(), origin)


def _sure(one: Set, known: bool | None) -> Set:
    """What is within `ifndef name` alone is of the variable where it is not set."""
    match one.when:
        case (Asked(keyword="ifndef", text=name, holds=True),) if name == one.name:
            if known is None and one.operator in ("=", ":=", "::="):
                return replace(one, operator="?=", always=True)
    return replace(one, always=one.always or bool(known))


def _plain(name: str) -> str:
    """A target without what make leaves out: `./name` is `name`."""
    while name.startswith("./") and name.strip("./"):
        name = name[2:].lstrip("/")
    return name


def _bare(line: str) -> str:
    """A line of a recipe without the signs that are for make."""
    return line.lstrip("@-+ \t")


def _stem(pattern: str, name: str) -> str | None:
    """What `%` of a pattern stands for in a name; None where it does not match."""
    before, percent, after = pattern.strip().partition("%")
    if not percent or len(name) <= len(before) + len(after):
        return None
    if name.startswith(before) and name.endswith(after):
        return name[len(before) : len(name) - len(after)]
    return None
