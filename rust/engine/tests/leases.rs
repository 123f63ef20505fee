//! Calls of Java on a database, and the objects that belong to it, under a close.

use std::ffi::c_void;
use std::path::Path;
use std::sync::mpsc;
use std::sync::Arc;
use std::time::Duration;

use venice_engine::handles::{self, Closed, Kind, Lease};
use venice_engine::testing::TestDatabase;
use venice_engine::{Access, Db, Registry, Status};

extern "C" {
    fn venice_testing_new_iterator(db: *mut Db) -> *mut c_void;
    fn venice_testing_iterator_valid(iterator: *const c_void) -> u8;
    fn venice_testing_iterator_destroy(iterator: *mut c_void);
}

fn open(registry: &Arc<Registry>, path: &Path) -> TestDatabase {
    let database = TestDatabase::open(registry, path, Access::ReadWrite).expect("opened");
    database.put(b"key", b"value");
    database
}

fn call(database: &TestDatabase) -> Result<Lease, Closed> {
    Lease::new(Kind::RocksDb, database.handle() as usize)
}

/// An iterator at the first entry, as Java would have it.
fn iterator(registry: &Registry, database: &TestDatabase) -> usize {
    let _call = call(database).expect("open");
    // SAFETY: the database is in use; the iterator becomes its own.
    unsafe {
        let iterator = venice_testing_new_iterator(database.handle());
        let handle = iterator as usize;
        registry.adopt(
            database.handle(),
            Kind::RocksIterator,
            handle,
            venice_testing_iterator_destroy,
        );
        handle
    }
}

fn close(registry: &Registry, iterator: usize) {
    // SAFETY: registered, with this destructor.
    unsafe {
        registry.close_dependent(
            Kind::RocksIterator,
            iterator,
            venice_testing_iterator_destroy,
        );
    }
}

#[test]
fn close_waits_for_the_call_and_refuses_the_next() {
    let registry = Registry::new();
    let root = tempfile::tempdir().unwrap();
    let database = open(&registry, root.path());
    let (inside, is_inside) = mpsc::channel();
    let handle = database.handle() as usize;
    std::thread::scope(|threads| {
        let call = threads.spawn(move || {
            let lease = Lease::new(Kind::RocksDb, handle).unwrap();
            inside.send(()).unwrap();
            while handles::is_live(Kind::RocksDb, handle) {
                std::thread::yield_now();
            }
            // Closing has begun, and waits: the database still answers.
            drop(lease);
            Lease::new(Kind::RocksDb, handle).err()
        });
        is_inside.recv().unwrap();
        assert_eq!(database.close(), Ok(()));
        assert_eq!(call.join().unwrap(), Some(Closed(Kind::RocksDb)));
    });
    // Its lock is free.
    drop(open(&registry, root.path()));
}

#[test]
fn after_the_deadline_the_last_call_closes() {
    let registry = Registry::new();
    registry.set_close_deadline(Duration::from_millis(20));
    let root = tempfile::tempdir().unwrap();
    let database = open(&registry, root.path());
    let handle = database.handle() as usize;
    let (inside, is_inside) = mpsc::channel();
    let (closed, is_closed) = mpsc::channel::<()>();
    let call = std::thread::spawn(move || {
        let _lease = Lease::new(Kind::RocksDb, handle).unwrap();
        inside.send(()).unwrap();
        is_closed.recv().unwrap();
    });
    is_inside.recv().unwrap();
    let status = database.close().unwrap_err();
    assert_eq!(status.code, Status::TIMED_OUT);
    let text = status.to_string();
    assert!(
        text.ends_with(
            " is still in use 20ms after its close began: 1 calls of Java on RocksDB. The last of \
             them closes it; until then it cannot be opened again. End these calls before the close"
        ),
        "{text}"
    );
    // Disposed of under the call, too, and its files are still its own.
    drop(database);
    let status = TestDatabase::open(&registry, root.path(), Access::ReadWrite)
        .err()
        .unwrap();
    assert!(status.to_string().contains("lock hold"), "{status}");
    closed.send(()).unwrap();
    call.join().unwrap();
    drop(open(&registry, root.path()));
}

#[test]
fn iterators_close_with_their_database() {
    let registry = Registry::new();
    let root = tempfile::tempdir().unwrap();
    let database = open(&registry, root.path());
    let (first, second) = (
        iterator(&registry, &database),
        iterator(&registry, &database),
    );
    close(&registry, first);
    close(&registry, first);
    assert!(Lease::new(Kind::RocksIterator, first).is_err());
    let lease = Lease::new(Kind::RocksIterator, second).unwrap();
    assert_eq!(lease.parent(), database.handle() as usize);
    // SAFETY: in use, as the lease says.
    let valid = unsafe { venice_testing_iterator_valid(second as *const c_void) };
    assert_eq!(valid, 1);
    drop(lease);
    assert_eq!(database.close(), Ok(()));
    assert!(Lease::new(Kind::RocksIterator, second).is_err());
    close(&registry, second);
    drop(database);
    close(&registry, second);
    drop(open(&registry, root.path()));
}

#[test]
fn close_waits_for_the_use_of_an_iterator() {
    let registry = Registry::new();
    let root = tempfile::tempdir().unwrap();
    let database = open(&registry, root.path());
    let iterator = iterator(&registry, &database);
    let (inside, is_inside) = mpsc::channel();
    std::thread::scope(|threads| {
        threads.spawn(move || {
            let _lease = Lease::new(Kind::RocksIterator, iterator).unwrap();
            inside.send(()).unwrap();
            while handles::is_live(Kind::RocksIterator, iterator) {
                std::thread::yield_now();
            }
            // SAFETY: in use, so not destroyed, although its database is closing.
            let valid = unsafe { venice_testing_iterator_valid(iterator as *const c_void) };
            assert_eq!(valid, 1);
        });
        is_inside.recv().unwrap();
        assert_eq!(database.close(), Ok(()));
    });
    drop(open(&registry, root.path()));
}

#[test]
fn what_another_object_took_over_is_nobodys_handle() {
    let registry = Registry::new();
    let root = tempfile::tempdir().unwrap();
    let database = open(&registry, root.path());
    let iterator = iterator(&registry, &database);
    registry.disown(Kind::RocksIterator, iterator);
    assert!(!handles::is_live(Kind::RocksIterator, iterator));
    // SAFETY: nobody else's now; leaves only its memory.
    unsafe { venice_testing_iterator_destroy(iterator as *mut c_void) };
    // Does not destroy it again.
    assert_eq!(database.close(), Ok(()));
}

#[test]
fn databases_are_closed_under_calls_and_iterators() {
    let registry = Registry::new();
    let root = tempfile::tempdir().unwrap();
    for _ in 0..100 {
        let database = open(&registry, root.path());
        let first = iterator(&registry, &database);
        let handle = database.handle() as usize;
        std::thread::scope(|threads| {
            threads.spawn(|| while Lease::new(Kind::RocksDb, handle).is_ok() {});
            threads.spawn(|| {
                while Lease::new(Kind::RocksIterator, first).is_ok() {}
                close(&registry, first);
            });
            threads.spawn(|| close(&registry, first));
            assert_eq!(database.close(), Ok(()));
        });
    }
}
