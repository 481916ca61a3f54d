"""The files that a gate is judged by: the filters, and the workflow that it is part of."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from impact.cli.committed import load_committed
from impact.cli.event import Event
from impact.cli.place import load_filters
from impact.cli.repository import COMMIT, RunRepository, history_of, runner_workflow
from impact.cli.root import is_repository
from impact.config.document import MAX_BYTES
from impact.errors import UsageError, WorkflowError
from impact.model import DEFAULT_FILES, Filters
from impact.quoting import quote
from impact.workflows.workflow import FOLDER, Workflow, called, parse_workflow

if TYPE_CHECKING:
    from impact.vcs.history import History

_LEVELS = 10
"""So deep can workflows call each other:
https://docs.github.com/en/actions/reference/workflows-and-actions/reusing-workflow-configurations"""
_FILES = 200

Read = Callable[[str], bytes]
"""The contents of a file by its path from the root; `UsageError` where it has none."""


@dataclass(frozen=True, slots=True)
class _Source:
    """Where workflow files are read, and the paths of those that there are."""

    read: Read
    names: Callable[[], list[str]]


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
    """The files of the commit that an event's run is for, else those on the disk.

    What is checked out in a run need not be that commit: a step or a test can have written
    it, an earlier job have left it behind.  It counts where the commit has no such file.
    ``filters`` and ``workflow`` are as the user named them, relative to the directory where
    something is checked out.  Raises `UsageError`, `FiltersError`, `WorkflowError` and
    `GitError`.
    """
    run = RunRepository(directory, event)
    if event is None or (run.checked_out and not is_repository(run.root)):
        return _on_disk(run.root, directory, filters, workflow)
    from impact.vcs.server import Limits

    with run.store(asked=False, limits=Limits()) as store:
        commit = run.pinned or store.head or store.checked_out()
        if commit is None and run.checked_out:
            return _on_disk(run.root, directory, filters, workflow)
        if commit is None:
            raise UsageError("nothing is checked out, and $GITHUB_SHA names no commit")
        stated = os.environ.get("GITHUB_WORKFLOW_SHA", "")
        at = stated if COMMIT.match(stated) and _is_own() else commit
        history = history_of(store)
        checked_out = store.checked_out() if run.pinned is None else None
        if run.checked_out:
            filters, workflow = (
                _from_root(run.root, directory, path) for path in (filters, workflow)
            )
        beside = _reader(run.root) if checked_out == at else None
        source = _Source(_committed(history, at, beside), lambda: _listed(history, at))
        outside = run.checked_out and filters is not None and _is_outside(filters)
        if outside or (checked_out == commit and not _has(history, commit, filters)):
            loaded = load_filters(run.root, run.root, filters)
        else:
            loaded = load_committed(history, commit, filters)
        return RunFiles(loaded, *_workflow(source, workflow))


def _on_disk(root: str, directory: str, filters: str | None, workflow: str | None) -> RunFiles:
    def names() -> list[str]:
        folder = os.path.join(root, FOLDER)
        return os.listdir(folder) if os.path.isdir(folder) else []

    source = _Source(_reader(root), lambda: [f"{FOLDER}/{name}" for name in names()])
    found = _workflow(source, _from_root(root, directory, workflow))
    return RunFiles(load_filters(directory, root, filters), *found)


def _from_root(root: str, directory: str, path: str | None) -> str | None:
    if path is None:
        return None
    whole = os.path.join(os.path.realpath(directory), path)
    real = os.path.join(os.path.realpath(os.path.dirname(whole)), os.path.basename(whole))
    return os.path.relpath(real, root)


def _is_outside(path: str) -> bool:
    return os.path.isabs(path) or path.split(os.sep)[0] == os.pardir


def _has(history: History, commit: str, filters: str | None) -> bool:
    names = DEFAULT_FILES if filters is None else (filters,)
    return bool(history.files(commit, names))


def _listed(history: History, commit: str) -> list[str]:
    return [entry.path for entry in history.files(commit, (f"{FOLDER}/",))]


