"""The jobs of a workflow file, with their places.

What GitHub refuses is not reported here: it never runs such a file.  What cannot be read
as what it should be is left out, but never `continue-on-error`, where it would do harm.
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from impact.config import tree
from impact.config.document import read_document
from impact.errors import WorkflowError
from impact.findings import Finding, Location
from impact.model import Place

_OF_INPUT = ("default", "type")
FOLDER = ".github/workflows"
"""Where GitHub looks for workflows, from the repository's root."""


@dataclass(frozen=True, slots=True)
class Written:
    """Text of a file: ``place`` is where its first character stands."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Input:
    """What an action or a called workflow takes: its default, empty without, and its type."""

    default: str
    kind: str


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a job or an action: ``uses`` is the action that it runs, ``given`` its inputs.

    ``run``: its script, ``shell`` what runs that where it says so, ``directory`` where, and
    ``env`` the variables that it is given.
    """

    place: Place
    id: str | None = None
    condition: Written | None = None
    uses: Written | None = None
    given: Mapping[str, Written] = field(default_factory=dict)
    hides_failure: Written | None = None
    run: Written | None = None
    shell: Written | None = None
    directory: Written | None = None
    env: Mapping[str, Written] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Job:
    """A job by its id.  ``place`` is that of the id.

    ``uses``: the reusable workflow that it calls.  ``hides_failure``: its
    ``continue-on-error`` where that is not plainly false, since GitHub then tells other
    jobs that it succeeded when it failed.  ``shell`` and ``directory``: the defaults of its
    scripts, ``env`` their variables, those of the workflow among them.  ``given``: the inputs
    of the workflow that it calls.  ``machine``: where it runs.
    """

    id: str
    place: Place
    needs: tuple[Written, ...] = ()
    condition: Written | None = None
    outputs: Mapping[str, Written] = field(default_factory=dict)
    uses: Written | None = None
    steps: tuple[Step, ...] = ()
    hides_failure: Written | None = None
    given: Mapping[str, Written] = field(default_factory=dict)
    shell: Written | None = None
    directory: Written | None = None
    env: Mapping[str, Written] = field(default_factory=dict)
    machine: str = ""


@dataclass(frozen=True, slots=True)
class PathFilter:
    """The paths for which alone an event runs a workflow, or with ``ignored`` does not.

    ``event`` has the name of the event, and the place of `paths` or `paths-ignore`.
    """

    event: Written
    patterns: tuple[Written, ...]
    ignored: bool


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow file; ``file`` is its path from the repository's root, or as given.

    ``title`` is its `name`; ``place`` is where its jobs begin.  ``events``: what runs it.
    ``path_filters``: the events that run it for some paths only, and where it says so.
    ``outputs``: what it passes on to a workflow that calls it, and ``inputs`` what it takes of
    what it is given by that.  ``root``: all of the file.
    """

    file: str
    jobs: Mapping[str, Job]
    place: Place
    title: str | None = None
    path_filters: tuple[PathFilter, ...] = ()
    events: tuple[str, ...] = ()
    outputs: Mapping[str, Written] = field(default_factory=dict)
    inputs: Mapping[str, Input] = field(default_factory=dict)
    root: tree.Node | None = field(default=None, repr=False, compare=False)

    @property
    def name(self) -> str:
        """The file's name, as `jobs` of a filters file has it before the colon."""
        return posixpath.basename(self.file)


def parse_workflow(data: bytes, file: str) -> Workflow:
    """The workflow of a file's bytes.

    Raises `WorkflowError` where it is not YAML, or has no jobs.
    """
    root = read_document(data, file)
    jobs = root.get("jobs") if isinstance(root, tree.Mapping) else None
    if not isinstance(jobs, tree.Mapping):
        place = jobs.place if jobs is not None else root.place
        message = "the file has no jobs, so it is no workflow"
        raise WorkflowError(
            [Finding("workflow", message, Location(file, place.line, place.column))]
        )
    title = root.get("name") if isinstance(root, tree.Mapping) else None
    events = root.get("on") if isinstance(root, tree.Mapping) else None
    defaults = _run_defaults(root)
    return Workflow(
        file,
        {key.value: _job(key, node, defaults) for key, node in jobs.entries},
        jobs.place,
        title.value if isinstance(title, tree.Text) else None,
        tuple(_path_filters(events)),
        tuple(_names(events)),
        read_values(_of_call(events, "outputs")),
        read_inputs(_of_call(events, "inputs")),
        root,
    )


def _path_filters(events: tree.Node | None) -> Iterator[PathFilter]:
    for event, given in events.entries if isinstance(events, tree.Mapping) else ():
        for key, value in given.entries if isinstance(given, tree.Mapping) else ():
            if key.value in ("paths", "paths-ignore"):
                listed = value.items if isinstance(value, tree.Sequence) else [value]
                patterns = tuple(text for text in map(_written, listed) if text is not None)
                where = Written(event.value, key.place)
                yield PathFilter(where, patterns, key.value == "paths-ignore")


def _names(events: tree.Node | None) -> list[str]:
    if isinstance(events, tree.Mapping):
        return [key.value for key, _ in events.entries]
    listed = events.items if isinstance(events, tree.Sequence) else [events]
    return [node.value for node in listed if isinstance(node, tree.Text)]


def _of_call(events: tree.Node | None, key: str) -> tree.Node | None:
    """What `on.workflow_call` says of a key."""
    node = events.get("workflow_call") if isinstance(events, tree.Mapping) else None
    return node.get(key) if isinstance(node, tree.Mapping) else None


