"""The contract that other programs rely on: every command and option, key by key."""

from __future__ import annotations

import base64
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.actions_runner import Command, read_commands, read_outputs
from tests.contract import OUTPUTS
from tests.program import Program
from tests.repositories import Repository

pytest_plugins = ["tests.program"]

FILTERS = """\
version: 1
patterns:
  delivery: [/ci.yml]
surfaces:
  sdk:
    description: SDK build
    paths:
      - /sdk/
      - '!/sdk/*.md'
      - use: delivery
      - {path: /api.json, status: [modified, deleted]}
    jobs: [ci-sdk, release.yml:publish]
    advisory: true
  app: {paths: [/app/], depends-on: [sdk]}
  extension-sql: [/extension/]
always: [/Makefile]
inert: [/LICENSE]
labels: {Full: all, sql: [extension-sql]}
"""


@pytest.fixture
def listed(program: Program) -> Program:
    """The program, beside its filters and without a repository."""
    program.write("filters.yml", FILTERS)
    return program


@pytest.fixture
def repository(listed: Program) -> Repository:
    """A repository in the program's directory, with the filters in its root commit."""
    made = Repository(listed.directory)
    made.git("init", "--quiet", "--template=")
    made.commit(**{"sdk__a.c": "a\n", "app__a.c": "a\n", "api.json": "{}\n"})
    made.git("tag", "base")
    return made


def plan_of(program: Program, changes: bytes | str, *options: str, **environment: Any) -> Any:
    data = changes.encode() if isinstance(changes, str) else changes
    command = ("detect", "--format", "json", "--files-from", "-", *options)
    return program(*command, stdin=data, **environment).json


def rule(pattern: str, line: int, column: int, sign: str = "+", **more: Any) -> dict[str, Any]:
    place = {"file": "filters.yml", "line": line, "column": column}
    return {"pattern": pattern, "sign": sign, **place, **more}


# detect --format json


def test_the_plan_of_a_diff(listed: Program, repository: Repository) -> None:
    repository.commit(**{"sdk__a.c": "b\n", "api.json": "[]\n", "LICENSE": "MIT\n"})
    assert listed("detect", "--base", "base", "--format", "json").json == {
        "schema": 1,
        "event": None,
        "determined": True,
        "reason": "the given base to head (two-dot)",
        "base": repository.id("base"),
        "head": repository.id("HEAD"),
        "filters": {"file": "filters.yml", "commit": None},
        "changes": [
            {"path": "LICENSE", "status": "added"},
            {"path": "api.json", "status": "modified"},
            {"path": "sdk/a.c", "status": "modified"},
        ],
        "surfaces": {
            "sdk": {
                "woken": True,
                "advisory": True,
                "jobs": ["ci-sdk", "release.yml:publish"],
                "matched": 2,
                "causes": [
                    {
                        "kind": "changed",
                        "path": "api.json",
                        "status": "modified",
                        "rule": rule("/api.json", 11, 16, statuses=["modified", "deleted"]),
                    },
                    {
                        "kind": "changed",
                        "path": "sdk/a.c",
                        "status": "modified",
                        "rule": rule("/sdk/", 8, 9),
                    },
                ],
                "cause_counts": {"changed": 2},
            },
            "app": {
                "woken": True,
                "advisory": False,
                "jobs": ["app"],
                "matched": 0,
                "causes": [{"kind": "dependency", "surface": "sdk"}],
                "cause_counts": {"dependency": 1},
            },
            "extension-sql": {
                "woken": False,
                "advisory": False,
                "jobs": ["extension-sql"],
                "matched": 0,
                "causes": [],
                "cause_counts": {},
            },
        },
        "unmatched": [],
        "notes": [],
        "surfaces_base": {},
    }


CAUSES: dict[str, tuple[list[str], str, dict[str, Any]]] = {
    "changed": (
        [],
        "extension/a.c",
        {
            "kind": "changed",
            "path": "extension/a.c",
            "status": None,
            "rule": rule("/extension/", 15, 19),
        },
    ),
    "always": (
        [],
        "Makefile",
        {
            "kind": "always",
            "path": "Makefile",
            "status": None,
            "rule": rule("/Makefile", 16, 10),
        },
    ),
    "filters-changed": (
        [],
        "filters.yml",
        {
            "kind": "filters-changed",
            "path": "filters.yml",
            "status": None,
            "detail": "there is no base to compare it with",
        },
    ),
    "filters-changed, the other default name": (
        ["--name-status"],
        "D\t.github/filters.yml",
        {
            "kind": "filters-changed",
            "path": ".github/filters.yml",
            "status": "deleted",
            "detail": "there is no base to compare it with",
        },
    ),
    "unmatched": (
        ["--name-status"],
        "A\tnew/thing.txt",
        {
            "kind": "unmatched",
            "path": "new/thing.txt",
            "status": "added",
            "excluding": [],
            "fix": "claim it in a surface, or add it to inert",
        },
    ),
    "unmatched and excluded": (
        [],
        "sdk/README.md",
        {
            "kind": "unmatched",
            "path": "sdk/README.md",
            "status": None,
            "excluding": [rule("/sdk/*.md", 9, 9, "-")],
            "fix": "claim it in a surface, or add it to inert",
        },
    ),
    "forced": (
        ["--force", "extension-sql"],
        "LICENSE",
        {"kind": "forced", "detail": "--force extension-sql"},
    ),
    "forced, all": (["--force", "all"], "LICENSE", {"kind": "forced", "detail": "--force all"}),
    "undetermined": (
        [],
        "",
        {
            "kind": "undetermined",
            "detail": "the list of changed paths is empty (--allow-empty: nothing changed)",
        },
    ),
}


