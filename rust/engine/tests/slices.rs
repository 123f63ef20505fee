//! Batches are read slice by slice: no more is read than there is room for, no more is pinned at once
//! than the cache has blocks to spare, and what a full cache refuses is read without it.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

use venice_engine::testing::{
    chunk_key, manifest, record, top_level_key, BlockCache, TableFormat, TestStoreVersion,
};
use venice_engine::{Key, ReadError, Registry, StoreVersion, StoreVersionState, Take, Tier, Value};

const FORMATS: [TableFormat; 4] = [
    TableFormat::BlockBased,
    TableFormat::Filtered,
    TableFormat::Blob,
    TableFormat::Plain,
];
const PARTITIONS: i32 = 3;
const BLOCK: usize = 16 * 1024;

fn number_key(number: u32) -> [u8; 4] {
    // In no order.
    number.wrapping_mul(2_654_435_761).to_be_bytes()
}

fn partition(number: u32) -> i32 {
    (number % PARTITIONS as u32) as i32
}

fn payload(number: u32, length: usize) -> Vec<u8> {
    let mut payload = number.to_le_bytes().repeat(length.div_ceil(4));
    payload.truncate(length);
    payload
}

fn store(registry: &Arc<Registry>, format: TableFormat, cache: BlockCache) -> TestStoreVersion {
    let store = TestStoreVersion::create_with_cache(registry, "store_v1", format, cache);
    (0..PARTITIONS).for_each(|partition| store.open(partition));
    store
}

fn write(store: &TestStoreVersion, numbers: impl Iterator<Item = u32>, length: usize) {
    for number in numbers {
        store.put(
            partition(number),
            &number_key(number),
            1,
            &payload(number, length),
        );
    }
}

fn flush(store: &TestStoreVersion) {
    (0..PARTITIONS).for_each(|partition| store.flush(partition));
}

/// Takes values up to a limit, and checks them.
struct Limited<'a> {
    numbers: &'a [u32],
    length: usize,
    limit: usize,
    taken: usize,
    answers: usize,
    /// Called for each answer.
    each: Box<dyn FnMut() + 'a>,
}

impl<'a> Limited<'a> {
    fn new(numbers: &'a [u32], length: usize, limit: usize) -> Limited<'a> {
        Limited {
            numbers,
            length,
            limit,
            taken: 0,
            answers: 0,
            each: Box::new(|| {}),
        }
    }
}

impl Take for Limited<'_> {
    fn room(&self) -> usize {
        self.limit - self.taken
    }

    fn take(&mut self, position: usize, value: Option<Value<'_>>) -> ControlFlow<()> {
        assert_eq!(position, self.answers, "in the order of the batch");
        (self.each)();
        let value = value.unwrap_or_else(|| panic!("no value at {position}"));
        let number = self.numbers[position];
        if value.len() > self.room() {
            return ControlFlow::Break(());
        }
        let mut out = Vec::new();
        value.copy_to(&mut out);
        assert!(out == payload(number, self.length), "value at {position}");
        self.taken += value.len();
        self.answers += 1;
        ControlFlow::Continue(())
    }
}

fn read(version: &StoreVersion, take: &mut Limited<'_>) -> Result<(), ReadError> {
    let stored: Vec<[u8; 4]> = take.numbers.iter().map(|&n| number_key(n)).collect();
    let numbers = take.numbers.iter().zip(&stored);
    let keys: Vec<Key<'_>> = numbers
        .map(|(&number, key)| Key {
            partition: partition(number),
            key,
        })
        .collect();
    version.reader(Tier::Any)?.multi_get(&keys, take)
}

/// Bytes that RocksDB has pinned in the cache of all partitions, which they share.
fn pinned(store: &TestStoreVersion) -> usize {
    store.property(0, "rocksdb.block-cache-pinned-usage") as usize
}

#[test]
fn a_batch_ends_where_the_room_ends() {
    for format in FORMATS {
        for flushed in [false, true] {
            let registry = Registry::new();
            let store = store(&registry, format, BlockCache::default());
            write(&store, 0..200, 20_000);
            if flushed {
                flush(&store);
            }
            let version = registry.store_version("store_v1").unwrap();
            let distinct: Vec<u32> = (0..200).collect();
            let same = vec![7; 200];
            for numbers in [&distinct, &same] {
                for room in [0, 19_999, 20_000, 1_000_000, 3_999_999, 4_000_000] {
                    let mut take = Limited::new(numbers, 20_000, room);
                    read(&version, &mut take).unwrap();
                    assert_eq!(take.answers, room / 20_000, "{format:?} {flushed} {room}");
                }
            }
        }
    }
}

