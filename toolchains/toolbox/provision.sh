#!/bin/sh
# Makes the toolbox: a Debian testing root file system with Bazel 7, its rules, compilers and a JDK.
#
#   provision.sh TOOLBOX_DIR ROOTFS_DIR
#
# Needs root, `mmdebstrap` or `debootstrap` (installed from Debian when missing), and the machine's own package
# mirror. Package versions are not pinned, because testing moves; Bazel's is checked before anything is installed.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
toolbox=$1
rootfs=$2
building=$rootfs.building
log=$toolbox/provision.log
suite=forky
bazel_major=7

say() { printf 'bazelw: %s\n' "$*" >&2; }
die() {
  say "$*"
  if [ -s "$log" ]; then
    say "the last lines of $log:"
    tail -n 15 "$log" >&2
  fi
  exit 1
}
started=$(date +%s)
# step SECONDS TEXT: what begins now, and how long it and the rest take on two idle cores.
step() {
  left=$1
  shift
  say "[$(($(date +%s) - started)) s, about $left s to go] $*"
}

mkdir -p "$toolbox"
# One provisioning at a time; a second caller waits and then finds the work done.
exec 9>"$toolbox/lock"
if ! flock -n 9; then
  say "another bazelw is making the toolbox; waiting for it"
  flock 9
fi
[ ! -e "$rootfs/.ready" ] || exit 0
: >"$log"

say "first use: making the toolbox in $rootfs"
say "no usable Bazel was found, so Debian's is set up in a folder of its own: about 2 minutes and 4 GB, once"

# The mirror of the machine's own apt configuration, or the one named by VENICE_DEBIAN_MIRROR.
mirror=${VENICE_DEBIAN_MIRROR:-}
if [ -z "$mirror" ] && command -v apt-get >/dev/null 2>&1; then
  mirror=$(apt-get indextargets --format '$(REPO_URI) $(ORIGIN) $(CODENAME)' 'Created-By: Packages' 2>/dev/null |
    awk '$2 == "Debian" && $1 !~ /security/ && $3 !~ /-/ { print $1; exit }')
  [ -n "$mirror" ] || mirror=$(sed -n 's/^ *URIs: *\([^ ]*\).*/\1/p; s/^deb \(\[[^]]*\] \)*\([^ ]*\) .*/\2/p' \
    /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | grep -v security | grep debian | head -n 1)
fi
[ -n "$mirror" ] || die "cannot find a Debian mirror in apt's configuration; name one with VENICE_DEBIAN_MIRROR=URL"

# --- the base system -------------------------------------------------------------------------------------
packages=$(sed 's/#.*//' "$here/packages.txt" | tr -s '[:space:]' ' ')
if ! command -v mmdebstrap >/dev/null 2>&1 && ! command -v debootstrap >/dev/null 2>&1; then
  step 125 "installing mmdebstrap"
  { apt-get update && apt-get install -y --no-install-recommends mmdebstrap; } >>"$log" 2>&1 ||
    die "cannot install mmdebstrap"
fi
rm -rf "$building"
step 112 "base system (Debian $suite)"
if command -v mmdebstrap >/dev/null 2>&1; then
  mmdebstrap --variant=minbase --mode=root --skip=cleanup/apt/lists \
    --aptopt='Acquire::Check-Valid-Until "false"' --dpkgopt=force-unsafe-io --include=ca-certificates \
    "$suite" "$building" "$mirror" >>"$log" 2>&1 || die "mmdebstrap failed"
else
  # Debian's debootstrap of today has no script named after tomorrow's release.
  debootstrap --variant=minbase --include=ca-certificates "$suite" "$building" "$mirror" \
    /usr/share/debootstrap/scripts/sid >>"$log" 2>&1 || die "debootstrap failed"
fi

# --- the machine's network settings: name service, certificates, package client settings --------------------
cp /etc/resolv.conf /etc/hosts "$building/etc/" 2>/dev/null || true
mkdir -p "$building/usr/local/share/ca-certificates"
cp /usr/local/share/ca-certificates/*.crt "$building/usr/local/share/ca-certificates/" 2>/dev/null || true
for file in /etc/apt/apt.conf /etc/apt/apt.conf.d/*proxy* /etc/apt/auth.conf; do
  [ ! -e "$file" ] || cp "$file" "$building$file"
done
printf 'Acquire::Check-Valid-Until "false";\n' >"$building/etc/apt/apt.conf.d/99toolbox"

# Runs a command in the file system being built.
inside() {
  unshare --mount --propagation private sh -c '
    root=$1; shift
    for folder in /dev /proc /sys; do mount --rbind "$folder" "$root$folder"; done
    exec chroot "$root" env -i HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
      PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"' sh "$building" "$@"
}

# Half a toolbox is of no use, and packages are not written to the disk one by one.
printf 'force-unsafe-io\npath-exclude=/usr/share/doc/*\npath-exclude=/usr/share/man/*\n' >"$building/etc/dpkg/dpkg.cfg.d/toolbox"

step 101 "Bazel's version in Debian $suite"
inside apt-get update >>"$log" 2>&1 || die "cannot read the package lists of $mirror"
found=$(inside apt-cache policy bazel-bootstrap 2>>"$log" | sed -n 's/^ *Candidate: *//p')
if [ "${found%%.*}" != "$bazel_major" ]; then
  rm -rf "$building"
  say "Debian $suite has Bazel ${found:-no more} now, and this project builds with Bazel $bazel_major. Nothing was installed. Either"
  say "  install Bazel $bazel_major or Bazelisk, and run ./bazelw again: it takes the one on the PATH; or"
  say "  name a mirror that has Bazel $bazel_major, such as a snapshot of $suite: VENICE_DEBIAN_MIRROR=URL ./bazelw ..."
  exit 1
