#!/bin/sh
# Usage: make_room.sh CACHE
#
# Sees to it that the file system of the folder CACHE has the space that .ci/run takes: when it has not, what is quickest
# made again is deleted from our own caches there, one kind after another until it has. Fails, with a text that says
# what to do, when that is not enough.
set -eu

cache=$1
# GiB. Bazel's outputs of a checkout are 6, Cargo's 4, and the tests' databases 1.
wanted=12
# With warm caches of this very checkout it goes on with less.
least=5

free_gib() {
  df -Pk "$cache" | awk 'NR == 2 { print int($4 / 1048576) }'
}

delete() {
  # Bazel's outputs are read-only.
  find "$@" -type d -exec chmod u+w {} + 2>/dev/null || true
  rm -rf "$@"
}

mkdir -p "$cache"
target=$cache/venice-cargo-target
for kind in incremental other_outputs other_toolboxes cargo_tests bazel_disk; do
  if [ "$(free_gib)" -ge "$wanted" ]; then
    exit 0
  fi
  echo "$(free_gib) GiB free for $cache, $wanted are wanted: deleting $kind"
  case $kind in
  incremental)
    delete "$target"/*/incremental
    ;;
  other_outputs)
    # Of checkouts that are gone.
    for note in "$cache"/bazel/_bazel_*/*/DO_NOT_BUILD_HERE; do
      if [ -f "$note" ] && [ ! -d "$(cat "$note")" ]; then
        delete "${note%/*}"
      fi
    done
    ;;
  other_toolboxes)
    # All but the newest, and those in which a server of Bazel still runs.
    newest=$(ls -td "$cache"/venice-toolbox/rootfs-*/.ready 2>/dev/null | head -n 1)
    for ready in "$cache"/venice-toolbox/rootfs-*/.ready; do
      rootfs=${ready%/.ready}
      if [ "$ready" != "$newest" ] && ! grep -qs "/${rootfs##*/} / " /proc/[0-9]*/mountinfo; then delete "$rootfs"; fi
    done
    ;;
  cargo_tests)
    # Programs, each with RocksDB in it; libraries have a suffix.
    for deps in "$target"/*/deps; do
      [ ! -d "$deps" ] || find "$deps" -type f ! -name '*.*' -size +8M -delete
    done
    ;;
  bazel_disk)
    # Bazel renews the time of what it finds there.
    [ ! -d "$cache/venice-bazel-disk" ] || find "$cache/venice-bazel-disk" -type f -mtime +1 -delete
    ;;
  esac
done

if [ "$(free_gib)" -lt "$least" ]; then
  echo "$(free_gib) GiB are free for $cache, $least are the least: delete other files of its file system" >&2
  exit 1
fi
