#!/bin/sh
# Which library wins, and what is said when it is the wrong one. The paths come in the environment (BUILD.bazel).
set -eu

java=$JAVA
[ -x "$java" ] || java=$(find . "$RUNFILES_DIR" -path '*/bin/java' 2>/dev/null | head -n 1)
failures=0

# expect NAME PATTERN OUTPUT
expect() {
  if printf '%s\n' "$3" | grep -q -E "$2"; then
    echo "ok: $1"
  else
    echo "FAILED: $1: expected /$2/, found:"
    printf '%s\n' "$3"
    failures=$((failures + 1))
  fi
}

run() {
  "$java" -XX:-UsePerfData -cp "$1" com.linkedin.venice.rust.tests.VersionProgram "${2:-}" 2>&1 || true
}

ours_first=$(run "$VENICE_RUST:$ROCKSDBJNI:$VERSION_PROGRAM")
expect "ours before rocksdbjni is loaded" '^[0-9]+\.[0-9]+\.[0-9]+\+[0-9a-f]{16}$' "$ours_first"

reversed=$(run "$ROCKSDBJNI:$VENICE_RUST:$VERSION_PROGRAM")
expect "the other order says what to do" \
  'loaded a RocksDB library without the Rust read server: put the jar .* before rocksdbjni' "$reversed"

# Natives that somebody loaded before, by RocksDB.loadLibrary(paths); that method says "jni" twice in the file's name.
case $(uname -s)-$(uname -m) in
  Linux-aarch64) platform=linux-aarch64.so ;;
  Linux-*) platform=linux64.so ;;
  Darwin-arm64) platform=osx-arm64.jnilib ;;
  *) platform=osx-x86_64.jnilib ;;
esac
stock=$(mktemp -d)
trap 'rm -rf "$stock"' EXIT
unzip -q -o "$ROCKSDBJNI" "librocksdbjni-$platform" -d "$stock"
mv "$stock/librocksdbjni-$platform" "$stock/librocksdbjnijni-$platform"
loaded=$(run "$VENICE_RUST:$ROCKSDBJNI:$VERSION_PROGRAM" "$stock")
expect "stock natives loaded first say what to do" \
  'loaded a RocksDB library without the Rust read server: put the jar .* before rocksdbjni' "$loaded"
exit "$failures"
