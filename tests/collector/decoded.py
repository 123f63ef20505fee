"""Has a server count known requests, and looks at what a collector of OpenTelemetry decodes of what it sends.

    decoded.py VENICE COLLECTOR FOLDER

The page for Prometheus has the same numbers in another form: each counter, count, sum and bucket has to be the same.
"""

import base64
import collections
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request

STORE = "shop"
ROWS = 20
FOUND, MISSING = 30, 7
TRACE, PARENT = "0123456789abcdef0123456789abcdef", "89abcdef01234567"
GET = "/com.linkedin.venice.protocols.VeniceReadService/get"
STREAM = "/com.linkedin.venice.rust.protocols.StreamingReadService/batchGet"
HANG = 120
CUMULATIVE, SERVER, INTERNAL = 2, 2, 1


def varint(number):
    out = b""
    while number > 0x7F:
        out, number = out + bytes([number & 0x7F | 0x80]), number >> 7
    return out + bytes([number])


def field(number, value):
    """A field of a protobuf message: a number, or bytes."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def framed(message):
    """A message with gRPC's prefix."""
    return b"\0" + len(message).to_bytes(4, "big") + message


def avro_key(text):
    """A string as Avro has it."""
    return varint(2 * len(text)) + text.encode()


def get(key):
    """A `VeniceClientRequest` for one key, of partition 0."""
    key_string = base64.urlsafe_b64encode(avro_key(key)).rstrip(b"=") + b"?f=b64"
    return framed(field(1, 0) + field(2, key_string) + field(5, f"{STORE}_v1".encode()) + field(10, b"GET"))


class Server:
    """A server with one store, whose metrics go to both."""

    def __init__(self, venice, folder, collector):
        rows = folder / "rows.json"
        rows.write_text("".join(f'{{"key": "key{n}", "value": "value {n}"}}\n' for n in range(ROWS)))
        data = ["--data", str(folder / "data")]
        load = [venice, "load", str(rows), "--store", STORE, "--partitions", "1", *data]
        subprocess.run(load, check=True, stdout=subprocess.DEVNULL)
        settings = {
            "port": 0,
            "metrics.exporters": "all",
            "metrics.prometheus.port": 0,
            "metrics.otlp.endpoint": collector,
            "metrics.otlp.interval.ms": 100,
            "traces.otlp.endpoint": collector,
            "traces.otlp.interval.ms": 100,
        }
        sets = [part for name, value in settings.items() for part in ("--set", f"{name}={value}")]
        serve = [venice, "serve", "--json", "--no-admin", *data, *sets]
        self.process = subprocess.Popen(serve, stdout=subprocess.PIPE, text=True)
        serving = json.loads(self.process.stdout.readline())
        self.address, self.page = serving["address"], serving["metrics"]
        threading.Thread(target=self.process.stdout.read, daemon=True).start()
        self.request = folder / "request"

    def call(self, path, message, *headers):
        """A call by curl, which has HTTP/2; returns the bytes of the answer."""
        self.request.write_bytes(message)
        fields = ("content-type: application/grpc", "te: trailers", *headers)
        command = ["curl", "--silent", "--show-error", "--fail", "--http2-prior-knowledge", "--max-time", str(HANG)]
        for text in fields:
            command += ["--header", text]
        command += ["--data-binary", f"@{self.request}", f"http://{self.address}{path}"]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout

    def scrape(self):
        """The page: values by name and labels."""
        with urllib.request.urlopen(self.page, timeout=HANG) as page:
            lines = page.read().decode().splitlines()
        values = {}
        for line in lines:
            if line and not line.startswith("#"):
                series, value = line.rsplit(" ", 1)
                name, _, labels = series.partition("{")
                values[name, frozenset(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels))] = float(value)
        return values

    def stop(self):
        """Sends its last message."""
        self.process.send_signal(signal.SIGTERM)
        check(self.process.wait(HANG) == 0, "the server stops")


