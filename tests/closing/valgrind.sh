#!/bin/sh
# Runs the storm of closes under valgrind's memcheck and shows what it finds in our library: reads and writes of freed
# memory, double frees.
#
#   ./bazelw build //tests/closing:ClosingStormTest_jvm && tests/closing/valgrind.sh [CYCLES]
#
# Needs valgrind, with the debug symbols of glibc, on a machine where the library loads (in the toolbox:
# sh toolchains/toolbox/enter.sh ~/.cache/venice-toolbox "$PWD" tests/closing/valgrind.sh). Reports from the JVM itself
# are left out: it reads what it may not, on purpose, and handles the signal. JAVA names another Java than the build's.
set -eu

cycles=${1:-50}
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
test=$root/bazel-bin/tests/closing/ClosingStormTest_jvm
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ -x "$test" ] || {
  echo "$test is not there: ./bazelw build //tests/closing:ClosingStormTest_jvm" >&2
  exit 2
}

# The launcher of the test starts the program that JAVABIN names.
java=${JAVA:-$("$test" --print_javabin)}
cat >"$work/java" <<SCRIPT
#!/bin/sh
exec ${VALGRIND:-valgrind} --tool=memcheck --undef-value-errors=no --leak-check=no --smc-check=all --error-limit=no \\
  --num-callers=25 --log-file='$work/memcheck.log' \\
  "$java" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC "\$@"
SCRIPT
chmod +x "$work/java"

status=0
TEST_TMPDIR=$work STORM_CYCLES=$cycles JAVABIN=$work/java "$test" \
  --jvm_flag=-Dstorm.hang.seconds=3600 --jvm_flag=-Xmx128m --jvm_flag=-Xms128m || status=$?

# A report is a paragraph; ours has a frame in the library, which RocksJava copies to librocksdbjni<number>.so.
awk -v RS= '/librocksdbjni/' "$work/memcheck.log" >"$work/ours.log" || true
reports=$(grep -c -E '(Invalid|Mismatched|Jump to)' "$work/ours.log" || true)
tail -n 5 "$work/memcheck.log"
echo "$cycles cycles: the test ended with $status, $reports reports in our library"
cat "$work/ours.log"
[ "$status" -eq 0 ] && [ "$reports" -eq 0 ]
