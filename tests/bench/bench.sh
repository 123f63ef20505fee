#!/bin/sh
# Starts bench.py, which lies beside it among the files of the build.
exec python3 -B "$(dirname -- "$0")/read_path/bench.py" "$@"
