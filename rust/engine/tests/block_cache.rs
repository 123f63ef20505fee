//! Block caches that fetch ahead (`cpp/prefetching_cache.cc`): batches find the same as without, nothing
//! stays pinned, and threads may read while the cache grows and evicts.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

use std::sync::atomic::{AtomicBool, Ordering};

use venice_engine::testing::{BlockCache, TableFormat, TestStoreVersion};
use venice_engine::{Key, Registry, StoreVersion, Tier};

const PARTITIONS: i32 = 2;
const KEYS: u32 = 2_000;

/// A cache for some of the blocks: each batch evicts what others have read.
const SMALL: usize = 2 << 20;

fn key(number: u32) -> [u8; 12] {
    let mut key = *b"0000abcdefgh";
    // In no order.
    key[..4].copy_from_slice(&number.wrapping_mul(2_654_435_761).to_be_bytes());
    key
}

fn partition(number: u32) -> i32 {
    (number % 2) as i32
}

/// Short ones, of which a block has several restart points; some of a KiB, of which it has one; long
/// ones, of which each is a block; empty ones.
fn payload(number: u32) -> Vec<u8> {
    let length = match number % 10 {
        0 => 0,
        1..=4 => 40,
        5..=8 => 1024,
        _ => 20_000,
    };
    let seed = number.to_le_bytes();
    seed.iter().copied().cycle().take(length).collect()
}

fn write(store: &TestStoreVersion, numbers: impl Iterator<Item = u32>) {
    for number in numbers {
        store.put(partition(number), &key(number), 1, &payload(number));
    }
    (0..PARTITIONS).for_each(|partition| store.flush(partition));
}

fn store(registry: &std::sync::Arc<Registry>, cache: BlockCache) -> TestStoreVersion {
    let store =
        TestStoreVersion::create_with_cache(registry, "store_v1", TableFormat::BlockBased, cache);
    (0..PARTITIONS).for_each(|partition| store.open(partition));
    store
}

/// Reads a batch of `numbers`, of which those from `KEYS` on are not there, and checks every answer.
fn check(version: &StoreVersion, numbers: &[u32]) {
    let stored: Vec<[u8; 12]> = numbers.iter().map(|&number| key(number)).collect();
    let keys: Vec<Key<'_>> = numbers
        .iter()
        .zip(&stored)
        .map(|(&number, key)| Key {
            partition: partition(number),
            key,
        })
        .collect();
    let mut answers = 0;
    version
        .multi_get(&keys, Tier::Any, |position, value| {
            let number = numbers[position];
            let value = value.map(|value| {
                let mut out = Vec::new();
                value.copy_to(&mut out);
                out
            });
            let expected = (number < KEYS).then(|| payload(number));
            assert!(value == expected, "key {number}: {value:?}");
            answers += 1;
        })
        .unwrap();
    assert_eq!(answers, numbers.len());
}

/// Numbers below `KEYS` and some above, far from each other and next to each other.
fn draw(seed: u32, count: u32) -> Vec<u32> {
    (0..count)
        .map(|index| (seed + index * (1 + seed % 7 * 31)) % (KEYS + KEYS / 10))
        .collect()
}

#[test]
fn batches_find_the_same_in_any_cache() {
    for prefetching in [true, false] {
        for bytes in [BlockCache::default().bytes, SMALL, 0] {
            let registry = Registry::new();
            let store = store(
                &registry,
                BlockCache {
                    bytes,
                    prefetching,
                    ..BlockCache::default()
                },
            );
            // Several files, with ranges that overlap.
            (0..4).for_each(|file| write(&store, (file..KEYS).step_by(4)));
            let version = registry.store_version("store_v1").unwrap();
            for seed in 0..15 {
                for count in [2, 31, 32, 33, 100, 500] {
                    check(&version, &draw(seed * 53, count));
                }
            }
        }
    }
}

#[test]
fn nothing_stays_pinned() {
    let registry = Registry::new();
    let store = store(&registry, BlockCache::default());
    write(&store, 0..KEYS);
    let pinned = || {
        let in_partition =
            |partition| store.property(partition, "rocksdb.block-cache-pinned-usage");
        (0..PARTITIONS).map(in_partition).sum::<u64>()
    };
    let version = registry.store_version("store_v1").unwrap();
    check(&version, &draw(0, KEYS));
    let before = pinned();
    let keys = [key(5)];
    let one = [Key {
        partition: partition(5),
        key: &keys[0],
    }; 2];
    let mut inside = 0;
    version
        .multi_get(&one, Tier::Any, |_, _| inside = inside.max(pinned()))
        .unwrap();
    assert!(inside > before, "{inside}, {before} before");
    for seed in 0..40 {
        check(&version, &draw(seed * 53, 200));
    }
    assert_eq!(pinned(), before);
}

#[test]
fn threads_read_while_the_cache_grows_and_evicts() {
    for bytes in [BlockCache::default().bytes, SMALL] {
        let registry = Registry::new();
        let cache = BlockCache {
            bytes,
            ..BlockCache::default()
        };
        let store = store(&registry, cache);
        write(&store, 0..KEYS);
        let version = registry.store_version("store_v1").unwrap();
        let done = AtomicBool::new(false);
        std::thread::scope(|threads| {
            for thread in 0..3 {
                let (version, done) = (&version, &done);
                threads.spawn(move || {
                    let mut seed = thread;
                    while !done.load(Ordering::Relaxed) {
                        check(version, &draw(seed, 1 + seed % 150));
                        seed = (seed + 37) % 100_000;
                    }
                });
            }
            // Each file has blocks of its own, under keys of their own.
            (0..12).for_each(|file| write(&store, (file..KEYS).step_by(3)));
            done.store(true, Ordering::Relaxed);
        });
    }
}
