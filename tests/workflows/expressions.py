"""Expressions and contexts for tests, made by Hypothesis; and values that can be compared."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import strategies as st

from impact.workflows.expressions import ANYWHERE, Allowed
from impact.workflows.nodes import Expression
from impact.workflows.values import UNKNOWN, Partial, Value, items

CONTEXTS = ("github", "needs", "a")
ALLOWED = Allowed(frozenset(CONTEXTS), ANYWHERE.functions)
"""What GitHub's parser is told as well."""

LETTERS = "aAbBiI\u0131\u0130\u00dfs\u03a3\u03c3\u03c2\U0001f600\uff5e 0x1-.\n"
"""Some of which change in number, or into others, when their case does."""
NUMBER_TEXTS = (
    *("", " ", "0", "-0", "1", "1.0", "1.5", "+2", " 3\t", "1e3", "1E-7", ".5", "5.", "1e400"),
    *("0x1F", "0X1f", "0o17", "0b11", "-0x1", "0xg", "Infinity", "-Infinity", "infinity"),
    *("NaN", "1_0", "1e", ".", "--1", "\u00a01", "\u2028", "\x1c1", "\u0661"),
)
JSON_TEXTS = (
    *("{}", "[]", '{"a": [1, null, true]}', '{"b": {"A": "x"}, "B": 2}', "[1, [2], {}]"),
    *(
        "1e2",
        "-0",
        '"\\ud83d\\ude00"',
        " true ",
        "NaN",
        "[1,]",
        "'a'",
        "{",
        "",
        "1 2",
        "\ufeff1",
    ),
)
PATTERNS = (
    "{0}",
    "{1}-{0}",
    "{{{0}}}",
    "{{0}}",
    "{",
    "}",
    "{}",
    "{0}}",
    "{ 0}",
    "{9}",
    "{0} {0}",
)
NAMES = ("a", "A", "b", "result", "B", "length")


def quoted(text: str) -> str:
    """A string of an expression."""
    return "'" + text.replace("'", "''") + "'"


numbers = st.one_of(
    st.sampled_from((0.0, 1.0, 2.0, -1.0, 0.5, 1e21, 1e-7, 2.0**-16, 123456789012345680.0)),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(2**60), 2**60),
)
strings = st.one_of(
    st.text(LETTERS, max_size=6),
    st.builds("{}'{}".format, st.text(LETTERS, max_size=2), st.text(LETTERS, max_size=2)),
    st.sampled_from((*NUMBER_TEXTS, *JSON_TEXTS, *NAMES, "true", "false", "null")),
)
primitives = st.one_of(st.none(), st.booleans(), numbers, strings)
values = st.recursive(
    primitives,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
    ),
    max_leaves=8,
)
contexts = st.fixed_dictionaries(dict.fromkeys(CONTEXTS, values))
results = st.fixed_dictionaries(
    dict.fromkeys(("success", "always", "cancelled", "failure", "hashFiles"), primitives)
)


def expression_texts() -> st.SearchStrategy[str]:
    """Expressions that GitHub's parser takes, most of them."""
    literals = st.one_of(
        st.sampled_from(
            ("null", "true", "false", "NaN", "Infinity", "-Infinity", "0x1F", "1e3")
        ),
        st.sampled_from(("-1", "+.5", "5.", "0", "1", "2")),
        st.builds("{!r}".format, numbers),
        st.builds(quoted, strings),
    )
    reads = st.builds(str.__add__, st.sampled_from(CONTEXTS), st.sampled_from(("", ".a", ".*")))
    return st.recursive(st.one_of(literals, reads, reads), _larger, max_leaves=10)


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(("==", "!=", "<", "<=", ">", ">=", "&&", "||"))
    space = st.sampled_from(("", " ", "\n", "\t "))
    targets = st.one_of(
        st.sampled_from(CONTEXTS),
        inner.map("({})".format),
        st.builds("fromJSON({})".format, st.sampled_from(JSON_TEXTS).map(quoted)),
    )
    steps = st.one_of(
        st.sampled_from((".*", "[*]", "[0]", "[1]", "['a']", ".B")),
        st.sampled_from(NAMES).map(".{}".format),
        inner.map("[{}]".format),
    )
    two = st.sampled_from(("contains", "startsWith", "endsWith", "ENDSWITH", "join"))
    one = st.sampled_from(("toJSON", "fromJSON", "join", "hashFiles"))
    none = st.sampled_from(("success()", "always()", "Cancelled( )", "failure()"))
    pattern = st.one_of(st.sampled_from(PATTERNS).map(quoted), inner)
    return st.one_of(
        st.builds("{}{}{}{}{}".format, inner, space, operators, space, inner),
        st.builds("{}{}{}{}{}".format, inner, space, operators, space, inner),
        st.builds("!{}".format, inner),
        st.builds("({})".format, inner),
        st.builds("{}{}".format, targets, st.lists(steps, max_size=3).map("".join)),
        st.builds("{}({}, {})".format, two, inner, inner),
        st.builds("contains({}, {})".format, targets.map("{}.*".format), inner),
        st.builds("{}({})".format, one, inner),
        st.builds("format({}, {}, {})".format, pattern, inner, inner),
        st.builds("case({}, {}, {})".format, inner, inner, inner),
        none,
    )


words = st.sampled_from(
    (
        *("github", "a", "b", "needs", "true", "null", "NaN", "Infinity", "-Infinity", "-NaN"),
        *("1", "0x1", "1.2.3", "-", "+1", ".5", "1a", "a-b", "_", "a*", "'x'", "''", "'", '"'),
        *("(", ")", "[", "]", ".", ",", "*", "!", "!=", "=", "==", "<", ">=", "&", "&&", "|"),
        *(
            "||",
            "contains(",
            "case(",
            "always()",
            "foo(",
            "success(",
            "\f",
            "\n",
            "\u00a0",
            "$",
        ),
    )
)
"""Words that rarely make an expression."""


def comparable(value: Value) -> Any:
    """A value of which the same is equal: NaN too, and no object's shadowed property."""
    match value:
        case bool() | str() | None:
            return value
        case int() | float():
            return "a number", repr(float(value))
        case list():
            return [comparable(one) for one in value]
        case dict():
            return {name: comparable(one) for name, one in items(value)}
    return value


def shape(expression: Expression) -> str:
    """The parts of an expression without their places."""
    return re.sub(r"start=\d+, end=\d+(, )?", "", repr(expression))


def blurred(draw: st.DrawFn, value: Value) -> Value:
    """The value, with some of what is in it unknown."""
    if draw(st.integers(0, 5)) == 0:
        return UNKNOWN
    if isinstance(value, list):
        return [blurred(draw, one) for one in value]
    if isinstance(value, dict):
        # Of names that differ in case alone the first hides the others.
        known = {name: blurred(draw, one) for name, one in items(value)}
        if draw(st.booleans()):
            return known
        return Partial({name: one for name, one in known.items() if draw(st.booleans())})
    return value
