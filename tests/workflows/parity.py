"""What this project makes of workflow files beside what GitHub's own parser makes of them.

For `make compare`, which takes them from repositories, and for the tests.  The differences
that github.py names are not counted: GitHub's packages are wrong there.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from impact.config import tree
from impact.config.document import read_document
from impact.errors import WorkflowError
from impact.workflows.evaluate import EvaluationError, Unknown, Value, as_text, evaluate, truth
from impact.workflows.expressions import (
    ANYWHERE,
    JOB_CONDITION,
    Allowed,
    ExpressionError,
    parse_expression,
)
from impact.workflows.nodes import (
    Call,
    Comparison,
    Expression,
    Group,
    Index,
    Literal,
    Logical,
    Name,
    Not,
    Property,
    Star,
    walk,
)
from impact.workflows.templates import Embedded, Text, parse_condition, parse_template
from impact.workflows.workflow import Job, Step, Workflow, Written, parse_workflow
from tests.workflows.expressions import comparable
from tests.workflows.generated_contexts import Given, given, unclear
from tests.workflows.github import FailedError, GitHub, Question

CONTEXTS = (
    *("env", "github", "inputs", "job", "jobs", "matrix", "needs", "runner", "secrets"),
    *("steps", "strategy", "vars"),
)
EVERYTHING = Allowed(frozenset(CONTEXTS), ANYWHERE.functions)
"""What github.mjs allows where no place is given."""
REFUSED = "refused"
BATCH = 500
T = TypeVar("T")


@dataclass(frozen=True)
class File:
    """A file's bytes; ``name`` says where they are from."""

    name: str
    data: bytes

    @property
    def is_action(self) -> bool:
        path = self.name.rpartition(":")[2]
        return re.search(r"(?<!\.github/workflows/)\baction\.ya?ml$", path) is not None


@dataclass(frozen=True)
class Difference:
    """``place``: FILE:LINE, or FILE; ``what`` differs; what each makes of it."""

    place: str
    what: str
    ours: Any
    theirs: Any

    def __str__(self) -> str:
        shown = [f"    {name}: {str(one)[:600]}" for name, one in self._both]
        return "\n".join([f"{self.place}: {self.what}", *shown])

    @property
    def _both(self) -> tuple[tuple[str, Any], ...]:
        return (("here", self.ours), ("GitHub", self.theirs))


@dataclass
class Report:
    """How much was compared, and what differs.

    ``lenient``: what GitHub says against the files that are read here all the same.
    ``expressions``: each that both parse, with a place where it stands.
    """

    counts: Counter[str] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)
    lenient: list[tuple[str, str]] = field(default_factory=list)
    expressions: dict[str, str] = field(default_factory=dict)

    def same(self, place: str, what: str, ours: Any, theirs: Any) -> bool:
        """Whether both are equal; a difference if not."""
        if ours == theirs:
            return True
        self.differences.append(Difference(place, what, ours, theirs))
        return False


def compare_files(github: GitHub, files: Iterable[File], report: Report) -> None:
    """The YAML, the jobs and all expressions of files."""
    for batch in _batches((_ended(file, report) for file in files), BATCH):
        texts = [
            (file.data.decode("utf-8", "replace").removeprefix("\ufeff"), file.is_action)
            for file in batch
        ]
        for file, said in zip(batch, github.read_all(texts), strict=True):
            root = _documents(file, said, report)
            if root is None:
                continue
            if not file.is_action:
                _workflows(file, said, report)
            elif said["errors"]:
                report.counts["actions that GitHub refuses by its schema, read here"] += 1
                report.lenient += [(file.name, message) for message in said["errors"]]
            scalars = [(path, key, node) for path, key, node in _scalars(root, ())]
            _templates(github, file, [node for _, _, node in scalars], report)
            ifs = [
                (path, node)
                for path, key, node in scalars
                if key == "if" and _is_condition(path) and not _is_null(node)
            ]
            _conditions(github, file, ifs, report)


