//! A single get: found, missing, wrong, and where the answer may come from.

use bytes::BytesMut;
use venice_engine::testing::{TableFormat, TestStoreVersion};
use venice_engine::{ReadError, Registry, StoreVersion, Tier, METADATA_PARTITION};

extern "C" {
    fn venice_testing_get_read_bytes() -> u64;
}

fn read(version: &StoreVersion, partition: i32, key: &[u8]) -> Option<(i32, Vec<u8>)> {
    try_read(version, partition, key, Tier::Any).expect("an answer")
}

fn try_read(
    version: &StoreVersion,
    partition: i32,
    key: &[u8],
    tier: Tier,
) -> Result<Option<(i32, Vec<u8>)>, ReadError> {
    version.get(partition, key, tier, |value| {
        let mut out = BytesMut::new();
        value.copy_to(&mut out);
        assert_eq!(out.len(), value.len());
        (value.schema_id(), out.to_vec())
    })
}

#[test]
fn a_value_comes_without_its_header() {
    let registry = Registry::new();
    let store = TestStoreVersion::create(&registry, "store_v1");
    store.open(0);
    store.open(1);
    store.put(0, b"key", 7, b"payload");
    store.put(1, b"key", 8, b"of another partition");
    store.put(0, b"empty", 9, b"");

    let version = registry.store_version("store_v1").unwrap();
    assert_eq!(version.name(), "store_v1");
    assert_eq!(read(&version, 0, b"key"), Some((7, b"payload".to_vec())));
    assert_eq!(
        read(&version, 1, b"key"),
        Some((8, b"of another partition".to_vec()))
    );
    assert_eq!(read(&version, 0, b"empty"), Some((9, vec![])));
    assert_eq!(read(&version, 1, b"empty"), None);
    assert_eq!(read(&version, 0, b""), None);
}

#[test]
fn deletes_and_overwrites_are_seen_at_once() {
    let registry = Registry::new();
    let store = TestStoreVersion::create(&registry, "store_v1");
    store.open(0);
    let version = registry.store_version("store_v1").unwrap();
    store.put(0, b"key", 1, b"first");
    store.flush(0);
    store.put(0, b"key", 2, b"second");
    assert_eq!(read(&version, 0, b"key"), Some((2, b"second".to_vec())));
    store.delete(0, b"key");
    assert_eq!(read(&version, 0, b"key"), None);
}

#[test]
fn every_table_format_is_read() {
    for format in [
        TableFormat::BlockBased,
        TableFormat::Plain,
        TableFormat::Blob,
    ] {
        let registry = Registry::new();
        let store = TestStoreVersion::create_with_format(&registry, "store_v1", format);
        store.open(0);
        let large = vec![0xA5; 100_000];
        store.put(0, b"small", 1, b"s");
        store.put(0, b"large", 2, &large);
        store.reopen(0);
        let version = registry.store_version("store_v1").unwrap();
        assert_eq!(
            read(&version, 0, b"small"),
            Some((1, b"s".to_vec())),
            "{format:?}"
        );
        assert_eq!(read(&version, 0, b"large"), Some((2, large)), "{format:?}");
        assert_eq!(read(&version, 0, b"none"), None, "{format:?}");
    }
}

#[test]
fn memory_answers_until_the_disk_is_needed() {
    let registry = Registry::new();
    let store = TestStoreVersion::create(&registry, "store_v1");
    store.open(0);
    store.put(0, b"key", 1, b"payload");
    let version = registry.store_version("store_v1").unwrap();
    let found = Some((1, b"payload".to_vec()));
    assert_eq!(
        try_read(&version, 0, b"key", Tier::Memory),
        Ok(found.clone())
    );

    store.reopen(0);
    assert_eq!(
        try_read(&version, 0, b"key", Tier::Memory),
        Err(ReadError::WouldBlock)
    );
    assert_eq!(try_read(&version, 0, b"key", Tier::Any), Ok(found.clone()));
    // That read left the block in the cache.
    assert_eq!(try_read(&version, 0, b"key", Tier::Memory), Ok(found));
}

