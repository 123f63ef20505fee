"""Instructions of our server by layer, for a single get and for a batch get; see run.sh.

The server runs without a JVM (`baselines ours`), under callgrind for the instructions, and once more without it for the
processor time and the kernel's part of it, which callgrind does not see.
"""

import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

KEYS = 100_000
TABLE_FORMATS = ("BLOCK_BASED", "PLAIN")
# Name, options of the generator, keys of a request.
LOADS = (
    ("single get, 1 KiB, 8 connections x 100 streams", ["--call", "get", "--connections", "8", "--streams", "100"], 1),
    ("single get, 1 KiB, 64 x 1", ["--call", "get", "--connections", "64", "--streams", "1"], 1),
    ("single get, 1 KiB, 1 x 1", ["--call", "get"], 1),
    (
        "batch get of 1,000 keys, 1 KiB, 4 connections x 2 streams",
        ["--call", "batch", "--keys", "1000", "--connections", "4", "--streams", "2"],
        1000,
    ),
)
# A function belongs to the layer of the first name in it that is listed here.
LAYERS = (
    ("RocksDB", ("rocksdb", "venice_get", "venice_multi_get", "venice_pinned", "XXH", "crc32c", "LZ4", "ZSTD")),
    ("engine", ("venice_engine", "arc_swap", "venice_latest", "venice_status", "venice_prefetch_plain", "venice_prefetch_blocks", "venice::")),
    ("request stack", ("venice_server", "venice_wire")),
    ("HTTP/2", ("venice_http2", "http", "http_body", "slab", "indexmap", "fnv", "hashbrown")),
    ("runtime (tokio, mio)", ("tokio", "mio", "futures_core", "futures_util", "parking_lot", "parking_lot_core")),
    ("copies (memcpy and its like)", ("memcpy", "memmove", "memset", "memcmp", "bcmp", "__memcpy", "__memmove", "__memset")),
    ("allocator", ("malloc", "free", "realloc", "calloc", "_int_malloc", "_int_free", "operator new", "operator delete",
                   "__rust_alloc", "__rust_dealloc", "__rdl_alloc", "__rdl_dealloc", "unlink_chunk", "cfree", "tcache")),
    ("buffers (bytes)", ("bytes",)),
)
OTHER = "other (core, std, libc)"
# What stands before this line in the report was written by hand, and stays.
MEASURED = "<!-- measured: written by tests/bench/profile/run.sh -->"


def layer_of(function):
    """The layer of a function, by the first crate or C++ namespace in its name."""
    first = (len(function) + 1, OTHER)
    for layer, names in LAYERS:
        for name in names:
            found = re.search(r"(?<![A-Za-z0-9])" + re.escape(name) + r"(?![a-z0-9])", function)
            if found and found.start() < first[0]:
                first = (found.start(), layer)
    return first[1]


def instructions(callgrind_out):
    """Instructions of each function itself, from what callgrind wrote."""
    words = ["callgrind_annotate", "--threshold=100", "--show-percs=no", "--auto=no", str(callgrind_out)]
    text = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    found = {}
    for line in text.splitlines():
        match = re.match(r"\s*([\d,]+)\s+\S*?:(.+?)(?: \[[^\]]*\])?$", line)
        if match and "PROGRAM TOTALS" not in line:
            found[match.group(2)] = found.get(match.group(2), 0) + int(match.group(1).replace(",", ""))
    return found


