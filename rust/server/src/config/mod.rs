//! The settings of one read server: parsed once from name/value pairs, immutable afterwards.
//!
//! The names, and what values they take, are in [`crate::config::settings`].

pub mod access;
pub(crate) mod cpu_list;
pub mod names;
pub mod quota;
pub(crate) mod settings;
pub mod tls;
mod value;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::thread;
use std::time::Duration;

use crate::config::access::AccessSettings;
use crate::config::quota::RefillPolicy;
use crate::config::tls::TlsSettings;
pub use crate::config::value::ConfigError;

/// 4 MiB: what every gRPC library takes and gives by default (grpc-java:
/// `DEFAULT_MAX_MESSAGE_SIZE`).
const GRPC_DEFAULT_MESSAGE_BYTES: usize = 4 * 1024 * 1024;

/// Every setting of a read server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `bind.address` and `port`: where to listen. An IP address, default `0.0.0.0` (every IPv4
    /// interface), and a TCP port, default 0 (the system picks a free one; ask
    /// [`crate::Server::port`]).
    pub address: SocketAddr,

    /// `worker.threads`: threads, default one per available core. Each serves its own connections,
    /// so this bounds the processor time that reads take from the rest of the process.
    pub worker_threads: usize,

    /// `worker.cpus`: processors, as Linux writes them (`0-3,8`), default none. Worker `i` stays on the
    /// `i`-th of them, beginning again when there are more workers. For machines where nothing else runs
    /// on these processors: else a worker that may not move waits for its neighbour. Linux only.
    pub worker_cpus: Vec<usize>,

    /// `worker.spin.us`: microseconds, default 0. For so long after bytes came a worker looks for more
    /// before it sleeps, so that the next request need not wake it; it takes a whole processor
    /// meanwhile. For servers with processors to spare: a lone client gets its answers in 0.8 of the
    /// time, and calls that come alone cost 1.6 times the processor time (docs/benchmarks).
    pub worker_spin: Duration,

    /// `worker.nice`: a number from -20 to 19, default 0. Below 0 a worker that has work takes the
    /// processor from other threads sooner, such as those of the garbage collector beside it; above, it
    /// leaves it to them. Below 0 the process needs the right to it (`CAP_SYS_NICE`). Linux only.
    pub worker_nice: i32,

    /// `worker.slice.us`: microseconds, default 100, the least that Linux has; 0 leaves the system's own,
    /// some milliseconds. With shorter time slices than other threads, such as those of the garbage
    /// collector beside it, a worker that wakes gets the processor sooner, but no more of it. Needs no
    /// right. Does nothing before Linux 6.12, on other systems, and where the call is forbidden.
    pub worker_slice: Duration,

    /// `disk.threads`: threads, default twice the cores and at least 4. Each does one read at a
    /// time that may wait for the disk, so this bounds the disk reads in flight.
    pub disk_threads: usize,

    /// `max.request.bytes`: bytes of one request message, default 4 MiB. A larger request is
    /// refused with gRPC status RESOURCE_EXHAUSTED before it is read.
    pub max_request_bytes: usize,

    /// `max.response.bytes`: bytes of one response message, default 4 MiB, which is what a gRPC
    /// client takes by default. A larger answer becomes errorCode 500 with a text instead of a
    /// client-side failure.
    pub max_response_bytes: usize,

    /// `max.batch.keys`: keys of one batch get, default 10 000, twice the largest fan-out that Venice
    /// describes for its clients (5,000 keys). At 2-5 µs for a key in memory such a batch holds a
    /// disk thread for about 50 ms; without a limit a request of 4 MiB could have a million keys.
    /// More become errorCode 400.
    pub max_batch_keys: usize,

    /// `stream.chunk.bytes`: bytes, default 64 KiB. A message of a streamed answer has at most so many
    /// bytes of records, unless it has a single one. A stream whose client does not read holds about
    /// three of them, beside what HTTP/2 buffers.
    pub stream_chunk_bytes: usize,

    /// `max.concurrent.streams`: requests in flight per connection, default 1000. Further requests
    /// wait in the client.
    pub max_concurrent_streams: u32,

    /// `max.header.bytes`: bytes of the headers of one call, as HTTP/2 counts them (names, values, and
    /// 32 for each), default 16 KiB: path, authority, a few fields of gRPC, and room for tracing. It
    /// bounds what a few bytes on the wire can be made to unpack to (CVE-2026-49975). More end the
    /// call, four times as many the connection.
    pub max_header_bytes: u32,

    /// `max.client.bytes`: bytes, default 256 MiB, at least 16 MiB. What all clients together can make
    /// the server hold: open calls, requests, and answers until they were sent. Clients share it so
    /// that none can keep the others from theirs (docs/http2.md): large requests and answers wait for
    /// room, calls of a connection that holds more than its share are refused with gRPC status
    /// RESOURCE_EXHAUSTED, and a client that does not read what others need room for is hung up on. Two
    /// requests and two answers of their largest size always fit: where that is more, it is the bound.
    pub max_client_bytes: usize,

    /// `max.connections`: connections at a time, default 10 000. An idle one costs some 20 KiB, with
    /// TLS some 60 KiB, and a descriptor of the process. A further one takes the place of the oldest
    /// that has not spoken HTTP/2 yet, else of the oldest that never made a call; if all have, it is
    /// closed at once.
    pub max_connections: usize,

    /// `max.connections.per.address`: connections that the clients of one address may have at a time,
    /// default 0: three quarters of `max.connections`, which leaves room for others and for many
    /// clients behind one proxy. IPv6 addresses of one network of 64 bits are one. A further one takes
    /// the place of one of that address, as above, or is closed at once.
    pub max_connections_per_address: usize,

    /// `max.handshakes`: handshakes of TLS that are worked at at the same time, default 0: one for each
    /// worker thread. The others have their turn in order, and the requests of connections that are
    /// there come between. A client that is waited for does not count.
    pub max_handshakes: usize,

    /// `max.connection.idle.ms`: milliseconds, default one hour; 0 for ever. A connection without a
    /// call for that long is ended by GOAWAY. Clients of grpc-java end theirs after 30 minutes by
    /// themselves, so this is for others.
    pub max_idle: Duration,

    /// `max.connection.age.ms`: milliseconds, default 0, for ever. A connection that old, or up to a
    /// tenth younger, is ended by GOAWAY, so that clients look again where servers are.
    pub max_age: Duration,

    /// `max.connection.age.grace.ms`: milliseconds, default 60 000. How long a connection lasts after its
    /// GOAWAY for age or idleness: calls that are not answered by then, or whose answers are not read, end
    /// with it. A Fast Client waits a second for an answer, and patient clients of a batch not a minute; who
    /// reads 4 MiB over a line of 1 Mbit/s needs 34 seconds. A stop has a limit of its own.
    pub max_age_grace: Duration,

    /// `keep.alive.ms`: milliseconds, default 60 000. A connection on which nothing came for that
    /// long is asked for a sign of life (PING).
    pub keep_alive: Duration,

    /// `keep.alive.timeout.ms`: milliseconds, default 20 000, as in grpc-java. Without an answer for
    /// that long the connection ends, and its memory is free; likewise when the client takes no byte of
    /// what is sent for both times together.
    pub keep_alive_timeout: Duration,

    /// `receive.timeout.ms`: milliseconds, default 10 000, ten times what a Fast Client waits for a
    /// whole answer. How long a request may take to arrive after the headers of its call: who sends
    /// it drop by drop makes the server keep it for no longer.
    pub receive: Duration,

    /// `handshake.timeout.ms`: milliseconds, default 10 000. How long a new connection may take until
    /// it speaks HTTP/2: the handshake of TLS, HTTP/2's preface, and the head of the first frame. It
    /// covers the slowest line and a client in a garbage collection; a connection without a word
    /// costs a descriptor no longer than this.
    pub handshake: Duration,

    /// `tls.*`: see there.
    pub tls: TlsSettings,

    /// `drain.ms`: milliseconds, default 10 000. How long a stop that names no time waits for
    /// requests in flight before it closes their connections.
    pub drain: Duration,

    /// `read.deadline.ms`: milliseconds, default 10 000. Bound of one RocksDB read, so that closing
    /// a partition, which waits for its readers, is bounded too. It holds for all databases of the
    /// process: of several servers, the last to start sets it.
    pub read_deadline: Duration,

    /// `reflection`: `true` or `false`, default `false`. Whether gRPC's server reflection is there,
    /// for tools such as grpcurl. Without it its methods do not exist: it tells everyone who can
    /// connect what can be asked, and no client needs it.
    pub reflection: bool,

    /// `quota.interval.ms`: milliseconds, default 10 000, and `quota.capacity.multiple`, default 5:
    /// how often the buckets of read quotas are refilled, and how many refills they hold. As
    /// `server.quota.enforcement.interval.in.millis` and `server.quota.enforcement.capacity.multiple`
    /// of Venice.
    pub quota_refill: RefillPolicy,

    /// Whether Java is asked who may read. It has no name, as it takes more than a word to answer
    /// the questions: see [`crate::Server::access`].
    pub access_control: bool,

    /// `access.*`: how Java is asked who may read, and how long its answers hold.
    pub access: AccessSettings,
}

