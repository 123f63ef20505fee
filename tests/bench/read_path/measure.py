"""Pairs of slices, the canary between them, and the verdict on the run."""

import os
import re
import statistics
import subprocess
from dataclasses import dataclass, field

import external
import sides

PERCENTILES = ("p50", "p90", "p99", "p99.9", "p99.99", "max")

# Requests a second of the open loop, at least: less are no samples.
MIN_RATE = 10.0
# A slice of the open loop grows up to this, in seconds: the two of a pair are to meet the same machine.
LONGEST_SLICE = 30.0

# The canary: a plain TCP echo at a fixed rate, for as long as shows its p99.9.
CANARY_RATE = 4000
CANARY_SECONDS = 0.6
# A canary whose p99.9 is so many times the median of all was disturbed.
DISTURBED = 3.0
# With more pairs dropped than this the run is void.
MAX_DROPPED = 0.3
# A third runnable process makes the scheduler take turns of milliseconds. When the median canary shows that, no canary
# can stick out, and the whole run was disturbed. In microseconds.
BUSY_P999 = 3000.0

# A side is warm when so many slices in turn were no faster than the best before them, by this factor.
SETTLED_SLICES = 2
FASTER = 1.03


@dataclass
class Pair:
    """Two slices, one right after the other, for the open loop also the echo's, and the canaries around them."""

    baseline: dict
    subject: dict
    canaries: tuple
    echo: dict = None
    dropped: bool = False


@dataclass
class Result:
    """All pairs of a comparison."""

    comparison: object
    pairs: list = field(default_factory=list)
    missing: str = ""
    rate: float = 0.0
    # Percentiles over the slices that count; for the open loop only, with the echo at the same rate.
    merged: dict = field(default_factory=dict)

    def kept(self):
        return [pair for pair in self.pairs if not pair.dropped]

    def ratios(self, figure):
        """Ratio of the subject's figure to the baseline's, for each pair that counts."""
        pairs = [(figure(pair.baseline), figure(pair.subject)) for pair in self.kept()]
        return [subject / baseline for baseline, subject in pairs if baseline and subject is not None]


@dataclass
class Verdict:
    valid: bool
    text: str


def cpu(slice_):
    """Processor time of the server for a request, in microseconds."""
    requests = slice_["rate"] * slice_["seconds"]
    if not requests:
        return None
    return (slice_["user_seconds"] + slice_["system_seconds"]) * 1e6 / requests


