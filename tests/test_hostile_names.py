"""Names that try to be something else, through every input and every output format.

Whoever opens a pull request chooses the names of paths and branches, and what is printed in
CI is read by a runner that obeys commands.  What goes in has to come out again, and no line
may be read as more than a name: by a runner, a terminal, a shell or Markdown.
"""

from __future__ import annotations

import base64
import codecs
import html
import json
import os
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from impact.cli.check import EXPLAINED
from tests.actions_runner import Command, read_commands, read_outputs
from tests.contract import OUTPUTS
from tests.program import Program, Ran
from tests.repositories import Repository

pytest_plugins = ["tests.program"]

NAMES = [
    # Commands of a runner, old and new.
    b"new\n::add-mask::true",
    b"new\r::add-mask::true",
    b"new\r\n::set-output name=woken::[]",
    b"::add-mask::true",
    b"  ::add-mask::true",
    b"::stop-commands::x",
    b"::endgroup::",
    b"##[command]x",
    b"a ##[add-mask]true",
    b"##[set-env name=PATH]x",
    b"a##",
    b"##",
    b"%0A::error::x",
    b"%0a%0d%25",
    # What ends or begins an output.
    b"surfaces<<EOF",
    b"woken=[]",
    b"EOF",
    # Quotes and blanks.
    b'quo"te',
    b'"quoted"',
    b'"',
    b"'single'",
    b"back\\slash",
    b"\\n\\101",
    b"tab\there",
    b" lead",
    b"trail ",
    b" ",
    b"new\nline",
    b"\n",
    b"ends\n",
    # What a command line or a shell takes for something else.
    b"-",
    b"--",
    b"-z",
    b"--output=x",
    b"~",
    b"$(touch pwned)",
    b"`touch pwned`",
    b"${{ github.token }}",
    b"$HOME",
    b"; touch pwned",
    b"|",
    b"a|b",
    b"> pwned",
    # Patterns.
    b"*",
    b"?",
    b"[a-z]",
    b"{a,b}",
    b"#x",
    b"!x",
    b":(glob)**",
    # Markdown and HTML.
    b"<script>alert(1)<",
    b"<img src=x onerror=alert(1)>",
    b"<",
    b"&lt;",
    b"[x](javascript:alert(1))",
    b"![x](x)",
    b"_a_ *b* ~~c~~",
    b"www.example.com",
    b"@somebody #1",
    # What a terminal obeys, or shows as something else or not at all.
    b"\x1b[31mred\x1b[0m",
    b"\x1b]0;title\x07",
    b"\x07\x08\x7f",
    b"c1 \xc2\x9b31m",
    "\u202egpj.exe".encode(),
    "\u2066a\u2069".encode(),
    "zero\u200bwidth".encode(),
    "soft\u00adhyphen".encode(),
    "\ufeffmark".encode(),
    "line\u2028paragraph\u2029next\u0085".encode(),
    "no\u00a0break".encode(),
    "private\ue000\U000f0000".encode(),
    # Bytes.
    b"latin-\xe9",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\xed\xb3\xa9",
    b"\xc0\xaf",
    b"\xe6\x97",
    "日本語".encode(),
    "e\u0301".encode(),
    "\U0001f469\u200d\U0001f680".encode(),
    # Long ones.
    b"a" * 255,
    "é".encode() * 127,
    b"\x01" * 255,
    b"..." + b"." * 252,
]
WORST = [
    b"new\n::add-mask::true",
    b"new\r::add-mask::true",
    b"::add-mask::true",
    b"##[set-env name=PATH]x",
    b"%0A::error::x",
    b"surfaces<<EOF",
    b'"quoted"',
    b" ",
    b"-z",
    b"`touch pwned`",
    b"a|b",
    b"[x](javascript:alert(1))",
    b"_a_ *b* ~~c~~",
    b"\x1b[31mred\x1b[0m",
    "\u202egpj.exe".encode(),
    b"latin-\xe9",
    b"\x01" * 255,
]
"""One of each sort, for what takes a run of the program for each name."""
TEXTS = [name.decode() for name in NAMES if name == name.decode("utf-8", "ignore").encode()]

EXPECTED = "--select=failed-expectation"
FILTERS = """\
version: 1
surfaces:
  sdk: [/sdk/]
  near: ['/sdk?/*.md', '/sd*/[!a]/x']
  other: [/other/]
labels: {full: all}
"""


