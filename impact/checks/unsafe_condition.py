"""A condition sleeps where it must not, or wakes whatever is awake.

It is evaluated as GitHub would, in each situation that matters: a surface awake alone, all
asleep, the detection failed, skipped or cancelled, an output lost, a further need failed.
The finding names the first ones that go wrong, and has the condition that `impact wire`
would write, for the same surfaces and with whatever else the job asks. Of the condition of a
step it is told where a part of it comes to the same whatever is awake: an output alone is
true, for the text `'false'` is a text; and a boolean never equals `'true'`.

Why it is bad: a detection that fails, or an output that is misspelt or lost, says nothing; a
condition that wants to hear `'true'` sleeps then, and to GitHub a skipped job has passed. It
is an error where the job sleeps, and a warning where it only wakes too often.

Tracked: filters.yml, docs/guide.md, .github/workflows/ci.yml

Example::

    jobs:
      docs:
        needs: changes
        if: needs.changes.outputs.docs == 'true'
        runs-on: ubuntu-latest
        steps:
          - run: make docs

Use instead::

    jobs:
      docs:
        needs: changes
        if: ${{ !cancelled() && needs.changes.outputs.docs != 'false' }}
        runs-on: ubuntu-latest
        steps:
          - run: make docs
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from impact.checks.subject import Subject, finding_at
from impact.findings import Finding, Severity
from impact.quoting import quote
from impact.workflows.claims import claimed_jobs
from impact.workflows.detection import leaves_of
from impact.workflows.evaluate import EvaluationError, Value, evaluate, truth
from impact.workflows.expressions import parse_expression, references
from impact.workflows.gating import Gated, is_documented, replaced, rewritten
from impact.workflows.lexer import ExpressionError
from impact.workflows.nodes import Expression
from impact.workflows.plays import condition_text
from impact.workflows.scenes import faults
from impact.workflows.sites import condition_of
from impact.workflows.workflow import Job, Step, Workflow, Written

ID = "unsafe-condition"
_TOLD = 3
_COMPARE = "compare an output with 'false', for it is text, and what fromJSON gives with false"


def check(subject: Subject) -> Iterator[Finding]:
    """Yield the gated jobs with a faulty condition, and the steps."""
    for gated in (*subject.gating.jobs, *subject.gating.unmoved):
        if gated.job.condition is None or not gated.surfaces:
            continue
        claimed = claimed_jobs(subject.filters, gated.workflow).get(gated.job.id, ())
        told = tuple(name for name in claimed if name in gated.detected.surfaces)
        yield from _of_job(replace(gated, surfaces=told or gated.asked), gated.job.condition)
    for workflow in subject.project.workflows.values():
        for job in workflow.jobs.values():
            for number, step in enumerate(job.steps):
                if step.condition is not None:
                    yield from _of_step(subject, workflow, job, number, step)


def _of_job(gated: Gated, written: Written) -> Iterator[Finding]:
    job, workflow, surfaces = gated.job, gated.workflow, gated.surfaces
    with suppress(ExpressionError):  # which is a finding of its own
        wrong = [] if is_documented(gated) else faults(job, surfaces, gated.stage)
        wrong = [words for words in wrong if not _is_of_another(gated, words)]
        if not wrong:
            return
        # First what goes wrong where nothing else does.
        wrong.sort(key=lambda words: not words.endswith("is asleep"))
        wrong = [*_bare(gated), *wrong]
        fix = _fix(gated, written, wrong)
        # One cause has many effects, and the first ones tell it.
        message = f"{job.id}: {'; '.join(wrong[:_TOLD])}"
        message += f"; and {len(wrong) - _TOLD} more" if wrong[_TOLD:] else ""
        sleeps = any(words.startswith(("it sleeps", "it never", "its")) for words in wrong)
        severity = Severity.ERROR if sleeps else Severity.WARNING
        surface = surfaces[0] if len(surfaces) == 1 else None
        yield finding_at(ID, workflow.file, written.place, message, fix, severity, surface)


def _fix(gated: Gated, written: Written, wrong: Sequence[str]) -> str:
    """The documented condition, or else its own with what is wrong in it replaced."""
    always = any(
        words.startswith("it never") or (words.startswith("it runs") and "asleep" in words)
        for words in wrong
    )
    for condition in (rewritten(gated), rewritten(gated, failure=True), replaced(gated)):
        better = replace(gated.job, condition=replace(written, text=condition))
        left = faults(better, gated.surfaces, gated.stage)
        if any(not _is_of_another(gated, words) for words in left):
            continue
        stage, surfaces = gated.stage, gated.surfaces
        if always or (
            stage.keeps(gated.job, better, surfaces)
            and not stage.adds(gated.job, better, surfaces)
        ):
            return f"write `if: {condition}`"
    return "take out what makes it so"


def _is_of_another(gated: Gated, words: str) -> bool:
    """Whether it is about the loss of an output that tells of none of these surfaces."""
    told = gated.detected.told
    lost = [output for output in told if f"the output {output} is lost" in words.lower()]
    return bool(lost) and not any(told[output] & {*gated.surfaces} for output in lost)


def _bare(gated: Gated) -> Iterator[str]:
    """The outputs that are asked for as if they were booleans."""
    text = condition_text(gated.job)
    flags = {output for output, names in gated.detected.told.items() if names}
    for leaf in leaves_of(condition_of(text, of_job=True)):
        found = references(leaf)
        is_whole = [(one.start, one.end) for one in found] == [(leaf.start, leaf.end)]
        if is_whole and found[0].path[-1].lower() in flags:
            yield f"{text[leaf.start : leaf.end]} is true for the text 'false' too"


def _of_step(
    subject: Subject, workflow: Workflow, job: Job, number: int, step: Step
) -> Iterator[Finding]:
    """The parts of its condition that are the same whatever is awake."""
    project, condition = subject.project, step.condition
    if condition is None:
        return
    awake, asleep = (project.contexts(workflow, job, number, s) for s in project.extremes)
    with suppress(ExpressionError):
        text = condition.text
        for leaf in leaves_of(condition_of(text)):
            read = [(r.start, r.end) for r in references(leaf)]
            if not any(_differs(text[start:end], awake, asleep) for start, end in read):
                continue
            always = _truth(leaf, awake)
            if always is None or always is not _truth(leaf, asleep):
                continue
            part = text[leaf.start : leaf.end]
            message = f"{quote(part)} is {'true' if always else 'false'} whatever is awake"
            fix = _COMPARE
            if (leaf.start, leaf.end) in read:
                fix = _compared(part, leaf, text, awake)
            severity = Severity.WARNING if always else Severity.ERROR
            yield finding_at(ID, workflow.file, condition.place, message, fix, severity)


def _compared(part: str, leaf: Expression, text: str, awake: Mapping[str, Value]) -> str:
    """An output that stands for itself, compared with what it is where nothing is awake."""
    with suppress(EvaluationError):
        listed = str(evaluate(leaf, awake)).startswith("[")
        none = "[]" if listed else "false"
        if text[: leaf.start].rstrip().endswith("!"):
            return f"write `{part} == '{none}'` in place of `!{part}`"
        return f"write `{part} != '{none}'`"
    return _COMPARE


def _differs(text: str, awake: Mapping[str, Value], asleep: Mapping[str, Value]) -> bool:
    with suppress(ExpressionError, EvaluationError):
        node = parse_expression(text)
        return bool(evaluate(node, awake) != evaluate(node, asleep))
    return False


def _truth(node: Expression, contexts: Mapping[str, Value]) -> bool | None:
    try:
        return truth(evaluate(node, contexts))
    except EvaluationError:
        return None
