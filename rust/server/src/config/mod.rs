//! The settings of one read server: parsed once from name/value pairs, immutable afterwards.
//!
//! Each setting is one row of a table: here, and in [`tls`], [`quota`] and [`access`]. What a row says is
//! in [`setting`]. A new row is followed by `./bazelw run //rust/server:settings_files_test`, which prints
//! what documents and Java say of settings (CONTRIBUTING.md).
//!
//! This room knows nothing of what the settings do.

pub(crate) mod access;
pub(crate) mod admin;
pub(crate) mod compute;
pub(crate) mod cpu_list;
mod error;
pub(crate) mod limits;
pub(crate) mod live;
pub(crate) mod metrics;
pub(crate) mod names;
pub(crate) mod plain_tables;
pub(crate) mod quota;
mod reasons;
pub(crate) mod sections;
pub(crate) mod setting;
pub(crate) mod slow_log;
pub(crate) mod tls;
pub(crate) mod traces;
mod units;

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use crate::config::access::AccessSettings;
use crate::config::admin::AdminSettings;
use crate::config::compute::ComputeSettings;
pub use crate::config::error::ConfigError;
use crate::config::metrics::MetricsSettings;
use crate::config::names::*;
use crate::config::plain_tables::PlainTableSettings;
use crate::config::quota::RefillPolicy;
use crate::config::reasons::{LISTENS, PROTOCOL, START, STARTED_THREADS};
use crate::config::setting::{
    address, bytes, choice, cpus, file, flag, micros, millis, number, settings, text, Choice,
    Field, Setting, DAY, INT_MAX, THREADS,
};
use crate::config::slow_log::SlowLogSettings;
use crate::config::tls::TlsSettings;
use crate::config::traces::TraceSettings;

/// 4 MiB: what every gRPC library takes and gives by default (grpc-java:
/// `DEFAULT_MAX_MESSAGE_SIZE`).
const GRPC_DEFAULT_MESSAGE_BYTES: usize = 4 * 1024 * 1024;
/// Ten milliseconds: who waits longer for a request sleeps.
const MAX_SPIN_MICROS: i64 = 10_000;
/// A tenth of a second, the longest that Linux has.
const MAX_SLICE_MICROS: i64 = 100_000;
/// Two requests and two answers of the default limits.
const MIN_CLIENT_BYTES: i64 = 16 * 1024 * 1024;
/// A tebibyte is no memory of a machine.
const MAX_CLIENT_MEMORY: i64 = 1 << 40;
/// More connections than an address has ports.
const CONNECTIONS: i64 = 1_000_000;

/// Which of Venice's requests over HTTP are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HttpRequests {
    /// None.
    Off,
    /// Those over HTTP/2.
    Http2,
    /// Those over HTTP/1.1 as well.
    All,
}

impl Choice for HttpRequests {
    const ALL: &'static [(&'static str, HttpRequests)] = &[
        ("off", HttpRequests::Off),
        ("http2", HttpRequests::Http2),
        ("all", HttpRequests::All),
    ];
}

