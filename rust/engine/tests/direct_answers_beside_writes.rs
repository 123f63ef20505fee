//! Gets that are answered by what was found ahead of them, beside writes, flushes, compactions, files that are taken
//! in, and closes: each answer was current between request and answer, and a close waits.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::mpsc;

use venice_engine::testing::{answered_directly, record, Change, TableFormat, TestStoreVersion};
use venice_engine::{
    Ahead, Found, Key, ReadError, Reader, Registry, StoreVersion, Tier, GETS_AHEAD,
};

const KEYS: usize = 64;
const FORMATS: [TableFormat; 2] = [TableFormat::BlockBased, TableFormat::Plain];

fn key(number: usize) -> [u8; 12] {
    let mut key = *b"key 00000000";
    key[4..].copy_from_slice(
        &(number as u64)
            .wrapping_mul(0x9E37_79B9_7F4A_7C15)
            .to_be_bytes(),
    );
    key
}

/// The counter under a key.
fn read(
    reader: &Reader<'_>,
    key: &[u8],
    ahead: Option<Option<Found<'_>>>,
) -> Result<Option<u32>, ReadError> {
    reader.get_with(0, key, usize::MAX, ahead, |value| {
        let mut out = Vec::new();
        value.copy_to(&mut out);
        u32::from_le_bytes(out[..4].try_into().unwrap())
    })
}

/// Counters under keys: how far each is, and may be.
struct Counters {
    begun: [AtomicU32; KEYS],
    done: [AtomicU32; KEYS],
}

impl Counters {
    fn put(&self, store: &TestStoreVersion, change: Change, at: usize) {
        let next = self.begun[at].fetch_add(1, Ordering::SeqCst) + 1;
        let mut payload = next.to_le_bytes().to_vec();
        payload.resize(300 + at, 7);
        let written = store.change(0, change, &key(at), &record(1, &payload));
        written.unwrap();
        self.done[at].store(next, Ordering::SeqCst);
    }

    fn done(&self, at: usize) -> u32 {
        self.done[at].load(Ordering::SeqCst)
    }

    fn begun(&self, at: usize) -> u32 {
        self.begun[at].load(Ordering::SeqCst)
    }
}

#[test]
fn an_answer_was_current_between_request_and_answer() {
    for format in FORMATS {
        let registry = Registry::new();
        let store = TestStoreVersion::create_with_format(&registry, "store_v1", format);
        store.open(0);
        let counters = Counters {
            begun: [const { AtomicU32::new(0) }; KEYS],
            done: [const { AtomicU32::new(0) }; KEYS],
        };
        for at in 0..KEYS {
            counters.put(&store, Change::Put, at);
        }
        let version = registry.store_version("store_v1").unwrap();
        let over = AtomicBool::new(false);
        let (direct, rounds) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|threads| {
            for reader in 0..2 {
                let (counters, version, over) = (&counters, &version, &over);
                let (direct, rounds) = (&direct, &rounds);
                threads.spawn(move || {
                    let before = answered_directly();
                    let mut seen = [0; KEYS];
                    while !over.load(Ordering::SeqCst) {
                        for first in (0..KEYS).step_by(GETS_AHEAD) {
                            turn(version, counters, first, reader == 0, &mut seen);
                        }
                        rounds.fetch_add(1, Ordering::SeqCst);
                        let now = answered_directly() - before;
                        direct.fetch_max(now, Ordering::SeqCst);
                    }
                });
            }
            // Writers, one after the other, until readers have seen enough of each state.
            for cycle in 0..300 {
                let wait_for_readers = || {
                    let seen = rounds.load(Ordering::SeqCst);
                    while rounds.load(Ordering::SeqCst) < seen + 2 {
                        std::thread::yield_now();
                    }
                };
                for at in (0..KEYS).filter(|at| (at + cycle) % 3 == 0) {
                    counters.put(&store, Change::Put, at);
                }
                store.change(0, Change::Flush, b"", b"").unwrap();
                if cycle % 10 == 0 {
                    wait_for_readers();
                }
                // RocksDB takes no files of plain tables in.
                if cycle % 4 == 0 && format == TableFormat::BlockBased {
                    counters.put(&store, Change::Ingest, cycle % KEYS);
                }
                if cycle % 5 == 0 {
                    store.change(0, Change::Compact, b"", b"").unwrap();
                }
            }
            over.store(true, Ordering::SeqCst);
        });
        assert!(
            direct.load(Ordering::SeqCst) > 1000,
            "{direct:?} of {format:?}"
        );
    }
}

