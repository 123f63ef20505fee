#!/bin/sh
# Runs the benchmark of the read path for a moment a side, and looks whether the report has every load.
#
#   bench_test.sh BENCH ARGUMENT...
set -eu

# The Java launchers look for their files from here.
report=$TEST_TMPDIR/report
"$@" --glance --output "$report"

loads=$("$@" --glance --list | wc -l)
[ "$loads" -ge 15 ]
for figure in rate p99; do
  rows=$(grep -c ",$figure," "$report/figures.csv")
  echo "$rows of $loads loads have $figure"
done
# A loop in the process has no latencies, and every load has a rate.
[ "$(grep -c ',rate,' "$report/figures.csv")" -eq "$loads" ]
[ "$(grep -c '<polyline' "$report/report.html")" -eq 9 ]
[ "$(find "$report" -name '*.hgrm' | wc -l)" -eq 9 ]

# With itself as the other build: each load has both sides' answers.
for argument in "$@"; do
  case $argument in
  --ours=*) other=${argument#--ours=} ;;
  esac
done
"$@" --glance --against "$other" --filter 'single get 1024 B 1x1,.*BLOCK' --output "$TEST_TMPDIR/against"
grep -q ': ours / other build",rate,' "$TEST_TMPDIR/against/figures.csv"
if "$@" --against "$TEST_TMPDIR/none" 2>"$TEST_TMPDIR/refusal"; then
  echo "a build that is not there was accepted"
  exit 1
fi
grep -q -- '--against is .*none: no program is there' "$TEST_TMPDIR/refusal"

# Others' servers that the build brings; the rest has to be installed.
"$@" --glance --outsiders --filter ' (1024 B 8x100|100 B).*BLOCK' --output "$TEST_TMPDIR/outsiders"
for side in pajamax tonic; do
  grep -q ": ours / $side\",rate," "$TEST_TMPDIR/outsiders/figures.csv"
done
for side in 'nghttpd static file' 'redis MGET'; do
  grep -q ": ours / $side" "$TEST_TMPDIR/outsiders/README.md"
done

if "$@" --filter nothing 2>"$TEST_TMPDIR/refusal"; then
  echo "a filter that finds nothing was accepted"
  exit 1
fi
grep -q -- '--filter is nothing: no load is named so' "$TEST_TMPDIR/refusal"