def ancestors(job: Job, jobs: Mapping[str, Job]) -> list[str]:
    """All that a job needs, each behind what it needs itself: chains can be long."""
    found: dict[str, None] = {}
    seen: set[str] = set()
    todo = [(need.text, False) for need in job.needs]
    while todo:
        name, is_behind = todo.pop()
        if is_behind:
            found[name] = None
        elif name not in seen:
            seen.add(name)
            other = jobs.get(name)
            todo.append((name, True))
            todo += [(n.text, False) for n in (other.needs if other is not None else ())]
    return list(found)


def called(job: Job) -> str | None:
    """The file of this repository that the job calls as a reusable workflow, if any."""
    if job.uses is None or not job.uses.text.startswith(("./", "$/")):
        return None
    return posixpath.normpath(job.uses.text[2:])


def with_called(
    file: str, job: Job, others: Mapping[str, Workflow]
) -> Iterator[tuple[str, Job]]:
    """The job, and all those of the workflows that it calls, each with its file.

    ``others``: the workflows of this repository, by their paths.
    """
    seen: set[str] = set()
    todo = [(file, job)]
    while todo:
        file, job = todo.pop(0)
        yield file, job
        path = called(job)
        if path is not None and path in others and path not in seen:
            seen.add(path)
            todo += [(path, inner) for inner in others[path].jobs.values()]


_Defaults = tuple["Written | None", "Written | None", "dict[str, Written]"]


def _run_defaults(node: tree.Node) -> _Defaults:
    """The shell and the directory of `defaults.run`, and the variables of `env`."""
    found: tree.Node | None = node
    for key in ("defaults", "run"):
        found = found.get(key) if isinstance(found, tree.Mapping) else None
    texts = read_texts(found)
    env = read_texts(node.get("env") if isinstance(node, tree.Mapping) else None)
    return texts.get("shell"), texts.get("working-directory"), env


def _job(key: tree.Text, node: tree.Node, defaults: _Defaults) -> Job:
    if not isinstance(node, tree.Mapping):
        return Job(key.value, key.place)
    shell, directory, _ = _run_defaults(node)
    machine = node.get("runs-on")
    needs = node.get("needs")
    listed = needs.items if isinstance(needs, tree.Sequence) else [needs]
    return Job(
        id=key.value,
        place=key.place,
        needs=tuple(text for text in map(_written, listed) if text is not None),
        condition=_unless_null(node.get("if")),
        outputs=read_texts(node.get("outputs")),
        uses=_written(node.get("uses")),
        steps=read_steps(node.get("steps")),
        hides_failure=_unless_false(node.get("continue-on-error")),
        given=read_texts(node.get("with")),
        shell=shell or defaults[0],
        directory=directory or defaults[1],
        env={**defaults[2], **read_texts(node.get("env"))},
        machine=machine.value if isinstance(machine, tree.Text) else "",
    )


def read_steps(node: tree.Node | None) -> tuple[Step, ...]:
    """The steps of a job or of an action, those in `parallel` in the place of their group."""
    return tuple(_steps(node))


def _steps(node: tree.Node | None) -> Iterator[Step]:
    for step in node.items if isinstance(node, tree.Sequence) else ():
        if isinstance(step, tree.Mapping):
            group = step.get("parallel")
            yield from [_step(step)] if group is None else _steps(group)


def _step(node: tree.Mapping) -> Step:
    name = node.get("id")
    return Step(
        place=node.place,
        id=name.value if isinstance(name, tree.Text) else None,
        condition=_unless_null(node.get("if")),
        uses=_written(node.get("uses")),
        given=read_texts(node.get("with")),
        hides_failure=_unless_false(node.get("continue-on-error")),
        run=_written(node.get("run")),
        shell=_written(node.get("shell")),
        directory=_written(node.get("working-directory")),
        env=read_texts(node.get("env")),
    )


def _written(node: tree.Node | None) -> Written | None:
    return Written(node.value, _first(node)) if isinstance(node, tree.Text) else None


def _unless_null(node: tree.Node | None) -> Written | None:
    if isinstance(node, tree.Text) and node.plain and node.value.lower() in ("", "~", "null"):
        return None
    return _written(node)


def _first(node: tree.Text) -> Place:
    return node.raw_place or node.place


def read_texts(node: tree.Node | None) -> dict[str, Written]:
    """The texts of a mapping, by their keys."""
    entries = node.entries if isinstance(node, tree.Mapping) else []
    return {
        key.value: Written(value.value, _first(value))
        for key, value in entries
        if isinstance(value, tree.Text)
    }


def read_values(node: tree.Node | None) -> dict[str, Written]:
    """The `value` of each output of an action or of a workflow to call."""
    found = {}
    for key, output in node.entries if isinstance(node, tree.Mapping) else ():
        value = output.get("value") if isinstance(output, tree.Mapping) else None
        found[key.value] = _written(value) or Written("", key.place)
    return found


def read_inputs(node: tree.Node | None) -> dict[str, Input]:
    """The inputs of an action or of a workflow to call; those of an action are texts."""
    found = {}
    for key, given in node.entries if isinstance(node, tree.Mapping) else ():
        of_it = [given.get(n) if isinstance(given, tree.Mapping) else None for n in _OF_INPUT]
        default, kind = (one.value if isinstance(one, tree.Text) else "" for one in of_it)
        found[key.value] = Input(default, kind)
    return found


def _unless_false(node: tree.Node | None) -> Written | None:
    """What is written there, unless it is false; an expression may be anything."""
    if node is None:
        return None
    if not isinstance(node, tree.Text):
        return Written("", node.place)
    is_false = re.fullmatch(r"false|\$\{\{\s*false\s*\}\}", node.value, re.I)
    return None if is_false else Written(node.value, _first(node))