#[test]
fn no_more_is_pinned_than_there_is_room_for_and_a_little() {
    let registry = Registry::new();
    let store = store(&registry, TableFormat::BlockBased, BlockCache::default());
    let length = 300_000;
    write(&store, 0..300, length);
    flush(&store);
    let version = registry.store_version("store_v1").unwrap();
    let numbers: Vec<u32> = (0..300).collect();
    let before = pinned(&store);
    for round in 0..3 {
        let most = AtomicUsize::new(0);
        let mut take = Limited::new(&numbers, length, 10 * length);
        take.each = Box::new(|| {
            most.fetch_max(pinned(&store) - before, Ordering::Relaxed);
        });
        read(&version, &mut take).unwrap();
        assert_eq!(take.answers, 10);
        drop(take);
        // What RocksDB reads before it looks: 32 records, and as many as are 4 MiB once it is known
        // that they are long.
        let ahead = if round == 0 { 32 } else { 13 };
        let bound = (10 + ahead) * (length + BLOCK);
        let most = most.into_inner();
        assert!(
            most <= bound,
            "{most} bytes pinned in round {round}, of {bound}"
        );
        assert!(most >= 10 * length);
    }
    assert_eq!(pinned(&store), before);
}

#[test]
fn a_slice_pins_a_part_of_a_small_cache() {
    for strict in [false, true] {
        let registry = Registry::new();
        let cache = BlockCache {
            bytes: 4 << 20,
            strict,
            ..BlockCache::default()
        };
        let store = store(&registry, TableFormat::BlockBased, cache);
        // Each in a block of its own.
        write(&store, 0..1000, BLOCK);
        flush(&store);
        let version = registry.store_version("store_v1").unwrap();
        let numbers: Vec<u32> = (0..1000).collect();
        let before = pinned(&store);
        let most = AtomicUsize::new(0);
        let mut take = Limited::new(&numbers, BLOCK, usize::MAX);
        take.each = Box::new(|| {
            most.fetch_max(pinned(&store) - before, Ordering::Relaxed);
        });
        read(&version, &mut take).unwrap();
        assert_eq!(take.answers, 1000);
        drop(take);
        let most = most.into_inner();
        assert!(
            most <= (4 << 20) / 6,
            "{most} bytes pinned, strict: {strict}"
        );
        assert!(most > 0);
        assert_eq!(pinned(&store), before);
    }
}

#[test]
fn a_strict_cache_of_any_size_gives_right_values() {
    for format in [
        TableFormat::BlockBased,
        TableFormat::Filtered,
        TableFormat::Blob,
    ] {
        for (bytes, length) in [
            (2 << 20, 1000),
            (2 << 20, 3 * BLOCK),
            (512 << 10, 1000),
            (128 << 10, 1000),
        ] {
            let registry = Registry::new();
            let cache = BlockCache {
                bytes,
                strict: true,
                ..BlockCache::default()
            };
            let store = store(&registry, format, cache);
            write(&store, 0..2000, length);
            flush(&store);
            let version = registry.store_version("store_v1").unwrap();
            for count in [1, 2, 21, 50, 100, 200, 500, 1000] {
                // As many blocks as keys.
                let numbers: Vec<u32> = (0..count).map(|i| i * 1999 / count.max(2)).collect();
                let mut take = Limited::new(&numbers, length, usize::MAX);
                read(&version, &mut take).unwrap();
                assert_eq!(take.answers, count as usize, "{format:?} {bytes}");
            }
            for number in (0..2000).step_by(97) {
                let found =
                    version.get(partition(number), &number_key(number), Tier::Any, |value| {
                        let mut out = Vec::new();
                        value.copy_to(&mut out);
                        out == payload(number, length)
                    });
                assert_eq!(found, Ok(Some(true)), "{format:?} {bytes}");
            }
        }
    }
}

#[test]
fn many_batches_share_a_strict_cache() {
    let registry = Registry::new();
    let cache = BlockCache {
        bytes: 2 << 20,
        strict: true,
        ..BlockCache::default()
    };
    let store = store(&registry, TableFormat::Filtered, cache);
    write(&store, 0..3000, 1000);
    flush(&store);
    let version = registry.store_version("store_v1").unwrap();
    std::thread::scope(|threads| {
        for thread in 0..8 {
            let version = &version;
            threads.spawn(move || {
                for round in 0..10 {
                    let numbers: Vec<u32> = (0..400)
                        .map(|i| (i * 7 + thread * 131 + round * 17) % 3000)
                        .collect();
                    let mut take = Limited::new(&numbers, 1000, usize::MAX);
                    read(version, &mut take).unwrap();
                    assert_eq!(take.answers, numbers.len());
                }
            });
        }
    });
}

