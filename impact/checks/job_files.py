"""The tracked files that a job uses by name: its workflow, actions, and what scripts name."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from impact.model import Place
from impact.scripts.files import ROOT
from impact.scripts.shell import is_available
from impact.scripts.uses import Followed, follow
from impact.tracked import Tracked
from impact.workflows.action import Action
from impact.workflows.evaluate import (
    EvaluationError,
    Functions,
    Partial,
    Value,
    evaluate,
    truth,
)
from impact.workflows.given import inputs_of, rendered
from impact.workflows.lexer import ExpressionError
from impact.workflows.nodes import Call, Literal, walk
from impact.workflows.project import Project
from impact.workflows.sites import condition_of, expressions_of
from impact.workflows.workflow import Job, Step, Workflow, Written, called

_SHELLS = ("bash", "sh")
_LONGEST = 1_000_000
_DEEPEST = 10
_PRODUCED = re.compile(
    r"out|dest|artifact|report|save|upload|target|tag|label|image|name", re.I
)
"""Inputs of actions that name what is made, or no file at all."""
_MAKERS = frozenset({"actions/cache", "actions/upload-artifact", "actions/download-artifact"})
_ELSEWHERE = "a checkout of other files, or elsewhere: what follows may be of those"
_HASHED = "a pattern of files, which may or may not matter"
_OTHER = "a script of another shell than sh or bash"
_NOT_INSTALLED = "a script, and what reads scripts is not installed"
_BUILD = "docker/build-push-action"
_OF_RUNNER = {"CI": "true", "GITHUB_ACTIONS": "true"}
"""What a runner sets in the environment of every step.
https://docs.github.com/en/actions/reference/workflows-and-actions/variables#default-environment-variables
"""
_ALL_IS_WELL: Functions = {
    "success": lambda *_: True,
    "failure": lambda *_: False,
    "cancelled": lambda *_: False,
    "always": lambda *_: True,
}
_SET = re.compile(r"([A-Za-z_]\w*)(?:=|<<)")


@dataclass(frozen=True, slots=True)
class FileUse:
    """A tracked file that a job uses; a directory ends in a slash.

    ``file`` and ``place``: where in a workflow or an action that is written, in a text that
    begins in the line ``block``.  ``through``: the way from there, in words.
    """

    path: str
    file: str
    place: Place
    through: tuple[str, ...] = ()
    block: int | None = None


@dataclass(frozen=True, slots=True)
class Untold:
    """A part of a script that may use files that cannot be told."""

    file: str
    place: Place
    words: str


@dataclass(slots=True)
class JobFiles:
    """Everything that a job uses, and what cannot be told of it."""

    uses: list[FileUse] = field(default_factory=list)
    untold: list[Untold] = field(default_factory=list)


class TrackedFiles:
    """The tracked files, as scripts ask for them."""

    def __init__(self, project: Project, tracked: Tracked) -> None:
        self._project = project
        self.numbers = {tracked.text(n): n for n in range(len(tracked.paths))}

    @cached_property
    def _names(self) -> Mapping[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for path in self.numbers:
            while path:
                path, _, name = path.rpartition("/")
                if name in found[path]:
                    break
                found[path].add(name)
        return dict(found)

    def read(self, path: str) -> str | None:
        """The text of a file."""
        data = self._project.read(path) if path in self.numbers else None
        if data is None or len(data) > _LONGEST or b"\0" in data:
            return None
        return data.decode("utf-8", "replace")

    def is_file(self, path: str) -> bool:
        """Whether it is a tracked file."""
        return path in self.numbers

    def is_directory(self, path: str) -> bool:
        """Whether a tracked file lies beneath it."""
        return path in self._names

    def names(self, path: str) -> Iterable[str]:
        """The names in a directory."""
        return self._names.get(path, ())


@dataclass(frozen=True, slots=True)
class _Context:
    """What the steps of a job, or of an action that it runs, stand in."""

    file: str
    job: Job
    env: Mapping[str, str]
    action: str | None = None
    through: tuple[str, ...] = ()
    inputs: Mapping[str, Value] | None = None

    @property
    def known(self) -> Mapping[str, Value]:
        """The contexts of which something is known."""
        here = {} if self.action is None else {"action_path": f"{ROOT}/{self.action}"}
        known: dict[str, Value] = {
            "env": Partial({n: text for n, text in self.env.items() if "${{" not in text}),
            "github": Partial({"workspace": ROOT, **here}),
        }
        return known if self.inputs is None else {**known, "inputs": self.inputs}

    def skips(self, condition: Written | None) -> bool:
        """Whether a condition is false as long as all goes well.

        What runs for what failed already is no reason to run the job.
        """
        if condition is None:
            return False
        try:
            asked = condition_of(condition.text)
            return truth(evaluate(asked, self.known, _ALL_IS_WELL)) is False
        except (ExpressionError, EvaluationError):
            return False


class Uses:
    """The files that the jobs of a project use."""

    def __init__(self, project: Project, tracked: Tracked) -> None:
        self._project = project
        self._known: dict[int, JobFiles] = {}
        self._followed: dict[tuple[str, str, tuple[tuple[str, str], ...]], Followed] = {}
        self.files = TrackedFiles(project, tracked)

    def of_job(self, workflow: Workflow, job: Job) -> JobFiles:
        """What a job uses, its workflow first, and those that it calls."""
        if id(job) not in self._known:
            self._known[id(job)] = self._all_of_job(workflow, job)
        return self._known[id(job)]

    def _all_of_job(self, workflow: Workflow, job: Job) -> JobFiles:
        found = JobFiles()
        found.uses.append(FileUse(workflow.file, workflow.file, job.place))
        self._of_job(workflow.file, job, (), found, {workflow.file})
        tracked = (use for use in found.uses if self._is_tracked(use.path))
        found.uses = list(dict.fromkeys(tracked))
        return found

    def _is_tracked(self, path: str) -> bool:
        if path.endswith("/"):
            return self.files.is_directory(path[:-1])
        return self.files.is_file(path)

    def _of_job(
        self,
        file: str,
        job: Job,
        through: tuple[str, ...],
        found: JobFiles,
        seen: set[str],
        inputs: Mapping[str, Value] | None = None,
    ) -> None:
        env = {name: written.text for name, written in job.env.items()}
        for name in self._changed(job.steps):
            env.pop(name, None)
        context = _Context(file, job, env, None, through, inputs)
        if context.skips(job.condition):
            return
        other = self._project.workflows.get(called(job) or "")
        if other is not None and job.uses is not None and other.file not in seen:
            seen.add(other.file)
            found.uses.append(FileUse(other.file, file, job.uses.place, through))
            given = inputs_of(other.inputs, job.given, context.known)
            for inner in other.jobs.values():
                self._of_job(other.file, inner, (*through, other.file), found, seen, given)
        self._of_steps(job.steps, context, found, seen)

    def _of_steps(
        self, steps: Iterable[Step], context: _Context, found: JobFiles, seen: set[str]
    ) -> None:
        for step in steps:
            action = self._project.action(step)
            if context.skips(step.condition):
                continue
            if step.uses is not None and _is_checkout_of_another(step):
                # What is where is not known from here on.
                found.untold.append(Untold(context.file, step.uses.place, _ELSEWHERE))
                return
            if step.run is not None:
                self._of_script(step, step.run, context, found)
            elif action is not None and step.uses is not None:
                given = inputs_of(action.inputs, step.given, context.known)
                self._of_action(action, step.uses, given, context, found, seen)
            elif step.uses is not None:
                found.uses.extend(self._of_inputs(step, step.uses, context, found))
            self._of_hashes(step, context, found)

    def _changed(self, steps: Sequence[Step]) -> Iterator[str]:
        """The variables that steps write for those behind them, in local actions too."""
        todo, seen = list(steps), set[str]()
        for step in todo:  # grows while it is walked
            action = self._project.action(step)
            if action is not None and action.file not in seen:
                seen.add(action.file)
                todo += action.steps
            if step.run is not None and "GITHUB_ENV" in step.run.text:
                yield from _SET.findall(step.run.text)

    def _of_action(
        self,
        action: Action,
        written: Written,
        inputs: Mapping[str, Value],
        context: _Context,
        found: JobFiles,
        seen: set[str],
    ) -> None:
        place, folder = written.place, posixpath.dirname(action.file)
        found.uses.append(FileUse(action.file, context.file, place, context.through))
        for name in action.main:
            path = posixpath.normpath(posixpath.join(folder, name))
            through = (*context.through, action.file)
            found.uses.append(FileUse(path, context.file, place, through))
        key = f"{action.file} {sorted(inputs.items(), key=str)}"
        if key not in seen and len(context.through) < _DEEPEST:
            seen.add(key)
            through = (*context.through, action.file)
            inner = replace(
                context, file=action.file, action=folder, through=through, inputs=inputs
            )
            self._of_steps(action.steps, inner, found, seen)

    def _of_script(self, step: Step, run: Written, context: _Context, found: JobFiles) -> None:
        shell = step.shell or (context.job.shell if context.action is None else None)
        words = shell.text.split() if shell is not None else []
        windows = "windows" in context.job.machine.lower() and not words
        if not is_available() or windows or (words and words[0] not in _SHELLS):
            what = _OTHER if is_available() else _NOT_INSTALLED
            found.untold.append(Untold(context.file, run.place, what))
            return
        directory = step.directory or (
            context.job.directory if context.action is None else None
        )
        text = rendered(run.text, context.known)
        env = {**_OF_RUNNER, **context.env}
        env |= {name: one.text for name, one in step.env.items()}
        env = {name: rendered(value, context.known) for name, value in env.items()}
        if context.action is not None:
            env["GITHUB_ACTION_PATH"] = f"{ROOT}/{context.action}"
        where = "" if directory is None else rendered(directory.text, context.known)
        self._follow(text, where.removeprefix("./"), env, context, run, found)

    def _follow(
        self,
        text: str,
        directory: str,
        env: Mapping[str, str],
        context: _Context,
        written: Written,
        found: JobFiles,
    ) -> None:
        key = (text, directory, tuple(sorted(env.items())))
        if key not in self._followed:
            self._followed[key] = follow(text, directory, self.files, env)
        followed = self._followed[key]
        lines = written.text.split("\n")

        def place(line: int) -> Place:
            if len(lines) < 2:
                return written.place
            return _line_of(self._project.lines(context.file), written.place, lines, line)

        for use in followed.uses:
            through = (*context.through, *use.through)
            where, block = place(use.line), written.place.line
            found.uses.append(FileUse(use.path, context.file, where, through, block))
        for one in followed.unresolved:
            words = f"{one.text}: {one.reason}"
            found.untold.append(Untold(context.file, place(one.line), words))

    def _of_inputs(
        self, step: Step, uses: Written, context: _Context, found: JobFiles
    ) -> Iterator[FileUse]:
        """The inputs of an action of others that name a tracked file."""
        action = uses.text.partition("@")[0]
        if action == _BUILD and is_available():
            known = context.known
            given = {name: rendered(one.text, known) for name, one in step.given.items()}
            command = ["docker", "build", *(["-f", given["file"]] if "file" in given else [])]
            context_path = given.get("context", ".")
            text = shlex.join([*command, context_path])
            if "${{" not in text:
                self._follow(text, "", {}, context, uses, found)
            return
        for name, one in step.given.items():
            if action.split("/restore")[0] in _MAKERS or _PRODUCED.search(name):
                continue
            for line in rendered(one.text, context.known).splitlines():
                path = posixpath.normpath(line.strip()) if line.strip() else ""
                if self.files.is_file(path):
                    yield FileUse(path, context.file, one.place, context.through)
                elif name == "cache-dependency-path" and "*" in path:
                    found.untold.append(Untold(context.file, one.place, _HASHED))

    def _of_hashes(self, step: Step, context: _Context, found: JobFiles) -> None:
        """What `hashFiles` names in the inputs and variables of a step, as it is."""
        for one in (*step.given.values(), *step.env.values()):
            for expression in expressions_of(one.text) if "hashFiles" in one.text else ():
                for node in walk(expression):
                    if isinstance(node, Call) and node.function.lower() == "hashfiles":
                        for argument in node.arguments:
                            text = argument.value if isinstance(argument, Literal) else None
                            self._of_hashed(text, one, context, found)

    def _of_hashed(
        self, text: object, written: Written, context: _Context, found: JobFiles
    ) -> None:
        if isinstance(text, str) and self.files.is_file(text.removeprefix("./")):
            path = text.removeprefix("./")
            found.uses.append(FileUse(path, context.file, written.place, context.through))
        elif not isinstance(text, str) or "*" in text:
            found.untold.append(Untold(context.file, written.place, _HASHED))


def _is_checkout_of_another(step: Step) -> bool:
    """Whether it checks out another repository, or this one where it is not looked for."""
    if step.uses is None or step.uses.text.partition("@")[0] != "actions/checkout":
        return False
    given = {name: written.text.strip() for name, written in step.given.items()}
    other = given.get("repository", "")
    return (other != "" and "github.repository" not in other and "path" not in given) or (
        other == "" and given.get("path", ".") not in (".", "./", "")
    )


def _line_of(lines: Sequence[str], start: Place, script: Sequence[str], number: int) -> Place:
    """Where a line of a script over several lines stands."""
    wanted = script[number].strip() if number < len(script) else ""
    at = start.line
    if wanted and at + number < len(lines) + 1:
        for line in (at + number, *range(at - 1, min(len(lines), at + len(script) + 5))):
            if line < len(lines) and lines[line].strip() == wanted:
                return Place(line + 1, len(lines[line]) - len(lines[line].lstrip()) + 1)
    return start
