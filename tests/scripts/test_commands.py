"""The files that plain commands name, and above all the words that are none."""

from __future__ import annotations

import pytest

from tests.scripts.tracked import told, used

PATHS = """
a.py
b.txt
Makefile.in
VERSION
build/x.c
docs/a.md
docs/b.md
docs/.hidden.md
scripts/run.py
scripts/sub/two.py
tests/unit/test_a.py
web/package.txt
web/src/a.ts
with space.txt
api/Dockerfile
"""
FILES: dict[str, str | None] = dict.fromkeys(PATHS.strip().splitlines(), "")


@pytest.mark.parametrize(
    ("script", "paths"),
    [
        # The command itself, or the script of an interpreter.
        ("./a.py", "a.py"),
        ("scripts/run.py x", "scripts/run.py"),
        ("python a.py", "a.py"),
        ("python3 -I -W error a.py --x", "a.py"),
        ("python3.12 -m scripts.run", "scripts/run.py"),
        ("python -m pytest tests/unit", "tests/unit/"),
        ("node scripts/run.py", "scripts/run.py"),
        ("node --import ./a.py scripts/run.py", "a.py scripts/run.py"),
        ("ruby a.py", "a.py"),
        ("deno run --allow-all a.py", "a.py"),
        ("bun run a.ts; bun web/src/a.ts", "web/src/a.ts"),
        ("uv run a.py", "a.py"),
        ("uv run --with x python a.py", "a.py"),
        ("poetry run pytest tests", "tests/"),
        ("coverage run -m pytest tests/unit", "tests/unit/"),
        ("coverage run a.py", "a.py"),
        ("npx tsx web/src/a.ts", "web/src/a.ts"),
        ("a.py", ""),
        ("python -c 'import a.py'", ""),
        ("python - < a.py", "a.py"),
        # Arguments.
        ("cat VERSION", "VERSION"),
        ("tool b.txt", "b.txt"),
        ("tool VERSION", ""),
        ("tool docs", ""),
        ("tool docs/", "docs/"),
        ("tool ./docs", "docs/"),
        ("pytest tests", "tests/"),
        ("pytest tests/unit/test_a.py::test_b", "tests/unit/test_a.py"),
        ("go test ./web/...", "web/"),
        ("go test ./...", ""),
        ("eslint .", ""),
        ("tool --x=b.txt", "b.txt"),
        ("tool --config b.txt", "b.txt"),
        ("tool --config=b.txt -c a.py", "a.py b.txt"),
        ("tool -fb.txt", "b.txt"),
        ("curl -d @b.txt https://x.test/a.py", ""),
        ("curl --data=@b.txt https://x.test/a.py", "b.txt"),
        ("cargo test --manifest-path scripts/run.py", "scripts/run.py"),
        ("cargo build docs", ""),
        ("terraform -chdir=web plan", "web/"),
        ("tool 'with space.txt'", "with space.txt"),
        ("tool with\\ space.txt", "with space.txt"),
        ("tool with space.txt", ""),
        ("tool docs/*.md", "docs/a.md docs/b.md"),
        ("tool 'docs/*.md'", ""),
        ("tool docs/{a,b}.md", "docs/a.md docs/b.md"),
        ("tool docs/{a,c}.md", "docs/a.md"),
        ("tool ~/a.py /a.py ../a.py", ""),
        ("tool nothing.py", ""),
        ("sudo -u x env A=b timeout -k 5 10 nice -n 3 cat b.txt", "b.txt"),
        ("exec cat b.txt", "b.txt"),
        ("time cat b.txt", "b.txt"),
        ("command -v a.py", ""),
        # What is asked, said, made or removed is not read.
        ("echo a.py; printf b.txt", ""),
        ("touch a.py; mkdir docs; rm a.py; rm -rf docs; chmod +x ./a.py", ""),
        ("git add a.py; git diff -- docs/a.md; git checkout a.py", ""),
        ("export A=a.py; unset a.py", ""),
        ("test -f a.py; [ -f a.py ]; [[ -f a.py ]]", ""),
        ("if [ -f a.py ]; then cat b.txt; fi", "b.txt"),
        ("ls docs; stat a.py; which ./a.py", ""),
        ("# cat a.py", ""),
        ("cat b.txt # a.py", "b.txt"),
        ("echo 'see docs/a.md for more' | tee x", ""),
        ("tool 'see docs/a.md for more'", ""),
        ("git commit -m 'docs/a.md'", ""),
        ("gh release create v1 --title docs/a.md", ""),
        ("curl https://x.test/docs/a.md", ""),
        ("apt-get install a.py", ""),
        ("tool > a.py; tool 2> b.txt; tool &> docs/a.md", ""),
        ("tool -o a.py --output b.txt --output=docs/a.md --out-dir docs", ""),
        ("cp a.py b.txt", "a.py"),
        ("cp a.py docs/a.md web", "a.py docs/a.md"),
        ("mv a.py docs/", "a.py"),
        ("install -m 755 a.py /usr/bin/b.txt", "a.py"),
        ("cp -t docs a.py b.txt", "a.py b.txt"),
        ("zip docs/a.md b.txt", "b.txt"),
        ("grep a.py b.txt", "b.txt"),
        ("grep -e a.py b.txt", "b.txt"),
        ("sed -i s/a/b/ b.txt", "b.txt"),
        ("jq -r a.py b.txt", "b.txt"),
        ("find docs -name a.py", ""),
        ("find . ! -name a.py -type f", ""),
        ("find docs -name '*.md' -exec tool -c b.txt {} +", "b.txt docs/"),
        ("find docs -exec rm a.py {} \\;", ""),
        # What was written before is not the tracked file any more.
        ("tool > a.py\npython a.py", ""),
        ("cp b.txt a.py\npython a.py", "b.txt"),
        ("curl -o a.py https://x.test\npython a.py", ""),
        ("python a.py\ntool > a.py", "a.py"),
        ("tool >> b.txt\ncat b.txt", "b.txt"),
        ("tool | tee a.py\npython a.py", ""),
        # Input.
        ("tool < b.txt", "b.txt"),
        ("x=$(<b.txt)", "b.txt"),
        ("while read -r x; do :; done < b.txt", "b.txt"),
        ("cat <<EOF\na.py\nEOF", ""),
        ("cat <<EOF > x.txt\n$(cat b.txt)\nEOF", "b.txt"),
        ("cat <<EOF > a.py\nx\nEOF\npython a.py", ""),
        ("cat <<< a.py", ""),
        ("bash <<'EOF'\ncat b.txt\nEOF", "b.txt"),
        # Other programs.
        ("docker run -v ./docs:/docs image /docs/a.md", "docs/"),
        ("docker push web/src", ""),
        ("pip install ./web", "web/"),
        ("pip install docs", ""),
        ("pip install .", ""),
    ],
)
def test_words_of_commands(script: str, paths: str) -> None:
    found = ",".join(used(script, FILES))
    assert found.replace("with space", "with_space").replace(",", " ") == paths.replace(
        "with space", "with_space"
    )


