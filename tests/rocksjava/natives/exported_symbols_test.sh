#!/bin/sh
# Compares the symbols that the library exports with the list of natives.
#
#   exported_symbols_test.sh LIBRARY NATIVES_CSV
#
# NativesListTest compares the list with the class files.
set -eu

library=$1
list=$2

awk -F, 'NR > 1 { print $5 }' "$list" | sort -u >"$TEST_TMPDIR/declared"
awk -F, 'NR > 1 && $6 != "nobody" { print $5 }' "$list" | sort -u >"$TEST_TMPDIR/defined"
nm -D --defined-only "$library" | awk '{ print $3 }' | sed 's/@.*//' | sort -u >"$TEST_TMPDIR/exported"
grep '^Java_org_rocksdb_' "$TEST_TMPDIR/exported" >"$TEST_TMPDIR/rocksdb"

# fail_if_any FILE_WITH_TEXT SENTENCE
fail_if_any() {
  if [ -s "$1" ]; then
    echo "$2:"
    cat "$1"
    exit 1
  fi
}

comm -23 "$TEST_TMPDIR/defined" "$TEST_TMPDIR/rocksdb" >"$TEST_TMPDIR/missing"
fail_if_any "$TEST_TMPDIR/missing" "declared in Java, and not exported"
comm -13 "$TEST_TMPDIR/declared" "$TEST_TMPDIR/rocksdb" >"$TEST_TMPDIR/strange"
fail_if_any "$TEST_TMPDIR/strange" "exported, and declared by no class of rocksdbjni"
comm -13 "$TEST_TMPDIR/defined" "$TEST_TMPDIR/rocksdb" >"$TEST_TMPDIR/listed"
fail_if_any "$TEST_TMPDIR/listed" "exported, and the list says that nobody defines it"

for native in start0 stop0 port0 version0; do
  grep -q "^Java_com_linkedin_venice_rust_ReadServerNatives_$native\$" "$TEST_TMPDIR/exported" || {
    echo "RustReadServer.$native is not exported"
    exit 1
  }
done

grep -v -E '^(Java_org_rocksdb_|Java_com_linkedin_venice_rust_|JNI_OnLoad$|JNI_OnUnload$)' "$TEST_TMPDIR/exported" \
  >"$TEST_TMPDIR/others" || true
fail_if_any "$TEST_TMPDIR/others" "exported, and not an entry point of the JVM"
echo "$(wc -l <"$TEST_TMPDIR/exported") symbols exported"

# Apart from glibc the library needs nothing of the machine.
objdump -p "$library" | awk '$1 == "NEEDED" { print $2 }' |
  grep -v -E '^(libc|libm|libdl|libpthread|librt|ld-linux[-a-z0-9_]*)\.so\.[0-9]+$' >"$TEST_TMPDIR/needed" || true
fail_if_any "$TEST_TMPDIR/needed" "needed by the library, and a server may not have it"
