"""Where a workflow departs from its wiring: how it would sleep or pass as it must not.

Conditions are not compared as text: what counts is what they come to (`scenes`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from difflib import get_close_matches

from impact.findings import Finding, Location
from impact.model import OUTPUTS, Filters, Place
from impact.quoting import quote
from impact.workflows.detection import Detection
from impact.workflows.lexer import ExpressionError
from impact.workflows.nodes import Call, Name
from impact.workflows.plays import Stage, outputs_read
from impact.workflows.scenes import faults, where_skipped
from impact.workflows.templates import Embedded, parse_template
from impact.workflows.wiring import (
    ACTION,
    READ_BY_GATE,
    STEP,
    JobWiring,
    Wiring,
    detecting_step,
    gate_job,
    gate_step,
    wire,
)
from impact.workflows.workflow import Job, Step, Workflow, Written, with_called

_PRINTED = "`impact wire` prints it"


def departures(
    filters: Filters,
    workflow: Workflow,
    changes: str = "",
    others: Mapping[str, Workflow] | None = None,
) -> list[Finding]:
    """Everything by which the workflow departs, in the order of the file.

    ``others``: the workflows of this repository that it calls, by their paths.
    """
    wiring = wire(filters, workflow, changes)
    found = [
        *_of_detection(filters, workflow, wiring),
        *_of_jobs(filters, workflow, wiring),
        *_of_gate(filters, workflow, wiring),
        *_of_failures(filters, workflow, wiring, others or {}),
    ]
    return sorted(found, key=lambda finding: finding.location)


def _find(workflow: Workflow, place: Place, name: str, message: str, fix: str) -> Finding:
    return Finding(name, message, Location(workflow.file, place.line, place.column), fix=fix)


def _of_detection(filters: Filters, workflow: Workflow, wiring: Wiring) -> Iterator[Finding]:
    job = workflow.jobs.get(wiring.changes)
    if job is None:
        message = f"there is no job {wiring.changes}, which says what is awake"
        yield _find(workflow, workflow.place, "no-detection", message, _PRINTED)
        return
    if job.uses is not None:
        return
    declared = _declared(filters, workflow, wiring)
    if job.condition is not None and _where_skipped(job, workflow, declared):
        message = f"{job.id} may be skipped, and then the gate fails"
        yield _find(workflow, job.condition.place, "no-detection", message, "remove this")
    step = detecting_step(job)
    if step is None:
        message = f"no step of {job.id} runs the action"
        yield _find(workflow, job.place, "no-detection", message, f"add `uses: {ACTION}`")
        return
    yield from _of_step(workflow, wiring, step)
    if step.id is None:
        message = "the step that detects has no id, so no output can be that of it"
        yield _find(workflow, step.place, "lost-output", message, f"write `id: {STEP}`")
        return
    names = {name.lower(): name for name in job.outputs}
    for name, reader in _outputs_wanted(workflow, wiring).items():
        fix = f"write `{name}: {_value(wiring, name)}`"
        if name.lower() not in names:
            message = f"{job.id} does not declare the output {name}, which {reader} reads"
            yield _find(workflow, job.place, "lost-output", message, fix)
        elif not declared.tells(name):
            message = f"the output {name} is not what its name says"
            place = job.outputs[names[name.lower()]].place
            yield _find(workflow, place, "lost-output", message, fix)


def _of_step(workflow: Workflow, wiring: Wiring, step: Step) -> Iterator[Finding]:
    """What is wrong with a step that runs the action or the gate."""
    if step.condition is not None:
        message = "where this is false the step is skipped, and its job passes all the same"
        yield _find(workflow, step.condition.place, "step-condition", message, "remove it")
    given = step.given.get("filters")
    named = given.text.strip() if given is not None else ""
    if "${{" not in named and (named or None) != wiring.filters:
        place = given.place if given is not None else step.place
        message = f"the filters here are {quote(named) or 'those of a default name'}"
        fix = f"write `filters: {wiring.filters}`" if wiring.filters else "remove `filters`"
        yield _find(workflow, place, "other-filters", message, fix)


def _outputs_wanted(workflow: Workflow, wiring: Wiring) -> dict[str, str]:
    """The outputs of the detection that somebody reads, and who; no others than it has."""
    found = dict.fromkeys(READ_BY_GATE, "the gate")
    names = {name.lower(): name for name in (*OUTPUTS, *wiring.outputs)}
    for name in wiring.jobs:
        with suppress(KeyError, ExpressionError):  # of what has findings of its own
            for output in outputs_read(workflow.jobs[name], wiring.changes):
                if (known := names.get(output.lower())) is not None:
                    found.setdefault(known, name)
    return found


def _value(wiring: Wiring, name: str) -> str:
    plain = f"${{{{ steps.{wiring.step}.outputs.{name} }}}}"
    return wiring.outputs.get(name, plain) if name not in OUTPUTS else plain


def _of_jobs(filters: Filters, workflow: Workflow, wiring: Wiring) -> Iterator[Finding]:
    detection = _detection(filters, workflow, wiring)
    for name, wired in wiring.jobs.items():
        job = workflow.jobs.get(name)
        if job is None:
            close = get_close_matches(name, workflow.jobs, 1)
            whose = ", ".join(wired.surfaces)
            message = f"there is no job {name}, which {quote(filters.file)} names for {whose}"
            fix = f"did you mean {quote(close[0])}? " if close else ""
            fix += f"one of another workflow is FILE:{name} there"
            yield _find(workflow, workflow.place, "missing-job", message, fix)
            continue
        yield from _of_condition(workflow, wiring, job, wired, detection)


def _of_condition(
    workflow: Workflow, wiring: Wiring, job: Job, wired: JobWiring, detection: Detection
) -> Iterator[Finding]:
    place = job.condition.place if job.condition is not None else job.place
    if all(need.text != wiring.changes for need in job.needs):
        message = f"{job.id} does not need {wiring.changes}, so it does not know what is awake"
        fix = f"write `needs: [{', '.join(wired.needs)}]`"
        yield _find(workflow, job.place, "missing-need", message, fix)
        return
    fix = f"write `if: {wired.condition}`"
    rewired = replace(job, condition=Written(wired.condition, place))
    try:
        stage = Stage(workflow, detection)
        wrong = faults(job, wired.surfaces, stage)
    except ExpressionError as error:
        message = f"GitHub cannot read the condition of {job.id}: {error}"
        yield _find(workflow, place, "condition", message, fix)
        return
    known = {name.lower() for name in (*(detection.declared or ()), *OUTPUTS)}
    read = outputs_read(job, wiring.changes) if detection.declared is not None else []
    lost = [name for name in read if name.lower() not in known]
    if lost:
        wrong.insert(0, f"it reads {', '.join(lost)}, no output of {wiring.changes}")
    if wrong:
        if faults(rewired, wired.surfaces, stage):  # by what it keeps
            fix = "take out what makes it so, or the job out of `jobs`"
        # One cause has many effects, and the first ones tell it.
        message = f"{job.id}: {'; '.join(wrong[:3])}"
        message += f"; and {len(wrong) - 3} more" if wrong[3:] else ""
        yield _find(workflow, place, "condition", message, fix)


def _of_gate(filters: Filters, workflow: Workflow, wiring: Wiring) -> Iterator[Finding]:
    job = gate_job(workflow)
    if job is None:
        message = "there is no gate, and what a failed need skips counts as passed"
        yield _find(workflow, workflow.place, "no-gate", message, _PRINTED)
        return
    needs = {need.text for need in job.needs}
    lacking = [name for name in wiring.waited if name in workflow.jobs and name not in needs]
    if lacking:
        message = f"{job.id} does not need {', '.join(lacking)}, so it cannot judge that"
        fix = f"write `needs: [{', '.join(wiring.waited)}]`"
        yield _find(workflow, job.place, "gate-needs", message, fix)
    for name in (found.event for found in workflow.path_filters):
        if name.text.startswith("pull_request"):
            message = f"a {name.text} that changes no such path never gets the gate's answer"
            yield _find(workflow, name.place, "path-filter", message, "remove it")
    place = job.condition.place if job.condition is not None else job.place
    fix = "write `if: ${{ always() }}`"
    wrong = _where_skipped(job, workflow, _detection(filters, workflow, wiring))
    if wrong:
        # One that not even runs where all is well asks for something else altogether.
        where = (
            f" where {', or where '.join(wrong)}" if wrong[0] != "all is well" else " always"
        )
        message = f"{job.id} does not run{where}, and a skipped check counts as passed"
        yield _find(workflow, place, "gate-condition", message, fix)
    yield from _of_gate_inputs(workflow, wiring, job)


def _where_skipped(job: Job, workflow: Workflow, detection: Detection) -> list[str]:
    try:
        return where_skipped(job, Stage(workflow, detection))
    except ExpressionError as error:
        return [f"GitHub would have to read its condition: {error}"]


def _of_gate_inputs(workflow: Workflow, wiring: Wiring, job: Job) -> Iterator[Finding]:
    step = gate_step(job)
    if step is None:
        return
    yield from _of_step(workflow, wiring, step)
    needs = step.given.get("needs")
    if needs is None or not _is_all_needs(needs.text):
        place = needs.place if needs is not None else step.place
        message = "the gate is not given the results of all its needs"
        fix = "write `needs: ${{ toJSON(needs) }}`"
        yield _find(workflow, place, "gate-needs", message, fix)
    named = step.given.get("changes-job")
    if (named.text if named is not None else "changes") != wiring.changes:
        place = named.place if named is not None else step.place
        message = (
            f"the gate takes another job for the one that detects, which is {wiring.changes}"
        )
        fix = f"write `changes-job: {wiring.changes}`"
        yield _find(workflow, place, "gate-needs", message, fix)
    if step.hides_failure is not None:
        message = "continue-on-error: the gate would pass whatever it finds"
        yield _find(workflow, step.hides_failure.place, "hidden-failure", message, "remove it")


def _is_all_needs(text: str) -> bool:
    try:
        parts = parse_template(text.strip()).parts
    except ExpressionError:
        return False
    match parts:
        case (Embedded(expression=Call(function=function, arguments=(Name(name=name),))),):
            return (function.lower(), name.lower()) == ("tojson", "needs")
    return False


def _of_failures(
    filters: Filters, workflow: Workflow, wiring: Wiring, others: Mapping[str, Workflow]
) -> Iterator[Finding]:
    """Jobs whose failures the gate would take for successes, and the gate itself."""
    for name in (*wiring.waited, wiring.gate):
        job = workflow.jobs.get(name)
        surfaces = wiring.jobs[name].surfaces if name in wiring.jobs else ()
        if job is None or (
            surfaces and all(filters.surfaces[surface].advisory for surface in surfaces)
        ):
            continue
        for file, one in with_called(workflow.file, job, others):
            if one.hides_failure is not None:
                message = "continue-on-error: where "
                message += f"{one.id} fails, what needs {name} is told of a success"
                fix = "remove it" + (", or make the surface advisory" if surfaces else "")
                place = one.hides_failure.place
                location = Location(file, place.line, place.column)
                yield Finding("hidden-failure", message, location, fix=fix)


def _declared(filters: Filters, workflow: Workflow, wiring: Wiring) -> Detection:
    """The detection as the workflow has it."""
    job = workflow.jobs.get(wiring.changes)
    names = tuple(filters.surfaces)
    if job is None or job.uses is not None:
        return Detection(wiring.changes, names, None, None)
    step = detecting_step(job)
    others = [s.id for s in job.steps if s.id and s is not step]
    return Detection(wiring.changes, names, job.outputs, step, others)


def _detection(filters: Filters, workflow: Workflow, wiring: Wiring) -> Detection:
    """The detection with the outputs that it should have: the others are found already."""
    found = _declared(filters, workflow, wiring)
    if found.declared is None:
        return found
    step = Step(workflow.place, wiring.step)
    right = {
        name: Written(_value(wiring, name), workflow.place)
        for name in (*_outputs_wanted(workflow, wiring), *wiring.outputs)
    }
    return replace(found, declared={**found.declared, **right}, step=step)
