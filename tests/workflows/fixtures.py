"""GitHub's own parser of workflows, for a test module's ``pytest_plugins``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.workflows.github import GitHub, ask_github


@pytest.fixture(scope="session")
def github() -> Iterator[GitHub]:
    """One process for all tests: starting it takes longer than a thousand answers."""
    with ask_github() as asked:
        yield asked
