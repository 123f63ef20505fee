//! Which partitions are here, in which condition, and what RocksDB says of each.

use std::ffi::CStr;

use venice_engine::testing::{TableFormat, TestStoreVersion};
use venice_engine::{Access, Condition, HostedVersion, Registry, METADATA_PARTITION};

const ENTRIES: &CStr = c"rocksdb.num-entries-active-mem-table";
const NONE: &CStr = c"rocksdb.no-such-thing";

/// Of each partition: number, condition, plain tables, read-only, entries.
fn seen(version: &HostedVersion) -> Vec<(i32, Condition, bool, bool, Option<u64>)> {
    let partitions = version.partitions.iter();
    let seen = partitions.map(|hosted| {
        assert_eq!(hosted.numbers.len(), 2);
        assert_eq!(hosted.numbers[1], None);
        let (condition, entries) = (hosted.condition, hosted.numbers[0]);
        let (plain, read_only) = (hosted.plain_tables, hosted.read_only);
        (hosted.partition, condition, plain, read_only, entries)
    });
    seen.collect()
}

#[test]
fn partitions_are_open_closed_or_removed() {
    let registry = Registry::new();
    let plain = TestStoreVersion::create_with_format(&registry, "two_v3", TableFormat::Plain);
    let store = TestStoreVersion::create(&registry, "one_v1");
    for partition in 0..3 {
        store.open(partition);
        store.put(partition, b"key", 1, b"payload");
    }
    plain.open(7);
    store.close(1).unwrap();
    store.destroy(2);
    let hosted = registry.hosted(&[ENTRIES, NONE]);
    let names: Vec<&str> = hosted.iter().map(|one| one.store_version.name()).collect();
    assert_eq!(names, ["one_v1", "two_v3"]);
    let one = seen(&hosted[0]);
    let data = one.iter().filter(|seen| seen.0 != METADATA_PARTITION);
    let data: Vec<_> = data.copied().collect();
    assert_eq!(
        data,
        [
            (0, Condition::Open, false, false, Some(1)),
            (1, Condition::Closed, false, false, None),
            (2, Condition::Removed, false, false, None),
        ]
    );
    let two = seen(&hosted[1]);
    let is_7 = |seen: &&(i32, Condition, bool, bool, Option<u64>)| seen.0 == 7;
    let seven = two.iter().find(is_7).copied();
    assert_eq!(
        seven.map(|seen| (seen.1, seen.2)),
        Some((Condition::Open, true))
    );
    assert_eq!(registry.store_version_count(), 2);
}

#[test]
fn a_partition_that_was_opened_read_only_says_so() {
    let registry = Registry::new();
    let store = TestStoreVersion::create(&registry, "one_v1");
    store.open(0);
    store.put(0, b"key", 1, b"payload");
    store.close(0).unwrap();
    let access = Access::ReadOnly {
        error_if_wal_file_exists: false,
    };
    store.try_open(0, access).unwrap();
    let hosted = registry.hosted(&[ENTRIES, NONE]);
    let zero = seen(&hosted[0]).into_iter().find(|seen| seen.0 == 0);
    let (_, condition, _, read_only, _) = zero.unwrap();
    assert_eq!((condition, read_only), (Condition::Open, true));
}
