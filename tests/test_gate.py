"""The gate: what is asked of every kind of job, and what is not taken for an answer."""

from __future__ import annotations

import json

import pytest

from impact.needs import LIMIT, InputError, parse_needs
from tests.gates import JOBS, RESULTS, combination, judged, needs_of, workflow_of

# Everything that can be: + passes, - fails.
COMBINATIONS = """
                          success failure skipped cancelled missing unknown
awake        required     +       -       -       -         -       -
asleep       required     +       -       +       -         -       -
undetermined required     +       -       -       -         -       -
awake        advisory     +       +       +       +         +       +
asleep       advisory     +       +       +       +         +       +
undetermined advisory     +       +       +       +         +       +
awake        unclaimed    +       -       -       -         +       -
asleep       unclaimed    +       -       -       -         +       -
undetermined unclaimed    +       -       -       -         +       -
awake        optional     +       -       +       -         -       -
asleep       optional     +       -       +       -         -       -
undetermined optional     +       -       +       -         -       -
awake        detection    +       -       -       -         -       -
asleep       detection    +       -       -       -         -       -
undetermined detection    +       -       -       -         -       -
"""
ROWS = [line.split() for line in COMBINATIONS.strip().splitlines()]


@pytest.mark.parametrize(
    ("plan", "kind", "result", "sign"),
    [
        (plan, kind, result, sign)
        for plan, kind, *signs in ROWS[1:]
        for result, sign in zip(RESULTS, signs, strict=True)
    ],
)
def test_every_combination(plan: str, kind: str, result: str, sign: str) -> None:
    """A job that nobody claims and nobody needs is none that the gate could know of."""
    gate = combination(plan, kind, result)
    assert gate.passed == (sign == "+")
    job = "changes" if kind == "detection" else JOBS[kind]
    failing = [row.job for row in gate.jobs.values() if not row.ok]
    if (kind, result) == ("optional", "missing"):
        assert gate.problems == ("optional: the gate needs no job deploy",)
        return
    # Without a detection nothing is known to be asleep, and all of it succeeded here.
    assert failing == ([job] if sign == "-" else [])
    assert gate.problems == ()


def test_the_results_are_those_of_the_table() -> None:
    assert ROWS[0] == list(RESULTS)


