//! `/limits`: what bounds clients, how much of it is in use, and how often it was met.

use std::time::Duration;

use serde_json::{json, Value as Json};
use venice_metrics::model::{Snapshot, Value};
use venice_metrics::{Dimension, Instrument};

use crate::admin::Administered;
use crate::config::names::{
    ACCESS_WAIT, COMPUTE_OPERATIONS, COMPUTE_SCHEMA_BYTES, COMPUTE_VALUE_BYTES, HANDSHAKE_TIMEOUT,
    KEEP_ALIVE, KEEP_ALIVE_TIMEOUT, MAX_BATCH_KEYS, MAX_CLIENT_BYTES, MAX_CONNECTIONS,
    MAX_CONNECTION_AGE, MAX_CONNECTION_AGE_GRACE, MAX_HANDSHAKES, MAX_HEADER_BYTES, MAX_IDLE,
    MAX_OF_ADDRESS, MAX_REQUEST_BYTES, MAX_RESPONSE_BYTES, READ_DEADLINE, RECEIVE_TIMEOUT,
};
use crate::config::Config;
use crate::observe::reasons;
use crate::read_path::compute::pool::ComputePool;
use crate::read_path::thread_pool::WAITING_PER_THREAD;

/// One limit.
struct Limit {
    /// The setting that has it, or whose multiple it is.
    setting: &'static str,
    unit: &'static str,
    value: usize,
    in_use: Option<usize>,
    met: Met,
    about: &'static str,
}

