#!/bin/sh
# Links a Rust program for macOS: by the c++ among the files of MAC_TOOLS.
#
# rustc asks Apple's linker for a position independent program, by a word that zig's linker does not know; it makes no
# other. This is a file of its own, as a change of zig_tool.sh would have RocksDB compiled anew for every platform.
set -eu

for tool in $MAC_TOOLS; do
  case $tool in
    */c++) linker=$tool ;;
  esac
done

count=$#
while [ "$count" -gt 0 ]; do
  argument=$1
  shift
  count=$((count - 1))
  [ "$argument" = -Wl,-pie ] || set -- "$@" "$argument"
done
exec "$linker" "$@"
