//! Values in chunks: put together, and every way in which that can fail.

use bytes::BytesMut;
use venice_engine::testing::{chunk_key, manifest, record, top_level_key, TestStoreVersion};
use venice_engine::{Key, ReadError, Registry, StoreVersion, StoreVersionState, Tier};

fn chunked_store() -> (
    std::sync::Arc<Registry>,
    TestStoreVersion,
    std::sync::Arc<StoreVersion>,
) {
    let registry = Registry::new();
    let store = TestStoreVersion::create(&registry, "store_v1");
    store.put_state(&StoreVersionState {
        chunked: true,
        ..Default::default()
    });
    store.open(0);
    let version = registry.store_version("store_v1").expect("a store version");
    (registry, store, version)
}

fn read(version: &StoreVersion, key: &[u8]) -> Result<Option<(i32, Vec<u8>)>, ReadError> {
    version.get(0, key, Tier::Any, |value| {
        let mut out = BytesMut::new();
        value.copy_to(&mut out);
        assert_eq!(out.len(), value.len());
        (value.schema_id(), out.to_vec())
    })
}

fn payload(size: usize) -> Vec<u8> {
    (0..size).map(|index| (index * 31 % 251) as u8).collect()
}

#[test]
fn chunks_are_put_together_in_order() {
    let (_registry, store, version) = chunked_store();
    // More than one mebibyte, more than ten chunks, a last chunk of one byte, and a single chunk.
    for (key, size, chunk_size) in [
        (&b"a"[..], 3_000_000, 950 * 1024),
        (b"b", 10_001, 1000),
        (b"c", 5, 950 * 1024),
    ] {
        store.put_chunked(0, key, 12, &payload(size), chunk_size, 1);
        assert_eq!(read(&version, key), Ok(Some((12, payload(size)))));
    }
    store.flush(0);
    assert_eq!(read(&version, b"a"), Ok(Some((12, payload(3_000_000)))));
}

#[test]
fn small_values_have_the_suffix_too() {
    let (_registry, store, version) = chunked_store();
    store.put_unchunked(0, b"small", 3, b"payload");
    store.put(0, b"bare", 3, b"payload");
    assert_eq!(read(&version, b"small"), Ok(Some((3, b"payload".to_vec()))));
    assert_eq!(read(&version, b"bare"), Ok(None));
    assert_eq!(read(&version, &top_level_key(b"small")), Ok(None));
    // Longer than what has room on the stack.
    let long_key = vec![b'k'; 5000];
    store.put_unchunked(0, &long_key, 3, b"payload");
    assert_eq!(
        read(&version, &long_key),
        Ok(Some((3, b"payload".to_vec())))
    );
}

#[test]
fn a_value_without_chunks_is_empty() {
    let (_registry, store, version) = chunked_store();
    store.put_chunked(0, b"key", 4, b"", 10, 1);
    assert_eq!(read(&version, b"key"), Ok(Some((4, vec![]))));
}

#[test]
fn a_missing_chunk_is_named() {
    let (_registry, store, version) = chunked_store();
    store.put_chunked(0, b"key", 1, &payload(100), 10, 1);
    store.delete(0, &chunk_key(b"key", 1, 3));
    assert_eq!(
        read(&version, b"key").unwrap_err().to_string(),
        "Chunk not found in store-version: store_v1, partition: 0, chunk index: 3."
    );
}

#[test]
fn a_value_replaced_while_it_is_read_is_read_again() {
    let (_registry, store, version) = chunked_store();
    store.put_unchunked(0, b"first", 1, b"x");
    store.put_chunked(0, b"key", 1, &payload(100), 10, 1);
    let keys = [
        Key {
            partition: 0,
            key: b"first",
        },
        Key {
            partition: 0,
            key: b"key",
        },
    ];
    let mut answers = Vec::new();
    let outcome = version.multi_get(&keys, Tier::Any, |position, value| {
        if position == 0 {
            // The manifest of the other key is read by now, its chunks are not.
            store.put_chunked(0, b"key", 2, &payload(77), 10, 2);
            store.delete_chunks(0, b"key", 1, 10);
        } else {
            let value = value.expect("a value");
            let mut out = BytesMut::new();
            value.copy_to(&mut out);
            answers.push((value.schema_id(), out.to_vec()));
        }
    });
    assert_eq!(outcome, Ok(()));
    assert_eq!(answers, [(2, payload(77))]);
}

#[test]
fn a_value_deleted_while_it_is_read_is_missing() {
    let (_registry, store, version) = chunked_store();
    store.put_unchunked(0, b"first", 1, b"x");
    store.put_chunked(0, b"key", 1, &payload(100), 10, 1);
    let keys = [
        Key {
            partition: 0,
            key: b"first",
        },
        Key {
            partition: 0,
            key: b"key",
        },
    ];
    let mut missing = Vec::new();
    let outcome = version.multi_get(&keys, Tier::Any, |position, value| {
        if position == 0 {
            store.delete(0, &top_level_key(b"key"));
            store.delete_chunks(0, b"key", 1, 10);
        }
        if value.is_none() {
            missing.push(position);
        }
    });
    assert_eq!(outcome, Ok(()));
    assert_eq!(missing, [1]);
}

#[test]
fn what_is_no_chunk_is_refused() {
    let (_registry, store, version) = chunked_store();
    store.put_chunked(0, b"key", 1, &payload(30), 10, 1);
    store.put_raw(0, &chunk_key(b"key", 1, 1), &record(5, b"a value"));
    assert_eq!(
        read(&version, b"key").unwrap_err().to_string(),
        "Did not get the chunk schema ID while attempting to retrieve a chunk! Instead, got \
         schema ID: 5 from store-version: store_v1, partition: 0, chunk index: 1."
    );
    store.put_raw(0, &chunk_key(b"key", 1, 1), &[1]);
    assert!(read(&version, b"key")
        .unwrap_err()
        .to_string()
        .contains("a record of 1 bytes"));
}

#[test]
fn the_size_must_be_that_of_the_manifest() {
    let (_registry, store, version) = chunked_store();
    let keys = [chunk_key(b"key", 1, 0)];
    store.put_raw(0, &keys[0], &record(-10, b"12345"));
    for size in [4, 6, -1, i32::MIN] {
        let manifest = manifest(&keys, 1, size);
        store.put_raw(0, &top_level_key(b"key"), &record(-20, &manifest));
        assert_eq!(
            read(&version, b"key").unwrap_err().to_string(),
            format!(
                "The fully assembled large value does not have the expected size! actualSize: 5, \
                 chunkedValueManifest.size: {size}, store-version: store_v1, partition: 0."
            )
        );
    }
}

#[test]
fn a_broken_manifest_is_refused() {
    let (_registry, store, version) = chunked_store();
    let good = manifest(&[b"a".to_vec(), b"b".to_vec()], 1, 2);
    for cut in 0..good.len() {
        store.put_raw(0, &top_level_key(b"key"), &record(-20, &good[..cut]));
        let error = read(&version, b"key").unwrap_err();
        assert!(
            matches!(error, ReadError::BadManifest { .. }),
            "cut at {cut}: {error}"
        );
    }
}
