#!/bin/sh
# Checks deploy.sh on a new machine, a folder: it applies every migration, each once.
set -eu
cd "$(dirname "$0")/.."
deploy=examples/deploy/linode/deploy.sh
machine=$(mktemp -d)
trap 'rm -rf "$machine"' EXIT

sh -n "$deploy"
sh "$deploy" "$machine" > "$machine/first.log"
for migration in migrations/*.sql; do
    if ! grep -qxF "applied $migration" "$machine/first.log"; then
        echo "$deploy did not apply $migration on a first deploy: it has to apply all" >&2
        exit 1
    fi
done
if ! sh "$deploy" "$machine" > "$machine/second.log" || grep '^applied ' "$machine/second.log"
then
    echo "$deploy applied migrations again: it has to write down what is applied" >&2
    exit 1
fi
if ! diff -r server "$machine/server"; then
    echo "$deploy did not copy server/ as it is" >&2
    exit 1
fi
echo "$deploy applies every migration, once"
