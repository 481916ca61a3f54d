"""What `impact wire` prints: taken by GitHub's own parser, and right in every situation."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from impact.report.wiring import render_wiring
from impact.workflows.departures import departures
from impact.workflows.wiring import ACTION, GATE_ACTION, wire
from tests.gates import filters_of, workflow_of
from tests.workflows.github import GitHub, Question

pytest_plugins = ["tests.workflows.fixtures"]

FILTERS = """\
version: 1
surfaces:
  sdk: {paths: [/sdk/], jobs: [ci-sdk, packages, release.yml:publish]}
  extension-sql: {paths: [/extension/], jobs: [extension-sql, packages]}
  docs: [/docs/]
"""
BEFORE = """\
on: push
jobs:
  lint: {runs-on: x, steps: [{run: make lint}]}
  build: {runs-on: x, steps: [{run: make build}]}
  ci-sdk:
    needs: build
    runs-on: x
    steps: [{run: make sdk}]
  packages:
    needs: [build, ci-sdk]
    if: success() && github.repository == 'octo/repo'
    runs-on: x
    steps: [{run: make packages}]
  extension-sql:
    needs: [lint, changes]
    if: ${{ needs.changes.outputs.extension-sql == 'true' || github.ref == 'refs/heads/main' }}
    runs-on: x
    steps: [{run: make extension}]
