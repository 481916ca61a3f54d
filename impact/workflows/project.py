"""The workflows and actions of a repository, and what the outputs in them come to.

An output is followed from the step that sets it, through local actions, the outputs of its
job and workflows that are called.  Names in a mapping are all that there are, but in a
`Partial`, where there may be others.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from impact.config.tree import lines_of
from impact.errors import WorkflowError
from impact.model import Filters
from impact.workflows.action import FILES, Action, parse_action
from impact.workflows.detection import SUCCESS, text_of
from impact.workflows.detectors import Detector, Read, detector
from impact.workflows.outputs import passed_on, written_outputs
from impact.workflows.values import UNKNOWN, Partial, Value
from impact.workflows.wiring import action_of
from impact.workflows.workflow import Job, Step, Workflow, Written, called

_LEVELS = 10
"""Actions that run actions, and workflows that call workflows, are followed so deep."""

Outputs = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class State:
    """What is awake, whether the change is known, and what is assumed as in `text_of`.

    ``failed``: no step says anything, since the one that detects failed.
    """

    awake: frozenset[str] = frozenset()
    determined: bool = True
    assumed: bool | None = None
    failed: bool = False


class Project:
    """All of them; ``workflows`` by their paths, ``filters`` where there is a filters file.

    ``read`` gives the contents of a tracked file by its path.
    """

    def __init__(
        self, workflows: Mapping[str, Workflow], filters: Filters | None, read: Read
    ) -> None:
        self.workflows = workflows
        self.filters = filters
        self.read = read
        self.refused: list[WorkflowError] = []
        self._actions: dict[str, Action | None] = {}
        self._lines: dict[str, Sequence[str]] = {}
        self._known: dict[tuple[int, State], Outputs] = {}
        self._detectors: dict[int, Detector | None] = {}
        self._contexts: dict[tuple[int, int, int | None, State], Mapping[str, Value]] = {}
        self._told: dict[int, tuple[str, ...]] = {}
        self._beside = {id(j): w.jobs for w in workflows.values() for j in w.jobs.values()}

    def action(self, step: Step) -> Action | None:
        """The action of the repository that a step runs, if it runs one."""
        path = action_of(step)
        if not path.startswith("./") and path not in (".", "$"):
            return None
        path = posixpath.normpath(path)
        if path not in self._actions:
            self._actions[path] = self._read_action(path)
        return self._actions[path]

    def actions(self) -> list[Action]:
        """The actions of the repository that some workflow or another action runs."""
        todo = [job.steps for w in self.workflows.values() for job in w.jobs.values()]
        found: dict[str, Action] = {}
        while todo:
            for action in map(self.action, todo.pop()):
                if action is not None and action.file not in found:
                    found[action.file] = action
                    todo.append(action.steps)
        return list(found.values())

    def lines(self, file: str) -> Sequence[str]:
        """The lines of a file that was read."""
        if file not in self._lines:
            data = self.read(file) or b""
            self._lines[file] = lines_of(data.decode("utf-8-sig", "replace"))
        return self._lines[file]

    @cached_property
    def extremes(self) -> tuple[State, State]:
        """Every surface is awake, and none is."""
        jobs = [job for w in self.workflows.values() for job in w.jobs.values()]
        return State(frozenset(name for job in jobs for name in self.surfaces(job))), State()

    def contexts(
        self, workflow: Workflow, job: Job | None, step: int | None, state: State
    ) -> Mapping[str, Value]:
        """What an expression may read: of a step by its number, of a job, or of no job."""
        key = (id(workflow), id(job), step, state)
        if key not in self._contexts:
            self._contexts[key] = self._made_contexts(workflow, job, step, state)
        return self._contexts[key]

    def _made_contexts(
        self, workflow: Workflow, job: Job | None, step: int | None, state: State
    ) -> Mapping[str, Value]:
        def outputs(name: str) -> Value:
            one = workflow.jobs.get(name)
            return self.job_outputs(one, state) if one is not None else Partial()

        if job is None:
            jobs = {n: {"outputs": outputs(n), "result": UNKNOWN} for n in workflow.jobs}
            return {"jobs": jobs}
        before = job.steps if step is None else job.steps[:step]
        needs: dict[str, Value] = {
            need.text: {"outputs": outputs(need.text), "result": UNKNOWN} for need in job.needs
        }
        return {"needs": needs, "steps": self.steps_context(before, state)}

    def job_outputs(
        self, job: Job, state: State, level: int = 0, only: Collection[str] | None = None
    ) -> Outputs:
        """What `needs.JOB.outputs` is after a success; ``only`` those, in lower case."""
        if only is not None and job.uses is None:
            return self._own_outputs(job, state, level, only)
        key = (id(job), state)
        if key not in self._known:
            self._known[key] = Partial()  # while it is asked for, in case needs go in a circle
            self._known[key] = self._job_outputs(job, state, level)
        return self._known[key]

    def steps_context(self, steps: Sequence[Step], state: State, level: int = 0) -> Outputs:
        """The context `steps` behind these steps."""
        found: dict[str, Value] = {}
        for step in steps:
            if step.id is not None:
                outputs = self.step_outputs(step, state, level)
                passed = {} if state.failed else passed_on(step)
                known = {"steps": found}
                told = {n: text_of(text, known, state.assumed) for n, text in passed.items()}
                outputs = {**outputs, **told} if told else outputs
                if step.condition is not None and state.assumed is False:
                    # It does not run; one that detects does, or nothing would be told.
                    outputs = outputs if self._detects(step, level) else {}
                found[step.id] = {
                    "outputs": outputs,
                    "outcome": UNKNOWN,
                    "conclusion": UNKNOWN,
                }
        return found

    def step_outputs(self, step: Step, state: State, level: int = 0) -> Outputs:
        """What `steps.ID.outputs` is."""
        if state.failed:
            return {}
        found = self.detector(step)
        if found is not None:
            return found.outputs(state.awake, state.determined)
        action = self.action(step)
        if action is not None:
            return self._action_outputs(action, state, level)
        return written_outputs(step)

    def _detects(self, step: Step, level: int) -> bool:
        """Whether a step detects, itself or by an action of the repository."""
        return any(True for _ in self._surfaces_of_steps([step], level))

    def _action_outputs(self, action: Action, state: State, level: int) -> Outputs:
        if not action.is_composite or level >= _LEVELS:
            return Partial(dict.fromkeys(action.outputs, UNKNOWN))
        key = (id(action), state)
        if key not in self._known:
            self._known[key] = Partial()  # while it is asked for, in case it runs itself
            context = self.steps_context(action.steps, state, level + 1)
            self._known[key] = _Texts(action.outputs, {"steps": context}, state)
        return self._known[key]

    def detector(self, step: Step) -> Detector | None:
        """What a step itself detects, if it does."""
        if id(step) not in self._detectors:
            action = self.action(step)
            # The action at the root is one that detects if it says so.
            other = action is not None and not {"asleep", "surfaces"} <= {*action.outputs}
            self._detectors[id(step)] = (
                None if other else detector(step, self.filters, self.read)
            )
        return self._detectors[id(step)]

    def surfaces(self, job: Job) -> tuple[str, ...]:
        """The names that the outputs of a job may tell of, in order."""
        return self._surfaces(job, 0)

    def _surfaces(self, job: Job, level: int) -> tuple[str, ...]:
        if id(job) not in self._told:
            self._told[id(job)] = ()
            self._told[id(job)] = tuple(dict.fromkeys(self._surfaces_of_job(job, level)))
        return self._told[id(job)]

    def _surfaces_of_job(self, job: Job, level: int) -> Iterator[str]:
        other = self.workflows.get(called(job) or "")
        if other is not None and level < _LEVELS:
            for inner in other.jobs.values():
                yield from self._surfaces(inner, level + 1)
        yield from self._surfaces_of_steps(job.steps, level)
        if level < _LEVELS and _passes_on(job):
            jobs = self._beside.get(id(job), {})
            for need in job.needs:
                if need.text in jobs:
                    yield from self._surfaces(jobs[need.text], level + 1)

    def _surfaces_of_steps(self, steps: Sequence[Step], level: int) -> Iterator[str]:
        for step in steps:
            found, action = self.detector(step), self.action(step)
            if found is not None:
                yield from found.surfaces
            elif action is not None and level < _LEVELS:
                if id(action) not in self._told:
                    self._told[id(action)] = ()
                    inner = self._surfaces_of_steps(action.steps, level + 1)
                    self._told[id(action)] = tuple(dict.fromkeys(inner))
                yield from self._told[id(action)]

    def _job_outputs(self, job: Job, state: State, level: int) -> Outputs:
        if job.uses is None:
            return self._own_outputs(job, state, level)
        other = self.workflows.get(called(job) or "")
        if other is None or level >= _LEVELS:
            return Partial()
        inner: dict[str, Value] = {
            name: {"outputs": self.job_outputs(one, state, level + 1), "result": SUCCESS}
            for name, one in other.jobs.items()
        }
        return _Texts(other.outputs, {"jobs": inner}, state)

    def _own_outputs(
        self, job: Job, state: State, level: int, only: Collection[str] | None = None
    ) -> Outputs:
        texts = job.outputs
        if only is not None:
            texts = {name: text for name, text in texts.items() if name.lower() in only}
        steps = self.steps_context(job.steps, state, level) if texts else {}
        needs = self._needs(job, state, level)
        return _Texts(texts, {"steps": steps, "needs": needs}, state)

    def _needs(self, job: Job, state: State, level: int) -> dict[str, Value]:
        """The context `needs` of a job, for what it passes on."""
        jobs = self._beside.get(id(job), {})
        if level >= _LEVELS or not any(
            "needs." in w.text.lower() for w in job.outputs.values()
        ):
            return {}
        return {
            need.text: {"outputs": self.job_outputs(jobs[need.text], state, level + 1)}
            for need in job.needs
            if need.text in jobs
        }

    def _read_action(self, path: str) -> Action | None:
        if path.startswith(("/", "..")):
            return None
        for name in FILES:
            file = posixpath.normpath(posixpath.join(path, name))
            data = self.read(file)
            if data is None:
                continue
            try:
                return parse_action(data, file)
            except WorkflowError as error:
                self.refused.append(error)
                return None
        return None


class _Texts(Mapping[str, Value]):
    """What texts come to, each made when it is asked for: there are many, and few are."""

    def __init__(
        self, texts: Mapping[str, Written], contexts: Mapping[str, Value], state: State
    ) -> None:
        self._texts = texts
        self._contexts = contexts
        self._assumed = state.assumed
        self._known: dict[str, Value] = {}

    def __getitem__(self, name: str) -> Value:
        if name not in self._known:
            text = self._texts[name].text
            self._known[name] = text_of(text, self._contexts, self._assumed)
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)


def _passes_on(job: Job) -> bool:
    """Whether outputs of its needs are outputs of it."""
    return any("needs" in written.text.lower() for written in job.outputs.values())
