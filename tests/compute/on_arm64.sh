#!/bin/sh
# Runs a program for Linux on 64-bit ARM, ARM64_PROGRAM: by qemu, with the C library of ARM64_LIBRARIES, a tar file of Debian for
# that processor. A machine that has the processor runs it by itself.
set -eu

if [ "$(uname -m)" = aarch64 ]; then
  exec "$ARM64_PROGRAM"
fi
emulator=$(command -v qemu-aarch64) || {
  echo "qemu-aarch64 is needed, to run what is for another processor (Debian: apt-get install qemu-user)" >&2
  exit 1
}
root=$TEST_TMPDIR/arm64
mkdir "$root"
# Newer releases of Debian make /lib when they are set up, which this root is not.
ln -s usr/lib "$root/lib"
tar --extract --file="$ARM64_LIBRARIES" --directory="$root" --no-same-owner --wildcards \
  './usr/lib/ld-linux-aarch64.so.*' './usr/lib/aarch64-linux-gnu/*.so.*'
exec "$emulator" -L "$root" "$ARM64_PROGRAM"
