#!/bin/sh
# Compiles Rust's standard library for TRIPLE into FOLDER, unless it is there, from Debian's sources of it, so that it is
# of the same version as the compiler.
#
#   rust_std.sh TRIPLE FOLDER
set -eu

triple=$1
folder=$2
[ ! -d "$folder" ] || exit 0

sources=$(mktemp -d)
trap 'rm -rf "$sources"' EXIT
cd "$sources"
mkdir src std
echo '#![no_std]' >src/lib.rs
cat >Cargo.toml <<'MANIFEST'
[package]
name = "empty"
version = "0.0.0"
edition = "2021"
MANIFEST

# Cargo builds the standard library only for those who ask for unfinished features.
export RUSTC_BOOTSTRAP=1
cargo build --release --target-dir=target -Zbuild-std=std,panic_unwind,proc_macro --target="$triple"
cp "target/$triple"/release/deps/*.rlib std/
rm -f std/libempty-*
# Another build may have made it meanwhile.
mkdir -p "${folder%/*}"
mv -T std "$folder" 2>/dev/null || [ -d "$folder" ]