@pytest.fixture
def hostile(program: Program) -> Program:
    """The program with a list of changes, each name both claimed and not."""
    program.write("filters.yml", FILTERS)
    program.write("list", b"".join(b"sdk/%b\0new/%b\0" % (name, name) for name in NAMES))
    return program


LIST = ("detect", "--files-from", "list", "-z")
EVERYWHERE = [parent + name for name in NAMES for parent in (b"new/", b"sdk/")]


def harmless(data: bytes) -> list[str]:
    """The lines of what was printed, in which nobody finds anything but text."""
    assert read_commands(data) == []
    lines = data.decode("utf-8").removesuffix("\n").split("\n")
    assert [line for line in lines if not line.isprintable()] == []
    return lines


def unquoted(text: str) -> bytes:
    """The bytes that a name stands for as git prints it."""
    if not text.startswith('"'):
        return text.encode()
    assert text.endswith('"')
    return codecs.escape_decode(text[1:-1].encode())[0]  # type: ignore[attr-defined, no-any-return]


def path_in(row: dict[str, Any]) -> bytes:
    """The path of a JSON object."""
    raw: bytes = row["path"].encode("utf-8", "surrogateescape")
    is_text = raw == raw.decode("utf-8", "ignore").encode()
    assert row.get("path_base64") == (None if is_text else base64.b64encode(raw).decode())
    return raw


def refusal(ran: Ran) -> str:
    """The one line that an error is, exit code 2."""
    assert (ran.code, ran.out) == (2, "")
    (line,) = harmless(ran.raw_err)
    return line


# From git


def test_a_repository_of_hostile_names(hostile: Program) -> None:
    repository = Repository(hostile.directory)
    repository.git("init", "--quiet", "--template=")
    repository.git("add", "filters.yml")
    repository.git("commit", "--quiet", "--message", "Base")
    repository.git("tag", "base")
    for path in EVERYWHERE:
        place = os.path.join(os.fsencode(hostile.directory), path)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "wb"):
            pass
    repository.git("add", "sdk", "new")
    repository.git("commit", "--quiet", "--message", "Names")
    (hostile.directory / "list").unlink()
    for options in (["--base=base"], ["--base=base", "--head=main"]):
        plan = hostile("detect", *options, "--format=json", "--all-causes").json
        assert sorted(map(path_in, plan["changes"])) == sorted(EVERYWHERE)
        causes = plan["surfaces"]["sdk"]["causes"]
        changed = [path_in(cause) for cause in causes if cause["kind"] == "changed"]
        assert sorted(changed) == sorted(b"sdk/" + name for name in NAMES)
    # The same again as work tree, untracked.
    repository.git("reset", "--quiet", "base")
    repository.git("update-ref", "refs/remotes/origin/main", "base~0")
    repository.git("remote", "add", "origin", "nowhere")
    repository.git("remote", "set-head", "origin", "main")
    repository.git("commit", "--quiet", "--allow-empty", "--message", "Ahead")
    plan = hostile("detect", "--format=json").json
    assert sorted(map(path_in, plan["changes"])) == sorted(EVERYWHERE)
    assert sorted(os.listdir(hostile.directory)) == [".git", "filters.yml", "new", "sdk"]


def test_branches(hostile: Program) -> None:
    repository = Repository(hostile.directory)
    repository.git("init", "--quiet", "--template=")
    repository.git("commit", "--quiet", "--allow-empty", "--message", "Base")
    repository.git("tag", "base")
    repository.commit(sdk__x="x\n")
    head = repository.id("HEAD")
    names = [
        text
        for text in TEXTS
        if not re.match(r"[-\x01]|a{99}", text)
        and repository.git("branch", "--force", text, check=False) == ""
        and repository.git("show-ref", "--verify", f"refs/heads/{text}", check=False)
    ]
    assert len(names) > 25
    for name in names:
        plan = hostile("detect", "--base=base", f"--head={name}", "--format=json").json
        assert (plan["determined"], plan["head"]) == (True, head), name


