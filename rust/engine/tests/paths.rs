//! Which opened databases are partitions, by their paths.

use venice_engine::testing::{record, TestDatabase};
use venice_engine::{Access, Registry, Tier};

#[test]
fn a_path_of_venices_form_is_a_partition() {
    let registry = Registry::new();
    let root = tempfile::tempdir().unwrap();
    // With a slash at the end, and a store name with its own `_v`.
    let path = root.path().join("rocksdb/a_v1_v2/a_v1_v2_7/");
    let database = TestDatabase::open(&registry, &path, Access::ReadWrite).unwrap();
    database.put(b"key", &record(3, b"payload"));
    let version = registry.store_version("a_v1_v2").unwrap();
    let schema_id = version.get(7, b"key", Tier::Any, |value| value.schema_id());
    assert_eq!(schema_id, Ok(Some(3)));
    assert!(registry.is_open(path.as_os_str().as_encoded_bytes()));
    database.close().unwrap();
    assert!(!registry.is_open(path.as_os_str().as_encoded_bytes()));
}

#[test]
fn other_paths_are_opened_and_not_served() {
    let registry = Registry::new();
    let root = tempfile::tempdir().unwrap();
    for path in [
        "plain",
        "store_v1/temp_transferred_store_v1_0",
        "store_v1/other_v1_0",
        "store_v1",
    ] {
        let path = root.path().join("other").join(path);
        let database = TestDatabase::open(&registry, &path, Access::ReadWrite).unwrap();
        assert!(
            registry.is_open(path.as_os_str().as_encoded_bytes()),
            "{path:?}"
        );
        for name in [
            "store_v1",
            "other_v1",
            "temp_transferred_store_v1",
            "plain",
            "other",
        ] {
            assert!(
                registry.store_version(name).is_err(),
                "{path:?} is served as {name}"
            );
        }
        database.close().unwrap();
    }
}

#[test]
fn the_same_partition_in_two_directories_is_served_from_the_later_one() {
    let registry = Registry::new();
    let root = tempfile::tempdir().unwrap();
    let open = |server: &str| {
        let path = root.path().join(server).join("store_v1/store_v1_0");
        let database = TestDatabase::open(&registry, &path, Access::ReadWrite).unwrap();
        database.put(b"key", &record(1, server.as_bytes()));
        database
    };
    let first = open("server-1");
    let version = registry.store_version("store_v1").unwrap();
    let read = || {
        let mut out = bytes::BytesMut::new();
        version
            .get(0, b"key", Tier::Any, |value| value.copy_to(&mut out))
            .unwrap();
        String::from_utf8(out.to_vec()).unwrap()
    };
    assert_eq!(read(), "server-1");
    let second = open("server-2");
    assert_eq!(read(), "server-2");
    second.close().unwrap();
    assert_eq!(read(), "server-1");
    first.close().unwrap();
    assert!(version.get(0, b"key", Tier::Any, |_| ()).is_err());
}

#[test]
fn a_registry_knows_nothing_of_another() {
    let (one, other) = (Registry::new(), Registry::new());
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("store_v1/store_v1_0");
    let _database = TestDatabase::open(&one, &path, Access::ReadWrite).unwrap();
    assert!(one.store_version("store_v1").is_ok());
    assert!(other.store_version("store_v1").is_err());
    assert!(Registry::global().store_version("store_v1").is_err());
}
