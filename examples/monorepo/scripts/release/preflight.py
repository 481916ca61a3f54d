"""Every public package is in the contract and published by its job, and its version fits.

The packages share major and minor version with VERSION.  One that did not change since
the last release keeps its patch version, so none is later than VERSION.
"""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "scripts" / "packing"))
from manifest import identity  # noqa: E402


def contract() -> dict[str, str]:
    """The places of packages.txt, each with its job."""
    text = Path(__file__).with_name("packages.txt").read_text(encoding="utf-8")
    lines = (line.split() for line in text.splitlines())
    return {line[0]: line[1] for line in lines if line and not line[0].startswith("#")}


def parts(version: str) -> list[int]:
    """A version as numbers."""
    return [int(part) for part in version.split(".")]


promised = contract()
problems = []
there = {
    f"packages/{folder.name}" for folder in (ROOT / "packages").iterdir() if folder.is_dir()
}
for name in sorted(there - promised.keys()):
    problems.append(f"{name} is in no release: add it to scripts/release/packages.txt")
for name in sorted(name for name in promised if not (ROOT / name).is_dir()):
    problems.append(f"scripts/release/packages.txt: there is no {name}; remove it")

workflow = (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
for name, job in promised.items():
    if f"\n  {job}:\n" not in workflow or f"publish.sh {name}\n" not in workflow:
        problems.append(f"release.yml: no job {job} that runs publish.sh {name}; add it")

release = parts((ROOT / "VERSION").read_text(encoding="utf-8"))
for name in sorted(there & promised.keys()):
    version = identity(ROOT / name)[1]
    if parts(version)[:2] != release[:2] or parts(version) > release:
        problems.append(f"{name}: version {version} does not fit VERSION; raise one of them")

sdk = identity(ROOT / "packages" / "typescript")[1]
convex = json.loads((ROOT / "packages" / "convex" / "package.json").read_text(encoding="utf-8"))
if convex["dependencies"]["@cellstate/sdk"] != sdk:
    problems.append(f"packages/convex/package.json: depend on @cellstate/sdk {sdk}, as it is")

if problems:
    sys.exit("\n".join(problems))
print(f"{len(promised)} packages are in the contract, all well")
