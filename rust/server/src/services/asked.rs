//! Who wants to know of a call, whether it is slow or not: its fields say so.
// #[HotPath]

use http::header::HeaderMap;

use crate::grpc::body::{TIMINGS, TRACE_PARENT};
use crate::observe::timeline::Asked;
use crate::observe::trace_parent::TraceParent;

/// Who wants to know of the call, if anybody does.
#[inline]
pub(super) fn asked(headers: &HeaderMap, traces: bool) -> Option<Asked> {
    let timings = headers.get(TIMINGS);
    let trace = if traces {
        headers.get(TRACE_PARENT)
    } else {
        None
    };
    if timings.is_none() && trace.is_none() {
        return None;
    }
    let asked = Asked {
        trailer: timings.is_some_and(|value| value == "1"),
        trace: trace.and_then(|value| TraceParent::sampled(value.as_bytes())),
    };
    (asked.trailer || asked.trace.is_some()).then_some(asked)
}
