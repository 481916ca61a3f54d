"""The files that a gate is judged by: the filters, and the workflow that it is part of."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from impact.cli.committed import load_committed
from impact.cli.event import Event
from impact.cli.place import load_filters
from impact.cli.repository import COMMIT, RunRepository, history_of, runner_workflow
from impact.config.document import MAX_BYTES
from impact.errors import UsageError
from impact.model import Filters
from impact.quoting import quote
from impact.workflows.workflow import FOLDER, Workflow, called, parse_workflow

_LEVELS = 10
"""So deep can workflows call each other:
https://docs.github.com/en/actions/reference/workflows-and-actions/reusing-workflow-configurations"""
_FILES = 200

Read = Callable[[str], bytes]
"""The contents of a file by its path from the root; `UsageError` where it has none."""


@dataclass(frozen=True, slots=True)
class RunFiles:
    """The filters, the workflow, and by path the workflows of this repository it calls.

    ``workflow`` is None where it is not known which it is, outside of a runner.
    """

    filters: Filters
    workflow: Workflow | None
    called: Mapping[str, Workflow] = field(default_factory=dict)


def read_run_files(
    directory: str, event: Event | None, filters: str | None, workflow: str | None
) -> RunFiles:
    """The files as they are checked out, else those of the run's commit.

    ``filters`` and ``workflow`` are as the user named them, relative to the directory where
    something is checked out.  Raises `UsageError`, `FiltersError`, `WorkflowError` and
    `GitError`.
    """
    run = RunRepository(directory, event)
    if run.checked_out and run.pinned is None:
        read = _on_disk(run.root)
        path = workflow
        if workflow is not None:
            path = os.path.relpath(
                os.path.join(os.path.realpath(directory), workflow), run.root
            )
        found = _workflow(read, path or _of_runner() or _by_title(read, run.root))
        return RunFiles(load_filters(directory, run.root, filters), *found)
    from impact.vcs.private import Limits

    with run.store(asked=False, limits=Limits()) as store:
        history = history_of(store)
        commit = run.pinned or store.head
        if commit is None:
            raise UsageError("nothing is checked out, and $GITHUB_SHA names no commit")
        stated = os.environ.get("GITHUB_WORKFLOW_SHA", "")
        at = stated if COMMIT.match(stated) else commit

        def read_committed(path: str) -> bytes:
            for entry in history.files(at, (path,)):
                if entry.blob is not None:
                    return history.contents(entry.blob)
            raise UsageError(f"there is no file {quote(path)} in the commit {at}")

        loaded = load_committed(history, commit, filters)
        return RunFiles(loaded, *_workflow(read_committed, workflow or _of_runner()))


def read_workflow(root: str, path: str) -> Workflow:
    """A workflow file on the disk; ``path`` is the one from the root.

    Raises `UsageError` where it cannot be read, `WorkflowError` where it is none.
    """
    return parse_workflow(_on_disk(root)(path), path)


def _workflow(read: Read, path: str | None) -> tuple[Workflow | None, dict[str, Workflow]]:
    """The workflow of a path, and what it calls."""
    if path is None:
        if os.environ.get("GITHUB_ACTIONS") == "true":
            raise UsageError(
                "it is not known which workflow this is: $GITHUB_WORKFLOW_REF is not set; "
                "name its file with --workflow"
            )
        return None, {}
    workflow = parse_workflow(read(path), path)
    found: dict[str, Workflow] = {}
    for file in _called(read, workflow, found):
        found[file.file] = file
    return workflow, found


def _called(
    read: Read, workflow: Workflow, seen: Mapping[str, Workflow], level: int = 1
) -> Iterator[Workflow]:
    """The workflows of this repository that a workflow calls, each once."""
    for job in workflow.jobs.values():
        path = called(job)
        if path is None or path in seen or level > _LEVELS:
            continue
        inner = parse_workflow(read(path), path)
        yield inner
        yield from _called(read, inner, seen, level + 1)


def _of_runner() -> str | None:
    """The path of the run's workflow, if the runner gives it."""
    found = runner_workflow()
    if found is None:
        return None
    repository, path = found
    if repository.casefold() != os.environ.get("GITHUB_REPOSITORY", repository).casefold():
        raise UsageError(
            f"the workflow is one of another repository, {quote(repository)}; "
            "name its file in a checkout with --workflow"
        )
    return path


def _by_title(read: Read, root: str) -> str | None:
    """The one workflow of the name that a runner gives which does not give its path."""
    title = os.environ.get("GITHUB_WORKFLOW")
    if not title or os.environ.get("GITHUB_ACTIONS") != "true":
        return None
    try:
        names = sorted(os.listdir(os.path.join(root, FOLDER)))
    except OSError:
        return None
    paths = [f"{FOLDER}/{name}" for name in names if name.endswith((".yml", ".yaml"))]
    found = [
        workflow.file
        for workflow in (parse_workflow(read(path), path) for path in paths[:_FILES])
        if title in ({workflow.title} if workflow.title else {workflow.file, workflow.name})
    ]
    return found[0] if len(found) == 1 else None


def _on_disk(root: str) -> Read:
    def read(path: str) -> bytes:
        try:
            file = os.path.join(root, path)
            if not stat.S_ISREG(os.lstat(file).st_mode):
                raise UsageError(f"{quote(path)} is no regular file")
            with open(file, "rb") as stream:
                return stream.read(MAX_BYTES + 1)
        except OSError as error:
            raise UsageError(f"{quote(path)} cannot be read: {error.strerror}") from None

    return read
