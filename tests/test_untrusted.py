"""pull_request_target: the author of the pull request steers nothing, whatever is checked out.

The head is checked out, with everything in it and around it that may run something or
change the answer; the filters are the base's.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests import github_events as github
from tests.clones import Upstream
from tests.program import Program, Ran
from tests.repositories import Repository

pytest_plugins = ["tests.repositories", "tests.git_server", "tests.clones", "tests.program"]

FILTERS = "version: 1\nsurfaces:\n  sdk: [/sdk/]\n  server: [/server/]\ninert: ['*.md']\n"
EVIL = "version: 1\nsurfaces:\n  nothing: [/nothing]\ninert: ['**']\n"
MODULES = ("pip", "yaml", "git", "pydantic", "pathspec", "impact", "json", "subprocess")


@pytest.fixture
def attacked(upstream: Upstream) -> Upstream:
    """`topic` changed the SDK, the filters, and put programs where Python finds them."""
    repository = upstream.repository
    repository.commit(**{"filters.yml": FILTERS, "sdk__a.c": "a\n", "server__a.c": "a\n"})
    repository.git("checkout", "--quiet", "-b", "topic")
    repository.commit(**{"sdk__a.c": "b\n"})
    return upstream


def attack(repository: Repository, mark: Path) -> None:
    """Commit what would leave the mark if it ran."""
    code = f"open({str(mark)!r}, 'w')\nraise SystemExit(0)\n"
    for module in MODULES:
        repository.write(f"{module}.py", code)
        repository.write(f"{module}/__init__.py", code)
        repository.write(f"{module}/__main__.py", code)
    repository.write("sitecustomize.py", code)
    repository.write(".gitattributes", "* filter=evil diff=evil\n")
    repository.write("filters.yml", EVIL)
    repository.write(".github/filters.yml", EVIL)
    repository.commit()


def trap(mark: Path) -> str:
    place = mark.parent / "trap"
    place.write_text(f"#!/bin/sh\ntouch '{mark}'\nexit 1\n")
    place.chmod(0o755)
    return str(place)


def arm(clone: Repository, command: str) -> None:
    """Configure the checkout to run the trap wherever git lets it."""
    for name in (
        "core.fsmonitor",
        "core.sshCommand",
        "core.gitProxy",
        "core.askPass",
        "core.alternateRefsCommand",
        "core.pager",
        "credential.helper",
        "diff.external",
        "diff.evil.command",
        "diff.evil.textconv",
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.evil.process",
        "remote.origin.uploadpack",
        "remote.origin.vcs",
        "uploadpack.packObjectsHook",
    ):
        clone.config(name, "ext" if name.endswith(".vcs") else command)
    hooks = clone.path / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-checkout", "reference-transaction", "post-index-change", "pre-auto-gc"):
        (hooks / name).symlink_to(command)


def payload_of(upstream: Upstream) -> Any:
    ids = [upstream.repository.id(name) for name in ("main", "topic")]
    return github.pull_request(*ids, changed_files=1)


@pytest.mark.parametrize("kind", ["full", "depth 1", "treeless"])
def test_the_filters_are_the_bases_and_nothing_runs(
    attacked: Upstream, program: Program, kind: str
) -> None:
    mark = attacked.repository.path.parent / "mark"
    attack(attacked.repository, mark)
    clone = attacked.checkout(attacked.repository.id("topic"), kind)
    assert clone is not None
    arm(clone, trap(mark))
    attacked.server.token = "ghs_token"
    payload = payload_of(attacked)
    ran = run_isolated(program, clone, payload, attacked)
    plan = ran.json
    assert plan["determined"], plan["reason"]
    assert plan["filters"] == {"file": "filters.yml", "commit": attacked.repository.id("main")}
    # The filters of the head are changed, and are not read: so everything wakes.
    causes = plan["surfaces"]["server"]["causes"]
    assert [cause["kind"] for cause in causes] == ["filters-changed"] * 2 + ["unmatched"] * 20
    assert causes[0]["detail"] == "those of the pull request itself are not trusted"
    assert not mark.exists()


def run_isolated(
    program: Program,
    clone: Repository,
    payload: Any,
    upstream: Upstream,
    options: tuple[str, ...] = (),
    **variables: str | None,
) -> Ran:
    """As action.yml does: `python -I`, with hostile variables around."""
    event = program.write("../event.json", json.dumps(payload))
    return program(
        *("-C", str(clone.path), "detect", "--format", "json", *options),
        *("--event", "pull_request_target", "--event-path", event),
        **{
            "GITHUB_SERVER_URL": upstream.server.url,
            "GITHUB_REPOSITORY": "repository",
            "IMPACT_TOKEN": upstream.server.token or "",
            **variables,
        },
    )


def test_only_the_sdk_wakes_for_the_sdk(attacked: Upstream, program: Program) -> None:
    clone = attacked.checkout(attacked.repository.id("topic"), "depth 1")
    assert clone is not None
    # Nothing of this is committed: it is in the checkout all the same.
    clone.write("filters.yml", EVIL)
    plan = run_isolated(program, clone, payload_of(attacked), attacked).json
    assert [name for name, found in plan["surfaces"].items() if found["woken"]] == ["sdk"]
    assert plan["base"] == plan["filters"]["commit"] == attacked.repository.id("main")
    listed = program.write("../list", "server/a.c\n")
    event = program.write("../event.json", json.dumps(payload_of(attacked)))
    given = program(
        *("-C", str(clone.path), "detect", "--format", "json", "--files-from", listed),
        *("--event", "pull_request_target", "--event-path", event),
    ).json
    assert [name for name, found in given["surfaces"].items() if found["woken"]] == ["server"]


@pytest.mark.parametrize(
    "variable",
    [
        "GIT_ASKPASS",
        "GIT_EXTERNAL_DIFF",
        "GIT_PROXY_COMMAND",
        "GIT_SSH",
        "GIT_SSH_COMMAND",
        "GIT_PAGER",
        "GIT_EDITOR",
        "GIT_TEMPLATE_DIR",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_DIR",
        "GIT_OBJECT_DIRECTORY",
        "GIT_SHALLOW_FILE",
        "GIT_NAMESPACE",
        "GIT_REPLACE_REF_BASE",
        "GIT_PROTOCOL",
        "GIT_TRACE",
        "GIT_TRACE_CURL",
        "SSH_ASKPASS",
    ],
)
def test_variables_of_git_change_nothing(
    attacked: Upstream, program: Program, variable: str
) -> None:
    mark = attacked.repository.path.parent / "mark"
    clone = attacked.checkout(attacked.repository.id("topic"), "depth 1")
    assert clone is not None
    value = {"GIT_TRACE": str(mark), "GIT_TRACE_CURL": str(mark)}.get(variable, trap(mark))
    ran = run_isolated(program, clone, payload_of(attacked), attacked, **{variable: value})
    assert ran.json["determined"], ran.json["reason"]
    assert ran.json["surfaces"]["sdk"]["woken"]
    assert not ran.json["surfaces"]["server"]["woken"]
    assert not mark.exists()


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ssh://git@127.0.0.1:1/repository", "fetching from ssh://127.0.0.1:1/repository"),
        (
            "ext::touch MARK",
            "fetching from ext::touch MARK failed: transport 'ext' not allowed",
        ),
    ],
)
def test_a_remote_of_another_kind_runs_nothing_configured(
    attacked: Upstream, program: Program, url: str, reason: str
) -> None:
    mark = attacked.repository.path.parent / "mark"
    clone = attacked.checkout(attacked.repository.id("topic"), "depth 1")
    assert clone is not None
    arm(clone, trap(mark))
    clone.git("config", "--unset", "remote.origin.vcs")
    clone.git("config", "remote.origin.url", url.replace("MARK", str(mark)))
    ran = run_isolated(program, clone, payload_of(attacked), attacked)
    assert ran.code == 2
    assert reason.replace("MARK", str(mark)) in ran.err
    assert not mark.exists()


@pytest.mark.parametrize(
    ("variable", "file"),
    [
        ("HOME", ".gitconfig"),
        ("HOME", ".config/git/config"),
        ("XDG_CONFIG_HOME", "git/config"),
        ("GIT_CONFIG_GLOBAL", ".gitconfig"),
    ],
)
def test_a_home_in_the_work_tree_configures_nothing(
    attacked: Upstream, program: Program, variable: str, file: str
) -> None:
    mark = attacked.repository.path.parent / "mark"
    clone = attacked.checkout(attacked.repository.id("topic"), "depth 1")
    assert clone is not None
    # A server that wants other credentials has git ask for them.
    text = f'[credential]\n\thelper = "!{trap(mark)}"\n[core]\n\tfsmonitor = {trap(mark)}\n'
    clone.write(file, text)
    place = clone.path / file if variable == "GIT_CONFIG_GLOBAL" else clone.path
    payload = payload_of(attacked)
    attacked.server.token = "another"
    ran = run_isolated(
        *(program, clone, payload, attacked),
        **{
            "GIT_CONFIG_GLOBAL": None,
            "CI": "true",
            "IMPACT_TOKEN": "wrong",
            variable: str(place),
        },
    )
    assert ran.code == 2
    assert "could not read Username" in ran.err
    assert not mark.exists()


def test_a_payload_without_the_base_is_no_way_to_the_filters_of_the_head(
    attacked: Upstream, program: Program
) -> None:
    clone = attacked.checkout(attacked.repository.id("topic"), "full")
    assert clone is not None
    payload = payload_of(attacked)
    del payload["pull_request"]["base"]["sha"]
    for changed in (payload, {}, {"pull_request": None}):
        ran = run_isolated(program, clone, changed, attacked)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err == (
            "impact: the payload names no commit in pull_request.base.sha to read the "
            "filters of, and those of the pull request itself are not trusted\n"
        )


def test_a_base_that_cannot_be_had_is_no_way_either(
    attacked: Upstream, program: Program
) -> None:
    clone = attacked.checkout(attacked.repository.id("topic"), "depth 1")
    assert clone is not None
    payload = payload_of(attacked)
    payload["pull_request"]["base"]["sha"] = "1" * 40
    ran = run_isolated(program, clone, payload, attacked)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"impact: {attacked.url} has no commit {'1' * 40}\n"


def test_a_checkout_of_another_user(attacked: Upstream, program: Program) -> None:
    """A container job: root looks at the runner's checkout."""
    mark = attacked.repository.path.parent / "mark"
    clone = attacked.checkout(attacked.repository.id("topic"), "depth 1")
    assert clone is not None
    arm(clone, trap(mark))
    folder = clone.path.parent / "bin"
    folder.mkdir()
    (folder / "git").write_text(
        f'#!/bin/sh\nGIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec {shutil.which("git")} "$@"\n'
    )
    (folder / "git").chmod(0o755)
    payload = payload_of(attacked)
    path = f"{folder}{os.pathsep}{program.environment['PATH']}"
    ran = run_isolated(program, clone, payload, attacked, PATH=path)
    assert ran.json["determined"], ran.json["reason"]
    assert not ran.json["surfaces"]["server"]["woken"]
    assert not mark.exists()


