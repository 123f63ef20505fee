#!/bin/sh
# run.sh PROGRAM ARGUMENT...: runs a program of Python.
exec python3 -B "$@"
