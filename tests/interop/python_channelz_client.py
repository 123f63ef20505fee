#!/usr/bin/env python3
"""Looks at a server by channelz, with grpcio-channelz, which has the messages from gRPC itself.

usage: python_channelz_client.py ADDRESS

Needs the packages grpcio and grpcio-channelz, and a server whose setting `channelz` is true. Exits with 1 and one
line on the first difference.
"""

import ipaddress
import sys

import grpc
from grpc_channelz.v1 import channelz_pb2, channelz_pb2_grpc

from python_client import require


def refused(call, request):
    """The status of a call that fails."""
    try:
        call(request)
    except grpc.RpcError as error:
        return error.code()
    return None


def main():
    """Runs the checks."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    address = sys.argv[1]
    with grpc.insecure_channel(address) as channel:
        stub = channelz_pb2_grpc.ChannelzStub(channel)
        channels = stub.GetTopChannels(channelz_pb2.GetTopChannelsRequest())
        require(channels.end and not channels.channel, f"the top channels are {channels}")

        servers = stub.GetServers(channelz_pb2.GetServersRequest())
        require(servers.end and len(servers.server) == 1, f"the servers are {servers}")
        server = servers.server[0]
        # The first call, and the one that is answered.
        require(server.data.calls_started >= 2, f"calls started: {server.data}")
        require(server.data.calls_succeeded >= 1, f"calls succeeded: {server.data}")
        listening = server.listen_socket[0]
        require(listening.name.endswith(":" + address.rsplit(":", 1)[1]), f"it listens on {listening.name}")
        again = stub.GetServer(channelz_pb2.GetServerRequest(server_id=server.ref.server_id)).server
        require(again.ref == server.ref and again.listen_socket == server.listen_socket, f"again it is {again}")

        asked = channelz_pb2.GetServerSocketsRequest(server_id=server.ref.server_id)
        sockets = stub.GetServerSockets(asked)
        require(sockets.end and len(sockets.socket_ref) >= 1, f"the sockets are {sockets}")
        mine = sockets.socket_ref[-1]
        page = stub.GetServerSockets(
            channelz_pb2.GetServerSocketsRequest(
                server_id=server.ref.server_id, start_socket_id=mine.socket_id, max_results=1
            )
        )
        require(page.end and list(page.socket_ref) == [mine], f"the last page is {page}")

        socket = stub.GetSocket(channelz_pb2.GetSocketRequest(socket_id=mine.socket_id)).socket
        remote = socket.remote.tcpip_address
        name = f"{ipaddress.ip_address(remote.ip_address)}:{remote.port}"
        require(socket.ref == mine and mine.name == name, f"my socket is {socket}")
        require(socket.data.streams_started >= 6, f"streams started: {socket.data}")
        require(not socket.HasField("security"), f"security: {socket.security}")
        listens = stub.GetSocket(channelz_pb2.GetSocketRequest(socket_id=listening.socket_id)).socket
        require(listens.ref == listening and not listens.HasField("remote"), f"the listening socket is {listens}")

        for call, request in [
            (stub.GetServer, channelz_pb2.GetServerRequest(server_id=77)),
            (stub.GetServerSockets, channelz_pb2.GetServerSocketsRequest(server_id=77)),
            (stub.GetSocket, channelz_pb2.GetSocketRequest(socket_id=1 << 60)),
            (stub.GetChannel, channelz_pb2.GetChannelRequest(channel_id=1)),
            (stub.GetSubchannel, channelz_pb2.GetSubchannelRequest(subchannel_id=1)),
        ]:
            code = refused(call, request)
            require(code == grpc.StatusCode.NOT_FOUND, f"{request} is answered by {code}")
        negative = channelz_pb2.GetServerSocketsRequest(server_id=server.ref.server_id, max_results=-1)
        code = refused(stub.GetServerSockets, negative)
        require(code == grpc.StatusCode.INVALID_ARGUMENT, f"a negative page is answered by {code}")
    print("channelz: a server, its sockets and this one")


main()