WORDS = {
    ("awake", "required", "success"): "sdk is awake, so it has to succeed; it succeeded",
    ("awake", "required", "failure"): "sdk is awake, so it has to succeed; it failed",
    ("awake", "required", "skipped"): (
        "sdk is awake, so it has to succeed; it was skipped by its condition: "
        "`impact wire` prints one that wakes"
    ),
    ("awake", "required", "cancelled"): "sdk is awake, so it has to succeed; it was cancelled",
    ("awake", "required", "missing"): (
        "sdk is awake, so it has to succeed; it has no result: "
        "add it to the needs of the gate's job"
    ),
    ("awake", "required", "unknown"): (
        "sdk is awake, so it has to succeed; its result is neutral, which is none of "
        "success, failure, skipped, cancelled"
    ),
    ("asleep", "required", "skipped"): "sdk is asleep, so it may be skipped; it was skipped",
    ("asleep", "required", "failure"): "sdk is asleep, so it may be skipped; it failed",
    ("awake", "advisory", "failure"): "chart is advisory, so it fails nothing; it failed",
    ("awake", "advisory", "success"): "chart is advisory; it succeeded",
    ("awake", "unclaimed", "skipped"): (
        "it is of no surface, so it always has to succeed; it was skipped; "
        "name it in `optional` if that is right"
    ),
    ("awake", "detection", "success"): "it says that 2 of 2 surfaces are awake",
    ("undetermined", "detection", "success"): (
        "it says that what changed is unknown, so every surface is awake"
    ),
    ("awake", "detection", "failure"): (
        "it failed, so what the change wakes is not known"
    ),
    ("awake", "detection", "missing"): (
        "it has no result, so what the change wakes is not known; "
        "its output surfaces is lost or not declared; declare it: "
        "`surfaces: ${{ steps.ID.outputs.surfaces }}` in changes; "
        "its output determined is lost or not declared"
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WORDS, ids=" ".join)
def test_the_reason(case: tuple[str, str, str]) -> None:
    plan, kind, result = case
    job = "changes" if kind == "detection" else JOBS[kind]
    assert combination(plan, kind, result).jobs[job].why == WORDS[case]


# Several surfaces of one job.

SHARED = """\
version: 1
surfaces:
  sdk: {paths: [/sdk/], jobs: [test]}
  app: {paths: [/app/], jobs: [test]}
  chart: {paths: [/chart/], jobs: [test, lint-chart], advisory: true}
"""


@pytest.mark.parametrize(
    ("awake", "expected", "why"),
    [
        ([], "may-skip", "sdk, app, chart are asleep, so it may be skipped; it was skipped"),
        (["app"], "must-run", "app is awake, so it has to succeed; it was skipped by its"),
        (
            ["sdk", "app"],
            "must-run",
            "sdk, app are awake, so it has to succeed; it was skipped",
        ),
        (["chart"], "must-run", "chart is awake, so it has to succeed; it was skipped by its"),
    ],
)
def test_a_job_of_several_surfaces(awake: list[str], expected: str, why: str) -> None:
    plan = {name: name in awake for name in ("sdk", "app", "chart")}
    results = {"test": "skipped", "lint-chart": "failure"}
    gate = judged(needs_of(plan, results), SHARED)
    row = gate.jobs["test"]
    assert row.expected.value == expected
    assert row.surfaces == ("sdk", "app", "chart")
    assert row.ok == gate.passed == (not awake)
    assert row.why.startswith(why)
    assert gate.jobs["lint-chart"].expected.value == "advisory"


# The plan.


@pytest.mark.parametrize(
    ("plan", "determined", "why"),
    [
        (None, "true", "its output surfaces is lost or not declared; declare it: "),
        ("", "true", "its output surfaces is lost or not declared; declare it: "),
        ("{", "true", "surfaces: it is not JSON"),
        ("[]", "true", "surfaces: it is JSON, but not an object"),
        ("null", "true", "surfaces: it is JSON, but not an object"),
        ("{}", "true", "its plan lacks sdk, chart, which counts as awake"),
        ({"sdk": False}, "true", "its plan lacks chart, which counts as awake"),
        ({"sdk": "false", "chart": False}, "true", "surfaces: sdk is neither true nor false"),
        ({"sdk": None, "chart": False}, "true", "surfaces: sdk is neither true nor false"),
        ({"sdk": 0, "chart": False}, "true", "surfaces: sdk is neither true nor false"),
        (
            '{"sdk": true, "sdk": false, "chart": false}',
            "true",
            "surfaces: a name stands in it twice",
        ),
        ('{"sdk": NaN}', "true", "surfaces: NaN is no JSON"),
        ("[" * 100_000, "true", "surfaces: it is not JSON"),
        (
            {"sdk": False, "chart": False, "old": True},
            "true",
            "its plan has old, and filters.yml has not: it was made with other filters",
        ),
        ({"sdk": False, "chart": False}, None, "its output determined is lost or not declared"),
        ({"sdk": False, "chart": False}, "", "its output determined is lost or not declared"),
        ({"sdk": False, "chart": False}, "no", "its output determined is neither true nor "),
    ],
)  # fmt: skip
def test_a_plan_that_is_none_fails(
    plan: dict[str, object] | str | None, determined: str | None, why: str
) -> None:
    results = {"ci-sdk": "success", "chart": "skipped"}
    gate = judged(needs_of(plan, results, determined))
    assert not gate.passed
    assert gate.jobs["changes"].why.startswith(why)


@pytest.mark.parametrize("plan", [None, "{", '{"chart": false}'])
def test_without_a_plan_a_surface_counts_as_awake(plan: str | None) -> None:
    gate = judged(needs_of(plan, {"ci-sdk": "skipped"}))
    assert gate.jobs["ci-sdk"].expected.value == "must-run"
    assert not gate.jobs["ci-sdk"].ok


def test_an_undetermined_plan_lets_nothing_sleep_whatever_else_it_says() -> None:
    plan = {"sdk": False, "chart": False}
    gate = judged(needs_of(plan, {"ci-sdk": "skipped"}, determined="false"))
    assert not gate.jobs["ci-sdk"].ok


def test_a_plan_that_is_given_by_hand_is_taken() -> None:
    plan = json.dumps({"sdk": False, "chart": False})
    needs = needs_of(None, {"ci-sdk": "skipped", "chart": "skipped"}, determined=None)
    assert judged(needs, surfaces=plan).passed
    assert not judged(needs).passed


def test_a_plan_that_is_too_large_is_not_read() -> None:
    gate = judged(needs_of(None, {}, None), surfaces='{"sdk": false' + " " * LIMIT + "}")
    assert gate.jobs["changes"].why == "surfaces: more than 1,048,576 bytes, so it is not read"


def test_a_plan_by_hand_does_not_make_an_undetermined_one_determined() -> None:
    plan = json.dumps({"sdk": False, "chart": False})
    needs = needs_of(None, {"ci-sdk": "skipped"}, determined="false")
    assert not judged(needs, surfaces=plan).jobs["ci-sdk"].ok


# The results.


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "needs: it is not JSON"),
        ("{", "needs: it is not JSON"),
        ("null", "needs: it is JSON, but not an object"),
        ('["changes"]', "needs: it is JSON, but not an object"),
        ("{}", "needs: it names no job"),
        ('{"a": "success"}', "needs: the job a is no object with a result"),
        ('{"a": {"result": "success"}, "a": {}}', "needs: a name stands in it twice"),
        ('{"a": {"result": Infinity}}', "needs: Infinity is no JSON"),
        ('{"a": ' + "[" * 200_000, "needs: it is not JSON"),
        ("{}" + " " * LIMIT, "needs: more than 1,048,576 bytes, so it is not read"),
    ],
    ids=range(10),
)
def test_needs_that_are_none(text: str, problem: str) -> None:
    with pytest.raises(InputError) as raised:
        parse_needs(text)
    assert str(raised.value) == problem


