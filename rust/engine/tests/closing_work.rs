//! Closing a database that RocksDB itself works on, or calls Java from.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use venice_engine::handles::{self, callback, Closed, Kind, Lease};
use venice_engine::testing::{record, TestDatabase};
use venice_engine::{Access, Registry, Status, Tier};

fn open(registry: &Arc<Registry>, path: &std::path::Path) -> TestDatabase {
    TestDatabase::open(registry, path, Access::ReadWrite).expect("opened")
}

fn call(handle: usize) -> Result<Lease, Closed> {
    Lease::new(Kind::RocksDb, handle)
}

fn wait_until(mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !done() {
        assert!(Instant::now() < deadline, "it never came to be");
        std::thread::yield_now();
    }
}

/// As a thread of RocksDB's on which it calls Java.
fn in_callback<T>(java: impl FnOnce() -> T) -> T {
    callback::begin();
    let result = java();
    callback::end();
    result
}

#[test]
fn callbacks_are_let_in_until_the_work_is_done_and_then_waited_for() {
    let registry = Registry::new();
    let root = tempfile::tempdir().unwrap();
    let database = open(&registry, root.path());
    let handle = database.handle() as usize;
    let closed = AtomicBool::new(false);
    // A call of Java's, begun before the close, that keeps RocksDB's work from being ended.
    let (end_call, call_may_end) = mpsc::channel::<()>();
    let (called, is_called) = mpsc::channel();
    std::thread::scope(|threads| {
        threads.spawn(move || {
            let _lease = call(handle).unwrap();
            called.send(()).unwrap();
            call_may_end.recv().unwrap();
        });
        is_called.recv().unwrap();
        let closer = threads.spawn(|| {
            let result = database.close();
            closed.store(true, Ordering::SeqCst);
            result
        });
        wait_until(|| !handles::is_live(Kind::RocksDb, handle));
        assert!(call(handle).is_err());
        in_callback(|| {
            let first = call(handle).expect("RocksDB's own threads are let in");
            drop(call(handle).expect("again and again"));
            end_call.send(()).unwrap();
            // RocksDB has no work: from some time on nobody is let in.
            wait_until(|| call(handle).is_err());
            assert!(!closed.load(Ordering::SeqCst), "closed under a callback");
            drop(first);
        });
        assert_eq!(closer.join().unwrap(), Ok(()));
        assert!(in_callback(|| call(handle)).is_err());
    });
    drop(open(&registry, root.path()));
}

#[test]
fn a_callback_that_is_last_leaves_the_close_to_another_thread() {
    let registry = Registry::new();
    registry.set_close_deadline(Duration::from_millis(20));
    let root = tempfile::tempdir().unwrap();
    let database = open(&registry, root.path());
    let handle = database.handle() as usize;
    in_callback(|| {
        let lease = call(handle).unwrap();
        assert_eq!(database.close().unwrap_err().code, Status::TIMED_OUT);
        drop(lease);
        // RocksDB's lock is free once the other thread has closed it.
        wait_until(|| TestDatabase::open(&registry, root.path(), Access::ReadWrite).is_ok());
    });
}

#[test]
fn a_long_call_is_refused_once_closing_began_and_waited_for() {
    let registry = Registry::new();
    let root = tempfile::tempdir().unwrap();
    let database = open(&registry, root.path());
    let handle = database.handle() as usize;
    let (begun, has_begun) = mpsc::channel();
    std::thread::scope(|threads| {
        let database = &database;
        let registry = &registry;
        threads.spawn(move || {
            let lease = call(handle).unwrap();
            let long = registry.long_call(handle as *mut _).unwrap().unwrap();
            drop(lease);
            begun.send(()).unwrap();
            wait_until(|| !handles::is_live(Kind::RocksDb, handle));
            assert!(registry.long_call(handle as *mut _).unwrap().is_none());
            drop(long);
        });
        has_begun.recv().unwrap();
        assert_eq!(database.close(), Ok(()));
    });
    assert!(registry.long_call(std::ptr::null_mut()).is_none());
    drop(open(&registry, root.path()));
}

#[test]
fn a_long_call_that_outlasts_the_deadline_closes_and_is_named() {
    let registry = Registry::new();
    registry.set_close_deadline(Duration::from_millis(20));
    let root = tempfile::tempdir().unwrap();
    let database = open(&registry, root.path());
    let long = registry.long_call(database.handle()).unwrap().unwrap();
    let status = database.close().unwrap_err();
    assert_eq!(status.code, Status::TIMED_OUT);
    let text = status.to_string();
    assert!(
        text.contains("began: 1 calls of Java that flush or compact. ")
            && !text.contains("read.deadline.ms"),
        "{text}"
    );
    drop(long);
    drop(open(&registry, root.path()));
}

#[test]
fn every_write_that_succeeded_is_there_again_without_a_log() {
    let registry = Registry::new();
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("store_v1/store_v1_0");
    let mut next = 0_u64;
    for _ in 0..30 {
        let database = open(&registry, &path);
        let handle = database.handle() as usize;
        let (written, is_written) = mpsc::channel();
        std::thread::scope(|threads| {
            let database = &database;
            let next = &mut next;
            threads.spawn(move || {
                // With the write-ahead log off, as in Venice.
                while let Ok(_lease) = call(handle) {
                    database.put(&next.to_be_bytes(), &record(1, b"x"));
                    *next += 1;
                    let _ = written.send(());
                }
            });
            is_written.recv().unwrap();
            assert_eq!(database.close(), Ok(()));
        });
        drop(database);
        let database = open(&registry, &path);
        let version = registry.store_version("store_v1").unwrap();
        for key in 0..next {
            let length = version.get(0, &key.to_be_bytes(), Tier::Any, |value| value.len());
            assert_eq!(length, Ok(Some(1)), "write {key} of {next}");
        }
        drop(database);
    }
}
