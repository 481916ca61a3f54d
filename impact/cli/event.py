"""The CI event that impact runs for, from the options or the runner's environment."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from impact.errors import UsageError
from impact.quoting import quote


@dataclass(frozen=True, slots=True)
class Event:
    """An event and its payload; ``unreadable`` says why there is no payload.

    ``lost``: the runner gave one, so what it says of labels is not known.
    """

    name: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    unreadable: str | None = None
    lost: bool = False


def read_event(directory: str, name: str | None, path: str | None) -> Event | None:
    """The event of ``--event`` and ``--event-path``, else the runner's; None on a laptop.

    A relative path is one from the directory.
    A payload that the runner gave and that cannot be read makes the change set unknown;
    one that the user named raises `UsageError`.
    """
    event = name or os.environ.get("GITHUB_EVENT_NAME")
    if not event:
        if path is not None:
            raise UsageError("--event-path needs --event: the name of the event")
        return None
    file = os.path.join(directory, path) if path else os.environ.get("GITHUB_EVENT_PATH")
    if not file:
        missing = f"there is no payload of the event {quote(event)}; give --event-path"
        return Event(event, unreadable=missing)
    payload, problem = _payload(file)
    if problem and path is not None:
        raise UsageError(f"--event-path {quote(path)}: {problem}")
    reason = f"the payload of the event {quote(event)} cannot be used: {problem}"
    return Event(event, payload, reason if problem else None, lost=problem is not None)


def _payload(file: str) -> tuple[Mapping[str, Any], str | None]:
    try:
        with open(file, "rb") as stream:
            payload = json.load(stream)
    except OSError as error:
        return {}, error.strerror
    except (ValueError, RecursionError):
        return {}, "it is not JSON"
    if not isinstance(payload, dict):
        return {}, "it is not a JSON object"
    return payload, None
