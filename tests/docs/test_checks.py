"""The page of the checks: made of their docstrings, each example run in a repository.

A docstring says, in this order: what the check finds, in its first line; more about it; why
it is bad; which files are tracked, an example, and what to write instead.  An example of
several files has the name of each in a comment of its own.  One of a workflow has what differs
from the example in the page: jobs to add, or to put in the place of others, or another `on`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from textwrap import dedent

import pytest

from impact import checks
from impact.checks import IDS
from tests.docs.documents import ROOT
from tests.program import Program
from tests.repositories import Repository
from tests.transcripts import track

pytest_plugins = ["tests.program", "tests.repositories"]

PAGE = ROOT / "docs" / "checks.md"
START, END = "<!-- checks -->\n", "## On real repositories\n"
MODULES = {check: getattr(checks, check.replace("-", "_")) for check in IDS}
FORM = re.compile(
    r"(?P<title>[^\n]+)\n\n(?P<text>.+?)\n\nTracked: (?P<tracked>.+?)\n\n"
    r"Example::\n\n(?P<example>.+?)\n\nUse instead:(:\n\n(?P<good>.+)| (?P<advice>.+))",
    re.DOTALL,
)
EXAMPLE = """\
# filters.yml
version: 1
surfaces:
  docs: [/docs/, /.github/]
# .github/workflows/ci.yml
on: pull_request
jobs:
  changes:
    runs-on: ubuntu-latest
    outputs:
      surfaces: ${{ steps.impact.outputs.surfaces }}
      determined: ${{ steps.impact.outputs.determined }}
      docs: ${{ fromJSON(steps.impact.outputs.surfaces).docs }}
    steps:
      - id: impact
        uses: impact-ci/impact@v1
  docs:
    needs: changes
    if: ${{ !cancelled() && needs.changes.outputs.docs != 'false' }}
    runs-on: ubuntu-latest
    steps:
      - run: make docs
  gate:
    needs: [changes, docs]
    if: ${{ always() }}
    runs-on: ubuntu-latest
    steps:
      - uses: impact-ci/impact/gate@v1
        with:
          needs: ${{ toJSON(needs) }}
"""
"""What every example of a workflow differs from."""
NAMED = re.compile(r"^# (\S+\.yml)\n", re.MULTILINE)
WORKFLOW = ".github/workflows/ci.yml"


@dataclass(frozen=True)
class Section:
    """What a docstring says of a check."""

    check: str
    title: str
    text: str
    tracked: str
    example: str
    good: str
    advice: str | None

    @classmethod
    def of(cls, check: str) -> Section:
        found = FORM.fullmatch((MODULES[check].__doc__ or "").strip())
        assert found, f"the docstring of {check} has another form"
        parts = found.groupdict()
        example, good = (dedent(parts[key] or "").strip("\n") for key in ("example", "good"))
        tracked = parts["tracked"].replace("\n", " ")
        return cls(
            check, parts["title"], parts["text"], tracked, example, good, parts["advice"]
        )


def files_of(text: str) -> dict[str, str]:
    """The files of an example by their names, or what differs in them."""
    if not text:
        return {}
    if not NAMED.match(text):
        return {WORKFLOW if text.startswith(("jobs:", "on:")) else "filters.yml": text}
    _, *parts = NAMED.split(text)
    return dict(zip(parts[::2], (part.strip("\n") for part in parts[1::2]), strict=True))


def merged(workflow: str, fragment: str) -> str:
    """A workflow with other jobs of the same names, jobs besides, or another `on`."""
    if fragment.startswith("on:"):
        return re.sub(r"^on:.*?^(?=jobs:)", fragment + "\n", workflow, flags=re.S | re.M)
    for block in re.split(r"^(?=  \S)", fragment, flags=re.MULTILINE)[1:]:
        name, text = block.split(":")[0], block.rstrip("\n") + "\n"
        there = re.compile(rf"^{name}:.*?(?=^  \S|\Z)", re.DOTALL | re.MULTILINE)
        if there.search(workflow + "\n"):
            workflow = there.sub(lambda _, text=text: text, workflow + "\n").rstrip("\n")
        else:
            workflow = workflow.rstrip("\n") + "\n" + text.rstrip("\n")
    return workflow


def checked(program: Program, section: Section, instead: str = "") -> str:
    """What `impact check` says of an example, and of what to write instead."""
    tracked = section.tracked.split(", ")
    files = files_of(EXAMPLE) if WORKFLOW in tracked else {}
    for part in (section.example, instead):
        for name, text in files_of(part).items():
            files[name] = merged(files[name], text) if name == WORKFLOW else text
    for name, text in files.items():
        program.write(name, text + "\n")
    track(Repository(program.directory), tracked)
    return program("check", "--strict").out


def test_the_page_has_the_example_of_a_workflow() -> None:
    assert f"```yaml\n{EXAMPLE}```\n" in PAGE.read_text("utf-8")


def rendered(section: Section, output: str) -> str:
    """The section of the page."""
    names = ", ".join(f"`{name}`" for name in section.tracked.split(", "))
    text = re.sub(r"^Why it is bad:", "**Why it is bad:**", section.text, flags=re.MULTILINE)
    advice = f"Use instead: {section.advice}"
    if section.good:
        advice = f"Use instead:\n\n```yaml\n{section.good}\n```"
    return f"""\
## {section.check}

**{section.title}**

{text}

For example, with the tracked files {names}:

```yaml
{section.example}
```

```text
{output}```

{advice}

"""


def test_the_page_has_what_the_checks_say_of_themselves(
    program: Program, request: pytest.FixtureRequest
) -> None:
    sections = []
    for check in IDS:
        section = Section.of(check)
        place = Program(program.directory / check, program.directory, program.server)
        place.directory.mkdir()
        output = checked(place, section)
        assert f"[{check}]" in output
        sections.append(rendered(section, output))
    before, _, rest = PAGE.read_text("utf-8").partition(START)
    whole = before + START + "\n" + "".join(sections) + END + rest.partition(END)[2]
    if request.config.getoption("goldens"):
        PAGE.write_text(whole, "utf-8")
    assert PAGE.read_text("utf-8") == whole, "see `make goldens`"


@pytest.mark.parametrize("check", IDS)
def test_what_to_use_instead_is_without_findings(program: Program, check: str) -> None:
    section = Section.of(check)
    if section.advice == "`git add filters.yml`.":
        track(Repository(program.directory), ["filters.yml"])
    assert checked(program, section, section.good) == "no findings\n"
