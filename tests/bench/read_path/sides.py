"""The sides of the benchmark: programs with the stores open, on core 0."""

import json
import os
import pathlib
import shutil
import subprocess

import external
import loads

SERVER_CORE = "0"
LOAD_CORE = "1"
VALUES = (100, 1024)
# The heap holds the garbage of the loads that make some; G1 is what a server with more cores would choose by itself.
JVM = ["-Xms1g", "-Xmx1g", "-XX:+UseG1GC", "-XX:+IgnoreUnrecognizedVMOptions", "--enable-native-access=ALL-UNNAMED"]


# Our server as it comes, and with settings of its own.
SETTINGS = {
    "ours": "",
    "ours spinning": "worker.spin.us=50",
    "ours pinned": f"worker.cpus={SERVER_CORE}",
    "ours insisting": "worker.nice=-10",
    "ours patient": "worker.slice.us=0",
    "ours doubled": "worker.threads=2",
}


# Sides whose worker looks for requests before it sleeps.
SPINNING = ("ours spinning",)


# Reads without a network, by the words that the loop's program has for its readers.
LOOPS = {"get loop": "get", "multi-get loop": "multi-get", "engine loop": "engine"}


class BenchError(Exception):
    """Why there is no result."""


class NotInstalled(Exception):
    """A side that this machine does not have."""


def pinned(core, command):
    """The command, on one core, where that can be said."""
    if shutil.which("taskset"):
        return ["taskset", "-c", core, *command]
    return list(command)


class Program:
    """A child that says its ports first and takes commands from standard input."""

    def __init__(self, name, command, log, ports=("plain",)):
        self.name = name
        self.log = log
        with open(log, "w") as errors:
            self.process = subprocess.Popen(
                pinned(SERVER_CORE, command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
            )
        self.ports = {}
        for port in ports:
            self.ports[port] = int(self.line(port).split()[1])

    @property
    def pid(self):
        # taskset replaces itself with the program, and so does the launcher of a Java program.
        return self.process.pid

    def line(self, beginning):
        line = self.process.stdout.readline()
        if not line.startswith(beginning):
            self.process.kill()
            self.process.wait()
            raise BenchError(f"{self.name} ended or said {line!r} for {beginning!r}: {pathlib.Path(self.log).read_text()}")
        return line

    def command(self, words, answer=None):
        self.process.stdin.write(words + "\n")
        self.process.stdin.flush()
        return self.line(words if answer is None else answer)

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Programs:
    """All sides on stores of one table format; each starts when it is first asked for."""

    def __init__(self, arguments, work, table, keys):
        self.arguments = arguments
        self.work = work
        self.table = table
        self.keys = keys
        self.data = work / table
        self.running = {}
        self.rates = {}
        self.warmed = set()

    def __enter__(self):
        self.data.mkdir()
        words = [self.arguments.writer, self.data, self.table, self.keys, *VALUES]
        writer = subprocess.run([str(word) for word in words], capture_output=True, text=True)
        if writer.returncode:
            raise BenchError(f"the stores cannot be written: {writer.stderr}")
        return self

    def __exit__(self, *_):
        for program in self.running.values():
            program.close()
        shutil.rmtree(self.data, ignore_errors=True)

    def copy(self, name):
        """A copy of the stores: a database is open in one process at a time."""
        folder = self.data / name.replace(" ", "-")
        shutil.copytree(self.data / "rocksdb", folder / "rocksdb")
        return folder

    def message(self, load):
        """A file with one request, for a client that sends that alone."""
        file = self.data / f"{load.name()}.request"
        if not file.exists():
            words = [self.arguments.load, "request", "--data", str(self.data), *load.words()]
            made = subprocess.run(words, capture_output=True)
            if made.returncode:
                raise BenchError(f"{' '.join(words)}: {made.stderr.decode().strip()}")
            file.write_bytes(made.stdout)
        return str(file)

    def program(self, name, load):
        """The side; others' programs hold values of one length, so each is in loads of one length only."""
        if name not in self.running:
            other = external.start(name, self.data, self.keys, load.value_bytes)
            self.running[name] = other or self.start(name)
        return self.running[name]

    def start(self, name):
        log = self.data / (name.replace(" ", "-") + ".log")
        values = [str(value) for value in VALUES]
        servers = {"java": self.arguments.reference, loads.OTHER_BUILD: self.arguments.against}
        if name in SETTINGS or name in servers:
            binary, side = servers.get(name, self.arguments.ours), "reference" if name == "java" else "ours"
            flags = [f"--jvm_flag={flag}" for flag in [*JVM, f"-Dbench.keys={self.keys}", "-Dbench.settings=" + SETTINGS.get(name, "")]]
            command = [binary, *flags, side, str(self.copy(name)), self.table, *values]
            return Program(name, command, log, ports=("plain", "tls"))
        if name in ("pajamax", "tonic"):
            command = [self.arguments.baselines, name, str(self.copy(name)), self.table, *values]
            return Program(name, command, log)
        if name in LOOPS:
            command = [self.arguments.baselines, "loop", str(self.copy(name)), self.table, str(self.data), LOOPS[name], *values]
            return Program(name, command, log, ports=("ready",))
        raise BenchError(f"{name} is no side")


def generate(load_program, words):
    """Runs the load generator on its core, and returns what it prints."""
    done = subprocess.run(pinned(LOAD_CORE, [load_program, *words]), capture_output=True, text=True)
    if done.returncode:
        raise BenchError(f"{' '.join(words)}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def found(program):
    """Where a program is, or None."""
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


def installed(program):
    path = found(program)
    if path is None:
        raise NotInstalled(f"{program} is not installed (--install)")
    return path
