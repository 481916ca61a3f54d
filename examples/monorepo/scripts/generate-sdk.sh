#!/bin/sh
# Writes the generated part of the TypeScript SDK from openapi.json, or the file given.
set -eu
cd "$(dirname "$0")/.."
python3 scripts/generate_sdk.py openapi.json > "${1:-packages/typescript/src/generated.ts}"
