"""`impact check` on the example: clean as it is, and broken in each way a check is about."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable

import pytest

from impact.checks import IDS
from tests.monorepo.example import CI, RELEASE, edit
from tests.repositories import Repository

pytest_plugins = ["tests.repositories", "tests.action.fixtures", "tests.monorepo.example"]

FILTERS = "filters.yml"


def check(repository: Repository, *options: str) -> str:
    command = [sys.executable, "-m", "impact", "-C", os.fspath(repository.path), "check"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    assert re.fullmatch(
        r"(impact: self-wake: \d+ parts of scripts could not .*\n)?", done.stderr
    )
    return done.stdout


def move_the_generator(repository: Repository) -> None:
    (repository.path / "tools").mkdir()
    repository.git("mv", "scripts/generate_sdk.py", "tools/generate_sdk.py")


def claim_it_twice(repository: Repository) -> None:
    edit(
        repository.path,
        FILTERS,
        "      - /extension/\n",
        "      - /migrations/0001_cells.sql\n      - /extension/\n",
    )


def add_a_package(repository: Repository) -> None:
    repository.write("packages/go/go.mod")
    repository.write("packages/go/src/cell.go")


def float_a_name(repository: Repository) -> None:
    edit(repository.path, FILTERS, "      - /package.json\n", "      - package.json\n")


def claim_everything(repository: Repository) -> None:
    edit(repository.path, FILTERS, "    paths: [/scripts/, ", "    paths: ['**', ")


def exclude_all(repository: Repository) -> None:
    edit(repository.path, FILTERS, "{use: ci}]", "{use: ci}, '!*']")


def misspell_the_case(repository: Repository) -> None:
    edit(repository.path, FILTERS, "      - /VERSION\n", "      - /Version\n")


def leave_a_case_behind(repository: Repository) -> None:
    edit(
        repository.path,
        FILTERS,
        "  - {path: scripts/install.sh, only: [release, scripts]}\n",
        "  - {path: script/install.sh, wakes: [release]}\n",
    )


def expect_too_much(repository: Repository) -> None:
    edit(repository.path, FILTERS, "CHANGELOG.md, sleeps: all", "CHANGELOG.md, wakes: all")


def ignore_the_filters(repository: Repository) -> None:
    repository.git("rm", "--quiet", "--cached", FILTERS)
    repository.write(".git/info/exclude", "*.yml\n")


def forget_a_list(repository: Repository) -> None:
    edit(repository.path, FILTERS, "surfaces:\n", "  all-sql: ['*.sql']\n\nsurfaces:\n")


def silence_nothing(repository: Repository) -> None:
    rule = "      - /scripts/install.sh"
    comment = "# impact: ignore[dead-pattern] it was one once"
    edit(repository.path, FILTERS, f"{rule}\n", f"{rule} {comment}\n")


SERVER = "    if: ${{ !cancelled() && needs.changes.outputs.server != 'false' }}\n"


def misspell_an_output(repository: Repository) -> None:
    edit(repository.path, CI, SERVER, SERVER.replace("outputs.server", "outputs.sever"))


def want_to_hear_true(repository: Repository) -> None:
    edit(repository.path, CI, SERVER, "    if: needs.changes.outputs.server == 'true'\n")


def ask_for_another(repository: Repository) -> None:
    edit(
        repository.path,
        CI,
        "needs.changes.outputs.examples !=",
        "needs.changes.outputs.docs !=",
    )


def run_always(repository: Repository) -> None:
    edit(repository.path, CI, f"    needs: changes\n{SERVER}", "")


def rename_a_job(repository: Repository) -> None:
    edit(repository.path, RELEASE, "  smoke-image:\n", "  smoke:\n")


def hide_a_failure(repository: Repository) -> None:
    edit(
        repository.path,
        RELEASE,
        "  publish-python:\n",
        "  publish-python:\n    continue-on-error: true\n",
    )


def judge_too_little(repository: Repository) -> None:
    edit(repository.path, CI, "      - server\n", "")


def filter_by_paths(repository: Repository) -> None:
    edit(
        repository.path,
        CI,
        "  pull_request:\n",
        "  pull_request:\n    paths: ['**', '!docs/**']\n",
    )


def use_a_helper(repository: Repository) -> None:
    edit(
        repository.path,
        "Makefile",
        "checks/server.py\n",
        "checks/server.py && sh scripts/tidy-changelog.sh\n",
    )


def refuse_an_expression(repository: Repository) -> None:
    edit(repository.path, CI, SERVER, SERVER.replace("'false'", '"false"'))


BREAKS: dict[str, tuple[Callable[[Repository], None], str]] = {
    "dead-pattern": (
        move_the_generator,
        "filters.yml:30:9: error: /scripts/generate_sdk.py matches no tracked file; "
        "what it matched last moved to tools/generate_sdk.py in commit COMMIT; write "
        "'/tools/generate_sdk.py' [dead-pattern]",
    ),
    "no-effect": (
        claim_it_twice,
        "filters.yml:55:9: warning: /migrations/0001_cells.sql matches 1 tracked file "
        "and changes no verdict: /migrations/ at filters.yml:60:9 decides; remove it "
        "[no-effect]",
    ),
    "uncovered": (
        add_a_package,
        "filters.yml:12:1: warning: no rule includes 2 tracked files: packages/go/ (2); each "
        "wakes every surface; claim them, or add them to inert [uncovered]",
    ),
    "floating-pattern": (
        float_a_name,
        "filters.yml:26:9: warning: package.json has no slash in front, so it matches "
        "in 3 directories: the root, packages/convex/, packages/typescript/; write "
        "'/package.json', or '**/package.json' if all are meant [floating-pattern]",
    ),
    "everything": (
        claim_everything,
        "filters.yml:120:3: note: scripts claims 70 of 70 tracked files (100 %), 67 "
        "of them by ** at filters.yml:122:13; name what it is about, or exclude what it "
        "is not [everything]",
    ),
    "nothing": (
        exclude_all,
        "filters.yml:13:3: error: openapi claims no tracked file; mend its rules, or remove it "
        "[nothing]",
    ),
    "case-mismatch": (
        misspell_the_case,
        "filters.yml:103:9: warning: /Version would match 1 tracked file more if case "
        "were ignored: VERSION; write it as the files are spelt [case-mismatch]",
    ),
    "weak-expectation": (
        leave_a_case_behind,
        "filters.yml:170:5: warning: script/install.sh is not tracked and no rule "
        "matches it: the case holds only because whatever nothing claims wakes every "
        "surface; did you mean scripts/install.sh? [weak-expectation]",
    ),
    "failed-expectation": (
        expect_too_much,
        "filters.yml:179:5: error: CHANGELOG.md: expected to wake, but asleep: deploy, "
        "docs, examples, extension-sql, migrations, openapi, python, release, scripts, "
        "server, typescript [failed-expectation]",
    ),
    "filters-self": (
        ignore_the_filters,
        "filters.yml:12:1: error: git ignores this file, so changes to it are in no "
        "diff; take it out of .gitignore, and git add filters.yml [filters-self]",
    ),
    "unused-list": (
        forget_a_list,
        "filters.yml:12:3: warning: nothing that decides uses the list all-sql; use it, "
        "or remove it [unused-list]",
    ),
    "unknown-output": (
        misspell_an_output,
        ".github/workflows/ci.yml:116:29: error: needs.changes.outputs.sever: the job "
        "changes has no output sever; did you mean server? [unknown-output]",
    ),
    "unsafe-condition": (
        want_to_hear_true,
        ".github/workflows/ci.yml:116:9: error: server: it sleeps where the output "
        "server is lost; it sleeps where the outputs are lost; it sleeps where the "
        "detection failed; and 2 more; write `if: ${{ !cancelled() && "
        "needs.changes.outputs.server != 'false' }}` [unsafe-condition]",
    ),
    "unwired-surface": (
        ask_for_another,
        "filters.yml:109:3: error: no job is gated on examples; `impact wire` prints "
        "the condition of examples [unwired-surface]",
    ),
    "ungated-job": (
        run_always,
        ".github/workflows/ci.yml:113:3: error: server is the job of the surface "
        "server, and has no condition; write `needs: [changes]` and `if: ${{ "
        "!cancelled() && needs.changes.outputs.server != 'false' }}` [ungated-job]",
    ),
    "missing-job": (
        rename_a_job,
        "filters.yml:64:54: error: there is no job smoke-image in release.yml; did you "
        "mean smoke? [missing-job]",
    ),
    "swallowed-failure": (
        hide_a_failure,
        ".github/workflows/release.yml:104:24: error: continue-on-error: where "
        "publish-python fails, all are told of a success; remove it, or make the "
        "surface advisory [swallowed-failure]",
    ),
    "no-gate": (
        judge_too_little,
        ".github/workflows/ci.yml:207:3: warning: gate does not need server, so it "
        "cannot judge that; write `needs: [changes, openapi, ci-ts, python, packages, "
        "extension-sql, migrations, deploy-check, docs, release-check, examples, "
        "scripts, server]` [no-gate]",
    ),
    "native-paths": (
        filter_by_paths,
        ".github/workflows/ci.yml:7:5: error: docs claims 3 tracked files for which the"
        " paths of pull_request does not start this workflow: docs/api.md, "
        "docs/deploy.md, docs/index.md; remove it: the conditions of the jobs do the "
        "same [native-paths]",
    ),
    "self-wake": (
        use_a_helper,
        ".github/workflows/ci.yml:123:14: error: server uses what does not wake it: "
        "scripts/tidy-changelog.sh, by make server (Makefile:34); CHANGELOG.md, by make"
        " server (Makefile:34), scripts/tidy-changelog.sh:5; claim it in server "
        "[self-wake]",
    ),
    "invalid-workflow": (
        refuse_an_expression,
        ".github/workflows/ci.yml:116:61: error: GitHub cannot read this expression: "
        "unexpected '\"false\"' [invalid-workflow]",
    ),
    "ignore-comment": (
        silence_nothing,
        "filters.yml:102:29: warning: there is no finding of dead-pattern in line 102 "
        "to silence; remove the comment [ignore-comment]",
    ),
}


def test_every_check_is_tried() -> None:
    assert {*BREAKS} == {*IDS}


def test_the_example_is_clean(example: Repository) -> None:
    assert check(example, "--strict") == "no findings\n"


@pytest.mark.parametrize("name", BREAKS)
def test_what_is_broken_is_found(example: Repository, name: str) -> None:
    breaks, message = BREAKS[name]
    breaks(example)
    if name != "filters-self":
        commit = example.commit()
        message = message.replace("COMMIT", commit[:12])
    lines = check(example).splitlines()
    assert [line for line in lines if line.endswith(f" [{name}]")] == [message]
