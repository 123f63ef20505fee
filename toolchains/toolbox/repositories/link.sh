#!/bin/sh
# Run inside the toolbox, once: fills the repositories that replace downloads with links to Debian's files, and
# writes the flags whose names depend on the CPU.
set -eu

cd /opt/toolbox/repositories
multiarch=$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || gcc -print-multiarch)
case $(uname -m) in
  x86_64) cpu=x86_64 jdk=linux ;;
  aarch64) cpu=aarch64 jdk=linux_aarch64 ;;
  *) echo "the toolbox knows x86_64 and aarch64, not $(uname -m)" >&2; exit 1 ;;
esac
triple=$cpu-unknown-linux-gnu

# Rust: rustc's sysroot as rules_rust expects it.
mkdir -p rust/bin rust/lib
for tool in rustc rustdoc rustfmt cargo clippy-driver cargo-clippy; do
  ln -sf "/usr/bin/$tool" "rust/bin/$tool"
done
ln -sfn /usr/lib/rustlib rust/lib/rustlib
rust_repository() { # FOLDER TARGET_TRIPLE DYLIB_EXTENSION LABEL_OF_STANDARD_LIBRARY
  sed "s|@EXEC@|$triple|g; s|@TARGET@|$2|g; s|@DYLIB@|$3|g; s|@STD@|$4|g" rust/BUILD.bazel.in >"$1/BUILD.bazel"
}
# For the other platforms, the same with the standard library that the module rust_std makes when it is asked for.
: >/opt/toolbox/machine.bazelrc
for other in x86_64-unknown-linux-gnu aarch64-unknown-linux-gnu x86_64-apple-darwin aarch64-apple-darwin; do
  [ "$other" != "$triple" ] || continue
  folder=rust_$other
  mkdir -p "$folder"
  cp rust/REPO.bazel "$folder/"
  ln -sfn ../rust/bin "$folder/bin"
  ln -sfn ../rust/lib "$folder/lib"
  case $other in *darwin) extension=.dylib ;; *) extension=.so ;; esac
  rust_repository "$folder" "$other" "$extension" "@@rust_std~~rust_std~$other//:rust_std"
  echo "common --override_repository=rules_rust~~rust~rust_linux_${cpu}__${other}__stable_tools=/opt/toolbox/repositories/$folder" >>/opt/toolbox/machine.bazelrc
done
rust_repository rust "$triple" .so ":rust_std"
mkdir -p rust_host_tools/bin
for tool in rustc cargo; do
  ln -sf "/usr/bin/$tool" "rust_host_tools/bin/$tool"
done

# JDK and Bazel's Java tools.
home=$(dirname "$(dirname "$(readlink -f /usr/lib/jvm/java-1.21.0-openjdk-*/bin/javac)")")
ln -sfn "$home" jdk/home
sed "s|@JAVA_HOME@|$home|g" jdk/BUILD.bazel.in >jdk/BUILD.bazel
ln -sfn "/usr/lib/$multiarch/bazel/java_tools" java_tools

cat >>/opt/toolbox/machine.bazelrc <<FLAGS
# Written by link.sh: the flags of toolbox.bazelrc whose names depend on the machine.
common --override_repository=rules_rust~~rust~rust_linux_${cpu}__${triple}__stable_tools=/opt/toolbox/repositories/rust
common --override_repository=rules_java~~toolchains~remotejdk21_${jdk}=/opt/toolbox/repositories/jdk
common --repo_env=JAVA_HOME=$home
FLAGS

mkdir -p /opt/toolbox/registry
echo '{}' >/opt/toolbox/registry/bazel_registry.json
