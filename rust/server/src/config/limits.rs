//! The limits of requests that can be changed while the server runs, where every request looks at them.
//!
//! A request reads one with a plain load. It may meet a change in its midst: each limit holds for itself.
// #[HotPath]

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::Duration;

use crate::config::Config;

/// What holds now. Alone on its cache lines, as nobody writes to it but who changes a setting.
#[derive(Debug)]
#[repr(align(128))]
pub struct Limits {
    max_request_bytes: AtomicUsize,
    max_response_bytes: AtomicUsize,
    max_batch_keys: AtomicUsize,
    stream_chunk_bytes: AtomicUsize,
    compute_operations: AtomicUsize,
    compute_schema_bytes: AtomicUsize,
    compute_value_bytes: AtomicUsize,
    /// Milliseconds.
    receive: AtomicU64,
    traces: AtomicBool,
}

impl Limits {
    /// Those of `config`.
    pub fn of(config: &Config) -> Arc<Limits> {
        let limits = Limits {
            max_request_bytes: AtomicUsize::default(),
            max_response_bytes: AtomicUsize::default(),
            max_batch_keys: AtomicUsize::default(),
            stream_chunk_bytes: AtomicUsize::default(),
            compute_operations: AtomicUsize::default(),
            compute_schema_bytes: AtomicUsize::default(),
            compute_value_bytes: AtomicUsize::default(),
            receive: AtomicU64::default(),
            traces: AtomicBool::default(),
        };
        limits.set(config);
        Arc::new(limits)
    }

    /// From now on those of `config`.
    pub(crate) fn set(&self, config: &Config) {
        let set = |limit: &AtomicUsize, to| limit.store(to, Ordering::Relaxed);
        set(&self.max_request_bytes, config.max_request_bytes);
        set(&self.max_response_bytes, config.max_response_bytes);
        set(&self.max_batch_keys, config.max_batch_keys);
        set(&self.stream_chunk_bytes, config.stream_chunk_bytes);
        let compute = &config.compute;
        set(&self.compute_operations, compute.max_operations);
        set(&self.compute_schema_bytes, compute.max_schema_bytes);
        set(&self.compute_value_bytes, compute.max_value_bytes);
        let millis = u64::try_from(config.receive.as_millis()).unwrap_or(u64::MAX);
        self.receive.store(millis, Ordering::Relaxed);
        let traces = config.traces.endpoint().is_some() && config.metrics.enabled;
        self.traces.store(traces, Ordering::Relaxed);
    }

    /// Bytes of the largest request message.
    #[inline]
    pub(crate) fn max_request_bytes(&self) -> usize {
        self.max_request_bytes.load(Ordering::Relaxed)
    }

    /// Bytes of the largest answer message.
    #[inline]
    pub(crate) fn max_response_bytes(&self) -> usize {
        self.max_response_bytes.load(Ordering::Relaxed)
    }

    /// Keys of one batch get.
    #[inline]
    pub(crate) fn max_batch_keys(&self) -> usize {
        self.max_batch_keys.load(Ordering::Relaxed)
    }

    /// Bytes of records in a message of a streamed answer.
    #[inline]
    pub(crate) fn stream_chunk_bytes(&self) -> usize {
        self.stream_chunk_bytes.load(Ordering::Relaxed)
    }

    /// Operations of a request to compute.
    pub(crate) fn compute_operations(&self) -> usize {
        self.compute_operations.load(Ordering::Relaxed)
    }

    /// Bytes of the schema that a request to compute brings.
    pub(crate) fn compute_schema_bytes(&self) -> usize {
        self.compute_schema_bytes.load(Ordering::Relaxed)
    }

    /// Bytes of a value that something is computed of.
    pub(crate) fn compute_value_bytes(&self) -> usize {
        self.compute_value_bytes.load(Ordering::Relaxed)
    }

    /// Whether calls are traced whose clients say so.
    #[inline]
    pub(crate) fn traces(&self) -> bool {
        self.traces.load(Ordering::Relaxed)
    }

    /// How long a request may take to arrive.
    #[inline]
    pub(crate) fn receive(&self) -> Duration {
        Duration::from_millis(self.receive.load(Ordering::Relaxed))
    }
}
