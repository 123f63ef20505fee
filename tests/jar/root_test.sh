#!/bin/sh
# Uses the jar in another root file system, on its Java and its glibc, with rocksdbjni only: ReadBackProgram, and the
# demo where Java is new enough for it (17).
#
#   root_test.sh ROOT_TAR JAVA_VERSION
#
# The paths of the jars come in the environment (BUILD.bazel).
set -eu
# chroot is the system administrator's.
PATH=$PATH:/usr/sbin:/sbin

java_version=$2
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
cp "$READ_BACK" "$root/jars/read-back.jar"
cp "$INPUT" "$root/jars/input.avro"

java=$(cd "$root" && find usr/lib/jvm -path "*/java-$java_version-openjdk-*/bin/java" -type f | head -n 1)
[ -n "$java" ] || {
  echo "no Java $java_version in this root: $(ls "$root/usr/lib/jvm")"
  exit 1
}
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

# run EXPECTED JAR MAIN_CLASS [ARGUMENT...]: a program of a jar prints a line with the expected text, in this root.
run() {
  expected=$1 jar=$2
  shift 2
  # A mount namespace of its own: nothing is left mounted, whatever happens.
  export root java emulator jar
  # shellcheck disable=SC2016 # expanded by the inner shell
  unshare --mount --propagation private sh -eu -c '
    mount --rbind /proc "$root/proc"
    mount --rbind /dev "$root/dev"
    exec env -i PATH="$PATH" LC_ALL=C.UTF-8 chroot "$root" \
      $emulator "/$java" -Xmx1g -cp "/jars/venice-rust.jar:/jars/rocksdbjni.jar:/jars/$jar" "$@"
  ' sh "$@" >"$TEST_TMPDIR/output" 2>&1 || {
    cat "$TEST_TMPDIR/output"
    echo "$1 failed in this root"
    exit 1
  }
  cat "$TEST_TMPDIR/output"
  grep -q "$expected" "$TEST_TMPDIR/output" || {
    echo "$1 did not print: $expected"
    exit 1
  }
}

run '1000 of 1000 values equal by single get, 1000 by batch get' read-back.jar \
  com.linkedin.venice.rust.tests.ReadBackProgram /tmp/read-back
[ "$java_version" -lt 17 ] ||
  run '3,963 of 3,963 keys equal by single get; 3,963 of 3,963 by batch get' demo.jar \
    com.linkedin.venice.rust.demo.Demo --input /jars/input.avro
rm -rf "$root"
