#!/bin/sh
# Two releases of the same sources are the same bytes.
#
#   reproducible_test.sh JAR OTHER_JAR
set -eu

cmp "$1" "$2"
echo "$(wc -c <"$1") bytes, twice the same"