def compare_values(
    github: GitHub, texts: Mapping[str, str], count: int, report: Report, allowed: Allowed
) -> None:
    """The values of expressions, with their places, in ``count`` generated contexts each.

    And in half as many of which some is unknown, each with four completions.
    """
    for batch in _batches(texts.items(), 25):
        questions: list[Question] = []
        checks: list[Callable[[list[Any]], None]] = []
        for text, place in batch:
            expression = parse_expression(text, allowed)
            if any(_loses_quotes(text, part) for part in walk(expression)):
                report.counts["expressions of which GitHub's lexer loses quotes"] += 1
                continue
            report.counts["distinct expressions evaluated"] += 1
            choice = random.Random(text)
            source = given(expression, choice)
            for one in islice(source, count):
                check = _value_check(text, place, expression, one, report)
                questions.append(_question(text, one))
                checks.append(check)
            for _ in range((count + 1) // 2):
                some = unclear(source, choice, 4)
                check = _unknown_check(text, place, expression, some.known, report)
                for one in some.completions:
                    questions.append(_question(text, one))
                    checks.append(check)
        for ask, found in zip(checks, github.evaluate_all(questions), strict=True):
            ask(found)


def condition_tree(text: str, allowed: Allowed) -> Any:
    """The expression that a condition becomes; see github.mjs."""
    try:
        return to_tree(parse_condition(text, allowed))
    except ExpressionError:
        return REFUSED


def content(text: str) -> Any:
    """What is made of a text with `${{ }}` in it, as github.mjs says it."""
    try:
        parsed = parse_template(text, EVERYTHING).parts
    except ExpressionError:
        return REFUSED
    if all(isinstance(part, Text) for part in parsed):
        return {"text": text}
    if len(parsed) == 1 and isinstance(part := parsed[0], Embedded):
        expression = part.expression
        if isinstance(expression, Literal) and isinstance(expression.value, str):
            return {"text": expression.value}
        return {"tree": to_tree(expression)}
    trees = [to_tree(part.expression) for part in parsed if isinstance(part, Embedded)]
    numbers = iter(range(len(parsed)))
    pattern = [
        part.text.replace("{", "{{").replace("}", "}}")
        if isinstance(part, Text)
        else f"{{{next(numbers)}}}"
        for part in parsed
    ]
    return {"format": "".join(pattern), "trees": trees}


def to_tree(expression: Expression) -> list[Any]:
    """The parts of an expression as github.mjs says them, without their places."""
    match expression:
        case Literal(value=value):
            is_number = isinstance(value, float) and not isinstance(value, bool)
            return ["literal", {"number": repr(value)} if is_number else value]
        case Name(name=name):
            return ["name", name]
        case Property(target=target, name=name):
            return ["property", to_tree(target), name]
        case Index(target=target, index=index):
            return ["index", to_tree(target), to_tree(index)]
        case Star(target=target):
            return ["star", to_tree(target)]
        case Call(function=function, arguments=arguments):
            return ["call", function, *map(to_tree, arguments)]
        case Group(inner=inner):
            return ["group", to_tree(inner)]
        case Not(operand=operand):
            return ["not", to_tree(operand)]
        case Logical(operator=operator, operands=operands):
            return [operator, *map(to_tree, operands)]
        case Comparison(operators=operators, operands=(first, *others)):
            found = to_tree(first)
            for operator, operand in zip(operators, others, strict=True):
                found = [operator, found, to_tree(operand)]
            return found
    raise AssertionError(expression)


def _ended(file: File, report: Report) -> File:
    """The file with a line end at its end, which GitHub's package adds to what stands there."""
    if file.data.endswith(b"\n"):
        return file
    report.counts["files without a line end at their end"] += 1
    return File(file.name, file.data + b"\n")


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def _theirs(said: Any) -> Any:
    """What github.mjs says, with numbers as Python writes them."""
    match said:
        case {"refused": _}:
            return REFUSED
        case {"number": number}:
            return {"number": repr(float(number))}
        case dict():
            return {name: _theirs(one) for name, one in said.items()}
        case list():
            return [_theirs(one) for one in said]
    return said


def _documents(file: File, said: Mapping[str, Any], report: Report) -> tree.Node | None:
    """The root of a file that both take for YAML."""
    report.counts["files"] += 1
    refused = "root" not in said
    try:
        root = read_document(file.data, file.name)
    except WorkflowError as error:
        finding = error.findings[0]
        if refused:
            report.counts["files that both refuse as YAML"] += 1
            return None
        duplicate = "given twice" in finding.message
        if duplicate and any("is already defined" in one for one in said["errors"]):
            report.counts["files that both refuse for a key given twice"] += 1
            return None
        place = f"{file.name}:{finding.location.line}" if finding.location else file.name
        if any(words in finding.message for words in ("the tag ", " nodes", "an alias of")):
            report.counts["files that only GitHub's server refuses"] += 1
            return None
        report.same(place, "the YAML", f"{REFUSED}: {finding.message}", "taken")
        return None
    if refused and said["refused"].startswith("Missing closing"):
        report.counts["files of which GitHub's package does not see that quotes end"] += 1
        return None
    if refused:
        report.same(file.name, "the YAML", "taken", f"{REFUSED}: {said['refused']}")
        return None
    _nodes(file, root, said["root"], report)
    return root


def _nodes(file: File, node: tree.Node, said: Any, report: Report) -> None:
    place = f"{file.name}:{node.place.line}"
    match node:
        case tree.Text():
            report.counts["scalars"] += 1
            text = said[0] if isinstance(said, list) else said
            report.same(place, "a scalar", node.value, _fifteen_digits(text, node))
        case tree.Sequence(items=items):
            theirs = said.get("items") if isinstance(said, dict) else None
            if report.same(place, "items of a list", len(items), len(theirs or [])):
                for one, other in zip(items, theirs or [], strict=True):
                    _nodes(file, one, other, report)
        case tree.Mapping(entries=entries):
            pairs = said.get("entries") if isinstance(said, dict) else None
            if report.same(place, "entries of a mapping", len(entries), len(pairs or [])):
                for (key, value), (other_key, other) in zip(entries, pairs or [], strict=True):
                    _nodes(file, key, other_key, report)
                    _nodes(file, value, other, report)


def _fifteen_digits(text: Any, node: tree.Text) -> Any:
    """A number with as many digits as GitHub's server writes."""
    if not node.plain or text == node.value:
        return text
    try:
        return format(float(text), ".15g").upper()
    except ValueError:
        return text


def _workflows(file: File, said: Mapping[str, Any], report: Report) -> None:
    try:
        workflow = parse_workflow(file.data, file.name)
    except WorkflowError as error:
        if said["jobs"] is not None:
            report.same(
                file.name, "the workflow", f"{REFUSED}: {error.findings[0].message}", ""
            )
        else:
            report.counts["files that both refuse as workflows"] += 1
        return
    if said["jobs"] is None:
        report.counts["workflows that GitHub refuses by its schema, read here"] += 1
        report.lenient += [(file.name, message) for message in said["errors"]]
        return
    report.counts["workflows read alike"] += _jobs(file, workflow, said["jobs"], report)


def _jobs(
    file: File, workflow: Workflow, said: Sequence[Mapping[str, Any]], report: Report
) -> bool:
    jobs = list(workflow.jobs.values())
    ids = [job.id for job in jobs]
    if not report.same(file.name, "the jobs", ids, [one["id"] for one in said]):
        return False
    same = True
    for job, theirs in zip(jobs, said, strict=True):
        report.counts["jobs"] += 1
        same &= _things(file, job, theirs, report)
        same &= report.same(
            f"{file.name}:{job.place.line}",
            "needs",
            [need.text for need in job.needs],
            theirs["needs"],
        )
        same &= _mapping(file, "outputs", job, job.outputs, theirs["outputs"], report)
        if not report.same(file.name, "steps", len(job.steps), len(theirs["steps"])):
            same = False
            continue
        for step, other in zip(job.steps, theirs["steps"], strict=True):
            report.counts["steps"] += 1
            place = f"{file.name}:{step.place.line}"
            same &= report.same(place, "the id of a step", step.id, other["id"])
            same &= _things(file, step, other, report)
            same &= _mapping(file, "with", step, step.given, other["given"], report)
    return same


def _things(file: File, of: Job | Step, said: Mapping[str, Any], report: Report) -> bool:
    """What jobs and steps both have."""
    place = f"{file.name}:{of.place.line}"
    allowed = JOB_CONDITION if isinstance(of, Job) else EVERYTHING
    made = condition_tree(of.condition.text if of.condition else "", allowed)
    hides = _theirs(said["hides"])
    if hides in ({"text": "false"}, {"tree": ["literal", False]}):
        hides = None
    return (
        report.same(place, "if", made, _theirs(said["condition"]))
        & report.same(place, "uses", _content(of.uses), _theirs(said["uses"]))
        & report.same(place, "continue-on-error", _content(of.hides_failure), hides)
    )


def _mapping(
    file: File,
    what: str,
    of: Job | Step,
    ours: Mapping[str, Written],
    said: Sequence[tuple[str, Any]],
    report: Report,
) -> bool:
    found = {name: _content(written) for name, written in ours.items()}
    theirs = {name: _theirs(one) for name, one in said}
    return report.same(f"{file.name}:{of.place.line}", what, found, theirs)


def _content(written: Written | None) -> Any:
    return None if written is None else content(written.text)


Path = tuple[str, ...]


def _scalars(node: tree.Node, path: Path) -> Iterator[tuple[Path, str, tree.Text]]:
    """Every scalar with the keys that lead to it, the last one apart; keys are scalars too."""
    waiting: list[tuple[tree.Node, Path]] = [(node, path)]
    while waiting:
        node, path = waiting.pop()
        if isinstance(node, tree.Text):
            yield path[:-1], path[-1] if path else "", node
        elif isinstance(node, tree.Sequence):
            waiting += [(item, (*path, "[]")) for item in reversed(node.items)]
        else:
            for key, value in reversed(node.entries):
                waiting.append((value, (*path, key.value)))
                waiting.append((key, (*path, "[key]")))


def _is_condition(path: Path) -> bool:
    match path:
        case ("jobs", _) | ("runs", "steps", "[]"):
            return True
        case ("jobs", _, "steps", "[]", *group):
            return group in ([], ["parallel", "[]"])
    return False


def _is_null(node: tree.Text) -> bool:
    return node.plain and node.value.lower() in ("", "~", "null")


def _templates(github: GitHub, file: File, nodes: Sequence[tree.Text], report: Report) -> None:
    with_expressions = [node for node in nodes if "${{" in node.value]
    said = github.templates([node.value for node in with_expressions])
    for node, theirs in zip(with_expressions, said, strict=True):
        place = f"{file.name}:{node.place.line}"
        made = content(node.value)
        if report.same(place, f"the text {node.value!r}", made, _theirs(theirs)):
            if made == REFUSED:
                report.counts["texts with expressions that both refuse"] += 1
                continue
            for found in parse_template(node.value, EVERYTHING).expressions:
                report.counts["expressions in ${{ }}"] += 1
                report.expressions.setdefault(node.value[found.start : found.end], place)


def _conditions(
    github: GitHub, file: File, nodes: Sequence[tuple[Path, tree.Text]], report: Report
) -> None:
    """The conditions of jobs and steps: where a job's may name less, both times."""
    texts = [node.value for _, node in nodes]
    everywhere = github.conditions(texts)
    in_jobs = github.conditions(texts, "job-if")
    for (path, node), wide, narrow in zip(nodes, everywhere, in_jobs, strict=True):
        place = f"{file.name}:{node.place.line}"
        report.counts["if"] += 1
        if len(path) == 2:
            made, theirs = condition_tree(node.value, JOB_CONDITION), _theirs(narrow)
            theirs = theirs if theirs == REFUSED else theirs["tree"]
            report.same(place, f"the if of a job {node.value!r}", made, theirs)
        made, theirs = condition_tree(node.value, EVERYTHING), _theirs(wide)
        theirs = theirs if theirs == REFUSED else theirs["tree"]
        if report.same(place, f"the if {node.value!r}", made, theirs) and made != REFUSED:
            report.expressions.setdefault(wide["expression"], place)
        elif made == REFUSED:
            report.counts["if that both refuse"] += theirs == REFUSED


def _loses_quotes(text: str, part: Expression) -> bool:
    """Whether GitHub's lexer leaves a `''` in a string as it is."""
    is_text = isinstance(part, Literal) and isinstance(part.value, str)
    return is_text and text[part.start + 1 : part.end - 1].count("''") > 1


def _question(text: str, one: Given) -> Question:
    return Question(text, one.contexts, one.results)


def _ours(expression: Expression, one: Given) -> Any:
    functions = {name.lower(): (lambda *_, v=v: v) for name, v in one.results.items()}
    try:
        return evaluate(expression, one.contexts, functions)
    except EvaluationError as error:
        return error


def _value_check(
    text: str, place: str, expression: Expression, one: Given, report: Report
) -> Callable[[Any], None]:
    mine = _ours(expression, one)

    def check(said: Any) -> None:
        report.counts["contexts, all known"] += 1
        if isinstance(said, FailedError):
            report.counts["contexts without a value"] += 1
            # The server evaluates no argument of case that it does not need.
            if not isinstance(mine, EvaluationError) and "case" not in text.lower():
                _differ(report, place, text, one, mine, said)
        elif isinstance(mine, EvaluationError) or comparable(mine) != comparable(said):
            _differ(report, place, text, one, mine, said)

    return check


def _unknown_check(
    text: str, place: str, expression: Expression, known: Given, report: Report
) -> Callable[[Any], None]:
    mine = _ours(expression, known)
    if isinstance(mine, Unknown):
        answered = "only its truth is known" if mine.known_truth is not None else "nothing is"
    else:
        answered = "the value is known"
    report.counts["contexts, some unknown"] += 1
    report.counts[f"contexts, some unknown: {answered}"] += 1

    def check(said: Any) -> None:
        report.counts["completions"] += 1
        if not isinstance(said, FailedError) and not fits(mine, said):
            _differ(report, place, text, known, mine, said)

    return check


def fits(before: Value | Exception, after: Any) -> bool:
    """Whether what was known of a value is right now that everything is."""
    if isinstance(before, Exception) or isinstance(after, Exception):
        return False
    if isinstance(before, Unknown):
        return truth(before) in (None, truth(after)) and as_text(before) is None
    if isinstance(before, list):
        if not isinstance(after, list):
            return False
        if not any(isinstance(one, Unknown) for one in before):
            return len(before) == len(after) and all(map(fits, before, after))
        return all(any(fits(one, other) for other in after) for one in before)
    if isinstance(before, dict):
        found = {name.lower(): one for name, one in after.items()} if after else {}
        return isinstance(after, dict) and all(
            name.lower() in found and fits(one, found[name.lower()])
            for name, one in before.items()
        )
    return comparable(before) == comparable(after)


def _differ(report: Report, place: str, text: str, one: Given, mine: Any, said: Any) -> None:
    shown = f"{mine!r} of {one.contexts!r}, {one.results!r}"
    report.differences.append(Difference(place, f"the value of {text!r}", shown, repr(said)))
