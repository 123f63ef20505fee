#!/bin/sh
# One of zig's tools, for one target: @COMMAND@ for @TARGET@. Bazel calls it in place of a compiler, archiver or linker.
#
# Only the zig program is an input of Bazel's actions. Its 5,000 headers and sources lie beside it and are found from
# there, as linking or hashing each of them for each action takes longer than most compilations. What they are is told
# by the sum of the package they came in: @SHA256@.
set -eu

here=${0%/*}
zig=$(readlink -f "$here/../zig")
lib=${zig%/*}/lib
# zig compiles each platform's C and C++ run time at first use and keeps them here, for all builds of this user.
export ZIG_GLOBAL_CACHE_DIR="${VENICE_ZIG_CACHE:-/tmp/venice-zig-cache-$(id -u)}"

if [ @COMMAND@ = ar ]; then
  exec "$zig" ar "$@"
fi

# What it compiles is kept by Bazel, not by zig.
ZIG_LOCAL_CACHE_DIR=$(mktemp -d "${TMPDIR:-/tmp}/venice-zig.XXXXXX")
export ZIG_LOCAL_CACHE_DIR
trap 'rm -rf "$ZIG_LOCAL_CACHE_DIR"' EXIT

# rustc and cc speak to GCC, clang or Apple's linker; a few of their words mean nothing here.
depfile=
previous=
count=$#
while [ "$count" -gt 0 ]; do
  argument=$1
  shift
  count=$((count - 1))
  case $argument in
    # The target is zig's business.
    --target=* | -m64 | -mmacosx-version-min=* | -mmacos-version-min=*) continue ;;
    -arch | -target | -isysroot)
      shift
      count=$((count - 1))
      continue
      ;;
    # Rust's standard library for Apple names them; libSystem has them.
    -liconv | -lresolv) continue ;;
    # The unwinder is zig's own, inside.
    -lgcc_s | -lgcc_eh | -lgcc) argument=-lunwind ;;
    -static-libgcc | -static-libstdc++) continue ;;
    -Wl,--no-undefined-version | -no_fixup_chains | -Wl,-no_fixup_chains) continue ;;
  esac
  [ "$previous" != -MF ] || depfile=$argument
  previous=$argument
  set -- "$@" "$argument"
done

# Neither the output nor the list of headers may tell where on this machine zig lies.
"$zig" @COMMAND@ -target @TARGET@ -fno-sanitize=undefined "-ffile-prefix-map=$lib=zig/lib" "$@"
if [ -n "$depfile" ]; then
  sed "s|$lib/|${here%/*}/lib/|g" "$depfile" >"$depfile.relative"
  mv "$depfile.relative" "$depfile"
fi