@pytest.mark.parametrize(("options", "changes", "cause"), CAUSES.values(), ids=CAUSES)
def test_each_kind_of_cause_carries_its_evidence(
    listed: Program, options: list[str], changes: str, cause: dict[str, Any]
) -> None:
    plan = plan_of(listed, changes, *options)
    surface = plan["surfaces"]["extension-sql"]
    assert surface["causes"] == [cause]
    assert surface["cause_counts"] == {cause["kind"]: 1}
    assert surface["woken"]
    assert surface["matched"] == (cause["kind"] == "changed")
    assert plan["determined"] == (cause["kind"] != "undetermined")


def test_a_rule_that_came_by_use_says_where(listed: Program) -> None:
    (cause,) = plan_of(listed, "ci.yml")["surfaces"]["sdk"]["causes"]
    assert cause["rule"] == rule("/ci.yml", 3, 14, used_at={"line": 10, "column": 9})


def test_a_directory_is_one_change_with_an_example(listed: Program) -> None:
    listed.write("filters.yml", "version: 1\nsurfaces:\n  c: ['*.c', '!/vendor/x/']\n")
    plan = plan_of(listed, "vendor/\n")
    assert plan["changes"] == [{"path": "vendor", "status": None, "directory": True}]
    changed, unmatched = plan["surfaces"]["c"]["causes"]
    assert changed["example"].startswith("vendor/")
    assert changed["example"].endswith(".c")
    assert unmatched["example"].startswith("vendor/")


def test_a_path_that_is_not_utf_8(listed: Program) -> None:
    raw = b"sdk/latin-\xe9"
    plan = plan_of(listed, raw)
    path = {"path": "sdk/latin-\udce9", "path_base64": base64.b64encode(raw).decode()}
    assert plan["changes"] == [{**path, "status": None}]
    (cause,) = plan["surfaces"]["sdk"]["causes"]
    assert {key: cause[key] for key in ("path", "path_base64")} == path
    assert cause["path"].encode("utf-8", "surrogateescape") == raw
    assert "path_base64" not in plan_of(listed, "sdk/é")["changes"][0]


def test_causes_are_capped_for_each_kind_and_counted(listed: Program) -> None:
    changes = "".join(f"sdk/{number:02}.c\nnew/{number:02}\n" for number in range(25))
    short = plan_of(listed, changes, "--force=sdk")["surfaces"]["sdk"]
    kinds = [cause["kind"] for cause in short["causes"]]
    assert kinds == ["changed"] * 20 + ["forced"] + ["unmatched"] * 20
    paths = [f"sdk/{number:02}.c" for number in range(25)]
    assert [cause.get("path") for cause in short["causes"]][:20] == paths[:20]
    assert short["matched"] == 25
    assert short["cause_counts"] == {"changed": 25, "forced": 1, "unmatched": 25}

    whole = plan_of(listed, changes, "--force=sdk", "--all-causes")
    surface = whole["surfaces"]["sdk"]
    assert [c["path"] for c in surface["causes"] if c["kind"] == "changed"] == paths
    assert len(surface["causes"]) == 51
    assert surface["matched"] == 25
    assert len(whole["changes"]) == 50
    assert whole["unmatched"] == [f"new/{number:02}" for number in range(25)]


def test_one_surface_of_the_plan(listed: Program) -> None:
    whole = plan_of(listed, "sdk/a.c")
    one = plan_of(listed, "sdk/a.c", "--surface", "app")
    assert list(one["surfaces"]) == ["app"]
    assert one == {**whole, "surfaces": {"app": whole["surfaces"]["app"]}}


def test_surfaces_and_causes_come_in_a_fixed_order(listed: Program) -> None:
    paths = ["sdk/b.c", "sdk/a.c", "extension/x", "sdk/B.c"]
    first = plan_of(listed, "\n".join(paths))
    assert first == plan_of(listed, "\n".join(reversed(paths + paths)))
    assert list(first["surfaces"]) == ["sdk", "app", "extension-sql"]
    assert [c["path"] for c in first["changes"]] == sorted(paths)


# Which changes: --files-from


