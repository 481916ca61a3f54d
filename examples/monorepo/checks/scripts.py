"""Checks the syntax of every script under scripts/, and that a failed command ends it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = sorted(file for file in ROOT.glob("scripts/**/*") if file.suffix in (".sh", ".py"))

problems = []
for script in SCRIPTS:
    name, text = script.relative_to(ROOT), script.read_text(encoding="utf-8")
    if script.suffix == ".sh":
        done = subprocess.run(["sh", "-n", script], capture_output=True, text=True, check=False)
        if done.returncode:
            problems.append(f"{name} is no shell script: {done.stderr.strip()}")
        elif "\nset -eu\n" not in text:
            problems.append(f"{name}: add `set -eu`, so that a failed command ends it")
    else:
        try:
            compile(text, str(name), "exec")
        except SyntaxError as error:
            problems.append(f"{name}:{error.lineno}: {error.msg}")
if problems:
    sys.exit("\n".join(problems))
print(f"{len(SCRIPTS)} scripts, all well")