@pytest.mark.parametrize("name", [n for n in WORST if len(n) < 99 and b"/" not in n], ids=repr)
def test_directories(hostile: Program, name: bytes) -> None:
    place = hostile.directory / os.fsdecode(b"x" + name)
    place.mkdir()
    repository = Repository(place)
    repository.git("init", "--quiet", "--template=")
    start, end = (
        "impact: no filters file: filters.yml or .github/filters.yml at ",
        "; write one",
    )
    missing = refusal(hostile("-C", place, "check"))
    assert unquoted(missing.removeprefix(start).partition(end)[0]) == os.fsencode(place)
    (place / "filters.yml").write_text(FILTERS)
    assert hostile("check", EXPECTED, at=place).out == "no findings\n"
    plan = hostile("detect", "--format=json", at=place)
    harmless(plan.raw_out)
    assert not plan.json["determined"]
    outside = refusal(hostile("-C", place, "explain", "../x"))
    assert outside.startswith("impact: ../x lies outside the repository at ")


def test_lines_as_git_quotes_them(hostile: Program) -> None:
    repository = Repository(hostile.directory)
    repository.git("init", "--quiet", "--template=")
    for path in EVERYWHERE:
        place = os.path.join(os.fsencode(hostile.directory), path)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "wb"):
            pass
    for quoted in ("true", "false"):
        names = repository.git("-c", f"core.quotePath={quoted}", "ls-files", "--others", "new")
        command = ("detect", "--files-from=-", "--format=json")
        plan = hostile(*command, stdin=os.fsencode(names)).json
        assert sorted(map(path_in, plan["changes"])) == sorted(b"new/" + n for n in NAMES)


# Every output of detect


def test_json(hostile: Program) -> None:
    ran = hostile(*LIST, "--format=json", "--all-causes")
    harmless(ran.raw_out)
    assert ran.raw_out.isascii()
    plan = ran.json
    assert sorted(map(path_in, plan["changes"])) == sorted(EVERYWHERE)
    for surface in plan["surfaces"].values():
        paths = [path_in(c) for c in surface["causes"] if c["kind"] == "unmatched"]
        assert sorted(paths) == sorted(b"new/" + name for name in NAMES)
    unmatched = [path.encode("utf-8", "surrogateescape") for path in plan["unmatched"]]
    assert sorted(unmatched) == sorted(b"new/" + name for name in NAMES)


def test_text_path_by_path(hostile: Program) -> None:
    lines = harmless(hostile(*LIST, "--surface=sdk").raw_out)
    rows = [line for line in lines if line.startswith("  + ")]
    assert len(lines) == len(rows) + 4
    ends = " matches /sdk/ at filters.yml:3:9", " is claimed by nothing"
    found = [unquoted(row[4:].removesuffix(ends[0]).removesuffix(ends[1])) for row in rows]
    assert sorted(found) == sorted(EVERYWHERE)


@pytest.mark.parametrize("name", WORST, ids=repr)
@pytest.mark.parametrize("parent", [b"", b"new/"], ids=["at the root", "beneath"])
def test_text(hostile: Program, name: bytes, parent: bytes) -> None:
    """What is said of one change, in the form that people read."""
    changed = parent + name
    ran = hostile("detect", "--files-from=-", "-z", stdin=changed)
    *verdicts, empty, advice, path = harmless(ran.raw_out)[2:]
    assert unquoted(path.removeprefix("  ")) == changed
    for verdict, surface in zip(verdicts, ("sdk", "near", "other"), strict=True):
        words = verdict.removeprefix(f"awake   {surface.ljust(5)}  ")
        assert unquoted(words.removesuffix(" is claimed by nothing")) == changed
    assert (empty, advice[:18]) == ("", "claimed by nothing")


def test_dotenv_has_no_names(hostile: Program) -> None:
    assert harmless(hostile(*LIST, "--format=dotenv").raw_out) == [
        "IMPACT_SDK=true",
        "IMPACT_NEAR=true",
        "IMPACT_OTHER=true",
        "IMPACT_WOKEN=near,other,sdk",
        "IMPACT_ASLEEP=",
        "IMPACT_ANY=true",
        "IMPACT_DETERMINED=true",
        "IMPACT_BASE=",
        "IMPACT_HEAD=",
    ]


@pytest.fixture
def step(tmp_path: Path) -> dict[str, Path]:
    """The files that a runner hands to a step, in a directory with a hostile name."""
    place = tmp_path / "temp\n::add-mask::true"
    place.mkdir()
    variables = ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")
    return {"RUNNER_TEMP": place} | {name: place / name for name in variables}


