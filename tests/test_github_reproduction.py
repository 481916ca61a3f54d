"""The commands of a step summary, run on a laptop, give the verdicts that CI gave.

Origin is a real repository; CI and the laptop are clones of it over ``file://``, and the
laptop has neither the commits nor the filters of what CI looked at.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests import github_events
from tests.actions_runner import read_outputs
from tests.program import Program
from tests.repositories import Repository

pytest_plugins = ["tests.program", "tests.repositories"]

FILTERS = """\
version: 1
surfaces:
  topic: [/topic*]
  main: [/main.txt]
  library: ['/library/*.c']
  app: {depends-on: [topic]}
  other: [/other/]
inert: ['*']
labels: {more: [main, other]}
"""
LATER = "version: 1\nsurfaces: {everything: ['*']}\n"
"""The filters that main has by the time that somebody looks at the summary."""


@pytest.fixture
def one_commit(one_commit: Repository) -> Repository:
    """The root commit of all fixtures, and then the filters."""
    one_commit.commit(**{"filters.yml": FILTERS, "ci/odd `name'.yml": FILTERS})
    one_commit.git("tag", "--force", "base")
    return one_commit


@dataclass(frozen=True)
class Run:
    """What CI said: the surfaces awake, and the commands of the summary."""

    woken: list[str]
    script: str


class Places:
    """Origin with its two clones: CI's, checked out as CI does, and a colleague's."""

    def __init__(self, program: Program, origin: Repository) -> None:
        self.program = program
        self.origin = origin
        self.ci = origin.clone("ci")
        self.step = origin.path.parent / "step"
        self.step.mkdir()

    def checkout(self, commit: str) -> None:
        self.ci.git("fetch", "--quiet", "origin", commit)
        self.ci.git("checkout", "--quiet", "--detach", commit)

    def detect(self, event: str | None, payload: Any, *options: str, stdin: bytes = b"") -> Run:
        file = self.step / "event.json"
        file.write_text(json.dumps(payload))
        output, summary = self.step / "output", self.step / "summary"
        ran = self.program(
            *("detect", "--format=github", *options),
            at=self.ci.path,
            stdin=stdin,
            GITHUB_EVENT_NAME=event,
            GITHUB_EVENT_PATH=file,
            GITHUB_OUTPUT=output,
            GITHUB_STEP_SUMMARY=summary,
            RUNNER_TEMP=self.step,
        )
        assert (ran.code, ran.err) == (0, "")
        (script,) = re.findall(r"^```sh\n(.*?)\n```$", summary.read_text(), re.DOTALL | re.M)
        return Run(json.loads(read_outputs(output.read_bytes())["woken"]), script)

    def laptop(self, script: str) -> str:
        """What a colleague sees who pastes the commands into a clone of today."""
        self.origin.git("checkout", "--quiet", "-B", "main", "main")
        self.origin.commit(**{"filters.yml": LATER})
        clone = self.origin.clone("laptop")
        tools = self.step / "bin"
        tools.mkdir()
        tool = tools / "impact"
        tool.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m impact "$@" --format=json\n')
        tool.chmod(0o755)
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=clone.path,
            env=self.program.whole_environment(
                {"PATH": f"{tools}{os.pathsep}{self.program.environment['PATH']}"}
            ),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (script, done.stderr)
        return done.stdout


def woken(printed: str) -> list[str]:
    """The surfaces that one of several plans wakes."""
    found: set[str] = set()
    decoder = json.JSONDecoder()
    while printed.strip():
        plan, end = decoder.raw_decode(printed.lstrip())
        assert plan["determined"]
        found |= {name for name, row in plan["surfaces"].items() if row["woken"]}
        printed = printed.lstrip()[end:]
    return sorted(found)


Make = Callable[[Repository], Places]


@pytest.fixture
def places(program: Program) -> Make:
    return lambda origin: Places(program, origin)


def pull_request(repository: Repository, *labels: str) -> dict[str, Any]:
    return {
        "pull_request": {
            "head": {"sha": repository.id("topic")},
            "base": {"sha": repository.id("main")},
            "labels": [{"name": label} for label in labels],
        },
        "repository": {"default_branch": "main"},
    }


def push(repository: Repository, ref: str, before: str, after: str) -> dict[str, Any]:
    return {
        "ref": f"refs/heads/{ref}",
        "before": repository.id(before),
        "after": repository.id(after),
        "repository": {"default_branch": "main"},
    }


def test_the_merge_commit_of_a_pull_request(places: Make, merge_commit: Repository) -> None:
    merged, payload = merge_commit.id("HEAD"), pull_request(merge_commit)
    here = places(merge_commit)
    here.checkout(merged)
    run = here.detect("pull_request", payload)
    assert run.woken == ["app", "topic"]
    main = merge_commit.id("main")
    assert run.script == (
        f"git fetch origin {main} {merged} &&\n"
        f"  git switch --detach {merged} &&\n"
        f"  impact detect --base={main} --head={merged}"
    )
    assert woken(here.laptop(run.script)) == run.woken


def test_a_shallow_checkout(places: Make, merge_commit: Repository) -> None:
    merged, payload = merge_commit.id("HEAD"), pull_request(merge_commit)
    merge_commit.git("update-ref", "refs/pull/1/merge", merged)
    here = places(merge_commit)
    here.ci.git("init", "--quiet", "../shallow")
    shallow = here.ci.at("../shallow")
    shallow.git("fetch", "--quiet", "--depth=2", merge_commit.path.as_uri(), merged)
    shallow.git("checkout", "--quiet", "FETCH_HEAD")
    here.ci = shallow
    run = here.detect("pull_request", payload)
    assert run.woken == ["app", "topic"]
    assert woken(here.laptop(run.script)) == run.woken


def test_the_head_of_a_pull_request_with_a_label(
    places: Make, two_branches: Repository
) -> None:
    here = places(two_branches)
    here.checkout(two_branches.id("topic"))
    run = here.detect("pull_request", pull_request(two_branches, "More"))
    assert run.woken == ["app", "main", "other", "topic"]
    assert run.script.endswith(" --force=main --force=other")
    assert woken(here.laptop(run.script)) == run.woken


def test_all_forced_is_said_once(places: Make, two_branches: Repository) -> None:
    here = places(two_branches)
    here.checkout(two_branches.id("topic"))
    run = here.detect("pull_request", pull_request(two_branches), "--force=all")
    assert run.script.count("--force") == 1
    assert woken(here.laptop(run.script)) == run.woken
    assert run.woken == ["app", "library", "main", "other", "topic"]


def test_a_push_to_a_branch_has_two_diffs(places: Make, two_branches: Repository) -> None:
    two_branches.git("checkout", "--quiet", "topic")
    two_branches.commit(**{"main.txt": "again\n"})
    here = places(two_branches)
    here.checkout(two_branches.id("topic"))
    run = here.detect("push", push(two_branches, "topic", "topic~1", "topic"))
    assert run.woken == ["app", "main", "topic"]
    assert run.script.count("impact detect") == 2
    assert woken(here.laptop(run.script)) == run.woken


def test_a_push_that_takes_back_what_the_branch_changed(
    places: Make, two_branches: Repository
) -> None:
    """One of the diffs is empty, which must not read as unknown on the laptop."""
    two_branches.git("checkout", "--quiet", "topic")
    two_branches.git("rm", "--quiet", "topic.txt")
    two_branches.commit()
    here = places(two_branches)
    here.checkout(two_branches.id("topic"))
    run = here.detect("push", push(two_branches, "topic", "topic~1", "topic"))
    assert run.woken == ["app", "topic"]
    assert woken(here.laptop(run.script)) == run.woken


def test_a_submodule(places: Make, submodule_bumped: Repository) -> None:
    submodule_bumped.git("checkout", "--quiet", "-b", "topic")
    submodule_bumped.git("branch", "--force", "main", "base")
    submodule_bumped.commit(**{"topic.txt": "topic\n"})
    here = places(submodule_bumped)
    here.checkout(submodule_bumped.id("topic"))
    run = here.detect("push", push(submodule_bumped, "topic", "topic~1", "topic"))
    assert run.woken == ["app", "library", "topic"]
    assert woken(here.laptop(run.script)) == run.woken


def test_a_push_to_the_default_branch(places: Make, merge_commit: Repository) -> None:
    merge_commit.git("branch", "--force", "main", "HEAD")
    payload = push(merge_commit, "main", "main~1", "main")
    here = places(merge_commit)
    here.checkout(merge_commit.id("main"))
    run = here.detect("push", payload)
    assert run.woken == ["app", "topic"]
    assert woken(here.laptop(run.script)) == run.woken


def test_filters_with_an_odd_name(places: Make, two_branches: Repository) -> None:
    here = places(two_branches)
    here.checkout(two_branches.id("topic"))
    payload = pull_request(two_branches)
    run = here.detect("pull_request", payload, "--filters=ci/odd `name'.yml")
    assert run.woken == ["app", "topic"]
    assert "`" not in run.script
    assert woken(here.laptop(run.script)) == run.woken


def test_many_forced_surfaces_are_told_in_words(places: Make, two_branches: Repository) -> None:
    names = [f"s{number}" for number in range(60)]
    rows = "".join(f"  {name}: [/{name}/]\n" for name in names)
    filters = f"{FILTERS.partition('labels')[0]}labels: {{more: [{', '.join(names)}]}}\n"
    two_branches.git("checkout", "--quiet", "topic")
    two_branches.commit(**{"many.yml": filters.replace("inert", rows + "inert")})
    here = places(two_branches)
    here.checkout(two_branches.id("topic"))
    payload = pull_request(two_branches, "more")
    run = here.detect("pull_request", payload, "--filters=many.yml")
    assert len(run.woken) == 65
    assert run.script.endswith("  # and 60 were forced to wake")


def test_an_entry_of_the_merge_queue(places: Make, merge_commit: Repository) -> None:
    merged, main = merge_commit.id("HEAD"), merge_commit.id("main")
    merge_commit.git("update-ref", "refs/heads/gh-readonly-queue/main/pr-7", merged)
    here = places(merge_commit)
    here.checkout(merged)
    run = here.detect("merge_group", github_events.merge_group(main, merged))
    assert run.woken == ["app", "topic"]
    assert woken(here.laptop(run.script)) == run.woken


@pytest.mark.parametrize("filters", [None, LATER])
def test_the_filters_of_the_base(
    places: Make, two_branches: Repository, filters: str | None
) -> None:
    """The head's own are not trusted: where they changed, everything woke."""
    if filters is not None:
        two_branches.git("checkout", "--quiet", "topic")
        two_branches.commit(**{"filters.yml": filters})
    here = places(two_branches)
    here.checkout(two_branches.id("topic"))
    run = here.detect("pull_request_target", pull_request(two_branches))
    every = ["app", "library", "main", "other", "topic"]
    assert run.woken == (["app", "topic"] if filters is None else every)
    assert f"git switch --detach {two_branches.id('main')} " in run.script
    assert woken(here.laptop(run.script)) == run.woken


