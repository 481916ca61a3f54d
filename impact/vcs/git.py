"""A repository, asked with plumbing: commits, refs, and where git keeps its files."""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

from impact.errors import GitError, UsageError
from impact.vcs import ahead
from impact.vcs.process import OLDEST, Answer, Question

_ID = re.compile(rb"([0-9a-f]{40}|[0-9a-f]{64})\n")

_HOMES = ("HOME", "XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM")
"""What git finds a user's configuration by: https://git-scm.com/docs/git-config#FILES"""
_VERSION = ("version",)
_OPENING = ("rev-parse", "--show-toplevel", "--verify", "--quiet", "HEAD^{commit}")
"""The root and, where anything was committed, the commit that is checked out."""


@dataclass(frozen=True, slots=True)
class Git:
    """git in one directory, the ``root`` of a work tree once it was opened.

    ``config`` and ``environment`` are added to every call; ``network``: they ask a server.
    ``head``: the commit that is checked out, as it was opened.
    """

    root: str
    config: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    network: bool = False
    head: str | None = None

    @classmethod
    def open(cls, directory: str | os.PathLike[str] = ".") -> Git:
        """The repository that ``directory`` lies in.

        Raises `GitError` where git is missing, too old or refuses the repository, or takes
        another one for it, and
        `UsageError` where there is no such directory, no repository or no work tree.
        """
        git = cls._at(directory)
        place = git.root
        version, answer = git.calls(_VERSION, _OPENING)
        _check_version(version)
        if answer.status and "dubious ownership" in answer.errors:
            git = replace(git, environment={**git.environment, **_named(place)})
            answer = git.call(*_OPENING)
        if not answer.output:
            raise _not_opened(place, answer)
        printed, head = answer.output.removesuffix(b"\n"), None
        if not answer.status:
            printed, _, head = printed.rpartition(b"\n")
        root = os.fsdecode(printed)
        # With a broken .git, git finds the repository around it.
        if os.path.lexists(os.path.join(place, ".git")) and os.path.realpath(root) != place:
            raise GitError(f"{place}/.git is no repository of its own: git finds {root}")
        return replace(git, root=root, head=None if head is None else head.decode())

    @classmethod
    def open_ahead(cls, directory: str) -> None:
        """Begin to open, so that `open` has less to wait for."""
        git = cls._at(directory)
        ahead.begin(git._question(words) for words in (_VERSION, _OPENING))

    @classmethod
    def _at(cls, directory: str | os.PathLike[str]) -> Git:
        try:
            place = os.path.realpath(directory)
            found = os.path.isdir(place)
        except (OSError, ValueError):
            found = False
        if not found:
            raise UsageError(f"{os.fspath(directory)}: no such directory")
        return cls(place, environment=_away_from(place))

    @property
    def home(self) -> dict[str, str]:
        """Those of the variables that say where the user's configuration is."""
        return {name: self.environment[name] for name in _HOMES if name in self.environment}

    def call(
        self, *arguments: str, timeout: float | None = None, given: bytes | None = None
    ) -> Answer:
        """Run git to its end, whatever its exit status.

        Raises what `Question.begin` and `Running.answer` raise.
        """
        return self._question(arguments).begin(given, timeout).answer()

    def calls(self, *commands: Sequence[str]) -> list[Answer]:
        """Run git several times, side by side."""
        with ExitStack() as stack:
            running = [
                stack.enter_context(ahead.take(question) or question.begin())
                for question in map(self._question, commands)
            ]
            return [one.answer() for one in running]

    def _question(self, arguments: Sequence[str]) -> Question:
        return Question(
            self.root, tuple(arguments), self.config, self.environment, self.network
        )

    def run(self, *arguments: str) -> bytes:
        """What git prints.  Raises `GitError` with git's complaint where it fails."""
        return _printed(arguments, self.call(*arguments))

    def stream(self, *arguments: str) -> Generator[bytes, None, None]:
        """What git prints, piece by piece; to be closed where that is not read to its end.

        Raises as `run` does, behind the last piece.
        """
        with self._question(arguments).begin() as running:
            _printed(arguments, (yield from running.pieces()))

    def runs(self, *commands: Sequence[str]) -> list[bytes]:
        """What git prints each time, run side by side.  Raises as `run` does."""
        return list(map(_printed, commands, self.calls(*commands)))

    def path(self, name: str) -> str:
        """Where git keeps a file of its own, such as ``index`` or ``shallow``."""
        printed = self.run("rev-parse", "--git-path", name)
        return os.path.join(self.root, os.fsdecode(printed.removesuffix(b"\n")))

    def resolve(self, revision: str) -> str | None:
        """The id of the commit that a revision names; None if it names none here.

        Any text is safe: https://git-scm.com/docs/gitrevisions is the syntax.
        """
        return self._id(
            "rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}"
        )

    def ref(self, name: str) -> str | None:
        """The id that a full ref name stands for, exactly and whatever the text."""
        return self._id("show-ref", "--verify", "--hash", "--", name)

    def parents(self, commit: str) -> list[str]:
        """The parents that a commit names, present or not.

        Read from the object: everything else hides the parents at the edge of a shallow
        clone.  Raises `GitError` where the commit is missing.
        """
        return [value for name, value in self._headers(commit) if name == "parent"]

    def tree(self, commit: str) -> str:
        """The id of a commit's tree, present or not."""
        return dict(self._headers(commit))["tree"]

    def _headers(self, commit: str) -> list[tuple[str, str]]:
        headers = self.run("cat-file", "commit", commit).partition(b"\n\n")[0]
        lines = (line.partition(b" ") for line in headers.split(b"\n"))
        return [(name.decode(), value.decode(errors="replace")) for name, _, value in lines]

    def _id(self, *arguments: str) -> str | None:
        try:
            answer = self.call(*arguments)
        except ValueError:
            return None
        # rev-parse answers `^REV` with a `^` before the id, and succeeds.
        known = not answer.status and _ID.fullmatch(answer.output)
        return answer.output.decode().strip() if known else None


