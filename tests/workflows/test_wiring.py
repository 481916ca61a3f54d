"""What `impact wire` prints: taken by GitHub's own parser, and right in every situation."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from impact.config.load import parse_filters
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
    "!cancelled() && !failure()": [],
    "failure()": ["failure()"],
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
    assert wiring.others == {"other": "${{ steps.x.outputs.y }}"}
    assert wiring.outputs["docs"] == "${{ fromJSON(steps.which.outputs.surfaces).docs }}"
    assert wiring.waited == ("detect", "ci-sdk", "packages", "extension-sql", "docs", "gate")
    assert wiring.elsewhere == ("release.yml:publish",)
    assert jobs_of(wired(FILTERS, before))["done"]["steps"] == [
        {"uses": "fork/impact/gate@main"}
    ]


def test_names_that_are_none_write_nothing_else() -> None:
    odd = "x\n::error::y: z #"
    outputs = {odd: "a", "surfaces": "${{ steps.impact.outputs.surfaces }}"}
    jobs = {
        "changes": {"outputs": outputs, "steps": [{"id": odd, "uses": "a/impact@v1"}]},
        odd: {"steps": []},
        "docs": {"needs": [odd]},
        "later": {"if": "false", "needs": odd},
    }
    workflow = workflow_of(json.dumps({"jobs": jobs}))
    printed = render_wiring(wire(filters_of(FILTERS), workflow), "ci.yml")
    assert "\n::" not in printed
    found = yaml.safe_load(printed)["jobs"]
    assert list(found) == ["changes", "ci-sdk", "packages", "extension-sql", "docs", "gate"]
    assert found["docs"]["needs"] == ["changes", odd]
    assert found["changes"]["outputs"][odd] == "a"


def test_a_new_gate_is_told_of_another_job() -> None:
    before = "jobs: {detect: {steps: [{id: i, uses: fork/impact@main}]}}"
    (step,) = jobs_of(wired(FILTERS, before))["gate"]["steps"]
    assert step["with"] == {"needs": "${{ toJSON(needs) }}", "changes-job": "detect"}


def test_a_migration_keeps_what_else_the_detection_does() -> None:
    before = """\
jobs:
  filter:
    outputs: {docs: '${{ steps.f.outputs.docs }}', tag: '${{ steps.t.outputs.tag }}'}
    steps: [{id: f, uses: dorny/paths-filter@v3}, {id: t, run: make tag}]
  docs:
    needs: filter
    if: needs.filter.outputs.docs == 'true' && needs.filter.outputs.tag == ''
    steps: []
