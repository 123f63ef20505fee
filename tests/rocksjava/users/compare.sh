#!/bin/sh
# The tests of another project have the same outcome, one by one, on stock rocksdbjni and on our library.
#
#   compare.sh PROGRAM_ON_STOCK PROGRAM_ON_OURS LEAST NOT_COMPARED JAR NAMES SUITE...
#
# LEAST tests have to pass on both. NOT_COMPARED is a file with names of tests, one a line: these run too, and their outcomes
# do not matter. What is called so in the jar, in words of NAMES each the beginning of a name, is there
# as files too, as suites that open their resources as files need it.
set -eu

stock=$PWD/$1
ours=$PWD/$2
least=$3
not_compared=$PWD/$4
resources=
if [ -n "$6" ]; then
  resources=--main_advice_classpath=$TEST_TMPDIR/resources
  python3 - "$5" "$TEST_TMPDIR/resources" "$6" <<'PROGRAM'
import sys
import zipfile

jar, folder, names = sys.argv[1:]
with zipfile.ZipFile(jar) as jar:
    jar.extractall(folder, [name for name in jar.namelist() if name.startswith(tuple(names.split()))])
PROGRAM
fi
shift 6
cd "$TEST_TMPDIR"

# run PROGRAM LIBRARY SUITE...: runs all tests; the first line that the program writes names the library that was loaded.
run() {
  program=$1
  library=$2
  shift 2
  mkdir -p "$library/tmp"
  # What suites write into their working folder stays apart too.
  (cd "$library" && "$program" ${resources:+"$resources"} --jvm_flag=-Djava.io.tmpdir="$PWD/tmp" "$PWD/../$library.tsv" "$@") \
    >"$library.log" 2>&1 || {
    tail -n 50 "$library.log"
    echo "the run on the library '$library' ended early"
    exit 1
  }
  [ "$(head -n 1 "$library.tsv")" = "library	$library" ] || {
    echo "the run that was to be on '$library' says: $(head -n 1 "$library.tsv")"
    exit 1
  }
  # An empty list leaves all of them.
  sed 1d "$library.tsv" | grep -v -F -f "$not_compared" >"$library.outcomes"
  rm -rf "$library"
}

run "$stock" stock "$@"
run "$ours" ours "$@"
if grep -n -E 'WARNING in native method|FATAL ERROR in native method|WARNING: JNI' ours.log; then
  echo "-Xcheck:jni reported the above"
  exit 1
fi
diff stock.outcomes ours.outcomes >differences || {
  cat differences
  echo "outcomes differ: < on stock, > on ours"
  exit 1
}
passed=$(grep -c 'test SUCCESSFUL$' ours.outcomes)
echo "$passed tests pass on both. Those that fail on both, in the same way:"
grep -E 'FAILED|CANCELED' ours.outcomes || echo "none"
# Fewer: they were not found, or most of them fail on both.
[ "$passed" -ge "$least" ]
