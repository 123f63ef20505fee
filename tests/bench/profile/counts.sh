#!/bin/sh
# Instructions of a single get: of all sides, or of ours against the record. See counts.py.
#
#   tests/bench/profile/counts.sh --record|--check [FILE]     (default: docs/benchmarks/instructions.csv)
#
# Builds with ./bazelw, then runs on this machine, which needs valgrind and Python 3; --record also nghttpd.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../../.." && pwd -P)
cd "$root"
command -v valgrind >/dev/null || {
  echo "valgrind is not installed: on Debian, apt-get install valgrind" >&2
  exit 2
}
./bazelw build //rust/load //rust/baselines
exec python3 -B tests/bench/profile/counts.py --load bazel-bin/rust/load/load --baselines bazel-bin/rust/baselines/baselines "$@"
