"""The example monorepo: its checks, its filters, and its own workflows in a real run."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from impact.config.load import parse_filters
from impact.decide import decide
from impact.model import Change, ChangeSet, Filters, Status
from tests.action.monorepo import (
    CI,
    EXAMPLE,
    RELEASE,
    check_targets,
    copy_example,
    edit,
    jobs_of,
    pull_request,
    push,
    tag_push,
)
from tests.action.runner import Run, Runner
from tests.repositories import Repository

pytest_plugins = ["tests.repositories"]

VERIFICATION = (
    "openapi ci-ts python packages extension-sql server migrations deploy-check docs "
    "release-check examples scripts"
)
ALL = f"{VERIFICATION} deploy"

SDK = "scripts/generate-sdk.sh"
DEPLOY = "examples/deploy/linode/deploy.sh"
FLY = "examples/deploy/fly/fly.toml"
SQL = "extension/sql/cellstate--0.3.0.sql"
INIT = "packages/python/cellstate/__init__.py"
CONVEX = "packages/convex/src/component/lib.ts"
CONTRACT = "tests/contracts/health.test.ts"

Edit = tuple[str, str, str]
"""A file, what stands in it ('' for its end), and what shall stand there."""

Completed = subprocess.CompletedProcess[str]
Make = Callable[..., Completed]


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example's history, packed: every job of every run copies it.

    Its refs are not: act copies no empty directory, and without `refs` it is no repository.
    """
    made = Repository(tmp_path_factory.mktemp("history")).sibling("repository")
    made.commit(**{"README.md": "# A monorepo\n"})
    copy_example(made.path)
    made.commit()
    made.git("tag", "base")
    made.git("repack", "-a", "-d", "-q")
    return made.path


@pytest.fixture
def example(no_commits: Repository, history: Path) -> Repository:
    """The example on `main`, tagged `base`."""
    shutil.rmtree(no_commits.path)
    shutil.copytree(history, no_commits.path)
    return no_commits


def change(repository: Repository, *edits: Edit) -> None:
    """Commit edits."""
    for path, old, new in edits:
        edit(repository.path, path, old, new)
    repository.commit()


@pytest.fixture
def topic(example: Repository) -> Repository:
    """`topic` changed the documents; then `main` got a migration.  `main` is out."""
    example.git("checkout", "--quiet", "-b", "topic")
    change(example, ("docs/deploy.md", "", "More of it.\n"))
    example.git("checkout", "--quiet", "main")
    change(example, ("migrations/0004_state.sql", "", "CREATE INDEX s ON cells (state);\n"))
    return example


def merge(repository: Repository) -> None:
    """Check out the merge commit of `topic`, as GitHub does for a pull request."""
    repository.git("checkout", "--quiet", "--detach", "main")
    repository.git("merge", "--quiet", "--no-ff", "--message", "Merge", "topic")


def results(run: Run) -> dict[str, set[str]]:
    """The jobs by result; each that ran said something, and none that was skipped."""
    found: dict[str, set[str]] = {}
    for job, result in run.jobs.items():
        found.setdefault(result, set()).add(job)
    assert set(run.said) == set(run.jobs) - found.get("skipped", set())
    return found


def expected(workflow: str, succeeded: str, failed: str = "") -> dict[str, set[str]]:
    """The results where these jobs succeeded and failed, and every other was skipped."""
    success, failure = set(succeeded.split()), set(failed.split())
    skipped = set(jobs_of(workflow)) - success - failure
    rows = {"success": success, "failure": failure, "skipped": skipped}
    return {result: jobs for result, jobs in rows.items() if jobs}


# What wakes for which change: the table of filters.yml, in a real run.

PUSHES: dict[str, tuple[Edit, str]] = {
    "the SDK's generator": ((SDK, "", "# A comment\n"), "ci-ts packages scripts"),
    "an unrelated script": (("scripts/tidy-changelog.sh", "", "true\n"), "scripts"),
    "the workflow": ((CI, "", "# A comment\n"), ALL),
    "the extension's SQL": ((SQL, "", "-- A comment\n"), "extension-sql"),
    "the Convex package": ((CONVEX, "", "// A comment\n"), "ci-ts packages release-check"),
    "the OpenAPI document": (
        ("openapi.json", "The server is up", "It is up"),
        "openapi ci-ts packages server deploy-check deploy",
    ),
    "a new migration": (
        ("migrations/0004_state.sql", "", "CREATE INDEX by_state ON cells (state);\n"),
        "migrations deploy-check extension-sql deploy",
    ),
    "the documents alone": (("docs/deploy.md", "", "More of it.\n"), "docs"),
    "the changelog alone": (("CHANGELOG.md", "", "- And more.\n"), ""),
    "the filters": (("filters.yml", "", "# A comment\n"), ALL),
    "a directory that nobody claims": (("mobile/App.swift", "", "// A new app\n"), ALL),
}


