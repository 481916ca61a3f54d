"""Reads `[ ... ]`, `[[ ... ]]` and `test` from the tree of a parser.

https://www.gnu.org/software/bash/manual/html_node/Bash-Conditional-Expressions.html
"""

from __future__ import annotations

from collections.abc import Sequence

from impact.scripts.nodes import Test, Unknown, Word
from impact.scripts.words import DEEPEST, Tree, Words

_OF_ONE = {"-n", "-z"}
_OF_TWO = {"=", "==", "!=", "-eq", "-ne", "-lt", "-le", "-gt", "-ge"}


def question(tree: Tree, words: Words, depth: int) -> Test:
    """What a command in brackets asks."""
    splits = words.text(tree)[:2] != "[["
    inner = tree.named_children
    joined = any(words.text(one) in ("-a", "-o") for one in _operators(tree))
    broken = any(child.is_missing or child.type == "ERROR" for child in tree.children)
    if len(inner) != 1 or broken or (splits and joined):
        return _not_looked_into(tree, words, depth)
    return _Reader(words, splits).part(inner[0], depth)


def question_of_words(words: Sequence[Word], line: int) -> Test:
    """What `test` with these words asks."""
    match words:
        case [word]:
            return Test(line, "text", (word,), True)
        case [operator, word] if operator.written in _OF_ONE:
            return Test(line, operator.written, (word,), True)
        case [left, operator, right] if operator.written in _OF_TWO:
            return _compared(line, operator.written, left, right, True)
        case [sign, *rest] if sign.written == "!" and rest:
            return Test(line, "!", (question_of_words(rest, line),))
        case _:
            return Test(line, "", tuple(words))


class _Reader:
    def __init__(self, words: Words, splits: bool) -> None:
        self.words = words
        self.splits = splits

    def part(self, tree: Tree, depth: int) -> Test:
        """A part, which may be of parts."""
        inner, line = tree.named_children, tree.start_point[0]
        signs = [child.type for child in tree.children if not child.is_named]
        if depth > DEEPEST or tree.type == "ERROR" or tree.is_missing:
            return _not_looked_into(tree, self.words, depth)
        match tree.type:
            case "parenthesized_expression" if len(inner) == 1:
                return self.part(inner[0], depth + 1)
            case "unary_expression" if signs == ["!"] and len(inner) == 1:
                return Test(line, "!", (self.part(inner[0], depth + 1),))
            case "unary_expression" if len(inner) == 2:
                operator = self.words.text(inner[0])
                if operator in _OF_ONE:
                    word = self.words.word(inner[1], depth)
                    return Test(line, operator, (word,), self.splits)
            case "binary_expression" if len(inner) == 2 and signs in (["&&"], ["||"]):
                left, right = (self.part(one, depth + 1) for one in inner)
                return Test(line, signs[0], (left, right))
            case "binary_expression" if _operator(tree, self.words) in _OF_TWO:
                pieces = [one for one in inner[1:] if one.type != "test_operator"]
                ends = [one.end_byte for one in pieces[:-1]]
                if pieces and ends == [one.start_byte for one in pieces[1:]]:
                    return self.compared(tree, inner[0], pieces, depth)
            case "unary_expression" | "binary_expression" | "ternary_expression":
                pass
            case _:
                return Test(line, "text", (self.words.word(tree, depth),), self.splits)
        return _not_looked_into(tree, self.words, depth)

    def compared(self, tree: Tree, left: Tree, right: Sequence[Tree], depth: int) -> Test:
        line = tree.start_point[0]
        if left.type == "unary_expression" and left.children[0].type == "!":
            # The grammar reads `! a == b` as `(! a) == b`.
            return Test(line, "!", (self.compared(tree, left.named_children[0], right, depth),))
        # A pattern may be in pieces.
        parts = tuple(part for one in right for part in self.words.parts(one, False, depth))
        pattern = Word(parts, "".join(map(self.words.text, right)))
        first = self.words.word(left, depth)
        return _compared(line, _operator(tree, self.words), first, pattern, self.splits)


def _compared(line: int, operator: str, left: Word, right: Word, splits: bool) -> Test:
    if operator.startswith("-"):
        return Test(line, operator, (left, right), splits)
    found = Test(line, "=" if splits else "like", (left, right), splits)
    return Test(line, "!", (found,)) if operator == "!=" else found


def _operator(tree: Tree, words: Words) -> str:
    found = [
        words.text(child)
        for child in tree.children
        if not child.is_named or child.type == "test_operator"
    ]
    return found[0] if len(found) == 1 else ""


def _operators(tree: Tree) -> list[Tree]:
    todo, found = [tree], []
    for one in todo:  # grows while it is walked
        todo += one.named_children
        found += [one] if one.type == "test_operator" else []
    return found


def _not_looked_into(tree: Tree, words: Words, depth: int) -> Test:
    unknown = Word((Unknown(tuple(words.bodies(tree, depth))),), words.text(tree))
    return Test(tree.start_point[0], "", (unknown,))
