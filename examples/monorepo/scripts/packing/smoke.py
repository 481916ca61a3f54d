"""Tries what was published, not the sources: smoke.py FOLDER PLACE..."""

import json
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from manifest import ROOT, identity


def problems(unpacked: Path) -> list[str]:
    """What is wrong with an unpacked package."""
    if (unpacked / "pyproject.toml").exists():
        check = ROOT / "checks" / "python_package.py"
        failed = subprocess.run([sys.executable, "-I", check, unpacked], check=False).returncode
        return ["it does not work: see above"] if failed else []
    if (unpacked / "package.json").exists():
        package = json.loads((unpacked / "package.json").read_text(encoding="utf-8"))
        needed = [package["exports"]]
        for file in unpacked.rglob("*.ts"):
            imported = re.findall(r' from "(\./.+?)"', file.read_text(encoding="utf-8"))
            needed += [file.parent.relative_to(unpacked) / name for name in imported]
    else:
        text = (unpacked / "Dockerfile").read_text(encoding="utf-8")
        needed = re.findall(r"^COPY (\S+)", text, re.M)
    return [f"{name} is not in it" for name in needed if not (unpacked / name).exists()]


for name in sys.argv[2:]:
    archive = Path(sys.argv[1]) / "{}-{}.zip".format(*identity(ROOT / name))
    if not archive.exists():
        sys.exit(f"{name}: {archive} is missing; was it published?")
    with tempfile.TemporaryDirectory() as folder:
        zipfile.ZipFile(archive).extractall(folder)
        if wrong := problems(Path(folder)):
            sys.exit("\n".join(f"{archive}: {line}" for line in wrong))
    print(f"{archive}: works")
