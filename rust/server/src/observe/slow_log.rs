//! Requests that are kept: the slow ones, and some of the others to compare them with. Never a key or a
//! value.
//!
//! Each worker has a ring of its own, bounded in bytes, behind a lock that it takes for a request that is
//! kept; who reads holds it while it copies pointers.

use std::collections::VecDeque;
use std::fmt;
use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use parking_lot::Mutex;
use smallvec::SmallVec;
use venice_export::spans::{self as trace, SpanQueue};
use venice_wire::status::Code;
use venice_wire::store_name::store_name;

use crate::config::slow_log::SlowLogSettings;
use crate::observe::timeline::{Asked, Phase, Span};
use crate::observe::trace_parent::TraceParent;

/// Why a request is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It took as long as the threshold, or longer.
    Slow,
    /// One of those that went to a disk thread, by chance.
    Disk,
    /// One of those that something was computed for, by chance.
    Compute,
    /// One of the others, by chance.
    Sampled,
}

impl Why {
    /// In one word.
    pub fn name(self) -> &'static str {
        match self {
            Why::Slow => "slow",
            Why::Disk => "disk",
            Why::Compute => "compute",
            Why::Sampled => "sampled",
        }
    }
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// By an answer with Venice's code: 200, -420 for a key that is not there, and those of failures.
    Answered(i32),
    /// By a gRPC status.
    Status(Code),
}

impl fmt::Display for Ended {
    /// Venice's code, or the name of gRPC's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ended::Answered(code) => write!(f, "{code}"),
            Ended::Status(code) => f.write_str(code.name()),
        }
    }
}

/// A request that was answered, or failed. Times are those of the server: the way to it and back is not in
/// them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Counts up over all that are kept.
    pub sequence: u64,
    /// Why it is kept.
    pub why: Why,
    /// When it began: since 1970, by the clock of the system.
    pub start: Duration,
    /// The RPC: `get`, `batchGet`, `streamingBatchGet`, `compute`, ...
    pub method: &'static str,
    /// `<store>_v<N>`; empty if it named none that is here.
    pub store_version: Arc<str>,
    /// Keys that it asked for; 0 if that is not known.
    pub keys: u32,
    /// Bytes of its message.
    pub request_bytes: u32,
    /// Bytes of the answer's message; 0 if there was none.
    pub response_bytes: u32,
    /// How it ended.
    pub status: Ended,
    /// From its first byte to its answer; sending comes behind it, and what is sent of a streamed answer before
    /// its end is not in it either.
    pub total: Duration,
    /// What it waited for, and reading, by [`Phase`]. A read from memory that is not kept by chance was not
    /// timed. What is left of the total is HTTP/2, decoding, quota, other requests of the thread, and the
    /// processor, if that did other things.
    pub phases: [Duration; Phase::ALL.len()],
}

impl Request {
    /// What a phase took.
    pub fn took(&self, phase: Phase) -> Duration {
        self.phases[phase as usize]
    }

    /// What is left of the total beside the phases.
    pub fn rest(&self) -> Duration {
        let all: Duration = self.phases.iter().sum();
        self.total.saturating_sub(all - self.took(Phase::Send))
    }

    fn bytes(&self) -> usize {
        // The counts of both references, and the pointer.
        mem::size_of::<Request>() + self.store_version.len() + 5 * mem::size_of::<usize>()
    }
}

/// What is kept of all workers.
#[derive(Debug)]
pub struct SlowLog {
    /// Nanoseconds, as the bits of a float; infinite if none is slow.
    threshold: AtomicU64,
    sequence: AtomicU64,
    bytes_of_worker: usize,
    rings: Mutex<Vec<Arc<Ring>>>,
}

impl SlowLog {
    /// An empty log for so many workers.
    pub fn of(settings: &SlowLogSettings, workers: usize) -> Arc<SlowLog> {
        let log = SlowLog {
            threshold: AtomicU64::new(0),
            sequence: AtomicU64::new(0),
            bytes_of_worker: settings.bytes / workers.max(1),
            rings: Mutex::default(),
        };
        log.set_threshold(settings.threshold);
        Arc::new(log)
    }

    /// From now on requests are slow that take so long, or longer; with 0 none is, and none is kept by chance.
    pub fn set_threshold(&self, threshold: Duration) {
        let nanos = match threshold {
            Duration::ZERO => f64::INFINITY,
            threshold => threshold.as_secs_f64() * 1e9,
        };
        self.threshold.store(nanos.to_bits(), Ordering::Relaxed);
    }

    /// How long slow requests take at least; `None` if nothing is kept.
    pub fn threshold(&self) -> Option<Duration> {
        let nanos = self.threshold_nanos();
        nanos
            .is_finite()
            .then(|| Duration::from_secs_f64(nanos * 1e-9))
    }

