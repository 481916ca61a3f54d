"""A wiring as YAML, ready to paste into a workflow, or as a whole new one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from impact.quoting import one_line, quote
from impact.workflows.wiring import ACTION, GATE_ACTION, JobWiring, Wiring

_WIDTH = 96
_SPECIAL = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
"""Keys that some YAML reads as something else."""
_NEW = """\
# A new workflow: put the steps of each job in their places.
on:
  push:
    branches: [main] # the default branch
  pull_request:
  merge_group:
permissions:
  contents: read
"""


def render_wiring(wiring: Wiring, workflow: str | None) -> str:
    """The jobs; ``workflow`` is the file that has the rest of them, if there is one."""
    head = [_NEW.rstrip("\n")]
    if workflow is not None:
        head = [f"# For {one_line(quote(workflow))}: what is not here stays as it is."]
    lines = [*head, "jobs:", *_changes(wiring)]
    for job in wiring.jobs.values():
        lines += ["", *_job(job)]
    lines += ["", *_gate(wiring)]
    return "\n".join(lines) + "\n"


def _changes(wiring: Wiring) -> Iterator[str]:
    if wiring.calls:
        job, names = quote(wiring.changes), ", ".join(wiring.outputs)
        yield f"  # {job} calls a workflow, which has to have these outputs: {names}"
        return
    yield f"  {_key(wiring.changes)}:"
    if not wiring.exists:
        yield "    runs-on: ubuntu-latest"
    yield "    outputs:"
    outputs = {**wiring.outputs, **wiring.others}
    yield from (f"      {_key(name)}: {_quoted(value)}" for name, value in outputs.items())
    if wiring.detects:
        return
    step = [f"- id: {_key(wiring.step)}", f"  uses: {ACTION}"]
    if wiring.filters is not None:
        step += ["  with:", f"    filters: {_quoted(wiring.filters)}"]
    if wiring.exists:
        yield "    # In the place of the step that detects, beside the others that there are:"
        yield from (f"    #   {line}" for line in step)
    else:
        yield "    steps:"
        yield from (f"      {line}" for line in step)


def _job(job: JobWiring) -> Iterator[str]:
    for text in job.dropped:
        yield f"  # Not kept of the condition of {job.id}: {one_line(' '.join(text.split()))}"
    yield f"  {_key(job.id)}:"
    yield from _needs(job.needs)
    yield from _condition(job.terms)
    if not job.exists:
        yield "    runs-on: ubuntu-latest"
        yield "    steps:"
        yield f"      - run: exit 1 # in place of this, what tests {', '.join(job.surfaces)}"


def _gate(wiring: Wiring) -> Iterator[str]:
    yield "  # The one required check of branch protection."
    if wiring.unclaimed:
        names = ", ".join(map(quote, wiring.unclaimed))
        yield f"  # It does not wait for jobs of no surface that may be skipped: {names}"
    if wiring.elsewhere:
        yield f"  # These are for the gates of other workflows: {', '.join(wiring.elsewhere)}"
    yield f"  {_key(wiring.gate)}:"
    yield from _needs(wiring.waited)
    yield "    if: ${{ always() }}"
    if wiring.gated:
        return
    yield "    runs-on: ubuntu-latest"
    yield "    steps:"
    yield f"      - uses: {GATE_ACTION}"
    yield "        with:"
    yield "          needs: ${{ toJSON(needs) }}"
    if wiring.changes != "changes":
        yield f"          changes-job: {_key(wiring.changes)}"
    if wiring.filters is not None:
        yield f"          filters: {_quoted(wiring.filters)}"


def _needs(names: Sequence[str]) -> list[str]:
    keys = [_key(name) for name in names]
    if len(keys) == 1:
        return [f"    needs: {keys[0]}"]
    line = f"    needs: [{', '.join(keys)}]"
    return [line] if len(line) <= _WIDTH else ["    needs:", *(f"      - {k}" for k in keys)]


def _condition(terms: Sequence[str]) -> list[str]:
    """On a line where it is short and nothing in it is YAML's, else folded."""
    whole = f"${{{{ {' && '.join(terms)} }}}}"
    if not whole.isprintable():
        return [f"    if: {_quoted(whole)}"]
    if len(whole) + 8 <= _WIDTH and ": " not in whole and " #" not in whole:
        return [f"    if: {whole}"]
    rows = [f"      ${{{{ {terms[0]}", *(f"      && {term}" for term in terms[1:])]
    return ["    if: >-", *rows[:-1], f"{rows[-1]} }}}}"]


def _quoted(text: str) -> str:
    """The text as YAML takes it whatever is in it; `${{` alone as it is usually written."""
    if re.fullmatch(r"\$\{\{ [\w.()-]+ \}\}", text):
        return text
    whole = json.dumps(text, ensure_ascii=False)
    # YAML breaks lines at more than JSON does, and takes no controls.
    return re.sub("[\x7f-\x9f\u2028\u2029\ufeff]", lambda c: f"\\u{ord(c[0]):04x}", whole)


def _key(name: str) -> str:
    if name.lower() in _SPECIAL:
        return f"'{name}'"
    return name if re.fullmatch("[A-Za-z_][A-Za-z0-9_-]*", name) else _quoted(name)