class Collector:
    """The collector, and what it decoded: points by metric and attributes, the last of each, and spans."""

    def __init__(self, program):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{free.getsockname()[1]}"
        self.endpoint = f"http://{address}"
        self.process = subprocess.Popen([program, address], stdout=subprocess.PIPE, text=True)
        host, port = address.split(":")
        until("the collector listens", lambda: listens(host, int(port)))
        self.metrics, self.points, self.spans, self.resources = {}, collections.defaultdict(dict), [], []
        self.reading = threading.Thread(target=self.read)
        self.reading.start()

    def read(self):
        for line in self.process.stdout:
            message = json.loads(line)
            for resource in message.get("resourceMetrics", []):
                self.resources.append(attributes(resource["resource"]))
                for metric in (metric for scope in resource["scopeMetrics"] for metric in scope["metrics"]):
                    kind = next(kind for kind in ("sum", "gauge", "histogram", "exponentialHistogram") if kind in metric)
                    self.metrics[metric["name"]] = {"unit": metric.get("unit"), "kind": kind, **metric[kind]}
                    for point in metric[kind]["dataPoints"]:
                        self.points[metric["name"]][frozenset(attributes(point).items())] = point
            for resource in message.get("resourceSpans", []):
                self.resources.append(attributes(resource["resource"]))
                self.spans += [span for scope in resource["scopeSpans"] for span in scope["spans"]]

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        check(self.process.wait(HANG) == 0, "the collector stops")
        self.reading.join(HANG)


def attributes(holder):
    pairs = holder.get("attributes", [])
    return {pair["key"]: str(next(iter(pair["value"].values()))) for pair in pairs}


def listens(host, port):
    with socket.socket() as client:
        return client.connect_ex((host, port)) == 0


def until(what, holds):
    """Waits, for a while, until something holds."""
    deadline = time.monotonic() + HANG
    while not holds():
        check(time.monotonic() < deadline, what)
        time.sleep(0.02)


def check(holds, what):
    if not holds:
        sys.exit(f"decoded.py: not so: {what}")


def label(name):
    return re.sub(r"\W", "_", name)


def compare(name, metric, points, page):
    """Compares the points of a metric with the series of the page; returns how many numbers were the same."""
    base = label(name)
    same = 0

    def of_page(suffixes, labels, *more):
        names = (series for series in page if series[0].startswith(base) and series[1] == labels | frozenset(more))
        found = [series for series in names if any(series[0] == base + unit + suffix for unit in UNITS for suffix in suffixes)]
        check(len(found) == 1, f"{name} {dict(labels)} {more} is one series of the page, not {found}")
        return page[found[0]]

    for of, point in points.items():
        labels = frozenset((label(key), value) for key, value in of)
        if metric["kind"] == "sum":
            pairs = [(float(point["asInt"]), of_page(("_total", ""), labels))]
        elif metric["kind"] == "exponentialHistogram":
            pairs = [(float(point["count"]), of_page(("_count",), labels)), (point["sum"], of_page(("_sum",), labels))]
            positive = point.get("positive", {})
            counts = [int(count) for count in positive.get("bucketCounts", [])]
            zeros = int(point.get("zeroCount", 0))
            check(zeros + sum(counts) == int(point["count"]), f"{name}: buckets are all values")
            scale, offset = point.get("scale", 0), positive.get("offset", 0)
            bounds = [series for series in page if series[0].endswith("_bucket") and series[0].startswith(base)]
            bounds = [
                (dict(series[1])["le"], page[series])
                for series in bounds
                if frozenset(pair for pair in series[1] if pair[0] != "le") == labels
                and any(series[0] == f"{base}{unit}_bucket" for unit in UNITS)
            ]
            check(len(bounds) > 3, f"{name} has buckets on the page")
            # Bucket i ends at 2 ** ((i + 1) / 2 ** scale).
            for bound, below in bounds:
                bound = float(bound)
                ends = (2 ** ((offset + n + 1) / 2**scale) for n in range(len(counts)))
                own = zeros + sum(count for end, count in zip(ends, counts) if end <= bound * (1 + 1e-9))
                pairs.append((float(own), below))
        else:
            continue
        for ours, theirs in pairs:
            check(abs(ours - theirs) <= 1e-9 * abs(theirs), f"{name} {dict(of)}: {ours} at the collector, {theirs} on the page")
            same += 1
    return same


