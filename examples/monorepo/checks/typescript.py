"""The job ci-ts: root checks, the SDK's build, its contract tests, and packages/convex.

In place of the TypeScript compiler: what a file imports from the SDK has to be exported
there, and a method of the client that is called has to exist.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "packages" / "typescript" / "src"
GENERATED = SOURCE / "generated.ts"


def names(braces: str) -> list[str]:
    """The names in `{ Client, type Cell }`."""
    return [name.strip().removeprefix("type ") for name in braces.split(",") if name.strip()]


def declared(file: Path) -> set[str]:
    """What a module of the SDK exports itself."""
    return set(re.findall(r"^export (?:class|interface) (\w+)", file.read_text(), re.M))


def check_root() -> list[str]:
    """The workspaces of package.json are the npm packages that exist."""
    listed = set(json.loads((ROOT / "package.json").read_text())["workspaces"])
    there = {f"packages/{place.parent.name}" for place in ROOT.glob("packages/*/package.json")}
    return [
        f"package.json: workspaces and packages/ differ in {name}; list what is there"
        for name in sorted(listed ^ there)
    ]


def check_generated() -> list[str]:
    """The committed file is what the generator makes."""
    with tempfile.TemporaryDirectory() as place:
        made = Path(place) / "generated.ts"
        done = subprocess.run(["sh", ROOT / "scripts" / "generate-sdk.sh", made], check=False)
        if done.returncode:
            return ["scripts/generate-sdk.sh failed: see above"]
        if made.read_bytes() == GENERATED.read_bytes():
            return []
    return [f"{GENERATED.relative_to(ROOT)} is stale: run scripts/generate-sdk.sh, commit it"]


def check_index() -> tuple[list[str], set[str]]:
    """What the SDK's entry exports exists; and the exported names."""
    wrong, exported = [], set()
    index = (SOURCE / "index.ts").read_text()
    for braces, module in re.findall(r'export {(.*?)} from "\./(.*?)"', index, re.S):
        for name in names(braces):
            exported.add(name)
            if name not in declared(SOURCE / module):
                wrong.append(f"packages/typescript/src/index.ts: {module} exports no {name}")
    return wrong, exported


def check_user(file: Path, exported: set[str], methods: set[str]) -> list[str]:
    """A file that uses the SDK uses what the SDK has."""
    text, where = file.read_text(), file.relative_to(ROOT)
    imports = re.findall(r'import {(.*?)} from "@cellstate/sdk"', text, re.S)
    used = {name for braces in imports for name in names(braces)}
    called = set(re.findall(r"\bclient\.(\w+)\(", text))
    return [
        *(f"{where}: the SDK exports no {name}" for name in sorted(used - exported)),
        *(f"{where}: the client has no method {name}" for name in sorted(called - methods)),
    ]


if __name__ == "__main__":
    problems, exports = check_index()
    problems += check_root() + check_generated()
    client_methods = set(re.findall(r"^  (\w+)\(.*{$", GENERATED.read_text(), re.M))
    users = [
        *(ROOT / "tests" / "contracts").glob("*.test.ts"),
        *(ROOT / "packages" / "convex" / "src").rglob("*.ts"),
    ]
    for user in sorted(users):
        problems += check_user(user, exports, client_methods)
    if problems:
        sys.exit("\n".join(problems))
    print(f"{len(client_methods)} methods, {len(users)} files that use them: all well")
