"""What the expressions of workflows and actions refer to, and is not there.

https://docs.github.com/en/actions/reference/workflows-and-actions/contexts
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from impact.config.tree import Text
from impact.quoting import quote
from impact.workflows.action import Action
from impact.workflows.evaluate import EvaluationError, Partial, Value, evaluate
from impact.workflows.expressions import Reference, references
from impact.workflows.nodes import Call, Expression, Index, Literal, Property, walk
from impact.workflows.outputs import Seen
from impact.workflows.project import Project
from impact.workflows.sites import Site, sites
from impact.workflows.workflow import Job, Step, Workflow, ancestors

_CONTEXTS = (
    *("github", "env", "vars", "job", "jobs", "steps", "runner", "secrets", "strategy"),
    *("matrix", "needs", "inputs"),
)
_SHOWN = 12
"""So many names are listed as those that there are."""
_CLOSE, _CLOSER = 0.6, 0.8
"""How alike names have to be: where all are known, and where there may be others."""


@dataclass(frozen=True, slots=True)
class Undefined:
    """A reference to nothing: where its text is, what is wrong, and what to write.

    ``certain``: false where there may be such a thing all the same.
    """

    text: Text
    start: int
    end: int
    message: str
    fix: str | None
    certain: bool = True


@dataclass(frozen=True, slots=True)
class _Scope:
    """What an expression may refer to: contexts where much is awake, and where nothing is."""

    site: Site
    contexts: Mapping[str, Value]
    asleep: Mapping[str, Value]
    job: Job | None = None
    workflow: Workflow | None = None
    steps: Sequence[Step] = ()


def undefined_in_workflow(project: Project, workflow: Workflow) -> Iterator[Undefined]:
    """All of a workflow, in the order of the file."""
    states = project.extremes
    for site in sites(workflow.root) if workflow.root is not None else ():
        job = workflow.jobs.get(site.job) if site.job is not None else None
        if site.job is not None and job is None:
            continue
        if job is None and site.keys[:2] != ("on", "workflow_call"):
            continue
        awake, asleep = (project.contexts(workflow, job, site.step, s) for s in states)
        steps = job.steps if job is not None else ()
        yield from _of_site(_Scope(site, awake, asleep, job, workflow, steps))


def undefined_in_action(project: Project, action: Action) -> Iterator[Undefined]:
    """All of an action of the repository."""
    for site in sites(action.root) if action.root is not None else ():
        before = action.steps if site.step is None else action.steps[: site.step]
        awake, asleep = ({"steps": project.steps_context(before, s)} for s in project.extremes)
        yield from _of_site(_Scope(site, awake, asleep, steps=action.steps))


def _of_site(scope: _Scope) -> Iterator[Undefined]:
    for expression in scope.site.expressions:
        for reference in references(expression):
            yield from _of_reference(scope, reference)
        for node in walk(expression):
            if isinstance(node, Property | Index):
                yield from _of_property(scope, node)
            elif isinstance(node, Call) and node.function.lower() == "contains":
                yield from _of_contains(scope, node)


def _of_reference(scope: _Scope, reference: Reference) -> Iterator[Undefined]:
    context, *path = reference.path
    value = scope.contexts.get(context.lower())
    if context.lower() not in _CONTEXTS:
        message = f"{quote('.'.join(reference.path))}: there is no context {quote(context)}"
        fix = instead(context, _CONTEXTS)
        yield Undefined(scope.site.text, reference.start, reference.end, message, fix)
    if value is None and context.lower() in ("needs", "steps", "jobs") and path:
        message = f"{quote('.'.join(reference.path))}: there is no context {context} here"
        yield Undefined(scope.site.text, reference.start, reference.end, message, None)
    for level, name in enumerate(path):
        if not isinstance(value, Mapping):
            return
        named = {key.lower(): key for key in value}
        if name.lower() not in named:
            text = scope.site.text
            written = ".".join(reference.path)
            found = _missing(scope, [context.lower(), *path[: level + 1]], value)
            if found is not None:
                message, fix, certain = found
                message = f"{quote(written)}: {message}"
                yield Undefined(text, reference.start, reference.end, message, fix, certain)
            return
        value = value[named[name.lower()]]


def _missing(
    scope: _Scope, path: Sequence[str], known: Mapping[str, Value]
) -> tuple[str, str | None, bool] | None:
    """What is wrong with a path of which the last name is not there, and what to write."""
    name = quote(path[-1])
    if isinstance(known, Partial) and not get_close_matches(path[-1], known, 1, _CLOSER):
        return None
    fix = instead(path[-1], known)
    match path:
        case ["needs", _]:
            return _missing_need(scope, path[-1], known)
        case ["steps", _]:
            return *_missing_step(scope, path[-1], known), True
        case ["jobs", _]:
            return f"there is no job {name}", fix, True
        case ["steps" | "needs" | "jobs" as context, owner, "outputs", _]:
            what = "step" if context == "steps" else "job"
            if isinstance(known, Partial | Seen):
                message = (
                    f"nothing sets an output {name} of the {what} {quote(owner)}, it seems"
                )
                return message, fix if known else None, False
            return f"the {what} {quote(owner)} has no output {name}", fix, True
        case ["steps" | "needs" | "jobs" as context, owner, _]:
            what = "a step" if context == "steps" else "a job"
            message = f"{what} has {', '.join(known)}, and no {name}"
            if get_close_matches(path[-1].lower(), known, 1, _CLOSE):
                return message, fix, True
            return message, f"perhaps {context}.{owner}.outputs.{path[-1]} is meant", True
    return None


def _missing_need(
    scope: _Scope, name: str, known: Collection[str]
) -> tuple[str, str | None, bool]:
    job, jobs = scope.job, scope.workflow.jobs if scope.workflow is not None else {}
    exact = {one.lower(): one for one in jobs}.get(name.lower())
    if job is None or exact is None:
        others = [one for one in jobs if job is None or one != job.id]
        return f"there is no job {quote(name)}", instead(name, known or others), True
    if exact == job.id:
        return f"{quote(name)} is the job itself, which cannot need itself", None, True
    fix = f"write `needs: [{', '.join([need.text for need in job.needs] + [exact])}]`"
    message = f"{quote(exact)} is not in the needs of {job.id}"
    if (
        len(scope.site.keys) == 3
        and scope.site.keys[-1] == "if"
        and exact in ancestors(job, jobs)
    ):
        # GitHub tells of it all the same: https://github.com/actions/runner/issues/2356.
        return f"{message}, but of what it needs: no documentation promises this", fix, False
    return f"{message}, so this is empty", fix, True


def _missing_step(scope: _Scope, name: str, known: Collection[str]) -> tuple[str, str | None]:
    for number, step in enumerate(scope.steps):
        if step.id is not None and step.id.lower() == name.lower():
            if number == scope.site.step:
                return f"{quote(name)} is the step itself", None
            message = f"the step {quote(name)} comes later, in line {step.place.line}"
            return f"{message}, so this is empty", "move it, or this"
    jobs = scope.workflow.jobs.values() if scope.workflow is not None else ()
    for job in jobs:
        if any(step.id is not None and step.id.lower() == name.lower() for step in job.steps):
            message = f"{quote(name)} is a step of the job {job.id}, not of this one"
            return message, f"run it here too, make it an output of {job.id}, or take this out"
    where = f"of {scope.job.id} " if scope.job is not None else ""
    return f"no step {where}has the id {quote(name)}", instead(name, known)


def instead(name: str, known: Collection[str]) -> str | None:
    """What to write in place of a name: the nearest one, else all that there are."""
    close = get_close_matches(name.lower(), [one.lower() for one in known], 1, _CLOSE)
    if close:
        exact = next(one for one in known if one.lower() == close[0])
        return f"did you mean {quote(exact)}?"
    if not known:
        return None
    shown = [quote(one) for one in list(known)[:_SHOWN]]
    more = f", and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
    return f"there are: {', '.join(shown)}{more}"


def _of_property(scope: _Scope, node: Property | Index) -> Iterator[Undefined]:
    """A name looked up in what a function gives: `fromJSON(...surfaces).NAME`."""
    name = node.name if isinstance(node, Property) else _literal(node.index)
    if name is None or _is_path(node.target) or not references(node.target):
        return
    value = _value(node.target, scope.contexts)
    if not isinstance(value, Mapping) or isinstance(value, Partial):
        return
    if name.lower() not in {key.lower() for key in value}:
        message = f"there is no surface {quote(name)}"
        yield Undefined(scope.site.text, node.start, node.end, message, instead(name, value))


def _of_contains(scope: _Scope, call: Call) -> Iterator[Undefined]:
    """A name looked for in a list of those that are awake, or of those asleep."""
    name = _literal(call.arguments[1]) if len(call.arguments) == 2 else None
    if name is None:
        return
    listed, unlisted = (
        _list(_value(call.arguments[0], contexts))
        for contexts in (scope.contexts, scope.asleep)
    )
    if listed is None or unlisted is None or bool(listed) == bool(unlisted):
        return
    names = [*listed, *unlisted]
    if name.lower() not in {one.lower() for one in names}:
        literal = call.arguments[1]
        message = f"there is no surface {quote(name)}"
        start, end = literal.start, literal.end
        yield Undefined(scope.site.text, start, end, message, instead(name, names))


def _literal(node: Expression) -> str | None:
    return node.value if isinstance(node, Literal) and isinstance(node.value, str) else None


def _is_path(node: Expression) -> bool:
    found = references(node)
    return len(found) == 1 and (found[0].start, found[0].end) == (node.start, node.end)


def _value(node: Expression, contexts: Mapping[str, Value]) -> Value:
    try:
        return evaluate(node, contexts)
    except EvaluationError:
        return None


def _list(value: Value) -> list[str] | None:
    """The names of an array, or of a text that is one in JSON."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return None
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return [one for one in value if isinstance(one, str)]
    return None
