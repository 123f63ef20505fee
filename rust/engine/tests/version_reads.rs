//! How much store versions were read, and when last.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

use std::time::SystemTime;

use venice_engine::testing::TestStoreVersion;
use venice_engine::{Registry, Tier, VersionReads, METADATA_PARTITION};

fn get(registry: &Registry, store_version: &str, partition: i32, key: &[u8]) -> bool {
    let version = registry.store_version(store_version).unwrap();
    let reader = version.reader(Tier::Any).unwrap();
    let found = reader.get(partition, key, usize::MAX, |_| ()).unwrap();
    found.is_some()
}

/// Of each store version: name, reads, and whether there was one.
fn seen(looked: &[VersionReads]) -> Vec<(&str, u64, bool)> {
    let seen = looked.iter();
    seen.map(|one| (&*one.store_version, one.reads, one.last_read.is_some()))
        .collect()
}

#[test]
fn reads_are_told_by_version_and_so_is_the_time_of_the_last() {
    let registry = Registry::new();
    let old = TestStoreVersion::create(&registry, "store_v1");
    let new = TestStoreVersion::create(&registry, "store_v2");
    for store in [&old, &new] {
        for partition in 0..2 {
            store.open(partition);
            store.put(partition, b"key", 1, b"payload");
        }
    }
    let looked = registry.version_reads();
    assert_eq!(
        seen(&looked),
        [("store_v1", 0, false), ("store_v2", 0, false)]
    );

    let before = SystemTime::now();
    assert!(get(&registry, "store_v1", 0, b"key"));
    assert!(!get(&registry, "store_v1", 1, b"none"), "a miss is a read");
    let looked = registry.version_reads();
    assert_eq!(
        seen(&looked),
        [("store_v1", 2, true), ("store_v2", 0, false)]
    );
    let first = looked[0].last_read.unwrap();
    assert!(first >= before && first <= SystemTime::now());

    // Nobody reads, so the time stays; also while its state is looked up and it is shown to operators.
    old.put(0, b"other", 1, b"payload");
    let version = registry.store_version("store_v1").unwrap();
    version.state(Tier::Any).unwrap();
    registry.hosted(&[c"rocksdb.estimate-num-keys"]);
    assert_eq!(registry.version_reads(), looked);

    assert!(get(&registry, "store_v2", 1, b"key"));
    let looked = registry.version_reads();
    assert_eq!(
        seen(&looked),
        [("store_v1", 2, true), ("store_v2", 1, true)]
    );
    assert_eq!(looked[0].last_read, Some(first));
}

#[test]
fn what_was_read_of_a_partition_stays_when_it_is_closed_and_opened_again() {
    let registry = Registry::new();
    let store = TestStoreVersion::create(&registry, "store_v1");
    store.open(0);
    store.put(0, b"key", 1, b"payload");
    for reads in 1..=3 {
        for _ in 0..5 {
            assert!(get(&registry, "store_v1", 0, b"key"));
        }
        // The second time nobody has looked at the database before it is closed.
        if reads != 2 {
            assert_eq!(registry.version_reads()[0].reads, 5 * reads);
        }
        store.close(0).unwrap();
        let closed = registry.version_reads();
        assert_eq!(closed[0].reads, 5 * reads);
        assert_eq!(registry.version_reads(), closed);
        store.open(0);
        assert_eq!(registry.version_reads(), closed);
    }
}

#[test]
fn a_version_that_comes_again_was_never_read() {
    let registry = Registry::new();
    let store = TestStoreVersion::create(&registry, "store_v1");
    store.open(0);
    store.put(0, b"key", 1, b"payload");
    assert!(get(&registry, "store_v1", 0, b"key"));
    assert_eq!(seen(&registry.version_reads()), [("store_v1", 1, true)]);
    for partition in [0, METADATA_PARTITION] {
        store.destroy(partition);
    }
    assert_eq!(registry.version_reads(), []);
    let store = TestStoreVersion::create(&registry, "store_v1");
    store.open(0);
    assert_eq!(seen(&registry.version_reads()), [("store_v1", 0, false)]);
}