# Ways to other filters, and to another repository.


def linked(upstream: Upstream, place: str) -> Repository:
    """`main` keeps its filters in `ci`, which `topic` turned into a link; checked out."""
    repository = upstream.repository
    repository.git("checkout", "--quiet", "main")
    repository.commit(**{"ci__filters.yml": FILTERS, "elsewhere__filters.yml": EVIL})
    repository.git("checkout", "--quiet", "-B", "topic")
    repository.git("rm", "--quiet", "-r", "ci")
    (repository.path / "ci").symlink_to(place)
    repository.commit(**{"sdk__a.c": "b\n"})
    clone = upstream.checkout(repository.id("topic"), "full")
    assert clone is not None
    return clone


@pytest.mark.parametrize("place", ["elsewhere", "{outside}"])
def test_a_linked_directory_leads_to_no_other_filters(
    attacked: Upstream, program: Program, tmp_path: Path, place: str
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "filters.yml").write_text(EVIL)
    clone = linked(attacked, place.format(outside=outside))
    payload = payload_of(attacked)
    options = ("--filters", "ci/filters.yml")
    plan = run_isolated(program, clone, payload, attacked, options).json
    assert plan["filters"]["file"] == "ci/filters.yml"
    assert plan["surfaces"]["sdk"]["woken"]
    event = program.write("../event.json", json.dumps(payload))
    ran = program(
        *("-C", str(clone.path), "detect", *options),
        *("--event", "pull_request", "--event-path", event),
    )
    assert (ran.code, ran.out) == (2, "")


