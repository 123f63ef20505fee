"""Sides that are others' programs, where they are installed: nghttpd (nghttp2-server) and Redis."""

import csv
import socket
import subprocess
import time

import sides

SECONDS_TO_START = 20


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class External:
    """A server that is told its port, and listens on it when it is ready."""

    def __init__(self, name, command, port):
        self.ports = {"plain": port}
        self.process = subprocess.Popen(
            sides.pinned(sides.SERVER_CORE, command), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        end = time.monotonic() + SECONDS_TO_START
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > end:
                    self.close()
                    raise sides.BenchError(f"{name} does not listen on {port}") from None
                time.sleep(0.05)

    @property
    def pid(self):
        return self.process.pid

    def close(self):
        self.process.kill()
        self.process.wait()


class Nghttpd(External):
    """A static file of the length of a value, on the server that sends one the cheapest."""

    def __init__(self, folder, value_bytes):
        program = sides.installed("nghttpd")
        folder.mkdir(exist_ok=True)
        (folder / "value").write_bytes(bytes(value_bytes))
        port = free_port()
        super().__init__("nghttpd", [program, "--no-tls", "-n1", "-a127.0.0.1", "-d", str(folder), str(port)], port)

    def words(self, load):
        words = ["--protocol", "http2", "--path", "/value", "--value-bytes", str(load.value_bytes)]
        return words + ["--connections", str(load.connections), "--streams", str(load.streams)]


class Redis(External):
    """MGET of as many keys as the batch has, by redis-benchmark, which is Redis's own load generator."""

    def __init__(self, keys, value_bytes):
        program = sides.installed("redis-server")
        self.benchmark = sides.installed("redis-benchmark")
        self.keys = keys
        port = free_port()
        words = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        super().__init__("redis-server", [program, *words], port)
        self.rate = 0.0
        # Drawn at random, so some keys stay missing: 1 of e^3.
        self.run(3 * keys, ["-P", "100", "-d", str(value_bytes), "-t", "set"])

    def run(self, requests, words):
        command = [self.benchmark, "-p", str(self.ports["plain"]), "--csv", "-r", str(self.keys), "-n", str(requests)]
        done = subprocess.run(sides.pinned(sides.LOAD_CORE, [*command, *words]), capture_output=True, text=True)
        if done.returncode:
            raise sides.BenchError(f"redis-benchmark: {done.stderr}")
        return next(csv.DictReader(done.stdout.splitlines()))

    def cpu(self):
        with open(f"/proc/{self.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return [int(ticks) / 100 for ticks in fields[11:13]]

    def slice(self, load, seconds):
        """Like a slice of the generator; the number of requests is what the last rate makes of the time."""
        requests = max(1000, int(self.rate * seconds))
        words = ["-c", str(load.connections), "-P", str(load.streams), "MGET", *["key:__rand_int__"] * load.keys]
        before, begin = self.cpu(), time.monotonic()
        row = self.run(requests, words)
        after, took = self.cpu(), time.monotonic() - begin
        self.rate = requests / took
        found = {"rate": requests / took, "seconds": took, "user_seconds": after[0] - before[0]}
        found["system_seconds"] = after[1] - before[1]
        for name, percentile in (("p50_latency_ms", "p50"), ("p99_latency_ms", "p99"), ("max_latency_ms", "max")):
            if name in row:
                found[percentile] = float(row[name]) * 1000
        return found


def start(name, data, keys, value_bytes):
    """The side with this name, or None if it is none of these."""
    if name == "nghttpd static file":
        return Nghttpd(data / "nghttpd", value_bytes)
    if name == "redis MGET":
        return Redis(keys, value_bytes)
    return None
