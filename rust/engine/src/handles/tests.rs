use std::ffi::c_void;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{mpsc, Weak};
use std::time::Duration;

use super::*;

static DESTROYED: AtomicUsize = AtomicUsize::new(0);

/// Objects as C++ makes them: with an address of their own that `operator delete` takes.
fn object() -> usize {
    // SAFETY: any size will do.
    unsafe { ffi_new(64) as usize }
}

extern "C" {
    #[link_name = "_Znwm"]
    fn ffi_new(size: usize) -> *mut c_void;
}

unsafe extern "C" fn destroy(_: *mut c_void) {
    DESTROYED.fetch_add(1, Ordering::SeqCst);
}

#[test]
fn a_closed_handle_is_refused_and_closing_again_is_harmless() {
    let handle = object();
    register(Kind::Options, handle);
    drop(Lease::new(Kind::Options, handle).unwrap());
    // SAFETY: the object is ours to give up; the second time it is known to be closed.
    unsafe {
        close(Kind::Options, handle, destroy);
        close(Kind::Options, handle, destroy);
    }
    assert_eq!(
        Lease::new(Kind::Options, handle).err(),
        Some(Closed(Kind::Options))
    );
    assert!(!is_live(Kind::Options, handle));
}

#[test]
fn a_handle_of_another_class_is_refused() {
    let handle = object();
    register(Kind::WriteBatch, handle);
    assert!(Lease::new(Kind::Options, handle).is_err());
    // SAFETY: of another kind, so nothing is closed.
    unsafe { close(Kind::Options, handle, destroy) };
    assert!(Lease::new(Kind::WriteBatch, handle).is_ok());
    // SAFETY: given up here.
    unsafe { close(Kind::WriteBatch, handle, destroy) };
}

#[test]
fn unknown_handles_are_taken_only_where_upstream_makes_such_objects() {
    assert!(Lease::new(Kind::WriteBatch, 0x7000_1230).is_ok());
    assert!(Lease::new(Kind::SstFileReader, 0x7000_1230).is_err());
}

