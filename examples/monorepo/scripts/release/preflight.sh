#!/bin/sh
# What has to hold before a release: the installer installs, and the contract is kept.
set -eu
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

sh -n scripts/install.sh
if [ "$(sh scripts/install.sh --version)" != "$(cat VERSION)" ]; then
    echo "scripts/install.sh installs another version than VERSION: set its version" >&2
    exit 1
fi
mkdir -p "$folder/release/server/src" "$folder/release/migrations"
echo main > "$folder/release/server/src/main.rs"
echo first > "$folder/release/migrations/0001_first.sql"
CELLSTATE_SOURCE=$folder/release sh scripts/install.sh "$folder/installed" > /dev/null
if ! diff -r "$folder/release" "$folder/installed"; then
    echo "scripts/install.sh did not install migrations/ and server/ as they are" >&2
    exit 1
fi
python3 -B scripts/release/preflight.py