LISTS: dict[str, tuple[list[str], bytes, list[tuple[str, str | None]]]] = {
    "names": ([], b"b\na\n", [("a", None), ("b", None)]),
    "no last line feed, empty lines": ([], b"\na\n\nb", [("a", None), ("b", None)]),
    "names as git quotes them": (
        [],
        b'"tab\\there"\n"\\303\\251"\n"q\\"uo\\\\te"\nin "the" midst\n',
        [('in "the" midst', None), ('q"uo\\te', None), ("tab\there", None), ("é", None)],
    ),
    "blanks belong to names": ([], b" a \n", [(" a ", None)]),
    "NUL": (
        ["-z"],
        b'new\nline\0"quoted"\0\xc3\xa9\0',
        [('"quoted"', None), ("new\nline", None), ("é", None)],
    ),
    "NUL, the last one missing": (["-z"], b"a\0b", [("a", None), ("b", None)]),
    "statuses": (
        ["--name-status"],
        b"A\ta\nM\tm\nD\td\nT\tt\nU\tu\nX\tx\nM100\trewritten\n",
        [
            ("a", "added"),
            ("d", "deleted"),
            ("m", "modified"),
            ("rewritten", "modified"),
            ("t", "type-changed"),
            ("u", "modified"),
            ("x", None),
        ],
    ),
    "renames and copies": (
        ["--name-status"],
        b"R100\told\tnew\nC075\tsource\tcopy\n",
        [("copy", "added"), ("new", "added"), ("old", "deleted")],
    ),
    "quoted names with statuses": (
        ["--name-status"],
        b'R090\t"t\\tab"\t"n\\newline"\nM\tplain name\n',
        [("n\newline", "added"), ("plain name", "modified"), ("t\tab", "deleted")],
    ),
    "statuses and NUL": (
        ["--name-status", "-z"],
        b"M\0m\nm\0R100\0old\0new\0C100\0source\0copy\0D\0d\0",
        [
            ("copy", "added"),
            ("d", "deleted"),
            ("m\nm", "modified"),
            ("new", "added"),
            ("old", "deleted"),
        ],
    ),
    "one path twice": (
        ["--name-status"],
        b"D\ta\nA\ta\nA\ta\n",
        [("a", "added"), ("a", "deleted")],
    ),
}


@pytest.mark.parametrize(("options", "data", "changes"), LISTS.values(), ids=LISTS)
def test_lists_of_changes(
    listed: Program, options: list[str], data: bytes, changes: list[tuple[str, str | None]]
) -> None:
    plan = plan_of(listed, data, *options)
    assert [(c["path"], c["status"]) for c in plan["changes"]] == changes
    assert (plan["base"], plan["head"], plan["event"]) == (None, None, None)
    assert (plan["determined"], plan["reason"]) == (True, "the given list of paths")

    file = listed.write("list", data)
    command = ("detect", "--format=json", *options)
    assert listed(*command, "--files-from=list").json == plan
    assert listed(*command, "--files-from", file).json == plan


def test_what_git_prints_is_a_list(listed: Program, repository: Repository) -> None:
    repository.git("mv", "sdk/a.c", "app/new\nline é.c")
    repository.commit()
    expected = listed("detect", "--base=base", "--format=json").json["changes"]
    assert len(expected) == 2
    for names in ("--name-status", "--name-only"):
        for nul in ([], ["-z"]):
            for found in ("--no-renames", "--find-renames"):
                diff = ["git", "diff", names, *nul, found, "base", "HEAD"]
                data = subprocess.run(
                    diff, cwd=repository.path, capture_output=True, check=True
                ).stdout
                options = [*nul, *(["--name-status"] if names == "--name-status" else [])]
                changes = plan_of(listed, data, *options)["changes"]
                if names == "--name-status":
                    assert changes == expected, (nul, found)
                elif found == "--no-renames":
                    assert [c["path"] for c in changes] == [c["path"] for c in expected]


@pytest.mark.parametrize("options", [[], ["-z"], ["--name-status"], ["--name-status", "-z"]])
def test_an_empty_list_is_undetermined_unless_that_is_meant(
    listed: Program, options: list[str]
) -> None:
    plan = plan_of(listed, b"", *options)
    assert (plan["determined"], plan["changes"]) == (False, [])
    assert all(surface["woken"] for surface in plan["surfaces"].values())
    meant = plan_of(listed, b"", *options, "--allow-empty")
    assert (meant["determined"], meant["changes"]) == (True, [])
    assert not any(surface["woken"] for surface in meant["surfaces"].values())


# Which changes: commits


def test_the_work_tree_of_a_laptop(listed: Program, repository: Repository) -> None:
    """Staged, unstaged and untracked, from the merge base with the default branch."""
    repository.git("update-ref", "refs/remotes/origin/main", "HEAD")
    repository.git("remote", "add", "origin", "nowhere")
    repository.git("remote", "set-head", "origin", "main")
    repository.commit(**{"extension__x.sql": "x\n"})
    repository.write("sdk/staged.c")
    repository.git("add", ".")
    repository.write("sdk/a.c", "unstaged\n")
    repository.write("app/untracked.c")
    plan = listed("detect", "--format=json").json
    assert {change["path"]: change["status"] for change in plan["changes"]} == {
        "app/untracked.c": "added",
        "extension/x.sql": "added",
        "sdk/a.c": "modified",
        "sdk/staged.c": "added",
    }
    assert (plan["event"], plan["head"]) == (None, None)
    assert plan["base"] == repository.id("base")
    assert plan["reason"] == "merge base with the default branch to the work tree (three-dot)"
    assert f"base {plan['base']}, head (the work tree)" in listed("detect").out.splitlines()


