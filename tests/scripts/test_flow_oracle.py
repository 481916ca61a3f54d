"""What runs is what real bash runs: exactly that where all is known, and no less otherwise."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from impact.scripts.shell import UNKNOWN
from impact.scripts.state import State
from impact.scripts.trace import Origin
from tests.scripts.test_oracles import Recorded

PRELUDE = """\
A=a; B='b c'; E=; N=; V=; L=(a 'b c'); set -- one --two=2 3
is() { [ "$1" = a ]; }
has() { for I in "$@"; do [[ "$I" == "$A" ]] && return 0; done; return 1; }
"""
MAYBE = "maybe() { return $(( (SEED >> $1) & 1 )); }\n"

KNOWN = r"""
[ "$A" = a ]
[ "$A" != a ]
[ a == "$A" ]
[ "$A" ]
[ -z "$E" ]
[ -n "$E" ]
[ ! -n "$A" ]
[ $# -gt 1 ]
[ "$#" -eq 0 ]
[ "$1" = one ]
test "$A" = b
test -z "$E"
test ! "$A"
[[ $A == a* ]]
[[ $A != *"c" ]]
[[ "$B" == "b c" ]]
[[ $B == b?c && -n $A ]]
[[ -z $A || ( $B == b && ! $A == b ) ]]
[[ "$1" == --*=* ]]
[[ $E ]]
[[ $A == "$A" ]]
[[ $A == $B ]]
[[ ! $A == "*" ]]
is "$A"
is b
has x a
has "$@"
has "${L[@]}"
true
false
:
! true
! is a
{ is a && true; }
( exit 1 )
(exit 0)
[ "${1:-}" = one ]
[ "${2#--two=}" = 2 ]
"""
UNSURE = [
    "maybe 1",
    "[ $A = a ]",
    "maybe 2",
    "! maybe 3",
    '[ "$U" = x ]',
    "[[ -n $U ]]",
    "is $U",
    '[ -e "$U" ]',
]
OTHERS = ["printf -v A x", "read -r B <<< x", "A=$(maybe 1; pwd)", "A[1]=q", "L+=($U)", "A+=$U"]
SIMPLE = r"""
A=b
A=abc
A="$A$B"
A=
A='b c'
B=b
E=x
A=$1
A=${1#*=}
A=${1%%o*}
A=${B:+y}
L=()
L+=(d "$A")
L=(c)
shift
set -- x y
set --
export A=e
break
continue
return
return 1
return 0
exit
g "$A"
g
note "$A" "$B" "$E"
note "$1" "$#"
note "${L[@]}"
note "${L[*]}" "$V"
note "$@"
note ${A%c*} "${B##* }"
note "$(echo "$A")"
"""


def _conditions(known: bool) -> st.SearchStrategy[str]:
    simple = st.sampled_from(KNOWN.strip().split("\n") + ([] if known else UNSURE))
    return st.recursive(
        simple,
        lambda inner: st.one_of(
            st.tuples(inner, inner).map(" && ".join),
            st.tuples(inner, inner).map(" || ".join),
        ),
        max_leaves=3,
    )


def scripts(known: bool) -> st.SearchStrategy[str]:
    asked = _conditions(known)
    simple = st.sampled_from([*SIMPLE.strip().split("\n"), *([] if known else OTHERS)])
    number = st.integers(0, 999).map("note {}".format)

    def compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        several = st.lists(inner, min_size=1, max_size=3).map("\n".join)
        pattern = st.sampled_from(["a", "b*", '"$A"', "*' '*", "one|--*", "?", "*", "''"])
        end = st.sampled_from([";;", ";;", ";;", ";&", *([] if known else [";;&"])])
        item = st.builds("{})\n{}\n{}".format, pattern, several, end)
        subject = st.sampled_from(['"$A"', "$1", '"$B"', "$E", "$V"])
        return st.one_of(
            several,
            st.builds("if {}; then\n{}\nfi".format, asked, several),
            st.builds("if {}\nthen\n{}\nelse\n{}\nfi".format, asked, several, several),
            st.builds(
                "if {}; then\n{}\nelif {}; then\n{}\nelse\n{}\nfi".format,
                asked, several, asked, several, several,
            ),
            st.builds("{} && {}".format, asked, inner),
            st.builds("{} || {}".format, asked, inner),
            st.builds("{} && note both && {}".format, asked, inner),
            st.builds("for V in x \"$A\" z; do\n{}\ndone".format, several),
            st.builds('for V in "$@"; do\n{}\ndone'.format, several),
            st.builds("for V; do\n{}\ndone".format, several),
            st.builds('for V in "${{L[@]}}"; do\n{}\ndone'.format, several),
            st.builds("N=\nwhile [ \"$N\" != iii ]; do\nN=i$N\n{}\ndone".format, several),
            st.builds("while [ $# -gt 0 ]; do\nA=$1; shift; note $A\n{}\ndone".format, number),
            st.builds("until [ -z \"$1\" ]; do\n{}\nshift\ndone".format, number),
            st.builds("case {} in\n{}\nesac".format, subject,
                      st.lists(item, min_size=1, max_size=3).map("\n".join),
            ).map(lambda text: re.sub(r";;?&\nesac$", ";;\nesac", text)),
            st.builds("g() {{\nlocal A=in\n{}\nnote g \"$A\" \"$1\"\n}}".format, several),
            st.builds("(\n{}\n)".format, several),
            st.builds("{{\n{}\n}}".format, several),
        )  # fmt: skip

    return st.recursive(simple | number, compound, max_leaves=10)


def _run(tree: Path, script: str, environment: dict[str, str]) -> list[list[str]] | None:
    """What bash notes; None where it does not end by itself."""
    note = (
        'note() { [ $# -gt 0 ] && printf "%s\\0" "$@" >&3; printf "\\1\\0" >&3; }\ng() { :; }\n'
    )
    limit = "COUNT=0; trap '(( ++COUNT > 2000 )) && kill -9 $$' DEBUG\n"
    out = tree / "notes"
    with out.open("wb") as notes:
        done = subprocess.run(
            [
                "bash",
                "-T",
                "-c",
                f'exec 3>"$0"\n{note}{MAYBE}{limit}{PRELUDE}{script}',
                str(out),
            ],
            cwd=tree,
            stdin=subprocess.DEVNULL,
            stdout=notes,
            stderr=subprocess.DEVNULL,
            check=False,
            env={"PATH": "/usr/bin:/bin", **environment},
        )
    records = out.read_text().split("\1\0")[:-1]
    return (
        None
        if done.returncode < 0
        else [one[:-1].split("\0") if one else [] for one in records]
    )


def _followed(script: str) -> list[list[str]]:
    run = Recorded()
    run.script(f"g() {{ :; }}\n{PRELUDE}{script}", State("/github/workspace"), Origin())
    assert not run.trace.full
    return [words for _, *words in run.notes]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("flow")


@given(scripts(known=True))
def test_what_is_known_is_followed_as_bash_runs_it(tree: Path, script: str) -> None:
    real = _run(tree, script, {})
    if real is not None:
        assert _followed(script) == real


@given(scripts(known=False), st.integers(0, 15), st.sampled_from(["", "x", "a", "a b"]))
@example("for V in 1 2; do\nmaybe 1 && A=z && break\nA=y\ndone\nnote $A", 0, "")
def test_nothing_that_bash_may_run_is_left_out(
    tree: Path, script: str, seed: int, other: str
) -> None:
    real = _run(tree, script, {"SEED": str(seed), "U": other})
    if real is None:
        return
    found = {
        re.compile(".*".join(map(re.escape, "\0".join(words).split(UNKNOWN))), re.DOTALL)
        for words in _followed(script)
    }
    for words in real:
        assert any(pattern.fullmatch("\0".join(words)) for pattern in found), words
