//! A batch: the order of the request, several partitions, repeats, and one failure for all.

use bytes::BytesMut;
use venice_engine::testing::{TableFormat, TestStoreVersion};
use venice_engine::{Key, ReadError, Registry, StoreVersion, StoreVersionState, Tier};

type Answers = Vec<(usize, Option<(i32, Vec<u8>)>)>;

fn read(version: &StoreVersion, keys: &[Key<'_>], tier: Tier) -> Result<Answers, ReadError> {
    let mut answers = Vec::new();
    version.multi_get(keys, tier, |position, value| {
        let value = value.map(|value| {
            let mut out = BytesMut::new();
            value.copy_to(&mut out);
            (value.schema_id(), out.to_vec())
        });
        answers.push((position, value));
    })?;
    Ok(answers)
}

fn key(partition: i32, key: &[u8]) -> Key<'_> {
    Key { partition, key }
}

#[test]
fn answers_are_in_the_order_of_the_request() {
    for format in [
        TableFormat::BlockBased,
        TableFormat::Plain,
        TableFormat::Blob,
    ] {
        answers_are_in_order(format);
    }
}

/// Of any length, short and long; many have the first 16 bytes in common, by which plain tables find
/// them.
fn stored_key(number: u32) -> Vec<u8> {
    let mut key = Vec::new();
    if number.is_multiple_of(3) {
        key.extend_from_slice(b"0123456789abcdef");
    }
    key.extend_from_slice(&number.to_be_bytes());
    key.resize(key.len() + (number % 7 * 25) as usize, b'-');
    key
}

fn answers_are_in_order(format: TableFormat) {
    let registry = Registry::new();
    let store = TestStoreVersion::create_with_format(&registry, "store_v1", format);
    let partitions = 5;
    let per_partition = 200u32;
    let payload = |partition, number| format!("{partition}/{number}").repeat(number as usize);
    for partition in 0..partitions {
        store.open(partition);
        for number in 0..per_partition {
            let payload = payload(partition, number);
            store.put(
                partition,
                &stored_key(number),
                1 + partition,
                payload.as_bytes(),
            );
            // Several files, and the last keys in memory.
            if number % 60 == 59 {
                store.flush(partition);
            }
        }
    }
    // Partitions and keys mixed, every fourth key missing, every key twice.
    let stored: Vec<(i32, u32, Vec<u8>, bool)> = (0..per_partition * 2)
        .map(|index| {
            let number = (index * 7919) % per_partition;
            let missing = index % 4 == 0;
            let stored = if missing { number + 1_000_000 } else { number };
            ((index % 5) as i32, number, stored_key(stored), missing)
        })
        .collect();
    let keys: Vec<_> = stored
        .iter()
        .map(|(partition, _, bytes, _)| key(*partition, bytes))
        .collect();
    let version = registry.store_version("store_v1").expect("it is open");
    let answers = read(&version, &keys, Tier::Any).expect("all of it can be read");
    assert_eq!(answers.len(), keys.len());
    for (index, ((position, answer), (partition, number, _, missing))) in
        answers.into_iter().zip(stored).enumerate()
    {
        assert_eq!(position, index);
        let expected = (!missing).then(|| (1 + partition, payload(partition, number).into()));
        assert!(answer == expected, "{format:?}, key {index}");
    }
}

#[test]
fn a_batch_gives_what_single_gets_give() {
    let registry = Registry::new();
    let store = TestStoreVersion::create(&registry, "store_v1");
    store.put_state(&StoreVersionState {
        chunked: true,
        ..Default::default()
    });
    store.open(0);
    let large: Vec<u8> = (0..=255).cycle().take(10_000).collect();
    store.put_unchunked(0, b"small", 1, b"s");
    store.put_chunked(0, b"large", 2, &large, 999, 1);
    store.put_unchunked(0, b"", 3, b"of the empty key");
    let version = registry.store_version("store_v1").unwrap();
    let keys = [
        key(0, b"large"),
        key(0, b"none"),
        key(0, b""),
        key(0, b"small"),
        key(0, b"large"),
    ];
    let expected = vec![
        (0, Some((2, large.clone()))),
        (1, None),
        (2, Some((3, b"of the empty key".to_vec()))),
        (3, Some((1, b"s".to_vec()))),
        (4, Some((2, large))),
    ];
    assert_eq!(read(&version, &keys, Tier::Any), Ok(expected.clone()));
    for (key, (_, answer)) in keys.iter().zip(expected) {
        let single = version.get(key.partition, key.key, Tier::Any, |value| {
            let mut out = BytesMut::new();
            value.copy_to(&mut out);
            (value.schema_id(), out.to_vec())
        });
        assert_eq!(single, Ok(answer));
    }
}

#[test]
fn no_keys_are_no_answers() {
    let registry = Registry::new();
    let _store = TestStoreVersion::create(&registry, "store_v1");
    let version = registry.store_version("store_v1").unwrap();
    assert_eq!(read(&version, &[], Tier::Memory), Ok(vec![]));
}

#[test]
fn one_failing_key_fails_the_batch() {
    let registry = Registry::new();
    let store = TestStoreVersion::create(&registry, "store_v1");
    store.open(0);
    store.open(1);
    store.put(0, b"good", 1, b"x");
    store.put(0, b"bad", 0, b"x");
    let version = registry.store_version("store_v1").unwrap();
    let error = |keys: &[Key<'_>]| read(&version, keys, Tier::Any).unwrap_err().to_string();
    assert_eq!(
        error(&[key(0, b"good"), key(0, b"bad")]),
        "Found a record with invalid schema ID: 0"
    );
    assert_eq!(
        error(&[key(0, b"good"), key(2, b"good")]),
        "Failed to get read-write lock for partition: 2, store: store_v1"
    );
    store.close(1).unwrap();
    assert!(error(&[key(1, b"good"), key(0, b"good")])
        .starts_with("RocksDB has been closed for replica: store_v1-1"));
}

#[test]
fn memory_answers_all_or_says_that_it_would_block() {
    let registry = Registry::new();
    let store = TestStoreVersion::create(&registry, "store_v1");
    for partition in [0, 1] {
        store.open(partition);
        store.put(partition, b"key", 1, b"x");
    }
    let version = registry.store_version("store_v1").unwrap();
    let keys = [key(0, b"key"), key(1, b"key")];
    assert!(read(&version, &keys, Tier::Memory).is_ok());
    store.reopen(1);
    assert_eq!(
        read(&version, &keys, Tier::Memory),
        Err(ReadError::WouldBlock)
    );
    assert!(read(&version, &keys, Tier::Any).is_ok());
    assert!(read(&version, &keys, Tier::Memory).is_ok());
}