class Machine:
    """Where it all runs: the canary, and the files of the histograms."""

    def __init__(self, load_program, work):
        self.load_program = load_program
        self.histograms = work / "histograms"
        self.histograms.mkdir()
        self.canaries = []
        self.files = 0
        self.load_before = os.getloadavg()[0]
        self.h2load = None

    def __enter__(self):
        self.echo, self.echo_address = self.start_echo()
        return self

    def __exit__(self, *_):
        self.echo.kill()
        self.echo.wait()

    def histogram_file(self):
        self.files += 1
        return str(self.histograms / f"slice{self.files}")

    def start_echo(self, *words):
        command = sides.pinned(sides.SERVER_CORE, [self.load_program, "echo", *words])
        echo = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        return echo, f"127.0.0.1:{int(echo.stdout.readline().split()[1])}"

    def echo_slice(self, rate, seconds, address=None):
        file = self.histogram_file()
        words = ["slice", "--protocol", "echo", "--address", address or self.echo_address, "--rate", str(rate)]
        words += ["--seconds", str(seconds), "--warm-up", "0.05", "--histogram", file]
        return {**sides.generate(self.load_program, words), "file": file}

    def floor(self, side, rate, seconds):
        """The echo at a side's rate: what no server can be below. That of a side that spins spins too, and is there no longer."""
        if side not in sides.SPINNING:
            return self.echo_slice(rate, seconds)
        echo, address = self.start_echo("--spin")
        try:
            return self.echo_slice(rate, seconds, address)
        finally:
            echo.kill()
            echo.wait()

    def sing(self):
        self.canaries.append(self.echo_slice(CANARY_RATE, CANARY_SECONDS))
        return len(self.canaries) - 1

    def slice(self, programs, side, load, seconds, rate=None, warm_up=0.3):
        """One slice of load on a side."""
        program = programs.program(side, load)
        if hasattr(program, "slice"):
            return program.slice(load, seconds)
        if load.client == "h2load":
            self.h2load = self.h2load or external.H2load()
            return self.h2load.slice(side, program, load, seconds, programs.message(load))
        if side in sides.LOOPS:
            words = f"{load.value_bytes} {load.keys} {seconds}"
            answer = program.command(words, answer="{")
            return sides.json.loads(answer)
        file = self.histogram_file()
        port = program.ports["tls" if load.tls else "plain"]
        words = ["slice", "--address", f"127.0.0.1:{port}", "--data", str(programs.data), "--pid", str(program.pid)]
        words += ["--seconds", str(seconds), "--warm-up", str(warm_up), "--histogram", file]
        words += program.words(load) if hasattr(program, "words") else load.words()
        words += ["--rate", str(rate)] if rate else ["--saturate"]
        words += ["--ca", "rust/server/tests/key_stores/ca.pem"] if load.tls else []
        return {**sides.generate(self.load_program, words), "file": file}

    def warm(self, programs, side, load, lengths):
        """Loads a side until it gets no faster. The Java server is compiled while it serves, by threads that share its
        core: it stands still on one level for seconds before it goes on to the next, so its first load takes longer."""
        if side in sides.LOOPS:
            return
        least = 0.0 if side != "java" or side in programs.warmed else lengths["jvm_warm_up"]
        programs.warmed.add(side)
        best, settled, spent = 0.0, 0, 0.0
        while (settled < SETTLED_SLICES or spent < least) and spent < lengths["most_warm_up"]:
            rate = self.slice(programs, side, load, lengths["warm_up"], warm_up=0.05)["rate"]
            settled = 0 if rate > FASTER * best else settled + 1
            best = max(best, rate)
            spent += lengths["warm_up"]

    def merged(self, files, hgrm=None):
        words = ["merge", *files, *(["--hgrm", str(hgrm)] if hgrm else [])]
        return sides.generate(self.load_program, words)

    def judge(self, results, keep_all=False):
        """Drops the pairs that the canary says were disturbed, merges what is left, and says what the run is worth."""
        median = statistics.median(canary["p99.9"] for canary in self.canaries)
        for pair in (pair for result in results for pair in result.pairs):
            pair.dropped = not keep_all and any(self.canaries[i]["p99.9"] > DISTURBED * median for i in pair.canaries)
        pairs = [pair for result in results for pair in result.pairs]
        dropped = sum(pair.dropped for pair in pairs)
        for result in results:
            self.merge(result)
        text = (
            f"canary: median p99.9 {median:.0f} us, median p50 "
            f"{statistics.median(canary['p50'] for canary in self.canaries):.0f} us; "
            f"{dropped} of {len(pairs)} pairs dropped as disturbed"
        )
        if dropped > MAX_DROPPED * len(pairs):
            return Verdict(False, text + ": VOID, something else used the machine, measure again")
        if median > BUSY_P999:
            return Verdict(False, text + f": VOID, a median above {BUSY_P999:.0f} us is a busy machine")
        return Verdict(True, text)

    def merge(self, result):
        if result.comparison.pace != "open" or not result.kept():
            return
        name = re.sub("[^A-Za-z0-9]+", "-", result.comparison.name)
        files = {
            result.comparison.baseline + " baseline": [pair.baseline["file"] for pair in result.kept()],
            result.comparison.subject: [pair.subject["file"] for pair in result.kept()],
            "echo": [pair.echo["file"] for pair in result.kept()],
        }
        for side, slices in files.items():
            hgrm = self.histograms / f"{name}.{side.replace(' ', '-')}.hgrm"
            result.merged[side] = {**self.merged(slices, hgrm), "hgrm": hgrm}


def compare(machine, programs, comparison, lengths):
    """Measures a comparison."""
    result = Result(comparison)
    loads = (comparison.baseline_load or comparison.load, comparison.load)
    try:
        for side, load in zip((comparison.baseline, comparison.subject), loads):
            programs.program(side, load)
            machine.warm(programs, side, load, lengths)
    except sides.NotInstalled as missing:
        result.missing = str(missing)
        return result
    seconds = lengths["seconds"]
    if comparison.pace == "open":
        rate = comparison.share * saturation(machine, programs, comparison.load, lengths)
        result.rate = max(MIN_RATE, rate)
        wanted = lengths["samples"] / (result.rate * lengths["pairs"])
        seconds = max(seconds, min(LONGEST_SLICE, wanted))
    song = machine.sing()
    for _ in range(lengths["pairs"]):
        slices = []
        for index, side in enumerate((comparison.baseline, comparison.subject)):
            disturbed = comparison.disturbance and (index == 1 or comparison.baseline != comparison.subject)
            if disturbed:
                programs.program(side, loads[index]).command(f"{comparison.disturbance} on")
            slices.append(machine.slice(programs, side, loads[index], seconds, rate=result.rate or None))
            if disturbed:
                programs.program(side, loads[index]).command(f"{comparison.disturbance} off")
        echo = machine.floor(comparison.subject, result.rate, seconds) if comparison.pace == "open" else None
        after = machine.sing()
        result.pairs.append(Pair(slices[0], slices[1], (song, after), echo))
        song = after
    return result


def saturation(machine, programs, load, lengths):
    """The rate that the Java server takes, measured once for a load."""
    if load not in programs.rates:
        machine.warm(programs, "java", load, lengths)
        programs.rates[load] = machine.slice(programs, "java", load, lengths["seconds"])["rate"]
    return programs.rates[load]
