#!/usr/bin/env python3
"""A client in Python (grpcio) for servers that come and go; see README.md beside this file.

usage: fleet.py ADDRESSES CASES fleet|stream [REQUESTS]
"""

import queue
import sys
import threading

import grpc


def read_cases(path):
    """Returns name -> (method path, request, answers), in bytes."""
    cases = {}
    with open(path, encoding="ascii") as lines:
        for line in lines:
            name, method, *messages = line.split(" ")
            request, *answers = (bytes.fromhex(message.strip()) for message in messages)
            cases[name] = (method, request, answers)
    return cases


def connect(addresses):
    """A channel with the defaults of grpcio, which spreads calls over several servers."""
    options = [("grpc.max_receive_message_length", 8 << 20)]
    if "," in addresses:
        options.append(("grpc.service_config", '{"loadBalancingConfig": [{"round_robin": {}}]}'))
        # Else it is the list of addresses, which is no authority (RFC 3986) and refused.
        options.append(("grpc.default_authority", "servers"))
    return grpc.insecure_channel("ipv4:" + addresses, options=options)


def stream(channel, case, total, at_once, **options):
    """Asks as often on one call, no more at a time than `at_once`; returns when all is answered."""
    method, request, expected = case
    asked = queue.Queue()
    answers = channel.stream_stream(method)(iter(asked.get, None), **options)
    got = {answer: 0 for answer in expected}
    sent = 0
    while min(got.values()) < total:
        while sent < total and sent - min(got.values()) < at_once:
            asked.put(request)
            sent += 1
            if sent == total:
                asked.put(None)
        got[next(answers)] += 1
    for answer in answers:
        raise ValueError(f"an answer too many, of {len(answer)} bytes")
    if set(got.values()) != {total}:
        raise ValueError(f"answers {list(got.values())} times")


def fleet(channel, cases, ready):
    """Reads until the input ends; returns how often, and what failed."""
    done = threading.Event()
    counts, failures, lock = {}, [], threading.Lock()

    def work(name, call):
        while not done.is_set():
            try:
                call()
                outcome = None
            except (grpc.RpcError, ValueError, KeyError) as failure:
                outcome = f"{name}: {failure!r}"
            with lock:
                if outcome is None:
                    counts[name] = counts.get(name, 0) + 1
                else:
                    failures.append(outcome)

    def unary(name):
        method, request, (expected,) = cases[name]
        call = channel.unary_unary(method)

        def once():
            answer = call(request, wait_for_ready=ready, timeout=60)
            if answer != expected:
                raise ValueError(f"an answer of {len(answer)} bytes")

        return once

    def streamed():
        stream(channel, cases["stream"], 20, 20, wait_for_ready=ready, timeout=60)

    workers = [("small", unary("small"))] * 3 + [("large", unary("large"))] * 2 + [("stream", streamed)] * 2
    threads = [threading.Thread(target=work, args=worker) for worker in workers]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    done.set()
    for thread in threads:
        thread.join()
    return counts, failures


def main():
    """Runs the client."""
    addresses, path, mode = sys.argv[1:4]
    cases = read_cases(path)
    with connect(addresses) as channel:
        if mode == "stream":
            total = int(sys.argv[4])
            stream(channel, cases["stream"], total, 50)
            print(f"grpcio: {total} requests answered on one call")
            return
        counts, failures = fleet(channel, cases, "," not in addresses)
    print(f"grpcio: {counts}, {len(failures)} failed")
    for failure in failures[:20]:
        print("grpcio: " + failure[:600])
    if failures or len(counts) != 3:
        sys.exit(1)


if __name__ == "__main__":
    main()
