"""The benchmark of the read path: our server against others, in pairs of slices.

See USAGE; loads.py says what is measured, sides.py against what, measure.py how, report.py how it is shown.
"""

import argparse
import os
import pathlib
import re
import shutil
import sys
import tempfile
import time

import external
import loads
import measure
import report
import sides

USAGE = """
The server under load has core 0, the load generator core 1. Two sides of a comparison take turns, slice by slice
(A B A B), so that both meet the same machine. Between slices a canary, a plain TCP echo, looks whether something else
used the machine: pairs next to a disturbed canary are dropped, and a run with too many of them is void (exit code 1).
"""

# Lengths of a run: seconds of a slice, pairs, keys in a store; samples of a latency, for which the slices of the open
# loop grow; seconds of a slice that warms a side up, of all of them at least for the first load of a JVM, and at most.
FULL = {"seconds": 4.0, "pairs": 10, "keys": 400_000, "samples": 1_000_000, "warm_up": 2.0, "jvm_warm_up": 60.0,
        "most_warm_up": 120.0}
QUICK = {"seconds": 1.0, "pairs": 3, "keys": 100_000, "samples": 0, "warm_up": 0.5, "jvm_warm_up": 20.0,
         "most_warm_up": 30.0}
# For the test that runs each step once: the figures mean nothing.
GLANCE = {"seconds": 0.2, "pairs": 1, "keys": 6_000, "samples": 0, "warm_up": 0.1, "jvm_warm_up": 0.1,
          "most_warm_up": 0.1}


def parse(words):
    parser = argparse.ArgumentParser(
        prog="./bazelw run //tests/bench --", epilog=USAGE, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="some of the loads, short: about 5 minutes")
    parser.add_argument("--glance", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--filter", default="", metavar="REGEX", help="loads whose name it finds, such as 'batch.*PLAIN'")
    parser.add_argument("--pairs", type=int, metavar="N", help="pairs of slices for each load (default: 10, quick 3)")
    parser.add_argument("--seconds", type=float, metavar="S", help="length of a slice (default: 4, quick 1)")
    parser.add_argument(
        "--samples",
        type=int,
        metavar="N",
        help="samples of a latency in the open loop, as far as slices of 30 s give them (default: 1,000,000; quick: as they come)",
    )
    parser.add_argument(
        "--against",
        type=pathlib.Path,
        metavar="PROGRAM",
        help="compare with our server of another build, such as bazel-bin/tests/bench/ours of a checkout of the version before",
    )
    parser.add_argument(
        "--outsiders",
        action="store_true",
        help="compare with others' servers (nghttpd, pajamax, tonic, Redis)",
    )
    parser.add_argument("--install", action="store_true", help="install others' programs that are missing (Debian, root)")
    parser.add_argument(
        "--output",
        metavar="FOLDER",
        help="default: docs/benchmarks/read-path, with -against, -outsiders and -quick if it is",
    )
    parser.add_argument("--list", action="store_true", help="print the names of the loads and end")
    # What the build made.
    for name in ("load", "baselines", "ours", "reference", "writer", "module"):
        parser.add_argument("--" + name, required=True, help=argparse.SUPPRESS)
    arguments = parser.parse_args(words)
    lengths = dict(GLANCE if arguments.glance else QUICK if arguments.quick else FULL)
    for name in ("pairs", "seconds", "samples"):
        given = getattr(arguments, name)
        if given is not None:
            if given <= 0:
                parser.error(f"--{name} is {given}: give a number above 0")
            lengths[name] = given
    try:
        wanted = re.compile(arguments.filter)
    except re.error as error:
        parser.error(f"--filter is no regular expression: {error}")
    if arguments.against:
        arguments.against = pathlib.Path(os.environ.get("BUILD_WORKING_DIRECTORY", "."), arguments.against).absolute()
        if not os.access(arguments.against, os.X_OK):
            parser.error(f"--against is {arguments.against}: no program is there; build //tests/bench:ours in the other checkout")
    offered = loads.comparisons(arguments.quick or arguments.glance, bool(arguments.against), arguments.outsiders)
    chosen = [c for c in offered if wanted.search(c.name)]
    if not chosen:
        parser.error(f"--filter is {arguments.filter}: no load is named so; --list shows all")
    return arguments, lengths, chosen


def output_folder(arguments):
    version = re.search(r'version = "([^"]+)"', pathlib.Path(arguments.module).read_text()).group(1)
    if arguments.output:
        folder = pathlib.Path(os.environ.get("BUILD_WORKING_DIRECTORY", "."), arguments.output)
    else:
        root = pathlib.Path(os.environ.get("BUILD_WORKSPACE_DIRECTORY", "."))
        kind = ("-against" if arguments.against else "-outsiders" if arguments.outsiders else "") + ("-quick" if arguments.quick else "")
        folder = root / "docs" / "benchmarks" / ("read-path" + kind)
    folder.mkdir(parents=True, exist_ok=True)
    return version, folder


def run(machine, arguments, lengths, chosen, work):
    results = []
    with machine:
        # A table format at a time, so that not all servers stand at once.
        for table in sorted({c.table for c in chosen}):
            with sides.Programs(arguments, work, table, lengths["keys"]) as programs:
                for comparison in (c for c in chosen if c.table == table):
                    results.append(measure.compare(machine, programs, comparison, lengths))
                    print(report.progress(results[-1]), flush=True)
    return results


def main(words):
    arguments, lengths, chosen = parse(words)
    if arguments.list:
        for comparison in chosen:
            print(comparison.name)
        return 0
    version, output = output_folder(arguments)
    if arguments.install:
        external.install()
    begin = time.time()
    work = pathlib.Path(tempfile.mkdtemp(prefix="read-path-bench-"))
    machine = measure.Machine(arguments.load, work)
    try:
        results = run(machine, arguments, lengths, chosen, work)
        verdict = machine.judge(results, keep_all=arguments.glance)
        notes = report.notes(version, lengths, machine, verdict, time.time() - begin)
        report.write(output, notes, results, machine.histograms)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(report.table(results))
    for note in notes:
        print(note)
    print(f"written to {output}")
    return 0 if verdict.valid or arguments.glance else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except sides.BenchError as failure:
        sys.exit(f"bench: {failure}")
    except KeyboardInterrupt:
        sys.exit("bench: stopped")