def test_the_merge_commit_of_a_pull_request(listed: Program, repository: Repository) -> None:
    repository.git("checkout", "--quiet", "-b", "topic")
    tip = repository.commit(**{"sdk__a.c": "topic\n"})
    repository.git("checkout", "--quiet", "main")
    base = repository.commit(**{"extension__x.sql": "main\n"})
    repository.git("checkout", "--quiet", "--detach")
    repository.git("merge", "--quiet", "--no-ff", "--message", "Merge", "topic")
    payload = {
        "pull_request": {
            "head": {"sha": tip},
            "base": {"sha": repository.id("base")},
            "labels": [{"name": "SQL"}],
        }
    }
    listed.write("../event.json", json.dumps(payload))
    runners = {
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": listed.directory.parent / "event.json",
    }
    plan = listed("detect", "--format=json", **runners).json
    assert (plan["event"], plan["determined"]) == ("pull_request", True)
    assert (plan["base"], plan["head"]) == (base, repository.id("HEAD"))
    assert plan["reason"] == "merge commit: first parent to head"
    assert plan["changes"] == [{"path": "sdk/a.c", "status": "modified"}]
    assert plan["surfaces"]["extension-sql"]["causes"] == [
        {"kind": "forced", "detail": "label sql"}
    ]
    given = ("--event=pull_request", "--event-path=../event.json")
    assert listed("detect", "--format=json", *given).json == plan
    # What is given on the command line comes before what the runner says.
    assert listed("detect", "--format=json", "--base=base", **runners).json["base"] == (
        repository.id("base")
    )


@pytest.mark.parametrize(
    ("labels", "woken"),
    [
        ([], []),
        (["other"], []),
        (["sql"], ["extension-sql"]),
        (["Sql", "other"], ["extension-sql"]),
        (["full"], ["sdk", "app", "extension-sql"]),
    ],
)
def test_labels_force(listed: Program, labels: list[str], woken: list[str]) -> None:
    rows = [{"name": label} for label in labels]
    listed.write("event.json", json.dumps({"pull_request": {"labels": rows}}))
    event = ("--event=pull_request", "--event-path=event.json")
    plan = plan_of(listed, "LICENSE\n", *event)
    assert [name for name, row in plan["surfaces"].items() if row["woken"]] == woken
    assert plan["event"] == "pull_request"


def test_forces_add_up(listed: Program) -> None:
    plan = plan_of(listed, "LICENSE\n", "--force", "sdk", "--force=all", "--force", "sdk")
    details = [c["detail"] for c in plan["surfaces"]["sdk"]["causes"] if c["kind"] == "forced"]
    assert details == ["--force all", "--force sdk"]
    assert [row["matched"] for row in plan["surfaces"].values()] == [0, 0, 0]


# Exit codes


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["detect", "--files-from=changes"], 0),
        (["detect", "--files-from=changes", "--require-determined"], 0),
        (["detect", "--files-from=empty"], 0),
        (["detect", "--files-from=empty", "--require-determined"], 3),
        (["detect", "--files-from=empty", "--allow-empty", "--require-determined"], 0),
        (["detect", "--files-from=missing", "--require-determined"], 2),
        (["detect"], 2),
        (["explain", "nowhere"], 0),
        (["check"], 0),
        (["check", "--strict"], 1),
        (["check", "--strict", "--select=failed-expectation"], 0),
        (["check", "--filters=failing.yml"], 1),
        (["check", "--filters=failing.yml", "--ignore=failed-expectation"], 0),
        (["check", "--filters=failing.yml", "--select=failed-expectation"], 1),
        (["check", "--filters=broken.yml"], 2),
        (["schema"], 0),
        (["schema", "x"], 2),
        (["--version"], 0),
        (["--help"], 0),
        ([], 2),
    ],
)
def test_exit_codes(listed: Program, arguments: list[str], code: int) -> None:
    listed.write("changes", "sdk/a.c\n")
    listed.write("empty", "")
    listed.write("failing.yml", FILTERS + "expect: [{path: sdk/a.c, sleeps: [sdk]}]\n")
    listed.write("broken.yml", "version: 2\n")
    ran = listed(*arguments)
    assert ran.code == code
    # Errors go to standard error alone, and answers to standard output alone.
    assert bool(ran.out) == (code in (0, 1))
    assert bool(ran.err) == (code not in (0, 1))


def test_undetermined_where_that_is_refused_leaves_no_output(listed: Program) -> None:
    outputs, summary = listed.write("outputs", ""), listed.write("summary", "")
    ran = listed(
        *("detect", "--files-from=-", "--require-determined", "--format=github"),
        GITHUB_OUTPUT=outputs,
        GITHUB_STEP_SUMMARY=summary,
        RUNNER_TEMP=listed.directory,
    )
    said = (
        "the change set is unknown: the list of changed paths is empty "
        "(--allow-empty: nothing changed)"
    )
    assert (ran.code, ran.err) == (3, f"impact: {said}\n")
    assert read_commands(ran.raw_out) == [Command("error", said, {"title": "impact"})]
    assert outputs.read_bytes() == summary.read_bytes() == b""
    assert not list(listed.directory.glob("impact-plan-*"))


# detect --format dotenv and github