fi

# dpkg unpacks on one core, and rustc leaves a core idle for much of a program of one crate: so what cargo-bazel needs comes
# first, and it is built while the other packages come.
step 100 "Rust, and the rules that cargo-bazel is a part of"
install() { inside apt-get install -y --no-install-recommends "$@"; }
install ca-certificates cargo g++ bazel-rules-rust >>"$log" 2>&1 || die "cannot install cargo"
inside update-ca-certificates >>"$log" 2>&1 || die "cannot make the list of certificates"

build_cargo_bazel() {
  mkdir -p "$building/opt/toolbox"
  inside sh -eu -c '
    cd /opt/toolbox
    cp -R /usr/share/bazel/rules/rust/crate_universe source
    # Unoptimised: it runs for seconds, and optimising it takes minutes. Nobody debugs it, or builds it again.
    export CARGO_INCREMENTAL=0 CARGO_PROFILE_DEV_DEBUG=0
    # Indexes of crates that are Git repositories are of no use here, and what reads them is a third of the work.
    cp -R source sparse
    cd sparse
    sed -i "/^crates-index = /,/^]/ { /\"git\",/d }" Cargo.toml
    sed -i "/SourceKind::Registry => {/,/^ \{24\}}\$/d" src/splicing.rs
    sed -i "/^ *Git(crates_index::GitIndex),\$/d; /Self::Git(index) =>/d" src/splicing/crate_index_lookup.rs
    # Not --locked: the lock file names what is not needed now.
    if ! cargo build --bin cargo-bazel; then
      echo "rules_rust has changed: building cargo-bazel with Git indexes"
      cd ../source
      cargo build --locked --bin cargo-bazel
    fi
    cp target/debug/cargo-bazel ../cargo-bazel
    ls /root/.cargo/registry/index >../cargo-index
    cd .. && rm -rf source sparse
  '
}
cargo_log=$log.cargo-bazel
build_cargo_bazel >"$cargo_log" 2>&1 &
cargo_bazel=$!

step 90 "Bazel $found, compilers, JDK; beside it cargo-bazel, the generator of the crates' BUILD files"
install_packages() {
  # Debian's Bazel asks for the default JDK, which is another than the one here, and 600 MB. It runs on this one.
  mkdir -p "$building/tmp/jdk/DEBIAN"
  cat >"$building/tmp/jdk/DEBIAN/control" <<CONTROL
Package: toolbox-jdk
Version: 1
Architecture: all
Maintainer: the toolbox
Depends: openjdk-21-jdk-headless
Provides: default-jdk-headless (= 2:1.99), default-jre-headless (= 2:1.99)
Description: makes JDK 21 the default JDK of the toolbox
CONTROL
  inside dpkg-deb --build /tmp/jdk /tmp/toolbox-jdk.deb || return
  # shellcheck disable=SC2086 # one word a package
  install /tmp/toolbox-jdk.deb $packages || return
  rm -rf "$building/tmp/jdk" "$building/tmp/toolbox-jdk.deb"
  inside update-ca-certificates || return
  inside apt-get clean
}
if ! install_packages >>"$log" 2>&1; then
  kill "$cargo_bazel" 2>/dev/null || true
  die "cannot install the packages of packages.txt"
fi
if [ -s /etc/maven/settings.xml ]; then cp /etc/maven/settings.xml "$building/etc/maven/settings.xml"; fi

step 26 "cargo-bazel: the rest"
built=0
wait "$cargo_bazel" || built=1
cat "$cargo_log" >>"$log"
rm "$cargo_log"
[ "$built" = 0 ] || die "cannot build cargo-bazel"
cp -R "$here/repositories" "$building/opt/toolbox/repositories"
# The index library inside cargo-bazel knows the folder of cargo's index by the hash that older cargos gave it.
while IFS= read -r index; do
  mkdir -p "$toolbox/cargo/registry/index/$index"
  ln -sfn "$index" "$toolbox/cargo/registry/index/${index%-*}-6f17d22bba15001f"
done <"$building/opt/toolbox/cargo-index"
inside sh -eu /opt/toolbox/repositories/link.sh >>"$log" 2>&1 || die "cannot link the repositories"

touch "$building/.ready"
mv "$building" "$rootfs"
# Older recipes are of no use any more, but for servers of Bazel that still run in them.
for old in "$toolbox"/rootfs-*; do
  if [ "$old" != "$rootfs" ] && ! grep -qs "/${old##*/} / " /proc/[0-9]*/mountinfo; then rm -rf "$old"; fi
done
say "[$(($(date +%s) - started)) s] the toolbox is ready. Bazel builds now what was asked for. The first time it compiles"
say "RocksDB and the crates too: about 10 minutes on two idle cores, and half an hour more for all tests."
