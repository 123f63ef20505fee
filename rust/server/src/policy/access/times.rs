//! How long answers hold, which can be changed; and what operators are told of them.

use std::time::Duration;

use crate::config::access::AccessSettings;

/// How long answers hold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    /// All in milliseconds.
    pub(super) refresh: u64,
    pub(super) stale: u64,
    pub(super) wait: Duration,
}

impl From<&AccessSettings> for Times {
    fn from(settings: &AccessSettings) -> Times {
        Times {
            refresh: millis(settings.refresh),
            stale: millis(settings.stale),
            wait: settings.wait,
        }
    }
}

/// What access control knows and waits for, for operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccessFacts {
    /// Answers that are kept.
    pub kept: usize,
    /// Questions for which requests wait, and that no thread of Java has taken.
    pub new_questions: usize,
    /// Answers that are to be asked for again, and that no thread has taken.
    pub refreshes: usize,
    /// Those that threads are asking for again.
    pub refreshing: usize,
    /// Milliseconds since the oldest kept answer came that requests may still be answered by.
    pub oldest_millis: Option<u64>,
}

/// Whole milliseconds.
pub(super) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
