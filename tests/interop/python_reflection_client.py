#!/usr/bin/env python3
"""Reads a store version with grpcio and nothing of the project at all: the server itself says what can be asked.

usage: python_reflection_client.py ADDRESS RESOURCE PARTITIONS KEY...

Keys as in python_client.py, which stands beside this file. Lists the services by server reflection, makes the
messages of the read service from what it is told, and reads every key by single get. Needs the packages grpcio and
grpcio-reflection, and a server whose setting `reflection` is true. Exits with 1 and one line on the first difference.
"""

import base64
import sys

import grpc
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from python_client import OK, avro_key, partition_of, require

SERVICES = [
    "com.linkedin.venice.protocols.VeniceReadService",
    "com.linkedin.venice.rust.protocols.ReadComputeService",
    "com.linkedin.venice.rust.protocols.StoreMetadataService",
    "com.linkedin.venice.rust.protocols.StreamingReadService",
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
]


def main():
    """Runs the checks."""
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    address, resource, partitions = sys.argv[1:4]
    partitions = int(partitions)
    with grpc.insecure_channel(address) as channel:
        database = ProtoReflectionDescriptorDatabase(channel)
        services = sorted(database.get_services())
        require(services == SERVICES, f"the services are {services}")
        pool = DescriptorPool(database)
        # Every file is whole: what is not can not be put into a pool.
        methods = [method.full_name for name in services for method in pool.FindServiceByName(name).methods]
        require(len(methods) == 15, f"the methods are {methods}")

        get = pool.FindServiceByName(SERVICES[0]).methods_by_name["get"]
        request, response = GetMessageClass(get.input_type), GetMessageClass(get.output_type)
        call = channel.unary_unary(
            f"/{SERVICES[0]}/get",
            request_serializer=request.SerializeToString,
            response_deserializer=response.FromString,
        )
        for argument in sys.argv[4:]:
            key = avro_key(argument)
            answer = call(
                request(
                    resourceName=resource,
                    partition=partition_of(key, partitions),
                    keyString=base64.urlsafe_b64encode(key).decode("ascii") + "?f=b64",
                    method="GET",
                )
            )
            require(answer.errorCode == OK, f"{argument}: error code {answer.errorCode} {answer.errorMessage}")
            require(len(answer.data) > 0, f"{argument}: the value is empty")
    print(f"python: {len(services)} services and {len(sys.argv) - 4} keys by reflection")


if __name__ == "__main__":
    main()
