#!/bin/sh
# Runs the targets of libFuzzer, each for some seconds from its corpus, and shows what became of each.
#
#   rust/fuzz/run.sh [SECONDS [TARGET...]]      (default: 60, all)
#
# For a stable compiler: what cargo-fuzz asks of a nightly one is said here by flags. Without AddressSanitizer, as the
# parsers are safe Rust. Compiles RocksDB once more, unless ROCKSDB_LIB_DIR and SNAPPY_LIB_DIR name folders that have
# it, with ROCKSDB_STATIC and SNAPPY_STATIC. In the toolbox: sh toolchains/toolbox/enter.sh ~/.cache/venice-toolbox
# "$PWD" rust/fuzz/run.sh
set -eu

seconds=${1:-60}
[ $# -eq 0 ] || shift
cd "$(dirname -- "$0")"
[ $# -gt 0 ] || set -- corpus/*/
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

host=$(rustc -vV | sed -n 's/^host: //p')
flags="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters"
flags="$flags -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing"
flags="$flags -Ccodegen-units=1"
# A RocksDB that was compiled before does not name C++'s library.
[ -z "${ROCKSDB_LIB_DIR:-}" ] || flags="$flags -l stdc++"
# With a target of its own, build scripts go without the flags.
RUSTC_BOOTSTRAP=1 RUSTFLAGS=$flags cargo build --release --target "$host"

failed=0
for target in "$@"; do
  target=$(basename "$target")
  mkdir "$work/$target"
  # What it finds on its way stays in the first folder, an input that fails in artifacts/.
  mkdir -p artifacts
  log=$work/$target.log
  if "${CARGO_TARGET_DIR:-target}/$host/release/$target" -max_total_time="$seconds" -max_len=65536 -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix="artifacts/$target-" "$work/$target" "corpus/$target" >"$log" 2>&1; then
    inputs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    reached=$(grep -o 'cov: [0-9]* ft: [0-9]*' "$log" | tail -n 1)
    echo "$target: nothing found, $inputs inputs, $reached"
  else
    failed=1
    tail -n 40 "$log"
    echo "$target: FAILED, the input is in rust/fuzz/artifacts"
  fi
done
exit "$failed"