@pytest.mark.parametrize("name", WORST, ids=repr)
def test_github(hostile: Program, step: dict[str, Path], name: bytes) -> None:
    command = ("detect", "--files-from=-", "-z", "--format=github")
    ran = hostile(*command, stdin=b"new/%b\0sdk/%b" % (name, name), **step)
    assert (ran.code, ran.err) == (0, "")
    group, end, warning = read_commands(ran.raw_out)
    assert group == Command("group", "impact: 2 changed paths: the given list of paths")
    assert end == Command("endgroup", "")
    advice = (
        ": claimed by nothing, so every surface wakes (unmatched: wake-all); claim them in a "
        "surface, or add them to inert"
    )
    assert (warning.name, warning.properties) == ("warning", {"title": "impact"})
    assert same(warning.data.removesuffix(advice), b"new/" + name)
    assert all(line.isprintable() for line in ran.out.removesuffix("\n").split("\n"))

    outputs = read_outputs(step["GITHUB_OUTPUT"].read_bytes())
    assert list(outputs) == OUTPUTS
    assert json.loads(outputs["woken"]) == ["near", "other", "sdk"]
    # The file's directory has a hostile name too.
    plan = json.loads(Path(outputs["plan-file"]).read_bytes())
    assert sorted(map(path_in, plan["changes"])) == [b"new/" + name, b"sdk/" + name]

    summary = step["GITHUB_STEP_SUMMARY"].read_text()
    harmless(summary.encode())
    cells = re.findall(r"<code>(.*?)</code>", summary)
    assert same(html.unescape(cells[-1]), b"new/" + name)
    because = html.unescape(cells[2])
    assert same(because.removesuffix(" matches /sdk/ at filters.yml:3:9"), b"sdk/" + name)
    because = html.unescape(cells[5])
    assert same(because.removesuffix(" is claimed by nothing"), b"new/" + name)
    # Nothing in them is markup but their ends.
    for cell in cells:
        assert re.fullmatch(r"(?:[\w /-]|&#\d+;)*", cell)
        assert "_" not in cell
    table = [line for line in summary.splitlines() if line.startswith("|")]
    assert [line.count("|") for line in table] == [4] * 4
    assert [line for line in summary.splitlines() if line.startswith("- ")] == [
        f"- <code>{cells[-1]}</code>"
    ]


def test_github_with_all_names(hostile: Program, step: dict[str, Path]) -> None:
    ran = hostile(*LIST, "--format=github", **step)
    names = [command.name for command in read_commands(ran.raw_out)]
    assert names == ["group", "endgroup", "warning"]
    harmless(step["GITHUB_STEP_SUMMARY"].read_bytes())
    more = f"and {len(NAMES) - 20} more paths: the plan file has them"
    assert more in step["GITHUB_STEP_SUMMARY"].read_text().splitlines()


def same(text: str, name: bytes) -> bool:
    """Whether the text is that name as git prints it, or what a page shows of a long one."""
    if "…" not in text:
        return unquoted(text) == name
    start, end = text.split("…")
    quote = '"' * text.startswith('"')
    head, tail = unquoted(start + quote), unquoted(quote + end)
    assert 20 < len(text) <= 120
    return len(head) > 5 < len(tail) and name.startswith(head) and name.endswith(tail)


# explain


def test_explain(hostile: Program) -> None:
    paths = [*EVERYWHERE, *NAMES]
    asked = [b"./" + path for path in paths]
    text, data = (hostile("explain", f"--format={form}", *asked) for form in ("text", "json"))
    titles, current = [], b""
    for above, line in pairwise(["", *harmless(text.raw_out)]):
        if line and not line.startswith((" ", "awake ", "asleep ")):
            titles.append(unquoted(line))
            current = titles[-1]
        if line.startswith(" ") and line.strip().startswith("~"):
            assert unquoted(above.strip()) == current
    assert titles == paths
    harmless(data.raw_out)
    rows = data.json["paths"]
    assert [path_in(row) for row in rows] == paths
    for row, path in zip(rows, paths, strict=True):
        (cause,) = row["surfaces"]["sdk"]["causes"]
        assert path_in(cause) == path


def test_the_marker_stands_under_the_character_whatever_is_before_it(
    hostile: Program,
) -> None:
    ends = b"\t\xe9\"'"
    ran = hostile("explain", b"sdk" + ends + b"/x.txt", "--surface=near")
    lines = harmless(ran.raw_out)
    at = next(number for number, line in enumerate(lines) if line.strip().startswith("closest"))
    # '/sd*/[!a]/x' matches as far as the x, and then wants a slash.
    assert lines[at + 1 :] == [
        '      "sdk\\t\\351\\"\'/x.txt"',
        "       ~~~~~~~~~~~~~~^ stops matching here",
    ]


