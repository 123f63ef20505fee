#!/bin/sh
# Runs a Java test and fails when it fails or when -Xcheck:jni reported something.
set -u

output=$TEST_TMPDIR/output.log
"$@" >"$output" 2>&1
status=$?
cat "$output"
if grep -n -E 'WARNING in native method|FATAL ERROR in native method|WARNING: JNI' "$output" >"$TEST_TMPDIR/findings"; then
  echo "-Xcheck:jni reported:"
  cat "$TEST_TMPDIR/findings"
  exit 1
fi
exit "$status"