"""
    workflow = workflow_of(before)
    wiring = wire(filters_of(FILTERS), workflow)
    assert wiring.changes == "filter"
    assert wiring.jobs["docs"].terms == (
        "!cancelled()",
        "needs.filter.outputs.docs != 'false'",
        "needs.filter.outputs.tag == ''",
    )
    printed = render_wiring(wiring, workflow.file)
    assert "    #   - id: impact\n    #     uses: impact-ci/impact@v1\n" in printed
    job = yaml.safe_load(printed)["jobs"]["filter"]
    assert list(job) == ["outputs"]
    assert job["outputs"]["tag"] == "${{ steps.t.outputs.tag }}"


def test_a_detection_that_is_another_workflow(github: GitHub) -> None:
    before = BEFORE.replace("jobs:\n", "jobs:\n  changes: {uses: ./.github/workflows/c.yml}\n")
    text = wired(FILTERS, before)
    assert jobs_of(text)["changes"] == {"uses": "./.github/workflows/c.yml"}
    assert github.parse_errors(text) == []
    printed = render_wiring(wire(filters_of(FILTERS), workflow_of(before)), "ci.yml")
    assert (
        "  # changes calls a workflow, which has to have these outputs: surfaces, determined, "
        "surfaces-base, sdk, extension-sql, docs\n" in printed
    )


ODD = (
    "${{ format('v: {0}', steps.impact.outputs.head) }}",
    "*a",
    "@x",
    "!x",
    "'x' y",
    "a # x",
    "",
    "012",
    "  a",
    "a\nb\n",
    "null",
    "\u2028\x85\x7f\ufeff",
    "\U0001f600",
)


@pytest.mark.parametrize("text", ODD)
def test_an_output_of_any_text_is_kept_as_it_is(text: str) -> None:
    outputs = json.dumps({"odd": text})
    before = f"jobs: {{changes: {{outputs: {outputs}, steps: [{{id: i, uses: a/impact@v1}}]}}}}"
    if text == "\U0001f600":  # PyYAML takes no surrogates
        before = before.replace("\\ud83d\\ude00", text)
    printed = render_wiring(wire(filters_of(FILTERS), workflow_of(before)), "ci.yml")
    assert yaml.safe_load(printed)["jobs"]["changes"]["outputs"]["odd"] == text


@pytest.mark.parametrize("text", ["x: y #z", "a\nb", "\u2028", "\U0001f600\n", "}}"])
def test_a_condition_of_any_text_is_kept_as_it_is(github: GitHub, text: str) -> None:
    whole = f"github.ref == '{text}'"
    before = json.dumps({"on": "push", "jobs": {"docs": {"if": whole}}}, ensure_ascii=False)
    before = before.replace("\u2028", "\\u2028")
    printed = render_wiring(wire(filters_of(FILTERS), workflow_of(before)), "ci.yml")
    condition = yaml.safe_load(printed)["jobs"]["docs"]["if"]
    assert condition.endswith(f" && {whole} }}}}")
    assert isinstance(github.evaluate(condition[4:-3], {"github": {}, "needs": {}}), bool)


def test_the_filters_of_another_name_are_named() -> None:
    filters = parse_filters(FILTERS.encode(), "ci \U0001f600/f: #.yml")
    jobs = yaml.safe_load(render_wiring(wire(filters), None))["jobs"]
    for job in ("changes", "gate"):
        (step,) = jobs[job]["steps"]
        assert step["with"]["filters"] == "ci \U0001f600/f: #.yml"


def test_jobs_that_all_name_one_file_are_those_of_a_new_workflow() -> None:
    text = "version: 1\nsurfaces: {a: {paths: [/a], jobs: [ci.yml:a]}}\n"
    assert list(jobs_of(wired(text))) == ["changes", "a", "gate"]
    both = text.replace("[ci.yml:a]", "[ci.yml:a, cd.yml:b]")
    wiring = wire(filters_of(both))
    assert (list(wiring.jobs), wiring.elsewhere) == ([], ("ci.yml:a", "cd.yml:b"))


# What the reviewers of workflows overlook: each original wakes, and so does what is printed.

LIKE = {
    "(github.event_name == 'pull_request' && needs.changes.outputs.sdk == 'true')"
    " || github.event_name == 'push'": (
        "(needs.changes.outputs.sdk != 'false' && github.event_name == 'pull_request'"
        " || github.event_name == 'push')"
    ),
    "github.event_name == 'push' || needs.changes.outputs.sdk == 'true' && inputs.a": (
        "(needs.changes.outputs.sdk != 'false' && inputs.a || github.event_name == 'push')"
    ),
    "(needs.changes.outputs.sdk == 'true' && inputs.a) ||"
    " (needs.changes.outputs.docs == 'true' && inputs.b)": (
        "needs.changes.outputs.sdk != 'false'"
    ),
    "needs.changes.outputs.sdk == 'true' && inputs.a && inputs.b": (
        "needs.changes.outputs.sdk != 'false' && inputs.a && inputs.b"
    ),
    "needs.changes.outputs['sdk'] == 'true' && NEEDS.Changes.Result == 'success'": (
        "needs.changes.outputs.sdk != 'false'"
    ),
    "toJSON(needs.changes) != ''": "needs.changes.outputs.sdk != 'false'",
}


@pytest.mark.parametrize("text", LIKE)
def test_what_stands_beside_the_detection_is_kept(text: str) -> None:
    before = f"jobs: {{ci-sdk: {{needs: changes, if: {json.dumps(text)}}}}}"
    filters = "version: 1\nsurfaces: {sdk: {paths: [/sdk/], jobs: [ci-sdk]}}\n"
    job = wire(filters_of(filters), workflow_of(before)).jobs["ci-sdk"]
    assert " && ".join(job.terms) == f"!cancelled() && {LIKE[text]}"


DROPPED = {
    "!(needs.changes.outputs.sdk == 'false' || github.event_name == 'pull_request')": 1,
    "(github.ref == 'x' && needs.changes.outputs.sdk != 'false'"
    " || github.ref == 'y' && needs.changes.outputs.docs != 'false')": 2,
    "(success() || github.event_name\n == 'schedule')": 1,
    "!contains(needs.*.result, 'failure') && !contains(toJSON(needs), 'x') && success()": 0,
    "needs.changes.outputs.sdk == 'true' && github.ref == 'x'": 0,
}


@pytest.mark.parametrize("text", DROPPED)
def test_what_is_not_kept_is_told(text: str) -> None:
    before = json.dumps({"jobs": {"ci-sdk": {"needs": ["changes", "build"], "if": text}}})
    workflow = workflow_of(before)
    printed = render_wiring(wire(filters_of(FILTERS), workflow), workflow.file)
    assert printed.count("  # Not kept of the condition of ci-sdk: ") == DROPPED[text]
    assert yaml.safe_load(printed)["jobs"]["ci-sdk"]["if"].startswith("${{ !cancelled() && ")


@pytest.mark.parametrize(
    ("term", "kept"),
    [
        ("needs.build.result == 'success'", True),
        ("needs.build.result != 'failure'", True),
        ("needs.build.result != 'cancelled'", False),
        ("needs.build.outputs.x == 'y'", False),
    ],
)
def test_a_need_is_asked_for_unless_the_condition_does(term: str, kept: bool) -> None:
    before = f"jobs: {{docs: {{needs: [changes, build], if: {json.dumps(term)}}}, build: {{}}}}"
    job = wire(filters_of(FILTERS), workflow_of(before)).jobs["docs"]
    asked = "(needs.build.result == 'success' || needs.build.result == 'skipped')"
    assert (asked in job.terms) == (not kept)
    assert term in job.terms


def test_a_need_that_may_be_asleep_is_no_reason_to_sleep() -> None:
    strict = "needs.{0}.result == 'success'".format
    before = f"""\
