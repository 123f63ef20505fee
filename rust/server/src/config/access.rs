//! Settings of access control.

use std::time::Duration;

/// How access is asked for and remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessSettings {
    /// `access.threads`: threads, default 4. So many questions are asked of Java at the same time;
    /// refreshes leave one thread free for first questions, if there is more than one.
    pub threads: usize,
    /// `access.refresh.ms`: milliseconds, default 60 000. How long after an answer it is asked for
    /// again, and so how long a change of permissions takes to be felt.
    pub refresh: Duration,
    /// `access.stale.ms`: milliseconds, default 600 000. How much longer an answer holds when the
    /// refresh does not succeed, and how long one is refreshed that nobody uses.
    pub stale: Duration,
    /// `access.wait.ms`: milliseconds, default 5 000. How long a request waits for the first answer.
    pub wait: Duration,
    /// `access.cache.entries`: entries, default 10 000, a quarter of them for those who are refused.
    pub entries: usize,
    /// `access.cache.bytes`: bytes, default 32 MiB, a quarter of them for those who are refused. An
    /// entry counts 640 bytes, its names, and its certificate.
    pub bytes: usize,
}

impl Default for AccessSettings {
    fn default() -> AccessSettings {
        AccessSettings {
            threads: 4,
            refresh: Duration::from_secs(60),
            stale: Duration::from_secs(600),
            wait: Duration::from_secs(5),
            entries: 10_000,
            bytes: 32 * 1024 * 1024,
        }
    }
}
