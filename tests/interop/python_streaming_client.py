#!/usr/bin/env python3
"""Reads a store version by streaming batch get, with grpcio and nothing of the project but its .proto.

usage: python_streaming_client.py ADDRESS PROTO RESOURCE PARTITIONS KEY...

Keys as in python_client.py, which stands beside this file. Sends three requests on one call: all keys and one
that does not exist, each key once more, and one for a store that does not exist. Exits with 1 and one line on
the first difference.
"""

import sys

import grpc

from python_client import MISSING_KEY, OK, avro_key, load_proto, partition_of, records_of, require, zigzag

MISSING_SCHEMA_ID = -1000


def request(messages, number, resource, partitions, keys):
    """Makes a request of some keys."""
    body = b"".join(
        zigzag(index) + zigzag(len(key)) + key + zigzag(partition_of(key, partitions))
        for index, key in enumerate(keys)
    )
    return messages.StreamingBatchGetRequest(
        requestId=number, resourceName=resource, method="POST", keyBytes=body
    )


def main():
    """Runs the checks."""
    if len(sys.argv) < 6:
        sys.exit(__doc__)
    address, proto, resource, partitions = sys.argv[1:5]
    partitions = int(partitions)
    keys = [avro_key(argument) for argument in sys.argv[5:]]
    messages, services = load_proto(proto)

    requests = [
        request(messages, 1, resource, partitions, keys + [MISSING_KEY]),
        request(messages, 2, resource, partitions, keys),
        request(messages, 3, "no_such_store_v1", partitions, keys),
    ]
    records = {1: {}, 2: {}, 3: {}}
    footers = {}
    with grpc.insecure_channel(address) as channel:
        stub = services.StreamingReadServiceStub(channel)
        for response in stub.batchGet(iter(requests)):
            for index, value, schema_id in records_of(response.records):
                require(index not in records[response.requestId], f"key {index} has two records")
                records[response.requestId][index] = (value, schema_id)
            if response.HasField("footer"):
                footers[response.requestId] = response.footer

    require(sorted(footers) == [1, 2, 3], f"footers of the requests {sorted(footers)}")
    for number, missing in ((1, 1), (2, 0)):
        footer = footers[number]
        counts = (footer.errorCode, footer.foundKeys, footer.missingKeys, footer.failedKeys)
        require(counts == (OK, len(keys), missing, 0), f"request {number}: {counts} {footer.errorMessage}")
    missing = records[1].pop(-len(keys), None)
    require(missing == (b"", MISSING_SCHEMA_ID), f"the record of a missing key is {missing}")
    require(records[1] == records[2], "the same keys have different records")
    require(all(len(value) > 0 for value, _ in records[2].values()), "a value is empty")
    require(footers[3].errorCode == 500, f"a missing store: error code {footers[3].errorCode}")
    require(footers[3].failedKeys == len(keys), f"a missing store: {footers[3].failedKeys} failed keys")
    print(f"python: {len(keys)} of {len(keys)} keys equal by two requests on one stream")


if __name__ == "__main__":
    main()
