"""Whole files as GitHub's own parser reads them: this project's, its examples', made-up ones.

`make compare` asks the same of other repositories.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impact.config.document import read_document
from impact.config.tree import Mapping, Text
from impact.errors import WorkflowError
from impact.workflows.expressions import ExpressionError, parse_expression
from impact.workflows.workflow import parse_workflow
from tests.workflows.expressions import ALLOWED, expression_texts
from tests.workflows.generated_workflows import PLAIN, workflows
from tests.workflows.github import GitHub
from tests.workflows.parity import EVERYTHING, File, Report, compare_files, compare_values

pytest_plugins = ["tests.workflows.fixtures"]

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^( *)```ya?ml\n(.*?)^\1```", re.M | re.S)


def own_files() -> Iterator[File]:
    for pattern in ("**/workflows/**/*.yml", "**/action.yml"):
        for folder in (".github", "action", "examples", "gate", "tests"):
            for path in sorted(ROOT.joinpath(folder).glob(pattern)):
                yield File(str(path.relative_to(ROOT)), path.read_bytes())
    yield File("action.yml", (ROOT / "action.yml").read_bytes())
    for path in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]):
        text = path.read_text("utf-8")
        for found in FENCE.finditer(text):
            line = text.count("\n", 0, found.start())
            yield File(f"{path.relative_to(ROOT)}:{line + 1}", found[2].encode())


def test_the_files_of_this_project(github: GitHub) -> None:
    report = Report()
    compare_files(github, own_files(), report)
    compare_values(github, report.expressions, 4, report, EVERYTHING)
    assert report.differences == []
    assert report.counts["workflows read alike"] > 10
    assert report.counts["distinct expressions evaluated"] > 100


@given(workflows())
def test_a_made_up_workflow(github: GitHub, text: str) -> None:
    report = Report()
    compare_files(github, [File("w.yml", text.encode())], report)
    assert report.differences == []
    assert report.lenient == []
    assert report.counts["workflows read alike"] == 1


@given(st.lists(expression_texts(), min_size=4, max_size=4))
def test_contexts_that_are_made_for_an_expression(github: GitHub, texts: list[str]) -> None:
    report = Report(expressions={text: "here" for text in texts if _is_expression(text)})
    compare_values(github, report.expressions, 2, report, ALLOWED)
    assert report.differences == []


def _is_expression(text: str) -> bool:
    try:
        parse_expression(text, ALLOWED)
    except ExpressionError:
        return False
    return True


@pytest.mark.parametrize("text", PLAIN)
def test_a_plain_scalar_is_what_it_stands_for(text: str, github: GitHub) -> None:
    for written in (text, f"'{text}'", f"!!str {text}"):
        document = f"[{written}, &a {written}, *a, {{a: {written}}}]\n"
        report = Report()
        compare_files(github, [File("w.yml", document.encode())], report)
        assert report.differences == []


WRITTEN = {
    "1.10": "1.1",
    "12345678901234567": "1.23456789012346E+16",
    "123456789012345": "123456789012345",
    "0.00001": "1E-05",
    "0.0001": "0.0001",
    "-0": "-0",
    "1e400": "Infinity",
    "-.inf": "-Infinity",
    "0x7fffffff": "2147483647",
    "0x80000000": "0x80000000",
    "0o17": "15",
    "True": "true",
    "~": "",
    "'~'": "~",
    "!!str 1.10": "1.10",
    "!!float 1.10": "1.1",
    "!!null": "",
}


@pytest.mark.parametrize("text", WRITTEN)
def test_a_scalar_is_the_text_that_github_s_server_makes_of_it(text: str) -> None:
    root = read_document(f"a: {text}\n".encode(), "w.yml")
    assert isinstance(root, Mapping)
    value = root.get("a")
    assert isinstance(value, Text)
    assert value.value == WRITTEN[text]
    as_is = value.value == text.strip("'")
    assert (value.raw_place is not None) == as_is


LINE = "[" + ", ".join(["*x"] * 150) + "]"
REFUSED = {
    "if: !cancelled()": "1:5: the tag !cancelled(), which GitHub does not take here",
    "a: !!int '1'": "1:4: the tag !!int, which GitHub does not take here",
    "a: &a [b, *a]": "1:11: an alias of what it is in: *a",
    "a: &a {b: {c: *a}}": "1:15: an alias of what it is in: *a",
    f"a: &x [1, 2]\nb: &y {LINE}\nc: {LINE.replace('x', 'y')}": "3:333: more than 50,000 nodes",
}
"""By the server alone."""


@pytest.mark.parametrize("text", REFUSED)
def test_what_only_the_server_refuses(text: str) -> None:
    with pytest.raises(WorkflowError) as refused:
        read_document(text.encode(), "w.yml")
    (finding,) = refused.value.findings
    assert finding.location is not None
    place = f"{finding.location.line}:{finding.location.column}"
    assert f"{place}: {finding.message}" == REFUSED[text]


def test_as_many_nodes_as_the_server_takes() -> None:
    # Each list four times: its beginning, its end and what is in it.
    items = ", ".join(["*x"] * 12_497)
    text = f"[&x [1, 2], {items}"
    read_document(f"{text}]".encode(), "w.yml")
    with pytest.raises(WorkflowError, match="1 error"):
        read_document(f"{text}, *x]".encode(), "w.yml")


def test_steps_in_parallel_are_steps() -> None:
    steps = [{"id": "a"}, {"parallel": [{"id": "b", "uses": "x"}, {"id": "c"}]}, {"id": "d"}]
    text = json.dumps({"jobs": {"job": {"steps": steps}}})
    job = parse_workflow(text.encode(), "w.yml").jobs["job"]
    assert [step.id for step in job.steps] == ["a", "b", "c", "d"]


def git(directory: Path, *command: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    subprocess.run(["git", *who, *command], cwd=directory, check=True, capture_output=True)


def test_the_command_tells_what_differs_in_a_repository(tmp_path: Path) -> None:
    folder = tmp_path / ".github/workflows"
    folder.mkdir(parents=True)
    git(tmp_path, "init", "--quiet")
    jobs = {"a": {"runs-on": "x", "if": "github.a == 'b'", "steps": [{"run": "${{ env.a }}"}]}}
    for number in range(2):
        (folder / "a.yml").write_text(json.dumps({"on": "push", "jobs": jobs}) + "\n" * number)
        (folder / "b.yml").write_text("on: push\njobs: {}\nno: key\n")
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "--quiet", "--message=a")
    (folder / "a.yml").write_text("not committed: [")
    said = run("--lenient", "--commits=9", tmp_path)
    assert said.returncode == 0
    *lenient, last = said.stdout.splitlines()
    assert last.split() == ["0", "differences"]
    assert any("b.yml: GitHub refuses" in line for line in lenient)
    counts = {name: count for count, name in (line.split(maxsplit=1) for line in lenient[-30:])}
    assert counts["files"] == "3"
    assert counts["workflows read alike"] == "2"
    assert counts["distinct expressions evaluated"] == "2"


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks.parity", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
