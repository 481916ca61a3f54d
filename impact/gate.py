"""The gate: what a plan asks of the jobs, and what became of them, to pass or fail.  Pure.

`ACCEPTED` is the whole policy.  What is missing, malformed or unknown fails: nothing passes
by default.  Results: https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#needs-context
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from enum import Enum

from impact.model import CHANGES_JOB, Filters
from impact.needs import Detected, Need
from impact.quoting import quote
from impact.workflows.claims import claimed_jobs
from impact.workflows.workflow import Workflow, called, with_called

SUCCESS, SKIPPED = "success", "skipped"
RESULTS = (SUCCESS, "failure", SKIPPED, "cancelled")
"""The results that a job can have."""
NAMED = 3
"""So many surfaces or jobs are named in a sentence."""


class Expected(str, Enum):
    """What is asked of a job."""

    MUST_RUN = "must-run"
    MAY_SKIP = "may-skip"
    ALWAYS = "always"
    ADVISORY = "advisory"
    DETECTION = "detection"


ACCEPTED: Mapping[Expected, frozenset[str]] = {
    Expected.MUST_RUN: frozenset({SUCCESS}),
    Expected.MAY_SKIP: frozenset({SUCCESS, SKIPPED}),
    Expected.ALWAYS: frozenset({SUCCESS}),
    Expected.DETECTION: frozenset({SUCCESS}),
}
"""The results with which a job does not fail the gate.  One that is advisory never does."""


@dataclass(frozen=True, slots=True)
class JobVerdict:
    """What was asked of a job, what happened, whether that will do, and why.

    ``result`` is None where there is none.  ``surfaces``: those it stands for.
    """

    job: str
    result: str | None
    surfaces: tuple[str, ...]
    expected: Expected
    ok: bool
    why: str


@dataclass(frozen=True, slots=True)
class Gate:
    """The verdicts of all jobs, failing ones first, and what is wrong beside them.

    ``narrowed``: the surfaces that the filters before the change would have woken, and
    that it puts to sleep.  ``notes``: what a person should know.
    """

    jobs: Mapping[str, JobVerdict]
    problems: tuple[str, ...] = ()
    narrowed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong; of no job at all nothing is known."""
        return bool(self.jobs) and not self.problems and all(v.ok for v in self.jobs.values())


@dataclass(frozen=True, slots=True)
class Question:
    """All that the gate is asked about.

    ``needs``: the results, by job.  ``workflow``: the file whose jobs they are, if it is
    known, and ``others`` the files of this repository that its jobs call, by their paths.
    ``optional``: jobs of no surface that may be skipped.  ``narrowing_label``: what a pull
    request that puts surfaces to sleep by its change to the filters has to carry, where
    that is asked for at all, and ``labels`` what it carries; None where there is no pull
    request.
    """

    filters: Filters
    needs: Mapping[str, Need]
    detected: Detected
    changes_job: str = CHANGES_JOB
    workflow: Workflow | None = None
    others: Mapping[str, Workflow] = field(default_factory=dict)
    optional: Sequence[str] = ()
    narrowing_label: str | None = None
    labels: Sequence[str] | None = None


def judge(question: Question) -> Gate:
    """The verdict of every job that the gate needs or that a surface stands for."""
    claimed = claimed_jobs(question.filters, question.workflow, question.needs)
    rows = [_detection(question)]
    rows += [
        _verdict(question, job, claimed.get(job, ()))
        for job in (*claimed, *(job for job in question.needs if job not in claimed))
        if job != question.changes_job
    ]
    ordered = sorted(rows, key=lambda row: row.ok)
    gate = Gate(
        {row.job: row for row in ordered},
        tuple(_problems(question, claimed)),
        notes=tuple(_notes(question, claimed)),
    )
    return _with_narrowed(gate, question)


def _detection(question: Question) -> JobVerdict:
    name = question.changes_job
    need = question.needs.get(name)
    result = need.result if need is not None else None
    wrong = [*_hidden_failure(question, name, result), *question.detected.problems]
    plan = question.detected.surfaces
    if plan is not None:
        missing = [surface for surface in question.filters.surfaces if surface not in plan]
        unknown = [surface for surface in plan if surface not in question.filters.surfaces]
        if missing:
            wrong.append(
                f"its plan lacks {_some(missing)}, which counts as awake: it was made with "
                "other filters"
            )
        if unknown:
            wrong.append(
                f"its plan has {_some(unknown)}, and {quote(question.filters.file)} has not: "
                "it was made with other filters"
            )
    if result != SUCCESS:
        wrong.insert(0, f"{_happened(result)}, so what the change wakes is not known")
    why = "it says that what changed is unknown, so every surface is awake"
    if question.detected.determined and plan is not None:
        why = f"it says that {sum(plan.values())} of {len(plan)} surfaces are awake"
    why = "; ".join(wrong) or why
    return JobVerdict(name, result, (), Expected.DETECTION, not wrong, why)


