//! `/slow`: the slow log.

use crate::admin::Administered;
use crate::observe::slow_text::SlowRequests;

/// The requests that are kept with numbers above `after`, as [`SlowRequests::to_json`] has them.
pub(crate) fn slow(server: &Administered, after: u64) -> String {
    let log = &server.context.slow_log;
    let counts = server.context.metrics.registry().is_some();
    let requests = SlowRequests {
        threshold: log.threshold().filter(|_| counts),
        requests: log.after(after),
    };
    requests.to_json()
}
