"""What the checks look at: the filters file and the repository it is about."""

from __future__ import annotations

import os
from dataclasses import replace

from impact.checks.subject import Standing, Subject
from impact.cli.root import is_repository
from impact.cli.workflows import WorkflowFiles, disk_reader
from impact.model import Filters
from impact.tracked import Tracked


def load_subject(root: str, filters: Filters, share: float, files: WorkflowFiles) -> Subject:
    """The filters, with the tracked files and the history of the repository at the root.

    Raises `GitError` where there is a repository that git cannot read.
    """
    subject = Subject(
        filters,
        Tracked(()),
        Standing.NO_REPOSITORY,
        share=share,
        workflows=files.workflows,
        refused=files.refused,
        read=disk_reader(root, files.workflows),
    )
    if not is_repository(root):
        return subject
    from impact.vcs.files import is_ignored, tracked_files
    from impact.vcs.git import Git
    from impact.vcs.past import History

    git = Git.open(root)
    if index := os.environ.get("GIT_INDEX_FILE"):
        # Another file for the index, as `git commit --all` has while its hooks run.
        git = replace(git, environment={**git.environment, "GIT_INDEX_FILE": index})
    tracked = tracked_files(git)
    file = filters.file.encode("utf-8", "surrogateescape")
    standing = Standing.TRACKED
    if not tracked.paths:
        standing = Standing.NOTHING_TRACKED
    elif os.path.isabs(filters.file):
        standing = Standing.OUTSIDE
    elif any(file.startswith(path + b"/") for path in tracked.submodules):
        standing = Standing.IN_SUBMODULE
    elif file not in tracked.paths:
        standing = Standing.IGNORED if is_ignored(git, filters.file) else Standing.UNTRACKED
    past = History(git, tracked)
    return replace(subject, tracked=tracked, standing=standing, past=past)
