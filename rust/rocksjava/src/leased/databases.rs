//! Databases that upstream's natives open: on a time to live, with transactions, as a secondary.
//!
//! The engine's registry takes them over, so that they are closed as ours are: behind the calls that use
//! them, and with all that belongs to them. It never serves them.

use jni::sys::{jlong, jobject};
use jni::EnvUnowned;
use venice_engine::handles::{Destroy, Kind};
use venice_engine::{Db, Memory, Registry};

use crate::jvm::entry::{hot_entry, hot_entry_unchecked};
use crate::jvm::env::{Jvm, Reference};
use crate::jvm::failure::Failure;
use crate::leased::arguments;
use crate::leased::disposers;

/// Takes over a database; none for 0.
///
/// # Safety
/// It was just opened, and its memory is as said.
pub(super) unsafe fn opened(database: jlong, memory: Memory) {
    // SAFETY: guaranteed by the caller.
    unsafe { Registry::global().take_over(database as usize as *mut Db, memory) };
}

/// Takes over a database and its column family handles, which stand behind it in a `long[]`.
///
/// # Safety
/// They were just opened, and the database's memory is as said.
pub(super) unsafe fn opened_families(
    jvm: Jvm<'_>,
    handles: &Reference,
    memory: Memory,
) -> Result<(), Failure> {
    if handles.0.is_null() || jvm.exception_pending() {
        return Ok(());
    }
    let handles = jvm.longs(handles.0)?;
    let Some((&database, families)) = handles.split_first() else {
        return Ok(());
    };
    // SAFETY: guaranteed by the caller.
    unsafe {
        opened(database, memory);
        for &family in families {
            let destroy = disposers::venice_column_family_destroy;
            arguments::adopted(Kind::ColumnFamilyHandle, family, database, destroy);
        }
    }
    Ok(())
}

/// Makes all objects of a `long[]` live handles of a database.
///
/// # Safety
/// As for [`arguments::adopted`], of each.
pub(super) unsafe fn adopted_all(
    jvm: Jvm<'_>,
    handles: &Reference,
    kind: Kind,
    database: jlong,
    destroy: Destroy,
) -> Result<(), Failure> {
    if handles.0.is_null() || jvm.exception_pending() {
        return Ok(());
    }
    for handle in jvm.longs(handles.0)? {
        // SAFETY: guaranteed by the caller.
        unsafe { arguments::adopted(kind, handle, database, destroy) };
    }
    Ok(())
}

/// Writes natives that close databases, and free them.
macro_rules! closers {
    ($($close:ident, $dispose:ident;)+) => {
        /// The exact symbol names.
        #[cfg(test)]
        pub(super) const NAMES: &[&str] = &[$(stringify!($close), stringify!($dispose)),+];

        $(
            #[unsafe(no_mangle)]
            extern "system" fn $close(env: EnvUnowned<'_>, _: jobject, handle: jlong) {
                hot_entry(env, |_| {
                    // SAFETY: rule 1, and Java gives it up.
                    Ok(unsafe { Registry::global().close(given_up(handle)?) }?)
                })
            }

            #[unsafe(no_mangle)]
            extern "system" fn $dispose(env: EnvUnowned<'_>, _: jobject, handle: jlong) {
                hot_entry_unchecked(env, |_| {
                    // SAFETY: rule 1, and Java gives it up.
                    unsafe { Registry::global().dispose(given_up(handle)?) };
                    Ok(())
                })
            }
        )+
    };
}

closers! {
    Java_org_rocksdb_OptimisticTransactionDB_closeDatabase,
        Java_org_rocksdb_OptimisticTransactionDB_disposeInternalJni;
    Java_org_rocksdb_TransactionDB_closeDatabase, Java_org_rocksdb_TransactionDB_disposeInternalJni;
    Java_org_rocksdb_TtlDB_closeDatabase, Java_org_rocksdb_TtlDB_disposeInternalJni;
}

/// A database that Java closes.
fn given_up(handle: jlong) -> Result<*mut Db, Failure> {
    match handle {
        0 => Err(Failure::null(Kind::RocksDb.class())),
        handle => Ok(handle as usize as *mut Db),
    }
}
