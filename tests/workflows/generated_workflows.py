"""Workflow files for tests: what they say, and the many ways of YAML to say it."""

from __future__ import annotations

import random
import re
from typing import Any

from hypothesis import strategies as st


class Plain(str):
    """A scalar that is written as it is, without quotes."""

    def __repr__(self) -> str:
        return f"Plain({super().__repr__()})"


class Name(str):
    """A scalar that has to come out as it is."""

    def __repr__(self) -> str:
        return f"Name({super().__repr__()})"


TEXTS = (
    *(
        "x",
        "a b",
        "a  b c",
        "it's",
        'a "b"',
        "a: b",
        "a #b",
        "#a",
        "a:",
        "- a",
        "*a",
        "&a",
        "!a",
    ),
    *("@a", "`a`", "%a", "{a", "[a]", "{a: b}", "a, b", "? a", "a ? b", "|", ">-", "\\", "\\n"),
    *(
        "",
        " a",
        "a ",
        "a\tb",
        "a\nb",
        "a\n\n  b\n",
        "\na",
        "a\n\n",
        "true",
        "null",
        "~",
        "1.10",
    ),
    *("no", "on", "=", "<<", "--- a", "...", "\u00e9t\u00e9", "\u2603 \U0001f600", "\u00a0a"),
    *("${{ github.x }}", "a ${{ vars.x }} b", "${{ 'a' }}", "${{ '}}' }} ${{ 1 }}\n}}"),
    *("${{\n  github.x\n  && vars.y }}", "$a ${b} }}", "cd a\n# no comment\nmake 'b'  # c\n"),
    *("${{ inputs.a['b'].*.c == 'it''s' }}", "a\\\nb \\\n  c\n", "words " * 30),
)
PLAIN = (
    *("~", "null", "NULL", "", "true", "True", "FALSE", "yes", "Off", "0", "007", "1.10"),
    *("1.", ".5", "-1.50", "+12", "1e3", "1E-2", "0x1F", "0o17", "0b1", "1_000", "12:30:45"),
    *(".inf", "-.INF", ".NaN", "2001-01-01", "1.2.3", "1.10.0", "0x", "+", "1e", "nULL"),
)
CONDITIONS = (
    *(
        "github.x == 'a'",
        "${{ always() }}",
        "success() && github.x",
        "!cancelled()",
        "failure()",
    ),
    *(
        "${{ !failure() }}",
        " ${{ github.x }}",
        "github.x\n  || github.y",
        "'it''s' != github.x",
    ),
    *("contains(github.event.labels.*.name, 'a: b')", "${{ github.x }}\n", "a ${{ github.x }}"),
    *("${{ 'github.x' }}", "", "\n", "inputs.a > 1.50 && !inputs.b", "\u00e9 ${{ github.x }}"),
    *(Plain("true"), Plain("False"), Plain("null"), Plain("1.0"), Plain(""), Plain("github.x")),
)
FAILING = (Plain("true"), Plain("False"), Plain("FALSE"), "${{ github.x }}", "${{ false }}")
KEYS = (
    "a",
    "a-b",
    "with space",
    "\u00e9",
    "on",
    "it's",
    "a.b",
    "x:y",
    "x: y",
    '"q"',
    "# k",
    "_",
)

_PIECE = re.compile(r"\\(x..|U.{8}|.)|.", re.DOTALL)
"""A letter within double quotes, or what stands for one."""

texts = st.one_of(st.sampled_from(TEXTS), st.sampled_from(PLAIN).map(Plain))
mappings = st.dictionaries(st.sampled_from(KEYS), texts, max_size=4)
failing = st.sampled_from(FAILING)
conditions = st.sampled_from(CONDITIONS)


@st.composite
def workflows(draw: st.DrawFn) -> str:
    """Text of a file that GitHub takes."""
    ids = draw(
        st.lists(st.sampled_from(("a", "b-1", "_c", "D", "e_e")), min_size=1, unique=True)
    )
    jobs = {name: draw(_jobs(ids[:number])) for number, name in enumerate(ids)}
    events = st.sampled_from((Name("push"), [Name("push")], {"push": Plain("")}))
    file: dict[str, Any] = {"on": draw(events), "jobs": jobs}
    file |= draw(_some(name=st.sampled_from(("a", "it's: a", Plain("1.0"))), env=mappings))
    return Writer(draw(st.randoms(use_true_random=False))).file(file)


