//! Moments that are subtracted for each call: a number each, where `Instant` takes two, and checks them.
// #[HotPath]
// except system calls: the clock, which Linux reads without one.

use std::time::{Duration, Instant};

/// Nanoseconds of the clock that nobody can set, since a moment of its choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment(u64);

impl Moment {
    /// Reads the clock.
    #[cfg(target_os = "linux")]
    #[inline]
    pub fn now() -> Moment {
        use rustix::time::{clock_gettime, ClockId};

        let now = clock_gettime(ClockId::Monotonic);
        // Since the machine started, so that they are not negative.
        Moment(now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64)
    }

    /// Reads the clock.
    #[cfg(not(target_os = "linux"))]
    pub fn now() -> Moment {
        static FIRST: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
        Moment(FIRST.get_or_init(Instant::now).elapsed().as_nanos() as u64)
    }

    /// Nanoseconds since `earlier`; 0 if that is later.
    #[inline]
    pub fn since(self, earlier: Moment) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The same moment, but for the time that it takes to read the clock twice.
    pub fn instant(self) -> Instant {
        let now = Instant::now();
        let ago = Duration::from_nanos(Moment::now().since(self));
        now.checked_sub(ago).unwrap_or(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_where_an_instant_is() {
        let (before, first) = (Instant::now(), Moment::now());
        let (second, after) = (Moment::now(), Instant::now());
        assert_eq!(first.since(second), 0);
        let between = Duration::from_nanos(second.since(first));
        assert!(between <= after - before);
        // Two readings of the clock apart, the instant is too early by what lies between them, never too late.
        assert!(first.instant() <= after);
    }
}
