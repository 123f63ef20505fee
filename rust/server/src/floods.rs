//! Says now and then that clients are hung up on for what they send.
//!
//! A client that is hung up on comes back and is hung up on again, so a line for each would be a flood
//! of its own.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::frame_meter::Flood;

/// Between two lines of the log.
const PAUSE: Duration = Duration::from_secs(60);

/// Who was hung up on, on one server.
#[derive(Debug, Default)]
pub struct Floods(Mutex<Count>);

#[derive(Debug, Default)]
struct Count {
    said: Option<Instant>,
    /// Since the last line.
    unsaid: u64,
}

impl Floods {
    /// Counts a client that was hung up on, and says so if that was not said lately.
    pub(crate) fn note(&self, address: SocketAddr, why: Flood) {
        if let Some(clients) = self.0.lock().due(Instant::now()) {
            tracing::warn!(
                %address,
                %why,
                clients,
                "a client is hung up on (GOAWAY, ENHANCE_YOUR_CALM); `clients` were since this was last \
                 said. If it is one that should be served, find out what it sends beside calls"
            );
        }
    }
}

impl Count {
    /// How many there were since the last line, if it is time for one.
    fn due(&mut self, now: Instant) -> Option<u64> {
        self.unsaid += 1;
        if self.said.is_some_and(|said| now < said + PAUSE) {
            return None;
        }
        self.said = Some(now);
        Some(std::mem::take(&mut self.unsaid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_has_one_line_that_counts_all() {
        let mut count = Count::default();
        let start = Instant::now();
        assert_eq!(count.due(start), Some(1));
        for second in 1..60 {
            assert_eq!(count.due(start + Duration::from_secs(second)), None);
        }
        assert_eq!(count.due(start + PAUSE), Some(60));
        assert_eq!(count.due(start + 2 * PAUSE), Some(1));
    }
}
