#!/usr/bin/env python3
"""Reads a store version with grpcio and nothing of the project but its .proto.

usage: python_client.py ADDRESS PROTO RESOURCE PARTITIONS KEY...

Each KEY is taken as an Avro string; `base64:...` gives the bytes of any other Avro key. Every key is read
by single get and by batch get, both answers are compared, and a key that does not exist is read too.
Needs the packages grpcio and grpcio-tools. Exits with 1 and one line on the first difference.
"""

import base64
import hashlib
import importlib
import os
import sys
import tempfile

OK = 200
KEY_NOT_FOUND = 2**32 - 420  # -420 in a uint32
MISSING_KEY = b"\x02\x00 no such key"


def zigzag(number):
    """Encodes an Avro int or long."""
    number = (number << 1) ^ (number >> 63)
    encoded = bytearray()
    while number >= 0x80:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def unzigzag(data, at):
    """Decodes an Avro int or long; returns it with the position after it."""
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return (number >> 1) ^ -(number & 1), at


def avro_key(argument):
    """Returns the key bytes of a command-line argument."""
    if argument.startswith("base64:"):
        return base64.b64decode(argument[len("base64:") :])
    text = argument.encode("utf-8")
    return zigzag(len(text)) + text


def partition_of(key, partitions):
    """Returns the partition of a key: its MD5 as an unsigned big-endian number, modulo."""
    return int.from_bytes(hashlib.md5(key).digest(), "big") % partitions


def records_of(data):
    """Yields key index, value and schema id of each MultiGetResponseRecordV1."""
    at = 0
    while at < len(data):
        index, at = unzigzag(data, at)
        length, at = unzigzag(data, at)
        value = data[at : at + length]
        schema_id, at = unzigzag(data, at + length)
        yield index, value, schema_id


def load_proto(proto):
    """Compiles the .proto into a temporary directory; returns messages and stubs."""
    from grpc_tools import protoc

    name = os.path.basename(proto)
    stem = name[: -len(".proto")]
    with tempfile.TemporaryDirectory(prefix="read-service-") as out:
        code = protoc.main(
            [
                "protoc",
                "-I" + os.path.dirname(os.path.abspath(proto)),
                "--python_out=" + out,
                "--grpc_python_out=" + out,
                name,
            ]
        )
        if code != 0:
            sys.exit("python_client: cannot compile " + proto)
        sys.path.insert(0, out)
        return importlib.import_module(stem + "_pb2"), importlib.import_module(stem + "_pb2_grpc")


def single_get(stub, messages, resource, partitions, key):
    """Reads one key as Venice's Fast Client does."""
    key_string = base64.urlsafe_b64encode(key).decode("ascii") + "?f=b64"
    return stub.get(
        messages.VeniceClientRequest(
            resourceName=resource,
            partition=partition_of(key, partitions),
            keyString=key_string,
            method="GET",
        )
    )


def batch_get(stub, messages, resource, partitions, keys):
    """Reads several keys as Venice's Fast Client does."""
    body = b"".join(
        zigzag(index) + zigzag(len(key)) + key + zigzag(partition_of(key, partitions))
        for index, key in enumerate(keys)
    )
    return stub.batchGet(
        messages.VeniceClientRequest(
            resourceName=resource, isBatchRequest=True, method="POST", keyBytes=body
        )
    )


def require(condition, text):
    """Ends the program with a line if something is not as it must be."""
    if not condition:
        sys.exit("python_client: " + text)


def main():
    """Runs the checks."""
    if len(sys.argv) < 6:
        sys.exit(__doc__)
    address, proto, resource, partitions = sys.argv[1:5]
    partitions = int(partitions)
    keys = [avro_key(argument) for argument in sys.argv[5:]]
    messages, services = load_proto(proto)

    import grpc

    with grpc.insecure_channel(address) as channel:
        stub = services.VeniceReadServiceStub(channel)
        values = []
        for argument, key in zip(sys.argv[5:], keys):
            answer = single_get(stub, messages, resource, partitions, key)
            require(
                answer.errorCode == OK,
                f"{argument}: error code {answer.errorCode} {answer.errorMessage}",
            )
            require(answer.schemaId > 0, f"{argument}: schema id {answer.schemaId}")
            require(len(answer.data) > 0, f"{argument}: the value is empty")
            values.append((answer.data, answer.schemaId))

        missing = single_get(stub, messages, resource, partitions, MISSING_KEY)
        require(
            missing.errorCode == KEY_NOT_FOUND,
            f"a missing key: error code {missing.errorCode} {missing.errorMessage}",
        )

        answer = batch_get(stub, messages, resource, partitions, keys + [MISSING_KEY])
        require(
            answer.errorCode == OK,
            f"batch get: error code {answer.errorCode} {answer.errorMessage}",
        )
        records = {index: (value, schema) for index, value, schema in records_of(answer.data)}
        require(
            records == dict(enumerate(values)),
            f"batch get: {len(records)} records differ from the {len(keys)} single gets",
        )
    print(f"python: {len(keys)} of {len(keys)} keys equal by single get and batch get")


if __name__ == "__main__":
    main()
