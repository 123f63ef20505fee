#!/bin/sh
# Reads with Python's grpcio.
#
#   python_clients.sh ADDRESS RESOURCE PARTITIONS CLIENT PROTO STREAMING_CLIENT STREAMING_PROTO REFLECTION_CLIENT
#     CHANNELZ_CLIENT KEY...
set -eu

address=$1
resource=$2
partitions=$3
client=$4
proto=$5
streaming_client=$6
streaming_proto=$7
reflection_client=$8
channelz_client=$9
shift 9

# In an environment of its own.
python3 -m venv "$HOME/venv"
python=$HOME/venv/bin/python
"$python" -m pip install --quiet --disable-pip-version-check --no-cache-dir grpcio \
  grpcio-channelz grpcio-reflection grpcio-tools

export PYTHONIOENCODING=utf-8
"$python" "$client" "$address" "$proto" "$resource" "$partitions" "$@"
"$python" "$streaming_client" "$address" "$streaming_proto" "$resource" "$partitions" "$@"
"$python" "$reflection_client" "$address" "$resource" "$partitions" "$@"
"$python" "$channelz_client" "$address"
