//! The store-version state: every protocol version, and changes under open databases.

use bytes::Bytes;
use venice_engine::testing::{state_record, TestStoreVersion};
use venice_engine::{
    ReadError, Registry, StoreVersionState, Tier, METADATA_PARTITION, VERSION_METADATA,
};

fn full() -> StoreVersionState {
    StoreVersionState {
        sorted: true,
        chunked: true,
        compression_strategy: 3,
        compression_dictionary: Some(Bytes::from_static(b"dictionary")),
        batch_conflict_resolution_policy: 1,
        start_of_push_timestamp: 1_700_000_000_000,
        end_of_push_timestamp: 1_700_000_000_001,
    }
}

#[test]
fn all_versions_are_read_and_new_fields_get_defaults() {
    let registry = Registry::new();
    let store = TestStoreVersion::create(&registry, "store_v1");
    let version = registry.store_version("store_v1").unwrap();
    for protocol in 1..=7u8 {
        store.put_raw(
            METADATA_PARTITION,
            VERSION_METADATA,
            &state_record(protocol, &full()),
        );
        let mut expected = full();
        if protocol < 7 {
            expected.end_of_push_timestamp = 0;
        }
        if protocol < 6 {
            expected.start_of_push_timestamp = 0;
            expected.batch_conflict_resolution_policy = 0;
        }
        if protocol < 5 {
            expected.compression_dictionary = None;
        }
        if protocol < 3 {
            expected.compression_strategy = 0;
        }
        if protocol < 2 {
            expected.chunked = false;
        }
        assert_eq!(
            *version.state(Tier::Any).unwrap(),
            expected,
            "protocol version {protocol}"
        );
    }
}

#[test]
fn without_a_state_nothing_is_chunked_or_compressed() {
    let registry = Registry::new();
    let store = TestStoreVersion::create(&registry, "store_v1");
    store.open(0);
    store.put(0, b"key", 1, b"payload");
    let version = registry.store_version("store_v1").unwrap();
    assert_eq!(
        *version.state(Tier::Any).unwrap(),
        StoreVersionState::default()
    );
    assert_eq!(
        version.get(0, b"key", Tier::Any, |value| value.len()),
        Ok(Some(7))
    );
}

#[test]
fn a_state_written_later_is_seen_at_once() {
    let registry = Registry::new();
    let store = TestStoreVersion::create(&registry, "store_v1");
    store.open(0);
    store.put_unchunked(0, b"key", 1, b"payload");
    let version = registry.store_version("store_v1").unwrap();
    let read = || version.get(0, b"key", Tier::Memory, |value| value.len());
    assert_eq!(read(), Ok(None));

    store.put_state(&StoreVersionState {
        chunked: true,
        ..Default::default()
    });
    assert_eq!(read(), Ok(Some(7)));

    store.delete(METADATA_PARTITION, VERSION_METADATA);
    assert_eq!(read(), Ok(None));
}

#[test]
fn writes_of_offsets_keep_the_state_as_it_is() {
    let registry = Registry::new();
    let store = TestStoreVersion::create(&registry, "store_v1");
    store.put_state(&full());
    let version = registry.store_version("store_v1").unwrap();
    let before = version.state(Tier::Memory).unwrap();
    store.put_raw(METADATA_PARTITION, b"P_0", &[24, 24, 0]);
    let after = version.state(Tier::Memory).unwrap();
    assert!(std::sync::Arc::ptr_eq(&before, &after));
}

#[test]
fn the_state_survives_a_reopen_and_needs_the_disk_then() {
    let registry = Registry::new();
    let store = TestStoreVersion::create(&registry, "store_v1");
    store.put_state(&full());
    let version = registry.store_version("store_v1").unwrap();
    assert_eq!(*version.state(Tier::Memory).unwrap(), full());
    store.reopen(METADATA_PARTITION);
    assert_eq!(version.state(Tier::Memory), Err(ReadError::WouldBlock));
    assert_eq!(*version.state(Tier::Any).unwrap(), full());
    assert_eq!(*version.state(Tier::Memory).unwrap(), full());
}

#[test]
fn a_closed_metadata_partition_is_no_reason_to_guess() {
    let registry = Registry::new();
    let store = TestStoreVersion::create(&registry, "store_v1");
    store.put_state(&full());
    store.open(0);
    store.put_unchunked(0, b"key", 1, b"payload");
    let version = registry.store_version("store_v1").unwrap();
    store.close(METADATA_PARTITION).unwrap();
    let error = version
        .get(0, b"key", Tier::Any, |value| value.len())
        .unwrap_err();
    assert!(
        matches!(
            error,
            ReadError::Closed {
                partition: METADATA_PARTITION,
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn a_broken_state_is_refused_with_its_reason() {
    let registry = Registry::new();
    let store = TestStoreVersion::create(&registry, "store_v1");
    let version = registry.store_version("store_v1").unwrap();
    for (record, reason) in [
        (&[25u8, 8, 0][..], "protocol version 8 is none of 1 to 7"),
        (&[24, 7, 0], "magic byte is 24, not 25"),
        (&[25], "1 bytes are too few"),
        (&[25, 7, 1], "ends at byte 1, inside a number"),
    ] {
        store.put_raw(METADATA_PARTITION, VERSION_METADATA, record);
        let error = version.state(Tier::Any).unwrap_err().to_string();
        assert!(
            error.starts_with("Failed to decode the StoreVersionState of store_v1: ")
                && error.contains(reason),
            "{error}"
        );
    }
    // And good again, once it is repaired.
    store.put_state(&full());
    assert_eq!(*version.state(Tier::Any).unwrap(), full());
}
