//! A page of a plain table that is not in memory is read by who may wait for the disk, and by nobody else; what is in
//! memory is answered there.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::thread;

use venice_engine::testing::{Change, TableFormat, TestStoreVersion};
use venice_engine::{
    each, Ahead, Answer, Key, PlainTableWatch, PlainTables, ReadError, Registry, StoreVersion,
    StoreVersionState, Tier, GETS_AHEAD,
};

const KEYS: u32 = 2000;

struct Subject {
    registry: Arc<Registry>,
    store: TestStoreVersion,
    watch: PlainTableWatch,
}

/// Many that begin alike, of which the index knows some, and others.
fn key(number: u32) -> Vec<u8> {
    match number % 3 {
        0 => format!("one long common beginning {number:06}").into_bytes(),
        1 => format!("{number:06}").into_bytes(),
        _ => number.wrapping_mul(0x9E37_79B9).to_be_bytes().to_vec(),
    }
}

/// Of several pages, some of them.
fn payload(number: u32) -> Vec<u8> {
    let length = if number.is_multiple_of(50) {
        20_000
    } else {
        number % 400
    };
    vec![number as u8; length as usize]
}

impl Subject {
    fn new(state: &StoreVersionState) -> Subject {
        let registry = Registry::new();
        let store = TestStoreVersion::create_with_format(&registry, "store_v1", TableFormat::Plain);
        store.put_state(state);
        store.open(0);
        for number in 0..KEYS {
            if state.chunked && number.is_multiple_of(50) {
                store.put_chunked(0, &key(number), 1, &payload(number), 9000, 1);
            } else if state.chunked {
                store.put_unchunked(0, &key(number), 1, &payload(number));
            } else {
                store.put(0, &key(number), 1, &payload(number));
            }
        }
        store.flush(0);
        Subject {
            watch: PlainTableWatch::new(&registry),
            registry,
            store,
        }
    }

    fn plain() -> Subject {
        Subject::new(&StoreVersionState::default())
    }

    fn look(&self) -> PlainTables {
        self.watch.look(|| true)
    }

    fn version(&self) -> Arc<StoreVersion> {
        self.registry.store_version("store_v1").unwrap()
    }

    fn get(&self, number: u32, tier: Tier) -> Result<Option<Vec<u8>>, ReadError> {
        self.get_key(&key(number), tier)
    }

    /// The value of a key is found.
    #[track_caller]
    fn reads(&self, number: u32, tier: Tier) {
        assert_eq!(self.get(number, tier).unwrap(), Some(payload(number)));
    }

    fn get_key(&self, key: &[u8], tier: Tier) -> Result<Option<Vec<u8>>, ReadError> {
        self.version().get(0, key, tier, |value| {
            let mut out = Vec::new();
            value.copy_to(&mut out);
            out
        })
    }

    fn batch(&self, numbers: &[u32], tier: Tier) -> Result<Vec<Option<Vec<u8>>>, ReadError> {
        let keys: Vec<_> = numbers.iter().map(|number| key(*number)).collect();
        let keys: Vec<_> = keys.iter().map(|key| Key::new(0, key)).collect();
        let mut taken = Vec::new();
        let version = self.version();
        version.reader(tier)?.multi_get(
            &keys,
            &mut each(|_, value| {
                taken.push(value.map(|value| {
                    let mut out = Vec::new();
                    value.copy_to(&mut out);
                    out
                }));
            }),
        )?;
        Ok(taken)
    }

    /// How many of some keys were found ahead.
    fn found_ahead(&self, numbers: &[u32]) -> usize {
        let version = self.version();
        let reader = version.reader(Tier::Memory).unwrap();
        let keys: Vec<_> = numbers.iter().map(|number| key(*number)).collect();
        let keys: Vec<_> = keys.iter().map(|key| Key::new(0, key)).collect();
        let mut ahead = Ahead::default();
        let first = reader.fetch_ahead(&keys, &mut ahead);
        let found = (first..first + keys.len()).filter_map(|place| ahead.found(place));
        found
            .filter_map(|found| found.answer())
            .filter(|answer| matches!(answer, Answer::Value(_)))
            .count()
    }
}

fn would_block<T: std::fmt::Debug>(read: &Result<T, ReadError>) -> bool {
    matches!(read, Err(ReadError::WouldBlock))
}

