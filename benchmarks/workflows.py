"""How long `impact check` takes on workflows: each check of them, and all together.

    make bench-workflows                          # 50 workflows of 12 jobs, 10,000 files
    make bench-workflows ARGS='--workflows 200'

Every round runs each command once, in turn: `impact check` with the workflows, without them,
and on a repository of one file, which is the start-up.  Figures are medians of whole processes.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.checks import make_index, paths
from benchmarks.measure import clean_environment, seconds

DETECTION = """\
  changes:
    runs-on: ubuntu-latest
    outputs:
      surfaces: ${{ steps.impact.outputs.surfaces }}
      determined: ${{ steps.impact.outputs.determined }}
"""
STEPS = """\
      - uses: actions/checkout@v6
      - uses: ./actions/setup
        with: {cache: 'true'}
      - id: version
        run: |
          echo "version=$(cat version.txt)" >> "$GITHUB_OUTPUT"
      - name: Build ${{ steps.version.outputs.version }}
        run: |
          set -eu
          for name in src tests; do
            if [ -d "$name" ]; then make -C pkg1 build NAME="$name"; fi
          done
          bash scripts/build.sh --release && cd pkg2 && npm run build
        env:
          REF: ${{ github.ref }}
          OF: ${{ needs.changes.outputs.determined }}
      - if: ${{ !cancelled() && steps.version.outcome == 'success' }}
        run: ./scripts/upload.sh "${{ steps.version.outputs.version }}"
"""
FILES = {
    "actions/setup/action.yml": """\
name: setup
description: what every job needs
inputs: {cache: {description: whether to cache, default: 'false'}}
runs:
  using: composite
  steps:
    - shell: bash
      run: scripts/setup.sh
    - if: inputs.cache == 'true'
      uses: actions/cache@v5
      with: {path: x, key: "${{ hashFiles('package-lock.json') }}"}
""",
    "pkg1/Makefile": "include ../common.mk\nbuild: all.txt\n\tsh ../scripts/list.sh $(NAME)\n",
    "common.mk": "CC ?= cc\nall.txt: ../version.txt\n\tcat $< > $@\n",
    "pkg2/package.json": '{"scripts": {"build": "node ../scripts/bundle.js src/index.ts"}}\n',
    "scripts/build.sh": 'cd "$(dirname "$0")/.."\n. scripts/list.sh\ncat version.txt\n',
    **{
        f"scripts/{name}.sh": f"# {name}\necho {name}\n" for name in ("list", "setup", "upload")
    },
    "scripts/bundle.js": "",
    "version.txt": "1\n",
    "package-lock.json": "{}\n",
}


def workflow(number: int, jobs: int, surfaces: list[str]) -> str:
    """A workflow of many jobs, each gated on a surface or two."""
    chosen = [surfaces[(number * jobs + job) % len(surfaces)] for job in range(jobs)]
    parts = ["on: [pull_request, push]\njobs:\n", DETECTION]
    parts += [
        f"      {name}: ${{{{ fromJSON(steps.impact.outputs.surfaces).{name} }}}}\n"
        for name in dict.fromkeys(chosen)
    ]
    parts.append("    steps: [{id: impact, uses: impact-ci/impact@v1}]\n")
    for job, name in enumerate(chosen):
        needs, further = ["changes"], ""
        if job % 3:
            needs.append(f"job{job - 1}")
            result = f"needs.job{job - 1}.result"
            further = f" && ({result} == 'success' || {result} == 'skipped')"
        push = " || github.event_name == 'push'" if job % 2 else ""
        awake = f"(needs.changes.outputs.{name} != 'false'{push})"
        parts.append(
            f"  job{job}:\n    needs: [{', '.join(needs)}]\n"
            f"    if: ${{{{ !cancelled() && {awake}{further} }}}}\n"
            f"    runs-on: ubuntu-latest\n    steps:\n{STEPS}"
        )
    names = ", ".join(f"job{job}" for job in range(jobs))
    parts.append(
        f"  gate:\n    needs: [changes, {names}]\n    if: ${{{{ always() }}}}\n"
        "    runs-on: ubuntu-latest\n    steps:\n      - uses: impact-ci/impact/gate@v1\n"
        "        with: {needs: '${{ toJSON(needs) }}'}\n"
    )
    return "".join(parts)


def make_repository(place: Path, workflows: int, jobs: int, count: int) -> None:
    """A repository with so many workflows and tracked files."""
    files = [path for path in paths(count, random.Random(1)) if path not in FILES]
    surfaces = [f"s{number}" for number in range(40)]
    written = {
        f".github/workflows/w{number}.yml": workflow(number, jobs, surfaces)
        for number in range(workflows)
    }
    make_index(place, [*files, *FILES, *written])
    for name, text in {**FILES, **written}.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)
    rules = [
        f"  {name}: [/pkg{n}/, /pkg{n + 40}/, /scripts/]" for n, name in enumerate(surfaces)
    ]
    (place / "filters.yml").write_text("\n".join(["version: 1", "surfaces:", *rules, ""]))


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workflows", type=int, default=50)
    parser.add_argument("--jobs", type=int, default=12, help="gated jobs of each")
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        small, large = Path(folder, "small"), Path(folder, "large")
        make_repository(large, arguments.workflows, arguments.jobs, arguments.files)
        make_index(small, ["a"])
        (small / "filters.yml").write_text("version: 1\nsurfaces:\n  a: [/a]\n")
        (empty := Path(folder, "empty")).mkdir()
        check = f"{sys.executable} -m impact check {{}} >{os.devnull} 2>&1; test $? -le 1"
        commands = {
            "start-up": (["sh", "-c", check.format("")], small),
            "files alone": (["sh", "-c", check.format(f"--workflows {empty}")], large),
            "impact check": (["sh", "-c", check.format("")], large),
        }
        environment = clean_environment()
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(arguments.rounds):
            for name, (command, place) in commands.items():
                times[name].append(seconds(command, place, environment))
        script = [sys.executable, "-m", "impact", "check", "--format=json"]
        found = subprocess.run(script, cwd=large, env=environment, capture_output=True)
    medians = {name: statistics.median(values) for name, values in times.items()}
    jobs = arguments.workflows * arguments.jobs
    print(
        f"{arguments.workflows} workflows, {jobs} gated jobs, {arguments.files:,} tracked files"
    )
    for name, median in medians.items():
        print(f"  {name:14}{median:7.3f} s  ({median / medians['start-up']:.2f} x start-up)")
    count = found.stdout.count(b'"id": ')
    print(f"  findings      {count:7}")


if __name__ == "__main__":
    main()
