"""On which surfaces a job is gated, however its condition and the outputs are written."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import event, given
from hypothesis import strategies as st

from impact.model import Filters, Surface
from impact.workflows.gating import Gated, Gating, is_documented, rewritten
from impact.workflows.project import Project
from impact.workflows.scenes import faults
from impact.workflows.workflow import parse_workflow

NAMES = ("docs", "docs-site", "app", "any_api", "x")
FILE = ".github/workflows/ci.yml"
CALLED = ".github/workflows/detect.yml"
ACTION = "detect/action.yml"
DORNY = "{uses: dorny/paths-filter@v3, id: it, with: {filters: '%s'}}"
OURS = "{uses: impact-ci/impact@v1, id: it}"


@dataclass(frozen=True)
class Written:
    """A detection: its step, and what each kind of output of it is called."""

    step: str
    flag: str
    lists: tuple[tuple[str, str], ...]


def detection(of_others: bool) -> Written:
    if of_others:
        keys = "\\n".join(f"{name}: x" for name in NAMES)
        flag = "steps.it.outputs.{name}"
        step = DORNY.replace("'%s'", f'"{keys}"')
        return Written(step, flag, (("woken", "steps.it.outputs.changes"),))
    flag = "fromJSON(steps.it.outputs.surfaces).{name}"
    return Written(OURS, flag, tuple((n, f"steps.it.outputs.{n}") for n in ("woken", "asleep")))


def outputs(written: Written, indent: str, before: str = "", via: str = "") -> str:
    """The outputs of a job, an action or a workflow; ``via`` what passes them on."""
    rows = []
    for number, name in enumerate(NAMES):
        text = f"{via}o{number}" if via else written.flag.format(name=name)
        rows.append((f"o{number}", f"{before}{text}"))
    rows += [(name, f"{via}{name}" if via else text) for name, text in written.lists]
    nested = indent.endswith("value")
    pad = indent.removesuffix("value")
    return "".join(
        f"{pad}{name}: {{value: '${{{{ {text} }}}}'}}\n"
        if nested
        else f"{pad}{name}: ${{{{ {text} }}}}\n"
        for name, text in rows
    )


def files(written: Written, way: str, condition: str) -> dict[str, str]:
    """A workflow with such a job, and what its detection goes through."""
    job = f"  job:\n    needs: [changes]\n    if: {condition}\n    steps: [{{run: x}}]\n"
    if way == "a workflow":
        call = "  changes: {uses: ./.github/workflows/detect.yml}\n"
        inner = (
            "on:\n  workflow_call:\n    outputs:\n"
            + outputs(written, "      value", via="jobs.it.outputs.")
            + "jobs:\n  it:\n    outputs:\n"
            + outputs(written, "      ")
            + f"    steps: [{written.step}]\n"
        )
        return {FILE: f"on: push\njobs:\n{call}{job}", CALLED: inner}
    if way == "an action":
        action = (
            "name: detect\noutputs:\n"
            + outputs(written, "  value")
            + f"runs:\n  using: composite\n  steps: [{written.step}]\n"
        )
        via = outputs(written, "      ", via="steps.own.outputs.")
        head = f"  changes:\n    outputs:\n{via}    steps: [{{uses: ./detect, id: own}}]\n"
        return {FILE: f"on: push\njobs:\n{head}{job}", ACTION: action}
    before = "github.event_name == 'push' || " if way == "a push" else ""
    own = outputs(written, "      ", before)
    head = f"  changes:\n    outputs:\n{own}    steps: [{written.step}]\n"
    return {FILE: f"on: push\njobs:\n{head}{job}"}


def gated(texts: dict[str, str]) -> list[Gated]:
    filters = Filters("filters.yml", {name: Surface(name, ()) for name in NAMES})
    data = {name: text.encode() for name, text in texts.items()}
    workflows = {
        name: parse_workflow(text, name) for name, text in data.items() if name != ACTION
    }
    found = Gating(Project(workflows, filters, data.get))
    return [one for one in (*found.jobs, *found.unmoved) if one.job.id == "job"]


STYLES = {
    "safe": "needs.changes.outputs.{output} != 'false'",
    "true": "needs.changes.outputs.{output} == 'true'",
    "other spelling": "needs['changes'].OUTPUTS['{output}'] == 'TRUE'",
    "woken": "contains(fromJSON(needs.changes.outputs.woken), '{name}')",
    "asleep": "!contains(fromJSON(needs.changes.outputs.asleep || '[]'), '{name}')",
}
AROUND = ["{0}", "${{{{ {0} }}}}", "github.ref == 'x' && ({0})", "github.ref == 'x' || {0}"]


@given(
    st.booleans(),
    st.sampled_from(["itself", "an action", "a workflow", "a push"]),
    st.sampled_from(list(STYLES)),
    st.sets(st.sampled_from(range(len(NAMES))), min_size=1),
    st.sampled_from(AROUND),
)
def test_a_job_is_gated_on_what_its_condition_asks_for(
    of_others: bool, way: str, style: str, asked: set[int], around: str
) -> None:
    written = detection(of_others)
    lists = dict(written.lists)
    if (style in ("woken", "asleep") and style not in lists) or (
        way == "a push" and style in ("woken", "asleep")
    ):
        style = "true"
    event(f"{style}, by {way}")
    parts = [STYLES[style].format(output=f"o{n}", name=NAMES[n]) for n in sorted(asked)]
    condition = around.format(" || ".join(parts))
    if not condition.startswith("$"):
        condition = f"${{{{ {condition} }}}}"
    (found,) = gated(files(written, way, condition))
    assert set(found.surfaces) == {NAMES[n] for n in asked}

    again = files(written, way, rewritten(found))
    (better,) = gated(again)
    assert set(better.surfaces) == set(found.surfaces)
    if way != "a push":
        assert faults(better.job, better.surfaces, better.stage) == []
        assert is_documented(better) or "github." in around


@given(st.sampled_from(range(len(NAMES))), st.booleans())
def test_an_output_alone_moves_nothing(number: int, of_others: bool) -> None:
    texts = files(detection(of_others), "itself", f"needs.changes.outputs.o{number}")
    (found,) = gated(texts)
    assert found.surfaces == (NAMES[number],)
    assert "it runs where" in " ".join(faults(found.job, found.surfaces, found.stage))
    assert replace(found).workflow is found.workflow


def test_what_asks_for_the_contrary_is_not_gated() -> None:
    texts = files(detection(True), "itself", "needs.changes.outputs.o0 != 'true'")
    assert gated(texts) == []
