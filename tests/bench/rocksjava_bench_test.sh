#!/bin/sh
# Runs benchmarks for a moment each, and looks whether the report has them.
set -eu

bench=$1
# 1 means that the machine was disturbed, which is the lot of tests.
"$bench" --glance --tables BLOCK_BASED --values 100 --filter 'getHit|put|Writer|AsList.* 10$|scan |openAndClose' \
  --output "$TEST_TMPDIR/report" || [ $? -eq 1 ]
lines=$(grep -c 'BLOCK_BASED 100' "$TEST_TMPDIR/report/rocksjava.csv")
[ "$lines" -eq 6 ] || {
  echo "6 cases expected, and the report has $lines"
  exit 1
}
circles=$(grep -c '<circle' "$TEST_TMPDIR/report/rocksjava.html")
[ "$circles" -eq 6 ]

if "$bench" --values 0 2>"$TEST_TMPDIR/refusal"; then
  echo "values of 0 bytes were accepted"
  exit 1
fi
grep -q -- '--values is 0: give a number from 1 to 1048576' "$TEST_TMPDIR/refusal"
