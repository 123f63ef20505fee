"""Others' programs, where they are installed: nghttpd and Redis as sides, h2load as a client.

`--install` installs what is missing, by apt-get: nghttp2-server, nghttp2-client, redis-server.
"""

import csv
import os
import re
import shutil
import socket
import subprocess
import time

import sides

SECONDS_TO_START = 20
# Who brings each program, on Debian.
PACKAGES = {
    "nghttpd": "nghttp2-server",
    "h2load": "nghttp2-client",
    "redis-server": "redis-server",
    "redis-benchmark": "redis-tools",
}
GET = "/com.linkedin.venice.protocols.VeniceReadService/get"


def install():
    """Installs the packages of what is missing."""
    missing = sorted({package for program, package in PACKAGES.items() if sides.found(program) is None})
    if not missing:
        return
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        raise sides.BenchError(f"--install needs apt-get and root; install {', '.join(missing)} by hand, and leave it out")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update"], ["install", "-y", "--no-install-recommends", *missing]):
        done = subprocess.run(["apt-get", "-q", *words], env=environment, capture_output=True, text=True)
        if done.returncode:
            raise sides.BenchError(f"apt-get {' '.join(words)}: {done.stderr.strip()[-500:]}")
    print(f"installed {', '.join(missing)}")


def processor_time(pid):
    """Seconds of a process: its own, and the kernel's for it."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return [int(ticks) / os.sysconf("SC_CLK_TCK") for ticks in fields[11:13]]


def counted_slice(pid, seconds, rate, run):
    """Like a slice of our generator, of a client that sends so many requests: as many as the last rate makes of the time.
    `run(requests)` returns latencies by percentile, in microseconds."""
    requests = max(1000, int(rate * seconds))
    before, begin = processor_time(pid), time.monotonic()
    latencies = run(requests)
    after, took = processor_time(pid), time.monotonic() - begin
    used = {"user_seconds": after[0] - before[0], "system_seconds": after[1] - before[1]}
    return {"rate": requests / took, "seconds": took, **used, **latencies}


class H2load:
    """nghttp2's load generator: one request again and again, whose answers are counted by status alone."""

    def __init__(self):
        self.program = sides.installed("h2load")
        self.rates = {}

    def slice(self, side, program, load, seconds, message):
        address = f"http://127.0.0.1:{program.ports['plain']}"
        words = ["-c", str(load.connections), "-m", str(load.streams), "-t", "1"]
        if hasattr(program, "words"):
            words += [address + "/value"]
        else:
            words += ["-d", message, "-H", "content-type: application/grpc", "-H", "te: trailers", address + GET]

        def run(requests):
            command = [self.program, "-n", str(requests), *words]
            done = subprocess.run(sides.pinned(sides.LOAD_CORE, command), capture_output=True, text=True)
            told = re.search(r"requests: .* (\d+) succeeded", done.stdout)
            if done.returncode or told is None or int(told.group(1)) != requests:
                raise sides.BenchError(f"h2load on {side}: {(done.stderr + done.stdout).strip()[-500:]}")
            return {}

        found = counted_slice(program.pid, seconds, self.rates.get((side, load), 0.0), run)
        self.rates[(side, load)] = found["rate"]
        return found



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

    def slice(self, load, seconds):
        words = ["-c", str(load.connections), "-P", str(load.streams), "MGET", *["key:__rand_int__"] * load.keys]

        def run(requests):
            row = self.run(requests, words)
            names = (("p50_latency_ms", "p50"), ("p99_latency_ms", "p99"), ("max_latency_ms", "max"))
            return {percentile: float(row[name]) * 1000 for name, percentile in names if name in row}

        found = counted_slice(self.pid, seconds, self.rate, run)
        self.rate = found["rate"]
        return found


def start(name, data, keys, value_bytes):
    """The side with this name, or None if it is none of these."""
    if name == "nghttpd static file":
        return Nghttpd(data / "nghttpd", value_bytes)
    if name == "redis MGET":
        return Redis(keys, value_bytes)
    return None
