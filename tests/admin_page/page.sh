#!/bin/sh
# Opens the operators' page of the demo's server in headless Chromium; //tests/interop:with_demo.sh starts that.
#
#   page.sh ADDRESS RESOURCE PARTITIONS WITH_NODE SCRIPT [FOLDER]
#
# With FOLDER it leaves pictures there: page-light.png, page-dark.png. With CHROMIUM, the path of a Chromium that is
# installed, it opens the page in that one.
set -eu

address=$1
resource=$2
with_node=$4
script=$5
pictures=${6:-}

# Chromium is unpacked where nothing of another run lies; its sockets need a short path.
TMPDIR=${ADMIN_SOCKET%/*}
export TMPDIR

. "$with_node"
set -- puppeteer-core@24 axe-core@4
# A Chromium that comes with its libraries.
[ -n "${CHROMIUM:-}" ] || set -- "$@" @sparticuz/chromium@147
node_with "$@"
# Modules are found from where the script is.
cp "$script" "$HOME/node/page.mjs"
node "$HOME/node/page.mjs" "$ADMIN_SOCKET" "$address" "$resource" "$pictures"
