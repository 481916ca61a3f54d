"""Checks that the server handles every route of openapi.json, and no others."""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "server" / "src"

document = json.loads((ROOT / "openapi.json").read_text(encoding="utf-8"))
wanted = {(verb, path) for path, verbs in document["paths"].items() for verb in verbs}

handled = {}
routes = (SOURCE / "routes.rs").read_text(encoding="utf-8")
for path, verbs in re.findall(r'\.route\("(.+?)", (.+)\)', routes):
    for verb, handler in re.findall(r"(\w+)\((\w+)\)", verbs):
        handled[verb, path] = handler
handlers = set(re.findall(r"^pub async fn (\w+)", (SOURCE / "handlers.rs").read_text(), re.M))

problems = [
    f"server/src/routes.rs: {verb.upper()} {path} of openapi.json is not handled; route it"
    for verb, path in sorted(wanted - handled.keys())
]
problems += [
    f"server/src/routes.rs: {verb.upper()} {path} is not in openapi.json; describe it there"
    for verb, path in sorted(handled.keys() - wanted)
]
problems += [
    f"server/src/handlers.rs: no handler {name}, which routes.rs names"
    for name in sorted(set(handled.values()) - handlers)
]
if problems:
    sys.exit("\n".join(problems))
print(f"{len(handled)} operations of openapi.json are handled, all well")