def run_ci(
    runner: Runner, repository: Repository, event: str, payload: dict[str, object]
) -> Run:
    """Run ci.yml; if it deployed, then the server and every migration, and else nothing."""
    machine = runner.work / "machine"
    run = runner.run(repository.path, event, payload, workflow=CI, MACHINE=os.fspath(machine))
    assert machine.exists() == (run.jobs["deploy"] == "success")
    if machine.exists():
        assert (machine / "server" / "src" / "main.rs").exists()
        migrations = [file.name for file in repository.path.glob("migrations/*.sql")]
        applied = (machine / "applied").read_text("utf-8").split()
        assert applied == [f"migrations/{name}" for name in sorted(migrations)]
    return run


@pytest.mark.parametrize("name", PUSHES)
def test_a_push_to_main_runs(runner: Runner, example: Repository, name: str) -> None:
    changed, jobs = PUSHES[name]
    change(example, changed)
    run = run_ci(runner, example, "push", push(example))
    assert results(run) == expected(CI, f"changes {jobs}")


def test_a_file_that_moves_wakes_where_it_was_and_where_it_is(
    runner: Runner, example: Repository
) -> None:
    example.git("mv", "examples/deploy/helm/templates/deployment.yaml", "docs/helm.yaml")
    example.commit()
    run = run_ci(runner, example, "push", push(example))
    assert results(run) == expected(CI, "changes examples docs")


def test_what_an_exclusion_leaves_to_nobody_wakes_all_and_is_explained(
    runner: Runner, example: Repository
) -> None:
    change(example, ("extension/README.md", "", "More of it.\n"))
    run = run_ci(runner, example, "push", push(example))
    assert results(run) == expected(CI, f"changes {ALL}")
    rule = "!/extension/**/*.md"
    lines = (EXAMPLE / "filters.yml").read_text("utf-8").splitlines()
    (line,) = (number for number, text in enumerate(lines, 1) if f"'{rule}'" in text)
    place = f"excluded by {rule} at filters.yml:{line}:9"
    told = " ".join(run.said["changes"].split())
    assert f"extension/README.md (modified) is claimed by nothing and {place}" in told
    ((kind, words),) = run.annotations
    assert kind == "warning"
    assert "extension/README.md" in words
    assert "claim" in words
    assert "add them to inert" in words


def test_a_push_to_another_branch_deploys_nothing(runner: Runner, example: Repository) -> None:
    example.git("checkout", "--quiet", "-b", "topic")
    change(example, (DEPLOY, "", "# A comment\n"))
    example.git("update-ref", "refs/remotes/origin/main", "main")
    run = run_ci(runner, example, "push", push(example, "refs/heads/topic"))
    assert results(run) == expected(CI, "changes deploy-check")


# Pull requests, and what else happens to a repository.


@pytest.mark.parametrize(
    ("labels", "jobs"),
    [
        (["later"], "docs"),
        (["ts"], "docs ci-ts packages"),
        (["later", "full-ci"], VERIFICATION),
    ],
    ids=["none that wakes", "ts", "full-ci"],
)
def test_a_pull_request_with_its_merge_commit_checked_out(
    runner: Runner, topic: Repository, labels: list[str], jobs: str
) -> None:
    merge(topic)
    run = run_ci(runner, topic, "pull_request", pull_request(topic, *labels))
    assert results(run) == expected(CI, f"changes {jobs}")


def test_a_pull_request_with_its_head_checked_out_deploys_nothing(
    runner: Runner, topic: Repository
) -> None:
    topic.git("checkout", "--quiet", "topic")
    change(topic, (DEPLOY, "", "# A comment\n"))
    run = run_ci(runner, topic, "pull_request", pull_request(topic))
    assert results(run) == expected(CI, "changes docs deploy-check")


def test_what_changed_is_unknown_so_all_is_verified_and_nothing_deployed(
    runner: Runner, example: Repository
) -> None:
    run = run_ci(runner, example, "workflow_dispatch", {"ref": "refs/heads/main"})
    assert results(run) == expected(CI, f"changes {VERIFICATION}")
    assert run.outputs["determined"] == "false"