#[test]
fn a_get_that_would_read_a_cold_page_is_left_to_who_may_wait() {
    let subject = Subject::plain();
    assert_eq!(subject.look().tables, 1);
    let expected = |number| Ok(Some(payload(number)));
    // In memory, as it was just written.
    for number in 0..KEYS {
        let read = subject.get(number, Tier::Memory);
        assert_eq!(
            format!("{read:?}"),
            format!("{:?}", expected(number).map_err(|e: ReadError| e))
        );
    }
    subject.store.forget_pages(0);
    for number in 0..KEYS {
        assert!(would_block(&subject.get(number, Tier::Memory)), "{number}");
        assert!(
            would_block(&subject.batch(&[number], Tier::Memory)),
            "{number}"
        );
    }
    assert!(would_block(&subject.get_key(b"none", Tier::Memory)));
    let numbers: Vec<u32> = (0..GETS_AHEAD as u32).collect();
    assert_eq!(subject.found_ahead(&numbers), 0);

    // Who may wait reads it; and from then on it is in memory, for everybody.
    for number in 0..KEYS {
        subject.reads(number, Tier::Any);
        subject.reads(number, Tier::Memory);
    }
    assert_eq!(subject.found_ahead(&numbers), numbers.len());
    assert_eq!(subject.get_key(b"none", Tier::Any).unwrap(), None);
    assert_eq!(subject.get_key(b"none", Tier::Memory).unwrap(), None);
}

#[test]
fn a_batch_of_cold_pages_is_left_to_who_may_wait() {
    let subject = Subject::plain();
    subject.look();
    subject.store.forget_pages(0);
    let numbers: Vec<u32> = (0..KEYS).step_by(7).collect();
    let expected: Vec<_> = numbers
        .iter()
        .map(|&number| Some(payload(number)))
        .collect();
    assert!(would_block(&subject.batch(&numbers, Tier::Memory)));
    assert_eq!(subject.batch(&numbers, Tier::Any).unwrap(), expected);
    assert_eq!(subject.batch(&numbers, Tier::Memory).unwrap(), expected);
}

#[test]
fn chunks_of_cold_pages_are_left_to_who_may_wait() {
    let subject = Subject::new(&StoreVersionState {
        chunked: true,
        ..Default::default()
    });
    subject.look();
    // Of several chunks.
    for number in (0..KEYS).step_by(50) {
        subject.store.forget_pages(0);
        assert!(would_block(&subject.get(number, Tier::Memory)));
        subject.reads(number, Tier::Any);
        subject.reads(number, Tier::Memory);
    }
}

#[test]
fn what_the_system_says_holds() {
    let subject = Subject::plain();
    subject.store.forget_pages(0);
    assert!(would_block(&subject.get(1, Tier::Memory)));
    // It was all in memory, and is.
    let seen = subject.look();
    assert_eq!((seen.tables, seen.bytes_here), (1, seen.bytes), "{seen:?}");
    assert_eq!(subject.get(1, Tier::Memory).unwrap(), Some(payload(1)));
}

#[test]
fn nobody_who_does_not_look_asks() {
    let subject = Subject::plain();
    // Tables that were never looked at are read as RocksDB reads them.
    assert_eq!(subject.get(1, Tier::Memory).unwrap(), Some(payload(1)));
}

#[test]
fn tables_that_come_later_are_known_at_once() {
    let subject = Subject::plain();
    subject.look();
    subject.store.put(0, b"later", 1, b"flushed");
    subject.store.flush(0);
    let seen = subject.look();
    assert_eq!((seen.tables, seen.bytes_here), (2, seen.bytes));
    assert_eq!(
        subject.get_key(b"later", Tier::Memory).unwrap().as_deref(),
        Some(&b"flushed"[..])
    );
    subject.store.forget_pages(0);
    subject.store.put(0, b"latest", 1, b"flushed");
    subject.store.flush(0);
    // The table that is newest was just written; what is in an older one is behind it.
    assert_eq!(
        subject.get_key(b"latest", Tier::Memory).unwrap().as_deref(),
        Some(&b"flushed"[..])
    );
    assert!(would_block(&subject.get_key(b"later", Tier::Memory)));
}

