"""Checks openapi.json: what the SDK generator and the server rely on is there."""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
METHODS = {"get", "put", "post", "delete", "patch"}


def problems(document: dict) -> list[str]:
    """What is wrong with the document, each with its fix."""
    found = []
    if not str(document.get("openapi", "")).startswith("3.1."):
        found.append("openapi is not 3.1.x: write it for OpenAPI 3.1")
    names: dict[str, str] = {}
    for path, operations in document.get("paths", {}).items():
        for method, operation in operations.items():
            where = f"{method.upper()} {path}"
            name = operation.get("operationId")
            if method not in METHODS:
                found.append(
                    f"{where}: no HTTP method; use one of {', '.join(sorted(METHODS))}"
                )
            if not name:
                found.append(f"{where}: no operationId; the SDK needs one to name its method")
            elif name in names:
                found.append(
                    f"{where}: operationId {name} is that of {names[name]}; rename one"
                )
            if not operation.get("responses"):
                found.append(f"{where}: no responses; say what the server answers")
            names[name] = where
    known = set(document.get("components", {}).get("schemas", {}))
    for name in re.findall(r"#/components/schemas/(\w+)", json.dumps(document)):
        if name not in known:
            found.append(f"the schema {name} is used and not defined: add it to components")
    return found


if __name__ == "__main__":
    try:
        loaded = json.loads((ROOT / "openapi.json").read_text(encoding="utf-8"))
    except ValueError as error:
        sys.exit(f"openapi.json is no JSON: {error}")
    if wrong := problems(loaded):
        sys.exit("\n".join(f"openapi.json: {line}" for line in wrong))
    print(f"openapi.json: {len(loaded['paths'])} paths, all well")
