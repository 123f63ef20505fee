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
  --jvm_flag=-Dstorm.hang.seconds=3600 --jvm_flag=-Dstorm.memory=unchecked --jvm_flag=-Xmx128m --jvm_flag=-Xms128m || status=$?

# A report is a paragraph. It is ours when the first frame outside the C library and valgrind's stand-ins for it lies in the
# library, which RocksJava copies to librocksdbjni<number>.so; code that the JVM made has no name.
sed 's/^==[0-9]*== \{0,1\}//' "$work/memcheck.log" | awk -v RS= -v ORS='\n\n' '
  /^(Thread [^\n]*\n)?(Invalid|Mismatched|Jump|Source and destination)/ {
    count = split($0, lines, "\n")
    for (i = 1; i <= count; i++) {
      if (lines[i] ~ /^ +(at|by) / && lines[i] !~ /vgpreload|libc\.so|ld-linux/) {
        if (lines[i] ~ /librocksdbjni/) print
        break
      }
    }
  }' >"$work/ours.log"
reports=$(grep -c -E '^(Invalid|Mismatched|Jump|Source and destination)' "$work/ours.log" || true)
tail -n 1 "$work/memcheck.log"
echo "$cycles cycles: the test ended with $status, $reports reports in our library"
cat "$work/ours.log"
[ "$status" -eq 0 ] && [ "$reports" -eq 0 ]
