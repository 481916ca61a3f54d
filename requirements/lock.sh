#!/bin/sh
# lock.sh UV [OPTION...]: solves the two lock files from pyproject.toml, for every Python
# and platform that impact supports, by hash and without the name of any index.
set -eu
cd "$(dirname "$0")/.."
uv=$1
shift

compile() {
    "$uv" pip compile --quiet --universal --python-version 3.10 --generate-hashes \
        --no-emit-index-url --no-annotate --custom-compile-command 'make lock' \
        "$@" pyproject.toml
}

compile "$@" --output-file requirements/runtime.txt
compile "$@" --output-file requirements/dev.txt --group dev \
    --constraints requirements/runtime.txt
