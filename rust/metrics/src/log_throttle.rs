//! Throttles lines of the log: of events that come all the time, one line in a while says how many there were.

use std::time::{Duration, Instant};

/// Between two lines about the same.
const PAUSE: Duration = Duration::from_secs(60);

/// Counts something that is said once a minute.
#[derive(Debug, Default)]
pub struct LogThrottle {
    said: Option<Instant>,
    /// Since the last line.
    times: u64,
}

impl LogThrottle {
    /// It happened once more. How often since it was last said, if it is time to say it again.
    pub fn count(&mut self, now: Instant) -> Option<u64> {
        self.times += 1;
        if self.said.is_some_and(|said| now < said + PAUSE) {
            return None;
        }
        self.said = Some(now);
        Some(std::mem::take(&mut self.times))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happens_all_the_time_is_said_once_a_minute() {
        let mut often = LogThrottle::default();
        let start = Instant::now();
        assert_eq!(often.count(start), Some(1));
        for second in 0..59 {
            assert_eq!(often.count(start + Duration::from_secs(second)), None);
        }
        assert_eq!(often.count(start + PAUSE), Some(60));
        assert_eq!(often.count(start + PAUSE), None);
        assert_eq!(often.count(start + 2 * PAUSE), Some(2));
    }
}
