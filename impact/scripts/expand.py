"""What words are when a command runs, as far as that can be told."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from impact.scripts.files import ROOT, Files, absolute, matching
from impact.scripts.globs import without
from impact.scripts.nodes import (
    Both,
    Command,
    Either,
    Node,
    Part,
    Sequence,
    Substitution,
    Text,
    Unknown,
    Variable,
    Word,
)
from impact.scripts.shell import UNKNOWN
from impact.scripts.state import State

_MOST = 200
_LONGEST = 4_000
_BRACES = re.compile(r"\{([^{}]*,[^{}]*)\}")
_WILD = re.compile(r"[*?]|\[[^\]/]+\]")
_SIGNS = frozenset("*?[{},")
_DEEPEST = 8


def expand(word: Word, state: State, files: Files, depth: int = 0) -> list[str]:
    """The words that it becomes; what is not known in them is ``UNKNOWN``."""
    match word.parts:
        case (Variable(name="@" | "*"),) | (
            Text(text=""),
            Variable(name="@"),
        ) if state.arguments is not None:
            return list(state.arguments)
        case (Variable(name=name, operator=""),) | (
            Text(text=""),
            Variable(name=name, operator=""),
        ) if name.endswith("[@]") and (items := state.lists.get(name[:-3])) is not None:
            return list(items)
    fields = [[("", False)]]
    for part in word.parts:
        quoted = not isinstance(part, Unknown) and part.quoted
        text = part_value(part, state, files, depth)
        if quoted or isinstance(part, Text):
            fields[-1].append((text, quoted))
            continue
        # What an unquoted variable holds is split.
        pieces = text.split()
        if text[:1].isspace():
            fields.append([])
        for number, piece in enumerate(pieces):
            if number:
                fields.append([])
            fields[-1].append((piece, False))
        if text[-1:].isspace() and pieces:
            fields.append([])
    found: list[str] = []
    for field in fields:
        if len(found) > _MOST:
            break
        if any(text or quoted for text, quoted in field):
            found += _names(field, state, files)
    return found


def value(word: Word, state: State, files: Files, depth: int = 0) -> str:
    """The text that it is where words are neither split nor patterns."""
    texts = [part_value(part, state, files, depth) for part in word.parts]
    return _home("".join(texts), word)[:_LONGEST]


def _home(text: str, word: Word) -> str:
    match word.parts:
        case (Text(quoted=False), *_) if text == "~" or text.startswith("~/"):
            return f"/{text}"
    return text


def _names(field: list[tuple[str, bool]], state: State, files: Files) -> Iterator[str]:
    """The words of one: braces, a home directory and patterns are resolved, if unquoted."""
    text = "".join(text for text, _ in field)[:_LONGEST]
    if text.startswith("~") and not next(quoted for part, quoted in field if part):
        text = f"/{text}"
    signs = [{*text} & _SIGNS for text, quoted in field if not quoted]
    others = [{*text} & _SIGNS for text, quoted in field if quoted]
    if not any(signs) or any(others):
        yield text
        return
    for braced in _braces(text):
        names = None
        if UNKNOWN not in braced and _WILD.search(braced):
            names = matching(braced, state.directory, files)
        yield from names or [braced]


def _braces(text: str) -> list[str]:
    done: list[str] = []
    todo = [text]
    while todo and len(done) + len(todo) <= _MOST:
        one = todo.pop(0)
        found = _BRACES.search(one)
        if found is None or one[: found.start()].endswith("$"):
            done.append(one)
        else:
            before, after = one[: found.start()], one[found.end() :]
            todo += [f"{before}{choice}{after}" for choice in found[1].split(",")]
    return done + todo


def part_value(part: Part, state: State, files: Files, depth: int = 0) -> str:
    """The text that a part of a word is, where that is known."""
    match part:
        case Text(text=text):
            return text
        case Variable():
            return _variable(part, state)
        case Substitution(body=body, process=False) if depth < _DEEPEST:
            return output(body, state, files, depth + 1)
        case _:
            return UNKNOWN


def _variable(part: Variable, state: State) -> str:
    known = _held(part.name, state)
    operand = part.operand.strip('"')
    literal = not set(operand) & set("$`\\") and UNKNOWN not in operand
    match part.operator:
        case "":
            return UNKNOWN if known is None else known
        case ":-" | ":=" | "-" | "=" if known is not None and UNKNOWN not in known:
            return known or (operand if literal else UNKNOWN)
        case ":?" | "?":
            return UNKNOWN if known is None else known
        case "#" | "##" | "%" | "%%" if known is not None and literal:
            return _without(known, part.operator, operand)
        case ":+" | "+" if known is not None and UNKNOWN not in known and literal:
            return operand if known or part.operator == "+" else ""
        case _:
            return UNKNOWN


def _held(name: str, state: State) -> str | None:
    """What a variable holds; None where it is not known."""
    if name in ("BASH_SOURCE", "BASH_SOURCE[0]"):
        return state.source
    if name == "0":
        return state.script
    if name == "PWD":
        return state.directory
    if name == "#":
        return None if state.arguments is None else str(len(state.arguments))
    if name.endswith(("[@]", "[*]")):
        return _joined(name, state)
    if name.isdecimal() and name.isascii():
        number = int(name[:9])
        if state.arguments is None or not number:
            return None
        return state.arguments[number - 1] if number <= len(state.arguments) else ""
    if name in ("@", "*"):
        return None if state.arguments is None else " ".join(state.arguments)
    return state.variables.get(name)


def _without(known: str, operator: str, operand: str) -> str:
    # A directory may have any name, and its parent too.
    if operator == "%" and operand == "/*":
        return known.rpartition("/")[0] if "/" in known else known
    if operator == "##" and operand == "*/":
        return known.rpartition("/")[2]
    if UNKNOWN in known or ROOT in known:
        return UNKNOWN
    found = without(known, operator, operand)
    return UNKNOWN if found is None else found


def _joined(name: str, state: State) -> str | None:
    items, sign = state.lists.get(name[:-3]), state.variables.get("IFS", " ")
    if items is None or UNKNOWN in sign:
        return None
    return (sign[:1] if name.endswith("[*]") else " ").join(items)


def output(node: Node, state: State, files: Files, depth: int = 0) -> str:
    """What commands print, where they are of the few of which that can be told."""
    match node:
        case Sequence(items=(*before, last)) if len(before) < _DEEPEST:
            inner = state.copy()
            for item in before:
                if not isinstance(item, Command) or not change(item, inner, files, depth):
                    return UNKNOWN
            return output(last, inner, files, depth)
        case Both(items=items) if depth < _DEEPEST:
            return output(Sequence(items), state, files, depth + 1)
        case Either(left=left):
            return output(left, state, files, depth)
        case Command(words=(first, *rest)) if depth < _DEEPEST:
            words = [text for word in rest for text in expand(word, state, files, depth + 1)]
            return _printed(value(first, state, files, depth + 1), words, state)
        case _:
            return UNKNOWN


def change(node: Command, state: State, files: Files, depth: int = 0) -> bool:
    """Whether a command is a change of directory, which is done to the state."""
    words = [text for word in node.words for text in expand(word, state, files, depth + 1)]
    if words[:1] != ["cd"]:
        return False
    names = [word for word in words[1:] if word not in ("-P", "-L", "--", "-e")]
    state.directory = target(names[0] if names else "/~", state)
    return True


def target(name: str, state: State) -> str | None:
    """Where `cd` leads to; None where that is not known."""
    if name == "-":
        return state.previous
    return None if UNKNOWN in name else absolute(state.directory, name)


def _printed(name: str, words: list[str], state: State) -> str:
    plain = [word for word in words if not word.startswith("-")]
    path = plain[0] if plain else UNKNOWN
    match name:
        case "pwd":
            return state.directory or UNKNOWN
        case "dirname" if len(plain) == 1 and path != UNKNOWN:
            return posixpath.dirname(path) or "." if UNKNOWN not in path else UNKNOWN
        case "basename" if len(plain) == 1 and UNKNOWN not in path:
            return posixpath.basename(path)
        case "realpath" | "readlink" if len(plain) == 1 and UNKNOWN not in path:
            return absolute(state.directory, path) or UNKNOWN
        case "git" if words == ["rev-parse", "--show-toplevel"]:
            return ROOT
        case "echo" if len(plain) == len(words):
            return " ".join(words)
        case _:
            return UNKNOWN
