#!/bin/bash
# Has a real Prometheus scrape serving servers under load, and asks it for the board and the rules (watch.py).
#
#   prometheus.sh WATCH SERVERS BOARD RULES                  as a test
#   prometheus.sh WATCH SERVERS BOARD RULES --plot FILE.svg  plots the board from what was scraped
#
# Takes the `prometheus` on the PATH, or Debian's package, which is unpacked and not installed.
set -euo pipefail

watch=$PWD/$1
servers=$PWD/$2
board=$PWD/$3
rules=$PWD/$4
shift 4
work=${TEST_TMPDIR:-$(mktemp -d)}

prometheus=$(command -v prometheus || true)
if [ -z "$prometheus" ]; then
  mkdir -p "$work/debian/lists/partial" "$work/debian/cache/archives/partial"
  cd "$work/debian"
  download() { apt-get -o APT::Sandbox::User=root -o Dir::Cache="$work/debian/cache" "$@" download prometheus; }
  # The machine's lists may name a package that its mirror has no more.
  download >apt.log 2>&1 || {
    fresh=(-o Dir::State::lists="$work/debian/lists" -o APT::Sandbox::User=root)
    { apt-get "${fresh[@]}" update && download "${fresh[@]}"; } >>apt.log 2>&1 || {
      cat apt.log
      echo "prometheus.sh: there is no prometheus on the PATH, and apt-get cannot download Debian's" >&2
      exit 1
    }
  }
  dpkg-deb -x prometheus_*.deb root
  prometheus=$work/debian/root/usr/bin/prometheus
fi
cd "$work"
exec python3 "$watch" "$prometheus" "$servers" "$board" "$rules" "$work" "$@"
