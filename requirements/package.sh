#!/bin/sh
# package.sh PYTHON: builds wheel and sdist into dist/, checks what is in them, and runs
# the demo of the unpacked sdist with the installed wheel, away from the work tree.
set -eu
cd "$(dirname "$0")/.."
python=$(pwd)/$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

rm -rf dist
"$python" -m build --no-isolation --outdir dist >"$work/log" || { cat "$work/log"; exit 1; }
"$python" -m twine check --strict dist/*

mkdir "$work/sdist"
tar -xzf dist/*.tar.gz -C "$work/sdist" --strip-components 1
git ls-files | while read -r file; do
    [ -e "$work/sdist/$file" ] || [ ! -e "$file" ] || echo "$file"
done >"$work/missing"
if [ -s "$work/missing" ]; then
    echo "tracked files that the sdist lacks:"
    cat "$work/missing"
    exit 1
fi

"$python" -I -m venv "$work/venv"
pip() {
    PIP_USER=0 "$work/venv/bin/python" -I -m pip -qq --disable-pip-version-check "$@"
}
pip install --require-hashes --only-binary :all: -r requirements/runtime.txt
pip install --no-deps dist/*.whl
pip check
mkdir "$work/empty"
cd "$work/empty"
PATH="$work/venv/bin:$PATH" sh "$work/sdist/examples/demo.sh"
