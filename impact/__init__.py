"""impact: which parts of a repository's CI must wake for a change."""

__version__ = "0.1.0"
