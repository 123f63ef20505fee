#!/bin/sh
# Runs a program of this folder: run.sh PROGRAM [ARGUMENT...]
set -eu
program=tests/architecture/$1
shift
exec python3 -B "$program" "$@"
