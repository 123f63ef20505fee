//! Databases that are opened read-only, and several of the same files.

use venice_engine::testing::{TableFormat, TestStoreVersion};
use venice_engine::{Access, Key, Registry, Tier};

const READ_ONLY: Access = Access::ReadOnly {
    error_if_wal_file_exists: false,
};

#[test]
fn a_read_only_partition_is_read() {
    for format in [TableFormat::BlockBased, TableFormat::Plain] {
        let registry = Registry::new();
        let store = TestStoreVersion::create_with_format(&registry, "store_v1", format);
        store.open(0);
        store.put(0, b"key", 1, b"payload");
        store.flush(0);
        store.close(0).unwrap();
        store.try_open(0, READ_ONLY).unwrap();
        let version = registry.store_version("store_v1").unwrap();
        assert_eq!(
            version.get(0, b"key", Tier::Any, |value| value.len()),
            Ok(Some(7))
        );
        let keys = [
            Key {
                partition: 0,
                key: b"key",
            },
            Key {
                partition: 0,
                key: b"none",
            },
        ];
        let mut found = Vec::new();
        version
            .multi_get(&keys, Tier::Any, |_, value| {
                found.push(value.map(|value| value.len()))
            })
            .unwrap();
        assert_eq!(found, [Some(7), None], "{format:?}");
        store.close(0).unwrap();
        store.open(0);
    }
}

#[test]
fn opening_read_only_what_does_not_exist_fails_as_rocksdb_does() {
    let registry = Registry::new();
    let store = TestStoreVersion::create(&registry, "store_v1");
    let status = store.try_open(0, READ_ONLY).unwrap_err();
    assert_eq!((status.code, status.subcode), (5, 9));
    assert!(
        status
            .to_string()
            .starts_with("IO error: No such file or directory: "),
        "{status}"
    );
    let version = registry.store_version("store_v1").unwrap();
    let error = version.get(0, b"key", Tier::Any, |_| ()).unwrap_err();
    assert!(error
        .to_string()
        .starts_with("Failed to get read-write lock for partition: 0"));
}

#[test]
fn the_writable_one_of_two_serves() {
    let registry = Registry::new();
    let store = TestStoreVersion::create(&registry, "store_v1");
    store.open(0);
    let other = store.second_view();
    other.try_open(0, READ_ONLY).unwrap();
    store.put(0, b"key", 1, b"payload");
    let version = registry.store_version("store_v1").unwrap();
    let read = || version.get(0, b"key", Tier::Any, |value| value.len());
    assert_eq!(read(), Ok(Some(7)));
    // The other one takes over, and shows what was there when it was opened.
    store.close(0).unwrap();
    assert_eq!(read(), Ok(None));
    other.close(0).unwrap();
    assert!(read()
        .unwrap_err()
        .to_string()
        .starts_with("RocksDB has been closed"));
}

#[test]
fn a_second_writer_is_refused_and_changes_nothing() {
    let registry = Registry::new();
    let store = TestStoreVersion::create(&registry, "store_v1");
    store.open(0);
    store.put(0, b"key", 1, b"payload");
    let status = store
        .second_view()
        .try_open(0, Access::ReadWrite)
        .unwrap_err();
    assert!(
        status.to_string().contains("lock hold by current process"),
        "{status}"
    );
    let version = registry.store_version("store_v1").unwrap();
    assert_eq!(
        version.get(0, b"key", Tier::Any, |value| value.len()),
        Ok(Some(7))
    );
}
