#!/bin/sh
# Removes trailing blanks from the changelog.
set -eu
cd "$(dirname "$0")/.."
sed -i.orig 's/[[:blank:]]*$//' CHANGELOG.md
rm CHANGELOG.md.orig
