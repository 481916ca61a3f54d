"""What holds of the checks of workflows for any workflow that is YAML."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hypothesis import event, given
from hypothesis import strategies as st

from impact.checks import OF_WORKFLOWS
from impact.checks.subject import Subject
from impact.model import Filters, Place, Rule, Surface
from impact.tracked import Tracked
from impact.workflows.action import parse_action
from impact.workflows.workflow import parse_workflow
from tests.checks.test_properties import at_most

CI, CALLED, ACTION = ".github/workflows/ci.yml", ".github/workflows/b.yml", "own/action.yml"
NAMES = ("changes", "docs", "app", "Docs", "gate")
TEXTS = (
    "needs.changes.outputs.docs != 'false'",
    "${{ !cancelled() && needs.changes.outputs.docs == 'true' }}",
    "needs.docs.result == 'success' && needs.changes.outputs.app",
    "always()",
    "fromJSON(needs.changes.outputs.surfaces).dosc == true",
    "contains(fromJSON(needs.changes.outputs.asleep), 'app')",
    "steps.it.outputs.docs && steps.x.outcome == 'failure'",
    "${{ needs[matrix.x].outputs.*.y }} and ${{ toJSON(needs) }}",
    "${{ foo(",
    "${{ needs.changes.outputs",
    "a && || b",
    "\n\t::add-mask::true",
    "",
    "null",
)
USES = (
    "./own",
    "./.github/workflows/b.yml",
    "./.github/workflows/none.yml",
    "impact-ci/impact@v1",
    "impact-ci/impact/gate@v1",
    "dorny/paths-filter@v3",
    "tj-actions/changed-files@v1",
    "./",
    "./../x",
    "docker://x",
)
RUNS = (
    "make docs",
    "sh x.sh\ncd a && cat b",
    "echo a=1 >> $GITHUB_OUTPUT",
    "if [",
    "${{ x",
    "\0",
)
DETECTION = {
    "outputs": {
        "surfaces": "${{ steps.impact.outputs.surfaces }}",
        "asleep": "${{ steps.impact.outputs.asleep }}",
        "docs": "${{ fromJSON(steps.impact.outputs.surfaces).docs }}",
        "app": "${{ fromJSON(steps.impact.outputs.surfaces).app }}",
    },
    "steps": [{"id": "impact", "uses": "impact-ci/impact@v1"}],
}
FILES = {
    "Makefile": "docs: x\n\tsh x.sh\n",
    "x.sh": "cat docs/a.md\n",
    "docs/a.md": "",
    "src/b.c": "",
}

texts = st.sampled_from(TEXTS)
anything = st.one_of(
    texts, st.none(), st.booleans(), st.integers(), st.lists(texts, max_size=2), st.just({})
)
names = st.sampled_from(NAMES)


def mapping(**keys: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    optional = {key.rstrip("_").replace("_", "-"): value for key, value in keys.items()}
    return st.fixed_dictionaries({}, optional=optional)


filters_inputs = mapping(filters=st.sampled_from(["docs: [a]\napp: [b]\n", "x.yml", "[", ""]))
steps = st.lists(
    mapping(
        id=st.sampled_from(["it", "x", "impact"]),
        if_=anything,
        uses=st.sampled_from(USES),
        run=st.sampled_from(RUNS),
        with_=st.one_of(filters_inputs, anything),
        env=st.dictionaries(st.sampled_from("AB"), texts, max_size=2),
        continue_on_error=anything,
        working_directory=st.sampled_from(["docs", "${{ x }}", "..", "/"]),
        shell=st.sampled_from(["bash", "pwsh", "sh -e {0}", ""]),
    ),
    max_size=3,
)
jobs = st.dictionaries(
    names,
    st.one_of(
        mapping(
            needs=st.one_of(names, st.lists(names, max_size=3), anything),
            if_=anything,
            uses=st.sampled_from(USES),
            outputs=st.one_of(st.dictionaries(names, texts, max_size=3), anything),
            steps=st.one_of(steps, anything),
            strategy=anything,
            runs_on=anything,
            continue_on_error=anything,
        ),
        anything,
    ),
    min_size=1,
    max_size=4,
)
events = st.one_of(
    anything,
    st.dictionaries(
        st.sampled_from(["pull_request", "push", "workflow_call"]),
        st.one_of(
            mapping(
                paths=st.one_of(st.lists(st.sampled_from(["**", "!docs/*", "["])), anything),
                outputs=st.dictionaries(names, mapping(value=texts), max_size=2),
            ),
            anything,
        ),
        max_size=2,
    ),
)


def subject(workflows: Mapping[str, Any], action: Any) -> Subject:
    written = {name: json.dumps(data, indent=1) for name, data in workflows.items()}
    contents = {**FILES, **written, ACTION: json.dumps(action)}
    surfaces = {
        name: Surface(
            name,
            (Rule(f"/{place}/", True, "filters.yml", Place(3, 1)),),
            jobs=(name,),
            place=Place(3, 1),
        )
        for name, place in (("docs", "docs"), ("app", "src"))
    }
    return Subject(
        Filters("filters.yml", surfaces, wake_unmatched=False),
        Tracked([*contents, "filters.yml"]),
        workflows={name: parse_workflow(text.encode(), name) for name, text in written.items()},
        read=lambda path: contents[path].encode() if path in contents else None,
    )


@given(events, jobs, jobs, mapping(runs=mapping(using=st.just("composite"), steps=steps)))
@at_most(300)
def test_any_workflow_has_findings_with_places(
    on: Any, first: Any, second: Any, action: Any
) -> None:
    data = {
        CI: {"on": on, "jobs": {"changes": DETECTION, **first}},
        CALLED: {"on": "workflow_call", "jobs": second},
    }
    about = subject(data, action)
    found = [finding for check in OF_WORKFLOWS.values() for finding in check(about)]
    event(f"{len({finding.id for finding in found})} kinds of findings")
    for finding in found:
        assert finding.message
        data_of = about.read(finding.location.file)
        if data_of is not None:
            assert 1 <= finding.location.line <= data_of.count(b"\n") + 1


@given(steps)
def test_any_action_is_one_or_refused(drawn: Any) -> None:
    data = json.dumps({"runs": {"using": "composite", "steps": drawn}}).encode()
    assert parse_action(data, ACTION).is_composite
