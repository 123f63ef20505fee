#!/bin/sh
# Starts metrics_cost.py, in the folder where the files of the build lie.
exec python3 -B tests/bench/profile/metrics_cost.py "$@"