def check_version(directory: str) -> None:
    """Raises `GitError` where git is missing or too old."""
    _check_version(Git(directory).call(*_VERSION))


def _check_version(answer: Answer) -> None:
    printed = _printed(_VERSION, answer).decode(errors="replace").strip()
    numbers = re.match(r"git version \d+\.\d+", printed)
    if not numbers or _numbers(numbers[0]) < _numbers(OLDEST):
        found = printed.removeprefix("git version ").partition("\n")[0]
        raise GitError(f"git {found} is too old; install git {OLDEST} or later")


def _printed(arguments: Sequence[str], answer: Answer) -> bytes:
    if answer.status:
        raise GitError(f"git {arguments[0]} failed: {answer.complaint}")
    return answer.output


def _away_from(place: str) -> dict[str, str]:
    """Variables for a CI run whose home is in the work tree, whose files may be anybody's.

    On a laptop a home that is a repository is its owner's own.
    """
    if not os.environ.get("CI"):
        return {}
    found = {}
    for name in _HOMES:
        home = os.path.realpath(os.environ.get(name) or os.sep)
        if home == place or home.startswith(os.path.join(place, "")):
            found[name] = os.devnull
    return found


def _named(place: str) -> dict[str, str]:
    """Variables that name the repository around a place.

    git refuses to *discover* a repository of another user, for what its configuration may
    say to run.  A container job, in which root looks at the runner's checkout, is such a
    case, and nothing that is configured there ever runs here (`impact.vcs.process`).
    https://git-scm.com/docs/git-config#Documentation/git-config.txt-safedirectory
    """
    root = place
    while True:
        mark = os.path.join(root, ".git")
        if os.path.exists(os.path.join(mark, "HEAD")):
            return {"GIT_DIR": mark, "GIT_WORK_TREE": root}
        if os.path.isfile(mark):
            with open(mark, "rb") as file:
                target = os.fsdecode(file.read()).removeprefix("gitdir: ").rstrip("\n")
            return {"GIT_DIR": os.path.join(root, target), "GIT_WORK_TREE": root}
        if root == os.path.dirname(root):
            return {}
        root = os.path.dirname(root)


def _not_opened(place: str, answer: Answer) -> GitError | UsageError:
    if "not a git repository (or any" in answer.errors:
        return UsageError(f"{place} is in no git repository; --files-from needs none")
    if "must be run in a work tree" in answer.errors:
        return UsageError(f"{place} has no work tree: a bare repository or a .git directory")
    return GitError(f"git cannot read the repository at {place}: {answer.complaint}")


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]
