"""The packages that impact needs, in a directory of its own on this runner.

They are those of requirements/runtime.txt, by hash, installed by uv where the runner has
it, else by pip.  The user's Python is left as it is.  The directory lies in RUNNER_TEMP,
which the runner empties for each job; within a job it is used again, but only if each of
its files is still the one that was installed.
"""

from __future__ import annotations

import ast
import fcntl
import hashlib
import importlib.util
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements" / "runtime.txt"
PACKAGES = "packages"
MANIFEST = "manifest.json"

REACHING_THE_INDEX = re.compile(
    r"PIP_(CACHE_DIR|CERT|CLIENT_CERT|DEFAULT_TIMEOUT|EXTRA_INDEX_URL|FIND_LINKS"
    r"|INDEX_URL|KEYRING_PROVIDER|NO_CACHE_DIR|NO_INDEX|PROXY|RETRIES|TIMEOUT|TRUSTED_HOST)\Z"
    r"|UV_(CACHE_DIR|CONFIG_FILE|CREDENTIALS_DIR|DEFAULT_INDEX|EXTRA_INDEX_URL|FIND_LINKS"
    r"|HTTP_\w+|INDEX|INDEX_\w+|INSECURE_HOST|KEYRING_PROVIDER|NATIVE_TLS|NO_CACHE|OFFLINE"
    r"|REQUEST_TIMEOUT|SYSTEM_CERTS)\Z"
)
"""Which index and how to reach it is the runner's choice; where and what to install, ours."""

UV_FROM_PIP = {
    "SSL_CERT_FILE": "PIP_CERT",
    "UV_EXTRA_INDEX_URL": "PIP_EXTRA_INDEX_URL",
    "UV_INDEX_URL": "PIP_INDEX_URL",
    "UV_INSECURE_HOST": "PIP_TRUSTED_HOST",
}
"""What uv is told as pip was, where the runner says nothing else to uv."""

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


class ActionError(Exception):
    """The action cannot run here, or an input is wrong; the text is for the user."""


def packages(environment: Mapping[str, str]) -> Path:
    """The directory to import the packages from, made or repaired if need be.

    ``environment`` is the step's.  Raises `ActionError` where they cannot be installed,
    OSError where the disk fails.
    """
    if not environment.get("RUNNER_TEMP"):
        raise ActionError("RUNNER_TEMP is not set: only a GitHub Actions runner runs this")
    parent = os.path.abspath(environment["RUNNER_TEMP"])
    place = directory(parent, LOCK.read_bytes())
    with _turn(place.with_suffix(".turn")):
        if not is_whole(place):
            _replace(place, environment)
    return place / PACKAGES


def directory(parent: str, lock: bytes) -> Path:
    """Where the packages of ``lock`` belong: one place per lock, interpreter and platform."""
    made_for = (
        lock.decode(),
        sys.executable,
        sys.version,
        str(sysconfig.get_config_var("SOABI")),
        sysconfig.get_platform(),
        "-".join(platform.libc_ver()),
    )
    key = hashlib.sha256("\0".join(made_for).encode("utf-8", "surrogateescape")).hexdigest()
    return Path(parent) / f"impact-{key[:16]}"


def is_whole(place: Path) -> bool:
    """Whether ``place`` holds exactly what was installed: no file more, less or other."""
    try:
        manifest = json.loads((place / MANIFEST).read_text(encoding="utf-8"))
        return bool(manifest) and bool(manifest == _digests(place / PACKAGES))
    except (OSError, ValueError, RecursionError):
        return False


