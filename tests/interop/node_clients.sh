#!/bin/sh
# Reads with Node's @grpc/grpc-js.
#
#   node_clients.sh ADDRESS RESOURCE PARTITIONS WITH_NODE CLIENT PROTO STREAMING_CLIENT STREAMING_PROTO KEY...
set -eu

address=$1
resource=$2
partitions=$3
with_node=$4
client=$5
proto=$6
streaming_client=$7
streaming_proto=$8
shift 8

. "$with_node"
node_with @grpc/grpc-js@1 @grpc/proto-loader@0.8

node "$client" "$address" "$proto" "$resource" "$partitions" "$@"
node "$streaming_client" "$address" "$streaming_proto" "$resource" "$partitions" "$@"
