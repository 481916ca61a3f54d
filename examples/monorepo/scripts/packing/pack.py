"""Packs packages into archives, the same bytes for the same files: pack.py FOLDER PLACE...

An archive that is in the folder already has to be the same: what was published once
never changes.
"""

import io
import sys
import zipfile
from pathlib import Path

from manifest import ROOT, identity


def pack(place: Path) -> bytes:
    """The archive of a package."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for file in sorted(place.rglob("*")):
            # No documents: whoever mends one does not have to raise the version.
            if file.is_file() and file.suffix not in (".pyc", ".md"):
                name = file.relative_to(place).as_posix()
                archive.writestr(zipfile.ZipInfo(name), file.read_bytes())
    return packed.getvalue()


folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
for name in sys.argv[2:]:
    target = folder / "{}-{}.zip".format(*identity(ROOT / name))
    packed = pack(ROOT / name)
    if not target.exists():
        target.write_bytes(packed)
        print(f"{name}: packed into {target}")
    elif target.read_bytes() == packed:
        print(f"{name}: {target} is there already, and the same")
    else:
        sys.exit(f"{name}: {target} is there with other contents; raise the version of {name}")