@pytest.mark.parametrize(
    "result", [None, "", "SUCCESS", "success ", "true", True, 1, ["success"]]
)
def test_a_result_that_is_none_fails(result: object) -> None:
    plan = {"sdk": True, "chart": False}
    gate = judged(needs_of(plan, {"ci-sdk": result, "chart": "skipped"}))
    assert [row.job for row in gate.jobs.values() if not row.ok] == ["ci-sdk"]


# The workflow.

CI = """\
jobs:
  changes: {runs-on: x, steps: []}
  ci-sdk: {needs: [changes, build], runs-on: x, steps: []}
  build: {needs: changes, runs-on: x, steps: []}
  chart: {needs: changes, runs-on: x, steps: []}
"""
PLAN = {"sdk": True, "chart": False}
FINE = {"ci-sdk": "success", "build": "success", "chart": "skipped"}


def test_a_job_that_was_renamed_is_missing() -> None:
    workflow = workflow_of(CI.replace("ci-sdk", "ci-sdks"))
    gate = judged(needs_of(PLAN, {"ci-sdks": "success"}), workflow=workflow)
    assert gate.jobs["ci-sdk"].why == (
        "sdk is awake, so it has to succeed; it has no result: .github/workflows/ci.yml has "
        "no such job; did you mean ci-sdks?; of another workflow it is FILE:ci-sdk in `jobs`"
    )
    assert not gate.passed


def test_a_need_that_failed_is_named() -> None:
    results = {**FINE, "build": "failure", "ci-sdk": "skipped"}
    gate = judged(needs_of(PLAN, results), workflow=workflow_of(CI))
    assert gate.jobs["ci-sdk"].why == (
        "sdk is awake, so it has to succeed; it was skipped, as it needs build (failure)"
    )


@pytest.mark.parametrize(
    "written", ["true", "TRUE", "'true'", '"${{ matrix.new }}"', "yes", "[]"]
)
@pytest.mark.parametrize("job", ["ci-sdk", "build", "changes"])
def test_a_success_that_may_be_a_failure_fails(job: str, written: str) -> None:
    text = CI.replace(f"  {job}: {{", f"  {job}: {{continue-on-error: {written}, ")
    gate = judged(needs_of(PLAN, FINE), workflow=workflow_of(text))
    assert [row.job for row in gate.jobs.values() if not row.ok] == [job]
    assert "its success may be a failure: .github/workflows/ci.yml:" in gate.jobs[job].why


