//! Which keys are read most: a session that somebody starts and that ends itself.
//!
//! While none runs, a request pays for one relaxed load. While one runs, each key is counted under one of some
//! locks, chosen by the key, in a sketch of a bounded size ([`crate::observe::space_saving`]).

use std::fmt::Write;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Mutex, RwLock};

use crate::observe::space_saving::SpaceSaving;

/// Sketches of a session: a key is in one of them, always the same.
const SHARDS: usize = 16;
/// Keys of a sketch.
const KEYS_OF_SHARD: usize = 256;
/// Bytes of a key that are shown.
pub(crate) const SHOWN_BYTES: usize = 128;
/// The longest session.
pub const LONGEST: Duration = Duration::from_secs(3600);
/// The keys that a report has at most.
const MOST_REPORTED: usize = 100;
/// The clock is looked at once for so many requests.
const LOOK: u64 = 64;

/// What a session is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HotKeysSession {
    /// After so long it ends by itself: from a millisecond to [`LONGEST`].
    pub duration: Duration,
    /// Whether keys are shown. Else a key has a number, drawn anew for each session, and no key is kept.
    pub shows_keys: bool,
}

/// Why a session does not start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HotKeysError {
    /// There is one.
    #[error("a session of hot keys runs for {} ms more; read it, or stop it first", .left.as_millis())]
    Running {
        /// For how long.
        left: Duration,
    },
    /// It would be too short or too long.
    #[error("a session of hot keys cannot last {} ms; give 1 to {} ms", .0.as_millis(), LONGEST.as_millis())]
    Duration(Duration),
}

/// The session of one server, if there is one.
#[derive(Debug, Default)]
pub struct HotKeys {
    /// Whether keys are counted now.
    runs: AtomicBool,
    session: RwLock<Option<Arc<Session>>>,
}

#[derive(Debug)]
struct Session {
    shows_keys: bool,
    ends: Instant,
    hasher: RandomState,
    requests: AtomicU64,
    shards: Vec<Mutex<SpaceSaving<Subject>>>,
}

/// What a key is shown as.
#[derive(Debug, Clone)]
struct Subject {
    store_version: Arc<str>,
    /// Empty if keys are not shown.
    key: Box<[u8]>,
}

/// A key that was read often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HotKey {
    /// Of which store version.
    pub store_version: Arc<str>,
    /// Its number in this session.
    pub number: u64,
    /// The key, or its beginning, if keys are shown.
    pub key: Option<Box<[u8]>>,
    /// How often it was read, at most.
    pub reads: u64,
    /// How often it was read, at least.
    pub at_least: u64,
}

/// What a session has counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HotKeysReport {
    /// How long it goes on; `None` if it is over.
    pub left: Option<Duration>,
    /// Keys that were read in all.
    pub reads: u64,
    /// Those that were read most, a hundred at most.
    pub keys: Vec<HotKey>,
}

impl HotKeys {
    /// Whether keys are counted now.
    #[inline]
    pub(crate) fn runs(&self) -> bool {
        self.runs.load(Ordering::Relaxed)
    }

