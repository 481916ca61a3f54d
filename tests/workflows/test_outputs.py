"""Which outputs a step is known, or seen, to set."""

from __future__ import annotations

import pytest

from impact.model import Place
from impact.workflows.outputs import Seen, written_outputs
from impact.workflows.values import Partial
from impact.workflows.workflow import Step, Written

HERE = Place(1, 1)
KNOWN, SEEN, OPEN = dict, Seen, Partial


@pytest.mark.parametrize(
    ("script", "kind", "names"),
    [
        ('echo "a=1" >> $GITHUB_OUTPUT', KNOWN, "a"),
        ("echo a=1 >>\"$GITHUB_OUTPUT\"\nprintf 'b=%s' x >> ${GITHUB_OUTPUT}", KNOWN, "a b"),
        ("echo 'a<<END' >> $GITHUB_OUTPUT", KNOWN, "a"),
        ("if [ x ]; then echo a=1 >> $GITHUB_OUTPUT; fi", KNOWN, "a"),
        ('echo "::set-output name=a::1"', KNOWN, "a"),
        (
            "Write-Output \"::set-output name=a::$x\"; echo '::set-output name=b::1'",
            KNOWN,
            "a b",
        ),
        ("{\n  echo a=1\n  echo b=2\n} >> $GITHUB_OUTPUT", SEEN, "a b"),
        ("cat <<END >> $GITHUB_OUTPUT\na=1\nEND", SEEN, "a"),
        ("(\n jq -r '\"b=\\(.x)\"'\n) >> $GITHUB_OUTPUT", SEEN, "b"),
        ("echo hello", SEEN, ""),
        ('echo "a=1" >> $GITHUB_ENV', SEEN, ""),
        ("# echo a=1 >> $GITHUB_OUTPUT", SEEN, ""),
        ('echo "$name=1" >> $GITHUB_OUTPUT', OPEN, ""),
        ("jq . x.json >> $GITHUB_OUTPUT", OPEN, ""),
        ("echo a=1 >> $GITHUB_OUTPUT\n./build.sh", OPEN, "a"),
        ("python3 ci/plan.py", OPEN, ""),
        ("make outputs", OPEN, ""),
        ("npm run plan", OPEN, ""),
        ("bash -c 'x' " + "y" * 3000, OPEN, ""),
    ],
)
def test_scripts_of_the_shell(script: str, kind: type, names: str) -> None:
    found = written_outputs(Step(HERE, run=Written(script, HERE)))
    assert type(found) is kind
    assert sorted(found) == names.split()


@pytest.mark.parametrize(
    ("action", "given", "kind", "names"),
    [
        ("actions/github-script@v8", "core.setOutput('a', 1)", KNOWN, "a result"),
        ("actions/github-script@v8", 'core.setOutput("a-b", 1)', KNOWN, "a-b result"),
        ("actions/github-script@v8", "core.setOutput(name, 1)", OPEN, "result"),
        ("actions/github-script@v8", "require('./x.js')({core})", OPEN, "result"),
        ("actions/cache@v5", None, SEEN, "cache-hit cache-matched-key cache-primary-key"),
        ("actions/setup-node@0123", None, SEEN, "cache-hit node-version"),
        ("actions/unheard-of@v1", None, OPEN, ""),
        ("somebody/cache@v5", None, OPEN, ""),
        ("docker://alpine", None, OPEN, ""),
    ],
)
def test_actions(action: str, given: str | None, kind: type, names: str) -> None:
    inputs = {} if given is None else {"script": Written(given, HERE)}
    found = written_outputs(Step(HERE, uses=Written(action, HERE), given=inputs))
    assert type(found) is kind
    assert sorted(found) == names.split()
