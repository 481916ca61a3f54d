#!/bin/sh
# Publishes a package, such as packages/python.  In this example the registry is a folder.
set -eu
cd "$(dirname "$0")/../.."
python3 -B scripts/packing/pack.py "${REGISTRY:-dist/registry}" "${1:?usage: publish.sh PLACE}"
