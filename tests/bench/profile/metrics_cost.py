"""What metrics cost: a record, a get, and a fetch into Java; see //tests/bench:metrics.

A get is that of one server against the same server without metrics, in one run: by instructions (callgrind's, where
valgrind is installed), and by processor time in pairs of slices, one after the other. Data are in memory.
"""

import argparse
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

import layers

KEYS = 10_000
LOADS = (
    ("8 connections x 100 streams", ["--call", "get", "--connections", "8", "--streams", "100"]),
    ("1 x 1", ["--call", "get"]),
)
SIDES = ("ours", "uncounted")
PARTS = ("record", "instructions", "time", "fetch")


def instructions(arguments, work, data, table, options):
    """Of a get, with metrics and without."""
    costs = []
    for side in SIDES:
        arguments.side = side
        costs.append(sum(layers.count(arguments, work, data[side], table, options).values()))
    return costs


def processor_times(arguments, data, table, options):
    """Microseconds of processor time of a get, with metrics and without, slice by slice."""
    servers = []
    for side in SIDES:
        arguments.side = side
        servers.append((layers.Server(layers.pinned("0", []), arguments, data[side], table), data[side]))
    pairs = []
    try:
        for server, own in servers:
            server.load(arguments, own, options, 1)
        for pair in range(arguments.pairs):
            # Which comes first takes turns, too.
            times = {}
            for at in (0, 1) if pair % 2 == 0 else (1, 0):
                server, own = servers[at]
                result = server.load(arguments, own, options, arguments.seconds)
                requests = result["rate"] * result["seconds"]
                times[at] = (result["user_seconds"] + result["system_seconds"]) * 1e6 / requests
            pairs.append((times[0], times[1]))
    finally:
        for server, _ in servers:
            server.close()
    return pairs


def main():
    parser = argparse.ArgumentParser()
    for name in ("load", "baselines", "record", "fetch"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--pairs", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=1.0, help="of a slice")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    arguments = parser.parse_args()
    if "record" in arguments.only:
        subprocess.run(layers.pinned("0", [arguments.record]), check=True)
    if "fetch" in arguments.only:
        subprocess.run([arguments.fetch], check=True)
    if not {"instructions", "time"} & set(arguments.only):
        return
    counts = "instructions" in arguments.only and shutil.which("valgrind")
    if "instructions" in arguments.only and not counts:
        print("valgrind is not on the PATH: instructions are not counted")
    work = pathlib.Path(tempfile.mkdtemp(prefix="cost-of-metrics-"))
    try:
        for table in layers.TABLE_FORMATS:
            # A database is open once.
            data = {side: work / table / side for side in SIDES}
            for own in data.values():
                subprocess.run([arguments.baselines, "write", str(own), table, str(KEYS), "1024"], check=True)
            for name, options in LOADS:
                what = f"single get, 1 KiB, {table}, {name}:"
                if counts:
                    counted, uncounted = instructions(arguments, work, data, table, options)
                    ratio = f"ratio {counted / uncounted:.3f}"
                    print(what, f"{counted:,.0f} instructions with metrics, {uncounted:,.0f} without: {ratio}", flush=True)
                if "time" in arguments.only:
                    pairs = processor_times(arguments, data, table, options)
                    ratios = sorted(counted / uncounted for counted, uncounted in pairs)
                    spread = f"median of {len(ratios)} pairs; {ratios[0]:.3f} to {ratios[-1]:.3f}"
                    micros = statistics.median(time for time, _ in pairs)
                    ratio = f"ratio {statistics.median(ratios):.3f} ({spread})"
                    print(what, f"{micros:.2f} us of a processor with metrics: {ratio}", flush=True)
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
