"""Properties of the gate that hold for any filters, plan and results."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from impact.needs import InputError, parse_needs
from impact.workflows.workflow import Workflow
from tests.gates import judged, needs_of, workflow_of

JOBS = ("a", "b", "c", "d")
RESULTS = ("success", "skipped", "failure", "cancelled", "missing", "neutral")
NAMES = ("s", "t", "u")
HARM = ("failure", "cancelled", "missing", "neutral")


@dataclass(frozen=True)
class Scene:
    """Surfaces with their jobs, whether advisory and awake, and what became of the jobs."""

    jobs: Mapping[str, tuple[str, ...]]
    advisory: frozenset[str]
    awake: frozenset[str]
    results: Mapping[str, str]
    determined: bool
    hiding: frozenset[str]

    @property
    def filters(self) -> str:
        surfaces = {
            name: {
                "paths": [f"/{name}/"],
                "jobs": list(jobs),
                "advisory": name in self.advisory,
            }
            for name, jobs in self.jobs.items()
        }
        return json.dumps({"version": 1, "surfaces": surfaces})

    @property
    def workflow(self) -> Workflow:
        jobs: dict[str, Any] = {
            job: {"continue-on-error": job in self.hiding} for job in ("changes", *JOBS)
        }
        return workflow_of(json.dumps({"jobs": jobs}), "ci.yml")

    @property
    def passes(self) -> bool:
        plan = {name: name in self.awake for name in self.jobs}
        needs = needs_of(plan, self.results, str(self.determined).lower())
        return judged(needs, self.filters, self.workflow).passed


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    names = draw(st.sets(st.sampled_from(NAMES), min_size=1))
    entries = (
        *JOBS,
        *(f"{file}:{job}" for file in ("ci.yml", "other.yml") for job in JOBS[:2]),
    )
    some = st.lists(st.sampled_from(entries), min_size=1, max_size=3, unique=True)
    # Mostly what lets a gate pass: whatever is drawn at random never would.
    results = st.sampled_from((*RESULTS[:1] * 16, *RESULTS))
    return Scene(
        jobs={name: tuple(draw(some)) for name in sorted(names)},
        advisory=frozenset(draw(st.sets(st.sampled_from(NAMES), max_size=1))) & names,
        awake=frozenset(draw(st.sets(st.sampled_from(NAMES)))) & names,
        results={job: draw(results) for job in JOBS},
        determined=draw(st.booleans()),
        hiding=frozenset(draw(st.sets(st.sampled_from(JOBS), max_size=1))),
    )


def here(scene: Scene, name: str) -> set[str]:
    """The jobs of a surface that are of this workflow."""
    entries = scene.jobs[name]
    return {e.rpartition(":")[2] for e in entries if not e.startswith("other.yml:")}


@given(scenes(), st.sampled_from(JOBS), st.sampled_from(HARM))
def test_a_failure_never_turns_the_gate_green(scene: Scene, job: str, harm: str) -> None:
    claimed = any(job in here(scene, name) for name in scene.jobs)
    if harm == "missing" and not claimed:
        return  # a job that nobody claims, and that the gate does not need
    worse = replace(scene, results={**scene.results, job: harm})
    assert scene.passes or not worse.passes


@given(scenes(), st.sampled_from(NAMES))
def test_waking_a_surface_never_turns_the_gate_green(scene: Scene, name: str) -> None:
    woken = replace(scene, awake=scene.awake | ({name} & set(scene.jobs)))
    assert scene.passes or not woken.passes


@given(scenes())
def test_what_is_unknown_never_turns_the_gate_green(scene: Scene) -> None:
    assert scene.passes or not replace(scene, determined=False).passes


@given(scenes(), st.sampled_from(JOBS))
def test_a_hidden_failure_never_turns_the_gate_green(scene: Scene, job: str) -> None:
    assert scene.passes or not replace(scene, hiding=scene.hiding | {job}).passes


@given(scenes(), st.sampled_from(NAMES))
def test_a_surface_that_is_required_never_turns_the_gate_green(scene: Scene, name: str) -> None:
    required = replace(scene, advisory=scene.advisory - {name})
    assert scene.passes or not required.passes


@given(scenes())
def test_it_is_green_only_if_every_woken_required_surface_has_successful_jobs(
    scene: Scene,
) -> None:
    if not scene.passes:
        return
    for name in scene.jobs:
        if name in scene.advisory or (scene.determined and name not in scene.awake):
            continue
        for job in here(scene, name):
            assert scene.results[job] == "success"
            assert job not in scene.hiding


def test_some_scenes_are_green_and_some_are_not() -> None:
    """Else the properties say nothing."""
    found = set()

    @settings(max_examples=400)
    @given(scenes())
    def look(scene: Scene) -> None:
        found.add((scene.passes, bool(scene.awake), scene.determined, bool(scene.advisory)))

    look()
    assert {row[0] for row in found} == {True, False}
    assert {row[1:] for row in found if row[0]} >= {
        (True, True, False),
        (True, True, True),
        (False, True, False),
        (True, False, False),
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(("result", "outputs", "surfaces", "changes", "x", "determined")),
        inner,
        max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@given(JSON.map(json.dumps) | st.text(max_size=30) | st.binary(max_size=8).map(str))
def test_no_needs_are_a_bug_and_none_at_random_pass(text: str) -> None:
    try:
        needs = parse_needs(text)
    except InputError:
        return
    rows = {
        job: {"result": need.result, "outputs": dict(need.outputs)}
        for job, need in needs.items()
    }
    assert not judged(rows).passed