    /// As above, infinite if nothing is kept.
    #[inline]
    pub(crate) fn threshold_nanos(&self) -> f64 {
        f64::from_bits(self.threshold.load(Ordering::Relaxed))
    }

    /// Where one more worker keeps its requests.
    pub(crate) fn ring(self: &Arc<SlowLog>) -> Arc<Ring> {
        let ring = Arc::new(Ring {
            log: Arc::downgrade(self),
            most_bytes: self.bytes_of_worker / 2,
            queues: Mutex::default(),
        });
        self.rings.lock().push(Arc::clone(&ring));
        ring
    }

    /// What is kept behind that number, in the order of the numbers; all for 0.
    pub fn after(&self, sequence: u64) -> Vec<Arc<Request>> {
        let rings = self.rings.lock().clone();
        let mut requests = Vec::new();
        for ring in rings {
            let queues = ring.queues.lock();
            for queue in [&queues.slow, &queues.others] {
                let new = queue.requests.iter().rev();
                let new = new.take_while(|request| request.sequence > sequence);
                requests.extend(new.cloned());
            }
        }
        requests.sort_unstable_by_key(|request| request.sequence);
        requests
    }
}

/// What is kept of one worker. Half of the bytes is for slow requests, so that the others never push
/// them out.
#[derive(Debug)]
pub(crate) struct Ring {
    log: std::sync::Weak<SlowLog>,
    most_bytes: usize,
    queues: Mutex<Queues>,
}

#[derive(Debug, Default)]
struct Queues {
    slow: Queue,
    others: Queue,
}

#[derive(Debug, Default)]
struct Queue {
    requests: VecDeque<Arc<Request>>,
    bytes: usize,
}

impl Ring {
    fn push(&self, mut request: Request) {
        // The log goes before its workers' last words do.
        let Some(log) = self.log.upgrade() else {
            return;
        };
        let mut queues = self.queues.lock();
        // Under the lock, so that each queue is in their order.
        request.sequence = log.sequence.fetch_add(1, Ordering::Relaxed) + 1;
        let queue = match request.why {
            Why::Slow => &mut queues.slow,
            Why::Disk | Why::Compute | Why::Sampled => &mut queues.others,
        };
        queue.bytes += request.bytes();
        queue.requests.push_back(Arc::new(request));
        while queue.bytes > self.most_bytes {
            let Some(oldest) = queue.requests.pop_front() else {
                break;
            };
            queue.bytes -= oldest.bytes();
        }
    }
}

/// A request that is answered, and has yet to be sent. It is kept when it is dropped, which is when HTTP/2 has
/// taken all of it, or the client has gone.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) request: Request,
    /// The full name of the RPC.
    pub(crate) rpc: &'static str,
    pub(crate) spans: SmallVec<[Span; 4]>,
    /// `None` if only somebody asked for it.
    pub(crate) ring: Option<Arc<Ring>>,
    pub(crate) asked: Asked,
    /// Where spans of traced requests go, if there are any.
    pub(crate) traces: Option<SpanQueue>,
    /// When it began.
    pub(crate) began: Instant,
    /// When there was an answer, or the last message of one.
    pub(crate) answered: Instant,
    /// Whether it is on its way.
    pub(crate) sending: bool,
}

impl Kept {
    /// Bytes of the answer, which keep it.
    pub(crate) fn with(mut self: Box<Kept>, message: Bytes) -> Bytes {
        self.sending = true;
        Bytes::from_owner(Sending {
            message,
            _kept: self,
        })
    }
}

impl Kept {
    /// What is exported of a traced request.
    fn span(&self, parent: TraceParent) -> trace::Span {
        let request = &self.request;
        let text = |text: &str| trace::Value::Text(Arc::from(text));
        let number = |number: u32| trace::Value::Number(number.into());
        let mut attributes = vec![
            ("venice.request.key_count", number(request.keys)),
            ("venice.request.size", number(request.request_bytes)),
            ("venice.response.size", number(request.response_bytes)),
        ];
        if let Some(store) = store_name(&request.store_version) {
            let version = &request.store_version[store.len() + 2..];
            attributes.push(("venice.store.name", text(store)));
            attributes.push(("venice.store.version", text(version)));
        }
        let (grpc_status, failed) = match request.status {
            Ended::Answered(code) => {
                attributes.push(("venice.response.status", trace::Value::Number(code.into())));
                (0, code >= 500)
            }
            Ended::Status(code) => (code as i32, true),
        };
        let took = request.total + request.took(Phase::Send);
        // Phases lie within it, though their times were read by another clock.
        let phases = self.spans.iter().map(|span| {
            let after = span.start.saturating_duration_since(self.began).min(took);
            (span.phase.name(), after, span.took.min(took - after))
        });
        trace::Span {
            trace_id: parent.trace_id,
            parent_id: parent.span_id,
            name: self.rpc,
            start: request.start,
            took,
            grpc_status,
            failed,
            attributes,
            phases: phases.collect(),
        }
    }
}

