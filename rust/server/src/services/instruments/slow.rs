//! Which requests are kept, and what of them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use venice_wire::compute_call::ComputeCall;
use venice_wire::compute_request::{ComputeRequest, Limits};
use venice_wire::count_call::CountCall;
use venice_wire::key_records;
use venice_wire::request::Request as Message;
use venice_wire::status::Code;

use crate::observe::chance::Chance;
use crate::observe::facts::Facts;
use crate::observe::slow_log::{began, Ended, Kept, Request, Ring, SlowLog, Why};
use crate::observe::timeline::{Phase, Span, Timeline};
use crate::observe::tracing::Tracing;
use crate::read_path::failure::{KEY_NOT_FOUND, OK};
use crate::services::instruments::method::Method;

/// One of so many reads that are timed is kept: of those from memory, of which one in 64 is.
const KEPT_OF_MEMORY: u32 = 16;
/// One of so many that go to a disk thread, all of which are timed.
const KEPT_OF_DISK: u32 = 16;
/// One of so many streamed ones from memory, all of which are timed.
const KEPT_OF_STREAMED: u32 = 1024;

/// Where one thread keeps requests.
pub(super) struct SlowRequests {
    log: Arc<SlowLog>,
    ring: Arc<Ring>,
    of_memory: Chance,
    of_disk: Chance,
    of_streamed: Chance,
    traces: Arc<Tracing>,
}

/// What is known of a request when it is over.
pub(super) struct Over<'a> {
    pub(super) method: &'static str,
    /// The full name of the RPC.
    pub(super) rpc: &'static str,
    /// The same, to read its messages by.
    pub(super) of: Method,
    /// What was read, if it was.
    pub(super) facts: Option<&'a Facts>,
    pub(super) response_bytes: usize,
    /// The gRPC status, if it ended by one.
    pub(super) status: Option<Code>,
    pub(super) store_version: Arc<str>,
    pub(super) began: Instant,
    /// Without what the client took of a streamed answer meanwhile.
    pub(super) took: Duration,
    pub(super) now: Instant,
}

impl SlowRequests {
    pub(super) fn new(log: &Arc<SlowLog>, traces: &Arc<Tracing>) -> SlowRequests {
        SlowRequests {
            ring: log.ring(),
            log: Arc::clone(log),
            of_memory: Chance::new(),
            of_disk: Chance::new(),
            of_streamed: Chance::new(),
            traces: Arc::clone(traces),
        }
    }

    /// Whether a request that took so many nanoseconds is slow.
    #[inline]
    pub(super) fn is_slow(&self, nanos: f64) -> bool {
        nanos >= self.log.threshold_nanos()
    }

    /// Whether a read that was timed is kept by chance.
    pub(super) fn is_sampled(&mut self, facts: &Facts) -> bool {
        match facts.queued {
            None if facts.is_streamed => self.of_streamed.hits(KEPT_OF_STREAMED),
            None => self.of_memory.hits(KEPT_OF_MEMORY),
            Some(_) => self.of_disk.hits(KEPT_OF_DISK),
        }
    }

    /// What is kept of a request, which is slow, or was drawn, or somebody asked for it.
    #[cold]
    pub(super) fn keep(
        &self,
        over: Over<'_>,
        is_slow: bool,
        is_sampled: bool,
        timeline: &mut Timeline,
    ) -> Box<Kept> {
        let mut spans = timeline.take_spans();
        let facts = over.facts.copied().unwrap_or_default();
        let was_read = spans.iter().any(|span| span.phase == Phase::Read);
        if let (false, Some(took)) = (was_read, facts.spent.time) {
            // The last thing that happened, but for a few fields.
            let start = over.now.checked_sub(took).unwrap_or(over.now);
            spans.push(Span {
                phase: Phase::Read,
                start,
                took,
            });
        }
        let mut phases = [Duration::ZERO; Phase::ALL.len()];
        for span in &spans {
            phases[span.phase as usize] += span.took;
        }
        let (keys, request_bytes) = match timeline.message() {
            Some(message) if facts.store.is_none() && !facts.is_streamed => {
                let asked = asked_in(over.of, message);
                (asked.map_or(0, |(_, keys)| keys), message.len() as u32)
            }
            _ => (facts.keys, facts.request_bytes),
        };
        let answered = match timeline.failed() {
            Some(code) => code,
            None if facts.missing > 0 && !facts.is_batch => KEY_NOT_FOUND,
            None => OK,
        };
        let kept_for = match (is_slow, is_sampled, facts.queued) {
            (true, ..) => Some(Why::Slow),
            (false, true, Some(_)) if facts.is_compute => Some(Why::Compute),
            (false, true, Some(_)) => Some(Why::Disk),
            (false, true, None) => Some(Why::Sampled),
            (false, false, _) => None,
        };
        let is_on = self.log.threshold_nanos().is_finite();
        Box::new(Kept {
            request: Request {
                sequence: 0,
                why: kept_for.unwrap_or(Why::Sampled),
                start: began(over.now.saturating_duration_since(over.began)),
                method: over.method,
                store_version: over.store_version,
                keys,
                request_bytes,
                response_bytes: over.response_bytes as u32,
                status: over.status.map_or(Ended::Answered(answered), Ended::Status),
                total: over.took,
                phases,
            },
            rpc: over.rpc,
            spans,
            traces: timeline.asks().trace.and_then(|_| self.traces.queue()),
            ring: kept_for.filter(|_| is_on).map(|_| Arc::clone(&self.ring)),
            asked: timeline.asks(),
            began: over.began,
            answered: over.now,
            sending: false,
        })
    }
}

/// The store version that a request of a method asks for, and how many keys, as far as that can be read.
pub(crate) fn asked_in(method: Method, message: &[u8]) -> Option<(&str, u32)> {
    // A request has no more keys than bytes.
    let most = message.len();
    let counted = |records| key_records::count(records, most).map_or(0, |keys| keys as u32);
    Some(match method {
        Method::CountByValue => {
            let call = CountCall::decode(message).ok()?;
            (call.resource_name, call.keys as u32)
        }
        Method::Compute | Method::HttpCompute => {
            let call = ComputeCall::decode(message).ok()?;
            let limits = Limits::operations(most);
            let keys = ComputeRequest::keys_in(call.body, limits);
            (call.resource_name, keys.map_or(0, counted))
        }
        _ => {
            let request = Message::decode(message).ok()?;
            let keys = match request.is_batch {
                true => counted(request.key_bytes),
                false => 1,
            };
            (request.resource_name.as_str(), keys)
        }
    })
}

/// The name of a store version that was read, or of one that a request asks for and that `is_here`; else
/// empty.
pub(super) fn store_version(
    method: Method,
    known: Option<&Arc<str>>,
    timeline: &Timeline,
    is_here: impl FnOnce(&str) -> bool,
) -> Arc<str> {
    if let Some(known) = known {
        return Arc::clone(known);
    }
    let request = timeline
        .message()
        .and_then(|message| asked_in(method, message));
    let named = request.map(|(name, _)| name).filter(|name| is_here(name));
    Arc::from(named.unwrap_or_default())
}
