"""Questions that git is asked before the answers are needed, while Python does something else.

Whoever asks such a question gets the process that was begun for it; it is the same question
only where every argument and variable is.  What nobody asks for ends with the program.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from impact.errors import GitError
from impact.vcs.process import Question, Running

_begun: list[tuple[Question, Running]] = []


def begin(questions: Iterable[Question]) -> None:
    """Begin to ask; what cannot be asked is left to whoever asks it in earnest."""
    for question in questions:
        with suppress(GitError, ValueError):
            _begun.append((question, question.begin()))


def take(question: Question) -> Running | None:
    """The process that was begun for a question; it is the caller's from now on."""
    for number, (asked, running) in enumerate(_begun):
        if asked == question:
            del _begun[number]
            return running
    return None


def stop() -> None:
    """End what nobody has taken."""
    while _begun:
        _begun.pop()[1].stop()
