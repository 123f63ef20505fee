#!/bin/sh
# Says where the time of a single get and of a batch get of 1,000 keys goes, layer by layer, in Markdown.
#
#   tests/bench/profile/run.sh [REPORT]     (default: docs/benchmarks/profile.md)
#
# Builds with ./bazelw, then runs on this machine, which needs valgrind and Python 3; with strace, system calls are
# counted too. Takes some minutes.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../../.." && pwd -P)
cd "$root"
version=$(sed -n 's/^    version = "\(.*\)",$/\1/p' MODULE.bazel | head -n 1)
report=${1:-docs/benchmarks/profile.md}
command -v valgrind >/dev/null || {
  echo "valgrind is not installed: on Debian, apt-get install valgrind" >&2
  exit 2
}
./bazelw build //rust/load //rust/baselines
exec python3 tests/bench/profile/layers.py --load bazel-bin/rust/load/load \
  --baselines bazel-bin/rust/baselines/baselines --version "$version" --output "$report"
