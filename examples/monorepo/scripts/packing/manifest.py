"""Names and versions of packages, as their manifests have them."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def identity(place: Path) -> tuple[str, str]:
    """Name and version of the package in a folder."""
    if (place / "package.json").exists():
        package = json.loads((place / "package.json").read_text(encoding="utf-8"))
        return package["name"].removeprefix("@").replace("/", "-"), package["version"]
    if (place / "pyproject.toml").exists():
        text = (place / "pyproject.toml").read_text(encoding="utf-8")
        return read(r'^name = "(.+)"', text), read(r'^version = "(.+)"', text)
    (control,) = place.glob("*.control")
    return f"{control.stem}-image", read(r"^default_version = '(.+)'", control.read_text())


def read(pattern: str, text: str) -> str:
    """The one thing that the pattern finds."""
    (found,) = re.findall(pattern, text, re.M)
    return found