@pytest.mark.parametrize("written", ["false", "False", '"${{ false }}"'])
def test_continue_on_error_that_is_false_hides_nothing(written: str) -> None:
    text = CI.replace("ci-sdk: {", f"ci-sdk: {{continue-on-error: {written}, ")
    assert judged(needs_of(PLAN, FINE), workflow=workflow_of(text)).passed


def test_an_advisory_job_may_continue_on_error_and_a_skipped_one_hides_nothing() -> None:
    text = CI.replace("  chart: {", "  chart: {continue-on-error: true, ")
    text = text.replace("ci-sdk: {", "ci-sdk: {continue-on-error: true, ")
    results = {**FINE, "ci-sdk": "skipped", "chart": "success"}
    plan = {"sdk": False, "chart": True}
    assert judged(needs_of(plan, results), workflow=workflow_of(text)).passed


CALLING = """\
jobs:
  changes: {runs-on: x, steps: []}
  ci-sdk: {needs: changes, uses: ./.github/workflows/sdk.yml}
  build: {needs: changes, uses: octo/repo/.github/workflows/build.yml@v1}
  chart: {needs: changes, runs-on: x, steps: []}
"""


def test_a_failure_that_a_called_workflow_hides_is_found() -> None:
    sdk = workflow_of("jobs: {a: {uses: $/.github/workflows/deep.yml}}", "sdk.yml")
    deep = workflow_of("jobs:\n  b: {continue-on-error: true}\n  c: {}\n", "deep.yml")
    folder = ".github/workflows/"
    others = {f"{folder}{name}": file for name, file in (("sdk.yml", sdk), ("deep.yml", deep))}
    gate = judged(needs_of(PLAN, FINE), workflow=workflow_of(CALLING), others=others)
    assert gate.jobs["ci-sdk"].why == (
        "its success may be a failure: .github/workflows/deep.yml:2:26 has "
        "continue-on-error; remove it, or make its surface advisory"
    )
    assert not gate.passed


def test_workflows_that_call_each_other_end() -> None:
    other = workflow_of("jobs: {a: {uses: ./.github/workflows/sdk.yml}}", "sdk.yml")
    others = {".github/workflows/sdk.yml": other}
    assert judged(needs_of(PLAN, FINE), workflow=workflow_of(CALLING), others=others).passed


def test_the_jobs_of_another_workflow_are_its_own_business() -> None:
    filters = (
        "version: 1\nsurfaces:\n  sdk: {paths: [/a], jobs: [release.yml:publish, ci.yml:ci]}\n"
    )
    results = {"ci": "success"}
    ci = workflow_of("jobs: {changes: {}, ci: {}}")
    assert set(judged(needs_of({"sdk": True}, results), filters, ci).jobs) == {"changes", "ci"}
    release = workflow_of("jobs: {changes: {}, publish: {}}", ".github/workflows/release.yml")
    gate = judged(needs_of({"sdk": True}, {"publish": "skipped"}), filters, release)
    assert not gate.jobs["publish"].ok
    assert set(gate.jobs) == {"changes", "publish"}


@pytest.mark.parametrize("file", ["CI.yml", "ci.yaml", "Ci.YAML"])
def test_a_file_that_is_nearly_that_of_the_workflow(file: str) -> None:
    filters = f"version: 1\nsurfaces:\n  sdk: {{paths: [/a], jobs: ['{file.lower()}:sdk']}}\n"
    filters = filters.replace(file.lower(), file[:-4] + file[-4:].lower())
    gate = judged(needs_of({"sdk": True}, {}), filters, workflow_of("jobs: {changes: {}}"))
    (problem,) = gate.problems
    assert problem.endswith(":sdk: the workflow is ci.yml, to the letter")


def test_a_called_workflow_that_is_not_looked_through_is_named() -> None:
    gate = judged(needs_of(PLAN, FINE), workflow=workflow_of(CALLING))
    assert gate.passed
    assert gate.notes == (
        "build calls octo/repo/.github/workflows/build.yml@v1, which is not looked through "
        "for continue-on-error",
    )


