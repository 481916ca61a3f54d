"""action/environment.py: the packages are installed privately, exactly, and once.

Every test runs it as the action does, in processes of their own, with an interpreter that
has nothing installed and a PATH on which there is only what the test puts there.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from action.environment import LOCK, PACKAGES, directory
from action.shared import is_whole, manifest
from tests.action.fixtures import new_machine
from tests.action.machine import ROOT, Machine

pytest_plugins = ["tests.repositories", "tests.action.fixtures"]

SMALL = "smmap"
LAUNCH = str(ROOT / "action" / "run.py")
INSTALLING = "impact: installing its dependencies\n"
REPLACING = INSTALLING + "impact: what was installed is damaged; it is replaced\n"


@pytest.fixture
def small(machine: Machine) -> Machine:
    """A machine on which there is little to install."""
    return machine.only(SMALL)


@pytest.fixture
def small_without_uv(without_uv: Machine) -> Machine:
    return without_uv.only(SMALL)


def names(lines: list[str]) -> set[str]:
    return {line.lower().replace("-", "_") for line in lines}


@pytest.mark.parametrize("state", ["machine", "without_uv"])
def test_all_of_the_lock_and_nothing_else_is_installed(
    state: str, request: pytest.FixtureRequest
) -> None:
    machine: Machine = request.getfixturevalue(state)
    user = Path(sys.executable).resolve().parent.parent / "lib"
    before = sorted(user.glob("python3*/*-packages/*"))
    seen = os.listdir(machine.root)
    assert machine.install() == INSTALLING
    pins = [ln.split(" ")[0] for ln in Path(LOCK).read_text().splitlines() if "==" in ln]
    found = [p.name for p in (machine.place / PACKAGES).glob("*.dist-info")]
    assert names([name.removesuffix(".dist-info") for name in found]) == names(
        [pin.replace("==", "-") for pin in pins]
    )
    assert sorted(user.glob("python3*/*-packages/*")) == before
    assert sorted(os.listdir(machine.root)) == sorted(seen)
    left = [place.name for place in machine.temp.iterdir()]
    assert sorted(left) == [machine.place.name, machine.place.name + ".turn"]


def test_without_uv_and_pip_the_pip_of_ensurepip_installs(small: Machine) -> None:
    (small.bin / "uv").unlink()
    assert small.run("-c", "import pip").stderr.endswith("No module named 'pip'\n")
    assert small.install() == INSTALLING
    assert "lib" not in os.listdir(small.root)


def test_what_is_installed_is_used_again(small: Machine) -> None:
    small.install()
    (small.bin / "uv").unlink()
    assert small.install(PIP_NO_INDEX="1", UV_OFFLINE="1") == ""


HOSTILE_VARIABLES = {
    "PIP_CONSTRAINT": "/does/not/exist",
    "PIP_DRY_RUN": "1",
    "PIP_NO_BINARY": ":all:",
    "PIP_PREFIX": "/does/not/exist",
    "PIP_REQUIRE_VIRTUALENV": "1",
    "PIP_TARGET": "/does/not/exist",
    "PIP_USER": "1",
    "PYTHONHOME": "/does/not/exist",
    "PYTHONPATH": ".",
    "PYTHONSTARTUP": "yaml.py",
    "UV_BREAK_SYSTEM_PACKAGES": "1",
    "UV_COMPILE_BYTECODE": "1",
    "UV_CONSTRAINT": "/does/not/exist",
    "UV_EXCLUDE_NEWER": "2001-01-01T00:00:00Z",
    "UV_LINK_MODE": "symlink",
    "UV_NO_BINARY": "1",
    "UV_NO_VERIFY_HASHES": "1",
    "UV_OVERRIDE": "/does/not/exist",
    "UV_PROJECT": "/does/not/exist",
    "UV_PYTHON": "/does/not/exist",
    "UV_SYSTEM_PYTHON": "1",
    "UV_WORKING_DIRECTORY": "/does/not/exist",
    "UV_WORKING_DIR": "/does/not/exist",
    "VIRTUAL_ENV": "/does/not/exist",
}


@pytest.mark.parametrize("state", ["small", "small_without_uv"])
def test_nothing_around_it_moves_or_forbids_the_installation(
    state: str, request: pytest.FixtureRequest
) -> None:
    """Neither variables nor what lies in the workspace, the code of a pull request."""
    machine: Machine = request.getfixturevalue(state)
    for name in ("hashlib", "impact", "pip", "sitecustomize", "venv", "yaml", "ensurepip"):
        for file in (f"{name}.py", f"{name}/__init__.py", f"{name}/__main__.py"):
            place = machine.workspace / file
            place.parent.mkdir(exist_ok=True)
            place.write_text("raise SystemExit('imported from the workspace')\n")
    settings = 'index-url = "http://127.0.0.1:9/simple"\nexclude-newer = "2001-01-01"\n'
    (machine.workspace / "uv.toml").write_text(settings)
    (machine.workspace / "pyproject.toml").write_text("[tool.uv]\n" + settings)
    (machine.workspace / "pip.conf").write_text("[global]\nno-index = true\n")
    (machine.workspace / ".python-version").write_text("2.7\n")
    before = sorted(machine.workspace.rglob("*"))
    assert machine.install(**HOSTILE_VARIABLES) == INSTALLING
    assert sorted(machine.workspace.rglob("*")) == before


# What is not as it was installed is installed anew.


def a_file(place: Path) -> Path:
    return place / PACKAGES / SMALL / "__init__.py"


def _flip(file: Path) -> None:
    text = bytearray(file.read_bytes())
    text[len(text) // 2] ^= 1
    file.write_bytes(text)


def _replace_by_a_file(place: Path) -> None:
    shutil.rmtree(place)
    place.write_text("")


def _replace_by_a_dangling_link(place: Path) -> None:
    shutil.rmtree(place)
    place.symlink_to("nowhere")


DAMAGES: dict[str, Callable[[Path], object]] = {
    "a file is gone": lambda place: a_file(place).unlink(),
    "a file is cut off": lambda place: os.truncate(a_file(place), 10),
    "a bit is flipped": lambda place: _flip(a_file(place)),
    "a module is added": lambda place: (place / PACKAGES / "ssl.py").write_text("boo"),
    "a link to a package is added": lambda place: (place / PACKAGES / "ssl").symlink_to("/"),
    "a package is a link": lambda place: (
        (place / PACKAGES / SMALL).rename(place / "elsewhere"),
        (place / PACKAGES / SMALL).symlink_to(place / "elsewhere"),
    ),
    "a package is gone": lambda place: shutil.rmtree(place / PACKAGES / SMALL),
    "all are gone": lambda place: shutil.rmtree(place / PACKAGES),
    "the manifest is gone": lambda place: Path(manifest(str(place / PACKAGES))).unlink(),
    "the manifest is nested deeply": lambda place: Path(
        manifest(str(place / PACKAGES))
    ).write_text("[" * 10**5),
    "the manifest is empty": lambda place: Path(manifest(str(place / PACKAGES))).write_text(""),
    "the manifest is no JSON": lambda place: Path(manifest(str(place / PACKAGES))).write_bytes(
        b"\xff{"
    ),
    "the manifest is another": lambda place: Path(manifest(str(place / PACKAGES))).write_text(
        "{}"
    ),
    "it is a file": _replace_by_a_file,
    "it is a dangling link": _replace_by_a_dangling_link,
}


@pytest.fixture(scope="module")
def shared_machine(tmp_path_factory: pytest.TempPathFactory, uv_cache: str) -> Machine:
    return new_machine(tmp_path_factory.mktemp("shared") / "machine", uv_cache).only(SMALL)


@pytest.fixture
def installed(shared_machine: Machine) -> Machine:
    """Where each test leaves what it found."""
    shared_machine.install()
    return shared_machine


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_damaged_is_replaced(installed: Machine, damage: str) -> None:
    place = installed.place
    DAMAGES[damage](place)
    assert not is_whole(str(place / PACKAGES))
    assert installed.install() == REPLACING
    assert installed.install() == ""


def test_a_killed_installation_is_in_nobodys_way(machine: Machine) -> None:
    """Half of the packages are there, and then the process and its children are gone."""
    uv = (machine.bin / "uv").readlink()
    (machine.bin / "uv").unlink()
    half, never = machine.root / "half", machine.root / "never"
    os.mkfifo(half)
    os.mkfifo(never)
    machine.program(
        "uv", f'{uv} "$@"; /bin/rm -r new/packages/yaml; echo > {half}; read x < {never}'
    )
    process = machine.start()
    half.read_text()  # blocks until it is installed that far
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert list(machine.temp.glob("impact-*/new/packages/git"))
    (machine.bin / "uv").unlink()
    (machine.bin / "uv").symlink_to(uv)
    done = machine.run()
    assert (done.returncode, done.stderr) == (0, INSTALLING)
    assert is_whole(done.stdout.strip())


@pytest.mark.parametrize("damaged", [False, True])
def test_many_at_once_install_it_once(small: Machine, damaged: bool) -> None:
    if damaged:
        small.install()
        a_file(small.place).unlink()
    started = [small.start() for _ in range(8)]
    said = [process.communicate() for process in started]
    assert [process.returncode for process in started] == [0] * 8
    assert {out for out, _ in said} == {f"{small.place / PACKAGES}\n"}
    text = "".join(err for _, err in said)
    assert text.count("installing its dependencies") == 1
    assert text.count("what was installed is damaged") == damaged
    assert small.install() == ""


# Where it cannot be installed.


def test_another_lock_has_another_directory() -> None:
    one, other = (Path(directory("/temp", lock)) for lock in (b"a", b"b"))
    assert one.parent == other.parent == Path("/temp")
    assert one != other


def test_where_uv_fails_pip_installs(small: Machine) -> None:
    small.give_python(with_packages=True)
    (small.bin / "uv").unlink()
    small.program("uv", "echo uv does not feel like it >&2; exit 2")
    assert small.install() == INSTALLING + "uv does not feel like it\n"


def test_where_no_index_has_the_packages_the_log_says_so(machine: Machine) -> None:
    machine.give_python(with_packages=True)
    nowhere = {"PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": "", "PIP_NO_INDEX": "1"}
    cache = str(machine.root / "cache")
    done = machine.run(LAUNCH, "detect", **nowhere, UV_OFFLINE="1", UV_CACHE_DIR=cache)
    assert done.returncode == 2
    assert done.stdout == (
        "::error title=impact::uv (exit code 1) and pip (exit code 1) could not install the "
        "dependencies: the log has the reason\n"
    )
    assert "annotated-types" in done.stderr
    assert [place.suffix for place in machine.temp.iterdir()] == [".turn"]


@pytest.mark.parametrize(
    "script",
    ["#!/bin/sh\nexit 0\n", "#!/does/not/exist\n", "\x7fELF", "#!/bin/sh\nkill -9 $$\n"],
    ids=["does nothing", "has no interpreter", "is for another machine", "is killed"],
)
def test_where_uv_does_not_work_pip_installs(small: Machine, script: str) -> None:
    small.give_python(with_packages=True)
    (small.bin / "uv").unlink()
    small.program("uv", "")
    (small.bin / "uv").write_text(script)
    assert small.install() == INSTALLING


def test_files_of_pip_that_cannot_be_read_are_not_passed_over(without_uv: Machine) -> None:
    """They may name the only index that is to be asked."""
    config = without_uv.root / "home" / ".config" / "pip" / "pip.conf"
    config.parent.mkdir(parents=True)
    config.write_bytes(b"[global]\nindex-url = http://127.0.0.1:9/\xe9\n")
    done = without_uv.run(LAUNCH, "detect", LC_ALL="C")
    assert done.returncode == 2
    assert done.stdout == (
        "::error title=impact::pip cannot read its configuration: the log has the reason\n"
    )
    assert str(config) in done.stderr


HOSTILE_CONFIGURATION = """\
[global]
target = /does/not/exist
[install]
dry-run = true
no-binary = :all:
prefix = /does/not/exist
require-virtualenv = true
root = {elsewhere}
user = true
"""


def test_no_configuration_of_pip_moves_the_installation(small_without_uv: Machine) -> None:
    elsewhere = small_without_uv.root / "elsewhere"
    config = small_without_uv.root / "home" / ".config" / "pip" / "pip.conf"
    config.parent.mkdir(parents=True)
    config.write_text(HOSTILE_CONFIGURATION.format(elsewhere=elsewhere))
    assert small_without_uv.install() == INSTALLING
    assert not elsewhere.exists()


def test_a_relative_place_is_one_from_the_workspace(small: Machine) -> None:
    (small.workspace / "relative").mkdir()
    done = small.run(RUNNER_TEMP="relative")
    assert done.returncode == 0, done.stderr
    place = Path(done.stdout.strip())
    assert place.is_relative_to(small.workspace / "relative")
    assert is_whole(str(place))


@pytest.mark.parametrize("name", ["PIP_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX"])
def test_uv_goes_to_the_index_that_the_runner_is_set_up_for(
    machine: Machine, name: str
) -> None:
    machine.give_python(with_packages=True)
    index = {"PIP_INDEX_URL": "http://127.0.0.1:8/other", name: "http://127.0.0.1:9/simple"}
    cache = str(machine.root / "cache")
    done = machine.run(**index, UV_CACHE_DIR=cache, UV_HTTP_RETRIES="0", PIP_RETRIES="0")
    assert done.returncode == 1
    assert "http://127.0.0.1:9/simple/" in done.stderr.splitlines()[1]


def test_a_package_with_another_hash_is_refused(machine: Machine, tmp_path: Path) -> None:
    """An index serves what the lock does not name; neither uv nor pip installs it."""
    action = tmp_path / "action"
    for name in ("action", "impact", "requirements"):
        shutil.copytree(ROOT / name, action / name)
    text = Path(LOCK).read_text()
    for digest in {part[:64] for part in text.split("sha256:")[1:]}:
        text = text.replace(digest, digest[::-1])
    (action / "requirements" / "runtime.txt").write_text(text)
    done = machine.run(str(action / "action" / "run.py"), "detect")
    assert done.returncode == 2
    assert "could not install the dependencies" in done.stdout
    assert "hash" in done.stderr.lower()


@pytest.mark.parametrize(
    ("temp", "said"),
    [
        ("", "RUNNER_TEMP is not set: only a GitHub Actions runner runs this"),
        (
            "/does/not/exist",
            "its dependencies cannot be installed: [Errno 2] No such file or directory: ",
        ),
        (
            "/dev/null",
            "its dependencies cannot be installed: [Errno 20] Not a directory: ",
        ),
    ],
)
def test_a_place_that_cannot_be_written_is_named(
    machine: Machine, temp: str, said: str
) -> None:
    done = machine.run(LAUNCH, "detect", RUNNER_TEMP=temp)
    assert done.returncode == 2
    assert done.stdout.startswith(f"::error title=impact::{said}")
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""
