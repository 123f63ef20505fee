#!/bin/sh
# python.sh PROGRAM ARGUMENT...: runs a program of Python, for tests that are one.
exec python3 -B "$@"
