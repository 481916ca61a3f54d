"""Where a wrong answer would be easy: odd layouts, lost data, hostile sizes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.program import Program
from tests.repositories import Repository

pytest_plugins = ["tests.program"]

FLOATING = ["*.c", "*.h", "*.cc", "*.ts", "*.tsx", "*.py", "package.json", "BUILD", "LICENSE"]


def woken(program: Program, *arguments: str, stdin: bytes = b"", **variables: str) -> list[str]:
    plan = program("detect", "--format=json", *arguments, stdin=stdin, **variables).json
    return [name for name, row in plan["surfaces"].items() if row["woken"]]


def repository_of(program: Program) -> Repository:
    made = Repository(program.directory)
    made.git("init", "--quiet", "--template=", "--initial-branch=main")
    return made


def test_floating_patterns_do_not_unclaim_a_submodule_that_is_claimed_whole(
    program: Program,
) -> None:
    rules = json.dumps([*FLOATING, "!/vendor/"])
    program.write(
        "filters.yml",
        f"version: 1\nsurfaces:\n  vendor: [/vendor/]\n  code: {rules}\n"
        "  text: ['*.md', '*.rst', '*.txt']\n  other: [/other/]\n"
        f"inert: {json.dumps(FLOATING)}\n",
    )
    assert woken(program, "--files-from=-", stdin=b"vendor/lib/\n") == ["vendor", "text"]


def test_a_directory_is_unclaimed_if_one_path_beneath_it_is(program: Program) -> None:
    program.write(
        "filters.yml",
        "version: 1\nsurfaces:\n  sdk: [/sdk/, '!/sdk/**/*.md']\n  go: ['*.go']\n"
        "inert: ['*.md', '!/sdk/x/']\n",
    )
    row = program("explain", "sdk/", "--format=json").json["paths"][0]
    assert row["unmatched"] is True
    assert row["surfaces"]["go"]["causes"][-1]["example"].startswith("sdk/x/")
    assert program("explain", "sdk/y/", "--format=json").json["paths"][0]["unmatched"] is False


def test_filters_behind_a_linked_directory_are_named_as_they_are(program: Program) -> None:
    """Else the link could be turned to other filters, and no change to a file would tell."""
    repository = repository_of(program)
    program.write("gh/filters.yml", "version: 1\nsurfaces: {a: [/a/], ops: [/gh/]}\n")
    (program.directory / ".github").symlink_to("gh")
    repository.commit()
    ran = program("detect", "--base=HEAD~1")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(
        ".github/filters.yml:1:1: error: the filters file is behind a link, so its changes "
        "would go unseen; name it as it is: --filters gh/filters.yml [unreadable]\n"
    )
    program.write("gh/filters.yml", "version: 1\nsurfaces: {a: [/b/], ops: [/gh/]}\n")
    repository.commit()
    assert woken(program, "--base=HEAD~1", "--filters=gh/filters.yml") == ["a", "ops"]


def test_a_git_directory_that_is_no_repository_is_not_the_root(program: Program) -> None:
    program.write("filters.yml", "version: 1\nsurfaces: {a: [/a/x], top: [/x]}\n")
    repository_of(program)
    (program.directory / "a" / ".git").mkdir(parents=True)
    row = program("explain", "x", "--format=json", at="a").json["paths"][0]
    assert row["path"] == "a/x"
    assert row["surfaces"]["a"]["woken"] is True


def test_labels_that_a_lost_payload_may_carry_wake_everything(program: Program) -> None:
    program.write(
        "filters.yml",
        "version: 1\nsurfaces: {a: [/a/], b: [/b/]}\nlabels: {full: all}\ninert: [x]\n",
    )
    payload = program.write("payload.json", "{")
    event = {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": str(payload)}
    assert woken(program, "--files-from=-", stdin=b"x\n", **event) == ["a", "b"]
    payload.write_text("{}")
    assert woken(program, "--files-from=-", stdin=b"x\n", **event) == []


@pytest.fixture
def pushed_branch(program: Program) -> tuple[Program, dict[str, Any]]:
    """A branch with two commits behind main, the second of them pushed last."""
    repository = repository_of(program)
    program.write("filters.yml", "version: 1\nsurfaces: {a: [/a/], b: [/b/], c: [/c/]}\n")
    repository.commit(one="1\n")
    repository.git("update-ref", "refs/remotes/origin/main", "HEAD")
    repository.git("checkout", "--quiet", "-b", "topic")
    before = repository.commit(a__new="1\n")
    after = repository.commit(b__new="1\n")
    payload = {
        "ref": "refs/heads/topic",
        "before": before,
        "after": after,
        "repository": {"default_branch": "main"},
    }
    return program, payload


def test_a_force_push_compares_with_the_default_branch_alone(
    pushed_branch: tuple[Program, dict[str, Any]],
) -> None:
    program, payload = pushed_branch
    event = program.write(".git/payload.json", json.dumps({**payload, "before": "1" * 40}))
    plan = program("detect", "--event=push", f"--event-path={event}", "--format=json").json
    assert plan["determined"] is True
    assert plan["reason"].startswith("push to a branch, before is gone (a force push)")
    assert [row["path"] for row in plan["changes"]] == ["a/new", "b/new"]


def test_a_given_head_keeps_the_base_of_the_event(program: Program) -> None:
    """A pull request to another branch than the default one."""
    repository = repository_of(program)
    program.write("filters.yml", "version: 1\nsurfaces: {a: [/a/], b: [/b/], c: [/c/]}\n")
    release = repository.commit(one="1\n")
    main = repository.commit(a__new="1\n")
    repository.git("update-ref", "refs/remotes/origin/main", main)
    repository.git("checkout", "--quiet", "-b", "backport")
    head = repository.commit(b__new="1\n")
    repository.commit(c__new="1\n")
    commits = {"base": {"sha": release}, "head": {"sha": head}}
    payload = {"pull_request": commits, "repository": {"default_branch": "main"}}
    event = program.write(".git/payload.json", json.dumps(payload))
    asked = ("detect", f"--event-path={event}", "--format=json", "--event")
    plan = program(*asked, "pull_request", "--head", head).json
    assert [row["path"] for row in plan["changes"]] == ["a/new", "b/new"]
    assert (plan["base"], plan["head"]) == (release, head)
    assert plan["reason"] == (
        "pull request: merge base of base and head to head (three-dot), at the given head"
    )
    plan = program(*asked, "workflow_dispatch", "--head", head).json
    assert (plan["determined"], plan["base"]) == (False, None)
    assert plan["reason"] == "event workflow_dispatch has no commits to compare; give a base"


def test_a_push_without_a_ref_is_undetermined(program: Program) -> None:
    program.write("filters.yml", "version: 1\nsurfaces: {a: [/a/]}\n")
    repository_of(program)
    event = program.write(".git/payload.json", "{}")
    plan = program("detect", "--event=push", f"--event-path={event}", "--format=json").json
    assert (plan["determined"], plan["reason"]) == (False, "the payload names no branch in ref")


def test_lists_that_take_each_other_in_cannot_grow_without_end(program: Program) -> None:
    lists = [f"  p{i}: [{{use: p{i - 1}}}, {{use: p{i - 1}}}]" for i in range(1, 9)]
    rules = ", ".join(f"/a{i}" for i in range(100))
    surfaces = [f"  s{i}: [{{use: p8}}]" for i in range(100)]
    text = ["version: 1", "patterns:", f"  p0: [{rules}]", *lists, "surfaces:", *surfaces]
    program.write("filters.yml", "\n".join(text))
    ran = program("check")
    assert ran.code == 2
    assert ran.err == (
        "filters.yml:14:7: error: the file grows beyond 50,000 rules with what its lists "
        "take in; take in each list once [size]\n"
        "impact: 1 error in the filters; nothing is decided\n"
    )


def test_a_pattern_has_a_greatest_length(program: Program) -> None:
    program.write("filters.yml", f"version: 1\nsurfaces:\n  a: ['{'a**' * 8000}']\n")
    assert program("check").err == (
        "filters.yml:3:8: error: a pattern has at most 10,000 characters; "
        "shorten it [pattern]\n"
        "impact: 1 error in the filters; nothing is decided\n"
    )


def test_a_block_scalar_is_no_pattern(program: Program) -> None:
    program.write(
        "filters.yml", "version: 1\nsurfaces:\n  a:\n    - >-\n      /a/\n      /b/\n"
    )
    assert program("check").err == (
        "filters.yml:4:7: error: the pattern runs over several lines, which YAML joins to "
        "one; check the indentation of the next line [yaml]\n"
        "impact: 1 error in the filters; nothing is decided\n"
    )
