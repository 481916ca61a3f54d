"""Workflows that were written to harm: they cost little, and nothing outside is told."""

from __future__ import annotations

import json
from pathlib import Path

from tests.program import Program
from tests.repositories import Repository
from tests.transcripts import track

pytest_plugins = ["tests.program", "tests.repositories"]

HEAD = "on: pull_request\njobs:\n"
DETECT = """\
  changes:
    runs-on: x
    outputs:
      docs: ${{ steps.it.outputs.%s }}
    steps:
      - {uses: dorny/paths-filter@v3, id: it, with: {filters: '%s'}}
"""


def checked(program: Program, files: dict[str, str], *options: str) -> str:
    for name, text in files.items():
        program.write(name, text)
    track(Repository(program.directory), [*files])
    ran = program("check", "--workflows", ".github/workflows", *options)
    assert "bug in impact" not in ran.err
    return ran.out


def test_an_action_that_runs_itself_often(program: Program) -> None:
    steps = "".join(f"    - {{uses: ./a, id: s{number}}}\n" for number in range(50))
    action = (
        "name: a\ndescription: a\noutputs:\n  o: {value: '${{ steps.s1.outputs.o }}'}\n"
        f"runs:\n  using: composite\n  steps:\n{steps}"
    )
    job = "  a:\n    outputs: {o: '${{ steps.x.outputs.nothing }}'}\n"
    job += "    steps: [{uses: ./a, id: x}]\n"
    out = checked(program, {".github/workflows/a.yml": HEAD + job, "a/action.yml": action})
    assert "the step x has no output nothing; did you mean" not in out
    assert "the step x has no output nothing; there are: o" in out


def test_a_condition_of_very_many_unknown_parts(program: Program) -> None:
    unknown = " && ".join(f"github.event.a{number} != 'x'" for number in range(400))
    condition = f"needs.changes.outputs.docs == 'true' && {unknown}"
    job = f"  docs:\n    needs: changes\n    if: {condition}\n    steps: [{{run: x}}]\n"
    text = HEAD + DETECT % ("docs", "docs: [x]") + job
    out = checked(program, {".github/workflows/a.yml": text}, "--select=unsafe-condition")
    assert "docs: it sleeps where the output docs is lost" in out


def test_needs_that_go_in_a_circle(program: Program) -> None:
    jobs = "".join(
        f"  j{n}:\n    needs: [{', '.join(f'j{m}' for m in range(40) if m != n)}]\n"
        f"    outputs: {{o: '${{{{ needs.j{(n + 1) % 40}.outputs.o }}}}'}}\n"
        f"    if: needs.j{(n + 1) % 40}.outputs.o == 'true'\n    steps: [{{run: x}}]\n"
        for n in range(40)
    )
    out = checked(program, {".github/workflows/a.yml": HEAD + jobs})
    assert out.splitlines()[0].endswith(
        "error: j0 needs j1, which needs it; take it out [invalid-workflow]"
    )
    assert out.splitlines()[1:] == ["1 error"]


def test_nothing_outside_of_the_repository_is_read(program: Program) -> None:
    secret = Path(program.directory).parent / "secret.yml"
    secret.write_text("password: x\n")
    inside = f"../{secret.name}"
    text = (
        HEAD
        + DETECT % ("passwor", inside)
        + ("  called: {uses: ./../secret.yml}\n  acts:\n    steps: [{uses: ./../, id: x}]\n")
    )
    link = program.directory / "link.yml"
    link.symlink_to(secret)
    for path in (inside, "link.yml", str(secret)):
        out = checked(
            program, {".github/workflows/a.yml": text.replace(inside, path)}, "--format=json"
        )
        assert "password" not in json.dumps(json.loads(out))