def test_dotenv_lines_come_in_order(listed: Program, repository: Repository) -> None:
    repository.commit(**{"sdk__a.c": "b\n"})
    assert listed("detect", "--base=base", "--format=dotenv").out.splitlines() == [
        "IMPACT_SDK=true",
        "IMPACT_APP=true",
        "IMPACT_EXTENSION_SQL=false",
        "IMPACT_WOKEN=app,sdk",
        "IMPACT_ASLEEP=extension-sql",
        "IMPACT_ANY=true",
        "IMPACT_DETERMINED=true",
        f"IMPACT_BASE={repository.id('base')}",
        f"IMPACT_HEAD={repository.id('HEAD')}",
    ]


def test_dotenv_is_what_a_shell_reads(listed: Program) -> None:
    lines = listed("detect", "--files-from=-", "--format=dotenv", stdin=b"sdk/$(x)\n").out
    script = 'set -a; . ./env; echo "$IMPACT_SDK $IMPACT_EXTENSION_SQL [$IMPACT_BASE]"'
    listed.write("env", lines)
    done = subprocess.run(
        ["sh", "-c", script], cwd=listed.directory, capture_output=True, text=True, check=True
    )
    assert done.stdout == "true false []\n"


@pytest.fixture
def step(listed: Program) -> dict[str, Path]:
    """The files that a runner hands to a step."""
    (listed.directory.parent / "temp").mkdir()
    return {
        "GITHUB_OUTPUT": listed.write("../outputs", "earlier=output\n"),
        "GITHUB_STEP_SUMMARY": listed.write("../summary", "earlier\n"),
        "RUNNER_TEMP": listed.directory.parent / "temp",
    }


def test_the_outputs_of_a_step(
    listed: Program, repository: Repository, step: dict[str, Path]
) -> None:
    for number in range(25):
        repository.write(f"sdk/{number}.c")
    repository.commit(**{"sdk__a.c": "b\n", "new": "x\n"})
    ran = listed("detect", "--base=base", "--format=github", "--force=extension-sql", **step)
    assert (ran.code, ran.err) == (0, "")
    outputs = read_outputs(step["GITHUB_OUTPUT"].read_bytes())
    assert list(outputs) == ["earlier", *OUTPUTS]
    assert json.loads(outputs["surfaces"]) == {"app": True, "extension-sql": True, "sdk": True}
    assert json.loads(outputs["woken"]) == ["app", "extension-sql", "sdk"]
    assert json.loads(outputs["asleep"]) == []
    assert (outputs["any"], outputs["determined"]) == ("true", "true")
    assert outputs["base"] == repository.id("base")
    assert outputs["head"] == repository.id("HEAD")

    # The whole plan, and nothing of it but this file's name in an output.
    plan_file = Path(outputs["plan-file"])
    assert plan_file.parent == step["RUNNER_TEMP"]
    assert plan_file.stat().st_mode & 0o077 == 0
    whole = ("--all-causes", "--format=json", "--force=extension-sql")
    assert json.loads(plan_file.read_bytes()) == listed("detect", "--base=base", *whole).json
    assert b"sdk/a.c" not in step["GITHUB_OUTPUT"].read_bytes()

    text = listed("detect", "--base=base", "--force=extension-sql").out
    group, *rest = ran.out.splitlines()
    assert group == "::group::impact: 27 changed paths: the given base to head (two-dot)"
    log = [line.replace(" (advisory)", "").split() for line in rest[1:-3]]
    assert log == [line.split() for line in text.splitlines()]
    assert read_commands(ran.raw_out) == [
        Command("group", "impact: 27 changed paths: the given base to head (two-dot)"),
        Command("endgroup", ""),
        Command(
            "warning",
            "new: claimed by nothing, so every surface wakes (unmatched: wake-all); "
            "claim them in a surface, or add them to inert",
            {"title": "impact"},
        ),
    ]


def test_asleep_and_undetermined_in_outputs(listed: Program, step: dict[str, Path]) -> None:
    command = ("detect", "--files-from=-", "--format=github")
    nothing = listed(*command, "--allow-empty", **step)
    outputs = read_outputs(step["GITHUB_OUTPUT"].read_bytes())
    assert json.loads(outputs["asleep"]) == ["app", "extension-sql", "sdk"]
    assert (outputs["woken"], outputs["any"], outputs["determined"]) == ("[]", "false", "true")
    assert (outputs["base"], outputs["head"]) == ("", "")
    assert [c.name for c in read_commands(nothing.raw_out)] == ["group", "endgroup"]

    unknown = listed(*command, **step)
    outputs = read_outputs(step["GITHUB_OUTPUT"].read_bytes())
    assert json.loads(outputs["woken"]) == ["app", "extension-sql", "sdk"]
    assert (outputs["asleep"], outputs["any"], outputs["determined"]) == ("[]", "true", "false")
    assert read_commands(unknown.raw_out)[-1] == Command(
        "warning",
        "every surface wakes: the list of changed paths is empty "
        "(--allow-empty: nothing changed)",
        {"title": "impact"},
    )


def test_ignored_unclaimed_paths_are_a_notice(listed: Program, step: dict[str, Path]) -> None:
    listed.write("filters.yml", FILTERS + "unmatched: ignore\n")
    paths = b"new/1\nnew/2\nnew/3\nnew/4\nnew/5\n"
    ran = listed("detect", "--files-from=-", "--format=github", stdin=paths, **step)
    assert read_commands(ran.raw_out)[-1] == Command(
        "notice",
        "new/1, new/2, new/3 and 2 more: claimed by nothing, so they wake nothing "
        "(unmatched: ignore); claim them in a surface, or add them to inert",
        {"title": "impact"},
    )


