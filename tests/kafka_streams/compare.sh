#!/bin/sh
# Kafka Streams' tests of its state stores have the same outcome, test by test, on stock rocksdbjni and on our library.
#
#   compare.sh PROGRAM_ON_STOCK PROGRAM_ON_OURS
set -eu

# run PROGRAM LIBRARY: runs all tests; the first line that the program writes names the library that was loaded.
run() {
  mkdir -p "$TEST_TMPDIR/$2"
  "$1" --jvm_flag=-Djava.io.tmpdir="$TEST_TMPDIR/$2" "$TEST_TMPDIR/$2.tsv" >"$TEST_TMPDIR/$2.log" 2>&1 || {
    tail -n 50 "$TEST_TMPDIR/$2.log"
    echo "the run on the library '$2' ended early"
    exit 1
  }
  [ "$(head -n 1 "$TEST_TMPDIR/$2.tsv")" = "library	$2" ] || {
    echo "the run that was to be on '$2' says: $(head -n 1 "$TEST_TMPDIR/$2.tsv")"
    exit 1
  }
  sed 1d "$TEST_TMPDIR/$2.tsv" >"$TEST_TMPDIR/$2.outcomes"
}

run "$1" stock
run "$2" ours
if grep -n -E 'WARNING in native method|FATAL ERROR in native method|WARNING: JNI' "$TEST_TMPDIR/ours.log"; then
  echo "-Xcheck:jni reported the above"
  exit 1
fi
cd "$TEST_TMPDIR"
diff stock.outcomes ours.outcomes >differences || {
  cat differences
  echo "outcomes differ: < on stock, > on ours"
  exit 1
}
passed=$(grep -c 'test SUCCESSFUL$' ours.outcomes)
echo "$passed tests pass on both. Those that fail on both, in the same way:"
grep 'FAILED' ours.outcomes || echo "none"
# Fewer: they were not found, or most of them fail on both.
[ "$passed" -ge 2000 ]
