#!/bin/sh
# Runs the demo in another root file system, on its Java and its glibc, with the jar and rocksdbjni only.
#
#   root_test.sh ROOT_TAR
#
# The paths of the jars come in the environment (BUILD.bazel).
set -eu
# chroot is the system administrator's.
PATH=$PATH:/usr/sbin:/sbin

root=$TEST_TMPDIR/root
mkdir -p "$root"
# Device files cannot be made everywhere, and /dev is mounted anyway.
tar --extract --file="$1" --directory="$root" --exclude='./dev/*' --no-same-owner
mkdir -p "$root/jars" "$root/tmp" "$root/proc" "$root/dev"
# Newer releases make these when they are set up, which this root is not.
for folder in bin lib lib64; do
  [ -e "$root/$folder" ] || [ ! -d "$root/usr/$folder" ] || ln -s "usr/$folder" "$root/$folder"
done
cp "$VENICE_RUST" "$root/jars/venice-rust.jar"
cp "$ROCKSDBJNI" "$root/jars/rocksdbjni.jar"
cp "$DEMO" "$root/jars/demo.jar"
cp "$INPUT" "$root/jars/input.avro"

java=$(cd "$root" && find usr/lib/jvm -path '*/bin/java' | head -n 1)
machine=$(cd "$root" && od -An -tx1 -j18 -N1 "$java" | tr -d ' ')
emulator=
case $machine-$(uname -m) in
  3e-x86_64 | b7-aarch64) ;;
  b7-x86_64)
    cp "$(command -v qemu-aarch64)" "$root/emulator"
    emulator=/emulator
    ;;
  *)
    echo "no emulator for ELF machine 0x$machine on $(uname -m)"
    exit 1
    ;;
esac

# A mount namespace of its own: nothing is left mounted, whatever happens.
export root java emulator
# shellcheck disable=SC2016 # expanded by the inner shell
unshare --mount --propagation private sh -eu -c '
  mount --rbind /proc "$root/proc"
  mount --rbind /dev "$root/dev"
  exec env -i PATH="$PATH" LC_ALL=C.UTF-8 chroot "$root" \
    $emulator "/$java" -Xmx1g -cp /jars/venice-rust.jar:/jars/rocksdbjni.jar:/jars/demo.jar \
    com.linkedin.venice.rust.demo.Demo --input /jars/input.avro
' >"$TEST_TMPDIR/output" 2>&1 || {
  cat "$TEST_TMPDIR/output"
  echo "the demo failed in this root"
  exit 1
}
cat "$TEST_TMPDIR/output"
rm -rf "$root"
grep -q '3,963 of 3,963 keys equal by single get; 3,963 of 3,963 by batch get' "$TEST_TMPDIR/output"
