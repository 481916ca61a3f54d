"""Follows a script: what each of its commands is, where it runs and which files it uses."""

from __future__ import annotations

from impact.scripts.builtin import BUILTINS
from impact.scripts.expand import expand, value
from impact.scripts.nodes import (
    Apart,
    Both,
    Branches,
    Command,
    Either,
    Function,
    Loop,
    Node,
    Part,
    Redirect,
    Redirected,
    Sequence,
    Substitution,
    Unknown,
    Unreadable,
    Word,
)
from impact.scripts.programs import program
from impact.scripts.shell import UNKNOWN, parse
from impact.scripts.state import State, merged
from impact.scripts.trace import DEEPEST, Origin, Spot, Trace, is_known

_READS = {"<", "<>"}
_SHELLS = {"bash", "sh", "dash", "zsh", "ksh"}
_DECLARES = {"export", "declare", "typeset", "local", "readonly"}
_CALLS = 20


class Run:
    """Follows commands and remembers in ``trace`` what they use."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.calls = 0
        self.scripts = 0
        self.parsed: dict[str, Node] = {}

    def script(self, text: str, state: State, origin: Origin) -> None:
        """Follow the commands of a text; what they change is changed in the state."""
        if self.scripts >= 2 * DEEPEST:
            self.trace.unresolved("the rest", "scripts within scripts", origin.at(0))
            return
        self.scripts += 1
        if text not in self.parsed:
            self.parsed[text] = parse(text)
        self.node(self.parsed[text], state, origin)
        self.scripts -= 1

    def node(self, node: Node, state: State, origin: Origin) -> None:
        """Follow a part of a script."""
        if state.ended or self.trace.full or not self.trace.enter(origin.at(0)):
            return
        self.kind(node, state, origin)
        self.trace.leave()

    def kind(self, node: Node, state: State, origin: Origin) -> None:
        """Follow a part of a script for what it is."""
        match node:
            case Command():
                self.command(node, state, origin)
            case Sequence(items=items):
                for item in items:
                    self.node(item, state, origin)
            case Apart(body=body):
                self.node(body, state.copy(), origin)
            case Both(items=items):
                self.both(items, state, origin)
            case Either(left=left, right=right):
                self.either(left, right, state, origin)
            case Branches():
                self.branches(node, state, origin)
            case Loop():
                self.loop(node, state, origin)
            case Function(name=name, body=body):
                state.functions[name] = body
            case Redirected(line=line, body=body, redirects=redirects):
                self.node(body, state, origin)
                for redirect in redirects:
                    self.redirect(redirect, state, origin.at(line), origin)
            case Unreadable(line=line, written=written):
                self.trace.unresolved(written, "cannot be read as shell", origin.at(line))
                if "cd" in written or "pushd" in written:
                    state.directory = None

    def both(self, items: tuple[Node, ...], state: State, origin: Origin) -> None:
        """`left && right`: the left is taken to go well, unless it is a question."""
        before: list[State] = []
        for number, item in enumerate(items):
            self.node(item, state, origin)
            if state.ended:
                # Only the first is sure to run.
                state.ended = not number
                break
            if _is_question(item) and not before:
                before = [state.copy()]
        if before and not state.ended:
            state.take(merged([*before, state]))

    def either(self, left: Node, right: Node, state: State, origin: Origin) -> None:
        """`left || right`: what is right of it runs where the left failed, wholly or partly."""
        before = state.copy()
        self.node(left, state, origin)
        ended, state.ended = state.ended, False
        failed = before if _is_change(left) else merged([before, state])
        start = failed.directory
        self.node(right, failed, origin)
        if not failed.ended:
            directory = state.directory if failed.directory == start else None
            state.take(merged([state, failed]))
            state.directory = directory
        state.ended = ended and failed.ended

    def branches(self, node: Branches, state: State, origin: Origin) -> None:
        """What holds behind it is what holds behind all that do not end the script."""
        ways = [] if node.exhaustive else [state.copy()]
        for item in node.items:
            way = state.copy()
            self.node(item, way, origin)
            ways.append(way)
        if ways:
            ended = all(way.ended for way in ways)
            state.take(merged(ways))
            state.ended = ended

    def loop(self, node: Loop, state: State, origin: Origin) -> None:
        """The first round is followed, and one for each value that is known."""
        values: list[str] = [UNKNOWN]
        if node.variable:
            spot = origin.at(0)
            for word in node.values:
                self.word(word, state, origin)
            files = self.trace.files
            values = [text for word in node.values for text in expand(word, state, files)]
            if any(not is_known(text) for text in values) or len(values) > _CALLS:
                values = [*[*filter(is_known, values)][:_CALLS], UNKNOWN]
        before = state.copy()
        for text in values:
            if node.variable:
                state.assign(node.variable, text)
            if not self.trace.spend(spot if node.variable else origin.at(0)):
                return
            self.node(node.body, state, origin)
            state.ended = False
        state.take(merged([before, state]))

    def command(self, node: Command, state: State, origin: Origin) -> None:
        """Follow a simple command: what is within its words, its redirects, itself."""
        spot = origin.at(node.line)
        if not self.trace.spend(spot):
            return
        files = self.trace.files
        for word in (*node.words, *(a.value for a in node.assignments if a.value)):
            self.word(word, state, origin)
        words = [text for word in node.words for text in expand(word, state, files)]
        document = ""
        for redirect in node.redirects:
            if redirect.operator in ("<<", "<<<"):
                document = value(redirect.target, state, files)
            elif redirect.operator in _READS:
                self.redirect(redirect, state, spot, origin)
        declares = bool(words) and words[0] in _DECLARES
        if not words or declares:
            self.assign(node, state, words)
        else:
            inner = state
            if node.assignments:
                inner = state.copy()
                for one in node.assignments:
                    held = value(one.value, state, files) if one.value else UNKNOWN
                    inner.assign(one.name, held, export=True)
            self.called(words, inner, spot, document)
            if inner is not state:
                state.directory, state.ended = inner.directory, inner.ended
        for redirect in node.redirects:
            if redirect.operator not in _READS:
                self.redirect(redirect, state, spot, origin)

    def assign(self, node: Command, state: State, words: list[str]) -> None:
        """Assignments that last."""
        export = bool(words) and (words[0] == "export" or "-x" in words)
        for one in node.assignments:
            if not one.name:
                continue
            held = value(one.value, state, self.trace.files) if one.value else UNKNOWN
            if one.appends:
                held = state.variables.get(one.name, UNKNOWN) + held
            state.assign(one.name, held, export or one.name in state.exported)
        if export:
            state.exported |= {*words[1:]}

    def called(self, words: list[str], state: State, spot: Spot, document: str) -> None:
        """A function of the script, a program, or a shell that reads from a document."""
        name = words[0]
        body = state.functions.get(name)
        if body is not None:
            if self.calls >= _CALLS:
                return
            self.calls += 1
            outer = state.arguments
            state.arguments = tuple(words[1:])
            self.node(body, state, Origin(spot))
            state.arguments, state.ended = outer, False
            self.calls -= 1
        elif document and name in _SHELLS and all(w.startswith("-") for w in words[1:]):
            self.script(document, state.child(), Origin(spot))
        else:
            self.invoke(words, state, spot)

    def invoke(self, words: list[str], state: State, spot: Spot) -> None:
        """Follow a command: one of the shell, or a program."""
        if not words or not self.trace.spend(spot):
            return
        if builtin := BUILTINS.get(words[0]):
            builtin(self, words[1:], state, spot)
        else:
            program(self, words, state, spot)

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
                self.node(body, state.copy(), origin)


def _bodies(part: Part) -> tuple[Node, ...]:
    match part:
        case Substitution(body=body):
            return (body,)
        case Unknown(bodies=bodies):
            return bodies
        case _:
            return ()


def _is_question(node: Node) -> bool:
    """Whether it does nothing but ask."""
    match node:
        case Apart(body=Command(words=())):
            return True
        case Command(words=(first, *_)):
            return first.written in ("test", "[", "command", "which", "type")
        case Either(left=left, right=right):
            return _is_question(left) and _is_question(right)
        case Both(items=items):
            return all(map(_is_question, items))
        case Sequence(items=(one,)) | Redirected(body=one):
            return _is_question(one)
        case _:
            return False


def _is_change(node: Node) -> bool:
    """Whether it is nothing but a change of directory."""
    match node:
        case Command(words=(first, *_)):
            return first.written in ("cd", "pushd")
        case Redirected(body=body):
            return _is_change(body)
        case _:
            return False
