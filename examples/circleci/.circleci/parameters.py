"""Print the pipeline parameters for a plan: each surface, and whether it is woken."""

import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    surfaces = json.load(file)["surfaces"]
print(json.dumps({name: surface["woken"] for name, surface in surfaces.items()}))
