#!/bin/sh
# Runs a command inside the toolbox, making the toolbox first when it is not there.
#
#   enter.sh TOOLBOX_DIR WORKSPACE COMMAND [ARGUMENT...]
#
# The command sees the toolbox's own /usr, /etc and /var, and the machine's other folders (home, /tmp, the
# checkout) where they are. `bazel` as the command gets the flags of toolbox.bazelrc.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
toolbox=$1
workspace=$2
shift 2

# The toolbox is entered by mounting, which needs root.
if [ "$(id -u)" != 0 ] || ! unshare --mount --propagation private true 2>/dev/null; then
  cat >&2 <<MESSAGE
bazelw: no usable Bazel was found on the PATH, and the toolbox that would bring one needs root and the right to mount.
  Either install Bazel $(cat "$workspace/.bazelversion") or Bazelisk, and run ./bazelw again;
  or run ./bazelw as root, in a container with CAP_SYS_ADMIN (docker run --cap-add SYS_ADMIN).
MESSAGE
  exit 1
fi

# The name of a toolbox holds a checksum of what makes it, so that a change makes a new one.
recipe=$(cat "$here/provision.sh" "$here/packages.txt" "$here"/repositories/*.sh "$here"/repositories/*/* | cksum | cut -d' ' -f1)
rootfs=$toolbox/rootfs-$recipe
export TOOLBOX_ROOTFS="$rootfs"
# What Bazel keeps of a toolbox is made again in another one.
export TOOLBOX_NAME="${rootfs##*/}"

if [ ! -e "$rootfs/.ready" ]; then
  sh "$here/provision.sh" "$toolbox" "$rootfs"
fi

if [ "$1" = bazel ]; then
  shift
  # The first option makes Bazel restart a server that runs in another toolbox than this one.
  set -- /usr/bin/bazel --host_jvm_args=-Dvenice.toolbox="$recipe" --bazelrc="$here/toolbox.bazelrc" --bazelrc=/opt/toolbox/machine.bazelrc "$@"
fi

# Folders of the machine that are seen inside at the same path: all but those that make the system.
binds=''
for folder in /*; do
  case $folder in
    /bin | /boot | /dev | /etc | /init | /lib | /lib32 | /lib64 | /libx32 | /lost+found | /opt | /proc | /run | \
      /sbin | /sys | /usr | /var) ;;
    *) if [ -d "$folder" ] && [ ! -L "$folder" ]; then binds="$binds $folder"; fi ;;
  esac
done
# A home, a checkout or a toolbox may also lie in one of the folders left out above.
for folder in "$HOME" "$workspace" "$toolbox" "$(pwd -P)"; do
  case $folder in
    /bin/* | /etc/* | /lib*/* | /opt/* | /run/* | /sbin/* | /usr/* | /var/*) binds="$binds $folder" ;;
  esac
done

# JAVA_HOME and the like of the machine mean nothing inside.
unset JAVA_HOME CARGO_HOME RUSTUP_HOME RUSTUP_TOOLCHAIN LD_LIBRARY_PATH 2>/dev/null || true
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL=C.UTF-8
export CARGO_HOME="$toolbox/cargo"

# A mount namespace of its own, with the toolbox as its root: the machine's mount table stays as it is, and Bazel's
# server, which outlives this call, is found again by the next (it compares working folders as the kernel names them).
TOOLBOX_WORKDIR=$(pwd -P)
export TOOLBOX_BINDS="$binds" TOOLBOX_WORKDIR
# shellcheck disable=SC2016 # expanded by the inner shell
exec unshare --mount --propagation private sh -c '
  set -eu
  mount --bind "$TOOLBOX_ROOTFS" "$TOOLBOX_ROOTFS"
  for folder in /dev /proc /sys; do mount --rbind "$folder" "$TOOLBOX_ROOTFS$folder"; done
  for folder in $TOOLBOX_BINDS; do
    mkdir -p "$TOOLBOX_ROOTFS$folder"
    mount --rbind "$folder" "$TOOLBOX_ROOTFS$folder"
  done
  cat /etc/resolv.conf >"$TOOLBOX_ROOTFS/etc/resolv.conf" 2>/dev/null || true
  cat /etc/hosts >"$TOOLBOX_ROOTFS/etc/hosts" 2>/dev/null || true
  cd "$TOOLBOX_ROOTFS"
  mkdir -p .machine
  pivot_root . .machine
  workdir=$TOOLBOX_WORKDIR
  unset TOOLBOX_BINDS TOOLBOX_WORKDIR TOOLBOX_ROOTFS
  exec chroot . sh -c '\''umount -l /.machine && cd "$0" && exec "$@"'\'' "$workdir" "$@"
' sh "$@"
