"""Checks that the extension's parts fit together, and fit the migrations."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXTENSION = ROOT / "extension"
POSTGRESQL = "18"


def find(pattern: str, name: str) -> list[str]:
    """What the pattern finds in a file of the extension, line by line."""
    return re.findall(pattern, (EXTENSION / name).read_text(encoding="utf-8"), re.M)


problems = []
(version,) = find(r"^default_version = '(.+)'", "cellstate.control")
if find(r'^version = "(.+)"', "Cargo.toml") != [version]:
    problems.append(f"extension/Cargo.toml: version is not {version}, as in cellstate.control")

script = f"sql/cellstate--{version}.sql"
if not (EXTENSION / script).exists():
    sys.exit(f"extension/{script} is missing: cellstate.control has default_version {version}")

functions = set(find(r"#\[pg_extern.*\]\nfn (\w+)", "src/lib.rs"))
declared = set(find(r"^CREATE FUNCTION (\w+)", script))
for name in sorted(declared - functions):
    problems.append(f"extension/{script}: {name} is no #[pg_extern] function of src/lib.rs")
for name in sorted(functions - declared):
    problems.append(f"extension/src/lib.rs: {name} is missing in {script}; declare it there")

migrations = "".join(file.read_text(encoding="utf-8") for file in ROOT.glob("migrations/*.sql"))
tables = set(re.findall(r"CREATE TABLE (\w+)", migrations))
for name in sorted(set(find(r"\b(?:FROM|JOIN) (\w+)", script)) - tables):
    problems.append(f"extension/{script}: no migration makes the table {name}")

if find(r"^FROM (.+)", "Dockerfile") != [f"postgres:{POSTGRESQL}"]:
    problems.append(f"extension/Dockerfile: its image is not postgres:{POSTGRESQL}")
if find(r'^default = \["pg(\d+)"\]', "Cargo.toml") != [POSTGRESQL]:
    problems.append(f"extension/Cargo.toml: its default feature is not pg{POSTGRESQL}")
copied = find(r"^COPY (\S+)", "Dockerfile")
for name in ("cellstate.control", script):
    if name not in copied:
        problems.append(f"extension/Dockerfile does not COPY {name}: the image would lack it")

if problems:
    sys.exit("\n".join(problems))
print(f"cellstate {version}: {len(declared)} functions, for PostgreSQL {POSTGRESQL}, all well")