#[test]
fn a_read_past_its_deadline_gives_up() {
    let registry = Registry::new();
    registry.set_read_deadline(std::time::Duration::ZERO);
    let store = TestStoreVersion::create(&registry, "store_v1");
    store.open(0);
    store.put(0, b"key", 1, b"payload");
    store.reopen(0);
    let version = registry.store_version("store_v1").unwrap();
    let error = try_read(&version, 0, b"key", Tier::Any).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("Failed to get value from RocksDB: store_v1-0: Operation timed out: "),
        "{error}"
    );
}

#[test]
fn what_is_not_here_has_venices_words() {
    let registry = Registry::new();
    let error = registry.store_version("store_v1").map(drop).unwrap_err();
    assert_eq!(error.to_string(), "Store: store_v1 does not exist.");
    assert_eq!(
        error.java_class(),
        "com.linkedin.venice.exceptions.VeniceNoStoreException"
    );

    let store = TestStoreVersion::create(&registry, "store_v1");
    store.open(3);
    let version = registry.store_version("store_v1").unwrap();
    for partition in [4, -1, METADATA_PARTITION] {
        let error = try_read(&version, partition, b"key", Tier::Any).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("Failed to get read-write lock for partition: {partition}, store: store_v1")
        );
        assert_eq!(
            error.java_class(),
            "com.linkedin.venice.exceptions.VeniceException"
        );
    }

    store.close(3).unwrap();
    let error = try_read(&version, 3, b"key", Tier::Any).unwrap_err();
    assert_eq!(
        error.to_string(),
        "RocksDB has been closed for replica: store_v1-3, partition id: 3, any \
         further operation is disallowed"
    );
    assert_eq!(
        error.java_class(),
        "com.linkedin.venice.exceptions.VeniceException"
    );
}

#[test]
fn records_that_are_no_values() {
    let registry = Registry::new();
    let store = TestStoreVersion::create(&registry, "store_v1");
    store.open(0);
    store.put(0, b"zero", 0, b"x");
    store.put(0, b"chunk", -10, b"x");
    store.put(0, b"negative", -1, b"x");
    store.put_raw(0, b"short", &[0, 0, 1]);
    store.put_raw(0, b"nothing", &[]);
    let version = registry.store_version("store_v1").unwrap();
    let error = |key: &[u8]| {
        try_read(&version, 0, key, Tier::Any)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(error(b"zero"), "Found a record with invalid schema ID: 0");
    assert_eq!(
        error(b"chunk"),
        "Found a record with invalid schema ID: -10"
    );
    assert_eq!(
        error(b"negative"),
        "Found a record with invalid schema ID: -1"
    );
    assert!(error(b"short").contains("a record of 3 bytes in store-version: store_v1"));
    assert!(error(b"nothing").contains("a record of 0 bytes"));
}

#[test]
fn a_partition_with_replication_metadata_is_read() {
    let registry = Registry::new();
    let store = TestStoreVersion::create(&registry, "store_v1");
    store.open_with_replication_metadata(0);
    store.put(0, b"key", 1, b"payload");
    store.close(0).unwrap();
    // RocksDB wants all its column families.
    let status = store
        .try_open(0, venice_engine::Access::ReadWrite)
        .unwrap_err();
    assert_eq!(
        status.to_string(),
        "Invalid argument: Column families not opened: timestamp_metadata"
    );
    store.open_with_replication_metadata(0);
    let version = registry.store_version("store_v1").unwrap();
    assert_eq!(read(&version, 0, b"key"), Some((1, b"payload".to_vec())));
}

#[test]
fn a_thread_that_counts_nothing_reads_all_the_same() {
    let registry = Registry::new();
    let store = TestStoreVersion::create(&registry, "store_v1");
    store.open(0);
    store.put(0, b"key", 7, b"payload");
    let version = registry.store_version("store_v1").unwrap();
    let counted = || {
        assert_eq!(read(&version, 0, b"key"), Some((7, b"payload".to_vec())));
        // SAFETY: no arguments.
        unsafe { venice_testing_get_read_bytes() }
    };
    let before = counted();
    assert!(before > 0);
    assert!(counted() > before);
    venice_engine::disable_perf_counters();
    assert_eq!(counted(), 2 * before);
    // Nothing of that is another thread's business.
    let others = std::thread::scope(|threads| threads.spawn(counted).join().unwrap());
    assert_eq!(others, before);
}