def test_the_step_summary(
    listed: Program, repository: Repository, step: dict[str, Path]
) -> None:
    repository.commit(**{"sdk__a.c": "b\n"})
    options = ("--base=base", "--force=extension-sql")
    listed("detect", *options, "--format=github", **step)
    commits = (repository.id("base"), repository.id("HEAD"))
    options_in_full = [f"--base={commits[0]}", f"--head={commits[1]}", options[1]]
    lines = step["GITHUB_STEP_SUMMARY"].read_text().splitlines()
    assert lines[:2] == ["earlier", "### impact: 3 of 3 surfaces awake"]
    assert [line for line in lines if line.startswith("| ")] == [
        "| verdict | surface | why |",
        "| --- | --- | --- |",
        "| **awake** | <code>sdk</code> (advisory) | <code>sdk/a&#46;c &#40;modified&#41; "
        "matches /sdk/ at filters&#46;yml&#58;8&#58;9</code> |",
        "| **awake** | <code>app</code> | <code>depends on sdk&#44; awake&#58; sdk/a&#46;c "
        "&#40;modified&#41; matches /sdk/ at filters&#46;yml&#58;8&#58;9</code> |",
        "| **awake** | <code>extension-sql</code> "
        "| <code>forced by --force extension-sql</code> |",
    ]
    assert lines[lines.index("```sh") + 3].split() == ["impact", "detect", *options_in_full]


@pytest.mark.parametrize(
    ("variable", "message"),
    [
        ("GITHUB_STEP_SUMMARY", "{} cannot be written: No such file or directory"),
        ("RUNNER_TEMP", "the plan file cannot be written: No such file or directory"),
        ("GITHUB_OUTPUT", "{} cannot be written: No such file or directory"),
    ],
)
def test_outputs_are_written_last(
    listed: Program, step: dict[str, Path], variable: str, message: str
) -> None:
    missing = listed.directory / "missing" / "x"
    ran = listed(
        *("detect", "--files-from=-", "--format=github"),
        stdin=b"sdk/a.c\n",
        **{**step, variable: missing},
    )
    assert ran.code == 2
    assert ran.err == f"impact: {message.format(missing)}\n"
    assert step["GITHUB_OUTPUT"].read_text() == "earlier=output\n"


def test_a_step_without_a_summary(listed: Program, step: dict[str, Path]) -> None:
    ran = listed(
        *("detect", "--files-from=-", "--format=github"),
        stdin=b"sdk/a.c\n",
        **{**step, "GITHUB_STEP_SUMMARY": None},
    )
    assert ran.code == 0
    assert len(read_outputs(step["GITHUB_OUTPUT"].read_bytes())) == 1 + len(OUTPUTS)


# explain --format json


def test_the_explanation_of_a_path(listed: Program) -> None:
    command = ("explain", "--format=json", "sdk/README.md")
    assert listed(*command).json == {
        "schema": 1,
        "paths": [
            {
                "path": "sdk/README.md",
                "status": None,
                "unmatched": True,
                "surfaces": {
                    "sdk": {
                        "woken": True,
                        "causes": [CAUSES["unmatched and excluded"][2]],
                        "considered": [
                            considered("/sdk/", 8, 9, matches=True),
                            considered("/sdk/*.md", 9, 9, "-", matches=True, decides=True),
                            considered("/ci.yml", 3, 14, used_at={"line": 10, "column": 9}),
                            considered("/api.json", 11, 16, statuses=["modified", "deleted"]),
                        ],
                    },
                    "app": {
                        "woken": True,
                        "causes": [
                            CAUSES["unmatched and excluded"][2],
                            {"kind": "dependency", "surface": "sdk"},
                        ],
                        "considered": [considered("/app/", 14, 17)],
                    },
                    "extension-sql": {
                        "woken": True,
                        "causes": [CAUSES["unmatched and excluded"][2]],
                        "considered": [considered("/extension/", 15, 19)],
                    },
                },
                "always": [considered("/Makefile", 16, 10)],
                "inert": [considered("/LICENSE", 17, 9)],
            }
        ],
    }


def considered(
    pattern: str,
    line: int,
    column: int,
    sign: str = "+",
    matches: bool = False,
    decides: bool = False,
    **more: Any,
) -> dict[str, Any]:
    place = {"line": line, "column": column}
    verdict = {"matches": matches, "decides": decides}
    return {"pattern": pattern, "sign": sign, **place, **more, **verdict}


def explained(program: Program, path: str, *options: str, **more: Any) -> Any:
    (row,) = program("explain", "--format=json", path, *options, **more).json["paths"]
    return row


def test_the_closest_miss(listed: Program) -> None:
    sdk = explained(listed, "api.yaml", "--surface=sdk")["surfaces"]["sdk"]
    assert sdk["closest"] == {
        **rule("/api.json", 11, 16, statuses=["modified", "deleted"]),
        "matched_from": 0,
        "matched_to": 4,
    }


