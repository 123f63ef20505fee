#!/bin/sh
# The demo scores what is like a key: by the server and by the client, with equal bits. A key that is not there is named.
#
#   demo_score_test.sh DEMO
set -eu

demo=$1
export HOME="$TEST_TMPDIR"
output=$TEST_TMPDIR/output

"$demo" --score >"$output" 2>&1 || {
  cat "$output"
  echo "the demo failed"
  exit 1
}
grep -q "^ *3,963 of 3,963 scores equal to the client's own, bit by bit" "$output" || {
  cat "$output"
  echo "it did not say that the scores are equal"
  exit 1
}

if "$demo" --score=nobody >"$output" 2>&1; then
  cat "$output"
  echo "there is no such key, and the demo said nothing of it"
  exit 1
fi
grep -q 'there is no row with the key "nobody": give one of the input' "$output" || {
  cat "$output"
  echo "it did not name the key"
  exit 1
}