def _committed(history: History, commit: str, beside: Read | None) -> Read:
    """Reads from a commit; what is not in it ``beside`` it, where that is allowed."""

    def read(path: str) -> bytes:
        path = os.path.normpath(path)
        if _is_outside(path) or "\0" in path:
            raise UsageError(f"{quote(path)} is no file of the repository")
        for entry in history.files(commit, (path,)):
            if entry.path == path and entry.blob is not None:
                return history.contents(entry.blob)
        if beside is not None:
            return beside(path)
        raise UsageError(f"there is no file {quote(path)} in the commit {commit}")

    return read


def read_workflow(root: str, path: str) -> Workflow:
    """A workflow file on the disk; ``path`` is the one from the root.

    Raises `UsageError` where it cannot be read, `WorkflowError` where it is none.
    """
    return parse_workflow(_reader(root)(path), path)


def read_called(root: str, workflow: Workflow) -> dict[str, Workflow]:
    """The workflows on the disk that a workflow calls.  Raises as `read_workflow` does."""
    return _called_workflows(_reader(root), workflow)


def _workflow(source: _Source, path: str | None) -> tuple[Workflow | None, dict[str, Workflow]]:
    """The workflow of a path, else the runner's, and what it calls."""
    path = path or _of_runner() or _by_title(source)
    if path is None:
        if os.environ.get("GITHUB_ACTIONS") == "true":
            raise UsageError(
                "the runner does not say which workflow this is ($GITHUB_WORKFLOW_REF); "
                "name its file with `workflow` (--workflow)"
            )
        return None, {}
    workflow = parse_workflow(source.read(path), path)
    return workflow, _called_workflows(source.read, workflow)


def _called_workflows(read: Read, workflow: Workflow) -> dict[str, Workflow]:
    """The workflows of this repository that a workflow calls, and those that these call."""
    found: dict[str, Workflow] = {}
    todo = [(workflow, 1)]
    while todo:
        caller, level = todo.pop()
        for job in caller.jobs.values():
            path = called(job)
            if path is None or path in found:
                continue
            if level > _LEVELS:
                raise UsageError(
                    f"{quote(caller.file)} calls workflows more than {_LEVELS} deep"
                )
            found[path] = parse_workflow(read(path), path)
            todo.append((found[path], level + 1))
    return found


def _of_runner() -> str | None:
    """The path of the run's workflow, if the runner gives it."""
    found = runner_workflow()
    if found is None:
        return None
    repository, path = found
    if not _is_own():
        raise UsageError(
            f"the workflow is one of another repository, {quote(repository)}; "
            "name its file in a checkout with `workflow` (--workflow)"
        )
    return path


def _is_own() -> bool:
    """Whether the run's workflow is one of the run's repository, as far as that is known."""
    found = runner_workflow()
    here = os.environ.get("GITHUB_REPOSITORY")
    return found is None or here is None or found[0].casefold() == here.casefold()


def _by_title(source: _Source) -> str | None:
    """The one workflow of the name that a runner gives which does not give its path."""
    title = os.environ.get("GITHUB_WORKFLOW")
    if not title or os.environ.get("GITHUB_ACTIONS") != "true":
        return None
    paths = sorted(path for path in source.names() if path.endswith((".yml", ".yaml")))
    found = []
    for path in paths[:_FILES]:
        with suppress(WorkflowError):  # that is not the one that runs
            workflow = parse_workflow(source.read(path), path)
            names = {workflow.title} if workflow.title else {workflow.file, workflow.name}
            found += [path] if title in names else []
    return found[0] if len(found) == 1 else None


def _reader(root: str) -> Read:
    def read(path: str) -> bytes:
        try:
            file = os.path.join(root, path)
            if not stat.S_ISREG(os.lstat(file).st_mode):
                raise UsageError(f"{quote(path)} is no regular file")
            with open(file, "rb") as stream:
                return stream.read(MAX_BYTES + 1)
        except OSError as error:
            raise UsageError(f"{quote(path)} cannot be read: {error.strerror}") from None
        except ValueError:
            raise UsageError(f"{quote(path)} cannot be the name of a file") from None

    return read