def test_verdicts_that_differ_by_status(listed: Program) -> None:
    row = explained(listed, "api.json", "--surface=sdk")
    assert row["status"] is None
    assert row["surfaces"]["sdk"]["by_status"] == {
        "added": False,
        "modified": True,
        "deleted": True,
        "type-changed": True,
    }
    assert list(row["surfaces"]) == ["sdk"]
    for status, woken in row["surfaces"]["sdk"]["by_status"].items():
        one = explained(listed, "api.json", "--status", status)
        assert one["status"] == status
        assert one["surfaces"]["sdk"]["woken"] is woken
        assert "by_status" not in one["surfaces"]["sdk"]


def test_paths_are_as_asked_from_the_root(listed: Program) -> None:
    listed.write("sdk/nested/x", "")
    for at, path, shown in [
        (".", "sdk/nested", "sdk/nested"),
        (".", "sdk/nested/", "sdk/nested/"),
        (".", "sdk/nested/x", "sdk/nested/x"),
        (".", "sdk/missing/", "sdk/missing/"),
        (".", "./sdk//nested/../x", "sdk/x"),
        (".", ".", "."),
        ("sdk", ".", "sdk"),
        ("sdk", "nested/x", "sdk/nested/x"),
        ("sdk/nested", "../../LICENSE", "LICENSE"),
        ("sdk/nested", "../..", "."),
        ("sdk", str(listed.directory / "app/a.c"), "app/a.c"),
    ]:
        assert explained(listed, path, at=at)["path"] == shown


def test_a_directory_that_holds_the_filters_changes_them(listed: Program) -> None:
    for path, expected in [(".", True), (".github/", True), ("sdk/", False)]:
        causes = explained(listed, path)["surfaces"]["app"]["causes"]
        assert any(cause["kind"] == "filters-changed" for cause in causes) is expected


def test_a_path_that_is_not_utf_8_is_explained(listed: Program) -> None:
    row = explained(listed, os.fsdecode(b"sdk/\xe9"))
    assert row["path"] == "sdk/\udce9"
    assert base64.b64decode(row["path_base64"]) == b"sdk/\xe9"


# check --format json and github


def test_findings(listed: Program) -> None:
    listed.write("filters.yml", FILTERS + "expect:\n  - {path: sdk/a.c, sleeps: [sdk]}\n")
    message = "sdk/a.c: expected to sleep, but awake: sdk"
    ran = listed("check", "--select=failed-expectation", "--format=json")
    assert ran.code == 1
    assert ran.json == {
        "schema": 1,
        "findings": [
            {
                "id": "failed-expectation",
                "severity": "error",
                "message": message,
                "file": "filters.yml",
                "line": 20,
                "column": 5,
                "surface": None,
            }
        ],
    }
    ran = listed("check", "--select=failed-expectation", "--format=github")
    assert ran.code == 1
    place = {"file": "filters.yml", "line": "20", "col": "5", "title": "failed-expectation"}
    assert read_commands(ran.raw_out) == [Command("error", message, place)]


def test_annotations_are_as_many_as_are_shown(listed: Program) -> None:
    cases = "".join(f"  - {{path: sdk/{n}.c, sleeps: [sdk]}}\n" for n in range(13))
    listed.write("filters.yml", FILTERS + "expect:\n" + cases)
    ran = listed("check", "--select=failed-expectation", "--format=github")
    assert len(read_commands(ran.raw_out)) == 10
    assert ran.out.splitlines()[10:] == ["and 3 more of severity error"]


# Everywhere


def test_every_command_works_from_a_sub_directory_and_with_directories(
    listed: Program, repository: Repository, tmp_path: Path
) -> None:
    repository.commit(**{"sdk__deep__a.c": "b\n"})
    listed.write("failing.yml", FILTERS + "expect: [{path: sdk/a.c, sleeps: [sdk]}]\n")
    for command in [
        ("detect", "--base=base"),
        ("detect", "--base=base", "--format=json"),
        ("check", "--select=failed-expectation"),
        ("schema",),
    ]:
        expected = listed(*command)
        assert expected.code == 0
        assert listed(*command, at="sdk/deep") == expected
        assert listed("-C", "sdk/deep", *command) == expected
        assert listed("-C", "sdk", "-C", "deep", *command) == expected
        assert listed("-C", listed.directory, *command, at=tmp_path) == expected
    # Paths on the command line are relative to where the command runs.
    listed.write("sdk/changes", "app/a.c\n")
    (listed.directory / "failing.yml").rename(listed.directory / "sdk" / "failing.yml")
    listed.write("sdk/event.json", '{"pull_request": {"labels": [{"name": "sql"}]}}')
    options = ("--files-from=changes", "--filters=failing.yml")
    event = ("--event=pull_request", "--event-path=event.json")
    at = listed("detect", *options, *event, "--format=json", at="sdk")
    assert at.json["filters"] == {"file": "sdk/failing.yml", "commit": None}
    assert at.json["surfaces"]["extension-sql"]["woken"]
    assert listed("-C", "sdk", "detect", *options, *event, "--format=json") == at
    select = "--select=failed-expectation"
    failing = listed("check", select, "--filters=failing.yml", at="sdk")
    assert failing.out.startswith("sdk/failing.yml:19:10: error: sdk/a.c: expected to sleep")
    assert listed("-C", "sdk", "check", select, "--filters=failing.yml") == failing


