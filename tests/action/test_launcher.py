"""action/run.py: inputs to a command line, and the private installation."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impact.cli.main import _parser

INPUTS = ("FILTERS", "BASE", "HEAD", "FORCE", "REPOSITORY_PATH")
VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\0")) | st.sampled_from(
    ["--help", "-h", "--force=all", "=x", "-", "a --base=b", "$(x)", "@file"]
)


def is_two_dashes(value: str) -> bool:
    """argparse loses these before Python 3.13, and impact then fails."""
    return "--" in re.split(r"[\s,]+", value)


def test_without_inputs_only_the_format_is_given(launcher: ModuleType) -> None:
    assert launcher.arguments({}) == ["-C./", "detect", "--format=github"]


@given(
    values=st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(INPUTS, VALUES.filter(lambda value: not is_two_dashes(value))),
    )
)
def test_a_value_is_never_an_option(launcher: ModuleType, values: dict[str, str]) -> None:
    environment = {f"IMPACT_INPUT_{name}": value for name, value in values.items()}
    parsed = _parser().parse_args(launcher.arguments(environment))
    given_values = {name: values.get(name, "").strip() for name in INPUTS}
    assert (parsed.filters or "") == given_values["FILTERS"]
    assert (parsed.base or "") == given_values["BASE"]
    assert (parsed.head or "") == given_values["HEAD"]
    assert "".join(parsed.force) == "".join(given_values["FORCE"].replace(",", " ").split())
    assert parsed.directories == [os.path.join(".", given_values["REPOSITORY_PATH"])]
    assert parsed.format == "github"
    assert not parsed.require_determined


@pytest.mark.parametrize("value", ["true", "True", " TRUE\n"])
def test_require_determined(launcher: ModuleType, value: str) -> None:
    found = launcher.arguments({"IMPACT_INPUT_REQUIRE_DETERMINED": value})
    assert found[-1] == "--require-determined"


def test_require_determined_is_true_or_false(launcher: ModuleType) -> None:
    with pytest.raises(launcher.ActionError, match="neither true nor false"):
        launcher.arguments({"IMPACT_INPUT_REQUIRE_DETERMINED": "yes"})


def test_the_private_directory_holds_the_whole_lock(
    launcher: ModuleType, installed: Path
) -> None:
    (directory,) = (place for place in installed.iterdir() if place.name[:7] == "impact-")
    lock = launcher.LOCK.read_text().splitlines()
    pins = {line.split(" ")[0].replace("==", "-") for line in lock if "==" in line}
    found = {place.name.removesuffix(".dist-info") for place in directory.glob("*.dist-info")}
    assert {name.lower().replace("-", "_") for name in found} == {
        name.lower().replace("-", "_") for name in pins
    }


def test_what_is_installed_is_kept(launcher: ModuleType, installed: Path) -> None:
    environment = {"RUNNER_TEMP": str(installed), "PIP_NO_INDEX": "1"}
    directory = launcher.private_directory(environment, launcher.LOCK.read_bytes())
    before = time.monotonic()
    launcher.install(directory, environment)
    assert time.monotonic() - before < 0.5


def test_another_lock_has_another_directory(launcher: ModuleType) -> None:
    environment = {"RUNNER_TEMP": "/temp"}
    one, other = (launcher.private_directory(environment, lock) for lock in (b"a", b"b"))
    assert one.parent == other.parent == Path("/temp")
    assert one != other


def test_a_failed_installation_leaves_nothing(launcher: ModuleType, tmp_path: Path) -> None:
    environment = {**os.environ, "RUNNER_TEMP": str(tmp_path), "PIP_NO_INDEX": "1"}
    environment |= {"PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": str(tmp_path)}
    directory = launcher.private_directory(environment, launcher.LOCK.read_bytes())
    with pytest.raises(launcher.ActionError, match="pip could not install"):
        launcher.install(directory, environment)
    assert list(tmp_path.iterdir()) == []
