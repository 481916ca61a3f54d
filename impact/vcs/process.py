"""How a git process starts: one argument list in a clean environment.

What asks a server goes through GitPython; what asks a repository on the disk is started
directly, for GitPython takes longer to import than most answers take.

Nothing that a checked-out tree or the caller's environment says may run a program or
change an answer: `ENVIRONMENT` and `CONFIG` hold what is fixed for every call, and of the
caller's ``GIT_*`` variables only those that `_KEPT` names are passed on.  Every git process
of impact starts in `Question.begin`.

Sources: the environment variables in https://git-scm.com/docs/git and
https://git-scm.com/docs/git-config.
"""

from __future__ import annotations

import os
import re
import selectors
import signal
import subprocess
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, cast

from impact.errors import GitError

if TYPE_CHECKING:
    from git.cmd import Git as GitPython

OLDEST = "2.30"
"""The oldest git that works."""

ENVIRONMENT = {
    "LC_ALL": "C",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": os.devnull,
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    # A partial clone must not fetch behind our back, which runs what its configuration
    # says.  GIT_NO_LAZY_FETCH is younger than `OLDEST`; refusing every protocol is not.
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
}

CONFIG = (
    # Empty, not false: before git 2.36 the value is the program to run.
    "core.fsmonitor=",
    "core.hooksPath=/dev/null",
    # True has git write a second file, beside the repository's index whichever is used.
    "core.splitIndex=false",
)

_KEPT = re.compile(
    r"GIT_(CEILING_DIRECTORIES|DISCOVERY_ACROSS_FILESYSTEM|EXEC_PATH"
    r"|CONFIG_(COUNT|KEY_\d+|VALUE_\d+|GLOBAL|SYSTEM|NOSYSTEM)|SSL_(CAINFO|CAPATH))\Z"
)
"""Where repositories and git's own programs are, certificates, and configuration."""


_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Answer:
    """What a git process left: exit status, standard output, standard error."""

    status: int
    output: bytes
    errors: str

    @property
    def complaint(self) -> str:
        """The line of standard error that says what went wrong."""
        lines = self.errors.splitlines()
        for mark in ("fatal: ", "error: ", ""):
            for line in lines:
                if line.startswith(mark):
                    return line.removeprefix(mark)
        return f"exit status {self.status}"


@dataclass(frozen=True, slots=True)
class Question:
    """What git is asked: where, its arguments, and what is added to what is fixed.

    ``network``: a server has a part in the answer, and GitPython starts the process.
    """

    directory: str
    arguments: tuple[str, ...]
    config: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    network: bool = False

    def begin(self, given: bytes | None = None, timeout: float | None = None) -> Running:
        """Start git; ``given`` is its standard input.

        Raises `GitError` where git cannot be started, ValueError for an argument that no
        process can be given (a NUL, a surrogate that is no byte).
        """
        settings = [w for setting in (*CONFIG, *self.config) for w in ("-c", setting)]
        start = _through_gitpython if self.network else _directly
        try:
            process = start(
                ["git", "-C", self.directory, *settings, *self.arguments],
                ENVIRONMENT | dict(self.environment),
                subprocess.DEVNULL if given is None else subprocess.PIPE,
                # A session of its own: no terminal to ask for a password on, and one
                # group to stop.
                timeout is not None,
            )
        except FileNotFoundError:
            text = f"git was not found on PATH; install git {OLDEST} or later"
            raise GitError(text) from None
        except OSError as error:
            raise GitError(f"git could not be started: {error.strerror}") from None
        return Running(process, given, timeout)