"""


def wired(filters: str = FILTERS, before: str | None = None) -> str:
    """The workflow with what is printed pasted into it."""
    workflow = workflow_of(before) if before is not None else None
    printed = render_wiring(
        wire(filters_of(filters), workflow), before and workflow_of(before).file
    )
    if before is None:
        return printed
    whole = yaml.load(before, yaml.BaseLoader)
    for name, job in yaml.load(printed, yaml.BaseLoader)["jobs"].items():
        whole["jobs"][name] = {**whole["jobs"].get(name, {}), **job}
    text: str = yaml.safe_dump(whole, sort_keys=False, width=10_000)
    return text


def jobs_of(text: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.load(text, yaml.BaseLoader)["jobs"]
    return found


def many(count: int) -> str:
    names = "".join(f"  s{number}: [/s{number}/]\n" for number in range(count))
    return f"version: 1\nsurfaces:\n{names}"


WORKFLOWS = {
    "new": (FILTERS, None),
    "existing": (FILTERS, BEFORE),
    "many": (many(21), None),
}


@pytest.mark.parametrize("name", WORKFLOWS)
def test_github_takes_it(github: GitHub, name: str) -> None:
    assert github.parse_errors(wired(*WORKFLOWS[name])) == []


@pytest.mark.parametrize("name", WORKFLOWS)
def test_nothing_departs_from_it_and_it_is_printed_again(name: str) -> None:
    filters, before = WORKFLOWS[name]
    once = wired(filters, before)
    assert departures(filters_of(filters), workflow_of(once)) == []
    if before is not None:
        assert yaml.safe_load(wired(filters, once)) == yaml.safe_load(once)


# What the conditions come to, by GitHub's evaluator.


def condition(job: Mapping[str, Any]) -> str:
    text = str(job["if"])
    assert text.startswith("${{ ")
    assert text.endswith(" }}")
    return text[4:-3]


def outputs(github: GitHub, jobs: Mapping[str, Any], awake: Sequence[str]) -> dict[str, str]:
    """The outputs of the detection, each evaluated by GitHub from those of the step."""
    surfaces = [n for n in jobs["changes"]["outputs"] if n not in ("surfaces", "determined")]
    names = [name for name in surfaces if name not in ("surfaces-base", "asleep")]
    step = {
        "surfaces": json.dumps({name: name in awake for name in names}),
        "asleep": json.dumps([name for name in names if name not in awake]),
        "determined": "true",
        "surfaces-base": "{}",
    }
    contexts = {"steps": {"impact": {"outputs": step}}}
    written = jobs["changes"]["outputs"]
    values = github.evaluate_all([Question(text[4:-3], contexts) for text in written.values()])
    texts = (str(v).lower() if isinstance(v, bool) else v for v in values)
    return dict(zip(written, texts, strict=True))


SITUATIONS = [
    # of the surface of ci-sdk, the detection, its need, the run; does it run?
    ("awake", "success", "success", False, True),
    ("asleep", "success", "success", False, False),
    ("lost", "success", "success", False, True),
    ("failed", "failure", "success", False, True),
    ("failed", "cancelled", "success", False, True),
    ("failed", "skipped", "success", False, True),
    ("awake", "success", "failure", False, False),
    ("awake", "success", "cancelled", False, False),
    ("awake", "success", "skipped", False, True),
    ("asleep", "success", "skipped", False, False),
    ("lost", "success", "failure", False, False),
    ("awake", "success", "success", True, False),
    ("failed", "failure", "success", True, False),
]


@pytest.mark.parametrize(("plan", "detection", "need", "cancelled", "runs"), SITUATIONS)
def test_a_condition_in_every_situation(
    github: GitHub, plan: str, detection: str, need: str, cancelled: bool, runs: bool
) -> None:
    jobs = jobs_of(wired(FILTERS, BEFORE))
    found = outputs(github, jobs, ["sdk"] if plan == "awake" else [])
    if plan == "lost":
        del found["sdk"]
    if plan == "failed":
        found = {}
    needs = {
        "changes": {"result": detection, "outputs": found},
        "build": {"result": need, "outputs": {}},
    }
    status = {
        "always": True,
        "cancelled": cancelled,
        "success": not cancelled and {detection, need} == {"success"},
        "failure": "failure" in (detection, need),
    }
    answer = github.evaluate(condition(jobs["ci-sdk"]), {"needs": needs}, status)
    assert bool(answer) == runs
    assert jobs["ci-sdk"]["needs"] == ["changes", "build"]


@pytest.mark.parametrize("awake", [[], ["s3"], ["s4"], ["s3", "s4"], None])
def test_the_condition_with_many_surfaces(github: GitHub, awake: list[str] | None) -> None:
    filters = many(21).replace("s3: [/s3/]", "s3: {paths: [/s3/], jobs: [s3, s4]}")
    jobs = jobs_of(wired(filters))
    assert list(jobs["changes"]["outputs"]) == [
        "surfaces",
        "determined",
        "surfaces-base",
        "asleep",
    ]
    step = json.dumps([f"s{n}" for n in range(21) if f"s{n}" not in (awake or ())])
    found = {"asleep": step} if awake is not None else {}
    contexts = {"needs": {"changes": {"outputs": found}}}
    runs = {
        name: github.evaluate(condition(jobs[name]), contexts, {"cancelled": False})
        for name in ("s2", "s3", "s4")
    }
    assert runs == {
        "s2": awake is None,
        "s3": awake is None or "s3" in awake,
        "s4": awake is None or bool(awake),
    }


# What is kept of a workflow.


def test_what_a_job_needed_and_asked_before_is_kept() -> None:
    jobs = jobs_of(wired(FILTERS, BEFORE))
    well = "(needs.{0}.result == 'success' || needs.{0}.result == 'skipped')".format
    assert jobs["packages"]["needs"] == ["changes", "build", "ci-sdk"]
    assert condition(jobs["packages"]) == (
        "!cancelled() && (needs.changes.outputs.sdk != 'false' || "
        "needs.changes.outputs.extension-sql != 'false') && "
        f"{well('build')} && {well('ci-sdk')} && github.repository == 'octo/repo'"
    )
    assert jobs["extension-sql"]["needs"] == ["changes", "lint"]
    assert condition(jobs["extension-sql"]) == (
        "!cancelled() && (needs.changes.outputs.extension-sql != 'false' || "
        f"github.ref == 'refs/heads/main') && {well('lint')}"
    )
    assert jobs["docs"]["runs-on"] == "ubuntu-latest"
    surfaces = ["ci-sdk", "packages", "extension-sql", "docs"]
    assert jobs["gate"]["needs"] == ["changes", *surfaces, "lint", "build"]
    assert jobs["gate"]["steps"] == [
        {"uses": GATE_ACTION, "with": {"needs": "${{ toJSON(needs) }}"}}
    ]
    assert jobs["changes"]["steps"] == [{"id": "impact", "uses": ACTION}]


KEPT = {
    "always()": [],
    "success()": [],
    "!cancelled() && !failure()": ["!failure()"],
    "always() || needs.build.result == 'success'": [],
    "needs.changes.result == 'success'": [],
    "needs.changes.outputs.sdk == 'true' && needs.changes.outputs.any == 'true'": [],
    "contains(fromJSON(needs.changes.outputs.woken), 'sdk')": [],
    "(((needs.changes.outputs.sdk == 'true')) && (github.actor != 'a' || inputs.all))": [
        "(github.actor != 'a' || inputs.all)"
    ],
    "github.ref == 'x' || inputs.all": ["(github.ref == 'x' || inputs.all)"],
    "needs.changes.outputs.determined == 'true'": [
        "needs.changes.outputs.determined == 'true'"
    ],
    "startsWith(github.ref,\n   'refs/tags/v   1')": [
        "startsWith(github.ref, 'refs/tags/v   1')"
    ],
    "a b": [],
    "${{ true }} && ${{ true }}": [],
    "": [],
    "vars.X == 'it''s'": ["vars.X == 'it''s'"],
}


@pytest.mark.parametrize("text", KEPT)
@pytest.mark.parametrize("form", ["{}", "${{{{ {} }}}}"])
def test_what_is_kept_of_a_condition(text: str, form: str) -> None:
    written = json.dumps(form.format(text) if not text.startswith("${{") and text else text)
    before = f"jobs: {{ci-sdk: {{needs: changes, if: {written}}}}}"
    filters = "version: 1\nsurfaces: {sdk: {paths: [/sdk/], jobs: [ci-sdk]}}\n"
    job = wire(filters_of(filters), workflow_of(before)).jobs["ci-sdk"]
    awake = ["!cancelled()", "needs.changes.outputs.sdk != 'false'"]
    assert list(job.terms) == [*awake, *KEPT[text]]


def test_a_need_that_is_asked_for_by_name_is_not_asked_for_again() -> None:
    before = BEFORE.replace("success() &&", "needs.build.result == 'success' &&")
    job = wire(filters_of(FILTERS), workflow_of(before)).jobs["packages"]
    assert [term for term in job.terms if "build" in term] == [
        "needs.build.result == 'success'"
    ]


def test_the_names_of_a_workflow_are_kept() -> None:
    before = """\