@pytest.mark.parametrize(
    ("script", "paths"),
    [
        ("cd web && cat package.txt", "web/package.txt"),
        ("cd web\ncat package.txt\ncd ..\ncat b.txt", "b.txt web/package.txt"),
        ("cd web/src; cd -; cat b.txt", "b.txt"),
        ("(cd web; cat package.txt); cat package.txt b.txt", "b.txt web/package.txt"),
        ("pushd web; cat src/a.ts; popd; cat b.txt", "b.txt web/src/a.ts"),
        ("cd web || exit 1\ncat package.txt", "web/package.txt"),
        ("cd web & cat b.txt", "b.txt"),
        ("cd web | cat b.txt; cat b.txt", "b.txt"),
        ("if x; then cd web; fi; cat package.txt b.txt", ""),
        ("if x; then cd web; exit; fi; cat b.txt", "b.txt"),
        ("if x; then cd web; else cd web; fi; cat package.txt", "web/package.txt"),
        ("[ -d web ] && cd web; cat package.txt", ""),
        ("case $x in a) cd web ;; esac; cat b.txt", ""),
        ("while x; do cd web; cat package.txt; done; cat b.txt", "web/package.txt"),
        ("for d in web api; do (cd $d; cat Dockerfile package.txt); done",
         "api/Dockerfile web/package.txt"),
        ("for d in docs web; do cd $d; cat a.md; cd ..; done; cat b.txt", "b.txt docs/a.md"),
        ("cd $X; cat b.txt", ""),
        ("cd $X; cat $GITHUB_WORKSPACE/b.txt", "b.txt"),
        ("cd /tmp; cat b.txt", ""),
        ("cd; cat b.txt", ""),
        ("DIR=web; cd $DIR; cat package.txt", "web/package.txt"),
        ("DIR=web; DIR=$X; cd $DIR; cat package.txt", ""),
        ("if x; then D=web; fi; cat $D/package.txt", ""),
        ("read D; cat $D/b.txt", ""),
        ("D=web; read D; cat $D/package.txt", ""),
        ("F='a.py b.txt'; cat $F; cat \"$F\"", "a.py b.txt"),
        ("cat ${X:-b.txt}", ""),
        ("X=; cat ${X:-b.txt}", "b.txt"),
        ("cat $FROM_ENV/src/a.ts", "web/src/a.ts"),
        ("D=docs bash -c 'cat $D/a.md'", "docs/a.md"),
        ("D=docs; bash -c 'cat $D/a.md'", ""),
        ("export D=docs; bash -c 'cat $D/a.md'", "docs/a.md"),
        ("bash -c 'cat $1' x b.txt", "b.txt"),
        ("bash -euxo pipefail -c 'cat b.txt'", "b.txt"),
        ("go docs", ""),
        ("go vet ./docs/...", "docs/"),
        ("sh -euc 'cd web && cat package.txt'; cat b.txt", "b.txt web/package.txt"),
        ("f() { cat $1; cd web; }\nf b.txt; cat package.txt", "b.txt web/package.txt"),
        ("f() { cat b.txt; }", ""),
        ("function f { return 1; }; f; cat b.txt", "b.txt"),
        ("set -- a.py b.txt; shift; cat $1; cat \"$@\"", "b.txt"),
        ("eval 'cat b.txt'", "b.txt"),
        ("trap 'cat b.txt' EXIT", "b.txt"),
        ("x=`cat b.txt`; y=$(cat a.py)", "a.py b.txt"),
        ("echo \"$(cat b.txt) and `cat a.py`\"", "a.py b.txt"),
        ("diff <(cat b.txt) a.py", "a.py b.txt"),
        ("[ -z \"$X\" ] && exit 0\ncat b.txt", "b.txt"),
        ("x || exit 0\ncat b.txt", "b.txt"),
        ("exit 0\ncat b.txt", ""),
        ("! cat b.txt && (( x++ ))", "b.txt"),
        ("a && b || c && cat b.txt | d", "b.txt"),
        ("cat ${{ github.workspace }}/b.txt", "b.txt"),
        ("cd \"${GITHUB_WORKSPACE}\"/web && cat package.txt", "web/package.txt"),
        ("cd \"$(git rev-parse --show-toplevel)\" && cat b.txt", "b.txt"),
        ("cat $(pwd)/b.txt $PWD/a.py", "a.py b.txt"),
        ("cat ${{ matrix.x }}/b.txt", ""),
        ("cat docs/${{ matrix.x }}.md", ""),
    ],
)  # fmt: skip
def test_directories_and_variables(script: str, paths: str) -> None:
    assert " ".join(used(script, FILES, variables={"FROM_ENV": "web"})) == paths