# The filters file


def in_yaml(text: str) -> str:
    """Any text as a double-quoted scalar."""
    safe = (c if " " <= c <= "~" and c not in '"\\' else f"\\U{ord(c):08x}" for c in text)
    return f'"{"".join(safe)}"'


def literal(name: str) -> str:
    """A pattern that matches this name and no other."""
    found = re.sub(r"[*?\[\]\\{#!]", lambda match: "\\" + match[0], name)
    return found.removesuffix(" ") + "\\ " * found.endswith(" ")


PATTERNS = [text for text in TEXTS if not re.search("[\n\r\ufeff]|\t$| {2}$|^ +$", text)]


def test_patterns_and_descriptions(hostile: Program) -> None:
    patterns = ["/sdk/" + literal(name) for name in PATTERNS]
    rows = "".join(f"      - {in_yaml(pattern)}\n" for pattern in patterns)
    description = in_yaml("\n".join(PATTERNS))
    hostile.write(
        "filters.yml",
        "version: 1\nsurfaces:\n  sdk:\n"
        f"    description: {description}\n    paths:\n{rows}unmatched: ignore\n",
    )
    paths = [f"sdk/{name}" for name in PATTERNS]
    hostile.write("list", "\0".join(paths))
    plan = hostile(*LIST, "--all-causes", "--format=json")
    harmless(plan.raw_out)
    causes = plan.json["surfaces"]["sdk"]["causes"]
    found = {cause["path"]: cause["rule"]["pattern"] for cause in causes}
    assert found == dict(zip(paths, patterns, strict=True))

    lines = harmless(hostile(*LIST, "--surface=sdk").raw_out)[4:]
    for line, path in zip(lines, sorted(paths), strict=True):
        written = re.fullmatch(r"  \+ (.*) matches (.*) at filters\.yml:\d+:9", line)
        assert written is not None
        assert unquoted(written[1]).decode() == path
        assert unquoted(written[2]).decode() == found[path]

    harmless(hostile(*LIST).raw_out)
    lines = harmless(hostile("explain", *paths).raw_out)
    decided = [line for line in lines if line.endswith("  matches, decides")]
    written_rows = [line.partition("  filters.yml:")[0].strip() for line in decided]
    assert [unquoted(row).decode() for row in written_rows] == patterns


def test_labels(hostile: Program, step: dict[str, Path]) -> None:
    labels = "".join(f"  ? {in_yaml(text)}\n  : [sdk]\n" for text in TEXTS)
    hostile.write("filters.yml", FILTERS.partition("labels")[0] + "labels:\n" + labels)
    rows = [{"name": text} for text in TEXTS]
    hostile.write("event.json", json.dumps({"pull_request": {"labels": rows}}))
    hostile.write("list", b"other/x")
    event = ("--event=pull_request", "--event-path=event.json")
    ran = hostile(*LIST, *event, "--format=json", "--all-causes")
    harmless(ran.raw_out)
    details = {cause["detail"] for cause in ran.json["surfaces"]["sdk"]["causes"]}
    assert details == {f"label {text}" for text in TEXTS}

    lines = harmless(hostile(*LIST, *event, "--surface=sdk").raw_out)
    forces = [line.removeprefix("  forced by ") for line in lines if "forced by" in line]
    assert sorted(map(unquoted, forces)) == sorted(f"label {text}".encode() for text in TEXTS)

    github = hostile(*LIST, *event, "--format=github", **step)
    assert [command.name for command in read_commands(github.raw_out)] == ["group", "endgroup"]
    harmless(step["GITHUB_STEP_SUMMARY"].read_bytes())