struct Sending {
    message: Bytes,
    _kept: Box<Kept>,
}

impl AsRef<[u8]> for Sending {
    fn as_ref(&self) -> &[u8] {
        &self.message
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        if self.sending {
            let took = self.answered.elapsed();
            self.spans.push(Span {
                phase: Phase::Send,
                start: self.answered,
                took,
            });
            self.request.phases[Phase::Send as usize] += took;
        }
        if let (Some(parent), Some(queue)) = (self.asked.trace, &self.traces) {
            queue.push(self.span(parent));
        }
        if let Some(ring) = self.ring.take() {
            ring.push(self.request.clone());
        }
    }
}

/// When something began that took so long until now.
pub(crate) fn began(took: Duration) -> Duration {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.unwrap_or_default().saturating_sub(took)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(why: Why, store_version: &str) -> Request {
        Request {
            sequence: 0,
            why,
            start: Duration::ZERO,
            method: "get",
            store_version: Arc::from(store_version),
            keys: 1,
            request_bytes: 2,
            response_bytes: 3,
            status: Ended::Answered(200),
            total: Duration::from_micros(100),
            phases: [1, 2, 3, 4, 5, 6].map(Duration::from_micros),
        }
    }

    fn log(bytes: usize, workers: usize) -> Arc<SlowLog> {
        let settings = SlowLogSettings {
            threshold: Duration::from_millis(7),
            bytes,
        };
        SlowLog::of(&settings, workers)
    }

    fn names(requests: &[Arc<Request>]) -> Vec<&str> {
        requests
            .iter()
            .map(|request| &*request.store_version)
            .collect()
    }

    #[test]
    fn what_others_push_out_is_theirs() {
        let log = log(64 * 1024, 2);
        let rings = [log.ring(), log.ring()];
        rings[0].push(request(Why::Slow, "slow_v1"));
        for number in 0..10_000 {
            rings[number % 2].push(request(Why::Sampled, "other_v1"));
        }
        rings[1].push(request(Why::Slow, "slow_v2"));
        let kept = log.after(0);
        assert_eq!(kept[0].store_version.as_ref(), "slow_v1");
        assert_eq!(kept.last().map(|last| last.sequence), Some(10_002));
        let bytes: usize = kept.iter().map(|request| request.bytes()).sum();
        assert!(bytes <= 64 * 1024 && bytes > 30 * 1024, "{bytes}");
        assert!(kept.windows(2).all(|two| two[0].sequence < two[1].sequence));
        let last = log.after(10_001);
        assert_eq!(names(&last), ["slow_v2"]);
        assert!(log.after(10_002).is_empty());
    }

    #[test]
    fn long_names_count() {
        let log = log(64 * 1024, 1);
        let ring = log.ring();
        let long = "s".repeat(10_000);
        for _ in 0..10 {
            ring.push(request(Why::Slow, &long));
        }
        assert_eq!(log.after(0).len(), 3);
        ring.push(request(Why::Slow, &"s".repeat(100_000)));
        assert!(log.after(0).is_empty(), "it is larger than all that may be");
    }

    #[test]
    fn the_threshold_can_change_and_be_off() {
        let log = log(64 * 1024, 1);
        assert_eq!(log.threshold(), Some(Duration::from_millis(7)));
        log.set_threshold(Duration::ZERO);
        assert_eq!(log.threshold(), None);
        assert!(log.threshold_nanos().is_infinite());
        log.set_threshold(Duration::from_micros(1));
        assert_eq!(log.threshold_nanos(), 1000.0);
    }

    #[test]
    fn a_request_is_kept_once_it_was_sent() {
        let log = log(64 * 1024, 1);
        let kept = Box::new(Kept {
            request: request(Why::Slow, "slow_v1"),
            rpc: "service/get",
            traces: None,
            spans: SmallVec::new(),
            ring: Some(log.ring()),
            asked: Asked::default(),
            began: Instant::now(),
            answered: Instant::now(),
            sending: false,
        });
        let bytes = kept.with(Bytes::from_static(b"answer"));
        let slice = bytes.slice(1..3);
        assert_eq!((&bytes[..], &slice[..]), (&b"answer"[..], &b"ns"[..]));
        drop(bytes);
        assert!(log.after(0).is_empty());
        drop(slice);
        let kept = log.after(0);
        assert!(kept[0].took(Phase::Send) > Duration::from_micros(6));
        // 100 without the first five phases; sending comes behind the total.
        assert_eq!(kept[0].rest(), Duration::from_micros(85));
    }
}
