"""Real bash and real make run the same commands, in the same directories."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impact.scripts.files import ROOT, Bounded
from impact.scripts.making import Making
from impact.scripts.run import Run
from impact.scripts.state import State
from impact.scripts.trace import Origin, Spot, Trace
from tests.scripts.tracked import Tracked

FILES = ("d/a.txt", "d/b.txt", "d/e/c.txt", "f/a.txt", "x y/z.txt", "top.txt")


class Recorded(Run):
    """Notes the commands called `note`, with the directory."""

    def __init__(self) -> None:
        super().__init__(Trace(Bounded(Tracked(dict.fromkeys(FILES, "")))))
        self.notes: list[list[str]] = []

    def invoke(self, words: list[str], state: State, spot: Spot) -> bool | None:
        if words[0] != "note":
            return super().invoke(words, state, spot)
        self.notes.append([state.directory or "?", *words[1:]])
        return True


DIRECTORIES = st.sampled_from(["d", "f", "d/e", "'x y'", "..", ".", "../d", "d/../f", '"$D"'])
WORD = r"""
a
'b c'
"d e"
f\ g
h"i"'j'
$A
"$A"
${A}x
"${A}"/y
"$A $B"
$A$B
$D/a.txt
'$A'
"\$A"
"\a\n"
{p,q}
x{1,2}y
{a,"b c"}
"{a,b}"
d/*.txt
*.txt
'd/*'
d/none*
[td]op.txt
"*"
$(pwd)
"`pwd`"
"$(dirname d/a.txt)"
$(basename d/a.txt)
${U:-u}
${E:-$D}
${A%/*}
${B##*/}
""
$E
$E""
a#b
'#'
=
--x=$A
a=b
$'x'
"x'y"
'x"y'
\'
"$@"
$1
${#A}
"""
WORDS = st.sampled_from([*WORD.strip().split("\n"), "a\\\n b", "'a\n b'"])
NOTE = st.lists(WORDS, max_size=4).map(lambda words: " ".join(["note", *words]))
SIMPLE = st.one_of(
    NOTE,
    NOTE,
    DIRECTORIES.map(lambda d: f"cd {d}"),
    DIRECTORIES.map(lambda d: f"cd {d} && note there"),
    DIRECTORIES.map(lambda d: f"pushd {d} > /dev/null"),
    st.sampled_from(
        ["A=1", "A='1 2'", "B=$A/x", "D=d", "D=f", "E=", "A=$(pwd)", "export A", "unset B"]
    ),
    NOTE.map(lambda note: f"A=inner {note}"),
    st.just("f from"),
    st.just("set -- 'one 1' two; note \"$@\" $1; shift; note $1"),
)
SCRIPTS = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4).map("\n".join),
        inner.map(lambda text: f"(\n{text}\n)"),
        inner.map(lambda text: f"{{\n{text}\n}}"),
        inner.map(lambda text: f"for V in 1 '2 3' d/*.txt; do\n{text}\nnote $V\ndone"),
        inner.map(lambda text: f": | (\n{text}\n)"),
        inner.map(lambda text: f"note before && {{\n{text}\n}} && note after"),
        inner.map(lambda text: f"f() {{\nnote in $1\n{text.replace('f from', ':')}\n}}\nf x"),
    ),
    max_leaves=8,
)
PRELUDE = 'f() { note f "$1"; }\nA=a; B=b/c; D=d; E=; set --\n'


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tree")
    for file in FILES:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text("")
    return root


@given(SCRIPTS)
def test_bash_runs_the_same_commands(tree: Path, script: str) -> None:
    note = (
        'note() { printf "%s\\0" "$PWD" "$@" >&3; printf "\\0\\1\\0" >&3; }\n'
        'cd() { builtin cd "$@" || printf FAILED >&3; }\n'
        'pushd() { builtin pushd "$@" || printf FAILED >&3; }\n'
    )
    out = tree.parent / "notes"
    with out.open("wb") as notes:
        subprocess.run(
            ["bash", "-c", f'exec 3>"$0"\n{note}{PRELUDE}{script}', str(out)],
            cwd=tree,
            stdin=subprocess.DEVNULL,
            stdout=notes,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    text = out.read_text().replace(str(tree), ROOT).replace(str(tree.parent), "/github")
    real = [record[:-1].split("\0") for record in text.split("\0\1\0")[:-1]]
    run = Recorded()
    run.script(PRELUDE + script, State(ROOT), Origin())
    found = run.notes
    # Nothing is claimed of what is elsewhere, of directories that are not there, and of what
    # is not known.
    if "FAILED" not in text and all(one[0].startswith(ROOT) for one in real):
        assert len(found) == len(real)
        for ours, theirs in zip(found, real, strict=True):
            if not any("\ue000" in word for word in ours):
                assert ours == theirs


TARGETS = ("all", "b", "c.o", "d/e", "last")
VALUES = st.sampled_from(
    ["x", "x y", "$(A)", "${B} z", "a \\\n  b", "v # comment", "", "$$HOME", "$(A)$(C)", "\\#h"]
)
ASSIGNMENT = st.builds(
    "{}{}{} {}".format,
    st.sampled_from(["", "", "export ", "override "]),
    st.sampled_from("ABC"),
    st.sampled_from(["=", ":=", " ?=", " +=", "::="]),
    VALUES,
)
LINES = r"""
echo $(A)
@echo $@ $<
-echo '$^' $(B)
echo "$$X" \\
# comment
echo ${A}${B}
-echo $(@)
@-echo x # y
"""
RECIPE = st.sampled_from([*LINES.strip().split("\n"), "echo a; \\\n\t  echo $(C)"]).map(
    lambda line: f"\t{line}"
)


CONDITIONALS = r"""
ifeq ($(A),x)
ifeq ($(A), $(B) z)
ifneq (,$(C))
ifeq '$(A)' "x y"
ifneq "$(B)" ''
ifdef A
ifndef B
ifdef NEVER
"""
CONDITIONAL = st.sampled_from(CONDITIONALS.strip().split("\n"))


@st.composite
def perhaps(draw: st.DrawFn, lines: st.SearchStrategy[str]) -> list[str]:
    """Some lines, or conditionals around them."""
    several = st.lists(lines, max_size=2)
    found = [draw(CONDITIONAL), *draw(several)]
    if draw(st.booleans()):
        found += [f"else {draw(CONDITIONAL)}", *draw(several)]
    if draw(st.booleans()):
        found += ["else", *draw(several)]
    return [*found, "endif"]


@st.composite
def makefiles(draw: st.DrawFn) -> str:
    lines = draw(st.lists(ASSIGNMENT, max_size=5))
    lines += draw(st.just([]) | perhaps(ASSIGNMENT))
    for number, target in enumerate(TARGETS):
        later = st.sampled_from(TARGETS[number + 1 :] or ("",))
        needs = " ".join(draw(st.lists(later, max_size=2)))
        order = f" | {draw(later)}" if draw(st.booleans()) else ""
        colon = draw(st.sampled_from([":", " :", ": ", "::"]))
        inline = draw(st.sampled_from(["", "", " ; echo $@ inline", ";@echo $(A)"]))
        lines.append(f"{target}{colon} {needs}{order}{inline}")
        lines += draw(st.lists(RECIPE, max_size=3))
        if draw(st.booleans()):
            lines += [draw(st.sampled_from(["", "# between", "ifdef NEVER", "#\\\n more"]))]
            lines += ["endif"] if lines[-1] == "ifdef NEVER" else []
        lines += draw(st.just([]) | perhaps(RECIPE))
        lines += draw(st.lists(ASSIGNMENT, max_size=1))
        if draw(st.booleans()) and colon != "::":
            lines.append(f"{target}: {draw(later)}")
    return "\n".join(lines) + "\n"


ENVIRONMENT = {"A": "x", "B": "", "C": "c d", "NEVER": ""}


class Recipes:
    """In place of what follows recipes: notes them."""

    def __init__(self, makefile: str) -> None:
        self.trace = Trace(Tracked({"Makefile": makefile}))
        self.lines: list[str] = []

    def script(self, text: str, state: State, origin: Origin) -> None:
        self.lines.append(text)

    def invoke(self, words: list[str], state: State, spot: Spot) -> None:
        raise AssertionError


@given(makefiles())
def test_make_runs_the_same_recipes(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    directory = tmp_path_factory.mktemp("make")
    (directory / "Makefile").write_text(text)
    done = subprocess.run(
        ["make", "-n", "-r", "-R", "--no-print-directory"],
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", **ENVIRONMENT},
    )
    shutil.rmtree(directory)
    real = re.sub(r"^make: .*\n", "", done.stdout, flags=re.MULTILINE)
    recipes = Recipes(text)
    state = State(ROOT, dict(ENVIRONMENT), frozenset(ENVIRONMENT))
    Making(recipes, ROOT, state, ()).start(["Makefile"], [], Spot(0), "make")
    # How many blanks there are is no matter.
    if done.returncode == 0 and not any("\ue000" in line for line in recipes.lines):
        assert " ".join(recipes.lines).split() == real.split()