class Server:
    # What the load generator is told of what is asked for.
    asks = ("--protocol", "grpc", "--store", "values1024_v1")

    def __init__(self, before, arguments, data, table):
        words = [arguments.baselines, arguments.side, str(data), table, "1024"]
        self.process = subprocess.Popen([*before, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("plain "):
            sys.exit(f"the server did not start: {line!r}")
        self.port = int(line.split()[1])

    def load(self, arguments, data, options, seconds):
        words = [arguments.load, "slice", *self.asks, "--address", f"127.0.0.1:{self.port}"]
        words += ["--data", str(data), "--value-bytes", "1024", *options]
        words += ["--pid", str(self.process.pid), "--seconds", str(seconds)]
        done = subprocess.run(pinned("1", words), capture_output=True, text=True)
        if done.returncode:
            sys.exit(done.stderr)
        return json.loads(done.stdout)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def pinned(core, words):
    return ["taskset", "-c", core, *words] if shutil.which("taskset") else words


def count(arguments, work, data, table, options, start=Server):
    """Instructions a request, by function, of the server that `start` starts."""
    out = work / "callgrind.out"
    valgrind = ["valgrind", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={out}", "--quiet"]
    server = start(pinned("0", valgrind), arguments, data, table)
    # Once without counting: caches fill, the runtime starts.
    server.load(arguments, data, options, 2)
    control = ["callgrind_control", str(server.process.pid)]
    subprocess.run([*control, "-i", "on"], check=True, capture_output=True)
    sent = server.load(arguments, data, options, 5)["sent"]
    subprocess.run([*control, "-i", "off"], check=True, capture_output=True)
    server.close()
    return {function: cost / sent for function, cost in instructions(out).items()}


def clock(arguments, data, table, options):
    """User and system microseconds a request, and system calls a request by name, if strace is there."""
    server = Server(pinned("0", []), arguments, data, table)
    server.load(arguments, data, options, 1)
    result = server.load(arguments, data, options, 4)
    calls = {}
    if shutil.which("strace"):
        words = ["strace", "-f", "-c", "-p", str(server.process.pid)]
        tracer = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
        time.sleep(1)
        sent = server.load(arguments, data, options, 2)["sent"]
        tracer.terminate()
        for line in tracer.communicate()[1].splitlines():
            match = re.match(r"\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$", line)
            if match and match.group(2) != "total":
                calls[match.group(2)] = int(match.group(1)) / sent
    server.close()
    requests = result["rate"] * result["seconds"]
    return result["user_seconds"] * 1e6 / requests, result["system_seconds"] * 1e6 / requests, calls


def short(function):
    """Without hashes and generics, for a table."""
    function = re.sub(r"::h[0-9a-f]{16}\b|'\d+$|\(.*", "", function)
    return function if len(function) <= 90 else function[:87] + "..."


def report(name, table, keys, costs, user, system, calls):
    total = sum(costs.values())
    layers = {}
    for function, cost in costs.items():
        layers[layer_of(function)] = layers.get(layer_of(function), 0) + cost
    lines = [
        f"## {name}, {table}",
        "",
        f"{total:,.0f} instructions a request" + (f", {total / keys:,.0f} a key" if keys > 1 else "") + f"; processor time"
        f" {user + system:.1f} us a request: {user:.1f} of its own, {system:.1f} in the kernel.",
        "",
        "| layer | instructions | share | us, about |",
        "|---|---|---|---|",
    ]
    for layer, cost in sorted(layers.items(), key=lambda item: -item[1]):
        lines.append(f"| {layer} | {cost:,.0f} | {cost / total:.1%} | {user * cost / total:.2f} |")
    lines += [f"| kernel | not counted | | {system:.2f} |", ""]
    if calls:
        often = sorted(calls.items(), key=lambda item: -item[1])[:6]
        lines += ["System calls a request: " + ", ".join(f"{call} {times:.2f}" for call, times in often) + ".", ""]
    lines += ["| function | layer | instructions | share |", "|---|---|---|---|"]
    for function, cost in sorted(costs.items(), key=lambda item: -item[1])[:15]:
        lines.append(f"| `{short(function)}` | {layer_of(function)} | {cost:,.0f} | {cost / total:.1%} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser()
    for name in ("load", "baselines", "version", "output"):
        parser.add_argument("--" + name, required=True)
    # Others who measure by this have others' servers too (counts.py).
    parser.set_defaults(side="ours")
    arguments = parser.parse_args()
    work = pathlib.Path(tempfile.mkdtemp(prefix="read-path-profile-"))
    parts = [
        f"{MEASURED}\n\nInstructions are callgrind's, of our server"
        " without a JVM; times are measured without callgrind, and shared out by instructions, so they are about right"
        f" only. All data is in memory: {KEYS:,} keys.\n"
    ]
    try:
        for table in TABLE_FORMATS:
            data = work / table
            words = [arguments.baselines, "write", str(data), table, str(KEYS), "1024"]
            subprocess.run(words, check=True)
            for name, options, keys in LOADS:
                costs = count(arguments, work, data, table, options)
                parts.append(report(name, table, keys, costs, *clock(arguments, data, table, options)))
                print(parts[-1], flush=True)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    output = pathlib.Path(arguments.output)
    output.parent.mkdir(parents=True, exist_ok=True)
    old = output.read_text() if output.exists() else f"# Profile of {arguments.version}\n\n"
    output.write_text(old.partition(MEASURED)[0] + "\n".join(parts))
    print(f"written to {output}")


if __name__ == "__main__":
    main()
