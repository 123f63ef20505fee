//! When a connection that works has to end: it is old, or nobody uses it.
//!
//! It ends by GOAWAY: calls in flight are answered, and the client makes its next call over a new
//! connection. A connection with a call in flight is in use, however long ago the call was made.

use std::collections::hash_map::RandomState;
use std::future::pending;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::{sleep_until, Instant};

use crate::transport::instruments::Ended;

/// Looks at a connection in the time after which it is idle. Nobody notes when a call came, so it ends by the time
/// between two looks later.
const LOOKS: u32 = 8;

/// Counts the calls of one connection.
#[derive(Debug, Default)]
pub(crate) struct Calls(AtomicU64);

impl Calls {
    /// Called by the connection's own thread only, so that it need not lock the memory bus.
    pub(crate) fn count(&self) {
        let calls = self.0.load(Ordering::Relaxed);
        self.0.store(calls.wrapping_add(1), Ordering::Relaxed);
    }
}

/// How long a connection may last.
pub(crate) struct ConnectionAge {
    old_at: Option<Instant>,
    idle: Option<Duration>,
    /// Calls at the last look.
    seen: u64,
    idle_at: Option<Instant>,
}

#[derive(Debug, PartialEq, Eq)]
enum Look {
    /// Look again then.
    At(Instant),
    /// There is no need to look.
    Never,
    /// It has to end, and why.
    Over(Ended),
}

impl ConnectionAge {
    /// From `now` on. Zero stands for no limit. The age differs by up to a tenth from connection to
    /// connection, so that those that came together do not go together.
    pub(crate) fn new(idle: Duration, age: Duration, now: Instant) -> ConnectionAge {
        let tenth = age / 10;
        let jitter = tenth.mul_f64(RandomState::new().hash_one(()) as f64 / u64::MAX as f64);
        let idle = (!idle.is_zero()).then_some(idle);
        ConnectionAge {
            old_at: (!age.is_zero()).then(|| now + age - jitter),
            idle,
            seen: 0,
            idle_at: idle.map(|idle| now + idle),
        }
    }

    /// Waits until the connection has to end, and says why. `busy` tells whether a call is in flight.
    pub(crate) async fn expired(mut self, calls: &Calls, busy: impl Fn() -> bool) -> Ended {
        loop {
            match self.look(Instant::now(), calls.0.load(Ordering::Relaxed), busy()) {
                Look::At(next) => sleep_until(next).await,
                Look::Never => return pending().await,
                Look::Over(why) => return why,
            }
        }
    }

    fn look(&mut self, now: Instant, calls: u64, busy: bool) -> Look {
        if self.old_at.is_some_and(|old_at| now >= old_at) {
            return Look::Over(Ended::Age);
        }
        // A call at any time since the last look lets it live on; so does one that began earlier and is not answered.
        if calls != self.seen || busy {
            self.seen = calls;
            self.idle_at = self.idle.map(|idle| now + idle);
        }
        if self.idle_at.is_some_and(|idle_at| now >= idle_at) {
            return Look::Over(Ended::Idle);
        }
        let look = self.idle.map(|idle| now + idle / LOOKS);
        let idle = self.idle_at.min(look);
        let next = self.old_at.into_iter().chain(idle).min();
        next.map_or(Look::Never, Look::At)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn a_connection_without_calls_is_idle() {
        let start = Instant::now();
        let mut lifetime = ConnectionAge::new(HOUR, Duration::ZERO, start);
        let mut now = start;
        let mut until = |calls, busy, looks: u32| {
            for _ in 0..looks {
                assert_eq!(
                    lifetime.look(now, calls, busy),
                    Look::At(now + HOUR / LOOKS)
                );
                now += HOUR / LOOKS;
            }
            now
        };
        // Calls, the last of which came before the third look.
        until(0, false, 2);
        until(7, false, 1);
        // One that lasts four hours.
        until(8, true, 4 * LOOKS);
        let ended = until(8, false, LOOKS - 1);
        assert_eq!(lifetime.look(ended, 8, false), Look::Over(Ended::Idle));
        let answered = start + (2 + 1 + 4 * LOOKS - 1) * (HOUR / LOOKS);
        assert_eq!(
            ended - answered,
            HOUR,
            "from the last look that saw it busy"
        );

        let mut unused = ConnectionAge::new(HOUR, Duration::ZERO, start);
        assert_eq!(unused.look(start + HOUR, 0, false), Look::Over(Ended::Idle));
    }

    #[test]
    fn age_ends_it_whatever_it_does() {
        let start = Instant::now();
        for _ in 0..100 {
            let mut lifetime = ConnectionAge::new(200 * HOUR, 10 * HOUR, start);
            let Look::At(old) = lifetime.look(start, 0, false) else {
                panic!("it is young")
            };
            assert!(old >= start + 9 * HOUR && old <= start + 10 * HOUR);
            assert_eq!(lifetime.look(old, 1, true), Look::Over(Ended::Age));
        }
    }

    #[test]
    fn without_limits_it_lasts() {
        let now = Instant::now();
        let mut lifetime = ConnectionAge::new(Duration::ZERO, Duration::ZERO, now);
        assert_eq!(lifetime.look(now + 1000 * HOUR, 0, false), Look::Never);
    }
}
