//! What is counted and kept of a streaming call, and of each of its requests, which is a read of its own.
// #[HotPath]

use std::sync::Arc;
use std::time::Duration;

use venice_wire::status::Code;
use venice_wire::store_name::store_name;

use crate::observe::facts::Facts;
use crate::observe::slow_log::{Ended, Kept};
use crate::observe::timeline::{Phase, Timeline};
use crate::read_path::failure::Failure;
use crate::services::instruments::layouts::{ReadMethod, UNKNOWN_STORE};
use crate::services::instruments::method::Method;
use crate::services::instruments::reads::Read;
use crate::services::instruments::slow::Over;
use crate::services::instruments::{last_look, look, read_clock, with, Begun, Clock, Names, CLOCK};

/// One request of a streaming call that is over.
pub(crate) struct Request<'a> {
    /// What was read.
    pub(crate) facts: &'a Facts,
    /// What it asked for.
    pub(crate) store_version: &'a Arc<str>,
    /// Bytes of its messages.
    pub(crate) response_bytes: usize,
    /// What its client got.
    pub(crate) ended: Ended,
    /// Venice's code, and why, if it failed, in whole or in part.
    pub(crate) failed: Option<(i32, &'static str)>,
}

/// A request of a streaming call begins.
pub(crate) fn begin(method: Method) -> Begun {
    look(method)
}

/// A slice is read from memory, from now on. What comes meanwhile waited for it, and not for those before it.
#[inline]
pub(crate) fn reads() {
    if let Clock::Read(_) = CLOCK.get() {
        read_clock();
    }
}

/// It is over but for the sending of its last message. Returns what is kept of it until then.
pub(crate) fn ended(
    begun: Begun,
    request: &Request<'_>,
    timeline: &mut Timeline,
    names: impl Names,
) -> Option<Box<Kept>> {
    let at = begun.at?;
    timeline.end();
    let kept = with(|writers| {
        let elapsed = writers.took(at);
        // How long its client took to take it says nothing of the server.
        let sending = timeline.took(Phase::Send).as_nanos() as u64;
        let took = elapsed.saturating_sub(sending);
        let facts = request.facts;
        let is_here = names.is_here(request.store_version);
        let mut is_sampled = false;
        match (request.failed, facts.store) {
            (Some((code, reason)), _) => {
                writers.refuse(reason);
                // As with requests of one message.
                if code != Failure::QuotaExceeded.error_code() {
                    let here = is_here.then(|| store_name(request.store_version));
                    let store = here.flatten().unwrap_or(UNKNOWN_STORE);
                    let method = ReadMethod::of_facts(facts);
                    writers.count_failure(store, method, code, took);
                }
            }
            (None, Some(number)) => {
                let read = Read {
                    method: begun.method,
                    took,
                    response_bytes: request.response_bytes,
                    facts,
                };
                is_sampled = writers.count_read(number, &read, &names).is_sampled;
            }
            // It asked for no key.
            (None, None) => {}
        }
        let is_slow = writers.slow.is_slow(took as f64);
        let is_kept = is_slow | is_sampled | timeline.is_asked();
        is_kept.then(|| {
            let (now, took) = (last_look(), Duration::from_nanos(took));
            let over = Over {
                method: begun.method.short_name(),
                rpc: begun.method.name(),
                of: begun.method,
                facts: Some(facts),
                response_bytes: request.response_bytes,
                status: None,
                store_version: if is_here {
                    Arc::clone(request.store_version)
                } else {
                    Arc::default()
                },
                began: now.checked_sub(took).unwrap_or(now),
                took,
                now,
            };
            let mut kept = writers.slow.keep(over, is_slow, is_sampled, timeline);
            kept.request.status = request.ended;
            kept
        })
    });
    kept.flatten()
}

/// The call ended by this status, `None` for OK, after messages of so many bytes in both directions.
pub(crate) fn call_ended(begun: Begun, status: Option<Code>, received: usize, sent: usize) {
    let Some(at) = begun.at else { return };
    with(|writers| {
        let took = writers.took(at);
        writers.count_call(begun.method, status, took, (received, sent));
    });
}