def _digests(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file beneath ``folder``, by its path; of a link, its target."""
    found = {}
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = os.path.join(parent, name)
            if os.path.islink(path):
                found[path] = "-> " + os.readlink(path)
            elif name in files:
                with open(path, "rb") as stream:
                    found[path] = hashlib.sha256(stream.read()).hexdigest()
    return {os.path.relpath(path, folder): digest for path, digest in found.items()}


def _replace(place: Path, environment: Mapping[str, str]) -> None:
    """Install beside ``place``, and give the new directory its name when it is complete."""
    print("impact: installing its dependencies", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(
        prefix=f"{place.name}-", dir=place.parent, ignore_cleanup_errors=True
    ) as work:
        new = Path(work, "new")
        new.mkdir(mode=0o700)
        _install(new / PACKAGES, Path(work), environment)
        manifest = json.dumps(_digests(new / PACKAGES))
        (new / MANIFEST).write_text(manifest, encoding="utf-8")
        if os.path.lexists(place):
            print("impact: what was installed is damaged; it is replaced", file=sys.stderr)
            place.rename(Path(work, "damaged"))
        new.rename(place)


def _install(target: Path, work: Path, environment: Mapping[str, str]) -> None:
    """Install the lock into ``target`` with the first installer that succeeds."""
    failed = []
    for name, command, settings in _installers(work, environment):
        full = (*command, *OPTIONS, "--requirement", str(LOCK), "--target", str(target))
        problem = _run(full, work, settings)
        if problem is None and _has_all(target):
            return
        failed.append(f"{name} ({problem or 'it left packages out'})")
        shutil.rmtree(target, ignore_errors=True)
    if not failed:
        raise ActionError(NO_INSTALLER)
    raise ActionError(
        f"{' and '.join(failed)} could not install the dependencies: the log has the reason"
    )


def _run(command: Sequence[str], work: Path, environment: Mapping[str, str]) -> str | None:
    """Run an installer, away from the code under test; what went wrong, or None."""
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


def _has_all(target: Path) -> bool:
    """Whether every package of the lock is in ``target``, whatever the installer said."""
    found = {_name(place.name) for place in target.glob("*.dist-info")}
    # A pin with a marker is not for every machine.
    pins = re.findall(r"^(\S+)==(\S+) \\$", LOCK.read_text(encoding="utf-8"), re.M)
    return found >= {_name(f"{name}-{version}.dist-info") for name, version in pins}


def _name(text: str) -> str:
    return re.sub("[-_.]+", "-", text).lower()


def _installers(
    work: Path, environment: Mapping[str, str]
) -> Iterator[tuple[str, Sequence[str], dict[str, str]]]:
    """uv if there is one, and pip, from a new environment under ``work`` if need be.

    Each with its command and the variables to run it with.
    """
    others = {k: v for k, v in environment.items() if not k.startswith(("PIP_", "UV_"))}
    others |= {k: v for k, v in environment.items() if REACHING_THE_INDEX.match(k)}
    uv = shutil.which("uv")
    if uv:
        told = {name: others[pip] for name, pip in UV_FROM_PIP.items() if pip in others}
        yield "uv", (uv, "pip", "install", "--python", sys.executable), told | others | SETTINGS
    python = sys.executable
    if importlib.util.find_spec("pip") is None:
        made = (python, "-I", "-m", "venv", "--symlinks", str(work / "venv"))
        if subprocess.run(made, stdout=sys.stderr, check=False).returncode:
            return
        python = str(work / "venv" / "bin" / "python")
    pip = (python, "-I", "-m", "pip")
    yield "pip", (*pip, "install", "--no-compile"), _configured(pip, others) | others | SETTINGS


def _configured(pip: Sequence[str], environment: Mapping[str, str]) -> dict[str, str]:
    """How pip's configuration files say to reach the index, as variables.

    pip reads no file then, since one can move, add to or forbid an installation too.
    Raises `ActionError` where they cannot be read.
    """
    listed = subprocess.run(
        (*pip, "config", "list"),
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        errors="surrogateescape",
        check=False,
    )
    if listed.returncode:  # the index that it names may be the only one to ask
        raise ActionError("pip cannot read its configuration: the log has the reason")
    found = {}
    for section in ("global", "install"):  # what is said to one command wins
        for key, value in re.findall(rf"^{section}\.([\w-]+)=(.+)$", listed.stdout, re.M):
            name = "PIP_" + key.upper().replace("-", "_")
            if REACHING_THE_INDEX.match(name):
                found[name] = " ".join(ast.literal_eval(value).split())
    return found


@contextmanager
def _turn(file: Path) -> Iterator[None]:
    """Wait for the others that are about to look or install here, and keep them waiting.

    The lock goes with the process, however that ends.
    """
    with file.open("a") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("impact: waiting for another installation", file=sys.stderr, flush=True)
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield
