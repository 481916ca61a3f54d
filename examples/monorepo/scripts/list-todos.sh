#!/bin/sh
# Lists what is still to do, by the comments in the sources.
set -eu
cd "$(dirname "$0")/.."
grep -rn 'TODO' packages server extension || echo "nothing to do"
