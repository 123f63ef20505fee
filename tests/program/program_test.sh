#!/bin/sh
# The program of a release, as somebody uses it who has nothing else: loads a file, serves it, reads it, and looks at it.
#
#   program_test.sh INPUT PROGRAM
set -eu

input=$PWD/$1
folder=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$folder"' EXIT
venice=$folder/$(basename "$2")
cp "$2" "$venice"
chmod +x "$venice"
cd "$folder"

version=$(basename "$venice" | cut -d - -f 2)
[ "$("$venice" --version)" = "venice $version" ] || { echo "another version than $version: $("$venice" --version)" >&2; exit 1; }

# Nothing of the machine's is needed: no variable, no path.
run() { env -i "$venice" "$@"; }
run load "$input" --store emoji --compression zstd --json
run serve --port 0 --set admin.socket="$folder/admin" --set metrics.exporters=none --json >served &
server=$!
until [ -s served ]; do
  kill -0 "$server"
  sleep 0.05
done
address=$(sed 's/.*"address":"\([^"]*\)".*/\1/' served)
run get emoji 😀 --address "$address" --json >got
grep -q 'grinning face' got
run inspect emoji --count --json >inspected
run compare emoji --address "$address" --other "$address" --all --json >compared
run status --socket "$folder/admin" --json >status
grep -q '"phase":"serving"' status
run drain --socket "$folder/admin" --quiet 1ms --json >drained
grep -q '"calls_cut":0' drained
wait "$server"
echo "$(basename "$venice") loads, serves, reads and drains"
