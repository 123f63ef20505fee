//! RocksDB's own numbers of the databases that are open, and while they close.

use std::ffi::CStr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use venice_engine::testing::{TableFormat, TestStoreVersion};
use venice_engine::{Registry, Tier, METADATA_PARTITION};

const ENTRIES: &CStr = c"rocksdb.num-entries-active-mem-table";
const FILES: &CStr = c"rocksdb.live-sst-files-size";
const CAPACITY: &CStr = c"rocksdb.block-cache-capacity";
const IN_MEMTABLE: &CStr = c"rocksdb.memtable.hit";
const NONE: &CStr = c"rocksdb.no-such-thing";

#[test]
fn properties_are_added_up_over_open_databases() {
    let registry = Registry::new();
    let stores = ["one_v1", "two_v3"].map(|name| TestStoreVersion::create(&registry, name));
    for (store, keys) in stores.iter().zip([3, 5]) {
        store.open(0);
        store.open(1);
        for key in 0..keys {
            store.put(0, &[key], 1, b"payload");
        }
        store.put(1, b"flushed", 1, b"payload");
        store.flush(1);
    }
    let all = |name: &str| {
        let properties = stores.iter().flat_map(|store| {
            [METADATA_PARTITION, 0, 1].map(|partition| store.property(partition, name))
        });
        properties.sum::<u64>()
    };
    let numbers = registry.database_numbers(&[ENTRIES, FILES, NONE], &[CAPACITY, NONE], &[]);
    assert_eq!(numbers.databases, 6);
    assert_eq!(numbers.sums, [8, all("rocksdb.live-sst-files-size"), 0]);
    assert!(numbers.sums[1] > 0);
    let capacity = stores[0].property(0, "rocksdb.block-cache-capacity");
    assert_eq!(numbers.shared, [Some(capacity), None]);
    assert_eq!(numbers.tickers, None, "no database has statistics");

    stores[1].close(0).unwrap();
    let numbers = registry.database_numbers(&[ENTRIES], &[], &[]);
    assert_eq!((numbers.databases, &numbers.sums[..]), (5, &[3][..]));
}

#[test]
fn statistics_that_databases_share_count_once() {
    let registry = Registry::new();
    // Its databases have one object of statistics together.
    let store = TestStoreVersion::create_with_format(&registry, "one_v1", TableFormat::Filtered);
    for partition in 0..3 {
        store.open(partition);
        store.put(partition, b"key", 1, b"payload");
    }
    let version = registry.store_version("one_v1").unwrap();
    let hits = || {
        registry
            .database_numbers(&[], &[], &[IN_MEMTABLE, NONE])
            .tickers
    };
    let before = hits().unwrap();
    for partition in 0..3 {
        let found = version.get(partition, b"key", Tier::Any, |value| value.len());
        assert_eq!(found, Ok(Some(7)));
    }
    assert_eq!(hits().unwrap(), [before[0] + 3, 0]);
}

#[test]
fn databases_that_close_meanwhile_are_left_out() {
    const ROUNDS: usize = 200;
    let registry = Registry::new();
    let store = TestStoreVersion::create_with_format(&registry, "one_v1", TableFormat::Filtered);
    let (done, asked) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|threads| {
        for _ in 0..2 {
            threads.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    let names = [ENTRIES, FILES];
                    let numbers = registry.database_numbers(&names, &[CAPACITY], &[IN_MEMTABLE]);
                    // That of the metadata stays open; a partition comes and goes.
                    assert!((1..=2).contains(&numbers.databases), "{numbers:?}");
                    assert!(numbers.tickers.is_some());
                    asked.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for _ in 0..ROUNDS {
            store.open(0);
            store.put(0, b"key", 1, b"payload");
            store.destroy(0);
        }
        while asked.load(Ordering::Relaxed) < 100 {
            std::thread::yield_now();
        }
        done.store(true, Ordering::Relaxed);
    });
}