def test_a_job_of_no_surface_is_not_told_of_one() -> None:
    text = CI.replace("  build: {", "  build: {continue-on-error: true, ")
    gate = judged(needs_of(PLAN, FINE), workflow=workflow_of(text))
    assert gate.jobs["build"].why.endswith(" has continue-on-error; remove it")


def test_jobs_that_are_not_in_the_workflow_are_of_another() -> None:
    gate = judged(needs_of(PLAN, {**FINE, "deploy": "success"}), workflow=workflow_of(CI))
    assert gate.problems == (
        ".github/workflows/ci.yml has no job deploy, so it is not the workflow of this gate; "
        "name its file with `workflow`",
    )
    assert not gate.passed


# Optional jobs.


@pytest.mark.parametrize(("result", "passes"), [("skipped", True), ("failure", False)])
def test_an_optional_job_may_be_skipped_and_may_not_fail(result: str, passes: bool) -> None:
    needs = needs_of(PLAN, {"ci-sdk": "success", "deploy": result})
    gate = judged(needs, optional=["deploy"])
    assert gate.passed == passes
    assert gate.jobs["deploy"].expected.value == "may-skip"


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("deploi", "optional: the gate needs no job deploi; did you mean deploy?"),
        (
            "ci-sdk",
            "optional: ci-sdk is a job of sdk; take it out of `jobs` in filters.yml, "
            "or make the surface advisory",
        ),
        ("changes", "optional: changes tells what is awake, and cannot be optional"),
    ],
)
def test_what_cannot_be_optional(name: str, problem: str) -> None:
    needs = needs_of(PLAN, {"ci-sdk": "success", "deploy": "success"})
    gate = judged(needs, optional=[name])
    assert gate.problems == (problem,)
    assert not gate.passed


# What the change to the filters puts to sleep.

ASLEEP = {"sdk": False, "chart": False}
SKIPPED = {"ci-sdk": "skipped", "chart": "skipped"}


@pytest.mark.parametrize(
    ("base", "narrowed"),
    [
        ({}, ()),
        ({"sdk": False, "chart": False, "old": False}, ()),
        ({"sdk": True, "chart": False}, ("sdk",)),
        ({"sdk": True, "chart": True, "old": True}, ("sdk", "chart", "old")),
    ],
)
def test_what_is_put_to_sleep_is_pointed_out(
    base: dict[str, bool], narrowed: tuple[str, ...]
) -> None:
    needs = needs_of(ASLEEP, SKIPPED, base=base)
    assert judged(needs).narrowed == narrowed
    assert judged(needs, labels=[]).passed
    assert judged(needs, narrowing_label="ok", labels=["other"]).passed == (not narrowed)
    assert judged(needs, narrowing_label="ok", labels=["other", "OK"]).passed
    # A push has no labels: its pull request had to have one.
    assert judged(needs, narrowing_label="ok", labels=None).passed


def test_what_is_awake_anyway_is_not_put_to_sleep() -> None:
    needs = needs_of({"sdk": True, "chart": False}, {"ci-sdk": "success"}, base={"sdk": True})
    assert judged(needs).narrowed == ()


def test_the_label_that_is_missing_is_named() -> None:
    needs = needs_of(ASLEEP, SKIPPED, base={"sdk": True, "chart": True})
    gate = judged(needs, narrowing_label="filters-ok", labels=[])
    assert gate.problems == (
        "the filters before this change wake sdk, chart, and it puts them to sleep: "
        "the label filters-ok allows that",
    )


@pytest.mark.parametrize("base", [None, ""])
def test_without_the_output_nothing_is_pointed_out(base: str | None) -> None:
    gate = judged(needs_of(ASLEEP, SKIPPED, base=base))
    assert gate.passed
    assert gate.narrowed == ()


@pytest.mark.parametrize("base", [None, "", "{", "[]", '{"sdk": 1}'])
def test_a_lost_output_does_not_count_as_nothing_put_to_sleep(base: str | None) -> None:
    gate = judged(needs_of(ASLEEP, SKIPPED, base=base), narrowing_label="ok", labels=[])
    assert gate.problems == (
        "narrowing-label: what the filters before the change wake is not known; the "
        "outputs of changes have to have surfaces-base",
    )
    assert not gate.passed
