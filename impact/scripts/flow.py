"""Which parts of a script run, one after the other, as far as that is known before a run.

Where a question is not answered before a run, both ways are followed, and what holds behind
them is what holds behind either.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeAlias

from impact.scripts.answers import answer, matches
from impact.scripts.expand import expand, value
from impact.scripts.nodes import (
    EMPTY,
    Apart,
    Both,
    Case,
    Command,
    Either,
    Function,
    If,
    Loop,
    Node,
    Not,
    Redirect,
    Redirected,
    Sequence,
    Test,
    Text,
    Unreadable,
    Variable,
    While,
    Word,
)
from impact.scripts.shell import UNKNOWN, parse
from impact.scripts.state import State, merged
from impact.scripts.trace import DEEPEST, Origin, Spot, Trace, is_known

MOST = 20
"""So many calls within calls, rounds and values are followed."""
_ROUNDS = 3
_ARGUMENTS = (Word((Variable("@", True),), '"$@"'),)
"""What `for name; do` goes through."""
_LEAVES = ("return", "break", "continue")

Status: TypeAlias = "bool | None"
"""Whether it ends well; None where only a run can tell."""


class Flow(ABC):
    """Follows scripts; ``left`` are states in which a loop or a function may have been left."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.scripts = 0
        self.parsed: dict[str, Node] = {}
        self.left: list[State] = []

    @abstractmethod
    def command(self, node: Command, state: State, origin: Origin) -> Status:
        """Follow a simple command."""

    @abstractmethod
    def word(self, word: Word, state: State, origin: Origin) -> None:
        """Follow the commands within a word."""

    @abstractmethod
    def redirect(self, redirect: Redirect, state: State, spot: Spot, origin: Origin) -> None:
        """Follow a redirect."""

    def script(self, text: str, state: State, origin: Origin) -> Status:
        """Follow the commands of a text; what they change is changed in the state."""
        if self.scripts >= 2 * DEEPEST:
            self.trace.unresolved("the rest", "scripts within scripts", origin.at(0))
            return None
        self.scripts += 1
        if text not in self.parsed:
            self.parsed[text] = parse(text)
        follow = partial(self.node, self.parsed[text], state, origin)
        status = self.within(_LEAVES, state, follow)
        self.scripts -= 1
        return status

    def node(self, node: Node, state: State, origin: Origin) -> Status:
        """Follow a part of a script."""
        if state.ended or self.trace.full or not self.trace.enter(origin.at(0)):
            return None
        status = self._kind(node, state, origin)
        self.trace.leave()
        return status

    def _kind(self, node: Node, state: State, origin: Origin) -> Status:
        status: Status = True
        match node:
            case Command():
                status = self.command(node, state, origin)
            case Sequence(items=items):
                for item in items:
                    status = self.node(item, state, origin)
            case Apart(body=body):
                status = self.apart(body, state, origin)
            case Not(body=body):
                known = self.node(body, state, origin)
                status = None if known is None else not known
            case Test():
                status = self._test(node, state, origin)
            case Both(items=items):
                status = self._both(items, state, origin)
            case Either(left=left, right=right):
                status = self._either(left, right, state, origin)
            case If(asked=asked, then=then, rest=rest):
                known = self.node(asked, state, origin)
                ways = (then, rest) if known is None else (then if known else rest,)
                status = self._branches(ways, state, origin)
            case Case():
                status = self._case(node, state, origin)
            case While() | Loop():
                status = self._repeat(node, state, origin)
            case Function(name=name, body=body):
                state.functions[name] = body
            case Redirected(line=line, body=body, redirects=redirects):
                status = self.node(body, state, origin)
                for redirect in redirects:
                    self.redirect(redirect, state, origin.at(line), origin)
            case Unreadable(line=line, written=written):
                self.trace.unresolved(written, "cannot be read as shell", origin.at(line))
                if "cd" in written or "pushd" in written:
                    state.directory = None
                status = None
        return status

    def within(
        self, kinds: tuple[str, ...], state: State, follow: Callable[[], Status]
    ) -> Status:
        """Follow what is left by these commands; what holds behind it does either way."""
        mark = len(self.left)
        status = follow()
        ways = [state, *(one for one in self.left[mark:] if one.ended in kinds)]
        self.left[mark:] = [one for one in self.left[mark:] if one.ended not in kinds]
        if state.ended in kinds:
            status = state.status
        going = [one for one in ways if not one.ended or one.ended in kinds]
        for one in going:
            one.ended = ""
        if going:
            state.take(merged(going))
        return status if len(going) == 1 else None

    def _join(self, ways: list[State], state: State) -> None:
        """What holds behind ways of which one was gone."""
        going = [way for way in ways if not way.ended] or ways[:1]
        others = (way for way in ways if all(way is not one for one in going))
        self.left += [way for way in others if way.ended in _LEAVES]
        state.take(merged(going))

    def apart(self, node: Node, state: State, origin: Origin) -> Status:
        """Follow what changes nothing of what follows."""
        inner, mark = state.copy(), len(self.left)
        inner.loops = 0
        status = self.node(node, inner, origin)
        del self.left[mark:]
        return inner.status if inner.ended else status

    def _test(self, node: Test, state: State, origin: Origin) -> Status:
        """A question, which may run commands to be answered."""
        if not self.trace.spend(origin.at(node.line)):
            return None
        for operand in node.operands:
            if isinstance(operand, Word):
                self.word(operand, state, origin)
            else:
                self._test(operand, state, origin)
        return answer(node, state, self.trace.files)

    def _both(self, items: tuple[Node, ...], state: State, origin: Origin) -> Status:
        """`left && right`: where it goes on is told as if the left went well, but questions."""
        failed: State | None = None
        is_question = False
        status: Status = True
        for item in items:
            known = self.node(item, state, origin)
            if known is False:
                status = False if status else None
            if state.ended or known is False:
                break
            if known is None and failed is None:
                failed, is_question = state.copy(), _is_question(item)
            status = status and known
        if failed is not None:
            directory = failed.directory if is_question or state.ended else state.directory
            failed.directory = directory
            self._join([failed, state.copy()], state)
        return status

    def _either(self, left: Node, right: Node, state: State, origin: Origin) -> Status:
        """`left || right`: what is right of it runs where the left failed, wholly or partly."""
        before = state.copy()
        known = self.node(left, state, origin)
        if known or state.ended:
            return known
        if known is False:
            return self.node(right, state, origin)
        failed = before if _is_change(left) else merged([before, state])
        start = failed.directory
        status = self.node(right, failed, origin)
        if not failed.ended:
            directory = state.directory if failed.directory == start else None
            state.take(merged([state, failed]))
            state.directory = directory
        else:
            self._join([state.copy(), failed], state)
        return True if status else None

    def _branches(self, nodes: Iterable[Node], state: State, origin: Origin) -> Status:
        ways: list[State] = []
        found: set[Status] = set()
        for node in nodes:
            way = state.copy()
            status = self.node(node, way, origin)
            ways.append(way)
            found |= {status} if not way.ended else set()
        self._join(ways, state)
        return found.pop() if len(found) == 1 else None

    def _case(self, node: Case, state: State, origin: Origin) -> Status:
        """The first branch that matches, or each that may."""
        self.word(node.subject, state, origin)
        files = self.trace.files
        subject = value(node.subject, state, files)
        ways: list[Node] = []
        for number, item in enumerate(node.items):
            for word in item.patterns:
                self.word(word, state, origin)
            found = {matches(subject, word, state, files) for word in item.patterns}
            if found == {False}:
                continue
            body = item.body
            if item.goes_on:
                held = Word((Text(subject, True),), subject)
                body = Sequence((body, Case(node.line, held, node.items[number + 1 :])))
            ways.append(body)
            if True in found:
                break
        else:
            ways.append(EMPTY)
        return self._branches(ways, state, origin)

    def _repeat(self, node: While | Loop, state: State, origin: Origin) -> Status:
        state.loops += 1
        if isinstance(node, While):
            follow = partial(self._while, node, state, origin)
        else:
            follow = partial(self._loop, node, state, origin)
        status = self.within(_LEAVES[1:], state, follow)
        state.loops -= 1
        return status

    def _while(self, node: While, state: State, origin: Origin) -> Status:
        """Round for round as long as the answers are known, then any number of others."""
        for _ in range(MOST):
            known = self.node(node.asked, state, origin)
            if known is None or state.ended:
                break
            if known is node.until:
                return True
            self._round(node.body, state, origin)
        if not state.ended:
            self._rounds(Sequence((node.asked, node.body)), state, origin)
        return None

    def _loop(self, node: Loop, state: State, origin: Origin) -> Status:
        """A round for each value, if they are known."""
        if not node.variable:
            return self._rounds(node.body, state, origin)
        words = node.values or _ARGUMENTS
        for word in words:
            self.word(word, state, origin)
        files = self.trace.files
        values = [text for word in words for text in expand(word, state, files)]
        known = [text for text in values if is_known(text)][:MOST]
        every = len(known) == len(values)
        for text in known:
            if state.ended:
                return None
            before = state.copy()
            state.assign(node.variable, text)
            self._round(node.body, state, origin)
            if not every:
                self._join([before, state.copy()], state)
        if not every:
            state.assign(node.variable, UNKNOWN)
            self._rounds(node.body, state, origin)
        return None

    def _round(self, body: Node, state: State, origin: Origin) -> Status:
        if not self.trace.spend(origin.at(0)):
            return None
        return self.within(("continue",), state, partial(self.node, body, state, origin))

    def _rounds(self, body: Node, state: State, origin: Origin) -> Status:
        """Any number of rounds: what a round changes is not known in the next."""
        for _ in range(_ROUNDS):
            before = state.copy()
            self._round(body, state, origin)
            self._join([before, state.copy()], state)
            if state == before:
                break
        return None


def _is_question(node: Node) -> bool:
    """Whether it does nothing but ask."""
    match node:
        case Test():
            return True
        case Command(words=(first, *_)):
            return first.written in ("test", "[", "command", "which", "type")
        case Either(left=left, right=right):
            return _is_question(left) and _is_question(right)
        case Both(items=items):
            return all(map(_is_question, items))
        case Sequence(items=(one,)) | Redirected(body=one) | Apart(body=one) | Not(body=one):
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
