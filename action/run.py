"""The step of action.yml: install what impact needs, privately, and run `impact detect`.

action.yml starts it as `python3 -I run.py`, so nothing in the workspace, which holds the
code of a pull request, is ever imported: -I leaves the current directory and PYTHON*
variables out, and the two directories that are needed are put into `sys.path` here.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import re
import subprocess
import sys
import sysconfig
import tempfile
import venv
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements" / "runtime.txt"
EXIT_USAGE = 2

REACHING_THE_INDEX = re.compile(
    r"PIP_(CACHE_DIR|CERT|CLIENT_CERT|CONFIG_FILE|DEFAULT_TIMEOUT|EXTRA_INDEX_URL|FIND_LINKS"
    r"|INDEX_URL|KEYRING_PROVIDER|NO_CACHE_DIR|NO_INDEX|PROXY|RETRIES|TIMEOUT|TRUSTED_HOST)\Z"
)
"""Which index and how to reach it is the runner's choice; where and what to install, ours."""

PIP_SETTINGS = {
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_NO_COLOR": "1",
    "PIP_NO_INPUT": "1",
    "PIP_REQUIRE_VIRTUALENV": "0",
    "PIP_ROOT_USER_ACTION": "ignore",
    "PIP_USER": "0",
}
INSTALL = (
    *("-I", "-m", "pip", "install", "--quiet", "--no-compile", "--no-deps"),
    *("--only-binary", ":all:", "--require-hashes", "--requirement", str(LOCK), "--target"),
)


class ActionError(Exception):
    """The action cannot run here, or an input is wrong; the text is for the user."""


def private_directory(environment: Mapping[str, str], lock: bytes) -> Path:
    """Where the packages of ``lock`` belong: one place per lock, interpreter and platform."""
    made_for = (
        lock.decode(),
        sys.version,
        str(sysconfig.get_config_var("SOABI")),
        sysconfig.get_platform(),
        "-".join(platform.libc_ver()),
    )
    key = hashlib.sha256("\0".join(made_for).encode()).hexdigest()
    return Path(environment["RUNNER_TEMP"]) / f"impact-{key[:16]}"


def pip_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """``environment`` for pip: without what would move, add to or forbid the installation."""
    kept = {
        name: value
        for name, value in environment.items()
        if not name.startswith("PIP_") or REACHING_THE_INDEX.match(name)
    }
    return kept | PIP_SETTINGS


def install(directory: Path, environment: Mapping[str, str]) -> None:
    """Install the lock into ``directory``, unless that is done.

    The directory gets its name last, so that one with the name is complete.
    """
    if directory.is_dir():
        return
    print("impact: installing its dependencies", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(dir=directory.parent) as work:
        packages = Path(work) / "packages"
        done = subprocess.run(
            (python_with_pip(Path(work)), *INSTALL, str(packages)),
            env=pip_environment(environment),
            stdout=sys.stderr,
            check=False,
        )
        if done.returncode:
            raise ActionError(
                f"pip could not install the dependencies (exit code {done.returncode}): the "
                "log has its own words"
            )
        try:
            packages.rename(directory)
        except OSError:  # somebody else was quicker, or the disk fails
            if not directory.is_dir():
                raise


def python_with_pip(work: Path) -> str:
    """The interpreter at hand, or a new one under ``work`` where it has no pip."""
    if importlib.util.find_spec("pip"):
        return sys.executable
    place = work / "environment"
    try:
        venv.create(place, with_pip=True, symlinks=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise ActionError(
            f"{sys.executable} has neither pip nor venv: run actions/setup-python before"
        ) from error
    return str(place / "bin" / "python")


def arguments(environment: Mapping[str, str]) -> list[str]:
    """The command line that the inputs ask for; a value can never be an option of its own."""

    def given(name: str) -> str:
        return environment.get(f"IMPACT_INPUT_{name}", "").strip()

    directory = os.path.join(os.curdir, given("REPOSITORY_PATH"))
    found = [f"-C{directory}", "detect", "--format=github"]
    for option in ("filters", "base", "head"):
        found += [f"--{option}={value}" for value in (given(option.upper()),) if value]
    found += [f"--force={name}" for name in re.split(r"[\s,]+", given("FORCE")) if name]
    required = given("REQUIRE_DETERMINED").lower()
    if required not in ("", "true", "false"):
        raise ActionError("the input require-determined is neither true nor false")
    if required == "true":
        found.append("--require-determined")
    return found


def main() -> int:
    """Run the step; the exit code is impact's own."""
    try:
        options = arguments(os.environ)
        directory = private_directory(os.environ, LOCK.read_bytes())
        install(directory, os.environ)
    except ActionError as error:
        print(f"::error title=impact::{error}")
        return EXIT_USAGE
    sys.path[:0] = [str(ROOT), str(directory)]
    from impact.cli.main import main as impact

    return impact(options)


if __name__ == "__main__":
    sys.exit(main())
