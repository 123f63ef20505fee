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
use crate::read_path::compute::pool::ComputePool;
use crate::read_path::thread_pool::WAITING_PER_THREAD;

/// One limit.
struct Limit {
    /// The setting that has it, or whose multiple it is.
    setting: &'static str,
    unit: &'static str,
    value: usize,
    in_use: Option<usize>,
    /// Refusals since the start; none if they are not counted.
    refused: Option<u64>,
    about: &'static str,
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
    let refused = |instrument, reason| counted.then(|| total(&snapshot, instrument, reason));
    let connections = |reason| refused(Instrument::ConnectionRefusedCount, reason);
    let requests = |reason| refused(Instrument::RequestRefusedCount, reason);
    let compute = server.context.compute.as_ref();
    let mut limits = vec![
        Limit {
            setting: MAX_CONNECTIONS,
            unit: "connections",
            value: limit.most(),
            in_use: Some(limit.taken()),
            refused: connections("max_connections"),
            about: "connections at a time",
        },
        Limit {
            setting: MAX_OF_ADDRESS,
            unit: "connections",
            value: limit.most_of_address(),
            in_use: Some(limit.taken_of_address()),
            refused: connections("max_connections_per_address"),
            about: "connections of one address; in use are those of the address that has most",
        },
        Limit {
            setting: MAX_CLIENT_BYTES,
            unit: "bytes",
            value: memory.bound(),
            in_use: Some(memory.held()),
            refused: Some(memory.refused()),
            about: "memory that clients share, without what is kept for large messages and answers to come",
        },
        Limit {
            setting: "max.concurrent.streams",
            unit: "calls",
            value: config.max_concurrent_streams as usize,
            in_use: most_calls.or(Some(0)),
            refused: None,
            about: "open calls of one connection; in use are those of the connection that has most. Clients \
                    wait by themselves",
        },
        Limit {
            setting: MAX_HEADER_BYTES,
            unit: "bytes",
            value: config.max_header_bytes as usize,
            in_use: None,
            refused: None,
            about: "fields of one call",
        },
        Limit {
            setting: MAX_HANDSHAKES,
            unit: "handshakes",
            value: config.max_handshakes(),
            in_use: None,
            refused: None,
            about: "handshakes of TLS that are worked at; the others wait",
        },
        Limit {
            setting: MAX_REQUEST_BYTES,
            unit: "bytes",
            value: config.max_request_bytes,
            in_use: None,
            refused: None,
            about: "one request: its message, or over HTTP its body",
        },
        Limit {
            setting: MAX_RESPONSE_BYTES,
            unit: "bytes",
            value: config.max_response_bytes,
            in_use: None,
            refused: requests("max_response_size"),
            about: "one answer",
        },
        Limit {
            setting: MAX_BATCH_KEYS,
            unit: "keys",
            value: config.max_batch_keys,
            in_use: None,
            refused: requests("max_batch_keys"),
            about: "one batch get",
        },
        Limit {
            setting: "disk.threads",
            unit: "reads",
            value: config.disk_threads * WAITING_PER_THREAD,
            in_use: Some(server.context.disk.waiting()),
            refused: requests("over_capacity"),
            about: "reads that wait for a disk thread, 256 for each; refusals for the node's quota count here too",
        },
        Limit {
            setting: "compute.threads",
            unit: "requests",
            value: compute.map_or(0, |_| config.compute.threads * 2 * WAITING_PER_THREAD),
            in_use: Some(compute.map_or(0, ComputePool::waiting)),
            refused: requests("over_capacity"),
            about: "requests that wait for a turn of a thread that computes, for each 256 that are new and 256 that have begun; refusals of the disk \
                    threads' queue and for the node's quota count here too",
        },
        Limit {
            setting: COMPUTE_OPERATIONS,
            unit: "operations",
            value: config.compute.max_operations,
            in_use: None,
            refused: requests("compute_max_operations"),
            about: "operations of one request to compute, and fields of one countByValue",
        },
        Limit {
            setting: COMPUTE_SCHEMA_BYTES,
            unit: "bytes",
            value: config.compute.max_schema_bytes,
            in_use: None,
            refused: requests("compute_max_result_schema"),
            about: "the result schema of one request to compute",
        },
        Limit {
            setting: COMPUTE_VALUE_BYTES,
            unit: "bytes",
            value: config.compute.max_value_bytes,
            in_use: None,
            refused: requests("compute_max_value"),
            about: "one value that something is computed of, decompressed",
        },
        Limit {
            setting: "metrics.max.series",
            unit: "series",
            value: config.metrics.max_series,
            in_use: None,
            refused: None,
            about: "series of one metric; those beyond are counted together",
        },
    ];
    limits.extend(times(&config));
    if let Some(access) = &server.context.access {
        limits.push(Limit::of_time(
            ACCESS_WAIT,
            config.access.wait,
            "a request that waits for the answer of the access controller",
        ));
        limits.push(Limit {
            setting: "access.cache.entries",
            unit: "answers",
            value: config.access.entries,
            in_use: Some(access.facts().kept),
            refused: None,
            about: "remembered answers of the access controller; the oldest are forgotten",
        });
    }
    let limits: Vec<Json> = limits.iter().map(Limit::json).collect();
    json!({ "limits": limits })
}

/// How long clients and what they ask for may take.
fn times(config: &Config) -> [Limit; 8] {
    [
        Limit::of_time(
            HANDSHAKE_TIMEOUT,
            config.handshake,
            "a new connection until it has spoken",
        ),
        Limit::of_time(
            RECEIVE_TIMEOUT,
            config.receive,
            "a request after the head of its call; over HTTP/1.1 also its head, from the first byte on",
        ),
        Limit::of_time(
            READ_DEADLINE,
            config.read_deadline,
            "one read of RocksDB, in all servers of the process",
        ),
        Limit::of_time(
            KEEP_ALIVE,
            config.keep_alive,
            "a connection on which nothing comes, until it is asked for a sign of life",
        ),
        Limit::of_time(
            KEEP_ALIVE_TIMEOUT,
            config.keep_alive_timeout,
            "that sign; a client that takes nothing of its answers has both times together",
        ),
        Limit::of_time(
            MAX_IDLE,
            config.max_idle,
            "a connection without a call; 0 is no limit",
        ),
        Limit::of_time(
            MAX_CONNECTION_AGE,
            config.max_age,
            "a connection; 0 is no limit",
        ),
        Limit::of_time(
            MAX_CONNECTION_AGE_GRACE,
            config.max_age_grace,
            "calls of a connection that is told to go",
        ),
    ]
}

impl Limit {
    /// A limit of time, of which nothing is in use.
    fn of_time(setting: &'static str, most: Duration, about: &'static str) -> Limit {
        Limit {
            setting,
            unit: "milliseconds",
            value: usize::try_from(most.as_millis()).unwrap_or(usize::MAX),
            in_use: None,
            refused: None,
            about,
        }
    }

    fn json(&self) -> Json {
        json!({
            "setting": self.setting,
            "unit": self.unit,
            "value": self.value,
            "in_use": self.in_use,
            "refused": self.refused,
            "about": self.about,
        })
    }
}

/// What was counted for a reason.
fn total(snapshot: &Snapshot, instrument: Instrument, reason: &str) -> u64 {
    let metric = snapshot.metric(instrument);
    let value = metric.and_then(|metric| metric.value(&[(Dimension::Reason.key(), reason)]));
    match value {
        Some(Value::U64(count)) => *count,
        _ => 0,
    }
}
