"""The step of both actions: see to the packages that impact needs, and run a command of it.

start.sh starts it as `python3 -I -S run.py COMMAND`, so nothing in the workspace, which holds
the code of a pull request, is ever imported, nor what is installed for the user: -I leaves the
current directory and PYTHON* variables out, -S the user's packages, and the directories that
are needed are put into `sys.path` here.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
sys.path.insert(0, ROOT)
# Whatever is run leaves the directories of the action and of its packages as they are.
sys.dont_write_bytecode = True

from action.bytecode import bytecode  # noqa: E402
from action.environment import packages  # noqa: E402
from action.errors import ActionError  # noqa: E402
from impact.errors import EXIT_INTERRUPTED, EXIT_USAGE  # noqa: E402


def given(environment: Mapping[str, str], name: str) -> str:
    """What the input says, by the name that the action hands it over with; "" for nothing."""
    return environment.get(f"IMPACT_INPUT_{name}", "").strip()


OPTIONS = {
    "detect": ("filters", "base", "head", "max-depth", "fetch-timeout"),
    "gate": ("filters", "changes-job", "workflow", "narrowing-label"),
}
"""The options of each command whose values are those of inputs."""
LISTS = {"detect": {"force": "FORCE"}, "gate": {"optional": "OPTIONAL"}}
"""Those that are repeated for each name in an input."""


def arguments(environment: Mapping[str, str], command: str = "detect") -> list[str]:
    """The command line that the inputs ask for; a value can never be an option of its own."""
    directory = os.path.join(os.curdir, given(environment, "REPOSITORY_PATH"))
    found = [f"-C{directory}", command, "--format=github"]
    for option in OPTIONS[command]:
        value = given(environment, option.upper().replace("-", "_"))
        found += [f"--{option}={value}"] if value else []
    for option, variable in LISTS[command].items():
        names = re.split(r"[\s,]+", given(environment, variable))
        found += [f"--{option}={name}" for name in names if name]
    required = given(environment, "REQUIRE_DETERMINED").lower()
    if required not in ("", "true", "false"):
        raise ActionError("the input require-determined is neither true nor false")
    if required == "true":
        found.append("--require-determined")
    return found


def main(command: str) -> int:
    """Run the step; the exit code is impact's own."""
    # Away from the installers; `impact` takes it from its own variable, and away from git.
    token = os.environ.pop("IMPACT_INPUT_TOKEN", "").strip()
    needs = os.environ.pop("IMPACT_INPUT_NEEDS", "")
    with ExitStack() as run:
        try:
            options = arguments(os.environ, command)
            place = given(os.environ, "REPOSITORY_PATH")
            if place and not os.path.isdir(place):
                raise ActionError(f"the input repository-path names no directory: {place}")
            found = packages(os.environ)
            sys.path.insert(0, found)
            run.enter_context(bytecode(os.path.dirname(found), ROOT, found))
            from impact.cli.main import main as impact
        except ActionError as error:
            return _fail(str(error))
        except OSError as error:
            return _fail(f"its dependencies cannot be installed: {error}")
        except ImportError as error:
            return _fail(f"what was installed does not run on this machine: {error}")
        os.environ["IMPACT_TOKEN"] = token
        return impact(options) if command != "gate" else _gate(impact, options, needs)


def _gate(impact: Callable[[Sequence[str]], int], options: Sequence[str], needs: str) -> int:
    """Run the gate; what jobs said goes into a file, for it can be more than arguments take."""
    try:
        with tempfile.NamedTemporaryFile(dir=os.environ["RUNNER_TEMP"]) as file:
            file.write(os.fsencode(needs))
            file.flush()
            return impact([*options, f"--needs={file.name}"])
    except OSError as error:
        return _fail(f"the results of the jobs cannot be written: {error.strerror}")


def _fail(why: str) -> int:
    """Say why, once in the log and once as an annotation; no output says "asleep"."""
    from impact.quoting import one_line

    print("::error title=impact::" + one_line(why).replace("%", "%25"), flush=True)
    return EXIT_USAGE


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1]))
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
