"""The example monorepo's own checks: each passes, and each finds what it is for."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.monorepo.example import (
    CONTRACT,
    CONVEX,
    DEPLOY,
    FLY,
    INIT,
    RELEASE,
    SDK,
    SQL,
    Completed,
    Edit,
    Make,
    check_targets,
    copy_example,
    edit,
)
from tests.repositories import Repository

pytest_plugins = ["tests.repositories", "tests.action.fixtures", "tests.monorepo.example"]

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
