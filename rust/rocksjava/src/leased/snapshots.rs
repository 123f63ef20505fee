//! Natives of snapshots, which RocksDB itself frees.
//!
//! A snapshot of a database is a live handle from where it is made until it is released, and refused
//! once its database is closed. One of a transaction ends with that, unseen by us: once a program has
//! such ones, snapshots that nobody knows are taken as they are.

use jni::sys::{jlong, jobject, JNIEnv};
use jni::EnvUnowned;
use venice_engine::handles::{self, Closed, Kind};

use crate::classes::rocks_db::database;
use crate::jvm::entry::hot_entry_unchecked;
use crate::jvm::failure::Failure;
use crate::leased::macros::leased;
use crate::leased::unseen_snapshots::{may_be_unknown, unseen};
use crate::objects::handle::Object;

leased! {
    // RocksDB
    fn Java_org_rocksdb_RocksDB_getSnapshot(
        handle: [RocksDb]
    ) -> [new Snapshot under handle];

    // Snapshot
    fn Java_org_rocksdb_Snapshot_getSequenceNumber(handle: [Snapshot under RocksDb]) -> jlong;

    // Transaction
    fn Java_org_rocksdb_Transaction_getSnapshot(handle: [Transaction]) -> [unseen Snapshot];
}

/// `static native void releaseSnapshot(long nativeHandle, long snapshotHandle)`: once it is released, or
/// of another database, it is refused.
#[cfg_attr(all(not(feature = "bundled"), not(test)), unsafe(no_mangle))]
#[cfg_attr(any(feature = "bundled", test), allow(dead_code, non_snake_case))]
extern "system" fn Java_org_rocksdb_RocksDB_releaseSnapshot(
    env: EnvUnowned<'_>,
    class: jobject,
    db: jlong,
    snapshot: jlong,
) {
    extern "C" {
        fn upstream_Java_org_rocksdb_RocksDB_releaseSnapshot(
            env: *mut JNIEnv,
            class: jobject,
            db: jlong,
            snapshot: jlong,
        );
    }
    let jni = env.as_raw();
    hot_entry_unchecked(env, |_| {
        let db = database(db)?;
        if may_be_released(&db, snapshot)? {
            // SAFETY: rule 2, to the function that it is for; nobody uses the snapshot any more.
            unsafe {
                upstream_Java_org_rocksdb_RocksDB_releaseSnapshot(
                    jni,
                    class,
                    db.pointer() as jlong,
                    snapshot,
                );
            }
        }
        Ok(())
    })
}

/// Ends the handle of a snapshot. False if somebody is still using it: then it stays, and RocksDB keeps
/// what it shows.
fn may_be_released(db: &Object<venice_engine::Db>, snapshot: jlong) -> Result<bool, Failure> {
    let handle = snapshot as usize;
    let owner = handles::parent_of(Kind::Snapshot, handle);
    if owner != 0 && owner != handles::database_of(db.pointer() as usize) {
        return Err(Failure::of_another_database(Kind::Snapshot.class()));
    }
    match handles::retire(Kind::Snapshot, handle) {
        Ok(unused) => Ok(unused),
        Err(Closed(_)) if may_be_unknown() => Ok(true),
        Err(closed) => Err(closed.into()),
    }
}

/// `native long createNewTransactionNotifier()`.
#[cfg_attr(all(not(feature = "bundled"), not(test)), unsafe(no_mangle))]
#[cfg_attr(any(feature = "bundled", test), allow(dead_code, non_snake_case))]
extern "system" fn Java_org_rocksdb_AbstractTransactionNotifier_createNewTransactionNotifier(
    env: EnvUnowned<'_>,
    notifier: jobject,
) -> jlong {
    extern "C" {
        fn upstream_Java_org_rocksdb_AbstractTransactionNotifier_createNewTransactionNotifier(
            env: *mut JNIEnv,
            notifier: jobject,
        ) -> jlong;
    }
    let jni = env.as_raw();
    hot_entry_unchecked(env, |_| {
        unseen();
        // SAFETY: rule 2, to the function that it is for.
        Ok(unsafe {
            upstream_Java_org_rocksdb_AbstractTransactionNotifier_createNewTransactionNotifier(
                jni, notifier,
            )
        })
    })
}
