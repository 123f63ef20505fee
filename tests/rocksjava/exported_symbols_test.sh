#!/bin/sh
# Compares the symbols that the library exports with the natives that the Java classes declare.
#
#   exported_symbols_test.sh LIBRARY HEADERS_FOLDER
set -eu

library=$1
headers=$2

# Upstream's own library lacks these too: the first has no C++ at all, the C++ of the other has another name than the
# Java method. Nothing calls them.
cat >"$TEST_TMPDIR/never" <<'SYMBOLS'
Java_org_rocksdb_LiveFileMetaData_newLiveFileMetaDataHandle
Java_org_rocksdb_WBWIRocksIterator_refresh0Jni
SYMBOLS

grep -R -h -o 'Java_org_rocksdb_[A-Za-z0-9_]*' "$headers" | sort -u >"$TEST_TMPDIR/declared"
nm -D --defined-only "$library" | awk '{ print $3 }' | sed 's/@.*//' | sort -u >"$TEST_TMPDIR/exported"

count=$(wc -l <"$TEST_TMPDIR/declared")
if [ "$count" -ne 1524 ]; then
  echo "rocksdbjni 9.11.2 declares 1,524 natives, and the headers have $count"
  exit 1
fi

sort "$TEST_TMPDIR/never" | comm -23 "$TEST_TMPDIR/declared" - >"$TEST_TMPDIR/wanted"
missing=$(comm -23 "$TEST_TMPDIR/wanted" "$TEST_TMPDIR/exported")
if [ -n "$missing" ]; then
  echo "declared in Java, and not exported:"
  echo "$missing"
  exit 1
fi

for native in start0 stop0 port0 version0; do
  grep -q "^Java_com_linkedin_venice_rust_RustReadServer_$native\$" "$TEST_TMPDIR/exported" || {
    echo "RustReadServer.$native is not exported"
    exit 1
  }
done

others=$(grep -v -E '^(Java_org_rocksdb_|Java_com_linkedin_venice_rust_|JNI_OnLoad$|JNI_OnUnload$)' "$TEST_TMPDIR/exported" || true)
if [ -n "$others" ]; then
  echo "exported, and not an entry point of the JVM:"
  echo "$others"
  exit 1
fi
echo "$(wc -l <"$TEST_TMPDIR/exported") symbols exported"

# Apart from glibc the library needs nothing of the machine.
needed=$(objdump -p "$library" | awk '$1 == "NEEDED" { print $2 }' |
  grep -v -E '^(libc|libm|libdl|libpthread|librt|ld-linux[-a-z0-9_]*)\.so\.[0-9]+$' || true)
if [ -n "$needed" ]; then
  echo "the library needs $needed, which a server may not have"
  exit 1
fi
