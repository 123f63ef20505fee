//! Closing under readers: it waits, within a bound, and nothing is freed too early.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use bytes::BytesMut;
use venice_engine::testing::{record, TestDatabase, TestStoreVersion};
use venice_engine::{
    Access, Key, ReadError, Registry, Status, StoreVersionState, Tier, METADATA_PARTITION,
};

fn path_of(store: &TestStoreVersion, partition: i32) -> Vec<u8> {
    store.path(partition).into_os_string().into_encoded_bytes()
}

/// Lets other threads run until `condition` holds, which does not depend on this thread.
fn wait_until(condition: impl Fn() -> bool) {
    while !condition() {
        std::thread::yield_now();
    }
}

#[test]
fn close_waits_for_the_reader() {
    let registry = Registry::new();
    let store = TestStoreVersion::create(&registry, "store_v1");
    store.open(0);
    store.put(0, b"key", 1, b"payload");
    let version = registry.store_version("store_v1").unwrap();
    let path = path_of(&store, 0);
    let reader_done = AtomicBool::new(false);
    std::thread::scope(|threads| {
        let (version, registry, path, reader_done) = (&version, &registry, &path, &reader_done);
        let (inside, is_inside) = mpsc::channel();
        threads.spawn(move || {
            let got = version.get(0, b"key", Tier::Any, |value| {
                inside.send(()).unwrap();
                wait_until(|| !registry.is_open(path));
                let mut out = BytesMut::new();
                value.copy_to(&mut out);
                reader_done.store(true, Ordering::SeqCst);
                out
            });
            assert_eq!(got.unwrap().unwrap()[..], b"payload"[..]);
        });
        is_inside.recv().unwrap();
        store.close(0).unwrap();
        assert!(reader_done.load(Ordering::SeqCst));
        // Files and lock are free.
        store.open(0);
        assert_eq!(
            version.get(0, b"key", Tier::Any, |value| value.len()),
            Ok(Some(7))
        );
    });
}

#[test]
fn a_closing_partition_lets_nobody_in() {
    let registry = Registry::new();
    let store = TestStoreVersion::create(&registry, "store_v1");
    store.open(0);
    store.put(0, b"key", 1, b"payload");
    let version = registry.store_version("store_v1").unwrap();
    let path = path_of(&store, 0);
    std::thread::scope(|threads| {
        let (inside, is_inside) = mpsc::channel();
        let (refused, is_refused) = mpsc::channel();
        let version = &version;
        threads.spawn(move || {
            version
                .get(0, b"key", Tier::Any, |_| {
                    inside.send(()).unwrap();
                    is_refused.recv().unwrap();
                })
                .unwrap();
        });
        is_inside.recv().unwrap();
        let closing = threads.spawn(|| store.close(0));
        wait_until(|| !registry.is_open(&path));
        let error = version.get(0, b"key", Tier::Any, |_| ()).unwrap_err();
        assert!(
            matches!(error, ReadError::Closed { partition: 0, .. }),
            "{error}"
        );
        refused.send(()).unwrap();
        closing.join().unwrap().unwrap();
    });
}

#[test]
fn after_the_deadline_the_last_reader_closes() {
    let registry = Registry::new();
    registry.set_close_deadline(Duration::from_millis(20));
    let store = TestStoreVersion::create(&registry, "store_v1");
    store.open(0);
    let payload = vec![7; 100_000];
    store.put(0, b"key", 1, &payload);
    store.flush(0);
    let version = registry.store_version("store_v1").unwrap();
    std::thread::scope(|threads| {
        let (inside, is_inside) = mpsc::channel();
        let (closed, is_closed) = mpsc::channel();
        let version = &version;
        let reader = threads.spawn(move || {
            version.get(0, b"key", Tier::Any, |value| {
                inside.send(()).unwrap();
                is_closed.recv().unwrap();
                // Java has closed and disposed of the database: the bytes are still there.
                let mut out = BytesMut::new();
                value.copy_to(&mut out);
                out
            })
        });
        is_inside.recv().unwrap();
        let status = store.close(0).unwrap_err();
        assert_eq!(status.code, Status::TIMED_OUT);
        let text = status.to_string();
        assert!(text.starts_with("Operation timed out: /"), "{text}");
        assert!(
            text.contains(
                "is still in use 20ms after its close began: 1 reads of the read server. "
            ),
            "{text}"
        );
        assert!(text.contains("read.deadline.ms"), "{text}");
        // Not closed yet, as its lock shows.
        let status = store.try_open(0, Access::ReadWrite).unwrap_err();
        assert!(
            status.to_string().contains("lock hold by current process"),
            "{status}"
        );
        closed.send(()).unwrap();
        assert_eq!(reader.join().unwrap().unwrap().unwrap()[..], payload[..]);
        // The reader closed it when it left.
        store.open(0);
        assert_eq!(
            version.get(0, b"key", Tier::Any, |value| value.len()),
            Ok(Some(100_000))
        );
    });
}

