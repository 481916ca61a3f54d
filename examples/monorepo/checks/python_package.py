"""Compiles the Python package, and smoke-tests it; a folder given is looked at instead."""

import re
import sys
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parent.parent
PACKAGE = Path(sys.argv[1]) if sys.argv[1:] else ROOT / "packages" / "python"

for file in sorted(PACKAGE.glob("cellstate/**/*.py")):
    try:
        compile(file.read_bytes(), str(file), "exec")
    except SyntaxError as error:
        sys.exit(f"{file.relative_to(PACKAGE)}:{error.lineno}: {error.msg}")

sys.path.insert(0, str(PACKAGE))
import cellstate  # noqa: E402

(version,) = re.findall(r'^version = "(.+)"', (PACKAGE / "pyproject.toml").read_text(), re.M)
if cellstate.__version__ != version:
    sys.exit(f"cellstate.__version__ is {cellstate.__version__}; pyproject.toml says {version}")

cells = cellstate.Cells()
cells.put("a1", "ready")
cells.put("a2", "closed")
cells.delete("a2")
if cells.get("a1") != "ready" or cells.list() != ["a1"]:
    sys.exit("cellstate.Cells does not give back what was put: see its put, get and list")
print(f"cellstate {version} stores cells and gives them back")