# What the page puts behind a name for its unit.
UNITS = ("", "_milliseconds", "_bytes", "_seconds", "_nanoseconds", "_ratio")


def main(venice, program, folder):
    collector = Collector(program)
    server = Server(venice, pathlib.Path(folder), collector.endpoint)
    try:
        for number in range(FOUND):
            check(f"value {number % ROWS}".encode() in server.call(GET, get(f"key{number % ROWS}")), "a value comes")
        for number in range(MISSING):
            server.call(GET, get(f"none{number}"))
        traced = f"traceparent: 00-{TRACE}-{PARENT}-01"
        server.call(GET, get("key0"), traced)
        # Avro's record of an index, a key and a partition.
        key = avro_key("key1")
        keys = varint(0) + varint(2 * len(key)) + key + varint(0)
        server.call(STREAM, framed(field(1, 5) + field(2, f"{STORE}_v1".encode()) + field(3, b"POST") + field(4, keys)), traced)
        until("calls end", lambda: calls_of(server.scrape()) == FOUND + MISSING + 2)
        page = server.scrape()
        server.stop()
    finally:
        server.process.kill()
        collector.stop()

    counted = {}
    for name, metric in collector.metrics.items():
        if metric["kind"] in ("sum", "exponentialHistogram"):
            check(metric["aggregationTemporality"] == CUMULATIVE, f"{name} is cumulative")
        # Those go on by themselves, or count what asks for them.
        if not re.search(r"worker\.busy|rocksdb|connection\.|trace\.span|metrics\.|client_memory|thread_pool", name):
            counted[name] = compare(name, metric, collector.points[name], page)
    for name in ("venice.server.read.call_count", "venice.server.read.call_time", "grpc.server.call.duration"):
        check(counted.get(name), f"the collector has {name}: {sorted(counted)}")
    reads = {
        (dict(of)["venice.request.method"], dict(of)["http.response.status_code"]): int(point["asInt"])
        for of, point in collector.points["venice.server.read.call_count"].items()
    }
    check(reads[("single_get", "200")] == FOUND + 1 and reads[("single_get", "404")] == MISSING, f"reads: {reads}")
    check(collector.metrics["venice.server.read.call_count"].get("isMonotonic"), "reads only grow")
    check(all(resource.get("service.name") for resource in collector.resources), "resources have names")

    servers = [span for span in collector.spans if span["kind"] == SERVER]
    check(len(servers) == 2, f"two traced calls: {servers}")
    for span, rpc in zip(sorted(servers, key=lambda span: int(span["startTimeUnixNano"])), (GET, STREAM)):
        check((span["traceId"], span["parentSpanId"]) == (TRACE, PARENT), f"a child of its client's span: {span}")
        check(span["name"] == rpc[1:], f"named by its method: {span}")
        check(attributes(span)["venice.store.name"] == STORE, f"has its store: {span}")
        phases = [phase for phase in collector.spans if phase.get("parentSpanId") == span["spanId"]]
        check({"read", "send"} <= {phase["name"] for phase in phases}, f"phases: {phases}")
        for phase in phases:
            check(phase["kind"] == INTERNAL and phase["traceId"] == TRACE, f"{phase}")
            begins, ends = (int(phase[time]) for time in ("startTimeUnixNano", "endTimeUnixNano"))
            check(int(span["startTimeUnixNano"]) <= begins <= ends <= int(span["endTimeUnixNano"]), f"{phase} in {span}")
    print(
        f"the collector decoded {len(collector.metrics)} metrics, of which {len(counted)} were compared with the page in "
        f"{sum(counted.values())} numbers, and {len(collector.spans)} spans"
    )


def calls_of(page):
    return sum(value for (name, _), value in page.items() if name == "grpc_server_call_duration_seconds_count")


if __name__ == "__main__":
    main(*sys.argv[1:])