def _some(**values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    renamed = {name.replace("_", "-").strip("-"): one for name, one in values.items()}
    return st.fixed_dictionaries({}, optional=renamed)


@st.composite
def _jobs(draw: st.DrawFn, before: list[str]) -> dict[str, Any]:
    job: dict[str, Any] = draw(_some(if_=conditions, name=texts.filter(bool)))
    if before and draw(st.booleans()):
        needs = draw(st.lists(st.sampled_from(before).map(Name), min_size=1, unique=True))
        job["needs"] = needs[0] if len(needs) == 1 and draw(st.booleans()) else needs
    if draw(st.integers(0, 5)) == 0:
        calls = {"uses": Name("./.github/workflows/x.yml")}
        return {**job, **calls, **draw(_some(with_=mappings.filter(bool)))}
    job["runs-on"] = Name("x")
    job |= draw(_some(outputs=mappings, continue_on_error=failing, env=mappings))
    job["steps"] = draw(st.lists(_steps(), min_size=1, max_size=4))
    if draw(st.integers(0, 5)) == 0:
        job["steps"].append({"parallel": [draw(_steps()), draw(_steps())]})
    every = [one for step in job["steps"] for one in step.get("parallel", [step])]
    for number, step in enumerate(every):
        if "id" in step:
            step["id"] = Name(f"{step['id']}{number}")
    return job


@st.composite
def _steps(draw: st.DrawFn) -> dict[str, Any]:
    step: dict[str, Any] = draw(
        _some(if_=conditions, env=mappings, continue_on_error=failing, name=texts)
    )
    if draw(st.booleans()):
        return step | {"run": draw(texts)}
    uses = st.sampled_from(("a/b@v1", "./a", "docker://a:1", "a/b/c@main")).map(Name)
    ids = st.sampled_from(("s", "_s-"))
    return step | draw(_some(id=ids, with_=mappings)) | {"uses": draw(uses)}


class Writer:
    """Writes data as YAML, in a style of its choice at every place."""

    def __init__(self, choice: random.Random) -> None:
        self._choice = choice
        self._anchors: dict[str, str] = {}
        self._count = 0
        self._in_block = False

    def file(self, data: dict[str, Any]) -> str:
        start = self._choice.choice(("", "", "---\n", "# a\n\n", "--- # a\n"))
        text = start + self._mapping(data, 0) + self._choice.choice(("", "", "\n", "# a\n"))
        return text.replace("\n", self._choice.choice(("\n", "\n", "\n", "\r\n")))

    def _sometimes(self, of: int) -> bool:
        return self._choice.randrange(of) == 0

    def _value(self, value: Any, indent: int) -> str:
        """What follows a `:` or a `-`, to the end of the line."""
        alias = self._anchors.get(repr(value))
        if alias and self._sometimes(2):
            return f" *{alias}\n"
        # An anchor before nothing would be one of what follows.
        anchor = ""
        if value != "" and self._sometimes(8):
            self._count += 1
            anchor = f"a{self._count}"
        written = self._node(value, indent)
        if not anchor:
            return written
        self._anchors[repr(value)] = anchor
        return f" &{anchor}{written}"

    def _node(self, value: Any, indent: int) -> str:
        if isinstance(value, str):
            return f" {self._scalar(value, indent)}"
        if not value or self._sometimes(5):
            return f" {self._flow(value)}{self._comment()}\n"
        deeper = indent + self._choice.choice((1, 2, 2, 4))
        if isinstance(value, dict):
            return f"{self._comment()}\n{self._mapping(value, deeper)}"
        return f"{self._comment()}\n{self._list(value, deeper)}"

    def _comment(self) -> str:
        return self._choice.choice(("", "", "", " # a: 'b", "  #"))

    def _between(self) -> str:
        """Nothing, or a line without a node.  A deep comment would be a line of a block."""
        after, self._in_block = self._in_block, False
        deep = [] if after else ["      # - a\n", " #\n"]
        return self._choice.choice(["", "", "", "", "", "\n", "# a\n", *deep])

    def _mapping(self, data: dict[str, Any], indent: int) -> str:
        pad = " " * indent
        return "".join(
            f"{self._between()}{pad}{self._key(key)}{self._value(value, indent)}"
            for key, value in data.items()
        )

    def _key(self, key: str) -> str:
        plain = re.fullmatch(r"[a-zA-Z_\u00e9]([-.a-z_ ]*[-.a-z_])?", key)
        text = key if plain and not self._sometimes(6) else self._quoted(key)
        return text + self._choice.choice((":", ":", ":", " :"))

    def _list(self, items: list[Any], indent: int) -> str:
        pad = " " * indent
        return "".join(f"{self._between()}{pad}-{self._item(item, indent)}" for item in items)

    def _item(self, item: Any, indent: int) -> str:
        if isinstance(item, dict) and item and not self._sometimes(4):
            deeper = indent + 2
            (first, value), *others = item.items()
            start = f" {self._key(first)}{self._value(value, deeper)}"
            return start + self._mapping(dict(others), deeper)
        return self._value(item, indent)

    def _flow(self, value: Any) -> str:
        space = self._choice.choice(("", " "))
        if isinstance(value, dict):
            pairs = [f"{self._key(key)} {self._flow(one)}" for key, one in value.items()]
            return f"{{{space}{f',{space}'.join(pairs)}{space}}}"
        if isinstance(value, list):
            return f"[{space}{f',{space}'.join(map(self._flow, value))}{space}]"
        if isinstance(value, Plain):
            return str(value) or "null"
        if re.fullmatch(r"[a-z]+", value) and self._sometimes(2):
            return str(value)
        return self._quoted(value)

    def _scalar(self, text: str, indent: int) -> str:
        if isinstance(text, Plain):
            return f"{text}{self._comment()}\n"
        ways = [self._quoted_lines, self._quoted_lines]
        # A line that is all white space would say how far the lines are indented.
        if isinstance(text, Name):
            ways += [lambda text, indent: self._block(text, indent, "-")]
        elif text.strip() and not re.search(r"^\s+$", text.split("\n")[0]):
            ways += [self._block, self._block]
        if re.fullmatch(r"[$a-z.][^:#\n\t]*", text) and text.strip() == text:
            ways += [self._words] * 3
        return self._choice.choice(ways)(text, indent)

    def _quoted_lines(self, text: str, indent: int) -> str:
        written = self._quoted(text)
        if written.startswith('"') and self._sometimes(2):
            # A line end behind a backslash is nothing, and the blanks before the text are not.
            at = self._choice.choice([found.start() for found in _PIECE.finditer(written)][1:])
            blank = "\\" if written[at] in " \t" else ""
            written = f"{written[:at]}\\\n{' ' * (indent + 1)}{blank}{written[at:]}"
        return f"{written}{self._comment()}\n"

    def _quoted(self, text: str) -> str:
        if re.search(r"[\n\t\\]|^\s|\s$", text) or self._sometimes(2):
            escapes = {"\n": "\\n", "\t": "\\t", "\\": "\\\\", '"': '\\"', "\u00e9": "\\xe9"}
            escapes["\U0001f600"] = "\\U0001F600"
            if self._sometimes(2):
                del escapes["\u00e9"], escapes["\U0001f600"]
            return '"' + "".join(escapes.get(letter, letter) for letter in text) + '"'
        return "'" + text.replace("'", "''") + "'"

    def _words(self, text: str, indent: int) -> str:
        """A plain scalar, over several lines perhaps."""
        words = text.split(" ")
        pad = "\n" + " " * (indent + self._choice.choice((1, 2)))
        gaps = [
            pad if one and not one.startswith("-") and self._sometimes(3) else " "
            for one in words[1:]
        ]
        return (
            "".join([words[0], *(gap + one for gap, one in zip(gaps, words[1:], strict=True))])
            + f"{self._comment()}\n"
        )

    def _block(self, text: str, indent: int, ends: str = "") -> str:
        """Literal or folded; what that makes of the text does not matter here."""
        deeper = self._choice.choice((1, 2, 2, 4))
        digit = str(deeper) if text.startswith((" ", "\n")) or self._sometimes(8) else ""
        self._in_block = True
        end = ends or self._choice.choice(("", "-", "+"))
        header = self._choice.choice("|>") + self._choice.choice((digit + end, end + digit))
        pad = " " * (indent + deeper)
        lines = [f"{pad}{line}" if line.strip() else "" for line in text.split("\n")]
        return f"{header}{self._comment()}\n" + "\n".join(lines) + "\n"