def test_an_unknown_change_pushed_to_main_is_not_deployed(
    runner: Runner, example: Repository
) -> None:
    """The push is `main`'s first: it has nothing to be compared with."""
    run = run_ci(runner, example, "push", {**push(example), "before": "0" * 40})
    assert results(run) == expected(CI, f"changes {VERIFICATION}")
    assert run.outputs["determined"] == "false"


# Jobs that fail: on main, each together with a change that would deploy.

TO_DEPLOY: Edit = (DEPLOY, "", "# A comment\n")
FAILURES: dict[str, tuple[list[Edit], str, str, str]] = {
    "the generated file is stale": (
        [("scripts/generate_sdk.py", "Do not edit.", "Never edit."), TO_DEPLOY],
        "changes packages scripts deploy-check",
        "ci-ts",
        "packages/typescript/src/generated.ts is stale: run scripts/generate-sdk.sh",
    ),
    "a migration fails, so deploying it is not tried": (
        [("migrations/0004_state.sql", "", "CREATE INDEX by_state ON sells (state);\n")],
        "changes extension-sql",
        "migrations",
        "migrations/0004_state.sql fails after those before it: no such table: main.sells",
    ),
    "the deploy skips a new migration": (
        [
            ("migrations/0004_state.sql", "", "CREATE INDEX by_state ON cells (state);\n"),
            (DEPLOY, "in migrations/*.sql", "in migrations/000[1-3]_*.sql"),
        ],
        "changes migrations extension-sql",
        "deploy-check",
        "did not apply migrations/0004_state.sql on a first deploy",
    ),
    "an advisory example is broken, and blocks nothing": (
        [(FLY, "8080", "80"), TO_DEPLOY],
        "changes deploy-check deploy",
        "examples",
        "examples/deploy/fly/fly.toml: internal_port is not 8080; set it to that",
    ),
    "the filters are broken, so all is verified": (
        [
            ("filters.yml", "depends-on: [openapi]", "depend-on: [openapi]"),
            ("scripts/new.sh", "", "if\n"),
            TO_DEPLOY,
        ],
        VERIFICATION.replace(" scripts", ""),
        "changes scripts",
        "unknown key depend-on",
    ),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_failing_job(runner: Runner, example: Repository, name: str) -> None:
    edits, succeeded, failed, message = FAILURES[name]
    change(example, *edits)
    run = run_ci(runner, example, "push", push(example))
    assert results(run) == expected(CI, succeeded, failed)
    assert message in run.said[failed.split()[0]]


# Releases.


def release(
    runner: Runner, repository: Repository, event: str, payload: dict[str, object]
) -> tuple[Run, list[str]]:
    """Run release.yml; the run and what is in the registry then."""
    registry = runner.work / "registry"
    run = runner.run(
        repository.path, event, payload, workflow=RELEASE, REGISTRY=os.fspath(registry)
    )
    return run, sorted(file.name for file in registry.glob("*"))


@pytest.fixture
def released(example: Repository) -> Repository:
    """Release 0.5.5, tagged."""
    example.git("tag", "v0.5.5")
    return example


NEXT: list[Edit] = [("VERSION", "0.5.5", "0.5.6"), ("scripts/install.sh", "0.5.5", "0.5.6")]
PYTHON: list[Edit] = [
    (INIT, "0.5.5", "0.5.6"),
    ("packages/python/pyproject.toml", '"0.5.5"', '"0.5.6"'),
]
NPM: list[Edit] = [
    ("packages/typescript/package.json", '"0.5.5"', '"0.5.6"'),
    ("packages/convex/package.json", '"version": "0.5.5"', '"version": "0.5.6"'),
    ("packages/convex/package.json", '"@cellstate/sdk": "0.5.5"', '"@cellstate/sdk": "0.5.6"'),
]
RELEASES: dict[str, tuple[list[Edit], str, list[str]]] = {
    "the Python package": (
        [*NEXT, *PYTHON],
        "preflight publish-python",
        ["cellstate-0.5.6.zip"],
    ),
    "the npm packages": (
        [*NEXT, *NPM],
        "preflight publish-typescript publish-convex",
        ["cellstate-convex-0.5.6.zip", "cellstate-sdk-0.5.6.zip"],
    ),
    "the extension": (
        [(SQL, "", "-- A comment\n")],
        "publish-image smoke-image",
        ["cellstate-image-0.3.0.zip"],
    ),
}


@pytest.mark.parametrize("name", RELEASES)
def test_a_release_publishes_what_changed_since_the_one_before(
    runner: Runner, released: Repository, name: str
) -> None:
    edits, jobs, published = RELEASES[name]
    change(released, *edits)
    released.git("tag", "v0.5.6")
    run, registry = release(runner, released, "push", tag_push(released, "v0.5.6"))
    assert results(run) == expected(RELEASE, f"changes {jobs}")
    assert registry == published


def test_a_first_release_publishes_nothing(runner: Runner, released: Repository) -> None:
    run, registry = release(runner, released, "push", tag_push(released, "v0.5.5"))
    assert results(run) == expected(RELEASE, "changes preflight")
    assert registry == []
    assert run.outputs["determined"] == "false"


def test_a_first_release_is_published_by_hand(runner: Runner, released: Repository) -> None:
    payload = {"ref": "refs/tags/v0.5.5", "inputs": {"base": released.id("HEAD~1")}}
    run, registry = release(runner, released, "workflow_dispatch", payload)
    assert results(run) == expected(RELEASE, " ".join(jobs_of(RELEASE)))
    assert registry == [
        "cellstate-0.5.5.zip",
        "cellstate-convex-0.5.5.zip",
        "cellstate-image-0.3.0.zip",
        "cellstate-sdk-0.5.5.zip",
    ]


def test_what_is_no_tag_publishes_nothing(runner: Runner, released: Repository) -> None:
    payload = {"ref": "refs/heads/main", "inputs": {"base": released.id("HEAD~1")}}
    run, registry = release(runner, released, "workflow_dispatch", payload)
    assert results(run) == expected(RELEASE, "changes preflight")
    assert registry == []


def test_a_failed_preflight_publishes_nothing(runner: Runner, released: Repository) -> None:
    change(released, *NEXT, *PYTHON[:1], (SQL, "", "-- A comment\n"), ("VERSION", "5.6", "6.0"))
    released.git("tag", "v0.6.0")
    run, registry = release(runner, released, "push", tag_push(released, "v0.6.0"))
    assert results(run) == expected(RELEASE, "changes", "preflight")
    assert registry == []


def test_what_is_published_never_changes(runner: Runner, released: Repository) -> None:
    """And a package that follows one that was not published is not published either."""
    change(released, ("packages/typescript/src/index.ts", "", "// A comment\n"))
    released.git("tag", "v0.5.6")
    registry = runner.work / "registry"
    registry.mkdir()
    (registry / "cellstate-sdk-0.5.5.zip").write_bytes(b"what was published")
    run, there = release(runner, released, "push", tag_push(released, "v0.5.6"))
    assert results(run) == expected(RELEASE, "changes preflight", "publish-typescript")
    assert there == ["cellstate-sdk-0.5.5.zip"]
    assert "raise the version of packages/typescript" in run.said["publish-typescript"]


def test_detection_that_fails_publishes_nothing(runner: Runner, released: Repository) -> None:
    change(released, *NEXT, *PYTHON, ("filters.yml", "version: 1", "version: 2"))
    released.git("tag", "v0.5.6")
    run, registry = release(runner, released, "push", tag_push(released, "v0.5.6"))
    assert results(run) == expected(RELEASE, "preflight", "changes")
    assert registry == []


# The filters.

# What wakes at least, and what sleeps at least; `rest` is every other surface.
ROWS: dict[str, tuple[str, str]] = {
    "scripts/generate-sdk.sh": ("typescript", "extension-sql"),
    ".github/workflows/ci.yml": ("typescript", ""),
    ".github/workflows/release.yml": ("typescript", ""),
    "scripts/tidy-changelog.sh": ("", "extension-sql typescript"),
    "scripts/a-new-helper.sh": ("", "extension-sql typescript"),
    "extension/src/lib.rs": ("extension-sql", "typescript"),
    "extension/sql/cellstate--0.3.0.sql": ("extension-sql", "typescript"),
    "extension/Dockerfile": ("extension-sql", "typescript"),
    "extension/Cargo.toml": ("extension-sql", "typescript"),
    "packages/convex/src/component/lib.ts": ("typescript release", "extension-sql"),
    "packages/python/cellstate/__init__.py": ("python release", "extension-sql"),
    "tests/contracts/cells.test.ts": ("typescript", "extension-sql"),
    "openapi.json": ("openapi typescript", "extension-sql"),
    "scripts/release/preflight.sh": ("release", "extension-sql typescript"),
    "scripts/install.sh": ("release", "extension-sql typescript"),
    "examples/deploy/fly/fly.toml": ("examples", "rest"),
    "examples/deploy/helm/values.yaml": ("examples", "rest"),
    "migrations/0004_new.sql": ("migrations deploy extension-sql", "typescript"),
    "examples/deploy/linode/deploy.sh": ("deploy", "extension-sql typescript"),
    "docs/deploy.md": ("docs", "rest"),
    "a-new-directory/file.txt": ("all", ""),
    "filters.yml": ("all", ""),
    "Makefile": ("rest", "docs"),
}


@pytest.fixture(scope="module")
def filters() -> Filters:
    return parse_filters((EXAMPLE / "filters.yml").read_bytes(), "filters.yml")


def woken(filters: Filters, path: str, status: Status = Status.MODIFIED) -> set[str]:
    return set(decide(filters, ChangeSet((Change(path, status),), "a test")).woken)


@pytest.mark.parametrize("path", ROWS)
def test_what_has_to_wake_wakes_and_an_expectation_says_so(filters: Filters, path: str) -> None:
    wakes, sleeps = (set(names.split()) for names in ROWS[path])
    every = set(filters.surfaces)
    wakes = every if wakes == {"all"} else every - sleeps if wakes == {"rest"} else wakes
    sleeps = every - wakes if sleeps == {"rest"} else sleeps
    (case,) = (case for case in filters.expectations if case.path == path)
    found = woken(filters, path, case.status or Status.MODIFIED)
    assert wakes <= found <= every - sleeps
    exact = case.only if case.only is not None else case.wakes
    assert exact == found


def impact(repository: Repository, *arguments: str, given: str = "") -> Completed:
    command = [sys.executable, "-m", "impact", "-C", os.fspath(repository.path), *arguments]
    return subprocess.run(command, input=given, capture_output=True, text=True, check=False)


def test_every_expectation_holds(example: Repository) -> None:
    done = impact(example, "check", "--strict")
    assert (done.returncode, done.stdout) == (0, "no findings\n")


def test_an_expectation_that_does_not_hold_is_found(example: Repository) -> None:
    edit(example.path, "filters.yml", "      - /packages/convex/\n", "")
    done = impact(example, "check")
    assert done.returncode == 1
    assert "packages/convex/src/component/lib.ts: expected to wake" in done.stdout


def test_every_file_but_one_is_claimed_or_inert(example: Repository) -> None:
    listed = example.git("ls-files", "-z")
    arguments = ("detect", "--files-from", "-", "-z", "--format", "json")
    done = impact(example, *arguments, given=listed)
    assert json.loads(done.stdout)["unmatched"] == ["extension/README.md"]
    assert len(listed.split("\0")) > 60


def test_every_public_package_is_in_ci_and_in_the_release(filters: Filters) -> None:
    packages = [folder.name for folder in (EXAMPLE / "packages").iterdir()]
    assert len(packages) == 3
    for name in packages:
        cases = [c for c in filters.expectations if c.path.startswith(f"packages/{name}/")]
        assert any(c.only and "release" in c.only and len(c.only) == 2 for c in cases)


def documented() -> list[tuple[str, str]]:
    """The rows of the table in the example's README: paths, and what wakes."""
    text = (EXAMPLE / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", text, re.M)[2:]
    return [(path, words) for cell, words in rows for path in re.findall(r"`(.+?)`", cell)[:1]]


@pytest.mark.parametrize(("path", "words"), documented())
def test_the_readme_says_what_wakes(filters: Filters, path: str, words: str) -> None:
    named = {name for name in filters.surfaces if name in re.findall(r"[\w-]+", words)}
    file = path + "a-new-file" if path.endswith("/") else path
    every = set(filters.surfaces) if words.startswith("everything") else set()
    assert woken(filters, file) == (every - named if every else named)


# The workflows.


def needed(job: str) -> str:
    return f"(needs.{job}.result == 'success' || needs.{job}.result == 'skipped')"


EFFECTS = {
    CI: "github.event_name == 'push' && github.ref == 'refs/heads/main'",
    RELEASE: "startsWith(github.ref, 'refs/tags/v')",
}
"""The triggers of what deploys and publishes."""


def conditions(workflow: str, job: str, surfaces: list[str]) -> list[str]:
    """The documented forms of the condition of a job."""
    gates = [f"needs.changes.outputs.{name} != 'false'" for name in surfaces]
    listed = f"!contains(fromJSON(needs.changes.outputs.asleep || '[]'), '{surfaces[0]}')"
    parts = []
    if job == "deploy" or job.startswith("publish-"):
        parts += [EFFECTS[workflow], "needs.changes.outputs.determined == 'true'"]
    if job == "smoke-image":
        parts.append("needs.publish-image.result == 'success'")
    else:
        needs = jobs_of(workflow)[job]["needs"]
        parts += map(needed, [] if needs == "changes" else needs[1:])
    forms = [f"({' || '.join(gates)})"] if gates[1:] else [gates[0], listed]
    return [f"${{{{ {' && '.join(['!cancelled()', form, *parts])} }}}}" for form in forms]


@pytest.mark.parametrize("workflow", [CI, RELEASE])
def test_every_job_is_gated_by_its_surfaces(filters: Filters, workflow: str) -> None:
    prefix = "" if workflow == CI else f"{Path(workflow).name}:"
    surfaces: dict[str, list[str]] = {}
    for name, surface in filters.surfaces.items():
        for job in surface.jobs:
            if (":" in job) == bool(prefix):
                surfaces.setdefault(job.removeprefix(prefix), []).append(name)
    jobs = jobs_of(workflow)
    assert sorted(surfaces) == sorted(set(jobs) - {"changes"})
    for job, names in surfaces.items():
        condition = " ".join(jobs[job]["if"].split())
        assert condition in conditions(workflow, job, names), job


def test_all_forms_of_the_condition_are_shown() -> None:
    text = (EXAMPLE / CI).read_text("utf-8")
    for form in ("outputs.typescript != 'false'\n      ||", "outputs.asleep || '[]'"):
        assert text.count(form) == 1


@pytest.mark.parametrize("workflow", [CI, RELEASE])
def test_the_jobs_are_well_made(filters: Filters, workflow: str) -> None:
    text = (EXAMPLE / workflow).read_text("utf-8")
    assert "\npermissions:\n  contents: read\n" in text
    assert "continue-on-error:" not in text
    for name, job in jobs_of(workflow).items():
        assert job["name"] == name
        assert 0 < job["timeout-minutes"] <= 10
        assert all("${{" not in step.get("run", "") for step in job["steps"])
    changes = jobs_of(workflow)["changes"]
    declared = set(changes["outputs"]) & set(filters.surfaces)
    used = set(re.findall(r"needs\.changes\.outputs\.([\w-]+)", text))
    assert used <= set(changes["outputs"])
    assert declared == (set(filters.surfaces) if workflow == CI else used - {"determined"})
    for name in declared:
        value = f"${{{{ fromJSON(steps.impact.outputs.surfaces).{name} }}}}"
        assert changes["outputs"][name] == value
    assert changes["steps"][0]["with"] == {"fetch-depth": 0, "persist-credentials": False}


def test_the_makefile_wakes_the_surfaces_whose_jobs_it_drives(filters: Filters) -> None:
    driven = {
        name
        for name, job in jobs_of(CI).items()
        if any(step.get("run", "").startswith("make ") for step in job["steps"])
    }
    wanted = {name for name, surface in filters.surfaces.items() if driven & set(surface.jobs)}
    assert woken(filters, "Makefile") == wanted == set(filters.surfaces) - {"docs"}


# The Makefile, and each check on its own.


@pytest.fixture
def make(tools: Path) -> Make:
    """`make(place, target)`, where nothing but PATH is set."""
    path = f"{tools}{os.pathsep}{os.environ['PATH']}"

    def run(place: Path, *targets: str) -> Completed:
        command = ["make", "--no-print-directory", "-C", place, *targets]
        return subprocess.run(
            command, env={"PATH": path}, capture_output=True, text=True, check=False
        )

    return run


@pytest.mark.parametrize("target", [*check_targets(), "check"])
def test_each_check_passes_and_changes_no_file(
    make: Make, example: Repository, target: str
) -> None:
    done = make(example.path, target)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout != ""
    assert example.git("status", "--porcelain", "--untracked-files") == ""


def test_make_alone_says_what_can_be_made(make: Make, example: Repository) -> None:
    done = make(example.path)
    assert done.returncode == 0
    listed = [line.split()[0] for line in done.stdout.splitlines()]
    assert listed == ["help", "check", *check_targets()]


PREFLIGHT = "scripts/release/preflight.py"
BREAKS: list[tuple[str, Edit, str]] = [
    ("openapi", ("openapi.json", "3.1.0", "3.0.0"), "openapi is not 3.1.x"),
    ("openapi", ("openapi.json", "{", "{,"), "openapi.json is no JSON"),
    ("openapi", ("openapi.json", '"listCells"', '""'), "GET /cells: no operationId"),
    ("openapi", ("openapi.json", "listCells", "getCell"), "getCell is that of GET /cells;"),
    ("openapi", ("openapi.json", '"put"', '"puts"'), "PUTS /cells/{id}: no HTTP method"),
    ("openapi", ("openapi.json", '"Cell"', '"Sell"'), "Cell is used and not defined"),
    (
        "openapi",
        ("openapi.json", '{"204": {"description": "The cell is gone"}}', "{}"),
        "DELETE /cells/{id}: no responses",
    ),
    (
        "ci-ts",
        ("openapi.json", '"version": {"type"', '"age": {"type"'),
        "generated.ts is stale",
    ),
    ("ci-ts", (SDK, "", "exit 1\n"), "scripts/generate-sdk.sh failed"),
    (
        "ci-ts",
        (CONTRACT, "checkHealth", "isHealthy"),
        "tests/contracts/health.test.ts: the client has no method isHealthy",
    ),
    ("ci-ts", (CONTRACT, "{ Client }", "{ Server }"), "the SDK exports no Server"),
    (
        "ci-ts",
        (CONVEX, "type Cell,", "type Sell,"),
        "packages/convex/src/component/lib.ts: the SDK exports no Sell",
    ),
    ("ci-ts", (CONVEX, "client.putCell", "client.setCell"), "has no method setCell"),
    (
        "ci-ts",
        ("packages/typescript/src/transport.ts", "class CellstateError", "class OtherError"),
        "transport.ts exports no CellstateError",
    ),
    ("ci-ts", ("package.json", '"packages/convex"', '"packages/vue"'), "packages/convex; list"),
    ("python", (INIT, "class Cells:", "class Cells"), "cellstate/__init__.py:6:"),
    ("python", (INIT, '"0.5.5"', '"0.5.4"'), "__version__ is 0.5.4; pyproject.toml says 0.5.5"),
    ("python", (INIT, "pop(cell, None)", "get(cell)"), "does not give back what was put"),
    (
        "packages",
        ("packages/convex/package.json", "lib.ts", "index.ts"),
        "cellstate-convex-0.5.5.zip: ./src/component/index.ts is not in it",
    ),
    (
        "packages",
        ("packages/typescript/src/index.ts", "./transport.ts", "./errors.ts"),
        "src/errors.ts is not in it",
    ),
    ("packages", (INIT, '"0.5.5"', '"0.5.4"'), "it does not work"),
    ("extension-sql", (SQL, "cell_may_move(", "cell_moves("), "cell_moves is no #[pg_extern]"),
    (
        "extension-sql",
        ("extension/src/lib.rs", "fn cell_state_name", "fn cell_name"),
        "lib.rs: cell_name is missing in sql/cellstate--0.3.0.sql",
    ),
    ("extension-sql", (SQL, "FROM cells", "FROM sells"), "no migration makes the table sells"),
    (
        "extension-sql",
        ("migrations/0001_cells.sql", "TABLE cells", "TABLE cell"),
        "no migration makes the table cells",
    ),
    (
        "extension-sql",
        ("extension/cellstate.control", "0.3.0", "0.4.0"),
        "extension/sql/cellstate--0.4.0.sql is missing",
    ),
    ("extension-sql", ("extension/Cargo.toml", "0.3.0", "0.2.0"), "version is not 0.3.0"),
    ("extension-sql", ("extension/Cargo.toml", '["pg18"]', '["pg17"]'), "is not pg18"),
    (
        "extension-sql",
        ("extension/Dockerfile", "postgres:18", "postgres:17"),
        "not postgres:18",
    ),
    (
        "extension-sql",
        ("extension/Dockerfile", "COPY cellstate.control", "# COPY cellstate.control"),
        "does not COPY cellstate.control",
    ),
    ("server", ("server/src/routes.rs", "get(list_cells)", "put(list_cells)"), "GET /cells of"),
    (
        "server",
        ("server/src/routes.rs", '"/health"', '"/up"'),
        "GET /up is not in openapi.json",
    ),
    ("server", ("server/src/handlers.rs", "fn get_cell", "fn cell"), "no handler get_cell"),
    (
        "server",
        ("openapi.json", '"/health"', '"/up"'),
        "GET /up of openapi.json is not handled",
    ),
    ("migrations", ("migrations/0002_version.sql", "cells", "sells"), "0002_version.sql fails"),
    ("migrations", ("migrations/0002_version.sql", "version", "age"), "cells: id state age"),
    ("migrations", ("migrations/0009_late.sql", "", ""), "0009_late.sql: its number is not"),
    ("deploy-check", (DEPLOY, "then", "thn"), "yntax error"),
    ("deploy-check", (DEPLOY, "*.sql; do", "*_cells.sql; do"), "0002_version.sql on a first"),
    ("deploy-check", (DEPLOY, ">> ", "> "), "applied migrations again"),
    ("deploy-check", (DEPLOY, "cp -R server", "mkdir"), "did not copy server/"),
    ("deploy-check", ("migrations/0002_version.sql", "cells", "sells"), "no such table: sells"),
    (
        "docs",
        ("docs/index.md", "(api.md)", "(apis.md)"),
        "docs/index.md: the link apis.md leads",
    ),
    ("docs", ("docs/deploy.md", "## On a new", "## On any"), "names no heading of deploy.md"),
    ("docs", ("docs/index.md", "(api.md)", "(../VERSION)"), "leads to no document"),
    (
        "docs",
        ("packages/python/README.md", "docs/api.md", "api.md"),
        "packages/python/README.md",
    ),
    ("release-check", ("scripts/install.sh", "fi\n", "if\n"), "yntax error"),
    ("release-check", ("VERSION", "0.5.5", "0.5.6"), "installs another version than VERSION"),
    (
        "release-check",
        ("scripts/install.sh", ' "$source/migrations"', ""),
        "install migrations/",
    ),
    ("release-check", ("packages/go/go.mod", "", "module cellstate\n"), "packages/go is in no"),
    (
        "release-check",
        ("scripts/release/packages.txt", "packages/convex ", "# "),
        "packages/convex is in no release",
    ),
    (
        "release-check",
        ("scripts/release/packages.txt", "", "packages/go publish-go\n"),
        "there is no packages/go; remove it",
    ),
    ("release-check", (RELEASE, "  publish-convex:", "  publish:"), "no job publish-convex"),
    (
        "release-check",
        ("packages/python/pyproject.toml", '"0.5.5"', '"0.5.6"'),
        "packages/python: version 0.5.6 does not fit VERSION",
    ),
    (
        "release-check",
        ("packages/typescript/package.json", "0.5.5", "0.5.4"),
        "depend on @cellstate/sdk 0.5.4",
    ),
    ("examples", (FLY, "/health", "/"), "fly/fly.toml: path is not /health"),
    ("examples", ("examples/deploy/railway/railway.json", "8080", "80"), "--port is not 8080"),
    (
        "examples",
        ("examples/deploy/railway/railway.json", "{", "{,"),
        "railway.json is no JSON",
    ),
    (
        "examples",
        ("examples/deploy/helm/Chart.yaml", "version: 0.1.0", ""),
        "no version, which",
    ),
    ("examples", ("examples/deploy/helm/values.yaml", "image", "picture"), "yaml: no image;"),
    (
        "examples",
        ("examples/deploy/helm/values.yaml", "8080", "80"),
        "values.yaml: port is not",
    ),
    (
        "scripts",
        ("scripts/list-todos.sh", "grep", "( grep"),
        "scripts/list-todos.sh is no shell",
    ),
    ("scripts", ("scripts/new.sh", "", "#!/bin/sh\ntrue\n"), "scripts/new.sh: add `set -eu`"),
    ("scripts", (PREFLIGHT, "import json", "import"), "scripts/release/preflight.py:7:"),
]


@pytest.mark.parametrize(
    ("target", "broken", "message"),
    BREAKS,
    ids=[f"{target}: {message}" for target, _, message in BREAKS],
)
def test_each_check_finds(
    make: Make, tmp_path: Path, target: str, broken: Edit, message: str
) -> None:
    place = tmp_path / "example"
    copy_example(place)
    edit(place, *broken)
    done = make(place, target)
    assert done.returncode != 0
    assert message in done.stderr
    assert "Traceback" not in done.stderr