@pytest.mark.parametrize("name", ["{outside}/filters.yml", "../outside/filters.yml", ".", ""])
def test_filters_of_no_commit_are_not_read(
    attacked: Upstream, program: Program, tmp_path: Path, name: str
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "filters.yml").write_text(EVIL)
    clone = attacked.checkout(attacked.repository.id("topic"), "full")
    assert clone is not None
    options = (f"--filters={name.format(outside=outside)}",)
    ran = run_isolated(program, clone, payload_of(attacked), attacked, options)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.endswith(" is no file of the repository\n")


def test_a_directory_that_poses_as_a_repository(attacked: Upstream, program: Program) -> None:
    """What a bare repository is made of can be committed; a .git cannot."""
    repository = attacked.repository
    for name in ("objects/x", "refs/x"):
        repository.write(f"sub/{name}")
    repository.write("sub/HEAD", "ref: refs/heads/main\n")
    repository.write("sub/config", "[core]\n\tbare = false\n\tworktree = .\n")
    repository.commit()
    clone = attacked.checkout(repository.id("topic"), "full")
    assert clone is not None
    posing = clone.at("sub").git("rev-parse", "--git-dir")
    assert posing == "."
    plan = run_isolated(program, clone.at("sub"), payload_of(attacked), attacked).json
    assert plan["head"] == repository.id("topic")
    assert plan["surfaces"]["sdk"]["woken"]
