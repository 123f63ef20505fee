#!/bin/sh
# Starts bench.py. Both `bazel run` and a test start here, in the folder where the files of the build lie.
exec python3 -B tests/bench/read_path/bench.py "$@"
