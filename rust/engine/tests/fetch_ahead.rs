//! What gets will read may be fetched ahead: that changes no answer, reads no disk, and holds nothing.
//!
//! One test, as what is fetched is counted for the process.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

use venice_engine::testing::{fetched_ahead, BlockCache, TableFormat, TestStoreVersion};
use venice_engine::{
    Access, Ahead, Key, ReadError, Registry, StoreVersion, StoreVersionState, Tier, GETS_AHEAD,
    METADATA_PARTITION,
};

const FORMATS: [TableFormat; 4] = [
    TableFormat::BlockBased,
    TableFormat::Plain,
    TableFormat::Blob,
    TableFormat::Filtered,
];
/// More than a block has, in several files whose ranges overlap.
const RECORDS: u32 = 600;

/// Of any length: short ones, those that share a beginning, and those that are too long to be fetched.
fn key(number: u32) -> Vec<u8> {
    let mut key = number.wrapping_mul(0x9E37_79B9).to_be_bytes().to_vec();
    key.resize(key.len() + (number % 6 * 25) as usize, b'-');
    key
}

/// Short ones, of which a block has many restart points, and some that fill blocks.
fn payload(number: u32) -> Vec<u8> {
    number.to_le_bytes().repeat((number % 41) as usize * 25)
}

fn write(store: &TestStoreVersion, chunked: bool) {
    for file in 0..3 {
        for number in (file..RECORDS).step_by(3) {
            let partition = (number % 2) as i32;
            if chunked && number % 50 == 7 {
                store.put_chunked(partition, &key(number), 1, &payload(number), 100, 1);
            } else if chunked {
                store.put_unchunked(partition, &key(number), 1, &payload(number));
            } else {
                store.put(partition, &key(number), 1, &payload(number));
            }
        }
        store.flush(0);
        store.flush(1);
    }
}

fn get(version: &StoreVersion, key: &Key<'_>, tier: Tier) -> Result<Option<Vec<u8>>, ReadError> {
    version.get(key.partition, key.key, tier, |value| {
        let mut out = Vec::new();
        value.copy_to(&mut out);
        out
    })
}

