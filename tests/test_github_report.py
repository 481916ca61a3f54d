"""What people read of a detection in CI: summary, log and annotations, for any size.

The goldens are what the real program writes.  Read them as a user would, in a browser too:
`make goldens` writes them anew.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impact.decide import decide
from impact.model import (
    Change,
    ChangeSet,
    Filters,
    Force,
    Place,
    Plan,
    Rule,
    Status,
    Surface,
)
from impact.report import github, summary
from impact.report.phrases import shortened
from tests.actions_runner import Command, read_commands, read_outputs
from tests.program import Program

pytest_plugins = ["tests.program"]

AREAS = """
    accounts auth billing cart catalog checkout email fraud gateway identity inventory ledger
    loyalty media orders payments pricing profiles refunds reports returns search sessions
    shipping stock support taxes users vouchers warehouse
""".split()  # noqa: SIM905  thirty names are read as text
LAYERS = ["worker", "jobs", "schema", "images"]
FEW = """\
version: 1
surfaces:
  sdk: [/packages/sdk/, '!*.md', /scripts/generate-sdk.sh]
  extension-sql:
    paths: [/extension/, /migrations/]
    depends-on: [sdk]
  docs: {paths: [/docs/, '*.md'], advisory: true}
always: [/Makefile]
"""


def many() -> str:
    """300 surfaces of a monorepo: ten of each area."""
    lines = ["version: 1", "patterns:", "  base: [/deploy/base/]", "surfaces:"]
    for area in AREAS:
        lines += [
            f"  {area}-api: [/services/{area}/, '!*.md']",
            *(f"  {area}-{layer}: {{depends-on: [{area}-api]}}" for layer in LAYERS),
            f"  {area}-web: [/web/{area}/]",
            f"  {area}-client: [/packages/{area}/, '!*.md']",
            f"  {area}-e2e: {{depends-on: [{area}-api, {area}-web]}}",
            f"  {area}-docs: {{paths: [/docs/{area}/], advisory: true}}",
            f"  {area}-deploy: {{paths: [use: base], depends-on: [{area}-images]}}",
        ]
    return "\n".join([*lines, "always: [/Makefile]", "inert: ['*.md']"]) + "\n"


def files(prefix: str, count: int) -> list[str]:
    return [f"{prefix}{n // 100:03}/module_{n % 100:02}.py" for n in range(count)]


SIZES = {
    (3, 1): ["scripts/generate-sdk.sh"],
    (3, 100_000): files("packages/sdk/src/", 60_000) + files("docs/reference/", 40_000),
    (300, 1): ["services/payments/handlers/refund_request.py"],
    (300, 100_000): [
        *files("services/payments/", 40_000),
        *files("web/orders/", 50_000),
        *files("packages/search/", 9_990),
        *(f"services/{area}/README.md" for area in AREAS[:9]),
        "docs/taxes/rates.html",
    ],
}


@pytest.fixture
def step(program: Program) -> dict[str, Path]:
    """The files that a runner hands to a step."""
    place = program.directory.parent / "step"
    place.mkdir()
    names = ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")
    return {"RUNNER_TEMP": place} | {name: place / name for name in names}


def written(program: Program, step: dict[str, Path], paths: list[str], *options: str) -> str:
    """Summary and log of a detection, each as it is."""
    ran = program(
        *("detect", "--format=github", "--files-from=-", "-z", *options),
        stdin="\0".join(paths).encode(),
        fresh=len(paths) > 1000,  # which is no time-out, however slow the machine
        **step,
    )
    assert (ran.code, ran.err) == (0, "")
    _, _, token = ran.out.splitlines()[1].partition("::stop-commands::")
    log = ran.out.replace(token, "TOKEN")
    return f"{step['GITHUB_STEP_SUMMARY'].read_text()}\n-- log --\n{log}"


Golden = Callable[[str, str], None]


@pytest.mark.parametrize("size", SIZES, ids="{0[0]} surfaces, {0[1]} files".format)
def test_sizes(
    program: Program, step: dict[str, Path], golden: Golden, size: tuple[int, int]
) -> None:
    surfaces, changed = size
    program.write("filters.yml", FEW if surfaces == 3 else many())
    assert len(SIZES[size]) == changed
    text = written(program, step, SIZES[size])
    assert f"of {surfaces} surfaces awake" in text
    golden(text, f"github_report/{surfaces}-surfaces-{changed}-files.md")


WAKE_ALL: dict[str, tuple[list[str], list[str]]] = {
    "unclaimed": (["services/payments/a.py", "tools/new.py", "tools/newer.py"], []),
    "always": (["Makefile", "services/payments/a.py"], []),
    "filters-changed": (["filters.yml"], []),
    "undetermined": ([], []),
    "forced": (["services/payments/a.py"], ["--force=all"]),
}


@pytest.mark.parametrize("name", WAKE_ALL)
def test_everything_wakes(
    program: Program, step: dict[str, Path], golden: Golden, name: str
) -> None:
    program.write("filters.yml", many())
    paths, options = WAKE_ALL[name]
    text = written(program, step, paths, *options)
    assert "300 of 300 surfaces awake" in text
    golden(text, f"github_report/everything-{name}.md")


# Limits.


HOSTILE = [
    "\n::error::x",
    "|",
    "`",
    "```\n",
    "<b>",
    "](x)",
    "&lt;",
    "\x01",
    "é",
    "\udcff",
    "🚀",
    "_",
]
names = st.lists(st.sampled_from([*HOSTILE, "a_b", "/", "src/"]), min_size=1, max_size=12).map(
    "".join
)
long_names = st.builds(lambda part, count: (part * count)[:4096], names, st.integers(1, 4096))
some_names = st.one_of(names, long_names)


def rule(pattern: str, file: str, include: bool = True) -> Rule:
    return Rule(pattern, include, file, Place(987, 654))


@st.composite
def huge_plans(draw: st.DrawFn) -> Plan:
    """Plans of up to 3,000 surfaces, with names, patterns and reasons of any length."""
    file = draw(st.one_of(st.just("filters.yml"), some_names))
    paths = draw(st.lists(some_names, max_size=30, unique=True))
    status = draw(st.sampled_from([None, *Status]))
    surfaces = {}
    for number in range(draw(st.integers(1, 6))):
        name = f"s{number}" + "x" * draw(st.sampled_from([0, 30, 5000]))
        pattern = draw(st.sampled_from(["*", "a*", "src", "[a-z]" * 1000]))
        excluded = draw(st.sampled_from(["*", "x", "*a*"]))
        rules = (rule(pattern, file), rule(excluded, file, include=False))
        surfaces[name] = Surface(name, rules[: draw(st.integers(1, 2))])
    above = next(iter(surfaces))
    chained = draw(st.booleans())
    for number in range(draw(st.sampled_from([0, 0, 30, 300, 3000]))):
        name = f"more-{number}"
        surfaces[name] = Surface(name, (), depends_on=(above,), advisory=number % 7 == 0)
        above = name if chained and number < 300 else above
    filters = Filters(file, surfaces, wake_unmatched=draw(st.booleans()))
    ids = tuple(f"{number:040x}" for number in range(draw(st.integers(2, 4))))
    diffs = tuple((commit, ids[0]) for commit in ids[1:])
    found = ChangeSet(
        tuple(Change(path, status) for path in paths),
        draw(some_names),
        determined=draw(st.booleans()),
        base=ids[1],
        head=ids[0],
        diffs=draw(st.sampled_from([(), diffs])),
        notes=tuple(draw(st.lists(some_names, max_size=3))),
    )
    forced = [Force(frozenset(list(surfaces)[::2]), draw(some_names))] * draw(st.integers(0, 1))
    return decide(filters, found, forced)


@settings(max_examples=30)
@given(huge_plans(), st.sampled_from([1 << 20, 200_000, 60_000, 30_000]))
def test_a_summary_is_never_too_large_and_never_without_its_frame(
    plan: Plan, room: int
) -> None:
    page = summary.render_summary(plan, room)
    assert 0 < len(page.encode()) <= room
    heading, _, rest = page.partition("\n")
    awake, every = len(plan.woken), len(plan.verdicts)
    assert heading == f"### impact: {awake:,} of {every:,} surfaces awake"
    before, fence, after = rest.partition("\n```sh\n")
    script, end, hint = after.partition("\n```\n")
    assert fence
    assert end
    assert "`" not in script
    assert re.search(r"impact (detect|explain)", script)
    assert hint.endswith("`impact explain PATH` what one path wakes and why.\n")
    assert page.count("<details>") == page.count("</details>")

    # What is not ours is text in <code>, without a character that Markdown or HTML reads.
    codes = re.findall(r"<code>(.*?)</code>", before)
    assert all(re.fullmatch(r"(?:[^\W_]|[ /-]|&#\d+;)*", code) for code in codes)
    ours = re.sub(r"<code>.*?</code>|`git switch -`", "", before)
    assert all(len(line) < 200 for line in ours.split("\n"))
    assert re.fullmatch(r"[\w\s|*,:;().<>/-]*", ours, re.ASCII)
    for code in codes:
        if " at " in code and "more rules" not in code:
            assert "987:654" in html.unescape(code)

    # Every surface is told of once: in a row, or as left out.  Lists by name repeat them.
    rows = re.sub(r"<summary>[^<]* by name<.*?</details>", "", before, flags=re.DOTALL)
    assert sum(map(told, rows.split("\n"))) == every


def told(line: str) -> int:
    """How many surfaces a line of the page accounts for."""
    many = re.search(r"([\d,]+) (surfaces, listed below|more surfaces)", line)
    if many:
        return int(many[1].replace(",", ""))
    row = re.match(r"\| (?:\*\*awake\*\*|asleep) \| (.*) \| <code>", line)
    return row[1].count("<code>") if row else 0


@given(some_names, st.integers(20, 200))
def test_a_shortened_name_keeps_its_ends_and_its_harmlessness(name: str, longest: int) -> None:
    shown = shortened(longest)(name)
    assert len(shown) <= longest
    assert shown.isprintable()
    assert read_commands(shown.encode()) == []


@settings(max_examples=30)
@given(huge_plans())
def test_the_log_has_short_lines_and_at_most_one_annotation(plan: Plan) -> None:
    log = github.render_log(plan, "token").encode("utf-8", "backslashreplace")
    lines = log.decode().split("\n")
    assert max(map(len, lines)) < 2500
    group, end, *annotations = read_commands(log)
    assert (group.name, end.name) == ("group", "endgroup")
    assert len(annotations) <= 1
    assert all(len(annotation.data) <= 500 for annotation in annotations)


def test_what_the_step_wrote_before_counts(program: Program, step: dict[str, Path]) -> None:
    program.write("filters.yml", many())
    page = step["GITHUB_STEP_SUMMARY"]
    for before, fits in [(1 << 20, False), ((1 << 20) - 4000, True), (900_000, True)]:
        page.write_bytes(b"x" * (before - 1) + b"\n")
        written(program, step, ["services/payments/x.py"])
        assert page.stat().st_size <= 1 << 20
        text = page.read_text().lstrip("x\n")
        assert text.startswith("### impact: 7 of 300 surfaces awake" if fits else "")
        assert bool(text) == fits


def test_tens_of_thousands_of_surfaces(program: Program, step: dict[str, Path]) -> None:
    """The outputs no longer fit; the page says the most important of what there is."""
    rows = "".join(f"  surface-number-{n}: [/d/{n}/]\n" for n in range(12_000))
    program.write("filters.yml", f"version: 1\nsurfaces:\n{rows}")
    ran = program("detect", "--format=github", "--files-from=-", stdin=b"d/7/x\n", **step)
    assert ran.code == 2
    message = ran.err.removeprefix("impact: ").removesuffix("\n")
    assert re.fullmatch(
        r"the outputs for 12,000 surfaces take 1,\d{3},\d{3} bytes, and GitHub takes "
        r"1,048,576 of a job; join surfaces, or give them shorter names",
        message,
    )
    assert read_commands(ran.raw_out) == [Command("error", message, {"title": "impact"})]
    assert not step["GITHUB_OUTPUT"].exists()


def test_a_plan_file_does_not_grow_with_surfaces_times_paths(
    program: Program, step: dict[str, Path]
) -> None:
    program.write("filters.yml", many())
    for count, kept in [(20, 20), (900, 20), (800, 800)]:
        written(program, step, files("new/", count))
        outputs = read_outputs(step["GITHUB_OUTPUT"].read_bytes())
        plan = json.loads(Path(outputs["plan-file"]).read_bytes())
        assert len(plan["changes"]) == len(plan["unmatched"]) == count
        surface = plan["surfaces"]["accounts-api"]
        assert surface["cause_counts"] == {"unmatched": count}
        assert len(surface["causes"]) == kept


# Errors


def test_errors_in_the_filters_are_annotations(
    program: Program, step: dict[str, Path], golden: Golden
) -> None:
    rows = "".join(f"  area-{n}: [./src/{n}/, 'lib/{{a,b}}']\n" for n in range(8))
    program.write("filters.yml", f"version: 1\nsurfaces:\n{rows}unmatch: ignore\n")
    for command in ("detect", "check"):
        ran = program(command, "--format=github", **step)
        assert ran.code == 2
        errors = read_commands(ran.raw_out)
        assert [error.name for error in errors] == ["error"] * 10
        assert {error.properties["file"] for error in errors} == {"filters.yml"}
        golden(f"{ran.out}-- stderr --\n{ran.err}", "github_report/filters-error.txt")
    assert not step["GITHUB_OUTPUT"].exists()
    assert not step["GITHUB_STEP_SUMMARY"].exists()
    assert program("check").out == ""


def test_a_hostile_error_is_one_annotation(program: Program, step: dict[str, Path]) -> None:
    program.write("filters.yml", FEW)
    name = "x\n::add-mask::true\n##[add-mask]x" + "%0A::error::y" * 99
    ran = program("detect", "--format=github", f"--force={name}", **step)
    (error,) = read_commands(ran.raw_out)
    assert (ran.code, error.name, error.properties) == (2, "error", {"title": "impact"})
    assert len(error.data) <= 500
    assert error.data.startswith("--force: there is no surface ")
    assert error.data.endswith("there are: sdk, extension-sql, docs")


def test_an_advisory_wake_needs_no_annotation(program: Program, step: dict[str, Path]) -> None:
    program.write("filters.yml", "version: 1\nsurfaces: {a: {paths: [/a], advisory: true}}\n")
    ran = program("detect", "--format=github", "--files-from=-", stdin=b"new\n", **step)
    assert [command.name for command in read_commands(ran.raw_out)] == ["group", "endgroup"]
