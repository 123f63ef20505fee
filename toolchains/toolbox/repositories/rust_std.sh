#!/bin/sh
# Run inside the toolbox, once: compiles Rust's standard library for the platforms other than this machine's, from
# Debian's sources of it, so that it is of the same version as the compiler.
set -eu

sources=$(mktemp -d)
trap 'rm -rf "$sources"' EXIT
cd "$sources"
mkdir src
echo '#![no_std]' >src/lib.rs
cat >Cargo.toml <<'MANIFEST'
[package]
name = "empty"
version = "0.0.0"
edition = "2021"
MANIFEST

# Cargo builds the standard library only for those who ask for unfinished features.
export RUSTC_BOOTSTRAP=1
host=$(uname -m)-unknown-linux-gnu
for triple in x86_64-unknown-linux-gnu aarch64-unknown-linux-gnu x86_64-apple-darwin aarch64-apple-darwin; do
  [ "$triple" != "$host" ] || continue
  cargo build --release --target-dir=target -Zbuild-std=std,panic_unwind,proc_macro --target="$triple"
  mkdir -p "/opt/toolbox/rust_std/$triple"
  cp "target/$triple"/release/deps/*.rlib "/opt/toolbox/rust_std/$triple/"
  rm -f "/opt/toolbox/rust_std/$triple"/libempty-*
done
rm -rf /root/.cargo