def test_mistakes_in_a_filters_file(hostile: Program) -> None:
    for text in [name.decode() for name in WORST if name.isascii()]:
        for filters in (
            f"version: 1\n{in_yaml(text)}: 1\nsurfaces: {{docs: [x]}}\n",
            f"version: {in_yaml(text)}\nsurfaces: {{docs: [x]}}\n",
            f"version: 1\nsurfaces: {{{in_yaml(text)}: [x], docs: [x], -: [x]}}\n",
            f"version: 1\nsurfaces: {{docs: [use: {in_yaml(text)}]}}\n",
            f"version: 1\nsurfaces: {{docs: [x]}}\nunmatched: {in_yaml(text)}\n",
            f"version: 1\nsurfaces: {{docs: {{depends-on: [{in_yaml(text)}]}}}}\n",
            f"version: 1\nsurfaces: {{docs: [{in_yaml('./' + text)}]}}\n",
            f"version: 1\nsurfaces: {{docs: [{in_yaml('{' + text)}]}}\n",
            f"version: 1\nsurfaces: {{docs: {{jobs: [{in_yaml(text + ' ')}]}}}}\n",
            f"version: 1\nsurfaces: {{docs: [x]}}\nexpect: [{{path: {in_yaml('/' + text)}}}]\n",
        ):
            hostile.write("filters.yml", filters)
            ran = hostile("check")
            assert (ran.code, ran.out) == (2, ""), filters
            for line in harmless(ran.raw_err):
                assert line.startswith(("filters.yml:", "impact: ")), filters


def test_findings(hostile: Program, step: dict[str, Path]) -> None:
    cases = "".join(
        f"  - {{path: {in_yaml(f'sdk/{text}')}, only: [other]}}\n" for text in TEXTS
    )
    hostile.write("filters.yml", FILTERS + f"expect:\n{cases}")
    wrong = ": expected to wake, but asleep: other; expected to sleep, but awake: sdk"
    paths = [f"sdk/{text}" for text in TEXTS]

    *lines, last = harmless(hostile("check", EXPECTED).raw_out)
    assert last == f"{len(TEXTS)} errors"
    findings = [line.removesuffix(f"{wrong} [failed-expectation]") for line in lines]
    starts = [f"filters.yml:{8 + number}:5: error: " for number in range(len(TEXTS))]
    found = [line for line in findings if line.startswith("filters.yml")]
    assert [
        unquoted(line.removeprefix(start)).decode()
        for line, start in zip(found, starts, strict=True)
    ] == paths
    titles = [line[2:] for line in lines if re.match(r"  [^ ]", line)]
    assert [
        unquoted(line).decode() for line in titles if not line.startswith(("awake", "asleep"))
    ] == paths[:EXPLAINED]

    ran = hostile("check", EXPECTED, "--format=json")
    harmless(ran.raw_out)
    messages = [row["message"] for row in ran.json["findings"]]
    assert [unquoted(m.removesuffix(wrong)).decode() for m in messages] == paths

    annotations = read_commands(hostile("check", EXPECTED, "--format=github").raw_out)
    assert [command.data for command in annotations] == messages[:10]
    assert {command.name for command in annotations} == {"error"}
    assert [command.properties["line"] for command in annotations] == [
        str(8 + number) for number in range(10)
    ]


@pytest.mark.parametrize("name", [n.decode() for n in WORST if n in map(str.encode, TEXTS)])
def test_a_finding_as_annotation(hostile: Program, name: str) -> None:
    case = f"expect:\n  - {{path: {in_yaml('sdk/' + name)}, only: [other]}}\n"
    hostile.write("filters.yml", FILTERS + case)
    (row,) = hostile("check", EXPECTED, "--format=json").json["findings"]
    place = {"file": "filters.yml", "line": "8", "col": "5", "title": "failed-expectation"}
    annotations = read_commands(hostile("check", EXPECTED, "--format=github").raw_out)
    (annotation,) = annotations
    start, _, end = annotation.data.partition("…" if len(row["message"]) > 500 else "\0")
    assert row["message"].startswith(start)
    assert row["message"].endswith(end)
    assert annotation == Command("error", annotation.data, place)
    assert len(annotation.data) == min(500, len(row["message"]))


FILES = [name for name in WORST if len(name) < 250]


@pytest.mark.parametrize("name", FILES, ids=repr)
def test_the_name_of_the_filters_file(
    hostile: Program, step: dict[str, Path], name: bytes
) -> None:
    file = name + b".yml"
    text = FILTERS + "expect: [{path: sdk/x, sleeps: [sdk]}]\n"
    hostile.write(os.fsdecode(file), text)
    named = b"--filters=" + file
    plan = hostile(*LIST, named, "--format=json")
    harmless(plan.raw_out)
    raw = plan.json["filters"]["file"].encode("utf-8", "surrogateescape")
    assert raw == file
    (line, *_) = harmless(hostile("check", EXPECTED, named).raw_out)
    assert unquoted(line.partition(":7:10: error: ")[0]) == file
    harmless(hostile("explain", named, "sdk/x").raw_out)
    (annotation,) = read_commands(hostile("check", EXPECTED, named, "--format=github").raw_out)
    if file == file.decode("utf-8", "ignore").encode():
        assert annotation.properties["file"] == file.decode()
    github = hostile(*LIST, named, "--format=github", **step)
    assert len(read_commands(github.raw_out)) == 3
    harmless(step["GITHUB_STEP_SUMMARY"].read_bytes())