#[test]
fn pages_are_read_once_and_mapped() {
    let subject = Subject::plain();
    let all = subject.look().bytes;
    let populated = subject.watch.populate(false, |_| true);
    assert_eq!((populated.bytes, populated.goes_on), (all, false));
    assert_eq!(
        (populated.populate_error, populated.lock_error),
        (None, None)
    );
    assert_eq!(subject.watch.populate(false, |_| true).bytes, 0);
    // A table that comes later, too.
    subject.store.put(0, b"later", 1, b"flushed");
    subject.store.flush(0);
    let later = subject.look().bytes - all;
    assert!(later > 0);
    assert_eq!(subject.watch.populate(false, |_| true).bytes, later);
    assert_eq!(subject.look().bytes_locked, 0);
}

#[test]
fn what_is_closed_is_left_out() {
    let subject = Subject::plain();
    // What is closed is left out, whatever is under way.
    subject.store.close(0).unwrap();
    assert_eq!(subject.look().tables, 0);
    assert_eq!(subject.watch.populate(true, |_| true).bytes, 0);
    subject.store.open(0);
    assert_eq!(subject.look().tables, 1);
    assert_eq!(subject.get(1, Tier::Any).unwrap(), Some(payload(1)));
}

#[test]
fn pages_are_looked_at_while_tables_come_and_go() {
    let subject = Subject::plain();
    let rounds = 60;
    let done = AtomicBool::new(false);
    let goes_on = || !done.load(Ordering::Relaxed);
    thread::scope(|scope| {
        let (subject, goes_on) = (&subject, &goes_on);
        scope.spawn(move || {
            while goes_on() {
                subject.look();
                subject.watch.populate(false, |_| goes_on());
            }
        });
        for _ in 0..2 {
            scope.spawn(move || {
                let mut number = 0;
                while goes_on() {
                    number = (number + 1) % KEYS;
                    match subject.get(number, Tier::Any) {
                        Ok(read) => assert_eq!(read, Some(payload(number))),
                        Err(ReadError::Closed { .. }) => {}
                        Err(error) => panic!("{error}"),
                    }
                }
            });
        }
        for round in 0..rounds {
            subject.store.forget_pages(0);
            for number in (round..KEYS).step_by(rounds as usize) {
                subject.store.put(0, &key(number), 1, &payload(number));
            }
            subject.store.flush(0);
            match round % 3 {
                0 => subject.store.reopen(0),
                1 => subject.store.change(0, Change::Compact, b"", b"").unwrap(),
                _ => {}
            }
        }
        done.store(true, Ordering::Relaxed);
    });
    for number in 0..KEYS {
        subject.reads(number, Tier::Any);
    }
}

/// Whether a folder is in memory: then there is nothing that the system could take.
#[cfg(target_os = "linux")]
fn is_in_memory(folder: &std::path::Path) -> bool {
    const TMPFS: i64 = 0x0102_1994;
    const RAMFS: i64 = 0x8584_58f6;
    let kind = rustix::fs::statfs(folder).unwrap().f_type as i64;
    kind == TMPFS || kind == RAMFS
}

#[test]
#[cfg(target_os = "linux")]
fn pages_that_the_system_took_are_known_and_come_back() {
    let subject = Subject::plain();
    let all = subject.look();
    subject.store.evict(0);
    let taken = subject.look();
    if is_in_memory(&subject.store.path(0)) {
        assert_eq!(taken.bytes_here, all.bytes);
        return;
    }
    assert!(taken.bytes_here < all.bytes / 2, "{taken:?} of {all:?}");
    let cold: Vec<u32> = (0..KEYS)
        .filter(|&number| would_block(&subject.get(number, Tier::Memory)))
        .collect();
    assert!(cold.len() > KEYS as usize / 2, "{}", cold.len());
    let number = cold[0];
    subject.reads(number, Tier::Any);
    subject.reads(number, Tier::Memory);
    // All of them, by one who reads them ahead of the reads.
    assert_eq!(subject.watch.populate(false, |_| true).bytes, all.bytes);
    for number in 0..KEYS {
        subject.reads(number, Tier::Memory);
    }
    let seen = subject.look();
    assert_eq!(seen.bytes_here, seen.bytes);
}