jobs:
  detect:
    outputs: {other: '${{ steps.x.outputs.y }}'}
    steps: [{id: which, uses: fork/impact@main}, {id: x}]
  gate: {steps: [{run: make}]}
  done: {needs: [detect, gate, gone], steps: [{uses: fork/impact/gate@main}]}
  docs: {steps: []}
"""
    wiring = wire(filters_of(FILTERS), workflow_of(before))
    assert (wiring.changes, wiring.step, wiring.gate) == ("detect", "which", "done")
    assert wiring.outputs["other"] == "${{ steps.x.outputs.y }}"
    assert wiring.outputs["docs"] == "${{ fromJSON(steps.which.outputs.surfaces).docs }}"
    assert wiring.waited == ("detect", "ci-sdk", "packages", "extension-sql", "docs", "gate")
    assert wiring.elsewhere == ("release.yml:publish",)
    assert "changes-job: detect" in wired(FILTERS, before)


def test_a_gate_s_name_that_is_taken() -> None:
    before = "jobs: {gate: {}, impact-gate: {}}"
    wiring = wire(filters_of(FILTERS), workflow_of(before))
    assert wiring.gate == "impact-impact-gate"
    assert wiring.waited[-2:] == ("gate", "impact-gate")


def test_the_gate_waits_for_other_jobs_that_always_run() -> None:
    before = """\
jobs:
  a: {needs: b}
  b: {}
  conditional: {if: github.ref == 'refs/heads/main'}
  after-conditional: {needs: [b, conditional]}
  docs: {needs: b}
  after-docs: {needs: docs}
  circle: {needs: circle}
"""
    wiring = wire(filters_of(FILTERS), workflow_of(before))
    assert wiring.waited[1 + len(wiring.jobs) :] == ("a", "b")
    skipped = ("conditional", "after-conditional", "after-docs", "circle")
    assert wiring.unclaimed == skipped


@pytest.mark.parametrize("name", ["on", "Yes", "null", "true", "n"])
def test_a_name_that_yaml_reads_as_something_else(github: GitHub, name: str) -> None:
    text = wired(f"version: 1\nsurfaces: {{'{name}': [/a]}}\n")
    assert list(jobs_of(text)) == ["changes", name, "gate"]
    assert github.parse_errors(text) == []


# Any workflow, with whatever conditions its jobs had.

OF_THE_RUN = (
    "always()",
    "success()",
    "!cancelled()",
    "failure()",
    "needs.build.result == 'success'",
)
TERMS = (
    "needs.changes.outputs.sdk == 'true'",
    "needs.changes.outputs.docs != 'false'",
    "contains(fromJSON(needs.changes.outputs.woken), 'sdk')",
    "needs.changes.result == 'success'",
    "github.ref == 'refs/heads/main'",
    "contains(github.event.pull_request.labels.*.name, 'x y')",
    "(inputs.all || vars.ALL)",
    "!inputs.none",
)


@st.composite
def conditions(draw: st.DrawFn) -> str:
    joined = draw(st.sampled_from((" && ", " || ")))
    some = st.sampled_from(TERMS if "|" in joined else (*TERMS, *OF_THE_RUN))
    text = joined.join(draw(st.lists(some, min_size=1, max_size=4)))
    return draw(st.sampled_from(("{}", "${{{{ {} }}}}", "${{{{ ({}) }}}}"))).format(text)


@st.composite
def workflows(draw: st.DrawFn) -> str:
    names = draw(st.lists(st.sampled_from(("ci-sdk", "packages", "docs", "lint")), unique=True))
    jobs: dict[str, Any] = {"build": {"runs-on": "x", "steps": [{"run": "make"}]}}
    for name in names:
        needs = draw(st.sampled_from((["build"], ["changes", "build"], ["build", "changes"])))
        jobs[name] = {"runs-on": "x", "steps": [{"run": "make"}], "needs": needs}
        if draw(st.booleans()):
            jobs[name]["if"] = draw(conditions())
    return json.dumps({"on": "push", "jobs": jobs})


@given(workflows())
def test_no_workflow_departs_once_it_is_wired(before: str) -> None:
    once = wired(FILTERS, before)
    found = departures(filters_of(FILTERS), workflow_of(once))
    # A job that somebody wants to run after a failure is none to be asleep.
    assert [f.message for f in found if "failure()" not in (f.fix or "")] == []
    assert yaml.safe_load(wired(FILTERS, once)) == yaml.safe_load(once)


def test_github_takes_any_of_them(github: GitHub) -> None:
    found: list[str] = []

    @given(workflows())
    def draw(before: str) -> None:
        found.append(wired(FILTERS, before))

    draw()
    assert [one.errors for one in github.check_all(found) if one.errors] == []
