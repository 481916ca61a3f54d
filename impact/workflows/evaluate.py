"""What an expression comes to, as far as that is known.

https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from impact.workflows.functions import BUILT_IN
from impact.workflows.nodes import (
    Call,
    Comparison,
    Expression,
    Group,
    Index,
    Literal,
    Logical,
    Name,
    Not,
    Property,
    Star,
)
from impact.workflows.values import (
    UNKNOWN,
    UNKNOWN_BUT_FALSE,
    UNKNOWN_BUT_TRUE,
    EvaluationError,
    Partial,
    Unknown,
    Value,
    as_number,
    as_text,
    equal,
    is_primitive,
    items,
    less,
    truth,
)

__all__ = [
    "UNKNOWN",
    "EvaluationError",
    "Functions",
    "Partial",
    "Unknown",
    "Value",
    "as_text",
    "evaluate",
    "truth",
]

Functions = Mapping[str, Callable[..., Value]]
"""By their names in lower case; called with known arguments alone."""


def evaluate(
    expression: Expression,
    contexts: Mapping[str, Value],
    functions: Functions = MappingProxyType({}),
) -> Value:
    """The value of an expression.

    A context that is not given is UNKNOWN, and so is what a function returns that is neither
    given nor built in: `success`, `hashFiles` ...  Case means nothing in names of contexts.
    What is known of the value is right whatever the unknown ones are, as long as GitHub gets
    to a value at all; of what `*` finds, an UNKNOWN stands for any number of items.
    Raises EvaluationError where GitHub does not get to a value.
    """
    return _Evaluation(contexts, functions).value(expression)


class _Filtered(list[Value]):
    """What `*` found: what follows is looked up in each item.

    An UNKNOWN in it stands for any number of items.
    """


class _Evaluation:
    def __init__(self, contexts: Mapping[str, Value], functions: Functions) -> None:
        self._contexts = contexts
        self._functions = functions

    def value(self, expression: Expression) -> Value:
        match expression:
            case Literal(value=value):
                return value
            case Group(inner=inner):
                return self.value(inner)
            case Name(name=name):
                found = _property(self._contexts, name)
                return found[0] if found else UNKNOWN
            case Property(target=target, name=name):
                return _access(self.value(target), name)
            case Index(target=target, index=index):
                key = self.value(index)
                return _access(self.value(target), key)
            case Star(target=target):
                return _all_within(self.value(target))
            case Not(operand=operand):
                known = truth(self.value(operand))
                return UNKNOWN if known is None else not known
            case Logical():
                return self._logical(expression)
            case Comparison():
                return self._comparison(expression)
            case Call():
                return self._call(expression)

    def _logical(self, expression: Logical) -> Value:
        """The first operand that decides, or the last one."""
        deciding = expression.operator == "||"
        first, *others = expression.operands
        value = self.value(first)
        for operand in others:
            known = truth(value)
            if known is deciding:
                break
            value = self._either(deciding, operand) if known is None else self.value(operand)
        return value

    def _either(self, deciding: bool, operand: Expression) -> Value:
        """What follows an unknown value: that value if it decides, or else the operand."""
        try:
            known = truth(self.value(operand))
        except EvaluationError:
            return UNKNOWN
        if known is not deciding:
            return UNKNOWN
        return UNKNOWN_BUT_TRUE if deciding else UNKNOWN_BUT_FALSE

    def _comparison(self, expression: Comparison) -> Value:
        first, *others = expression.operands
        value = self.value(first)
        for operator, operand in zip(expression.operators, others, strict=True):
            value = _compare(operator, value, self.value(operand))
        return value

    def _call(self, expression: Call) -> Value:
        name = expression.function.lower()
        if name == "case":
            return self._case(expression)
        arguments = [self.value(argument) for argument in expression.arguments]
        function = self._functions.get(name) or BUILT_IN.get(name)
        if function is None or any(isinstance(one, Unknown) for one in arguments):
            return UNKNOWN
        return function(*arguments)

    def _case(self, expression: Call) -> Value:
        """The value behind the first predicate that is true, or the last argument."""
        *pairs, otherwise = expression.arguments
        for predicate, result in zip(pairs[::2], pairs[1::2], strict=True):
            found = self.value(predicate)
            if isinstance(found, Unknown):
                return UNKNOWN
            if not isinstance(found, bool):
                raise EvaluationError("case: a condition that is neither true nor false")
            if found:
                return self.value(result)
        return self.value(otherwise)


_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _compare(operator: str, left: Value, right: Value) -> Value:
    if isinstance(right, Unknown):
        left, right, operator = right, left, _MIRRORED.get(operator, operator)
    if isinstance(left, Unknown):
        return _compare_unknown(operator, left.minimum, right)
    match operator:
        case "==":
            return equal(left, right)
        case "!=":
            return not equal(left, right)
        case "<":
            return less(left, right)
        case "<=":
            return less(left, right) or equal(left, right)
        case ">":
            return less(right, left)
        case _:
            return less(right, left) or equal(left, right)


def _compare_unknown(operator: str, minimum: int | None, other: Value) -> Value:
    """What is not known, but perhaps that it is no smaller than this."""
    if minimum is None or isinstance(other, Unknown) or not is_primitive(other):
        return UNKNOWN
    number = as_number(other)
    if number < minimum and operator in _BELOW:
        return _BELOW[operator]
    if number == minimum and operator in ("<", ">="):
        return operator == ">="
    return UNKNOWN


_BELOW = {"==": False, "!=": True, ">": True, ">=": True, "<": False, "<=": False}


def _access(target: Value, key: Value) -> Value:
    """`target[key]`; null where there is no such thing."""
    if isinstance(target, Unknown) or isinstance(key, Unknown):
        return UNKNOWN
    if isinstance(target, _Filtered):
        return _Filtered(found for item in target for found in _look_up(item, key))
    return next(iter(_look_up(target, key)), None)


def _look_up(target: Value, key: Value) -> list[Value]:
    """`target[key]`, as a list of one, or of none where there is no such thing."""
    if isinstance(target, Unknown):
        return [UNKNOWN]
    if isinstance(target, Mapping):
        return _property(target, as_text(key) or "") if is_primitive(key) else []
    if isinstance(target, Sequence) and not isinstance(target, str):
        number = as_number(key)
        return [target[int(number)]] if 0 <= number < len(target) else []
    return []


def _property(mapping: Mapping[str, Value], name: str) -> list[Value]:
    lower = name.lower()
    for written in mapping:
        if written.lower() == lower:
            return [mapping[written]]
    return [UNKNOWN] if isinstance(mapping, Partial) else []


def _all_within(target: Value) -> Value:
    """`target.*`."""
    if isinstance(target, Unknown):
        return UNKNOWN
    if isinstance(target, _Filtered):
        return _Filtered(found for item in target for found in _contents(item))
    return _Filtered(_contents(target))


def _contents(target: Value) -> list[Value]:
    """What is in an array or object, and in nothing else."""
    if isinstance(target, Unknown):
        return [UNKNOWN]
    if isinstance(target, Mapping):
        further = [UNKNOWN] if isinstance(target, Partial) else []
        return [*(value for _, value in items(target)), *further]
    if isinstance(target, Sequence) and not isinstance(target, str):
        return list(target)
    return []