    /// Starts to count, from nothing; what the session before has counted goes.
    pub fn start(&self, session: HotKeysSession) -> Result<(), HotKeysError> {
        let HotKeysSession {
            duration,
            shows_keys,
        } = session;
        if duration < Duration::from_millis(1) || duration > LONGEST {
            return Err(HotKeysError::Duration(duration));
        }
        let mut known = self.session.write();
        if let Some(left) = known.as_ref().and_then(|session| session.left()) {
            if self.runs() {
                return Err(HotKeysError::Running { left });
            }
        }
        let sketch = || Mutex::new(SpaceSaving::new(KEYS_OF_SHARD));
        *known = Some(Arc::new(Session {
            shows_keys,
            ends: Instant::now() + duration,
            hasher: RandomState::new(),
            requests: AtomicU64::new(0),
            shards: (0..SHARDS).map(|_| sketch()).collect(),
        }));
        self.runs.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Ends the session, whose report stays until the next one starts.
    pub fn stop(&self) {
        self.runs.store(false, Ordering::Relaxed);
    }

    /// What the last session has counted; `None` if there was none.
    pub fn report(&self) -> Option<HotKeysReport> {
        let session = self.session.read().clone()?;
        let left = session.left();
        if left.is_none() {
            // Nobody read since.
            self.stop_if(&session);
        }
        let mut report = session.report();
        report.left = left.filter(|_| self.runs());
        Some(report)
    }

    /// Counts the keys of a request.
    #[cold]
    pub(crate) fn count<'k>(&self, store_version: &str, keys: impl Iterator<Item = &'k [u8]>) {
        let Some(session) = self.session.read().clone() else {
            return;
        };
        if session.requests.fetch_add(1, Ordering::Relaxed) % LOOK == 0 && session.left().is_none()
        {
            self.stop_if(&session);
            return;
        }
        session.count(store_version, keys);
    }

    /// Ends a session that is over, and no other.
    fn stop_if(&self, over: &Arc<Session>) {
        let known = self.session.read();
        if known.as_ref().is_some_and(|known| Arc::ptr_eq(known, over)) {
            self.runs.store(false, Ordering::Relaxed);
        }
    }
}

impl Session {
    fn left(&self) -> Option<Duration> {
        let left = self.ends.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }

    fn count<'k>(&self, store_version: &str, keys: impl Iterator<Item = &'k [u8]>) {
        let mut name: Option<Arc<str>> = None;
        for key in keys {
            let number = self.hasher.hash_one((store_version, key));
            let shard = &self.shards[number as usize % SHARDS];
            shard.lock().count(number, || Subject {
                store_version: Arc::clone(name.get_or_insert_with(|| Arc::from(store_version))),
                key: if self.shows_keys {
                    key[..key.len().min(SHOWN_BYTES)].into()
                } else {
                    Box::default()
                },
            });
        }
    }

    fn report(&self) -> HotKeysReport {
        let (mut reads, mut keys) = (0, Vec::new());
        for shard in &self.shards {
            let shard = shard.lock();
            reads += shard.total();
            keys.extend(shard.counters().map(|counter| HotKey {
                store_version: Arc::clone(&counter.subject.store_version),
                number: counter.key,
                key: self.shows_keys.then(|| counter.subject.key.clone()),
                reads: counter.count,
                at_least: counter.count - counter.error,
            }));
        }
        keys.sort_unstable_by_key(|key| std::cmp::Reverse((key.reads, key.at_least)));
        keys.truncate(MOST_REPORTED);
        HotKeysReport {
            left: None,
            reads,
            keys,
        }
    }
}

impl HotKeysReport {
    /// A line for each key, the hottest first.
    pub fn to_text(&self) -> String {
        let mut text = match self.left {
            Some(left) => format!("goes on for {} ms", left.as_millis()),
            None => "over".to_owned(),
        };
        let _ = writeln!(text, "; {} keys were read", self.reads);
        let _ = writeln!(
            text,
            "{:>10} {:>10} {:>7}  store_version  key",
            "reads", "at least", "share"
        );
        for key in &self.keys {
            let share = 100.0 * key.reads as f64 / self.reads.max(1) as f64;
            let _ = writeln!(
                text,
                "{:>10} {:>10} {share:>6.2}%  {}  {}",
                key.reads,
                key.at_least,
                key.store_version.escape_debug(),
                key.shown()
            );
        }
        text
    }

    /// For programs: a line with what is left in milliseconds and how many keys were read, then one for each
    /// key: `reads`, `at least`, store version, key, with tabs between them.
    pub fn to_rows(&self) -> String {
        let left = self.left.unwrap_or_default().as_millis();
        let mut rows = format!("{left}\t{}\n", self.reads);
        for key in &self.keys {
            let name = key.store_version.escape_debug();
            let _ = writeln!(
                rows,
                "{}\t{}\t{name}\t{}",
                key.reads,
                key.at_least,
                key.shown()
            );
        }
        rows
    }
}

