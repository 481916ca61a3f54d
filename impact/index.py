"""Every rule list at once: which rule of each list decides about a change.

The one place behind which matching can be made faster: `decide` asks `Index.answer`
and nothing else.  `last_match` is the definition that it has to equal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from impact.beneath import may_match, outcomes
from impact.model import Change, Rule, Status
from impact.pattern import compile_pattern

Matches = Callable[[Rule], bool]


@dataclass(frozen=True, slots=True)
class Decision:
    """The deciding rule of a list.  ``example``: a path beneath a changed directory."""

    rule: Rule
    example: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the lists say of a change.

    ``decisions`` has the deciding rule of each list, by the list's number; a list without
    a rule that matches is absent.  ``claimed``: the last matching rule of some list,
    statuses ignored, includes the path.  ``excluding``: the rules that, statuses ignored,
    decided against it; ``unclaimed`` is the path, or the example beneath a directory,
    that nothing claims.
    """

    decisions: dict[int, Decision]
    claimed: bool
    excluding: tuple[Rule, ...] = ()
    unclaimed: str | None = None


def last_match(rules: Sequence[Rule], matches: Matches, status: Status | None) -> Rule | None:
    """The rule that decides: the last one that matches, of those that apply.

    A change of unknown status is each of the statuses at once: where one of them would
    wake, that one decides.
    """
    if status is not None or all(rule.statuses is None for rule in rules):
        return _last(rules, matches, status)
    decided = None
    for assumed in Status:
        rule = _last(rules, matches, assumed)
        if rule is not None and rule.include:
            return rule
        decided = decided or rule
    return decided


def _last(rules: Sequence[Rule], matches: Matches, status: Status | None) -> Rule | None:
    for rule in reversed(rules):
        if (status is None or rule.applies(status)) and matches(rule):
            return rule
    return None


class Index:
    """Ordered rule lists, compiled to answer about one change after the other."""

    def __init__(self, lists: Sequence[Sequence[Rule]]) -> None:
        self._lists = lists
        self._compiled = {
            rule.pattern: compile_pattern(rule.pattern) for rules in lists for rule in rules
        }

    def answer(self, change: Change) -> Answer:
        """What every list says of the change."""
        path = change.path.encode("utf-8", "surrogateescape")
        if change.directory:
            return self._answer_beneath(path, change.status)
        known: dict[str, bool] = {}

        def matches(rule: Rule) -> bool:
            text = rule.pattern
            if text not in known:
                known[text] = self._compiled[text].matches(path)
            return known[text]

        return self._answer_one(change.path, matches, change.status)

    def _answer_one(self, path: str, matches: Matches, status: Status | None) -> Answer:
        decisions: dict[int, Decision] = {}
        claimed = False
        excluding: list[Rule] = []
        for number, rules in enumerate(self._lists):
            rule = last_match(rules, matches, status)
            if rule is not None:
                decisions[number] = Decision(rule)
            claims = _last(rules, matches, None)
            if claims is not None:
                claimed = claimed or claims.include
                if not claims.include:
                    excluding.append(claims)
        return Answer(decisions, claimed, tuple(excluding), None if claimed else path)

    def _answer_beneath(self, directory: bytes, status: Status | None) -> Answer:
        """The union of the answers for the directory and every path that may lie there."""
        texts = list(self._compiled)
        found = outcomes([self._compiled[text] for text in texts], directory)
        if found is None:
            return self._widest_answer(directory)
        itself = tuple(self._compiled[text].matches(directory, True) for text in texts)
        answers = []
        for row, example in [(itself, directory), *found.items()]:
            known = dict(zip(texts, row, strict=True))
            name = example.decode("utf-8", "surrogateescape")
            answer = self._answer_one(name, lambda rule: known[rule.pattern], status)  # noqa: B023
            answers.append((name, answer))
        return _union(answers)

    def _widest_answer(self, directory: bytes) -> Answer:
        """Too much to walk: every including rule that may match wakes, nothing is claimed."""
        decisions = {}
        for number, rules in enumerate(self._lists):
            including = (rule for rule in reversed(rules) if rule.include)
            for rule in including:
                if may_match(self._compiled[rule.pattern], directory):
                    decisions[number] = Decision(rule)
                    break
        return Answer(decisions, False, (), directory.decode("utf-8", "surrogateescape"))


def _union(answers: Sequence[tuple[str, Answer]]) -> Answer:
    """The answers added up; the first one is that of the directory itself."""
    itself, _ = answers[0]
    decisions: dict[int, Decision] = {}
    for name, answer in answers:
        for number, decision in answer.decisions.items():
            known = decisions.get(number)
            if known is None or (decision.rule.include and not known.rule.include):
                decisions[number] = Decision(decision.rule, None if name == itself else name)
    # What has to be claimed is everything beneath: `/lib/**` claims the submodule lib.
    unclaimed = [answer for _, answer in answers[1:] if not answer.claimed]
    excluding = dict.fromkeys(rule for answer in unclaimed for rule in answer.excluding)
    first = unclaimed[0].unclaimed if unclaimed else None
    return Answer(decisions, not unclaimed, tuple(excluding), first)
