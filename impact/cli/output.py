"""What the commands share in printing."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import TextIO

from impact.errors import UsageError

FORMAT_HELP = "how to print it (default: text)"


def write(text: str | Iterable[str]) -> None:
    """Print the answer, or its pieces, down to the file or pipe.

    Raises `UsageError` where it cannot be written, BrokenPipeError where its reader has
    gone.
    """
    try:
        sys.stdout.writelines([text] if isinstance(text, str) else text)
        sys.stdout.flush()
    except BrokenPipeError:
        silence(sys.stdout)
        raise
    except OSError as error:
        silence(sys.stdout)
        raise UsageError(f"the answer cannot be written: {error.strerror}") from None


def silence(stream: TextIO) -> None:
    """Drop what is left to print, which the interpreter would try again as it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def color_wanted() -> bool:
    """Whether standard output is a terminal that shows colour, and none is declined.

    https://no-color.org: NO_COLOR declines it where set and not empty.
    """
    return (
        sys.stdout.isatty()
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM") != "dumb"
    )
