"""Instructions of a single get by side, in user space and under callgrind: figures that what else runs does not move.

    tests/bench/profile/counts.sh --record     writes docs/benchmarks/instructions.csv, all sides
    tests/bench/profile/counts.sh --check      our side alone; fails where it takes 3 % more or less than the record says, with 64x1 15 %

They hold for one compiler and one kind of processor, which the record names.
"""

import argparse
import csv
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import layers

LOADS = (
    ("8x100", ["--connections", "8", "--streams", "100"]),
    ("64x1", ["--connections", "64", "--streams", "1"]),
)
# `uncounted` is ours without metrics. nghttpd sends a static file of the value's length.
SIDES = ("ours", "uncounted", "tonic", "pajamax", "nghttpd")
# How many connections are answered together, and so how much each get takes of what they share, depends on when they come.
BOUNDS = {"8x100": 0.03, "64x1": 0.15}


class Nghttpd(layers.Server):
    asks = ("--protocol", "http2", "--path", "/value")

    def __init__(self, before, arguments, data, table):
        folder = data / "files"
        folder.mkdir(exist_ok=True)
        (folder / "value").write_bytes(bytes(1024))
        program = shutil.which("nghttpd") or "/usr/sbin/nghttpd"
        if not pathlib.Path(program).exists():
            sys.exit("nghttpd is not installed: on Debian, apt-get install nghttp2-server")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        words = ["--no-tls", "-n1", "-a127.0.0.1", "-d", str(folder), str(self.port)]
        self.process = subprocess.Popen([*before, program, *words])
        end = time.monotonic() + 60
        while socket.socket().connect_ex(("127.0.0.1", self.port)):
            if self.process.poll() is not None or time.monotonic() > end:
                sys.exit(f"nghttpd does not listen on {self.port}")
            time.sleep(0.1)

    def close(self):
        self.process.terminate()
        self.process.wait()


def measured(arguments, sides):
    """(table, load, side) and the instructions of a get."""
    work = pathlib.Path(tempfile.mkdtemp(prefix="read-path-counts-"))
    try:
        for table in layers.TABLE_FORMATS:
            data = work / table
            subprocess.run([arguments.baselines, "write", str(data), table, str(layers.KEYS), "1024"], check=True)
            for load, options in LOADS:
                for side in sides:
                    arguments.side = side
                    start = Nghttpd if side == "nghttpd" else layers.Server
                    costs = layers.count(arguments, work, data, table, options, start)
                    print(f"{table} {load} {side}: {sum(costs.values()):,.0f}", flush=True)
                    yield (table, load, side), sum(costs.values())
    finally:
        shutil.rmtree(work, ignore_errors=True)


def machine(program):
    model = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), "not known")
    compiler = re.search(rb"rustc version [0-9.]+", pathlib.Path(program).read_bytes())
    return f"# {compiler.group().decode() if compiler else 'rustc version not known'}; {model}"


def record(arguments):
    lines = ["table,load,side,instructions"]
    lines += [",".join(name) + f",{count:.0f}" for name, count in measured(arguments, SIDES)]
    pathlib.Path(arguments.record).write_text("\n".join([machine(arguments.baselines), *lines]) + "\n")
    return 0


def check(arguments):
    with open(arguments.check) as file:
        on = file.readline().strip()
        recorded = {(row["table"], row["load"], row["side"]): float(row["instructions"]) for row in csv.DictReader(file)}
    if on != machine(arguments.baselines):
        print(f"recorded on {on}\nmeasured on {machine(arguments.baselines)}: other instructions may be due to that")
    wrong = 0
    for name, count in measured(arguments, ("ours",)):
        change = count / recorded[name] - 1
        bound = BOUNDS[name[1]]
        if abs(change) > bound:
            wrong += 1
            print(f"{' '.join(name)}: {count:,.0f} instructions, recorded {recorded[name]:,.0f} ({change:+.1%}, allowed {bound:.0%})")
    return 1 if wrong else 0


def main():
    parser = argparse.ArgumentParser()
    for name in ("load", "baselines"):
        parser.add_argument("--" + name, required=True)
    what = parser.add_mutually_exclusive_group(required=True)
    default = "docs/benchmarks/instructions.csv"
    for name in ("record", "check"):
        what.add_argument("--" + name, nargs="?", const=default, metavar="FILE", help=f"default: {default}")
    arguments = parser.parse_args()
    return record(arguments) if arguments.record else check(arguments)


if __name__ == "__main__":
    sys.exit(main())