settings! {
    /// Every setting of a read server.
    pub struct Config {
        /// The IP address of this host to listen on. `0.0.0.0` is every IPv4 address; `127.0.0.1` serves
        /// clients of this host only.
        bind_address: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED), address("bind.address").at_start(LISTENS),
            acts in "lifecycle/server.rs";

        /// The TCP port to listen on. 0 means a free one, which the system picks and `port()` of the running
        /// server tells.
        port: u16 = 0, number("port", "", 0..=65535).at_start(LISTENS),
            acts in "lifecycle/server.rs";

        /// The threads that serve connections and answer from memory. Each has its own connections, so
        /// this bounds the processor time that reads take from the rest of the process.
        worker_threads: usize = cores(), number("worker.threads", "threads", 1..=THREADS)
            .by_machine("one for each available core").at_start(STARTED_THREADS),
            acts in "lifecycle/server.rs";

        /// Numbers of processors and ranges of them, such as `0-3,8`: each worker stays on one, in turn,
        /// beginning again when there are more workers. Without it the system decides. Only for
        /// processors that nothing else uses: a worker that may not move waits for its neighbour. With a
        /// processor that this process may not use, the server does not start.
        worker_cpus: Vec<usize> = Vec::new(), cpus(WORKER_CPUS).linux_only().at_start(STARTED_THREADS),
            acts in "lifecycle/scheduling.rs";

        /// For so long after bytes came a worker looks for more before it sleeps, so that the next
        /// request need not wake it; it takes a whole processor meanwhile. For servers with processors
        /// to spare: a lone client gets its answers in 0.8 of the time, and calls that come alone cost
        /// 1.6 times the processor time (docs/benchmarks). 0 means no such time.
        worker_spin: Duration = Duration::ZERO, micros("worker.spin.us", 0..=MAX_SPIN_MICROS).at_start(STARTED_THREADS),
            acts in "lifecycle/worker.rs";

        /// The nice value of workers. Below 0 a worker that has work takes the processor from other
        /// threads sooner, such as those of the garbage collector; above, it leaves it to them. Below 0
        /// the process needs the right to it (`CAP_SYS_NICE`), or the server does not start.
        worker_nice: i32 = 0, number(WORKER_NICE, "", -20..=19).linux_only().at_start(STARTED_THREADS),
            acts in "lifecycle/scheduling.rs";

        /// The time slices of a worker. With shorter ones than other threads, such as those of the
        /// garbage collector, a worker that wakes gets the processor sooner, but no more of it. The
        /// default is the least that Linux has. 0 means the system's own, some milliseconds. It needs no
        /// right, and does nothing before Linux 6.12, on other systems, and where the call is forbidden.
        worker_slice: Duration = Duration::from_micros(100), micros(WORKER_SLICE, 0..=MAX_SLICE_MICROS).at_start(STARTED_THREADS),
            acts in "lifecycle/scheduling.rs";

        /// The threads for reads that memory cannot answer. Each does one read at a time that may wait
        /// for the disk, so this is the number of disk reads at the same time.
        disk_threads: usize = (2 * cores()).max(4), number("disk.threads", "threads", 1..=THREADS)
            .by_machine("twice the available cores, at least 4").at_start(STARTED_THREADS),
            acts in "services/context.rs";

        /// The largest request message. A larger one is refused with gRPC status RESOURCE_EXHAUSTED
        /// before it is read. The default is that of grpc-java servers.
        max_request_bytes: usize = GRPC_DEFAULT_MESSAGE_BYTES, bytes(MAX_REQUEST_BYTES, 1..=INT_MAX).at_run_time(),
            acts in "services/read.rs";

        /// The largest response message. A larger answer becomes error code 500 with a text. The default
        /// is what gRPC clients take by default; raise it only together with the clients' limit.
        max_response_bytes: usize = GRPC_DEFAULT_MESSAGE_BYTES, bytes(MAX_RESPONSE_BYTES, 1..=INT_MAX).at_run_time(),
            acts in "read_path/stack.rs";

        /// The keys of one batch get; more become error code 400. The default is twice the largest
        /// fan-out that Venice describes for its clients. At 2 to 5 µs for a key in memory such a batch
        /// holds a disk thread for about 50 ms; without a limit a request of 4 MiB could have a million
        /// keys.
        max_batch_keys: usize = 10_000, number(MAX_BATCH_KEYS, "keys", 1..=INT_MAX).at_run_time(),
            acts in "read_path/stack.rs";

        /// A message of a streamed answer has at most so many bytes of records, unless it has a single
        /// one. A stream whose client does not read holds about three such messages, beside what HTTP/2
        /// buffers.
        stream_chunk_bytes: usize = 64 * 1024, bytes("stream.chunk.bytes", 1..=INT_MAX).at_run_time(),
            acts in "read_path/streamed_batch.rs";

        /// The requests that one connection may have in flight; a client queues the others. A change holds for
        /// connections from then on: those that are there were told the one before.
        max_concurrent_streams: u32 = 1000, number("max.concurrent.streams", "requests", 1..=INT_MAX).at_run_time(),
            acts in "transport/connection.rs";

        /// The headers of one call, as HTTP/2 counts them: names, values, and 32 for each. The default has
        /// room for path, authority, the fields of gRPC, and tracing. It bounds what a few bytes on the
        /// wire can be made to unpack to (CVE-2026-49975). More end the call, four times as many the
        /// connection. A change holds for connections from then on.
        max_header_bytes: u32 = 16 * 1024, bytes(MAX_HEADER_BYTES, 1024..=1024 * 1024).at_run_time(),
            acts in "transport/connection.rs";

        /// What all clients together can make the server hold: open calls, requests, and answers until
        /// they were sent. Clients share it so that none can keep the others from theirs (docs/http2.md):
        /// large requests and answers wait for room, calls of a connection that holds more than its share
        /// are refused with gRPC status RESOURCE_EXHAUSTED, and a client that does not read what others
        /// need room for is hung up on. Two requests and two answers of their largest size always fit:
        /// where that is more, it is the bound.
        max_client_bytes: usize = 256 * 1024 * 1024,
            bytes(MAX_CLIENT_BYTES, MIN_CLIENT_BYTES..=MAX_CLIENT_MEMORY).at_run_time(),
            acts in "memory/client_memory.rs";

        /// The connections at a time. An idle one costs some 20 KiB, with TLS some 60 KiB, and a
        /// descriptor of the process. A further one takes the place of the oldest that has not spoken
        /// HTTP/2 yet, else of the oldest that never made a call; if all have, it is closed at once.
        max_connections: usize = 10_000, number(MAX_CONNECTIONS, "connections", 1..=CONNECTIONS).at_run_time(),
            acts in "transport/connection.rs";

        /// The connections that the clients of one address may have at a time, of an IPv6 network of 64
        /// bits together. 0 means three quarters of `max.connections`, which leaves room for others.
        /// A further one takes the place of one of that address, as for `max.connections`, or is closed at
        /// once. Raise it where all clients come through one proxy.
        max_connections_per_address: usize = 0, number(MAX_OF_ADDRESS, "connections", 0..=CONNECTIONS).at_run_time(),
            acts in "transport/connection.rs";

        /// The handshakes of TLS that are worked at at the same time; the others have their turn in the
        /// order in which their clients spoke, and the requests of connections that are there come
        /// between. A client that is waited for does not count. 0 means one for each worker thread.
        max_handshakes: usize = 0, number(MAX_HANDSHAKES, "handshakes", 0..=THREADS).at_run_time(),
            acts in "transport/connection.rs";

        /// After so long without a call a connection is ended by GOAWAY. 0 means no limit. Clients of
        /// grpc-java end theirs after 30 minutes by themselves, so this is for others.
        max_idle: Duration = Duration::from_secs(3600), millis(MAX_IDLE, 0..=DAY).at_run_time(),
            acts in "transport/http2/serve.rs";

        /// A connection that old, or up to a tenth younger, is ended by GOAWAY, so that clients look again
        /// where servers are. 0 means no limit.
        max_age: Duration = Duration::ZERO, millis(MAX_CONNECTION_AGE, 0..=DAY).at_run_time(),
            acts in "transport/http2/serve.rs";

        /// How long a connection lasts after its GOAWAY for age or idleness: calls that are not answered
        /// by then, or whose answers are not read, end with it. A Fast Client waits a second for an
        /// answer, and patient clients of a batch not a minute; who reads 4 MiB over a line of 1 Mbit/s
        /// needs 34 seconds. A stop has a limit of its own, `drain.ms`.
        max_age_grace: Duration = Duration::from_secs(60), millis(MAX_CONNECTION_AGE_GRACE, 1..=DAY).at_run_time(),
            acts in "transport/http2/serve.rs";

        /// A connection on which nothing came for so long is asked for a sign of life (PING).
        keep_alive: Duration = Duration::from_secs(60), millis(KEEP_ALIVE, 1..=DAY).at_run_time(),
            acts in "transport/http2/serve.rs";

        /// How long the server waits for that sign before it closes the connection, as in grpc-java;
        /// likewise when the client takes no byte of what is sent for both times together.
        keep_alive_timeout: Duration = Duration::from_secs(20), millis(KEEP_ALIVE_TIMEOUT, 1..=DAY).at_run_time(),
            acts in "transport/http2/serve.rs";

        /// How long a request may take to arrive after the headers of its call: who sends it drop by drop
        /// makes the server keep it for no longer. The default is ten times what a Fast Client waits for a
        /// whole answer.
        receive: Duration = Duration::from_secs(10), millis(RECEIVE_TIMEOUT, 1..=DAY).at_run_time(),
            acts in "services/read.rs";

        /// How long a new connection may take until it speaks HTTP/2: the handshake of TLS, HTTP/2's
        /// preface, and the head of the first frame. The default covers the slowest line and a client in a
        /// garbage collection; a connection without a word costs a descriptor no longer than this.
        handshake: Duration = Duration::from_secs(10), millis(HANDSHAKE_TIMEOUT, 1..=DAY).at_run_time(),
            acts in "transport/connection.rs";

        /// How long a stop that names no time waits for requests in flight before it closes their
        /// connections. 0 means no wait.
        drain: Duration = Duration::from_secs(10), millis("drain.ms", 0..=DAY).at_run_time(),
            acts in "admin/changes.rs";

        /// The longest that one RocksDB read may take before it fails, so that closing a partition, which
        /// waits for its readers, is bounded too. It holds for all databases of the process: of several
        /// servers, the last to start sets it.
        read_deadline: Duration = Duration::from_secs(10), millis(READ_DEADLINE, 1..=DAY).at_run_time(),
            acts in "lifecycle/running.rs";

        /// Whether gRPC's server reflection is there, for tools such as grpcurl. Without it its methods do
        /// not exist: it tells everyone who can connect what can be asked, and no client needs it.
        reflection: bool = false, flag("reflection").at_run_time(),
            acts in "services/routes.rs";

        /// Whether gRPC's channelz is there, for tools such as grpcdebug. Without it its methods do not exist: it
        /// tells everyone who can connect which connections there are, and what they did.
        channelz: bool = false, flag("channelz").at_run_time(),
            acts in "services/routes.rs";

        /// What is known of stores beyond their databases, for read compute and metadata: a JSON file with the
        /// description of one store, or a folder whose files `*.json` are such files (docs/metadata.md). A change of
        /// the setting, to the same path too, has them read again; stores that are described no more are forgotten.
        /// Without it Java describes stores.
        stores: Option<PathBuf> = None, file(STORES).at_run_time(),
            acts in "lifecycle/server.rs";

        /// How long a file that a setting names is waited for at the start, and when certificates are read again for
        /// somebody who asked: longer, and its disk is taken for one that does not answer, and the start for failed.
        /// Java's thread that starts the server waits no longer for any of them.
        files_timeout: Duration = Duration::from_secs(10), millis("files.timeout.ms", 1..=DAY).at_start(START),
            acts in "lifecycle/server.rs";

        /// The name of Venice's cluster. Texts for clients that ask for stores which are not there name it, as Venice's
        /// server does.
        cluster: Option<String> = None, text("stores.cluster").at_run_time(),
            acts in "services/store_metadata.rs";

        /// Whether the port answers, beside gRPC, the requests that clients without gRPC send to Venice's HTTP
        /// port: `off`, or `http2` over HTTP/2, or `all` over HTTP/1.1 as well. What is asked over HTTP passes the
        /// same access control, quota and limits. HTTP/1.1 is off by default: no Fast Client in HTTP/2 mode
        /// needs it, and a port that speaks one protocol has less to guard.
        http_requests: HttpRequests = HttpRequests::Http2, choice::<HttpRequests>("http.requests").at_start(PROTOCOL),
            acts in "services/http.rs";
    }
    parts {
        /// `tls.*`.
        tls: TlsSettings,
        /// `quota.*`.
        quota_refill: RefillPolicy,
        /// `access.*`.
        access: AccessSettings,
        /// `compute.*`.
        compute: ComputeSettings,
        /// `plain.tables.*`.
        plain_tables: PlainTableSettings,
        /// `metrics.*`.
        metrics: MetricsSettings,
        /// `slow.log.*`.
        slow_log: SlowLogSettings,
        /// `admin.*`.
        admin: AdminSettings,
        /// `traces.*`.
        traces: TraceSettings,
        /// Whether Java is asked who may read. It has no name, as it takes more than a word to answer
        /// the questions: see [`crate::Server::access`].
        access_control: bool,
        /// What operators are told is the version of the library; empty if it has none.
        library_version: String,
    }
}

/// An unreadable processor count (a container without /proc) must not keep the server down.
fn cores() -> usize {
    thread::available_parallelism().map_or(1, |cores| cores.get())
}

impl Config {
    /// Connections that the clients of one address may have: as set, or the default for this server.
    pub fn max_connections_per_address(&self) -> usize {
        match self.max_connections_per_address {
            0 => self.max_connections - self.max_connections / 4,
            set => set,
        }
    }

    /// Handshakes of TLS that are worked at at the same time: as set, or the default for this server.
    pub fn max_handshakes(&self) -> usize {
        match self.max_handshakes {
            0 => self.worker_threads,
            set => set,
        }
    }
}