def _verdict(question: Question, job: str, surfaces: tuple[str, ...]) -> JobVerdict:
    need = question.needs.get(job)
    result = need.result if need is not None else None
    expected, asked = _expected(question, job, surfaces)
    if expected is Expected.ADVISORY:
        return JobVerdict(job, result, surfaces, expected, True, _advisory(asked, result))
    wrong = list(_hidden_failure(question, job, result))
    if result not in ACCEPTED[expected]:
        wrong.insert(
            0, f"{asked}; {_happened(result)}{_because(question, job, result, expected)}"
        )
    why = "; ".join(wrong) or f"{asked}; {_happened(result)}"
    return JobVerdict(job, result, surfaces, expected, not wrong, why)


def _expected(question: Question, job: str, surfaces: tuple[str, ...]) -> tuple[Expected, str]:
    """What is asked of the job, and in words, why."""
    if not surfaces:
        if job in question.optional:
            return Expected.MAY_SKIP, "it is of no surface and optional, so it may be skipped"
        return Expected.ALWAYS, "it is of no surface, so it always has to succeed"
    plural = "are" if surfaces[1:] else "is"
    if all(question.filters.surfaces[name].advisory for name in surfaces):
        return Expected.ADVISORY, f"{_some(surfaces)} {plural} advisory"
    awake = [name for name in surfaces if _is_awake(question, name)]
    if not awake:
        return Expected.MAY_SKIP, f"{_some(surfaces)} {plural} asleep, so it may be skipped"
    return (
        Expected.MUST_RUN,
        f"{_some(awake)} {'are' if awake[1:] else 'is'} awake, so it has to succeed",
    )


def _is_awake(question: Question, surface: str) -> bool:
    """Whether nothing says for certain that the surface is asleep."""
    plan = question.detected.surfaces
    return not question.detected.determined or plan is None or plan.get(surface) is not False


def _advisory(asked: str, result: str | None) -> str:
    if result in (SUCCESS, SKIPPED):
        return f"{asked}; {_happened(result)}"
    return f"{asked}, so it fails nothing; {_happened(result)}"


def _happened(result: str | None) -> str:
    if result is None:
        return "it has no result"
    if result not in RESULTS:
        return (
            f"its result is {quote(result) or 'empty'}, which is none of {', '.join(RESULTS)}"
        )
    return {SUCCESS: "it succeeded", "failure": "it failed"}.get(result, f"it was {result}")


def _because(question: Question, job: str, result: str | None, expected: Expected) -> str:
    """What may have come in between, and the fix."""
    workflow = question.workflow
    found = workflow.jobs.get(job) if workflow is not None else None
    if result is None and workflow is not None and found is None:
        close = get_close_matches(job, workflow.jobs, 1)
        hint = f"; did you mean {quote(close[0])}?" if close else ""
        return (
            f": {quote(workflow.file)} has no such job{hint}; of another workflow it is "
            f"FILE:{quote(job)} in `jobs`"
        )
    if result is None:
        return ": add it to the needs of the gate's job"
    if result != SKIPPED:
        return ""
    stopped = [
        f"{quote(need.text)} ({quote(question.needs[need.text].result or 'no result')})"
        for need in (found.needs if found is not None else ())
        if need.text != question.changes_job
        and need.text in question.needs
        and question.needs[need.text].result != SUCCESS
    ]
    if stopped:
        return f", as it needs {', '.join(stopped)}"
    if expected is Expected.ALWAYS:
        return "; name it in `optional` if that is right"
    return " by its condition: `impact wire` prints one that wakes"


def _hidden_failure(question: Question, job: str, result: str | None) -> Iterator[str]:
    """Why a result that reads success may be a failure."""
    if result != SUCCESS or question.workflow is None:
        return
    found = question.workflow.jobs.get(job)
    if found is None:
        return
    fix = "remove it"
    if any(job in _names(surface.jobs) for surface in question.filters.surfaces.values()):
        fix += ", or make its surface advisory"
    for file, one in with_called(question.workflow.file, found, question.others):
        if one.hides_failure is not None:
            place = one.hides_failure.place
            yield (
                f"its success may be a failure: {quote(file)}:{place.line}:{place.column} has "
                f"continue-on-error; {fix}"
            )


