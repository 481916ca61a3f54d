"""Every rule list at once: which rule of each list decides about a change.

The one place behind which matching can be made faster: `decide` asks `Index.answer`
and nothing else.  `last_match` is the definition that it has to equal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from impact.beneath import Beneath, TooMuchToWalkError
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
        # Those that have rules, and whether one of them is limited to statuses.
        self._some = [
            (number, rules, any(rule.statuses is not None for rule in rules))
            for number, rules in enumerate(lists)
            if rules
        ]
        self._compiled = {
            rule.pattern: compile_pattern(rule.pattern) for rules in lists for rule in rules
        }

    def answer(self, change: Change) -> Answer:
        """What every list says of the change."""
        path = change.path.encode("utf-8", "surrogateescape")
        if change.directory:
            return self._answer_beneath(path, change.status)
        return self._answer_path(path, change.status)

    def _answer_path(self, path: bytes, status: Status | None) -> Answer:
        known: dict[str, bool] = {}

        def matches(rule: Rule) -> bool:
            text = rule.pattern
            if text not in known:
                known[text] = self._compiled[text].matches(path)
            return known[text]

        decisions: dict[int, Decision] = {}
        claimed = False
        excluding: list[Rule] = []
        for number, rules, limited in self._some:
            claims = _last(rules, matches, None)
            rule = last_match(rules, matches, status) if limited else claims
            if rule is not None:
                decisions[number] = Decision(rule)
            if claims is not None:
                claimed = claimed or claims.include
                if not claims.include:
                    excluding.append(claims)
        return Answer(decisions, claimed, tuple(excluding), None if claimed else _text(path))

    def _answer_beneath(self, directory: bytes, status: Status | None) -> Answer:
        """The union of the answers for the directory and every path that may lie there."""
        beneath = Beneath(directory)
        decisions = {}
        for number, rules in enumerate(self._lists):
            found = [self._decision_beneath(beneath, v) for v in _views(rules, status)]
            known = [decision for decision in found if decision is not None]
            if known:
                decisions[number] = next((d for d in known if d.rule.include), known[0])
        try:
            path = self._unclaimed_beneath(beneath)
        except TooMuchToWalkError:
            return Answer(decisions, False, (), _text(directory))
        if path is None:
            return Answer(decisions, True)
        return replace(self._answer_path(path, status), decisions=decisions)

    def _decision_beneath(self, beneath: Beneath, rules: Sequence[Rule]) -> Decision | None:
        """The rule that includes the directory or something beneath, else one that excludes."""
        directory = beneath.directory
        itself = _last(
            rules, lambda r: self._compiled[r.pattern].matches(directory, True), None
        )
        if itself is not None and itself.include:
            return Decision(itself)
        some = self._some_rules(beneath, rules)
        including = next((rule for rule, _ in some if rule.include), None)
        excluding = next((rule for rule, _ in some if not rule.include), itself)
        if including is not None:
            try:
                path = self._find(beneath, [some], claim=True)
            except TooMuchToWalkError:
                return Decision(including)
            if path is not None:
                deciding = _last(rules, lambda r: self._compiled[r.pattern].matches(path), None)
                return Decision(deciding, _text(path)) if deciding else None
        return Decision(excluding) if excluding else None

    def _unclaimed_beneath(self, beneath: Beneath) -> bytes | None:
        """A path beneath that nothing claims, or None where everything is claimed.

        What has to be claimed is all that lies beneath: `/lib/**` claims the submodule lib.
        """
        lists = [self._some_rules(beneath, rules) for rules in self._lists]
        lists = [some for some in lists if any(rule.include for rule, _ in some)]
        return self._find(beneath, lists, claim=False)

    def _some_rules(self, beneath: Beneath, rules: Sequence[Rule]) -> _SomeRules:
        """The rules that can decide beneath, last first, and which of them surely match."""
        some: list[tuple[Rule, bool]] = []
        for rule in reversed(rules):
            outlook = beneath.outlook(self._compiled[rule.pattern])
            if outlook is not False:
                some.append((rule, outlook is True))
            if outlook:
                break
        return some

    def _find(self, beneath: Beneath, lists: Sequence[_SomeRules], claim: bool) -> bytes | None:
        """A path beneath that every one of the lists claims, or that none of them does."""
        texts = dict.fromkeys(rule.pattern for some in lists for rule, sure in some if not sure)
        place = {text: number for number, text in enumerate(texts)}

        def claims(row: Sequence[bool | None]) -> list[bool | None]:
            return [
                _claims((rule.include, sure or row[place[rule.pattern]]) for rule, sure in some)
                for some in lists
            ]

        return beneath.find(
            [self._compiled[text] for text in texts],
            wanted=lambda row: all(claimed is claim for claimed in claims(row)),
            hopeless=lambda outlook: (not claim) in claims(outlook),
        )


_SomeRules = Sequence[tuple[Rule, bool]]


def _claims(rows: Iterable[tuple[bool, bool | None]]) -> bool | None:
    """Whether a list claims: by rules last first, each including or not, matching or not.

    None where that depends on rules of which it is not known whether they match.
    """
    possible: set[bool] = set()
    for include, matches in rows:
        if matches is not False:
            possible.add(include)
        if matches:
            break
    else:
        possible.add(False)
    return possible.pop() if len(possible) == 1 else None


def _views(rules: Sequence[Rule], status: Status | None) -> list[Sequence[Rule]]:
    """The rules that take part; for an unknown status, those for each of the statuses."""
    if all(rule.statuses is None for rule in rules):
        return [rules]
    known = list(Status) if status is None else [status]
    return [[rule for rule in rules if rule.applies(s)] for s in known]


def _text(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")
