"""What the commands share in printing."""

from __future__ import annotations

import os
import sys


def write(text: str) -> None:
    """Print the answer."""
    sys.stdout.write(text)


def color_wanted() -> bool:
    """Whether standard output is a terminal that shows colour, and none is declined.

    https://no-color.org: NO_COLOR declines it where set and not empty.
    """
    return (
        sys.stdout.isatty()
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM") != "dumb"
    )
