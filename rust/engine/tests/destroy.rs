//! Dropping: close and destroy, up to the last partition.

use venice_engine::testing::TestStoreVersion;
use venice_engine::{ReadError, Registry, Tier, METADATA_PARTITION};

#[test]
fn a_destroyed_partition_does_not_exist() {
    let registry = Registry::new();
    let store = TestStoreVersion::create(&registry, "store_v1");
    store.open(0);
    store.open(1);
    store.put(0, b"key", 1, b"x");
    store.destroy(0);
    assert!(!store.path(0).join("CURRENT").exists());
    let version = registry.store_version("store_v1").unwrap();
    let error = version.get(0, b"key", Tier::Any, |_| ()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "Partition: 0 of store: store_v1 does not exist"
    );
    assert_eq!(
        error.java_class(),
        "com.linkedin.venice.exceptions.PersistenceFailureException"
    );
    assert_eq!(version.get(1, b"key", Tier::Any, |_| ()), Ok(None));

    // Assigned again: new and empty.
    store.open(0);
    assert_eq!(version.get(0, b"key", Tier::Any, |_| ()), Ok(None));
}

#[test]
fn with_the_last_partition_the_store_version_is_gone() {
    let registry = Registry::new();
    let store = TestStoreVersion::create(&registry, "store_v1");
    store.open(0);
    store.destroy(0);
    assert!(registry.store_version("store_v1").is_ok());
    store.destroy(METADATA_PARTITION);
    assert_eq!(
        registry.store_version("store_v1").map(drop),
        Err(ReadError::NoStore("store_v1".into()))
    );
}

#[test]
fn an_open_partition_is_not_destroyed() {
    let registry = Registry::new();
    let store = TestStoreVersion::create(&registry, "store_v1");
    store.open(0);
    store.put(0, b"key", 1, b"x");
    let status = store.try_destroy(0).unwrap_err();
    assert_eq!(status.code, venice_engine::Status::IO_ERROR, "{status}");
    let version = registry.store_version("store_v1").unwrap();
    assert_eq!(
        version.get(0, b"key", Tier::Any, |value| value.len()),
        Ok(Some(1))
    );
}

#[test]
fn destroying_what_was_never_opened_here_changes_nothing() {
    let registry = Registry::new();
    let store = TestStoreVersion::create(&registry, "store_v1");
    store.try_destroy(5).unwrap();
    let version = registry.store_version("store_v1").unwrap();
    let error = version.get(5, b"key", Tier::Any, |_| ()).unwrap_err();
    assert!(matches!(error, ReadError::NeverOpened { .. }), "{error}");
}