impl Default for Config {
    fn default() -> Self {
        // An unreadable processor count (a container without /proc) must not keep the server down.
        let cores = thread::available_parallelism().map_or(1, |cores| cores.get());
        Config {
            address: SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0),
            worker_threads: cores,
            worker_cpus: Vec::new(),
            worker_spin: Duration::ZERO,
            worker_nice: 0,
            worker_slice: Duration::from_micros(100),
            disk_threads: (2 * cores).max(4),
            max_request_bytes: GRPC_DEFAULT_MESSAGE_BYTES,
            max_response_bytes: GRPC_DEFAULT_MESSAGE_BYTES,
            max_batch_keys: 10_000,
            stream_chunk_bytes: 64 * 1024,
            max_concurrent_streams: 1000,
            max_header_bytes: 16 * 1024,
            max_client_bytes: 256 * 1024 * 1024,
            max_connections: 10_000,
            max_connections_per_address: 0,
            max_handshakes: 0,
            max_idle: Duration::from_secs(3600),
            max_age: Duration::ZERO,
            max_age_grace: Duration::from_secs(60),
            keep_alive: Duration::from_secs(60),
            keep_alive_timeout: Duration::from_secs(20),
            receive: Duration::from_secs(10),
            handshake: Duration::from_secs(10),
            tls: TlsSettings::default(),
            drain: Duration::from_secs(10),
            read_deadline: Duration::from_secs(10),
            reflection: false,
            quota_refill: RefillPolicy {
                interval_millis: 10_000,
                capacity_multiple: 5,
            },
            access_control: false,
            access: AccessSettings::default(),
        }
    }
}

impl Config {
    /// Connections that the clients of one address may have: as set, or the default for this server.
    pub fn connections_of_address(&self) -> usize {
        match self.max_connections_per_address {
            0 => self.max_connections - self.max_connections / 4,
            set => set,
        }
    }

    /// Handshakes of TLS that are worked at at the same time: as set, or the default for this server.
    pub fn handshakes_at_once(&self) -> usize {
        match self.max_handshakes {
            0 => self.worker_threads,
            set => set,
        }
    }
}
