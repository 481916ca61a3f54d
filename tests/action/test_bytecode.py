"""action/bytecode.py: what is compiled once in a job is used again, and guarded."""

from __future__ import annotations

import os
import py_compile
import subprocess
import sys
from pathlib import Path

import pytest

from action.shared import is_whole, seal
from tests.action.machine import ROOT

RUN = f"""
import os, sys
sys.path.insert(0, {str(ROOT)!r})
sys.dont_write_bytecode = True
from action.bytecode import bytecode
place, *folders = sys.argv[1:]
sys.path[:0] = folders
with bytecode(place, folders[0]):
    import ours
    import user
    print(ours.SAID)
    eval(os.environ.get("THEN", "None"))
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where the bytecode goes; beside it `packages` with a module, `user` with another."""
    for folder, module in (("place", "x"), ("packages", "ours"), ("user", "user")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{module}.py").write_text("SAID = 'source'\n")
    return tmp_path / "place"


def run(place: Path, **environment: str) -> str:
    """Import both modules in a process of its own; what the first of them says."""
    folders = [place.parent / name for name in ("packages", "user")]
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", RUN, place, *folders],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() + done.stderr[-100:]


def kept(place: Path) -> Path:
    """The one file of bytecode, that of the module which is ours."""
    (found,) = place.parent.rglob("*.pyc")
    assert found.is_relative_to(place / "bytecode")
    assert sorted(os.listdir(place)) == ["bytecode", "bytecode.json", "x.py"]
    assert is_whole(str(place / "bytecode"))
    return found


def compile_another(place: Path) -> None:
    """Put other bytecode in its place, which claims to be of the same source."""
    source = place.parent / "packages" / "ours.py"
    before, times = source.read_text(), (source.stat().st_atime, source.stat().st_mtime)
    source.write_text("SAID = 'others'\n")
    os.utime(source, times)
    py_compile.compile(str(source), cfile=str(kept(place)), doraise=True)
    source.write_text(before)
    os.utime(source, times)


def test_the_first_run_keeps_it_for_the_second(place: Path) -> None:
    assert run(place) == "source"
    compile_another(place)
    seal(str(place / "bytecode"))
    assert run(place) == "others"


def test_what_is_damaged_is_not_run(place: Path) -> None:
    run(place)
    compile_another(place)
    assert run(place) == "source"
    compile_another(place)
    (place / "bytecode.json").unlink()
    assert run(place) == "source"
    kept(place)


@pytest.mark.parametrize("what", ["a file", "a dangling link", "a directory"])
def test_what_is_none_is_replaced(place: Path, what: str) -> None:
    found = place / "bytecode"
    if what == "a file":
        found.write_text("")
    elif what == "a directory":
        (found / "packages").mkdir(parents=True)
    else:
        found.symlink_to("nowhere")
    assert run(place) == "source"
    kept(place)


def test_another_source_is_compiled(place: Path) -> None:
    run(place)
    (place.parent / "packages" / "ours.py").write_text("SAID = 'what is new'\n")
    assert run(place) == "what is new"


def test_a_run_that_fails_keeps_nothing(place: Path) -> None:
    assert "ZeroDivisionError" in run(place, THEN="1 / 0")
    assert os.listdir(place) == ["x.py"]


def test_of_two_at_once_the_first_to_end_is_kept(place: Path) -> None:
    other = "__import__('subprocess').run([sys.executable, *sys.orig_argv[1:]], env={})"
    assert run(place, THEN=other).split() == ["source", "source"]
    kept(place)


def test_a_disk_that_does_not_take_it_is_no_trouble(place: Path) -> None:
    full = "__import__('resource').setrlimit(1, (0, 0))"
    assert run(place, THEN=full) == "source"
    assert not is_whole(str(place / "bytecode"))
    assert run(place) == "source"
    kept(place)
