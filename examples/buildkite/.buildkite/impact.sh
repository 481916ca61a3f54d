#!/bin/sh
# Writes plan.json: which surfaces wake?
set -eu

python3 -m venv --clear .impact
.impact/bin/pip install --quiet impact-filter==0.1.0
PATH=$PWD/.impact/bin:$PATH

set -- --files-from /dev/null                               # unknown: everything wakes
target=${BUILDKITE_PULL_REQUEST_BASE_BRANCH:-${BUILDKITE_PIPELINE_DEFAULT_BRANCH:-}}
if [ -n "${IMPACT_BASE:-}" ]; then                          # the build was given one
  set -- --base "$IMPACT_BASE"
elif [ "${BUILDKITE_SOURCE:-}" = webhook ] && [ -z "${BUILDKITE_TAG:-}" ] &&
  git fetch --quiet origin "refs/heads/$target"             # the checkout's may be old
then
  set -- --merge-base FETCH_HEAD
fi
impact detect "$@" --format json > plan.json ||
  impact detect --files-from /dev/null --format json > plan.json
