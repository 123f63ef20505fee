#!/bin/sh
# Starts the demo's server and runs a client against it.
#
#   with_demo.sh DEMO CLIENT [ARGUMENT...]
#
# CLIENT gets ADDRESS RESOURCE PARTITIONS before its own arguments, a HOME of its own, and ADMIN_SOCKET, the path of the
# server's admin socket. The test is what it says.
set -eu

demo=$1
client=$2
shift 2
export HOME="$TEST_TMPDIR"

# A socket's path is short, and the test's folder is not.
short=$(mktemp -d)
export ADMIN_SOCKET="$short/admin"

mkfifo "$TEST_TMPDIR/lines"
"$demo" --serve --port 0 --admin-socket "$ADMIN_SOCKET" >"$TEST_TMPDIR/lines" 2>"$TEST_TMPDIR/demo.log" &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null || true; rm -rf "$short"' EXIT

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

"$client" "$address" "$resource" "$partitions" "$@"