jobs:
  docs: {{needs: [changes, ci-sdk], if: "{strict("ci-sdk")}"}}
  packages: {{needs: [changes, ci-sdk], if: "{strict("ci-sdk")}"}}
  ci-sdk: {{needs: [changes, packages], if: "{strict("packages")}"}}
"""
    jobs = wire(filters_of(FILTERS), workflow_of(before)).jobs
    assert strict("ci-sdk") not in jobs["docs"].terms
    # packages is for two surfaces, of which ci-sdk has one.
    assert strict("ci-sdk") not in jobs["packages"].terms
    assert strict("packages") in jobs["ci-sdk"].terms


def test_a_gate_s_name_that_is_taken() -> None:
    before = "jobs: {gate: {}, impact-gate: {}}"
    wiring = wire(filters_of(FILTERS), workflow_of(before))
    assert wiring.gate == "impact-impact-gate"
    assert wiring.waited[-2:] == ("gate", "impact-gate")


def test_the_gate_waits_for_other_jobs_that_always_run() -> None:
    before = """\
jobs:
  a: {needs: [b, changes]}
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
    never = ": it never runs, whatever is awake"
    assert [f.message for f in found if never not in f.message or "failure()" not in once] == []
    assert yaml.safe_load(wired(FILTERS, once)) == yaml.safe_load(once)


def test_github_takes_any_of_them(github: GitHub) -> None:
    found: list[str] = []

    @given(workflows())
    def draw(before: str) -> None:
        found.append(wired(FILTERS, before))

    draw()
    assert [one.errors for one in github.check_all(found) if one.errors] == []


# Whatever a condition asked: what is printed runs where the detection fails, if it runs at all.

PARTS = (
    *TERMS,
    "!failure()",
    "github.event_name == 'push'",
    "needs.changes.outputs.determined == 'false'",
    "needs.build.result != 'cancelled'",
    "needs.build.outputs.go == 'yes'",
)
CONTEXTS = [
    {"github": {"event_name": event, "ref": ref}, "inputs": {"all": given, "none": not given}}
    for event, ref in (("push", "refs/heads/main"), ("pull_request", "refs/pull/1/merge"))
    for given in (True, False)
]


@st.composite
def nested(draw: st.DrawFn, depth: int = 2) -> str:
    if depth == 0 or draw(st.booleans()):
        return draw(st.sampled_from(PARTS))
    parts = draw(st.lists(nested(depth - 1), min_size=2, max_size=3))
    text = draw(st.sampled_from((" && ", " || "))).join(parts)
    return draw(st.sampled_from(("({})", "!({})"))).format(text)


def test_no_printed_condition_sleeps_where_the_detection_fails(github: GitHub) -> None:
    filters = "version: 1\nsurfaces: {sdk: {paths: [/a], jobs: [ci-sdk]}}\n"
    printed: dict[str, str] = {}

    @given(nested())
    def draw(text: str) -> None:
        job = {"needs": ["changes", "build"], "if": text}
        before = json.dumps({"jobs": {"ci-sdk": job, "build": {}}})
        terms = wire(filters_of(filters), workflow_of(before)).jobs["ci-sdk"].terms
        # Another trigger is kept, and so is what it asks of the detection.
        if not any("needs.changes" in term for term in terms[2:]):
            printed[" && ".join(terms)] = text

    draw()
    questions, rows = [], []
    for text, original in printed.items():
        for number, context in enumerate(CONTEXTS):
            for outputs in ({"sdk": "true", "determined": "true"}, {}):
                build = {"result": "success", "outputs": {"go": "yes"}}
                needs = {"changes": {"outputs": outputs}, "build": build}
                whole = {**context, "needs": needs, "vars": {}}
                questions.append(Question(text, whole, {"cancelled": False, "failure": False}))
                rows.append((original, text, number, bool(outputs)))
    answers = [bool(answer) for answer in github.evaluate_all(questions)]
    ran = {row[:3]: a for row, a in zip(rows, answers, strict=True) if row[3]}
    assert sum(ran.values()) > len(ran) / 4
    lost = {row[:3]: a for row, a in zip(rows, answers, strict=True) if not row[3]}
    assert [row for row in ran if ran[row] and not lost[row]] == []