def test_a_script_starts_in_its_directory() -> None:
    assert used("cat package.txt ../b.txt", FILES, "web") == ["b.txt", "web/package.txt"]
    assert used("cat package.txt", FILES, "./web/") == ["web/package.txt"]
    assert told("cat b.txt", FILES, "${{ matrix.x }}") == [
        "1 ${{ matrix.x }}: the directory is not known"
    ]


@pytest.mark.parametrize(
    ("script", "problems"),
    [
        ("cd $X", ["1 cd …: the directory is not known"]),
        ("cd $X; cat b.txt; cd y", ["1 cd …: the directory is not known"]),
        ("\npython $X", ["2 python …: it is not known what runs"]),
        ("$X b.txt", ["1 b.txt", "1 … b.txt: it is not known what runs"]),
        ("bash $X", ["1 bash …: it is not known what runs"]),
        ("source $X", ["1 source …: it is not known what runs"]),
        ("eval $X", ["1 eval …: it is not known what runs"]),
        ("find . | xargs cat", ["1 xargs cat: its arguments are not known"]),
        ("cat docs/$X.md", ["1 docs/….md: its name is not known"]),
        ("cat none/$X.md $X https://$X/y", []),
        ("tool 'a $X/b'", []),
        ("echo docs/$X", []),
        ("cat b.txt\n)", ["1 cat b.txt: cannot be read as shell"]),
        ("docker run x sh /a.sh", ["1 x sh /a.sh: it runs in a container"]),
        ("echo ${{\n matrix.x\n}}\ncat b.txt\npython ${{ x }}",
         ["4 b.txt", "5 python …: it is not known what runs"]),
    ],
)  # fmt: skip
def test_what_is_not_known_is_said(script: str, problems: list[str]) -> None:
    assert told(script, FILES) == problems
