//! What there is to see, as JSON. Times are seconds since 1970, sizes bytes.

pub(super) mod connections;
pub(super) mod descriptions;
pub(super) mod hot_keys;
pub(super) mod limits;
pub(super) mod policies;
pub(super) mod settings;
pub(super) mod slow;
pub(super) mod status;
pub(super) mod stores;

use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds since 1970.
fn unix_seconds(time: SystemTime) -> f64 {
    let since = time.duration_since(UNIX_EPOCH);
    since.map_or(0.0, |since| since.as_secs_f64())
}
