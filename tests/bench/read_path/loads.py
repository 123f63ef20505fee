"""What is measured: each comparison is a load, and the two sides that take it in turn."""

from dataclasses import dataclass

BLOCK = "BLOCK_BASED"
PLAIN = "PLAIN"
TABLES = (BLOCK, PLAIN)
# Our server as another checkout built it: --against.
OTHER_BUILD = "other build"


@dataclass(frozen=True)
class Load:
    """What the generator sends."""

    call: str = "get"  # get, batch, stream
    keys: int = 1
    value_bytes: int = 1024
    misses: bool = False
    connections: int = 8
    streams: int = 100
    tls: bool = False
    # Who asks: our load generator, or h2load, which sends the same request again and again.
    client: str = ""

    def name(self):
        what = "single get" if self.call == "get" else f"batch get {self.keys}"
        if self.call == "stream":
            what = "streaming " + what
        tail = (" misses" if self.misses else "") + (" TLS" if self.tls else "")
        tail += f" by {self.client}" if self.client else ""
        return f"{what} {self.value_bytes} B {self.connections}x{self.streams}{tail}"

    def words(self):
        """Options of the generator for the read service."""
        words = ["--protocol", "grpc", "--call", self.call, "--keys", str(self.keys)]
        words += ["--store", f"values{self.value_bytes}_v1", "--value-bytes", str(self.value_bytes)]
        words += ["--connections", str(self.connections), "--streams", str(self.streams)]
        return words + (["--misses"] if self.misses else [])


@dataclass(frozen=True)
class Comparison:
    """Two sides under the same load.

    Pace: "saturate" is a closed loop, for the rate and the processor time; "open" sends a fifth of what the baseline can
    take, at even times, for the latencies. A disturbance is in the subject's slices, and in the baseline's not, where both
    are the same side: "garbage", the JVM of the server allocates 1 GB/s and is forced through full collections;
    "ingestion", values are written over beside the reads, and compacted. Where the sides differ, both have it.
    """

    load: Load
    table: str
    baseline: str
    subject: str
    pace: str = "saturate"
    baseline_load: Load = None
    disturbance: str = ""
    # Of the rate of the Java server at saturation.
    share: float = 0.2

    @property
    def name(self):
        how = {"saturate": "saturated", "open": f"open loop at {self.share:.0%}"}[self.pace]
        how += {"": "", "garbage": " under full collections", "ingestion": " under ingestion"}[self.disturbance]
        return f"{self.load.name()}, {how}, {self.table}: {self.subject} / {self.baseline}"


SINGLE = Load()
SMALL = Load(value_bytes=100)
ALONE = Load(connections=1, streams=1)
# A fleet has a connection for each client.
FLEET = Load(connections=64, streams=1)
CROWD = Load(connections=256, streams=4)


def batch(keys, **more):
    """A batch: as many in flight as keep a server busy without queueing for seconds."""
    return Load(call="batch", keys=keys, connections=4, streams=max(1, min(25, 2000 // keys)), **more)


def streaming(keys):
    return Load(call="stream", keys=keys, connections=4, streams=max(1, min(25, 2000 // keys)))


def comparisons(quick, against=False, outsiders=False):
    """All comparisons, or the first to look at; or this build's server with another's, or with those of others."""
    if against:
        return list(_against(quick))
    if outsiders:
        return list(_outsiders(quick))
    return list(_quick() if quick else _full())


def _against(quick):
    """The loads that a change may not make dearer."""
    more = [] if quick else [Load(value_bytes=100), Load(tls=True), batch(10), batch(5000), streaming(100)]
    for table in TABLES:
        for load in [SINGLE, ALONE, Load(misses=True), batch(100), batch(1000), streaming(1000), *more]:
            yield Comparison(load, table, OTHER_BUILD, "ours")


def _outsiders(quick):
    """Programs that are known for their speed, and what our own server was before its own HTTP/2."""
    for table in TABLES:
        for load in (SINGLE, FLEET, CROWD):
            for side in ("nghttpd static file", "pajamax", "tonic"):
                yield Comparison(load, table, side, "ours")
        yield Comparison(batch(100, value_bytes=100), table, "redis MGET", "ours")
        for load in (Load(client="h2load"), Load(client="h2load", connections=64, streams=1)):
            for side in ("nghttpd static file", "tonic"):
                yield Comparison(load, table, side, "ours")
        if not quick:
            yield Comparison(SMALL, table, "nghttpd static file", "ours")
            for keys in (10, 1000):
                yield Comparison(batch(keys), table, "tonic", "ours")


def _quick():
    for table in TABLES:
        yield Comparison(SINGLE, table, "java", "ours")
        yield Comparison(batch(1000), table, "java", "ours")
        for side in ("multi-get loop", "engine loop"):
            yield Comparison(batch(1000), table, side, "ours")
    yield Comparison(SMALL, BLOCK, "java", "ours")
    yield Comparison(SINGLE, BLOCK, "java", "ours", disturbance="ingestion")
    yield Comparison(FLEET, BLOCK, "java", "ours")
    yield Comparison(ALONE, BLOCK, "java", "ours")
    yield Comparison(Load(misses=True), BLOCK, "java", "ours")
    yield Comparison(Load(tls=True), BLOCK, "java", "ours")
    yield Comparison(batch(100), BLOCK, "java", "ours")
    yield Comparison(streaming(1000), BLOCK, "ours", "ours", baseline_load=batch(1000))
    yield Comparison(SINGLE, BLOCK, "tonic", "ours")
    yield Comparison(SINGLE, PLAIN, "get loop", "ours")
    yield Comparison(SINGLE, BLOCK, "java", "ours", pace="open")
    for side in ("java", "ours"):
        yield Comparison(SINGLE, BLOCK, side, side, pace="open", disturbance="garbage")


def _full():
    singles = [SMALL, SINGLE, ALONE, Load(value_bytes=100, connections=1, streams=1)]
    for table in TABLES:
        for load in singles + [FLEET, CROWD, Load(misses=True), Load(tls=True), batch(100, misses=True)]:
            yield Comparison(load, table, "java", "ours")
        for keys in (10, 100, 1000, 5000):
            yield Comparison(batch(keys), table, "java", "ours")
            yield Comparison(batch(keys), table, "tonic", "ours")
            for side in ("get loop", "multi-get loop", "engine loop"):
                yield Comparison(batch(keys), table, side, "ours")
            yield Comparison(streaming(keys), table, "ours", "ours", baseline_load=batch(keys))
        yield Comparison(batch(1000, tls=True), table, "java", "ours")
        for load in (SMALL, SINGLE, ALONE):
            yield Comparison(load, table, "tonic", "ours")
        yield Comparison(SINGLE, table, "get loop", "ours")
        for load in (SMALL, SINGLE, Load(tls=True), batch(100), batch(1000)):
            yield Comparison(load, table, "java", "ours", pace="open")
        for side in ("ours spinning", "ours pinned", "ours patient", "ours doubled"):
            yield Comparison(SINGLE, table, "ours", side)
            yield Comparison(ALONE, table, "ours", side)
            yield Comparison(SINGLE, table, "ours", side, pace="open")
        for load in (SINGLE, batch(100)):
            for side in ("java", "ours", "ours insisting", "ours patient"):
                yield Comparison(load, table, side, side, pace="open", disturbance="garbage")
    # Plain tables serve what was pushed as a whole.
    for load in (SINGLE, batch(100)):
        yield Comparison(load, BLOCK, "java", "ours", disturbance="ingestion")
        for side in ("java", "ours"):
            yield Comparison(load, BLOCK, side, side, pace="open", disturbance="ingestion")
