#!/bin/sh
# Starts cost.py, in the folder where the files of the build lie.
exec python3 -B tests/bench/metrics/cost.py "$@"
