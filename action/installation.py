"""Installing a lock file of packages: by uv where the runner has it, else by pip.

pip is that of the user's Python, or the one that comes with Python for new environments.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from glob import escape, glob

from action.errors import ActionError
from action.index_settings import for_pip, for_uv

SETTINGS = {
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_NO_COLOR": "1",
    "PIP_NO_INPUT": "1",
    "PIP_REQUIRE_VIRTUALENV": "0",
    "PIP_ROOT_USER_ACTION": "ignore",
    "PIP_USER": "0",
    "UV_LINK_MODE": "copy",
    "UV_NO_PROGRESS": "1",
    "UV_PYTHON_DOWNLOADS": "never",
}
OPTIONS = ("--quiet", "--no-deps", "--only-binary", ":all:", "--require-hashes")

PATIENCE = 300
"""Seconds after which an installer is given up."""

NO_INSTALLER = (
    f"{sys.executable} has neither pip nor venv, and there is no uv: run "
    "actions/setup-python before, or install one of them (Debian: python3-venv)"
)


def install(lock: str, target: str, work: str, environment: Mapping[str, str]) -> None:
    """Install ``lock`` into ``target`` with the first installer that succeeds.

    They run in ``work``, away from the code under test.  Raises `ActionError` where none
    succeeds.
    """
    failed = []
    for name, command, settings in _installers(environment):
        full = (*command, *OPTIONS, "--requirement", lock, "--target", target)
        problem = _run(full, work, settings | SETTINGS)
        if problem is None and _has_all(target, lock):
            return
        failed.append(f"{name} ({problem or 'it left packages out'})")
        shutil.rmtree(target, ignore_errors=True)
    if not failed:
        raise ActionError(NO_INSTALLER)
    raise ActionError(
        f"{' and '.join(failed)} could not install the dependencies: the log has the reason"
    )


def _run(command: Sequence[str], work: str, environment: Mapping[str, str]) -> str | None:
    """Run an installer; what went wrong, or None."""
    try:
        done = subprocess.run(
            command,
            cwd=work,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            timeout=PATIENCE,
            check=False,
        )
    except OSError as error:
        return f"it does not start: {error.strerror}"
    except subprocess.TimeoutExpired:
        return f"no end after {PATIENCE} seconds"
    return f"exit code {done.returncode}" if done.returncode else None


def _has_all(target: str, lock: str) -> bool:
    """Whether every package of ``lock`` is in ``target``, whatever the installer said."""
    found = {_name(name) for name in glob("*.dist-info", root_dir=target)}
    with open(lock, encoding="utf-8") as stream:
        # A pin with a marker is not for every machine.
        pins = re.findall(r"^(\S+)==(\S+) \\$", stream.read(), re.M)
    return found >= {_name(f"{name}-{version}.dist-info") for name, version in pins}


def _name(text: str) -> str:
    return re.sub("[-_.]+", "-", text).lower()


def _installers(
    environment: Mapping[str, str],
) -> Iterator[tuple[str, Sequence[str], dict[str, str]]]:
    """uv if there is one, and pip, each with its command and the variables to run it with."""
    uv = shutil.which("uv")
    if uv:
        yield "uv", (uv, "pip", "install", "--python", sys.executable), for_uv(environment)
    pip, prefix = _pip()
    if pip:
        yield "pip", (*pip, "install", "--no-compile"), for_pip(environment, prefix)


def _pip() -> tuple[Sequence[str], str]:
    """The command that is pip, if there is one, and the prefix of its Python.

    The pip that Python brings for new environments is a wheel, which runs as it is: see
    pip's __main__.py.  Making an environment with it takes three times as long.  It lies in
    https://docs.python.org/3/using/configure.html#cmdoption-with-wheel-pkg-dir or, as in
    every CPython, among the files of ensurepip.
    """
    python = (sys.executable, "-I")
    # This process sees none of the user's packages: see start.sh.
    ask = "import importlib.util as u, sys; print(sys.prefix); sys.exit(not u.find_spec('pip'))"
    asked = subprocess.run(
        (*python, "-c", ask), stdout=subprocess.PIPE, encoding="utf-8", check=False
    )
    prefix = asked.stdout.removesuffix("\n")
    if asked.returncode == 0:
        return (*python, "-m", "pip"), prefix
    folders = [sysconfig.get_config_var("WHEEL_PKG_DIR")]
    ensurepip = importlib.util.find_spec("ensurepip")
    if ensurepip and ensurepip.origin:
        folders.append(os.path.join(os.path.dirname(ensurepip.origin), "_bundled"))
    for folder in filter(None, folders):
        for wheel in sorted(glob(os.path.join(escape(folder), "pip-*.whl")), reverse=True):
            return (*python, os.path.join(wheel, "pip")), prefix
    return (), prefix