@dataclass(frozen=True, slots=True)
class Running:
    """A git process that was started."""

    process: subprocess.Popen[bytes]
    given: bytes | None
    timeout: float | None

    def answer(self) -> Answer:
        """What it answers, whatever its exit status.

        Raises TimeoutError where it takes more than its seconds and was stopped with all
        that it had started.
        """
        try:
            output, errors = self.process.communicate(self.given, self.timeout)
        except BaseException as error:
            self.stop()
            if isinstance(error, subprocess.TimeoutExpired):
                raise TimeoutError from None
            raise
        text = errors.decode(errors="backslashreplace")
        return Answer(self.process.returncode, output, text)

    def pieces(self) -> Generator[bytes, None, Answer]:
        """What it prints, as it comes, and then the answer, whose output is empty.

        For what nobody should hold whole; it is given nothing and has no seconds.
        """
        output, told = self.process.stdout, self.process.stderr
        if output is None or told is None:
            raise ValueError("its output is no pipe")
        errors = b""
        # Both at once: a pipe that nobody reads holds up the other one.
        with output, told, selectors.DefaultSelector() as open_ones:
            open_ones.register(output, selectors.EVENT_READ)
            open_ones.register(told, selectors.EVENT_READ)
            while open_ones.get_map():
                for key, _ in open_ones.select():
                    piece = os.read(key.fd, _PIECE)
                    if not piece:
                        open_ones.unregister(key.fileobj)
                    elif key.fileobj is told:
                        errors += piece
                    else:
                        yield piece
        return Answer(self.process.wait(), b"", errors.decode(errors="backslashreplace"))

    def stop(self) -> None:
        """End it, and with it the helpers that hold its pipes open."""
        _stop(self.process, self.timeout is not None)

    def __enter__(self) -> Running:
        """Itself; the process ends with the block."""
        return self

    def __exit__(self, *raised: object) -> None:
        """End what nobody had the answer of."""
        if self.process.returncode is None:
            self.stop()


def _directly(
    command: list[str], environment: dict[str, str], given: int, session: bool
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        env={name: os.environ[name] for name in _inherited()} | environment,
        stdin=given,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=session,
    )


def _through_gitpython(
    command: list[str], environment: dict[str, str], given: int, session: bool
) -> subprocess.Popen[bytes]:
    gitpython = _gitpython()
    from git.exc import GitCommandNotFound

    try:
        with _without_git_variables():
            started = gitpython.execute(
                command,
                env=environment,
                shell=False,
                as_process=True,
                istream=given,
                start_new_session=session,
            )
    except GitCommandNotFound:
        raise FileNotFoundError from None
    process = cast("subprocess.Popen[bytes]", started.proc)
    started.proc = None  # else the process ends when that object does
    return process


def _stop(process: subprocess.Popen[bytes], group: bool) -> None:
    """End a process, and with it the helpers that hold its pipes open."""
    with suppress(ProcessLookupError):
        if group:
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()
    process.wait()
    if group:
        _wait_for_group(process.pid)
    # Not read to their end: what left the group may hold them open for ever.
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()


def _wait_for_group(number: int) -> None:
    """Until the last of a group that was killed is gone, and writes no more; for a while."""
    end = time.monotonic() + 1
    with suppress(ProcessLookupError, PermissionError):
        while time.monotonic() < end:
            os.killpg(number, 0)
            time.sleep(0.01)


def next_config(settings: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Variables that add settings behind those of the caller's environment.

    Unlike ``-c`` this shows nothing in the process list.  Needs git 2.31:
    https://git-scm.com/docs/git-config#Documentation/git-config.txt-GITCONFIGCOUNT
    """
    known = os.environ.get("GIT_CONFIG_COUNT", "")
    first = int(known) if known.isdecimal() else 0
    found = {"GIT_CONFIG_COUNT": str(first + len(settings))}
    for number, (name, value) in enumerate(settings, first):
        found |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
    return found


def _inherited() -> set[str]:
    """The names of the caller's variables that git may see: none of our own, a token say."""
    return {
        name
        for name in os.environ
        if not name.startswith(("GIT_", "IMPACT_")) or _KEPT.match(name)
    }


@contextmanager
def _without_git_variables() -> Iterator[None]:
    """Take the caller's ``GIT_*`` variables away for as long as one call takes.

    GitPython starts git with all of `os.environ` and can only add to it.
    """
    taken = {name: os.environ[name] for name in os.environ.keys() - _inherited()}
    for name in taken:
        del os.environ[name]
    try:
        yield
    finally:
        os.environ.update(taken)


@cache
def _gitpython() -> GitPython:
    """GitPython, imported when a server is first asked: that takes a tenth of a second.

    On import it runs git, and fails where git fails.  Naming a file that cannot run
    spares both: git is checked in `Git.open`, with words of our own.
    """
    with _without_git_variables():
        os.environ |= {"GIT_PYTHON_REFRESH": "quiet", "GIT_PYTHON_GIT_EXECUTABLE": os.devnull}
        try:
            from git.cmd import Git as Command
        finally:
            del os.environ["GIT_PYTHON_REFRESH"], os.environ["GIT_PYTHON_GIT_EXECUTABLE"]
    return Command()
