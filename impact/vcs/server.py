"""The server that commits may be fetched from, and how many: plain data, quickly imported."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Server:
    """The CI server: its URL, the repository's OWNER/NAME there, and a token that reads it."""

    url: str
    repository: str
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a fetch goes: commits of each history, and seconds for all fetches together."""

    depth: int = 10_000
    seconds: float = 120
