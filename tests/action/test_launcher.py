"""action/run.py: inputs to a command line."""

from __future__ import annotations

import os
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from action.environment import ActionError
from action.run import arguments
from impact.cli.main import _parser

INPUTS = ("FILTERS", "BASE", "HEAD", "FORCE", "REPOSITORY_PATH")
VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\0")) | st.sampled_from(
    ["--help", "-h", "--force=all", "=x", "-", "a --base=b", "$(x)", "@file"]
)


def is_two_dashes(value: str) -> bool:
    """argparse loses these before Python 3.13, and impact then fails."""
    return "--" in re.split(r"[\s,]+", value)


def test_without_inputs_only_the_format_is_given() -> None:
    assert arguments({}) == ["-C./", "detect", "--format=github"]


@given(
    values=st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(INPUTS, VALUES.filter(lambda value: not is_two_dashes(value))),
    )
)
def test_a_value_is_never_an_option(values: dict[str, str]) -> None:
    environment = {f"IMPACT_INPUT_{name}": value for name, value in values.items()}
    parsed = _parser().parse_args(arguments(environment))
    given_values = {name: values.get(name, "").strip() for name in INPUTS}
    assert (parsed.filters or "") == given_values["FILTERS"]
    assert (parsed.base or "") == given_values["BASE"]
    assert (parsed.head or "") == given_values["HEAD"]
    assert "".join(parsed.force) == "".join(given_values["FORCE"].replace(",", " ").split())
    assert parsed.directories == [os.path.join(".", given_values["REPOSITORY_PATH"])]
    assert parsed.format == "github"
    assert not parsed.require_determined


@pytest.mark.parametrize("value", ["true", "True", " TRUE\n"])
def test_require_determined(value: str) -> None:
    found = arguments({"IMPACT_INPUT_REQUIRE_DETERMINED": value})
    assert found[-1] == "--require-determined"


def test_require_determined_is_true_or_false() -> None:
    with pytest.raises(ActionError, match="neither true nor false"):
        arguments({"IMPACT_INPUT_REQUIRE_DETERMINED": "yes"})