def _names(entries: Sequence[str]) -> list[str]:
    return [entry.rpartition(":")[2] for entry in entries]


def _problems(question: Question, claimed: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """What is wrong with the question itself."""
    workflow = question.workflow
    if workflow is not None:
        foreign = [job for job in question.needs if job not in workflow.jobs]
        if foreign:
            yield (
                f"{quote(workflow.file)} has no job {_some(foreign)}, so it is not the "
                "workflow of this gate; name its file with `workflow`"
            )
    near = [entry for entry in _elsewhere(question) if _is_nearly(entry, workflow)]
    if workflow is not None and near:
        yield f"{_some(near)}: the workflow is {quote(workflow.name)}, to the letter"
    for name in question.optional:
        if name == question.changes_job:
            yield f"optional: {quote(name)} tells what is awake, and cannot be optional"
        elif name in claimed:
            yield (
                f"optional: {quote(name)} is a job of {_some(claimed[name])}; take it out of "
                f"`jobs` in {quote(question.filters.file)}, or make the surface advisory"
            )
        elif name not in question.needs:
            close = get_close_matches(name, question.needs, 1)
            hint = f"; did you mean {quote(close[0])}?" if close else ""
            yield f"optional: the gate needs no job {quote(name) or repr('')}{hint}"


def _notes(question: Question, claimed: Mapping[str, Sequence[str]]) -> Iterator[str]:
    workflow = question.workflow
    if workflow is None:
        yield "no workflow file was read, so continue-on-error goes unseen (--workflow FILE)"
        others = [e for e in _elsewhere(question) if e.rpartition(":")[2] not in claimed]
        if others:
            yield f"taken for jobs of other workflows: {_some(others)}"
        return
    for job in (*claimed, *(name for name in question.needs if name not in claimed)):
        found = workflow.jobs.get(job)
        if found is None:
            continue
        for _, one in with_called(workflow.file, found, question.others):
            if one.uses is not None and called(one) is None:
                yield (
                    f"{quote(job)} calls {quote(one.uses.text)}, which is not looked through "
                    "for continue-on-error"
                )


def _elsewhere(question: Question) -> list[str]:
    """The entries of `jobs` that name another workflow."""
    workflow = question.workflow
    return sorted(
        {
            entry
            for surface in question.filters.surfaces.values()
            for entry in surface.jobs
            if ":" in entry and (workflow is None or entry.rpartition(":")[0] != workflow.name)
        }
    )


def _is_nearly(entry: str, workflow: Workflow | None) -> bool:
    """Whether it names the file of the workflow but for case, or `.yaml` for `.yml`."""
    stem = entry.rpartition(":")[0].rpartition(".")[0]
    return workflow is not None and stem.lower() == workflow.name.rpartition(".")[0].lower()


def _with_narrowed(gate: Gate, question: Question) -> Gate:
    """The gate with the surfaces that the change to the filters puts to sleep."""
    detected, lacking = question.detected, _lacking_label(question)
    problems = [*gate.problems]
    if detected.base is None:
        if lacking is not None:
            problems.append(
                "narrowing-label: what the filters before the change wake is not known; the "
                f"outputs of {question.changes_job} have to have surfaces-base"
            )
        return replace(gate, problems=tuple(problems))
    known = question.filters.surfaces
    narrowed = tuple(
        name
        for name, woken in detected.base.items()
        if woken and (name not in known or not _is_awake(question, name))
    )
    if narrowed and lacking is not None:
        problems.append(
            f"the filters before this change wake {_some(narrowed)}, and it puts "
            f"{'them' if narrowed[1:] else 'it'} to sleep: the label {quote(lacking)} "
            "allows that"
        )
    return replace(gate, problems=tuple(problems), narrowed=narrowed)


def _lacking_label(question: Question) -> str | None:
    """The label without which no pull request may put a surface to sleep, if it is missing.

    To GitHub, labels that differ in case alone are the same label.
    """
    label = question.narrowing_label
    if label is None or question.labels is None:
        return None
    return None if label.lower() in {name.lower() for name in question.labels} else label


def _some(names: Sequence[str]) -> str:
    """Names in a sentence."""
    shown = ", ".join(quote(name) or repr(name) for name in names[:NAMED])
    more = len(names) - NAMED
    return f"{shown} and {more} more" if more > 0 else shown
