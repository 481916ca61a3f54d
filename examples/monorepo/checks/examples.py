"""Checks the examples of other ways to deploy: Fly, Railway and Helm."""

import json
import re
import sys
from pathlib import Path

DEPLOY = Path(__file__).resolve().parent.parent / "examples" / "deploy"
PORT, HEALTH = "8080", "/health"
problems = []


def expect(name: str, key: str, found: list[str], wanted: str) -> None:
    """Note it if the key of a file is not what was wanted."""
    if found != [wanted]:
        problems.append(f"examples/deploy/{name}: {key} is not {wanted}; set it to that")


fly = (DEPLOY / "fly" / "fly.toml").read_text(encoding="utf-8")
expect("fly/fly.toml", "internal_port", re.findall(r"^internal_port = (.+)", fly, re.M), PORT)
expect("fly/fly.toml", "path", re.findall(r'^path = "(.+)"', fly, re.M), HEALTH)

try:
    railway = json.loads((DEPLOY / "railway" / "railway.json").read_text(encoding="utf-8"))
except ValueError as error:
    sys.exit(f"examples/deploy/railway/railway.json is no JSON: {error}")
start = railway["deploy"]["startCommand"]
expect("railway/railway.json", "--port", re.findall(r"--port (\S+)", start), PORT)
health = railway["deploy"]["healthcheckPath"]
expect("railway/railway.json", "healthcheckPath", [health], HEALTH)

chart = (DEPLOY / "helm" / "Chart.yaml").read_text(encoding="utf-8")
for key in ("apiVersion", "name", "version"):
    if not re.search(rf"^{key}: \S", chart, re.M):
        problems.append(f"examples/deploy/helm/Chart.yaml: no {key}, which Helm requires")
text = (DEPLOY / "helm" / "values.yaml").read_text(encoding="utf-8")
values = dict(re.findall(r"^(\w+): (.+)", text, re.M))
expect("helm/values.yaml", "port", [values.get("port", "")], PORT)
expect("helm/values.yaml", "health", [values.get("health", "")], HEALTH)
for template in sorted(DEPLOY.glob("helm/templates/*.yaml")):
    used = set(re.findall(r"\.Values\.(\w+)", template.read_text(encoding="utf-8")))
    for key in sorted(used - values.keys()):
        problems.append(f"examples/deploy/helm/values.yaml: no {key}; {template.name} uses it")

if problems:
    sys.exit("\n".join(problems))
print("Fly, Railway and Helm: all well")