fn fetch_ahead(version: &StoreVersion, keys: &[Key<'_>]) -> usize {
    let (before, mut ahead) = (fetched_ahead(), Ahead::default());
    let reader = version.reader(Tier::Memory).unwrap();
    reader.fetch_ahead(keys, &mut ahead);
    fetched_ahead() - before
}

fn pinned(store: &TestStoreVersion) -> u64 {
    store.property(0, "rocksdb.block-cache-pinned-usage")
}

#[test]
fn what_is_fetched_ahead_changes_no_answer_and_stays_with_nobody() {
    for format in FORMATS {
        for chunked in [false, true] {
            answers_stay_the_same(format, chunked);
        }
    }
    nothing_is_read_from_the_disk();
    what_is_not_here_is_left_to_the_gets();
    databases_that_are_read_only_are_no_exception();
}

fn answers_stay_the_same(format: TableFormat, chunked: bool) {
    let registry = Registry::new();
    let store = TestStoreVersion::create_with_format(&registry, "store_v1", format);
    store.put_state(&StoreVersionState {
        chunked,
        ..Default::default()
    });
    store.open(0);
    store.open(1);
    write(&store, chunked);
    let version = registry.store_version("store_v1").unwrap();
    let keys: Vec<_> = (0..RECORDS + 100).map(key).collect();
    let keys: Vec<_> = (0..).zip(&keys).collect();
    let keys = keys.iter().map(|(number, key)| Key::new(number % 2, key));
    let keys: Vec<Key<'_>> = keys.collect();
    for key in &keys {
        get(&version, key, Tier::Any).unwrap();
    }
    // Values in blob files are never in memory.
    let read = |key| format!("{:?}", get(&version, key, Tier::Memory));
    let expected: Vec<_> = keys.iter().map(read).collect();
    let missing = expected.iter().filter(|read| *read == "Ok(None)").count();
    assert_eq!(missing, 100);
    let before = pinned(&store);
    let reads = || registry.version_reads()[0].reads;
    let (reads_before, mut fetched) = (reads(), 0);
    for (turn, expected) in keys.chunks(GETS_AHEAD).zip(expected.chunks(GETS_AHEAD)) {
        fetched += fetch_ahead(&version, turn);
        assert_eq!(turn.iter().map(read).collect::<Vec<_>>(), expected);
    }
    // Fetching counts as no read.
    assert_eq!(reads() - reads_before, keys.len() as u64);
    // Short keys that are there, at the least.
    let short = (0..RECORDS).filter(|&number| key(number).len() < 100);
    assert!(fetched >= short.count(), "{fetched} of {format:?}");
    assert_eq!(pinned(&store), before, "{format:?}");
    store.close(0).unwrap();
    store.close(1).unwrap();
}

fn nothing_is_read_from_the_disk() {
    let registry = Registry::new();
    let store = TestStoreVersion::create(&registry, "store_v1");
    store.open(0);
    store.open(1);
    write(&store, false);
    store.reopen(0);
    let version = registry.store_version("store_v1").unwrap();
    let keys = [key(2), key(4)];
    let keys = keys.each_ref().map(|key| Key::new(0, key));
    assert_eq!(fetch_ahead(&version, &keys), 0);
    for key in &keys {
        let read = get(&version, key, Tier::Memory);
        assert!(matches!(read, Err(ReadError::WouldBlock)), "{read:?}");
    }
    // Of one key the blocks are here.
    assert!(get(&version, &keys[0], Tier::Any).unwrap().is_some());
    assert_ne!(fetch_ahead(&version, &keys), 0);
}

fn what_is_not_here_is_left_to_the_gets() {
    let registry = Registry::new();
    let store = TestStoreVersion::create(&registry, "store_v1");
    store.open(0);
    store.open(1);
    write(&store, false);
    let version = registry.store_version("store_v1").unwrap();
    let long = [b'k'; 4096];
    let strange = [
        Key::new(7, b"never opened"),
        Key::new(-1, b"no partition"),
        Key::new(METADATA_PARTITION, b"not to be asked for"),
        Key::new(0, b""),
        Key::new(0, &long),
    ];
    assert_eq!(fetch_ahead(&version, &[]), 0);
    for tier in [Tier::Any, Tier::Memory] {
        let before: Vec<_> = strange.iter().map(|key| get(&version, key, tier)).collect();
        fetch_ahead(&version, &strange);
        for (key, before) in strange.iter().zip(&before) {
            let after = get(&version, key, tier);
            assert_eq!(format!("{after:?}"), format!("{before:?}"));
        }
    }
    store.close(1).unwrap();
    let closed = key(1);
    let closed = [Key::new(1, &closed), Key::new(1, &closed)];
    assert_eq!(fetch_ahead(&version, &closed), 0);
    let read = get(&version, &closed[0], Tier::Memory);
    assert!(matches!(read, Err(ReadError::Closed { .. })), "{read:?}");
}

fn databases_that_are_read_only_are_no_exception() {
    for format in FORMATS {
        let registry = Registry::new();
        let cache = BlockCache {
            // RocksDB's own, which waits for each look-up.
            prefetching: false,
            ..BlockCache::default()
        };
        let store = TestStoreVersion::create_with_cache(&registry, "store_v1", format, cache);
        store.open(0);
        store.open(1);
        write(&store, false);
        store.close(0).unwrap();
        let read_only = Access::ReadOnly {
            error_if_wal_file_exists: false,
        };
        store.try_open(0, read_only).unwrap();
        let version = registry.store_version("store_v1").unwrap();
        let keys: Vec<_> = (0..40).step_by(2).map(key).collect();
        let keys: Vec<_> = keys.iter().map(|key| Key::new(0, key)).collect();
        let expected: Vec<_> = keys
            .iter()
            .map(|key| get(&version, key, Tier::Any))
            .collect();
        assert_ne!(fetch_ahead(&version, &keys), 0, "{format:?}");
        for (key, expected) in keys.iter().zip(&expected) {
            let expected = expected.as_ref().unwrap();
            assert!(expected.is_some());
            match get(&version, key, Tier::Memory) {
                Err(ReadError::WouldBlock) if matches!(format, TableFormat::Blob) => {}
                read => assert_eq!(&read.unwrap(), expected),
            }
        }
    }
}