#[test]
fn closing_again_is_harmless() {
    let registry = Registry::new();
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("store_v1/store_v1_0");
    let database = TestDatabase::open(&registry, &path, Access::ReadWrite).unwrap();
    database.put(b"key", &record(1, b"x"));
    for _ in 0..3 {
        assert_eq!(database.close(), Ok(()));
    }
    // Another one may have the files, while the closed object is still there.
    let other = TestDatabase::open(&registry, &path, Access::ReadWrite).unwrap();
    assert_eq!(database.close(), Ok(()));
    drop(database);
    let version = registry.store_version("store_v1").unwrap();
    assert_eq!(
        version.get(0, b"key", Tier::Any, |value| value.len()),
        Ok(Some(1))
    );
    // Disposing closes, too.
    drop(other);
    assert!(version.get(0, b"key", Tier::Any, |_| ()).is_err());
    drop(TestDatabase::open(&registry, &path, Access::ReadWrite).unwrap());
}

#[test]
fn a_time_out_is_repaired_by_closing_again() {
    let registry = Registry::new();
    registry.set_close_deadline(Duration::ZERO);
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("store_v1/store_v1_0");
    let database = TestDatabase::open(&registry, &path, Access::ReadWrite).unwrap();
    database.put(b"key", &record(1, b"x"));
    let version = registry.store_version("store_v1").unwrap();
    version
        .get(0, b"key", Tier::Any, |_| {
            assert_eq!(database.close().unwrap_err().code, Status::TIMED_OUT);
            assert_eq!(database.close().unwrap_err().code, Status::TIMED_OUT);
        })
        .unwrap();
    assert_eq!(database.close(), Ok(()));
    // Closed by the reader: the lock is free although the object is not disposed of.
    drop(TestDatabase::open(&registry, &path, Access::ReadWrite).unwrap());
}

/// A thousand times close and open, under readers on all partitions: every answer is right, or says
/// that the partition is closed at that moment.
#[test]
fn a_thousand_reopens_under_reads() {
    const PARTITIONS: i32 = 4;
    const CYCLES: i32 = 250;
    let registry = Registry::new();
    let store = TestStoreVersion::create(&registry, "store_v1");
    store.put_state(&StoreVersionState {
        chunked: true,
        ..Default::default()
    });
    let payload: Vec<u8> = (0..=255).cycle().take(500).collect();
    let small = |partition: i32| vec![partition as u8; 16];
    for partition in 0..PARTITIONS {
        store.open(partition);
        store.put_chunked(partition, b"large", 2, &payload, 100, 1);
        store.put_unchunked(partition, b"small", 1, &small(partition));
    }
    let keys: Vec<_> = (0..PARTITIONS)
        .flat_map(|partition| {
            [
                Key {
                    partition,
                    key: b"small",
                },
                Key {
                    partition,
                    key: b"large",
                },
            ]
        })
        .collect();
    let stop = AtomicBool::new(false);
    let (right, closed) = (AtomicU64::new(0), AtomicU64::new(0));
    let check = |outcome: Result<bool, ReadError>| match outcome {
        Ok(found) => {
            assert!(found, "a stored key is missing");
            right.fetch_add(1, Ordering::Relaxed);
        }
        Err(ReadError::Closed { .. }) => {
            closed.fetch_add(1, Ordering::Relaxed);
        }
        Err(error) => panic!("{error}"),
    };
    let is_right = |partition: i32, schema_id: i32, value: &venice_engine::Value<'_>| {
        let mut out = BytesMut::new();
        value.copy_to(&mut out);
        assert_eq!(value.schema_id(), schema_id);
        let expected = if schema_id == 1 {
            small(partition)
        } else {
            payload.clone()
        };
        assert_eq!(out[..], expected[..]);
    };
    std::thread::scope(|threads| {
        for reader in 0..3 {
            let (stop, check, is_right, keys, registry) =
                (&stop, &check, &is_right, &keys, &registry);
            threads.spawn(move || {
                let mut turn = reader;
                while !stop.load(Ordering::Relaxed) {
                    let version = registry
                        .store_version("store_v1")
                        .expect("it is never destroyed");
                    let Key { partition, key } = keys[turn % keys.len()];
                    turn += 1;
                    let schema_id = if key == b"small" { 1 } else { 2 };
                    check(
                        version
                            .get(partition, key, Tier::Any, |value| {
                                is_right(partition, schema_id, &value);
                            })
                            .map(|found| found.is_some()),
                    );
                    let mut found = true;
                    let outcome =
                        version.multi_get(keys, Tier::Any, |position, value| match value {
                            Some(value) => {
                                is_right(keys[position].partition, 1 + position as i32 % 2, &value);
                            }
                            None => found = false,
                        });
                    check(outcome.map(|()| found));
                }
            });
        }
        let closers: Vec<_> = (0..PARTITIONS)
            .map(|partition| {
                let store = &store;
                threads.spawn(move || {
                    for cycle in 0..CYCLES {
                        store.close(partition).expect("close");
                        let access = if cycle % 2 == 0 {
                            Access::ReadOnly {
                                error_if_wal_file_exists: false,
                            }
                        } else {
                            Access::ReadWrite
                        };
                        store.try_open(partition, access).expect("open");
                    }
                })
            })
            .collect();
        let closers: Vec<_> = closers.into_iter().map(|closer| closer.join()).collect();
        stop.store(true, Ordering::Relaxed);
        for closer in closers {
            closer.expect("every partition closes and opens");
        }
    });
    assert!(right.load(Ordering::Relaxed) > 0, "no read was answered");
    store.reopen(METADATA_PARTITION);
    let version = registry.store_version("store_v1").unwrap();
    for partition in 0..PARTITIONS {
        assert_eq!(
            version.get(partition, b"large", Tier::Any, |value| value.len()),
            Ok(Some(500))
        );
    }
}
