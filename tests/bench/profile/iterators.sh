#!/bin/sh
# Counts the instructions of the natives of iterators, on stock rocksdbjni and on our library, in Markdown.
#
#   tests/bench/profile/iterators.sh
#
# Builds with ./bazelw, then runs on this machine, which needs valgrind with its headers, a C compiler, and a JDK (JAVA_HOME, or the
# one of `javac`). There is no JVM: iterators.c calls the natives. Two minutes.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../../.." && pwd -P)
cd "$root"
for program in valgrind cc javac unzip; do
  command -v "$program" >/dev/null || {
    echo "$program is not installed: on Debian, apt-get install valgrind gcc default-jdk-headless unzip" >&2
    exit 2
  }
done
jdk=${JAVA_HOME:-$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cc -O1 -Wall -o "$folder/iterators" -I"$jdk/include" -I"$jdk/include/linux" tests/bench/profile/iterators.c -ldl
./bazelw build //java:native @maven//:org_rocksdb_rocksdbjni
# output TARGET PATTERN: the file of the target whose name matches.
output() {
  ./bazelw cquery --output=files "$1" 2>/dev/null | grep "$2" | head -n 1
}
execution=$(./bazelw info execution_root 2>/dev/null)
mkdir "$folder/stock" "$folder/ours"
cp "$execution/$(output //java:native 'librocksdbjni-linux64\.so$')" "$folder/ours"
unzip -q "$execution/$(output @maven//:org_rocksdb_rocksdbjni '/rocksdbjni-[0-9.]*\.jar$')" librocksdbjni-linux64.so -d "$folder/stock"

# count LIBRARY MEASURE: instructions of one operation. The C library clears and copies memory without `rep`, of which
# valgrind counts each step as an instruction.
count() {
  GLIBC_TUNABLES=glibc.cpu.x86_rep_stosb_threshold=1000000:glibc.cpu.x86_rep_movsb_threshold=1000000 \
    valgrind --tool=callgrind --instr-atstart=no --callgrind-out-file="$folder/profile" \
    "$folder/iterators" "$folder/$1/librocksdbjni-linux64.so" "$folder/$1-$2" "$2" "$operations" 2>"$folder/log" >/dev/null || {
    cat "$folder/log" >&2
    exit 1
  }
  sed -n 's/.*Collected : //p' "$folder/log" | awk -v n="$operations" '{ print int($1 / n) }'
}

operations=2000
echo "| instructions | stock | ours | ours more |"
echo "|---|---|---|---|"
for measure in openAndClose scan scanDirect; do
  stock=$(count stock "$measure")
  ours=$(count ours "$measure")
  echo "| $measure | $stock | $ours | $((ours - stock)) |"
done
