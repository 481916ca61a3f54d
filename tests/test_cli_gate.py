"""`impact gate` as it is run: what it reads, what it prints, how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.actions_runner import read_commands
from tests.gates import FILTERS, needs_of
from tests.program import Program
from tests.repositories import Repository

pytest_plugins = ["tests.program", "tests.repositories"]

CI = """\
name: CI of this
on: push
jobs:
  changes: {runs-on: x, steps: []}
  ci-sdk: {needs: changes, runs-on: x, steps: []}
  chart: {needs: changes, runs-on: x, steps: []}
  gate: {needs: [changes, ci-sdk, chart], runs-on: x, steps: []}
"""
PLAN = {"sdk": True, "chart": True}
RESULTS = {"ci-sdk": "success", "chart": "failure"}


def needs(**results: str) -> bytes:
    return json.dumps(needs_of(PLAN, {**RESULTS, **results})).encode()


SKIPPED = needs(**{"ci-sdk": "skipped"})


@pytest.fixture
def gated(program: Program) -> Program:
    """The program in a repository with filters and a workflow."""
    made = Repository(program.directory)
    made.git("init", "--quiet", "--template=")
    made.write("filters.yml", FILTERS.decode())
    made.write(".github/workflows/ci.yml", CI)
    made.commit()
    return program


WORKFLOW = ("--workflow", ".github/workflows/ci.yml")


def test_the_text(gated: Program) -> None:
    ran = gated("gate", "--needs", "-", *WORKFLOW, stdin=needs())
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "the gate passes: 3 jobs did what the change asks for\n"
        "\n"
        "ok    changes  detection  success    it says that 2 of 2 surfaces are awake\n"
        "ok    ci-sdk   must-run   success    "
        "sdk is awake, so it has to succeed; it succeeded\n"
        "ok    chart    advisory   failure    "
        "chart is advisory, so it fails nothing; it failed\n"
    )


def test_the_json(gated: Program) -> None:
    ran = gated("gate", "--needs", "-", *WORKFLOW, "--format", "json", stdin=SKIPPED)
    assert ran.code == 1
    assert ran.json == {
        "schema": 1,
        "passed": False,
        "jobs": {
            "ci-sdk": {
                "result": "skipped",
                "surfaces": ["sdk"],
                "verdict": "must-run",
                "ok": False,
                "why": "sdk is awake, so it has to succeed; it was skipped by its condition: "
                "`impact wire` prints one that wakes",
            },
            "changes": {
                "result": "success",
                "surfaces": [],
                "verdict": "detection",
                "ok": True,
                "why": "it says that 2 of 2 surfaces are awake",
            },
            "chart": {
                "result": "failure",
                "surfaces": ["chart"],
                "verdict": "advisory",
                "ok": True,
                "why": "chart is advisory, so it fails nothing; it failed",
            },
        },
        "problems": [],
        "narrowed": [],
        "notes": [],
    }


def test_a_missing_job_has_no_result(gated: Program) -> None:
    given = needs(**{"ci-sdk": "missing"})
    ran = gated("gate", "--needs", "-", *WORKFLOW, "--format", "json", stdin=given)
    assert ran.json["jobs"]["ci-sdk"]["result"] is None


def test_from_a_sub_directory_and_a_file(gated: Program) -> None:
    gated.write("deep/needs.json", needs().decode())
    workflow = ("--workflow", "../.github/workflows/ci.yml")
    assert gated("gate", "--needs", "needs.json", *workflow, at="deep").code == 0
    assert gated("-C", "deep", "gate", "--needs", "needs.json", *workflow).code == 0


def test_a_plan_by_hand(gated: Program) -> None:
    bare = json.dumps({"changes": {"result": "success"}, "ci-sdk": {"result": "skipped"}})
    asleep = '{"sdk": false, "chart": false}'
    words = ("gate", "--needs", "-", "--surfaces")
    assert gated(*words, asleep, stdin=bare.encode()).code == 0
    assert gated(*words, asleep.replace("false", "true", 1), stdin=bare.encode()).code == 1


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (b"", "needs: it is not JSON"),
        (b"\xff", "needs: it is not UTF-8"),
        (b" " * 2_000_000, "needs: more than 1,048,576 bytes, so it is not read"),
        ("é".encode() * 1_000_000, "needs: more than 1,048,576 bytes, so it is not read"),
    ],
)
def test_needs_that_are_none_fail(gated: Program, given: bytes, problem: str) -> None:
    ran = gated("gate", "--needs", "-", "--format", "json", stdin=given)
    assert ran.code == 1
    assert ran.json["passed"] is False
    assert ran.json["problems"] == [problem]
    ran = gated("gate", "--needs", "-", stdin=given)
    assert ran.out == f"the gate fails\n\nFAIL  {problem}\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--needs", "nowhere.json"], "--needs nowhere.json: No such file or directory"),
        (["--needs", "."], "--needs .: Is a directory"),
        (
            ["--needs", "-", "--workflow", "no.yml"],
            "no.yml cannot be read: No such file or directory",
        ),
        (["--needs", "-", "--workflow", ".github"], ".github is no regular file"),
    ],
)
def test_what_cannot_be_read(gated: Program, words: list[str], message: str) -> None:
    ran = gated("gate", *words, stdin=needs())
    assert (ran.code, ran.out, ran.err) == (2, "", f"impact: {message}\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1:1: error: the file is empty [yaml]"),
        ("on: push\n", "1:1: error: the file has no jobs, so it is no workflow [workflow]"),
        ("on: push\njobs: [a]\n", "2:7: error: the file has no jobs, so it is no workflow"),
        ("jobs: {a: {}, a: {}}\n", "1:15: error: the key a is given twice; first in line 1"),
        ("jobs: [\n", "2:1: error: not valid YAML: "),
        ("jobs: *a\n", "1:7: error: no anchor &a stands before [yaml]"),
        ("a: " + "[" * 200, "1:103: error: nested more than 100 deep [yaml]"),
        ("a: \x01\n", "1:4: error: a control character (U+0001), which YAML does not"),
        ("---\na: b\n---\nc: d\n", "4:1: error: a second document; a workflow is one"),
        ("[a]: b\n", "1:1: error: a key has to be text [yaml]"),
        ("#" * 3_000_000, "1:1: error: the file is larger than 2 MiB, and no workflow is"),
    ],
    ids=range(11),
)
def test_a_workflow_that_is_none(gated: Program, text: str, message: str) -> None:
    gated.write("ci.yml", text)
    ran = gated("gate", "--needs", "-", "--workflow", "ci.yml", stdin=needs())
    first, last = ran.err.splitlines()
    assert first.startswith(f"ci.yml:{message}")
    assert last == "impact: 1 error in the workflow; nothing is decided"
    assert (ran.code, ran.out) == (2, "")


def test_a_workflow_with_anchors(gated: Program) -> None:
    text = CI.replace("ci-sdk: {needs", "ci-sdk: &a {continue-on-error: true, needs").replace(
        "chart: {needs: changes, runs-on: x, steps: []}", "chart: *a"
    )
    gated.write(".github/workflows/ci.yml", text)
    ran = gated("gate", "--needs", "-", *WORKFLOW, stdin=needs())
    assert ran.code == 1
    assert ".github/workflows/ci.yml:5:34 has continue-on-error" in ran.out


def test_a_called_workflow_that_is_not_there(gated: Program) -> None:
    calling = CI.replace("runs-on: x, steps: []}", "uses: ./.github/workflows/no.yml}", 2)
    gated.write(".github/workflows/ci.yml", calling)
    ran = gated("gate", "--needs", "-", *WORKFLOW, stdin=needs())
    assert ran.code == 2
    message = ".github/workflows/no.yml cannot be read: No such file or directory"
    assert ran.err == f"impact: {message}\n"


# Which workflow it is.

RUNNER = {"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "octo/repo"}
REF = "octo/repo/.github/workflows/ci.yml@refs/heads/a@b"
HIDING = CI.replace("ci-sdk: {", "ci-sdk: {continue-on-error: true, ")


@pytest.mark.parametrize(
    "told",
    [
        {"GITHUB_WORKFLOW_REF": REF},
        {"GITHUB_WORKFLOW_REF": REF.replace("octo/repo", "Octo/Repo")},
        {"GITHUB_WORKFLOW": "CI of this"},
    ],
    ids=str,
)
def test_the_runner_says_which(gated: Program, told: dict[str, str]) -> None:
    words = ("gate", "--needs", "-")
    assert gated(*words, stdin=needs(), **RUNNER, **told).code == 0
    gated.write(".github/workflows/ci.yml", HIDING)
    ran = gated(*words, stdin=needs(), **RUNNER, **told)
    assert ran.code == 1
    assert ".github/workflows/ci.yml:5:31 has continue-on-error" in ran.out


@pytest.mark.parametrize("title", ["ci.yml", ".github/workflows/ci.yml"])
def test_a_workflow_without_a_name_is_known_by_its_file(gated: Program, title: str) -> None:
    gated.write(".github/workflows/ci.yml", HIDING.replace("name: CI of this\n", ""))
    gated.write(".github/workflows/notes.txt", "no workflow\n")
    ran = gated("gate", "--needs", "-", stdin=needs(), GITHUB_WORKFLOW=title, **RUNNER)
    assert ".github/workflows/ci.yml:4:31 has continue-on-error" in ran.out


@pytest.mark.parametrize(
    ("told", "message"),
    [
        (
            {},
            "the runner does not say which workflow this is ($GITHUB_WORKFLOW_REF); "
            "name its file with `workflow` (--workflow)",
        ),
        (
            {"GITHUB_WORKFLOW": "another"},
            "the runner does not say which workflow this is ($GITHUB_WORKFLOW_REF); "
            "name its file with `workflow` (--workflow)",
        ),
        (
            {"GITHUB_WORKFLOW_REF": "other/repo/.github/workflows/ci.yml@refs/heads/main"},
            "the workflow is one of another repository, other/repo; "
            "name its file in a checkout with `workflow` (--workflow)",
        ),
        (
            {"GITHUB_WORKFLOW_REF": REF.replace("ci.yml", "no.yml")},
            ".github/workflows/no.yml cannot be read: No such file or directory",
        ),
    ],
    ids=range(4),
)
def test_on_a_runner_the_workflow_has_to_be_known(
    gated: Program, told: dict[str, str], message: str
) -> None:
    ran = gated("gate", "--needs", "-", stdin=needs(), **RUNNER, **told)
    assert (ran.code, ran.out, ran.err) == (2, "", f"impact: {message}\n")


def test_two_workflows_of_one_name_are_not_told_apart(gated: Program) -> None:
    gated.write(".github/workflows/other.yml", CI)
    title = {"GITHUB_WORKFLOW": "CI of this"}
    assert gated("gate", "--needs", "-", stdin=needs(), **RUNNER, **title).code == 2


def test_elsewhere_it_need_not_be_and_that_is_said(gated: Program) -> None:
    filters = FILTERS.decode().replace("[ci-sdk]", "[ci-sdk, 'release.yml:publish']")
    gated.write("filters.yml", filters)
    ran = gated("gate", "--needs", "-", "--format", "json", stdin=needs())
    assert ran.json["passed"]
    assert ran.json["notes"] == [
        "no workflow file was read, so continue-on-error goes unseen (--workflow FILE)",
        "taken for jobs of other workflows: release.yml:publish",
    ]


# On a runner.


def test_what_the_runner_reads(gated: Program, tmp_path: Path) -> None:
    """One error for each job that fails, and nothing that a name could have said."""
    hostile = {
        "::error::x": "failure",
        "a\n::add-mask::true": "failure",
        "b##[error]c": "failure",
    }
    rows = json.dumps(needs_of(PLAN, {**RESULTS, **hostile}))
    page = tmp_path / "page"
    ran = gated(
        *("gate", "--needs", "-", "--format", "github"),
        stdin=rows.encode(),
        GITHUB_STEP_SUMMARY=page,
    )
    assert ran.code == 1
    commands = read_commands(ran.raw_out)
    assert [c.name for c in commands] == ["error"] * 3 + ["warning"]
    assert {c.properties["title"] for c in commands} == {"impact gate"}
    why = "it is of no surface, so it always has to succeed; it failed"
    assert [c.data for c in commands] == [
        f"::error::x: {why}",
        f"a\\n::add-mask::true: {why}",
        f"b#\\043[error]c: {why}",
        "chart: chart is advisory, so it fails nothing; it failed",
    ]
    text = page.read_text()
    assert text.startswith("### impact: the gate fails: 3 of 6 jobs\n")
    assert text.count("\n| **fails** |") == 3
    assert text.count("\n| ok |") == 3
    assert "::" not in text


HOSTILE = "x\n::error title=a::pwn\n##[error]y\x1b[31m"


@pytest.mark.parametrize("form", ["text", "json", "github"])
@pytest.mark.parametrize(
    ("given", "options"),
    [
        ({HOSTILE: 1}, []),
        ({HOSTILE: {"result": HOSTILE}}, []),
        (needs_of({HOSTILE: 1}, RESULTS), []),
        (needs_of({HOSTILE: True, **PLAN}, RESULTS), []),
        (needs_of(PLAN, RESULTS, determined=HOSTILE), []),
        (needs_of(PLAN, RESULTS, base={HOSTILE: True}), ["--narrowing-label", HOSTILE]),
        (needs_of(PLAN, RESULTS), ["--changes-job", HOSTILE]),
        (needs_of(PLAN, RESULTS), ["--optional", HOSTILE]),
    ],
    ids=range(8),
)
def test_nothing_that_was_given_is_obeyed(
    gated: Program, tmp_path: Path, given: Any, options: list[str], form: str
) -> None:
    page = tmp_path / "page"
    words = ("gate", "--needs", "-", "--format", form, *options)
    ran = gated(*words, *WORKFLOW, stdin=json.dumps(given).encode(), GITHUB_STEP_SUMMARY=page)
    assert ran.code in (0, 1), ran
    commands = read_commands(ran.raw_out)
    assert {c.name for c in commands} <= ({"error", "warning"} if form == "github" else set())
    assert "pwn" not in [c.data for c in commands]
    assert "\x1b" not in ran.out
    assert not page.exists() or "::error" not in page.read_text()


def test_an_error_is_annotated(gated: Program) -> None:
    gated.write("filters.yml", "version: 2\nsurfaces: {a: [/a]}\n")
    ran = gated("gate", "--needs", "-", "--format", "github", stdin=needs())
    (command,) = read_commands(ran.raw_out)
    assert (ran.code, command.name) == (2, "error")
    assert command.properties["file"] == "filters.yml"


def test_a_page_with_more_jobs_than_it_holds(gated: Program, tmp_path: Path) -> None:
    many: dict[str, Any] = {f"job-{number:05}": "failure" for number in range(3000)}
    page = tmp_path / "page"
    given = json.dumps(needs_of(PLAN, {**RESULTS, **many})).encode()
    ran = gated(
        "gate", "--needs", "-", "--format", "github", stdin=given, GITHUB_STEP_SUMMARY=page
    )
    assert [c.name for c in read_commands(ran.raw_out)].count("error") == 3000
    assert page.stat().st_size < 256 * 1024
    assert " more jobs: the log has them\n" in page.read_text()


@pytest.mark.parametrize(
    ("event", "payload", "passes"),
    [
        ("pull_request", {"pull_request": {"labels": [{"name": "OK"}]}}, True),
        ("pull_request", {"pull_request": {"labels": [{"name": "no"}]}}, False),
        ("pull_request", {}, False),
        ("pull_request", None, False),
        ("push", {}, True),
        ("merge_group", {}, True),
    ],
)
def test_the_label_of_a_pull_request(
    gated: Program, event: str, payload: dict[str, Any] | None, passes: bool
) -> None:
    path = gated.directory / "event.json"
    path.write_text("{" if payload is None else json.dumps(payload))
    asleep = {"sdk": False, "chart": False}
    rows = needs_of(asleep, {"ci-sdk": "skipped", "chart": "skipped"}, base={"sdk": True})
    ran = gated(
        *("gate", "--needs", "-", *WORKFLOW, "--narrowing-label", "ok"),
        stdin=json.dumps(rows).encode(),
        GITHUB_EVENT_NAME=event,
        GITHUB_EVENT_PATH=path,
    )
    assert (ran.code == 0) == passes, ran
    assert "would have woken them, and it puts them to sleep: sdk\n" in ran.out
