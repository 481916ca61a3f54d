"""What became of files that are not tracked any more, from the history at hand."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import islice

from impact.errors import GitError
from impact.past import STAGED, Step, places_of
from impact.pattern import compile_pattern
from impact.tracked import Tracked, escaped, is_pattern
from impact.vcs.diff import decode_path
from impact.vcs.git import Git
from impact.vcs.process import Answer

COMMITS = 20_000
"""So many commits are looked through, newest first."""
SECONDS = 30
"""So long git may look at most; a hint is not worth more."""
_MOVES = 50
"""So many moves are followed from one place to the next."""


class History:
    """In which commit each path left for good; read once, when first asked for."""

    def __init__(self, git: Git, tracked: Tracked) -> None:
        self._git = git
        self._tracked = tracked
        self._deleted = Tracked(())
        self._left: dict[str, str] = {}
        self._order: dict[str, int] = {}
        self._renames: dict[str, dict[str, str]] = {}
        self._uncertain: set[str] = set()

    def __call__(self, patterns: Sequence[str]) -> dict[str, Sequence[Step]]:
        """What became of the last files that each pattern matched; see `impact.past.Past`."""
        try:
            self._read()
            found = {text: self._steps(text) for text in patterns}
        except (GitError, TimeoutError):
            return {}  # a clone without its trees, say: what is not at hand tells nothing
        return {text: steps for text, steps in found.items() if steps}

    def _read(self) -> None:
        options = ("--raw", "-r", "-z", "--no-renames", "--diff-filter=AD")
        staged = self._git.call(
            "diff-index", "--cached", *options, "HEAD", "--", timeout=SECONDS
        )
        commits = self._git.run("rev-list", f"--max-count={COMMITS}", "HEAD", "--")
        answer = self._ask("--stdin", *options, given=commits)
        if answer.status or staged.status:
            raise GitError(f"git diff-tree failed: {answer.complaint}")
        commit, self._order[STAGED] = STAGED, 0
        last: dict[str, str | None] = {}
        fields = iter((staged.output + answer.output).split(b"\0"))
        for field in fields:
            if field.startswith(b":"):
                # Added last, it left in a way that is not told: in a merge, perhaps.
                left = commit if field.endswith(b"D") else None
                last.setdefault(decode_path(next(fields)), left)
            elif field:
                commit = field.decode()
                self._order[commit] = len(self._order)
        self._left = {path: left for path, left in last.items() if left is not None}
        self._deleted = Tracked(self._left)

    def _ask(self, *arguments: str, given: bytes | None = None) -> Answer:
        """Plumbing, so that no setting has a say: `git log` can be told to run programs."""
        return self._git.call("diff-tree", *arguments, timeout=SECONDS, given=given)

    def _staged(self, *options: str) -> Answer:
        return self._git.call("diff-index", "--cached", *options, "HEAD", "--", timeout=SECONDS)

    def _steps(self, pattern: str) -> list[Step]:
        steps: list[Step] = []
        before = len(self._order)
        while len(steps) < _MOVES and (step := self._step(pattern, before)):
            steps.append(step)
            if step.to is None or self._tracked.has(step.to.removesuffix("/")):
                break
            before = self._order[step.commit]
            pattern = escaped(step.to)
            if not is_pattern(pattern):
                break
        return steps

    def _step(self, pattern: str, before: int) -> Step | None:
        """The last departure, before so many commits have passed, of what a pattern matches."""
        paths = [self._deleted.text(number) for number in self._deleted.matching(pattern)]
        last = {
            path: self._left[path] for path in paths if self._order[self._left[path]] < before
        }
        if not last:
            return None
        commit = min(last.values(), key=self._order.__getitem__)
        paths = sorted(path for path, one in last.items() if one == commit)
        renames = self._renamed(commit)
        moves = [(path, renames[path]) for path in paths if path in renames]
        places = places_of(_unit(pattern, path, target) for path, target in moves)
        example = moves[0] if moves else None
        return Step(commit, len(paths), places, example, commit not in self._uncertain)

    def _renamed(self, commit: str) -> dict[str, str]:
        """Where the files went that a commit renamed, or wrote anew under the same name."""
        if commit not in self._renames:
            rows = self._changed(commit, "-M")
            if rows is None:
                # Without contents, which a clone need not have, not every move can be seen.
                rows = self._changed(commit, "-M100%") or []
                self._uncertain.add(commit)
            renames = {row[1]: row[2] for row in rows if row[0][0] == "R"}
            alone = {
                (deleted[0], added[0])
                for deleted, added in _by_name(rows).values()
                if len(deleted) == len(added) == 1
            }
            if alone:  # a quarter alike is enough for them
                rows = self._changed(commit, "-M25%") or []
                renames |= {
                    old: new for _, old, *new_ in rows for new in new_ if (old, new) in alone
                }
            self._renames[commit] = renames
        return self._renames[commit]

    def _changed(self, commit: str, detection: str) -> list[list[str]] | None:
        """What a commit added, deleted and renamed: the letter, and one path or two.

        None where git cannot tell.
        """
        options = ("--name-status", "-r", "-z", "-l2000", "--diff-filter=ADR", detection)
        if commit == STAGED:
            answer = self._staged(*options)
        else:
            answer = self._ask("--no-commit-id", *options, commit, "--")
        if answer.status:
            return None
        names = iter([decode_path(field) for field in answer.output.split(b"\0")[:-1]])
        return [[name, *islice(names, 1 + (name[0] == "R"))] for name in names]


def _by_name(rows: Sequence[Sequence[str]]) -> dict[str, tuple[list[str], list[str]]]:
    """The paths that were deleted, and those that were added, by the files' names."""
    found: dict[str, tuple[list[str], list[str]]] = {}
    for letter, path, *_ in rows:
        if letter in ("A", "D"):
            sides = found.setdefault(path.rpartition("/")[2], ([], []))
            sides[letter == "A"].append(path)
    return found


def _unit(pattern: str, path: str, target: str) -> str:
    """Where what the pattern matched went: the file, or the directory that it was in."""
    compiled = compile_pattern(pattern)
    parts = path.split("/")
    for count in range(1, len(parts)):
        directory = "/".join(parts[:count])
        if compiled.matches(os.fsencode(directory), directory=True):
            rest = path[len(directory) :]
            if target.endswith(rest) and target != rest[1:]:
                return target.removesuffix(rest) + "/"
            break
    return target