#[test]
fn what_others_have_pinned_fails_no_read() {
    let registry = Registry::new();
    let cache = BlockCache {
        bytes: 1 << 20,
        strict: true,
        ..BlockCache::default()
    };
    let store = store(&registry, TableFormat::Filtered, cache);
    write(&store, 0..3000, 1000);
    flush(&store);
    let version = registry.store_version("store_v1").unwrap();
    // More blocks than it has room for.
    let others: Vec<u32> = (0..2800).step_by(14).collect();
    // Each level pins a value, until the cache is full of blocks in use.
    fn pin_all(version: &StoreVersion, others: &[u32], then: &mut dyn FnMut()) {
        let Some((&number, others)) = others.split_first() else {
            return then();
        };
        let found = version.get(partition(number), &number_key(number), Tier::Any, |value| {
            assert_eq!(value.len(), 1000);
            pin_all(version, others, then);
        });
        assert_eq!(found, Ok(Some(())));
    }
    let mut inside = 0;
    pin_all(&version, &others, &mut || {
        inside = pinned(&store);
        for count in [1, 2, 40, 300] {
            let numbers: Vec<u32> = (0..count).map(|i| i * 9 + 1).collect();
            let mut take = Limited::new(&numbers, 1000, usize::MAX);
            read(&version, &mut take).unwrap();
            assert_eq!(take.answers, count as usize);
        }
    });
    assert!(inside > (1 << 20) * 9 / 10, "{inside} bytes are pinned");
}

fn chunked_store(registry: &Arc<Registry>) -> TestStoreVersion {
    let store = store(registry, TableFormat::BlockBased, BlockCache::default());
    store.put_state(&StoreVersionState {
        chunked: true,
        ..Default::default()
    });
    store
}

/// Takes chunked values, and notes their lengths.
struct Lengths {
    room: usize,
    lengths: Vec<usize>,
}

impl Take for Lengths {
    fn room(&self) -> usize {
        self.room
    }

    fn take(&mut self, _: usize, value: Option<Value<'_>>) -> ControlFlow<()> {
        self.lengths.push(value.map_or(0, |value| value.len()));
        ControlFlow::Continue(())
    }
}

#[test]
fn a_value_that_is_announced_as_too_large_is_not_read() {
    let registry = Registry::new();
    let store = chunked_store(&registry);
    // Its chunks are not even there.
    let keys: Vec<Vec<u8>> = (0..1000).map(|index| chunk_key(b"key", 1, index)).collect();
    let announced = 950_000_000;
    let manifest = manifest(&keys, 1, announced);
    store.put_raw(0, &top_level_key(b"large"), &record(-20, &manifest));
    store.put_unchunked(0, b"small", 1, b"payload");
    let version = registry.store_version("store_v1").unwrap();
    let size = announced as usize;
    for tier in [Tier::Memory, Tier::Any] {
        let reader = version.reader(tier).unwrap();
        let get = |room| reader.get(0, b"large", room, |value| value.len());
        assert_eq!(get(size - 1), Err(ReadError::NoRoom { size }));
        let missing = get(size).unwrap_err();
        assert!(
            matches!(missing, ReadError::ChunkNotFound { .. }),
            "{missing}"
        );

        let keys = [&b"small"[..], b"small", b"large", b"small"];
        let keys = keys.map(|key| Key { partition: 0, key });
        let mut take = Lengths {
            room: size - 1,
            lengths: Vec::new(),
        };
        let read = reader.multi_get(&keys, &mut take);
        assert_eq!(read, Err(ReadError::NoRoom { size }));
        assert_eq!(take.lengths, [7, 7], "those before it");
    }
}

#[test]
fn a_manifest_that_lies_costs_what_it_announces_and_a_chunk() {
    let registry = Registry::new();
    let store = chunked_store(&registry);
    let length = 1 << 20;
    store.put_raw(0, b"chunk", &record(-10, &vec![7; length]));
    let keys = vec![b"chunk".to_vec(); 1000];
    for (announced, read) in [
        (10, 1),
        (length as i32, 2),
        (3 * length as i32 - 1, 3),
        (-1, 1),
    ] {
        let manifest = manifest(&keys, 1, announced);
        store.put_raw(0, &top_level_key(b"key"), &record(-20, &manifest));
        let version = registry.store_version("store_v1").unwrap();
        let error = version.get(0, b"key", Tier::Any, |_| ()).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "The fully assembled large value does not have the expected size! actualSize: at \
                 least {}, chunkedValueManifest.size: {announced}, store-version: store_v1, \
                 partition: 0.",
                read * length
            )
        );
    }
}

#[test]
fn many_short_chunks_are_one_value() {
    let registry = Registry::new();
    let store = chunked_store(&registry);
    let payload: Vec<u8> = (0..400_000).map(|index| (index % 251) as u8).collect();
    let version = registry.store_version("store_v1").unwrap();
    // Copied; pinned; and both by turns, as the last is short.
    for (message, chunk) in (0..).zip([1000, 16 * 1024, 50_000, 399_999]) {
        store.put_chunked(0, b"key", 1, &payload, chunk, message);
        let read = version.get(0, b"key", Tier::Any, |value| {
            let mut out = Vec::new();
            value.copy_to(&mut out);
            out
        });
        assert!(read == Ok(Some(payload.clone())), "chunks of {chunk}");
    }
}
