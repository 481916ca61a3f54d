"""What programs read of their own, without being told."""

from __future__ import annotations

import pytest

from tests.scripts.tracked import told, used

FILES: dict[str, str | None] = dict.fromkeys(
    (
        "Cargo.toml", "Cargo.lock", "crates/one/Cargo.toml", "go.mod", "go.sum", "api/main.go",
        "pyproject.toml", "uv.lock", "justfile", "Justfile", "noxfile.py", "ci/Taskfile.yml",
        ".pre-commit-config.yaml", "jvm/pom.xml", "jvm/gradlew", "other/justfile",
    ),
    "",
)  # fmt: skip


@pytest.mark.parametrize(
    ("script", "paths"),
    [
        ("cargo test", "Cargo.lock Cargo.toml"),
        ("cargo +nightly clippy -- -D warnings", "Cargo.lock Cargo.toml"),
        ("cd crates/one && cargo build", "Cargo.lock crates/one/Cargo.toml"),
        ("cargo install cargo-nextest", ""),
        ("cargo build --manifest-path crates/one/Cargo.toml", "crates/one/Cargo.toml"),
        ("cd api; go test ./...", "api/ go.mod go.sum"),
        ("go install example.com/x@latest", ""),
        ("uv sync --frozen", "pyproject.toml uv.lock"),
        ("poetry install", "pyproject.toml"),
        ("just build", "justfile"),
        ("just --justfile other/justfile build", "other/justfile"),
        ("cd ci && task lint", "ci/Taskfile.yml"),
        ("nox -s lint", "noxfile.py"),
        ("pre-commit run --all-files", ".pre-commit-config.yaml"),
        ("pre-commit --version", ""),
        ("cd jvm && mvn -B verify", "jvm/pom.xml"),
        ("cd /tmp && cargo test", ""),
        ("cd $ELSEWHERE && cargo test", ""),
    ],
)
def test_own_files(script: str, paths: str) -> None:
    assert " ".join(sorted(used(script, FILES))) == paths


@pytest.mark.parametrize(
    ("script", "told_of"),
    [
        ("just build", "just build"),
        ("nox -s lint", "nox -s lint"),
        ("cd jvm && ./gradlew build", "gradlew build"),
        ("bazel test //...", "bazel test //..."),
        ("cargo test", ""),
    ],
)
def test_what_they_run_is_not_looked_into(script: str, told_of: str) -> None:
    reason = "what its own file runs is not looked into"
    found = [line for line in told(script, FILES) if line.endswith(reason)]
    assert found == ([f"1 {told_of}: {reason}"] if told_of else [])
