"""Where the workspaces of a package lie."""

from __future__ import annotations

import json

from impact.scripts.files import Files, absolute, from_root, matching

_MOST = 200


def workspace(files: Files, directory: str, name: str) -> str | None:
    """The directory of a workspace that is asked for by its path or its name."""
    path = absolute(directory, name.removeprefix("{").removesuffix("}"))
    if path is not None and _is_package(files, path) and not set(name) & set("*!^[]@"):
        return path
    if set(name) & set("*!^[]{}") or "..." in name or name.startswith("."):
        return None
    packages: dict[str, list[str]] = {}
    for pattern in _patterns(files, directory)[:_MOST]:
        for package in (matching(f"{pattern}/package.json", directory, files) or [])[:_MOST]:
            path = absolute(directory, package)
            inner = from_root(path) if path is not None else None
            called = _json(files, inner).get("name") if inner else None
            if path is not None and isinstance(called, str):
                packages.setdefault(called, []).append(path.rpartition("/")[0])
    # pnpm takes a name without its scope, too.
    scoped = [path for one, at in packages.items() if one.endswith(f"/{name}") for path in at]
    found = packages.get(name) or scoped
    return found[0] if len(found) == 1 else None


def _is_package(files: Files, path: str) -> bool:
    inner = from_root(path)
    return inner is not None and files.is_file(f"{inner}/package.json".lstrip("/"))


def _patterns(files: Files, directory: str) -> list[str]:
    """Where workspaces may be, by package.json or pnpm-workspace.yaml."""
    inner = from_root(directory)
    if inner is None:
        return []
    listed = _json(files, f"{inner}/package.json".lstrip("/")).get("workspaces")
    if isinstance(listed, dict):
        listed = listed.get("packages")
    found = [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
    # Of YAML the lists of quoted or plain text that such files consist of.
    within = False
    for line in (files.read(f"{inner}/pnpm-workspace.yaml".lstrip("/")) or "").split("\n"):
        if line[:1] not in (" ", "-", "#", ""):
            within = line.startswith("packages:")
        elif within and line.strip().startswith("- "):
            found.append(line.strip()[2:].partition(" #")[0].strip().strip("'\""))
    plain = [one.rstrip("/") for one in found if not one.startswith("!")]
    return [one.replace("**", "*") for one in plain]


def _json(files: Files, path: str) -> dict[str, object]:
    try:
        found = json.loads(files.read(path) or "")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
