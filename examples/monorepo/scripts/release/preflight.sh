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
sh scripts/install.sh "$folder" > /dev/null
if ! diff -r migrations "$folder/migrations"; then
    echo "scripts/install.sh did not install migrations/ as it is" >&2
    exit 1
fi
python3 -B scripts/release/preflight.py
