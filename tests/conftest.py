"""What every test shares: Hypothesis profiles and `--thorough`, expected outputs on disk."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import settings

settings.register_profile("default", deadline=None, derandomize=True, print_blob=True)
settings.register_profile(
    "thorough", deadline=None, max_examples=3000, print_blob=True, derandomize=False
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--thorough",
        action="store_true",
        help="look for counter-examples much longer, and at other places every time",
    )
    parser.addoption(
        "--goldens",
        action="store_true",
        help="write the expected outputs anew instead of comparing with them",
    )


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("thorough" if config.getoption("thorough") else "default")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """``golden(text, name)``: the text is that of the file ``name`` beside the test."""

    def compare(text: str, name: str) -> None:
        file = request.path.parent / name
        if request.config.getoption("goldens"):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        assert text == file.read_text(encoding="utf-8"), f"{name}: see `make goldens`"

    return compare
