"""The lock files: whole, by hash, for every supported Python, from any index."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent.parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUNTIME = PYPROJECT["project"]["dependencies"]
WANTED = {"runtime": RUNTIME, "dev": RUNTIME + PYPROJECT["dependency-groups"]["dev"]}
LOCKS = sorted(WANTED)
PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
PLATFORMS = (
    ("linux", "posix", "Linux", "x86_64"),
    ("linux", "posix", "Linux", "aarch64"),
    ("darwin", "posix", "Darwin", "arm64"),
    ("win32", "nt", "Windows", "AMD64"),
)


def text(lock: str) -> str:
    return (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")


def pins(lock: str) -> list[Requirement]:
    """The pinned packages, without their hashes."""
    lines = text(lock).splitlines()
    return [Requirement(line.removesuffix(" \\")) for line in lines if line[0] not in "# "]


def environments() -> list[dict[str, str]]:
    """Everything that impact supports, as environment markers see it."""
    return [
        {
            "python_version": python,
            "python_full_version": f"{python}.5",
            "implementation_name": "cpython",
            "platform_python_implementation": "CPython",
            "sys_platform": platform,
            "os_name": system,
            "platform_system": name,
            "platform_machine": machine,
        }
        for python in PYTHONS
        for platform, system, name, machine in PLATFORMS
    ]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_is_pins_and_hashes_alone(lock: str) -> None:
    pin = r"[a-z0-9._-]+==[a-z0-9.+!]+( ; [^@:/\\]+)? \\"
    for number, line in enumerate(text(lock).splitlines(), 1):
        if number <= 2:
            assert line.startswith("#")
        else:
            assert re.fullmatch(rf"{pin}|    --hash=sha256:[0-9a-f]{{64}}( \\)?", line), line
    assert "//" not in text(lock)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_dependency_has_one_fitting_pin_everywhere(lock: str) -> None:
    pinned = pins(lock)
    for environment in environments():
        for wanted in map(Requirement, WANTED[lock]):
            found = [
                pin
                for pin in pinned
                if canonicalize_name(pin.name) == canonicalize_name(wanted.name)
                and (pin.marker is None or pin.marker.evaluate(environment))
            ]
            assert len(found) == 1, (wanted, environment)
            (version,) = (exact.version for exact in found[0].specifier)
            assert version in wanted.specifier, (wanted, version)


def test_tests_run_with_what_the_action_installs() -> None:
    assert {str(pin) for pin in pins("runtime")} <= {str(pin) for pin in pins("dev")}


def test_the_lock_of_npm_is_hashes_from_any_registry() -> None:
    node = ROOT / "requirements" / "node"
    lock = json.loads((node / "package-lock.json").read_text(encoding="utf-8"))
    whole, *packages = lock["packages"].values()
    wanted = json.loads((node / "package.json").read_text(encoding="utf-8"))
    assert whole["devDependencies"] == wanted["devDependencies"]
    assert len(packages) >= len(whole["devDependencies"]) > 0
    for package in packages:
        assert re.fullmatch(r"sha512-[A-Za-z0-9+/]{86}==", package["integrity"]), package
        assert "resolved" not in package