/// Reads some keys, in a turn or one by one.
fn turn(
    version: &StoreVersion,
    counters: &Counters,
    first: usize,
    together: bool,
    seen: &mut [u32; KEYS],
) {
    let reader = version.reader(Tier::Memory).unwrap();
    let on_disk = version.reader(Tier::Any).unwrap();
    let keys: Vec<_> = (first..first + GETS_AHEAD).map(key).collect();
    let turn: Vec<_> = keys.iter().map(|key| Key::new(0, key)).collect();
    let mut least: Vec<_> = (first..first + GETS_AHEAD)
        .map(|at| counters.done(at))
        .collect();
    let mut ahead = Ahead::default();
    if together {
        reader.fetch_ahead(&turn, &mut ahead);
    }
    for (place, at) in (first..first + GETS_AHEAD).enumerate() {
        if !together {
            least[place] = counters.done(at);
        }
        let found = together.then(|| ahead.found(place));
        let value = match read(&reader, &keys[place], found) {
            Err(ReadError::WouldBlock) => read(&on_disk, &keys[place], found),
            read => read,
        };
        let value = value.unwrap().unwrap();
        let most = counters.begun(at);
        assert!(
            (least[place]..=most).contains(&value),
            "{value} of {at}: {}, {most}",
            least[place]
        );
        assert!(value >= seen[at], "{value} of {at} after {}", seen[at]);
        seen[at] = value;
    }
}

#[test]
fn a_close_waits_until_what_was_found_is_let_go_of() {
    for format in FORMATS {
        let registry = Registry::new();
        let store = TestStoreVersion::create_with_format(&registry, "store_v1", format);
        store.open(0);
        store.put(0, b"key", 1, b"payload");
        store.flush(0);
        let version = registry.store_version("store_v1").unwrap();
        let path = store.path(0).into_os_string().into_encoded_bytes();
        let of = version.reader(Tier::Any).unwrap();
        let length = |value: venice_engine::Value<'_>| value.len();
        assert_eq!(of.get(0, b"key", 100, length), Ok(Some(7)));
        let let_go = AtomicBool::new(false);
        std::thread::scope(|threads| {
            let (found, is_found) = mpsc::channel();
            let (version, registry, path, let_go) = (&version, &registry, &path, &let_go);
            threads.spawn(move || {
                let mut ahead = Ahead::default();
                let reader = version.reader(Tier::Memory).unwrap();
                reader.fetch_ahead(&[Key::new(0, b"key"), Key::new(0, b"key")], &mut ahead);
                assert!(ahead.found(0).is_some() && ahead.found(1).is_some());
                found.send(()).unwrap();
                while registry.is_open(path) {
                    std::thread::yield_now();
                }
                // Who is closed is closed, whatever was found.
                let read = reader.get_with(0, b"key", 100, Some(ahead.found(0)), length);
                assert!(matches!(read, Err(ReadError::Closed { .. })), "{read:?}");
                let_go.store(true, Ordering::SeqCst);
                drop(ahead);
            });
            is_found.recv().unwrap();
            store.close(0).unwrap();
            assert!(let_go.load(Ordering::SeqCst));
        });
        // Opened again, it is another database.
        store.open(0);
        assert_eq!(of.get(0, b"key", 100, length), Ok(Some(7)));
    }
}

#[test]
fn partitions_may_be_closed_and_opened_under_turns() {
    for format in FORMATS {
        let registry = Registry::new();
        let store = TestStoreVersion::create_with_format(&registry, "store_v1", format);
        store.open(0);
        for at in 0..KEYS {
            store.put(0, &key(at), 1, &[at as u8; 4]);
        }
        store.flush(0);
        let version = registry.store_version("store_v1").unwrap();
        let over = AtomicBool::new(false);
        let direct = AtomicUsize::new(0);
        std::thread::scope(|threads| {
            for _ in 0..2 {
                threads.spawn(|| {
                    while !over.load(Ordering::SeqCst) {
                        direct.fetch_add(read_all(&version), Ordering::SeqCst);
                    }
                });
            }
            for _ in 0..60 {
                let seen = direct.load(Ordering::SeqCst);
                while direct.load(Ordering::SeqCst) == seen {
                    std::thread::yield_now();
                }
                store.reopen(0);
            }
            over.store(true, Ordering::SeqCst);
        });
    }
}

/// Reads all keys in turns: each is what was written, or its partition is closed. Returns how many were found ahead.
fn read_all(version: &StoreVersion) -> usize {
    let mut found = 0;
    for first in (0..KEYS).step_by(GETS_AHEAD) {
        let keys: Vec<_> = (first..first + GETS_AHEAD).map(key).collect();
        let turn: Vec<_> = keys.iter().map(|key| Key::new(0, key)).collect();
        let reader = version.reader(Tier::Memory).unwrap();
        let on_disk = version.reader(Tier::Any).unwrap();
        let mut ahead = Ahead::default();
        reader.fetch_ahead(&turn, &mut ahead);
        for (place, key) in keys.iter().enumerate() {
            found += usize::from(ahead.found(place).is_some());
            let answer = match read(&reader, key, Some(ahead.found(place))) {
                Err(ReadError::WouldBlock) => read(&on_disk, key, Some(None)),
                answer => answer,
            };
            match answer {
                Ok(Some(value)) => assert_eq!(value.to_le_bytes(), [(first + place) as u8; 4]),
                Err(ReadError::Closed { .. }) => {}
                other => panic!("{other:?}"),
            }
        }
    }
    found
}
