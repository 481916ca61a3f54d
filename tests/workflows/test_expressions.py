"""Expressions of GitHub Actions: parsed, and evaluated as far as things are known.

GitHub's own parser is asked for the same; see github.py for where it is not GitHub's server.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impact.workflows.evaluate import (
    UNKNOWN,
    EvaluationError,
    Partial,
    Unknown,
    Value,
    as_text,
    evaluate,
    truth,
)
from impact.workflows.expressions import (
    ANYWHERE,
    JOB_CONDITION,
    MANY,
    STATUS_FUNCTIONS,
    ExpressionError,
    calls,
    parse_expression,
    references,
)
from impact.workflows.nodes import walk
from impact.workflows.templates import Embedded, Text, parse_condition, parse_template
from impact.workflows.values import UNKNOWN_BUT_FALSE, UNKNOWN_BUT_TRUE
from tests.workflows.expressions import (
    ALLOWED,
    CONTEXTS,
    NUMBER_TEXTS,
    blurred,
    comparable,
    contexts,
    expression_texts,
    results,
    shape,
    words,
)
from tests.workflows.github import SCHEMA, FailedError, GitHub, Question, RefusedError

pytest_plugins = ["tests.workflows.fixtures"]

GIVEN: Mapping[str, Any] = {
    "github": {
        "Event_Name": "push",
        "event": {"commits": [{"id": "A"}, {"id": "b"}, "c"], "draft": False, "size": 3},
        "ref": "refs/heads/main",
    },
    "needs": {"one": {"result": "success"}, "two": {"result": "failure", "outputs": {}}},
    "a": [1, [2, 3], {"x": None}, "four"],
}


def ours(text: str, given: Mapping[str, Value], results: Mapping[str, Value]) -> Any:
    """What this project makes of an expression: a value, or what was raised."""
    functions = {name.lower(): (lambda *_, v=value: v) for name, value in results.items()}
    try:
        return evaluate(parse_expression(text, ALLOWED), given, functions)
    except (ExpressionError, EvaluationError) as error:
        return error


VALUES = {
    "null": None,
    "1 == '1'": True,
    "0x1F": 31.0,
    "-Infinity < 0": True,
    "NaN == NaN": False,
    "null == ''": True,
    "true == '1'": True,
    "'Push' == github.EVENT_NAME": True,
    "'a' < 'B'": True,
    "'\U0001f600' < '\uff5e'": True,
    "'\u0131' == 'I'": False,
    "null >= null": True,
    "github == github": True,
    "a == fromJSON(toJSON(a))": False,
    "'' || 0 || 'x'": "x",
    "1 && 'y' && null": None,
    "!''": True,
    "!!a.nothing": False,
    "1 < 2 == true": True,
    "3 > 2 > 1": False,
    "1 || 0 && 0": 1.0,
    "github['ref']": "refs/heads/main",
    "github.event.commits[1].id": "b",
    "github.event.commits['1']['ID']": "b",
    "github.event.commits[9]": None,
    "github.event.commits[3]": None,
    "github.event.commits[-1]": None,
    "github.event.commits.length": None,
    "github.ref.x.y": None,
    "github.true": None,
    "github.event.commits.*.id": ["A", "b"],
    "github.event.commits.*.id[0]": [],
    "needs.*.result": ["success", "failure"],
    "needs.*.*": ["success", "failure", {}],
    "a.*[0]": [2],
    "a[1.9][0]": 2,
    "contains(needs.*.result, 'FAILURE')": True,
    "contains('Hello', 'ELL')": True,
    "contains(123, 2)": True,
    "contains(github, 'x')": False,
    "startsWith(github.ref, 'REFS/heads/')": True,
    "endsWith(github.ref, 'main')": True,
    "endsWith(github, '')": False,
    "format('{0} {{}} {1}', 1.50, true)": "1.5 {} true",
    "format('{0}', needs)": "Object",
    "join(a)": "1,Array,Object,four",
    "join(a.*, ' ')": "1 Array Object four",
    "join(needs.*.result, a)": "success,failure",
    "join('x', 'y')": "x",
    "join(needs)": "",
    "fromJSON('[1, \"x\"]')[1]": "x",
    "fromJSON('true')": True,
    'fromJSON(\'{"x": 1, "X": 2}\').X': 1.0,
    'fromJSON(\'{"x": 1, "X": 2}\').*': [1.0],
    "toJSON(needs.two)": '{\n  "result": "failure",\n  "outputs": {}\n}',
    "toJSON(a)": '[\n  1,\n  [\n    2,\n    3\n  ],\n  {\n    "x": null\n  },\n  "four"\n]',
    "toJSON('\u00e9\"\t')": '"\u00e9\\"\\t"',
    "case(false, 1, true, 2, 3)": 2.0,
    "case(1 == 2, 'x', 'y')": "y",
    "format('{0}', 1e21)": "1e+21",
    "format('{0}', 1e20)": "100000000000000000000",
    "format('{0}', 0.0000152587890625)": "0.000015258789063",
    "format('{0}', 0.000001)": "0.000001",
    "format('{0}', 0.0000001)": "1e-7",
    "format('{0}', 1e-16)": "0",
    "format('{0}', -1.25e-5)": "-0.0000125",
    "format('{0}', -0)": "0",
    "'it''s'": "it's",
    "github.event.size == '0x3'": True,
}


@pytest.mark.parametrize("text", VALUES)
def test_the_value_of_an_expression(text: str, github: GitHub) -> None:
    assert comparable(ours(text, GIVEN, {})) == comparable(VALUES[text])
    assert comparable(github.evaluate(text, GIVEN)) == comparable(VALUES[text])


FAILURES = {
    "fromJSON('')": "fromJSON: the text is empty",
    "fromJSON(a.nothing)": "fromJSON: the text is empty",
    "fromJSON('{')": "fromJSON: no JSON: {",
    "fromJSON('[NaN]')": "fromJSON: no JSON: [NaN]",
    "fromJSON(a)": "fromJSON: no JSON: Array",
    "format('{1}', 0)": "format: there is no value for {1} of {1}",
    "format('a{99999}', 0)": "format: there is no value for {99999} of a{99999}",
    "format('{0', 0)": "format: a brace stands alone in {0",
    "format('{0}}', 0)": "format: a brace stands alone in {0}}",
    "case(1, 2, 3)": "case: a condition that is neither true nor false",
}


@pytest.mark.parametrize("text", FAILURES)
def test_an_expression_that_comes_to_no_value(text: str, github: GitHub) -> None:
    found = ours(text, GIVEN, {})
    assert isinstance(found, EvaluationError)
    assert str(found) == FAILURES[text]
    with pytest.raises(FailedError):
        github.evaluate(text, GIVEN)


def test_json_that_is_too_deep_is_an_error_of_the_expression() -> None:
    deep = ours("fromJSON(a)", {"a": "[" * 100_000 + "]" * 100_000}, {})
    assert str(deep) == "fromJSON: no JSON: " + "[" * 80
    value: Value = []
    for _ in range(100_000):
        value = [value]
    assert str(ours("toJSON(a)", {"a": value}, {})) == "toJSON: nested too deeply"


REFUSALS = {
    "": ("there is no expression", 0),
    " \n": ("there is no expression", 2),
    "a b": ("unexpected 'b'", 2),
    "a &&": ("the expression ends too early", 4),
    "(a": ("the expression ends too early", 2),
    "a)": ("unexpected ')'", 1),
    "a & b": ("unexpected '&'", 2),
    "a = 'b'": ("unexpected '='", 2),
    "a 'b'": ("unexpected ''b''", 2),
    "'open": ("unexpected ''open'", 0),
    "'open''": ("unexpected ''open'''", 0),
    '"x"': ("unexpected '\"x\"'", 0),
    "1x": ("unexpected '1x'", 0),
    "a.1": ("unexpected '1'", 2),
    "'x'.y": ("unexpected '.y'", 3),
    "a ? b": ("unexpected '?'", 2),
    "${{ a }}": ("unexpected '${{'", 0),
    "foo(1)": ("no such function here: 'foo'", 0),
    "b": ("no such context here: 'b'", 0),
    "TRUE": ("no such context here: 'TRUE'", 0),
    "a && always(1)": ("too many arguments: 'always'", 5),
    "contains('x')": ("too few arguments: 'contains'", 0),
    "hashFiles()": ("too few arguments: 'hashFiles'", 0),
    "case(true, 1, false, 2)": ("an even number of arguments: 'case'", 0),
    "!" * 50 + "a": ("nested more than 50 deep", 50),
    "'" + "x" * 21_000 + "'": ("longer than 21000 characters", 21_000),
}


@pytest.mark.parametrize("text", REFUSALS, ids=lambda text: text[:20])
def test_what_is_no_expression(text: str, github: GitHub) -> None:
    with pytest.raises(ExpressionError) as refused:
        parse_expression(text, ALLOWED)
    assert (str(refused.value), refused.value.offset) == REFUSALS[text]
    with pytest.raises(RefusedError):
        github.evaluate(text, GIVEN)


def test_what_only_the_server_refuses_or_reads() -> None:
    with pytest.raises(ExpressionError, match=r"unexpected '\)'"):
        parse_expression("contains('a', 'b',)")
    assert ours("'it''s ''it'''", {}, {}) == "it's 'it'"
    assert ours("case(true, 1, fromJSON(''))", {}, {}) == 1.0
    assert str(ours("format('{0:x}', 1)", {}, {})) == "format: a brace stands alone in {0:x}"


WRAPPERS = (
    *(("(", ")"), ("!", ""), ("a[", "]"), ("toJSON(", ")"), ("(", ").a"), ("a.*[", "].b")),
    *(
        ("1 || (", ")"),
        ("1 && (", ") || 2"),
        ("1 == (", ")"),
        ("1 || 2 && !", ""),
        ("(", "[*])"),
    ),
)


def nested(wrappers: list[tuple[str, str]]) -> str:
    before, behind = zip(*wrappers, strict=True)
    return "".join(before) + "a" + "".join(reversed(behind))


@given(st.lists(st.sampled_from(WRAPPERS), min_size=12, max_size=50), st.integers(0, 45))
def test_no_deeper_than_github(
    github: GitHub, wrappers: list[tuple[str, str]], accesses: int
) -> None:
    texts = [nested(wrappers[:size]) + ".b" * accesses for size in range(1, len(wrappers))]
    asked = github.evaluate_all([Question(text, {"a": None}) for text in texts])
    for text, said in zip(texts, asked, strict=True):
        assert isinstance(ours(text, {"a": None}, {}), ExpressionError) == isinstance(
            said, RefusedError
        ), text


@pytest.mark.parametrize("text", ["1", "!0", "(true)", "a.*[0].b", "toJSON(1)"])
def test_a_chain_is_not_deep(text: str, github: GitHub) -> None:
    chain = " && ".join([f"{text} != 'x'"] * 400) + f" == {text}" * 400
    found = ours(chain, GIVEN, {})
    assert isinstance(found, bool)
    assert found == github.evaluate(chain, GIVEN)


@given(st.lists(words, min_size=1, max_size=9), st.sampled_from(("", " ", "\n ")))
def test_words_in_any_order(github: GitHub, row: list[str], space: str) -> None:
    refused_alike(github, space.join(row))


@given(st.text("ab1.,()[]'!=<>&|*-+ \t\n\f\u00a0_$\"x0E", max_size=8))
def test_characters_in_any_order(github: GitHub, text: str) -> None:
    refused_alike(github, text)


def refused_alike(github: GitHub, text: str) -> None:
    """Where one parser refuses the text the other one does, at the same place."""
    if re.search(r",\s*\)", text):
        return
    (asked,) = github.evaluate_all([Question(text, dict.fromkeys(CONTEXTS))])
    mine = ours(text, dict.fromkeys(CONTEXTS), {})
    assert isinstance(mine, ExpressionError) == isinstance(asked, RefusedError)
    if isinstance(mine, ExpressionError) and mine.offset < len(text):
        assert asked.offset in (mine.offset, None)


@given(st.lists(expression_texts(), min_size=5, max_size=5), contexts, results)
def test_the_values_are_those_of_github(
    github: GitHub, texts: list[str], given_: dict[str, Any], results: dict[str, Any]
) -> None:
    asked = github.evaluate_all([Question(text, given_, results) for text in texts])
    for text, said in zip(texts, asked, strict=True):
        mine = ours(text, given_, results)
        if isinstance(said, RefusedError):
            assert isinstance(mine, ExpressionError), text
        elif isinstance(said, FailedError):
            # The server evaluates no argument of case that it does not need.
            assert isinstance(mine, EvaluationError) or "case" in text, text
        else:
            assert comparable(mine) == comparable(said), text


@given(st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.integers()))
def test_numbers_are_text_as_in_javascript(github: GitHub, number: float) -> None:
    (said,) = github.evaluate_all([Question("format('{0} {1}', a, toJSON(a))", {"a": number})])
    assert ours("format('{0} {1}', a, toJSON(a))", {"a": number}, {}) == said


@pytest.mark.parametrize("text", NUMBER_TEXTS)
def test_text_is_a_number_as_in_javascript(text: str, github: GitHub) -> None:
    given_ = {"a": text, "github": [*range(40)]}
    for asked in ("a == 0", "a < 10", "a >= 10", "github[a]", "fromJSON('[0, 1, 2, 3]')[a]"):
        assert comparable(ours(asked, given_, {})) == comparable(github.evaluate(asked, given_))


@pytest.mark.parametrize("operator", ["==", "<", "<=", ">", ">=", "!=", "&&", "||"])
def test_operators_take_everything(operator: str, github: GitHub) -> None:
    some = ["null", "true", "false", "0", "1", "-1", "NaN", "''", "'0'", "' 1'", "'a'", "'B'"]
    some += ["a", "github", "a[0]", "a.nothing", "Infinity", "'true'"]
    texts = [f"{left} {operator} {right}" for left, right in product(some, some)]
    asked = github.evaluate_all([Question(text, GIVEN) for text in texts])
    for text, said in zip(texts, asked, strict=True):
        assert comparable(ours(text, GIVEN, {})) == comparable(said), text


@given(expression_texts())
def test_the_place_of_a_part_is_its_text(text: str) -> None:
    try:
        expression = parse_expression(text)
    except ExpressionError:
        return
    for part in walk(expression):
        alone = parse_expression(text[part.start : part.end])
        assert shape(alone) == shape(part)


def test_places_and_names() -> None:
    text = " needs.changes.outputs['type'] != 'false' && (Always( ) || a.*.b[github.x].c)"
    expression = parse_expression(text)
    assert calls(expression) == {"always"}
    assert [
        (one.path, text[one.start : one.end], one.exact) for one in references(expression)
    ] == [
        (("needs", "changes", "outputs", "type"), "needs.changes.outputs['type']", True),
        (("a",), "a", False),
        (("github", "x"), "github.x", True),
    ]
    whole = [text[part.start : part.end] for part in walk(expression)][:2]
    assert whole == [text[1:], "needs.changes.outputs['type'] != 'false'"]


REFERENCES = {
    "(a).b": [("a", "b")],
    "a[0].b": [("a",)],
    "a[*]['b']": [("a",)],
    "fromJSON(a.b).c": [("a", "b")],
    "fromJSON(a.b)[a.c]": [("a", "b"), ("a", "c")],
    "a[b.c].d == e": [("a",), ("b", "c"), ("e",)],
    "!a['x''y']": [("a", "x'y")],
    "'a.b'": [],
}


@pytest.mark.parametrize("text", REFERENCES)
def test_references(text: str) -> None:
    assert [one.path for one in references(parse_expression(text))] == REFERENCES[text]


def test_a_template_is_text_and_expressions() -> None:
    text = "x ${{ '}}' }}${{ a }} }} y"
    template = parse_template(text)
    assert [text[part.start : part.end] for part in template.parts] == [
        *("x ", "${{ '}}' }}", "${{ a }}", " }} y")
    ]
    kinds = [type(part) for part in template.parts]
    assert kinds == [Text, Embedded, Embedded, Text]
    assert [text[one.start : one.end] for one in template.expressions] == ["'}}'", "a"]
    assert parse_template("").parts == ()


@pytest.mark.parametrize(
    ("text", "message", "offset"),
    [
        ("x ${{ a", "no }} closes this ${{", 2),
        ("${{ 'a }}", "no }} closes this ${{", 0),
        ("${{ a }} ${{  }}", "there is no expression", 14),
        ("${{ a }} ${{ a b }}", "unexpected 'b'", 15),
        ("${{ foo() }}", "no such function here: 'foo'", 4),
    ],
)
def test_what_is_no_template(text: str, message: str, offset: int) -> None:
    with pytest.raises(ExpressionError) as refused:
        parse_template(text)
    assert (str(refused.value), refused.value.offset) == (message, offset)


CONDITIONS = {
    "": "success()",
    "  ": "success()",
    "github.x": "success() && (github.x)",
    " ${{ github.x }}": "success() && (format(' {0}', github.x))",
    "${{ github.x || vars.y }}": "success() && (github.x || vars.y)",
    "!cancelled() && needs.a.result": "!cancelled() && needs.a.result",
    "contains('always()', FAILURE())": "contains('always()', FAILURE())",
    "'always()'": "success() && ('always()')",
    "${{ 'false' }}": "success() && (false)",
    "${{ 'github.x == ''y''' }}": "success() && (github.x == 'y')",
    "${{ '' }}": "success()",
    "it's {${{ always() }}}": "format('it''s {{{0}}}', always())",
    "${{ github.x }} == ${{ vars.y }}": (
        "success() && (format('{0} == {1}', github.x, vars.y))"
    ),
}


@pytest.mark.parametrize("text", CONDITIONS)
def test_the_condition_of_a_job(text: str, github: GitHub) -> None:
    assert shape(parse_condition(text)) == shape(parse_expression(CONDITIONS[text]))
    (said,) = github.check_all([workflow(text)])
    assert said.errors == []
    assert said.conditions["job"] == CONDITIONS[text]


def workflow(condition: str) -> str:
    job = {"if": condition, "runs-on": "x", "steps": [{"run": "x"}]}
    return json.dumps({"on": "push", "jobs": {"job": job}})


conditions = st.lists(
    st.one_of(
        st.sampled_from(
            ("${{ github.x }}", "${{ always() }}", "${{ 'vars.x' }}", "${{}}", "x")
        ),
        st.sampled_from(
            ("${{ ''''  }}", "github", " == ", "{", "}}", "'", "${{ env.x }}", " ")
        ),
        st.sampled_from(("${{ (github) }}", "${{ failure('x') }}", "${{ 1,2 }}", "${{", "!")),
        st.sampled_from(("success()", "hashFiles('x')", "\u00a0", "\n", "''", "inputs.x && ")),
    ),
    max_size=4,
).map("".join)


@given(st.lists(conditions, min_size=5, max_size=5))
def test_conditions_are_read_as_github_does(github: GitHub, texts: list[str]) -> None:
    asked = github.check_all([workflow(text) for text in texts])
    for text, said in zip(texts, asked, strict=True):
        mine = condition(text)
        assert (mine is None) == bool(said.errors), text
        if mine is not None:
            assert mine == shape(parse_expression(said.conditions["job"])), text


def condition(text: str) -> str | None:
    """The condition of a job, without the places; None where it is refused."""
    try:
        return shape(parse_condition(text))
    except ExpressionError:
        return None


def test_the_limits_hold_for_the_whole_condition(github: GitHub) -> None:
    depths = ["(" * size + "github" + ")" * size for size in (46, 47, 48)]
    lengths = ["github" + " " * size + ".x" for size in (20_975, 20_976, 20_977, 20_978)]
    texts = depths + lengths + [f"${{{{ {text} }}}}y" for text in depths + lengths]
    texts += ["'" * size + "${{ github }}" for size in range(10_470, 10_490)]
    asked = github.check_all([workflow(text) for text in texts])
    refused = [text for text in texts if condition(text) is None]
    assert refused == [text for text, said in zip(texts, asked, strict=True) if said.errors]
    assert 0 < len(refused) < len(texts)


def test_a_job_may_name_what_the_schema_says() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    names = schema["definitions"]["job-if"]["context"]
    assert JOB_CONDITION.contexts == {name for name in names if "(" not in name}
    said = [re.fullmatch(r"(\w+)\((\d+),(\d+|MAX)\)", name) for name in names]
    status = {found[1]: (int(found[2]), found[3]) for found in said if found}
    assert status.keys() == STATUS_FUNCTIONS
    for name, (least, most) in status.items():
        assert JOB_CONDITION.functions[name] == (least, MANY if most == "MAX" else int(most))
    assert ANYWHERE.functions.keys() - JOB_CONDITION.functions.keys() == {"hashfiles"}


UNKNOWNS = {
    "u && false": UNKNOWN_BUT_FALSE,
    "u && false && u": UNKNOWN_BUT_FALSE,
    "u && true": UNKNOWN,
    "u || true": UNKNOWN_BUT_TRUE,
    "u || ''": UNKNOWN,
    "false && u": False,
    "'x' || u": "x",
    "false || u": UNKNOWN,
    "(u || true) && 'x'": "x",
    "(u && 0) || 'x'": "x",
    "!u": UNKNOWN,
    "!(u && false)": True,
    "u == u": UNKNOWN,
    "1 < u": UNKNOWN,
    "u.x.y": UNKNOWN,
    "u.*": UNKNOWN,
    "k[u]": UNKNOWN,
    "nowhere.x": UNKNOWN,
    "k.U": UNKNOWN,
    "k.nothing": None,
    "p.nothing": UNKNOWN,
    "p.x": 1,
    "p.*": [1, UNKNOWN],
    "success()": UNKNOWN,
    "hashFiles('x') == ''": UNKNOWN,
    "always()": True,
    "u || fromJSON('')": UNKNOWN,
    "format('{0}', u)": UNKNOWN,
    "format('{0}', k)": "Object",
    "contains(k.list, 'a')": True,
    "contains(k.list, 'b')": UNKNOWN,
    "contains(k.list.*.x, 'b')": UNKNOWN,
    "k.list.*.*": [UNKNOWN],
    "contains(p.*, 1)": True,
    "join(k.list)": UNKNOWN,
    "toJSON(k)": UNKNOWN,
    "toJSON(p)": UNKNOWN,
    "case(u, 1, 2)": UNKNOWN,
    "case(true, 1, u)": 1.0,
}


@pytest.mark.parametrize("text", UNKNOWNS)
def test_what_is_known_of_the_unknown(text: str) -> None:
    given_ = {
        "u": UNKNOWN,
        "k": {"u": UNKNOWN, "list": ["a", UNKNOWN]},
        "p": Partial({"x": 1}),
    }
    found = evaluate(parse_expression(text), given_, {"always": lambda: True})
    assert found == UNKNOWNS[text]


@given(st.data(), expression_texts(), contexts, results)
def test_what_is_known_never_turns_out_wrong(
    data: st.DataObject, text: str, given_: dict[str, Any], results: dict[str, Any]
) -> None:
    unclear = {name: blurred(data.draw, given_[name]) for name in given_}
    known = {name: results[name] for name in results if data.draw(st.booleans())}
    before, after = ours(text, unclear, known), ours(text, given_, results)
    if isinstance(after, EvaluationError):
        return
    if isinstance(before, Unknown):
        assert truth(before) in (None, truth(after))
        assert as_text(before) is None
    elif isinstance(before, list) and any(isinstance(one, Unknown) for one in before):
        assert isinstance(after, list)
    elif not isinstance(before, list | dict):
        assert type(before) is type(after)
        assert isinstance(before, ExpressionError) or comparable(before) == comparable(after)


def test_an_unknown_value_is_not_python_s_truth() -> None:
    with pytest.raises(TypeError, match=r"neither true nor false: ask truth\(\)"):
        bool(UNKNOWN)


@pytest.mark.parametrize(
    ("value", "text", "true"),
    [
        (None, "", False),
        (True, "true", True),
        (False, "false", False),
        (0, "0", False),
        (1.5, "1.5", True),
        (math.nan, "NaN", False),
        pytest.param(10**400, "Infinity", True, id="huge"),
        ("", "", False),
        ("false", "false", True),
        ([], "Array", True),
        ({}, "Object", True),
        (UNKNOWN, None, None),
        (UNKNOWN_BUT_TRUE, None, True),
    ],
)
def test_text_and_truth(value: Value, text: str | None, true: bool | None) -> None:
    assert as_text(value) == text
    assert truth(value) is true
