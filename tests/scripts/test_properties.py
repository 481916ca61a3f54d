"""Whatever scripts, makefiles and the like say: no error, no loop, nothing untracked."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impact.scripts.uses import follow
from tests.scripts.tracked import Tracked

WRITTEN = r"""
a.sh ./a.sh d/b.py d d/ .. ../a.sh Makefile package.json $X ${X} ${X:-d} $(pwd) $( ) ` ' "
\ ; & && || | ( ) { } < > >> << <<EOF EOF # = X= X=d cd pushd popd bash sh -c source . eval
python node make -C -f -j npm run yarn test --prefix -w pnpm --filter docker build compose pip
install -r -e run-s nx if then else elif fi for in do done while case esac ;; function f() f
[ ] [[ ]] (( )) ! * ? [a-z] {a,b} ~ ~/ $0 $1 "$@" ${BASH_SOURCE[0]} $(dirname "$0") ${{ }}
cp mv -o --output= tee exec sudo env timeout xargs exit return set -- shift read <<-EOF <<<
export local trap a: a:b %.o: %.c := += ?= $(X) $@ $< $(shell include -include define endef
ifeq endif .ONESHELL: COPY ADD FROM RUN --from= é
"""
OTHERS = [" ", " ", " ", "\n", "\n", "\t", "\n\t", "\\\n", "\0", "\r", "\ue000", "\udc80"]
FRAGMENTS = st.sampled_from([*WRITTEN.split(), *OTHERS, "${{ x }}"])
TEXTS = st.lists(FRAGMENTS | st.text(max_size=3), max_size=40).map("".join)
NAMES = (
    "a.sh", "d/b.py", "d/a.sh", "Makefile", "d/Makefile", "package.json", "Dockerfile",
    "d/requirements.txt", "d/e/f",
)  # fmt: skip


@given(TEXTS, st.dictionaries(st.sampled_from(NAMES), TEXTS | st.none()), st.sampled_from(
    ["", "d", "none", "../..", "$X"]
))  # fmt: skip
def test_nothing_raises_and_every_use_is_tracked(
    script: str, contents: dict[str, str | None], directory: str
) -> None:
    files = Tracked({**contents, "a.sh": script})
    found = follow(f"sh a.sh\n{script}\nmake a", directory, files, {"X": "d"})
    lines = f"sh a.sh\n{script}\nmake a".count("\n") + 1
    for use in found.uses:
        path = use.path
        assert files.is_directory(path[:-1]) if path.endswith("/") else files.is_file(path)
        assert 0 <= use.line < lines
    for one in found.unresolved:
        assert 0 <= one.line < lines
        assert all(text.isprintable() for text in (one.text, one.reason, *one.through))


def test_characters_that_the_scanner_would_crash_at() -> None:
    files = Tracked({"d/\U0007e839\U0001f600.txt": ""})
    odd = "".join(map(chr, range(0x1000, 0x110000, 0x1234)))
    odd = odd.encode("utf-8", "replace").decode()
    texts = [f"{{{char}]]$1\n[[ {char}\n${{{char}}}\n" for char in odd]
    follow("\n".join(texts), "", files)
    (use,) = follow("cat d/\U0007e839\U0001f600.txt # \U000a2d90", "", files).uses
    assert use.path == "d/\U0007e839\U0001f600.txt"


@pytest.mark.parametrize(
    "text",
    [
        *(fragment * (60_000 // len(fragment)) for fragment in (
            "(", "$(", '"$(', "`a ", "a|", "a&&", "a||", "<<A ", "<<A\n", "a=(", "$((", "[[ ",
            "${", "! ", "<(", "{ ", "if a; then ", "for x in a b; do ", "case x in (", "f() { ",
            "> a ", "{a,b}", "*/", "a;", "\\", "'", "x=$x$x;", "cd ..;", "while a;do ",
        )),
        "f() { f; f; f; }; f",
        "f() { g; g; }; g() { f; f; }; f",
        "x=aaaaaaaa;" + "x=$x$x$x;" * 50 + "cat $x",
        "for a in 1 2 3 4 5 6 7 8 9; do " * 30 + "x" + "; done" * 30,
        "while [[ a ]]; do " * 12 + "[[ b ]]" + "; done" * 12,
        "case=" + "a" * 3_900 + "\n" + f"case $case in *{'a' * 1_900}b) y;; esac\n" * 30,
        "long=" + "a" * 290 + "\n" + f"y=${{long#*{'a' * 140}b}}\n" * 500,
        "cat " + "{a,b,c}" * 50,
        "cat " + "*/" * 500,
        "make a" + ";make a" * 5_000,
        "sh a.sh;" * 5_000,
        "sh b.sh",
        "npm run x",
        "npm run big;" * 5_000,
        "npm -w none test;" * 5_000,
        "docker build .;" * 5_000,
        "pip install -r r.txt;" * 3_000,
        "cat */*/* d/*;" * 5_000,
        "${{ " * 20_000,
        "${{ '" * 20_000,
    ],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_hostile_texts_take_no_time(text: str) -> None:
    makefile = "".join(f"V{n}=$(V{n + 1})$(V{n + 1})$(V{n + 1})\n" for n in range(50))
    chain = "".join(f"a{n}: a{n + 1} a{n + 1}\n\tmake a\n" for n in range(500))
    files = Tracked(
        {
            "Makefile": f"{makefile}a: a0\n\t$(V0) $(V0)\n{chain}",
            "a.sh": "sh b.sh; sh b.sh; sh b.sh; make a",
            "b.sh": "sh c.sh; sh c.sh; npm run x; make a1; make a2",
            "c.sh": "sh a.sh; sh a.sh; npm run y",
            "package.json": '{"scripts": {"x": "npm run y; npm run y", "y": "sh b.sh; npm t", '
            f'"big": "{"x" * 300_000}"}}, "workspaces": ["d/*"]}}',
            "Dockerfile": "COPY d/* /\n" * 10_000,
            "r.txt": "-r r.txt\n-r s.txt\n" * 10_000,
            "s.txt": "-r r.txt\n",
            **{f"d/{n}/package.json": "{}" for n in range(500)},
        }
    )
    start = time.process_time()
    follow(text, "", files)
    assert time.process_time() - start < 4