def test_a_change_to_the_filters(places: Make, two_branches: Repository) -> None:
    two_branches.git("checkout", "--quiet", "topic")
    two_branches.commit(**{"filters.yml": FILTERS.replace("/other/", "/another/")})
    here = places(two_branches)
    here.checkout(two_branches.id("topic"))
    run = here.detect("pull_request", pull_request(two_branches))
    assert run.woken == ["app", "other", "topic"]
    assert woken(here.laptop(run.script)) == run.woken


def test_an_unknown_change_set_asks_for_a_base(places: Make, two_branches: Repository) -> None:
    here = places(two_branches)
    here.checkout(two_branches.id("topic"))
    run = here.detect("schedule", {})
    assert len(run.woken) == 5
    assert run.script == "impact detect --base=BASE --head=HEAD"
    assert "Nothing was compared" in (here.step / "summary").read_text()
    laptop = run.script.replace("BASE", two_branches.id("base"))
    here.laptop(f"git switch --quiet --detach {two_branches.id('topic')} && {laptop}")


def test_a_list_of_paths_points_to_explain(places: Make, two_branches: Repository) -> None:
    here = places(two_branches)
    run = here.detect(None, {}, "--files-from=-", stdin=b"other/x\n")
    assert run.woken == ["other"]
    assert run.script == "impact explain PATH"
    printed = json.loads(here.laptop(run.script.replace("PATH", "other/x")))
    assert printed["paths"][0]["surfaces"]["everything"]["woken"]


def test_the_work_tree_is_compared_where_it_is(places: Make, two_branches: Repository) -> None:
    two_branches.git("checkout", "--quiet", "main")
    here = places(two_branches)
    here.ci.git("checkout", "--quiet", "topic")
    here.ci.write("other/x")
    run = here.detect(None, {})
    assert run.woken == ["app", "other", "topic"]
    assert run.script == "impact detect"


def test_the_page(
    places: Make, merge_commit: Repository, golden: Callable[[str, str], None]
) -> None:
    merged, payload = merge_commit.id("HEAD"), pull_request(merge_commit, "more")
    here = places(merge_commit)
    here.checkout(merged)
    here.detect("pull_request", payload)
    page = (here.step / "summary").read_text()
    page = page.replace(merged, "MERGE_COMMIT").replace(merge_commit.id("main"), "BASE_COMMIT")
    golden(page, "github_report/pull-request.md")