#[test]
fn close_waits_for_the_use_on_another_thread() {
    static GONE: AtomicUsize = AtomicUsize::new(0);
    unsafe extern "C" fn destroy(_: *mut c_void) {
        GONE.fetch_add(1, Ordering::SeqCst);
    }
    let handle = object();
    register(Kind::ReadOptions, handle);
    let (inside, is_inside) = mpsc::channel();
    std::thread::scope(|threads| {
        threads.spawn(move || {
            let lease = Lease::new(Kind::ReadOptions, handle).unwrap();
            inside.send(()).unwrap();
            while is_live(Kind::ReadOptions, handle) {
                std::thread::yield_now();
            }
            assert_eq!(GONE.load(Ordering::SeqCst), 0);
            drop(lease);
        });
        is_inside.recv().unwrap();
        // SAFETY: given up here.
        unsafe { close(Kind::ReadOptions, handle, destroy) };
        assert_eq!(GONE.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn an_object_of_upstream_is_closed_as_ours_are() {
    static GONE: AtomicUsize = AtomicUsize::new(0);
    unsafe extern "C" fn destroy(_: *mut c_void) {
        GONE.fetch_add(1, Ordering::SeqCst);
    }
    let handle = object();
    let (inside, is_inside) = mpsc::channel();
    std::thread::scope(|threads| {
        threads.spawn(move || {
            // Not known: taken as it is.
            let lease = Lease::new(Kind::WriteBatch, handle).unwrap();
            inside.send(()).unwrap();
            while !is_closed(Kind::WriteBatch, handle) {
                std::thread::yield_now();
            }
            assert_eq!(GONE.load(Ordering::SeqCst), 0);
            drop(lease);
        });
        is_inside.recv().unwrap();
        // SAFETY: given up here.
        unsafe { close(Kind::WriteBatch, handle, destroy) };
        assert_eq!(GONE.load(Ordering::SeqCst), 1);
    });
    assert!(Lease::new(Kind::WriteBatch, handle).is_err());
    // SAFETY: known to be closed.
    unsafe { close(Kind::WriteBatch, handle, destroy) };
    assert_eq!(GONE.load(Ordering::SeqCst), 1);
}

#[test]
fn closers_of_an_object_of_upstream_may_race() {
    static GONE: AtomicUsize = AtomicUsize::new(0);
    unsafe extern "C" fn destroy(_: *mut c_void) {
        GONE.fetch_add(1, Ordering::SeqCst);
    }
    for round in 1..=500 {
        let handle = object();
        std::thread::scope(|threads| {
            for _ in 0..3 {
                // SAFETY: given up here, by whoever is first.
                threads.spawn(move || unsafe { close(Kind::WriteBatch, handle, destroy) });
            }
        });
        assert_eq!(GONE.load(Ordering::SeqCst), round);
    }
}

#[test]
fn what_is_retired_is_refused_once_its_uses_have_ended() {
    let handle = object();
    register_under(Kind::Snapshot, handle, 0x7000_4560);
    assert_eq!(parent_of(Kind::Snapshot, handle), 0x7000_4560);
    let lease = Lease::new(Kind::Snapshot, handle).unwrap();
    std::thread::scope(|threads| {
        let retired = threads.spawn(move || retire(Kind::Snapshot, handle));
        while is_live(Kind::Snapshot, handle) {
            std::thread::yield_now();
        }
        assert!(!retired.is_finished());
        drop(lease);
        assert_eq!(retired.join().unwrap(), Ok(true));
    });
    assert_eq!(retire(Kind::Snapshot, handle), Err(Closed(Kind::Snapshot)));
    assert!(Lease::new(Kind::Snapshot, handle).is_err());
}

/// A live handle at an address that no other thread ever had an object at, so that this thread may
/// have a [`OwnerThreadLease`]: other tests run beside.
fn own_handle(kind: Kind) -> usize {
    loop {
        let handle = object();
        register(kind, handle);
        if OwnerThreadLease::new(kind, handle).is_some() {
            return handle;
        }
    }
}

#[test]
fn close_waits_for_the_use_on_the_thread_that_made_the_object() {
    static GONE: AtomicUsize = AtomicUsize::new(0);
    unsafe extern "C" fn destroy(_: *mut c_void) {
        GONE.fetch_add(1, Ordering::SeqCst);
    }
    let handle = own_handle(Kind::ReadOptions);
    let lease = OwnerThreadLease::new(Kind::ReadOptions, handle).unwrap();
    let nested = OwnerThreadLease::new(Kind::ReadOptions, handle).unwrap();
    std::thread::scope(|threads| {
        // SAFETY: given up here.
        threads.spawn(move || unsafe { close(Kind::ReadOptions, handle, destroy) });
        while is_live(Kind::ReadOptions, handle) {
            std::thread::yield_now();
        }
        assert!(OwnerThreadLease::new(Kind::ReadOptions, handle).is_none());
        assert!(Lease::new(Kind::ReadOptions, handle).is_err());
        drop(nested);
        assert_eq!(GONE.load(Ordering::SeqCst), 0);
        drop(lease);
    });
    assert_eq!(GONE.load(Ordering::SeqCst), 1);
}

#[test]
fn only_the_maker_has_a_makers_lease() {
    let handle = own_handle(Kind::Options);
    assert!(OwnerThreadLease::new(Kind::Options, handle).is_some());
    assert!(OwnerThreadLease::new(Kind::WriteBatch, handle).is_none());
    let others = std::thread::spawn(move || OwnerThreadLease::new(Kind::Options, handle).is_some());
    assert!(!others.join().unwrap());
    // SAFETY: given up here.
    unsafe { close(Kind::Options, handle, destroy) };
    assert!(OwnerThreadLease::new(Kind::Options, handle).is_none());
}

#[test]
fn what_its_own_thread_still_uses_in_either_way_is_destroyed_at_the_end_of_that_use() {
    static GONE: AtomicUsize = AtomicUsize::new(0);
    unsafe extern "C" fn destroy(_: *mut c_void) {
        GONE.fetch_add(1, Ordering::SeqCst);
    }
    let handle = own_handle(Kind::ReadOptions);
    let lease = OwnerThreadLease::new(Kind::ReadOptions, handle).unwrap();
    // SAFETY: given up here.
    unsafe { close(Kind::ReadOptions, handle, destroy) };
    assert_eq!(GONE.load(Ordering::SeqCst), 0);
    drop(lease);
    assert_eq!(GONE.load(Ordering::SeqCst), 1);
}

#[test]
fn what_its_own_thread_still_uses_is_destroyed_at_the_end_of_that_use() {
    static GONE: AtomicUsize = AtomicUsize::new(0);
    unsafe extern "C" fn destroy(_: *mut c_void) {
        GONE.fetch_add(1, Ordering::SeqCst);
    }
    let handle = object();
    register(Kind::ReadOptions, handle);
    let lease = Lease::new(Kind::ReadOptions, handle).unwrap();
    // SAFETY: given up here.
    unsafe { close(Kind::ReadOptions, handle, destroy) };
    assert_eq!(GONE.load(Ordering::SeqCst), 0);
    drop(lease);
    assert_eq!(GONE.load(Ordering::SeqCst), 1);
}

#[test]
fn an_address_is_not_given_again_while_its_handle_may_be_stale() {
    let handle = object();
    register(Kind::Options, handle);
    // SAFETY: given up here.
    unsafe { close(Kind::Options, handle, destroy) };
    let others: Vec<usize> = (0..256).map(|_| object()).collect();
    assert!(!others.contains(&handle));
    assert!(is_closed(Kind::Options, handle));
}

/// An object that says whether it is destroyed.
fn telling_object() -> usize {
    let handle = object();
    // SAFETY: 64 bytes, ours.
    unsafe { (handle as *mut u64).write(0xA11) };
    register(Kind::WriteBatch, handle);
    handle
}

unsafe extern "C" fn destroy_telling(object: *mut c_void) {
    // SAFETY: one of the above; nobody uses it, which is what is tested.
    unsafe { object.cast::<u64>().write_volatile(0xDEAD) };
}

/// Uses it in one of the two ways after the other, or both at once.
fn use_until_closed(handle: usize) {
    for round in 0.. {
        let makers = OwnerThreadLease::new(Kind::WriteBatch, handle).filter(|_| round % 3 > 0);
        let any = if makers.is_none() || round % 3 > 1 {
            Lease::new(Kind::WriteBatch, handle).ok()
        } else {
            None
        };
        if makers.is_none() && any.is_none() {
            return;
        }
        // SAFETY: in use, so not destroyed.
        let seen = unsafe { (handle as *const u64).read_volatile() };
        assert_eq!(seen, 0xA11);
    }
}

#[test]
fn users_and_closers_may_race() {
    for _ in 0..2000 {
        let handle = telling_object();
        std::thread::scope(|threads| {
            for _ in 0..2 {
                threads.spawn(|| use_until_closed(handle));
            }
            // SAFETY: given up here.
            unsafe { close(Kind::WriteBatch, handle, destroy_telling) };
        });
    }
}

#[test]
fn the_maker_and_closers_may_race() {
    for _ in 0..2000 {
        let handle = telling_object();
        std::thread::scope(|threads| {
            threads.spawn(|| use_until_closed(handle));
            // SAFETY: given up here.
            threads.spawn(move || unsafe { close(Kind::WriteBatch, handle, destroy_telling) });
            use_until_closed(handle);
        });
    }
}

struct Nobody;

impl Owner for Nobody {
    fn left(&self) {}
}

#[test]
fn dependents_are_destroyed_once_alone_or_with_their_parent() {
    static GONE: AtomicUsize = AtomicUsize::new(0);
    unsafe extern "C" fn destroy(_: *mut c_void) {
        GONE.fetch_add(1, Ordering::SeqCst);
    }
    let nobody: Weak<dyn Owner> = Weak::<Nobody>::new();
    let parent = object();
    let dependents = Dependents::default();
    let adopt = || {
        let handle = object();
        let kind = Kind::RocksIterator;
        dependents.adopt(kind, handle, parent, destroy, Weak::clone(&nobody));
        handle
    };
    let first: Vec<usize> = (0..100).map(|_| adopt()).collect();
    let closed: Vec<usize> = first.iter().copied().step_by(3).collect();
    for _twice in 0..2 {
        for &handle in &closed {
            dependents.close(handle, Duration::ZERO);
            assert!(!is_live(Kind::RocksIterator, handle));
        }
    }
    assert_eq!(GONE.load(Ordering::SeqCst), closed.len());
    // These take the slots of those that were closed, and some more.
    let second: Vec<usize> = (0..50).map(|_| adopt()).collect();
    // One of another parent is not theirs.
    let stranger = Dependents::default();
    stranger.close(second[0], Duration::ZERO);
    assert!(is_live(Kind::RocksIterator, second[0]));
    dependents.disown(second[1]);
    let left = first.len() - closed.len() + second.len() - 1;
    let mut shut = dependents.shut();
    assert_eq!(shut.len(), left);
    shut.sort_unstable();
    shut.dedup();
    assert_eq!(shut.len(), left);
    assert!(!shut.contains(&second[1]) && !shut.iter().any(|handle| closed.contains(handle)));
    dependents.destroy();
    dependents.destroy();
    assert_eq!(GONE.load(Ordering::SeqCst), closed.len() + left);
    // So many that the memory of the first has gone back to the allocator: Java may close them all the same.
    GONE.store(0, Ordering::SeqCst);
    let many: Vec<usize> = (0..3000).map(|_| adopt()).collect();
    dependents.shut();
    dependents.destroy();
    for &handle in &many {
        // SAFETY: closed with its parent.
        unsafe { close(Kind::RocksIterator, handle, destroy) };
    }
    assert_eq!(GONE.load(Ordering::SeqCst), many.len());
}

#[test]
fn what_died_with_its_parent_is_not_destroyed_again_however_many_there_are() {
    static GONE: AtomicUsize = AtomicUsize::new(0);
    unsafe extern "C" fn destroy(_: *mut c_void) {
        GONE.fetch_add(1, Ordering::SeqCst);
    }
    let nobody: Weak<dyn Owner> = Weak::<Nobody>::new();
    let parent = object();
    for kind in [Kind::ColumnFamilyHandle, Kind::Transaction] {
        GONE.store(0, Ordering::SeqCst);
        let dependents = Dependents::default();
        let handles: Vec<usize> = (0..3000).map(|_| object()).collect();
        for &handle in &handles {
            dependents.adopt(kind, handle, parent, destroy, Weak::clone(&nobody));
        }
        dependents.shut();
        dependents.destroy();
        assert_eq!(GONE.load(Ordering::SeqCst), handles.len());
        for &handle in &handles {
            assert_eq!(Lease::new(kind, handle).err(), Some(Closed(kind)));
            // SAFETY: Java gives up what it was given, once.
            unsafe { close(kind, handle, destroy) };
        }
        assert_eq!(GONE.load(Ordering::SeqCst), handles.len());
    }
}