/// What comes of it when a limit is met.
#[derive(Debug, Clone, Copy)]
enum Met {
    /// Something is refused or ended, which this counts, with the reason.
    Counted(Instrument, &'static str),
    /// Nothing is refused: in a few words, what happens.
    Otherwise(&'static str),
}

/// Requests are refused.
const fn requests(reason: &'static str) -> Met {
    Met::Counted(Instrument::RequestRefusedCount, reason)
}

/// Connections are refused.
const fn connections(reason: &'static str) -> Met {
    Met::Counted(Instrument::ConnectionRefusedCount, reason)
}

/// Connections are ended.
const fn ended(reason: &'static str) -> Met {
    Met::Counted(Instrument::ConnectionEndedCount, reason)
}

/// The limits that clients can meet.
pub(crate) fn limits(server: &Administered) -> Json {
    let config = server.transport.live.now();
    let limit = &server.transport.connection_limit;
    let memory = &server.transport.memory;
    let clients = memory.clients();
    let most_calls = clients.iter().map(|client| client.open_calls).max();
    let counted = server.context.metrics.registry().is_some();
    let snapshot = server.context.metrics.snapshot(usize::MAX);
    let compute = server.context.compute.as_ref();
    let mut limits = vec![
        Limit {
            setting: MAX_CONNECTIONS,
            unit: "connections",
            value: limit.most(),
            in_use: Some(limit.taken()),
            met: connections(reasons::MAX_CONNECTIONS),
            about: "connections at a time",
        },
        Limit {
            setting: MAX_OF_ADDRESS,
            unit: "connections",
            value: limit.most_of_address(),
            in_use: Some(limit.taken_of_address()),
            met: connections(reasons::MAX_OF_ADDRESS),
            about: "connections of one address; in use are those of the address that has most",
        },
        Limit {
            setting: MAX_CLIENT_BYTES,
            unit: "bytes",
            value: memory.bound(),
            in_use: Some(memory.held()),
            met: requests(reasons::CLIENT_MEMORY),
            about: "memory that clients share, without what is kept for large messages and answers to come",
        },
        Limit {
            setting: "max.concurrent.streams",
            unit: "calls",
            value: config.max_concurrent_streams as usize,
            in_use: most_calls.or(Some(0)),
            met: requests(reasons::MAX_STREAMS),
            about: "open calls of one connection; in use are those of the connection that has most. Clients \
                    wait by themselves; who does not is told REFUSED_STREAM",
        },
        Limit {
            setting: MAX_HEADER_BYTES,
            unit: "bytes",
            value: config.max_header_bytes as usize,
            in_use: None,
            met: requests(reasons::MAX_HEADER_SIZE),
            about: "fields of one call",
        },
        Limit {
            setting: MAX_HANDSHAKES,
            unit: "handshakes",
            value: config.max_handshakes(),
            in_use: None,
            met: Met::Otherwise("the others wait, within handshake.timeout.ms"),
            about: "handshakes of TLS that are worked at; the others wait",
        },
        Limit {
            setting: MAX_REQUEST_BYTES,
            unit: "bytes",
            value: config.max_request_bytes,
            in_use: None,
            met: requests(reasons::MAX_REQUEST_SIZE),
            about: "one request: its message, or over HTTP its body. Questions of health, reflection, channelz and \
                    StoreMetadataService have fixed limits of 1 to 4 KiB, which count here too",
        },
        Limit {
            setting: MAX_RESPONSE_BYTES,
            unit: "bytes",
            value: config.max_response_bytes,
            in_use: None,
            met: requests(reasons::MAX_RESPONSE_SIZE),
            about: "one answer",
        },
        Limit {
            setting: MAX_BATCH_KEYS,
            unit: "keys",
            value: config.max_batch_keys,
            in_use: None,
            met: requests(reasons::MAX_KEYS),
            about: "one batch get",
        },
        Limit {
            setting: "disk.threads",
            unit: "reads",
            value: config.disk_threads * WAITING_PER_THREAD,
            in_use: Some(server.context.disk.waiting()),
            met: requests(reasons::DISK_QUEUE),
            about: "reads that wait for a disk thread, 256 for each",
        },
        Limit {
            setting: "compute.threads",
            unit: "requests",
            value: compute.map_or(0, |_| config.compute.threads * 3 * WAITING_PER_THREAD),
            in_use: Some(compute.map_or(0, ComputePool::waiting)),
            met: requests(reasons::COMPUTE_QUEUE),
            about: "requests that wait for a turn of a thread that computes: for each 256 that are new, 256 that have begun, \
                    and 256 whose plans take longer than a turn",
        },
        Limit {
            setting: COMPUTE_OPERATIONS,
            unit: "operations",
            value: config.compute.max_operations,
            in_use: None,
            met: requests(reasons::MAX_OPERATIONS),
            about: "operations of one request to compute, and fields of one countByValue",
        },
        Limit {
            setting: COMPUTE_SCHEMA_BYTES,
            unit: "bytes",
            value: config.compute.max_schema_bytes,
            in_use: None,
            met: requests(reasons::MAX_RESULT_SCHEMA),
            about: "the result schema of one request to compute",
        },
        Limit {
            setting: COMPUTE_VALUE_BYTES,
            unit: "bytes",
            value: config.compute.max_value_bytes,
            in_use: None,
            met: requests(reasons::MAX_VALUE),
            about: "one value that something is computed of, decompressed",
        },
        Limit {
            setting: "metrics.max.series",
            unit: "series",
            value: config.metrics.max_series,
            in_use: None,
            met: Met::Counted(Instrument::MetricsOverflowCount, ""),
            about: "series of one metric; those beyond are counted together",
        },
    ];
    limits.extend(times(&config));
    if let Some(access) = &server.context.access {
        limits.push(Limit::of_time(
            ACCESS_WAIT,
            config.access.wait,
            "a request that waits for the answer of the access controller",
            requests(reasons::ACCESS_WAIT),
        ));
        limits.push(Limit {
            setting: "access.cache.entries",
            unit: "answers",
            value: config.access.entries,
            in_use: Some(access.facts().kept),
            met: Met::Otherwise("the oldest are forgotten, and asked for again"),
            about: "remembered answers of the access controller; the oldest are forgotten",
        });
    }
    let counts = counted.then_some(&snapshot);
    let limits: Vec<Json> = limits.iter().map(|limit| limit.json(counts)).collect();
    json!({ "limits": limits })
}

/// How long clients and what they ask for may take.
fn times(config: &Config) -> [Limit; 8] {
    [
        Limit::of_time(
            HANDSHAKE_TIMEOUT,
            config.handshake,
            "a new connection until it has spoken",
            ended(reasons::HANDSHAKE_TIMEOUT),
        ),
        Limit::of_time(
            RECEIVE_TIMEOUT,
            config.receive,
            "a request after the head of its call; over HTTP/1.1 also its head, from the first byte on",
            requests(reasons::RECEIVE_TIMEOUT),
        ),
        Limit::of_time(
            READ_DEADLINE,
            config.read_deadline,
            "one read of RocksDB, in all servers of the process",
            requests(reasons::READ_DEADLINE),
        ),
        Limit::of_time(
            KEEP_ALIVE,
            config.keep_alive,
            "a connection on which nothing comes, until it is asked for a sign of life",
            Met::Otherwise("it is asked, and has keep.alive.timeout.ms to answer"),
        ),
        Limit::of_time(
            KEEP_ALIVE_TIMEOUT,
            config.keep_alive_timeout,
            "that sign; a client that takes nothing of its answers has both times together",
            ended(reasons::KEEP_ALIVE_TIMEOUT),
        ),
        Limit::of_time(
            MAX_IDLE,
            config.max_idle,
            "a connection without a call; 0 is no limit",
            ended(reasons::MAX_IDLE),
        ),
        Limit::of_time(
            MAX_CONNECTION_AGE,
            config.max_age,
            "a connection; 0 is no limit",
            ended(reasons::MAX_AGE),
        ),
        Limit::of_time(
            MAX_CONNECTION_AGE_GRACE,
            config.max_age_grace,
            "calls of a connection that is told to go",
            ended(reasons::MAX_AGE_GRACE),
        ),
    ]
}

impl Limit {
    /// A limit of time, of which nothing is in use.
    fn of_time(setting: &'static str, most: Duration, about: &'static str, met: Met) -> Limit {
        Limit {
            setting,
            unit: "milliseconds",
            value: usize::try_from(most.as_millis()).unwrap_or(usize::MAX),
            in_use: None,
            met,
            about,
        }
    }

    /// `counts` are the counters; none if nothing is counted.
    fn json(&self, counts: Option<&Snapshot>) -> Json {
        let (counted_by, otherwise) = match self.met {
            Met::Counted(instrument, reason) => (Some((instrument, reason)), None),
            Met::Otherwise(what) => (None, Some(what)),
        };
        let refused = counted_by.zip(counts);
        let refused =
            refused.map(|((instrument, reason), counts)| total(counts, instrument, reason));
        let counted_by = counted_by.map(|(instrument, reason)| {
            let metric = instrument.describe().name;
            match reason {
                "" => metric.to_owned(),
                reason => format!("{metric} {reason}"),
            }
        });
        json!({
            "setting": self.setting,
            "unit": self.unit,
            "value": self.value,
            "in_use": self.in_use,
            "refused": refused,
            "counted_by": counted_by,
            "otherwise": otherwise,
            "about": self.about,
        })
    }
}

/// What was counted for a reason, or of a metric without reasons: rooms count some reasons apart, in series of their own.
fn total(snapshot: &Snapshot, instrument: Instrument, reason: &str) -> u64 {
    let points = snapshot
        .metric(instrument)
        .map_or(&[][..], |metric| &metric.points);
    let counted = points.iter().map(|point| {
        let known = point.attribute(Dimension::Reason.key()).unwrap_or("");
        match point.value {
            Value::U64(count) if known == reason => count,
            _ => 0,
        }
    });
    counted.sum()
}