impl HotKey {
    /// The key with what is not printable escaped, or `#` and its number.
    pub fn shown(&self) -> String {
        match &self.key {
            Some(key) => key.escape_ascii().to_string(),
            None => format!("#{:016x}", self.number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: HotKeysSession = HotKeysSession {
        duration: LONGEST,
        shows_keys: false,
    };

    fn count(hot: &HotKeys, store: &str, key: &[u8], times: usize) {
        for _ in 0..times {
            hot.count(store, [key].into_iter());
        }
    }

    #[test]
    fn keys_have_numbers_unless_they_are_asked_for() {
        let hot = HotKeys::default();
        assert!(!hot.runs() && hot.report().is_none());
        hot.start(HOUR).unwrap();
        assert!(hot.runs());
        count(&hot, "a_v1", b"hot", 30);
        count(&hot, "b_v1", b"hot", 10);
        for number in 0..100u32 {
            count(&hot, "a_v1", &number.to_be_bytes(), 1);
        }
        let report = hot.report().unwrap();
        assert_eq!(report.reads, 140);
        assert!(report.left.is_some());
        let first = &report.keys[0];
        assert_eq!(
            (&*first.store_version, first.reads, first.at_least),
            ("a_v1", 30, 30)
        );
        assert_eq!(
            (&*report.keys[1].store_version, report.keys[1].reads),
            ("b_v1", 10)
        );
        assert!(first.number != report.keys[1].number);
        assert!(!report.to_text().contains("hot") && !report.to_rows().contains("hot"));
        assert!(report.to_text().contains("21.43%"), "{}", report.to_text());

        let again = hot.start(HOUR).unwrap_err();
        assert!(matches!(again, HotKeysError::Running { .. }), "{again}");
        hot.stop();
        assert!(!hot.runs());
        assert_eq!(hot.report().unwrap().left, None);
        let shows_keys = true;
        hot.start(HotKeysSession { shows_keys, ..HOUR }).unwrap();
        count(&hot, "a_v1", b"hot\t\xff", 3);
        count(&hot, "a_v1", &[b'x'; 1000], 2);
        let report = hot.report().unwrap();
        assert_eq!(report.reads, 5, "the one before is gone");
        assert_eq!(report.keys[0].shown(), "hot\\t\\xff");
        assert_eq!(report.keys[1].key.as_ref().unwrap().len(), SHOWN_BYTES);
        assert!(report
            .to_rows()
            .ends_with(&format!("2\t2\ta_v1\t{}\n", "x".repeat(SHOWN_BYTES))));
    }

    #[test]
    fn a_session_ends_itself_by_the_next_request_or_report() {
        let short = HotKeysSession {
            duration: Duration::from_millis(1),
            ..HOUR
        };
        for by_report in [false, true] {
            let hot = HotKeys::default();
            hot.start(short).unwrap();
            let ends = hot.session.read().as_ref().unwrap().ends;
            while Instant::now() < ends {
                std::thread::yield_now();
            }
            if by_report {
                assert_eq!(hot.report().unwrap().left, None);
            } else {
                count(&hot, "a_v1", b"key", LOOK as usize);
            }
            assert!(!hot.runs());
            hot.start(HOUR).unwrap();
        }
    }

    #[test]
    fn durations_have_bounds() {
        let hot = HotKeys::default();
        for duration in [Duration::ZERO, LONGEST + Duration::from_millis(1)] {
            let error = hot.start(HotKeysSession { duration, ..HOUR }).unwrap_err();
            assert!(
                error.to_string().ends_with("give 1 to 3600000 ms"),
                "{error}"
            );
        }
        assert!(!hot.runs());
    }
}
