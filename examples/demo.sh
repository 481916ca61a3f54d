#!/bin/sh
# Makes a git repository of quickstart/, commits a change of the SDK's generator script to
# it, and asks impact which parts of CI have to wake.  Needs git, and impact on the PATH.
set -eu

quickstart=$(cd "$(dirname "$0")/quickstart" && pwd)
repository=$(mktemp -d)
trap 'rm -rf "$repository"' EXIT

# The same commits on every machine: nothing of the user's own git is in them.
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_CONFIG_PARAMETERS GIT_CONFIG_COUNT
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_DATE='2026-01-01T12:00:00Z' GIT_COMMITTER_DATE='2026-01-01T12:00:00Z'

commit() {
    git add --all
    git -c user.name=demo -c user.email=demo@example.com commit --quiet --message "$1"
}

show() {
    printf '\n$ %s\n' "$*"
    "$@"
}

cp -R "$quickstart/." "$repository"
cd "$repository"
git -c init.defaultBranch=main init --quiet
commit 'sdk: Add the notes client'
sed 's/^set -eu$/set -eux/' "$quickstart/scripts/generate-sdk.sh" > scripts/generate-sdk.sh
commit 'sdk: Show what the generator runs'

echo 'A commit changed one script of the example repository:'
show git diff --name-status HEAD~1
show impact detect --base HEAD~1
show impact explain scripts/generate-sdk.sh
show impact explain scripts/tidy-changelog.sh