def test_filters_in_the_other_place(program: Program) -> None:
    program.write(".github/filters.yml", FILTERS)
    plan = plan_of(program, ".github/filters.yml\n")
    assert plan["filters"]["file"] == ".github/filters.yml"
    kinds = [cause["kind"] for cause in plan["surfaces"]["sdk"]["causes"]]
    assert kinds == ["filters-changed"]
    assert plan["unmatched"] == []


def test_named_filters_count_as_filters(listed: Program, tmp_path: Path) -> None:
    listed.write("ci/impact.yml", FILTERS)
    plan = plan_of(listed, "ci/impact.yml\n", "--filters", "ci/impact.yml")
    assert [c["kind"] for c in plan["surfaces"]["sdk"]["causes"]] == ["filters-changed"]
    outside = tmp_path / "outside.yml"
    outside.write_text(FILTERS)
    plan = plan_of(listed, "sdk/a.c\n", "--filters", str(outside))
    assert plan["filters"]["file"] == str(outside)
    assert plan["surfaces"]["sdk"]["causes"][0]["rule"]["file"] == str(outside)


@pytest.mark.parametrize("command", ["detect", "explain", "check", "schema"])
def test_every_command_has_help_with_an_example_that_runs(
    listed: Program, repository: Repository, command: str
) -> None:
    ran = listed(command, "--help")
    assert (ran.code, ran.err) == (0, "")
    (example,) = re.findall(r"^example:\n  (impact .*)$", ran.out, re.MULTILINE)
    repository.git("update-ref", "refs/remotes/origin/main", "HEAD")
    claimed = (
        "sdk/b",
        "app/b",
        "extension/a.sql",
        "migrations/a.sql",
        "Makefile",
        "LICENSE",
        "ci.yml",
        "sdk/a.md",
    )
    repository.commit(**{"sdk__a.c": "b\n", **dict.fromkeys(claimed, "text\n")})
    _, *arguments = shlex.split(example.partition(" > ")[0])
    assert listed(*arguments).code == 0


def test_the_installed_command_is_the_module(listed: Program) -> None:
    """In a new interpreter, with what a user's shell hands over."""
    command = ("detect", "--files-from=-", "--format=json")
    fresh = listed(*command, stdin="sdk/é\n".encode(), fresh=True)
    assert fresh.json == plan_of(listed, "sdk/é\n")
    entry = "import sys; from impact.cli.main import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", entry, *command],
        cwd=listed.directory,
        env=listed.environment | {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"},
        input="sdk/é\n".encode(),
        capture_output=True,
        check=True,
    )
    assert done.stdout == fresh.raw_out


# schema


BROKEN = Path(__file__).parent / "broken_filters"
# What a schema cannot say: where names lead, what a pattern means, how YAML is written (to
# JSON, 1.0 is 1).
BEYOND_THE_SCHEMA = re.compile(
    r"anchor|alias|indent-joined|key-duplicate|key-missing-in-entries|key-read-as-boolean"
    r"|list-|name-alike|name-of-a-job|name-reserved|pattern-|surface-|unquoted-hash"
    r"|value-of-expect|value-of-version-dotted"
)


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "impact", "schema"],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        check=True,
    )
    loaded: dict[str, Any] = json.loads(done.stdout)
    return loaded


def valid(schema: dict[str, Any], text: str) -> bool:
    return jsonschema.Draft202012Validator(schema).is_valid(yaml.safe_load(text))


def test_the_schema_is_one(schema: dict[str, Any]) -> None:
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(schema)
    assert "null" not in json.dumps(schema)
    described = {**schema["properties"], **schema["$defs"]["SurfaceShape"]["properties"]}
    assert all(part.get("description") for part in described.values())


def test_the_schema_takes_what_the_loader_takes(
    listed: Program, schema: dict[str, Any]
) -> None:
    minimal = "version: 1\nsurfaces: {docs: [/docs/]}\n"
    for text in [
        FILTERS,
        minimal,
        minimal + "unmatched: wake-all\n",
        minimal + "unmatched: ignore\n",
        minimal + "labels: {a: all, b: [docs]}\n",
        minimal + "expect: [{path: a, wakes: all, status: added}, {path: a/, sleeps: all}]\n",
        minimal + "expect: [{path: docs/a, only: [docs]}]\n",
        minimal + "patterns: {a: [x, '!y', {path: z}], b: [use: a]}\n",
        "version: 1\nsurfaces: {a: {depends-on: [b]}, b: {paths: [x], advisory: true}}\n",
        "version: 1\nsurfaces: {_A-1: [x, {path: '!y', status: [added, type-changed]}]}\n",
    ]:
        listed.write("filters.yml", text)
        assert listed("check").code in (0, 1), text
        assert valid(schema, text), text


@pytest.mark.parametrize("name", sorted(file.stem for file in BROKEN.glob("*.yml")))
def test_the_schema_and_the_loader_refuse_the_same_shapes(
    schema: dict[str, Any], name: str
) -> None:
    text = (BROKEN / f"{name}.yml").read_text()
    try:
        accepted = valid(schema, text)
    except (yaml.YAMLError, TypeError, RecursionError):
        return  # not YAML, or a key that is no text: no editor gets as far as the schema
    assert not accepted or BEYOND_THE_SCHEMA.match(name)
