#!/bin/sh
# The commands of docs/release.md for a server that is one fat jar with rocksdbjni inside, its stock libraries too.
#
#   fat_jar_test.sh LIBRARY
#
# LIBRARY is the name of this platform's library in the jars. The paths come in the environment (BUILD.bazel).
set -eu

library=$1

java=$JAVA
[ -x "$java" ] || java=$(find . "$RUNFILES_DIR" -path '*/bin/java' 2>/dev/null | head -n 1)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

# expect NAME PATTERN JAVA_ARGUMENT...: the program in the fat jar prints a line like the pattern.
expect() {
  name=$1 pattern=$2
  shift 2
  output=$("$java" -XX:-UsePerfData "$@" "$(mktemp -d "$work/data.XXXXXX")" 2>&1 || true)
  if printf '%s\n' "$output" | grep -q -E "$pattern"; then
    echo "ok: $name"
  else
    echo "FAILED: $name: expected /$pattern/, found:"
    printf '%s\n' "$output"
    failures=$((failures + 1))
  fi
}

served='1000 of 1000 values equal by single get, 1000 by batch get'
stock='loaded a RocksDB library without the Rust read server: put the jar .* before rocksdbjni'

unzip -q "$FAT_JAR" "$library" -d "$work/stock"
unzip -q "$VENICE_RUST" "$library" -d "$work/ours"

expect "-jar takes the libraries of the fat jar" "$stock" \
  -jar "$FAT_JAR"
expect "-jar ignores the class path" "$stock" \
  -cp "$VENICE_RUST" -jar "$FAT_JAR"
expect "our jar before the fat jar" "$served" \
  -cp "$VENICE_RUST:$FAT_JAR" com.linkedin.venice.rust.tests.ReadBackProgram
expect "our library on java.library.path" "$served" \
  -Djava.library.path="$work/ours" -jar "$FAT_JAR"
expect "the stock library on java.library.path is not ours" "$stock" \
  -Djava.library.path="$work/stock" -cp "$VENICE_RUST:$FAT_JAR" com.linkedin.venice.rust.tests.ReadBackProgram
exit "$failures"