# Errors


@pytest.mark.parametrize("name", WORST, ids=repr)
def test_errors(hostile: Program, name: bytes) -> None:
    text = os.fsdecode(name)
    no_surface = "there is no surface (.*); there are: sdk, near, other"
    missing = "(File name too long|No such file or directory)"
    listed = ("detect", "--files-from=-", "-z")
    for arguments, expected in (
        (["explain", "sdk/x", f"--surface={text}"], f"--surface: {no_surface}"),
        ([*LIST, f"--force={text}"], f"--force: {no_surface}"),
        (["check", f"--select={text}"], "there is no check (.*); there are: .*"),
        (["detect", f"--files-from={text}"], f"--files-from (.*): {missing}"),
        ([*LIST, "--event=x", f"--event-path={text}"], f"--event-path (.*): {missing}"),
        (
            [*listed, "--name-status"],
            "entry 1 of the list is not what .*: (.*) with 0 paths;.*",
        ),
    ):
        line = refusal(hostile(*arguments, stdin=name))
        found = re.fullmatch(f"impact: {expected}", line)
        assert found is not None, line
        assert unquoted(found[1]) == name
    line = refusal(hostile(*listed, stdin=b"/" + name))
    assert line.startswith("impact: entry 1 of the list: ")
    for arguments in (
        ["explain", f"../{text}"],
        ["detect", f"--base={text}"],
        ["check", f"--filters={text}"],
        ["-C", f"x{text}", "check"],
        [f"x{text}"],
        ["check", f"x{text}"],
        ["detect", f"--format=x{text}"],
        ["detect", f"--nope{text}"],
    ):
        ran = hostile(*arguments)
        assert (ran.code, ran.out) == (2, "")
        harmless(ran.raw_err)


# Events


SHA = "1" * 40


@pytest.mark.parametrize("name", [n.decode() for n in WORST[:6] + WORST[-4:-2]], ids=repr)
@pytest.mark.parametrize(
    "event",
    [
        lambda text: ("push", {"ref": f"refs/heads/{text}", "before": SHA, "after": SHA,
                               "repository": {"default_branch": text}}),
        lambda text: ("push", {"ref": "refs/heads/x", "before": "0" * 40, "after": SHA,
                               "repository": {"default_branch": text}}),
        lambda text: ("push", {"ref": "refs/heads/x", "before": text, "after": text}),
        lambda text: ("pull_request", {"pull_request": {
            "head": {"sha": text, "ref": text}, "base": {"sha": SHA, "ref": text},
            "title": text, "labels": [{"name": text}]}}),
        lambda text: (text, {}),
    ],
    ids=["the branch", "the default branch", "commits", "a pull request", "the event"],
)  # fmt: skip
def test_payloads(
    hostile: Program, step: dict[str, Path], event: Callable[[str], Any], name: str
) -> None:
    kind, payload = event(name)
    repository = hostile.directory / ".git"
    repository.mkdir()
    for folder in ("objects", "refs"):
        (repository / folder).mkdir()
    (repository / "HEAD").write_text("ref: refs/heads/main\n")
    runner = {
        "GITHUB_EVENT_NAME": kind,
        "GITHUB_EVENT_PATH": hostile.write("event.json", json.dumps(payload)),
    }
    harmless(hostile("detect", **runner).raw_out)
    ran = hostile("detect", "--format=json", **runner)
    harmless(ran.raw_out)
    plan = ran.json
    assert plan["event"] == kind
    assert not plan["determined"]
    github = hostile("detect", "--format=github", **runner, **step)
    group, end, warning = read_commands(github.raw_out)
    assert [group.name, end.name, warning.name] == ["group", "endgroup", "warning"]
    outputs = read_outputs(step["GITHUB_OUTPUT"].read_bytes())
    assert outputs["determined"] == "false"
    assert json.loads(outputs["asleep"]) == []
    harmless(step["GITHUB_STEP_SUMMARY"].read_bytes())
