"""Follows the commands of a script: what each is, where it runs and which files it uses."""

from __future__ import annotations

from functools import partial

from impact.scripts.builtin import ANSWERS, BUILTINS
from impact.scripts.expand import expand, value
from impact.scripts.flow import MOST, Flow, Status
from impact.scripts.nodes import (
    Command,
    Node,
    Part,
    Redirect,
    Substitution,
    Unknown,
    Word,
)
from impact.scripts.programs import program
from impact.scripts.shell import UNKNOWN
from impact.scripts.state import State
from impact.scripts.trace import Origin, Spot, Trace

_READS = {"<", "<>"}
_SHELLS = {"bash", "sh", "dash", "zsh", "ksh"}
_LOCAL = {"local", "declare", "typeset"}
_DECLARES = {"export", "readonly", *_LOCAL}


class Run(Flow):
    """Follows commands and remembers in ``trace`` what they use."""

    def __init__(self, trace: Trace) -> None:
        super().__init__(trace)
        self.calls = 0

    def command(self, node: Command, state: State, origin: Origin) -> Status:
        """Follow a simple command: what is within its words, its redirects, itself."""
        spot = origin.at(node.line)
        if not self.trace.spend(spot):
            return None
        files = self.trace.files
        listed = (word for one in node.assignments for word in one.items or ())
        for word in (*node.words, *(one.value for one in node.assignments), *listed):
            self.word(word, state, origin)
        words = [text for word in node.words for text in expand(word, state, files)]
        document = ""
        for redirect in node.redirects:
            if redirect.operator in ("<<", "<<<"):
                document = value(redirect.target, state, files)
            elif redirect.operator in _READS:
                self.redirect(redirect, state, spot, origin)
        status: Status = True
        if not node.words or (words and words[0] in _DECLARES):
            self.assign(node, state, words)
        elif not words:
            status = None
        else:
            inner = state
            if node.assignments:
                inner = state.copy()
                for one in node.assignments:
                    inner.assign(one.name, value(one.value, state, files), export=True)
            status = self.called(words, inner, spot, document)
            if inner is not state:
                state.directory, state.ended = inner.directory, inner.ended
                state.status = inner.status
        for redirect in node.redirects:
            if redirect.operator not in _READS:
                self.redirect(redirect, state, spot, origin)
        return status

    def assign(self, node: Command, state: State, words: list[str]) -> None:
        """Assignments that last."""
        export = bool(words) and (words[0] == "export" or "-x" in words)
        if words and words[0] in _LOCAL:
            bare = [word for word in words[1:] if not word.startswith("-")]
            if self.calls:
                state.locals |= {*bare, *(one.name for one in node.assignments)}
            for name in bare:
                state.assign(name, UNKNOWN)
        for one in node.assignments:
            if not one.name:
                continue
            if one.items is not None:
                files = self.trace.files
                items = [text for word in one.items for text in expand(word, state, files)]
                state.assign_list(one.name, tuple(items), one.appends)
                continue
            held = value(one.value, state, self.trace.files)
            if one.appends:
                held = state.variables.get(one.name, UNKNOWN) + held
            state.assign(one.name, held, export or one.name in state.exported)
        if export:
            state.exported |= {*words[1:]}

    def called(self, words: list[str], state: State, spot: Spot, document: str) -> Status:
        """A function of the script, a program, or a shell that reads from a document."""
        name = words[0]
        body = state.functions.get(name)
        if body is not None:
            return self.function(body, words[1:], state, spot)
        if document and name in _SHELLS and all(w.startswith("-") for w in words[1:]):
            self.script(document, state.child(), Origin(spot))
            return None
        return self.invoke(words, state, spot)

    def function(self, body: Node, words: list[str], state: State, spot: Spot) -> Status:
        """Follow a function; what is local to it is as before behind it."""
        if self.calls >= MOST:
            return None
        self.calls += 1
        outer = state.copy()
        state.arguments, state.locals = tuple(words), frozenset()
        state.loops, state.returns = 0, True
        follow = partial(self.node, body, state, Origin(spot))
        status = self.within(("return",), state, follow)
        for name in state.locals:
            state.restore(name, outer)
        state.arguments, state.locals = outer.arguments, outer.locals
        state.loops, state.returns = outer.loops, outer.returns
        self.calls -= 1
        return status

    def invoke(self, words: list[str], state: State, spot: Spot) -> Status:
        """Follow a command: one of the shell, or a program."""
        if not words or not self.trace.spend(spot):
            return None
        if words[0] in ANSWERS:
            return ANSWERS[words[0]]
        if builtin := BUILTINS.get(words[0]):
            return builtin(self, words[1:], state, spot)
        program(self, words, state, spot)
        return None

    def redirect(self, redirect: Redirect, state: State, spot: Spot, origin: Origin) -> None:
        """What a redirect reads is used, what it writes is no longer the tracked file."""
        if redirect.operator in ("<<", "<<<"):
            self.word(redirect.target, state, origin)
            return
        self.word(redirect.target, state, origin)
        name = value(redirect.target, state, self.trace.files)
        if redirect.operator in _READS:
            self.trace.name(name, state.directory, spot)
        elif redirect.operator in (">", ">|", "&>"):
            self.trace.write(name, state.directory)

    def word(self, word: Word, state: State, origin: Origin) -> None:
        """Follow the commands within a word."""
        for part in word.parts:
            for body in _bodies(part):
                self.apart(body, state, origin)


def _bodies(part: Part) -> tuple[Node, ...]:
    match part:
        case Substitution(body=body):
            return (body,)
        case Unknown(bodies=bodies):
            return bodies
        case _:
            return ()
