"""What rule lists say of a directory: a submodule, or one that ``impact explain`` asks about.

Of its contents nothing is known, so the answer is the union of those for every path that may
lie there.  Rules are asked one by one, since it takes their automata to look ahead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from impact.answer import Answer, Decision
from impact.beneath import Beneath, TooMuchToWalkError
from impact.model import Change, Rule, Status
from impact.pattern import GitPattern, compile_pattern

_SomeRules = Sequence[tuple[Rule, bool]]


def answer_beneath(
    lists: Sequence[Sequence[Rule]], change: Change, answer: Callable[[str], Answer]
) -> Answer:
    """The union of the answers for the directory and every path that may lie there.

    ``answer`` gives that for a path, with the status of the change.
    """
    beneath = Beneath(change.path.encode("utf-8", "surrogateescape"))
    decisions = {}
    for number, rules in enumerate(lists):
        found = [_decision_beneath(beneath, v) for v in _views(rules, change.status)]
        known = [decision for decision in found if decision is not None]
        if known:
            decisions[number] = next((d for d in known if d.rule.include), known[0])
    try:
        path = _unclaimed_beneath(beneath, lists)
    except TooMuchToWalkError:
        return Answer(decisions, False, (), change.path)
    if path is None:
        return Answer(decisions, True)
    example = _text(path)
    return replace(answer(example), own=decisions, common={}, unclaimed=example)


def _decision_beneath(beneath: Beneath, rules: Sequence[Rule]) -> Decision | None:
    """The rule that includes the directory or something beneath, else one that excludes."""
    directory = beneath.directory
    itself = _last(rules, lambda pattern: pattern.matches(directory, True))
    if itself is not None and itself.include:
        return Decision(itself)
    some = _some_rules(beneath, rules)
    including = next((rule for rule, _ in some if rule.include), None)
    excluding = next((rule for rule, _ in some if not rule.include), itself)
    if including is not None:
        try:
            path = _find(beneath, [some], claim=True)
        except TooMuchToWalkError:
            return Decision(including)
        if path is not None:
            deciding = _last(rules, lambda pattern: pattern.matches(path))
            return Decision(deciding, _text(path)) if deciding else None
    return Decision(excluding) if excluding else None


def _last(rules: Sequence[Rule], matches: Callable[[GitPattern], bool]) -> Rule | None:
    return next((r for r in reversed(rules) if matches(compile_pattern(r.pattern))), None)


def _unclaimed_beneath(beneath: Beneath, lists: Sequence[Sequence[Rule]]) -> bytes | None:
    """A path beneath that nothing claims, or None where everything is claimed.

    What has to be claimed is all that lies beneath: `/lib/**` claims the submodule lib.
    """
    found = [_some_rules(beneath, rules) for rules in lists]
    found = [some for some in found if any(rule.include for rule, _ in some)]
    return _find(beneath, found, claim=False)


def _some_rules(beneath: Beneath, rules: Sequence[Rule]) -> _SomeRules:
    """The rules that can decide beneath, last first, and which of them surely match."""
    some: list[tuple[Rule, bool]] = []
    for rule in reversed(rules):
        outlook = beneath.outlook(compile_pattern(rule.pattern))
        if outlook is not False:
            some.append((rule, outlook is True))
        if outlook:
            break
    return some


def _find(beneath: Beneath, lists: Sequence[_SomeRules], claim: bool) -> bytes | None:
    """A path beneath that every one of the lists claims, or that none of them does."""
    texts = dict.fromkeys(rule.pattern for some in lists for rule, sure in some if not sure)
    place = {text: number for number, text in enumerate(texts)}

    def claims(row: Sequence[bool | None]) -> list[bool | None]:
        return [
            _claims((rule.include, sure or row[place[rule.pattern]]) for rule, sure in some)
            for some in lists
        ]

    return beneath.find(
        [compile_pattern(text) for text in texts],
        wanted=lambda row: all(claimed is claim for claimed in claims(row)),
        hopeless=lambda outlook: (not claim) in claims(outlook),
    )


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
