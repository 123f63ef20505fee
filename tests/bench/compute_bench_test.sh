#!/bin/sh
# Runs the benchmark of read compute for a moment, and looks whether the report has every line.
set -eu

bench=$1
shift
# 1 means that the machine was disturbed, which is the lot of tests.
"$bench" "$@" --quick --output "$TEST_TMPDIR/report" || [ $? -eq 1 ]
lines=$(grep -c '^1 000 x' "$TEST_TMPDIR/report/compute.csv")
[ "$lines" -eq 8 ] || {
  echo "8 lines expected, and the report has $lines"
  exit 1
}
grep -q 'an answer has' "$TEST_TMPDIR/report/compute.html"
