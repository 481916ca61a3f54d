#!/bin/sh
# Writes the TypeScript SDK from openapi.json.
set -eu
cd "$(dirname "$0")/.."
paths=$(sed -n 's/^ *\("\/[^"]*"\): .*/\1/p' openapi.json | paste -sd ', ' -)
{
    echo "// Made by scripts/generate-sdk.sh from openapi.json."
    echo "export const paths = [$paths] as const;"
} > packages/typescript/src/index.ts
