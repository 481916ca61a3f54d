"""Print the steps of this build: a step sleeps where all of its surfaces do."""

import json
import sys

STEPS = [
    (["sdk"], {"label": "sdk", "command": "make sdk"}),
    (["server"], {"label": "server", "command": "make server"}),
    (["sdk", "server"], {"label": "contracts", "command": "make contracts"}),
]

with open(sys.argv[1], encoding="utf-8") as file:
    surfaces = json.load(file)["surfaces"]
for names, step in STEPS:
    if all(surfaces[name]["woken"] is False for name in names):
        step["skip"] = "asleep: nothing in its paths changed"
print(json.dumps({"steps": [step for _, step in STEPS]}, indent=1))
