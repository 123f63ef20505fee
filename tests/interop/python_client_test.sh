#!/bin/sh
# Starts the demo's server and reads from it with Python's grpcio.
#
#   python_client_test.sh DEMO CLIENT PROTO STREAMING_CLIENT STREAMING_PROTO REFLECTION_CLIENT
set -eu

demo=$1
client=$2
proto=$3
streaming_client=$4
streaming_proto=$5
reflection_client=$6

# grpcio in an environment of its own.
export HOME="$TEST_TMPDIR"
python3 -m venv "$TEST_TMPDIR/venv"
"$TEST_TMPDIR/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-cache-dir \
  grpcio grpcio-reflection grpcio-tools

mkfifo "$TEST_TMPDIR/lines"
"$demo" --serve --port 0 >"$TEST_TMPDIR/lines" 2>"$TEST_TMPDIR/demo.log" &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null || true' EXIT

address=''
resource=''
partitions=''
while IFS= read -r line; do
  printf '%s\n' "$line"
  case $line in
    'serving '*)
      resource=$(printf '%s\n' "$line" | sed -n 's/^serving \([^ ]*\) on .*/\1/p')
      address=$(printf '%s\n' "$line" | sed -n 's/^serving [^ ]* on \([^ ]*\).*/\1/p') ;;
    'partitions '*) partitions=${line#partitions } ;;
  esac
  [ -z "$address" ] || [ -z "$partitions" ] || break
done <"$TEST_TMPDIR/lines"

if [ -z "$address" ]; then
  echo "the demo ended before it served:"
  cat "$TEST_TMPDIR/demo.log"
  exit 1
fi
# Read on, so that the demo never waits for us.
cat "$TEST_TMPDIR/lines" >/dev/null &

PYTHONIOENCODING=utf-8 "$TEST_TMPDIR/venv/bin/python" "$client" "$address" "$proto" "$resource" "$partitions" 🥇 ❌ 😺
PYTHONIOENCODING=utf-8 "$TEST_TMPDIR/venv/bin/python" "$streaming_client" "$address" "$streaming_proto" "$resource" \
  "$partitions" 🥇 ❌ 😺
PYTHONIOENCODING=utf-8 "$TEST_TMPDIR/venv/bin/python" "$reflection_client" "$address" "$resource" "$partitions" 🥇 ❌ 😺
