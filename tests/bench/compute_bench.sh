#!/bin/sh
# Starts ComputeBench: its program, and those of the two servers, come first.
client=$1
ours=$2
reference=$3
shift 3
exec "$client" --jvm_flag=-Dbench.ours="$ours" --jvm_flag=-Dbench.reference="$reference" "$@"
