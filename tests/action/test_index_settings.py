"""action/index_settings.py: pip's files are read as pip itself reads them."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from action.errors import ActionError
from action.index_settings import REACHING_THE_INDEX, for_pip, for_uv

FILES = {
    "xdg/one/pip/pip.conf": "[global]\nindex-url = one\ntimeout = 1\nproxy = p\nretries = 1",
    "xdg/two/pip/pip.conf": "[global]\nindex-url = two\ntimeout = 2\n[install]\nretries = 2",
    ".pip/pip.conf": "[global]\nindex_url = legacy\nTrusted-Host = a\n  b\n\n  c\n",
    ".config/pip/pip.conf": "[global]\nindex-url = user\ncert =\n[list]\ncert = no",
    "config/pip/pip.conf": "[global]\n--index-url = elsewhere\ntarget = x\n# proxy = q",
    "given": "[global]\nno-index = true\nretries = 3\n[install]\nindex-url = given",
}


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return {
        "HOME": str(tmp_path),
        "XDG_CONFIG_DIRS": f"{tmp_path}/xdg/one:{tmp_path}/xdg/two:/does/not/exist",
    }


def said_by_pip(environment: dict[str, str]) -> dict[str, str]:
    listed = subprocess.run(
        [sys.executable, "-I", "-m", "pip", "config", "list"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    found = {}
    for section in ("global", "install"):
        for key, value in re.findall(rf"^{section}\.(\S+?)=(.+)$", listed.stdout, re.M):
            name = "PIP_" + key.upper().replace("-", "_")
            text = " ".join(ast.literal_eval(value).split())
            if text and REACHING_THE_INDEX.match(name):
                found[name] = text
    return found


@pytest.mark.parametrize(
    "given", [{}, {"XDG_CONFIG_HOME": "config"}, {"PIP_CONFIG_FILE": "given"}]
)
def test_it_is_what_pip_says(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, given: dict[str, str]
) -> None:
    environment |= {name: f"{environment['HOME']}/{file}" for name, file in given.items()}
    monkeypatch.setenv("HOME", environment["HOME"])
    found = for_pip(environment, sys.prefix)
    assert {k: v for k, v in found.items() if k.startswith("PIP_")} == said_by_pip(environment)
    assert found["PIP_INDEX_URL"] in ("user", "elsewhere", "given")


def test_what_variables_say_wins(environment: dict[str, str]) -> None:
    environment |= {"PIP_INDEX_URL": "variable", "PIP_TARGET": "x", "UV_INDEX": "uv"}
    found = for_pip(environment, sys.prefix)
    assert (found["PIP_INDEX_URL"], found["PIP_RETRIES"]) == ("variable", "2")
    assert "PIP_TARGET" not in found
    assert for_uv(environment)["UV_INDEX_URL"] == "variable"


def test_no_file_is_read_where_there_is_to_be_none(environment: dict[str, str]) -> None:
    found = for_pip(environment | {"PIP_CONFIG_FILE": os.devnull}, sys.prefix)
    assert not [name for name in found if name.startswith("PIP_")]


@pytest.mark.parametrize(
    ("text", "why"),
    [("index-url = x\n", "no section headers"), ("[global]\n[global]\n", "already exists")],
)
def test_a_file_that_is_none_of_pip_is_named(
    environment: dict[str, str], capsys: pytest.CaptureFixture[str], text: str, why: str
) -> None:
    file = Path(environment["HOME"], "given")
    file.write_text(text)
    with pytest.raises(ActionError, match="pip cannot read its configuration: the log has"):
        for_pip(environment | {"PIP_CONFIG_FILE": str(file)}, sys.prefix)
    said = capsys.readouterr().err
    assert said.startswith(f"{file}: ")
    assert why in said
