//! Natives of `org.rocksdb.ColumnFamilyHandle`.

use jni::objects::JClass;
use jni::sys::jlong;
use jni::EnvUnowned;
use venice_engine::{ColumnFamilyHandle, Registry};

use crate::entry::entry_unchecked;

/// `static native void disposeInternalJni(long handle)`: deletes the `rocksdb::ColumnFamilyHandle`.
///
/// The first call of `RocksDB.close()`. It need not wait for reads: those use the handle that
/// RocksDB itself has of the default column family.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_ColumnFamilyHandle_disposeInternalJni<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
) {
    entry_unchecked(env, |_| {
        let handle = handle as usize as *mut ColumnFamilyHandle;
        if !handle.is_null() {
            // SAFETY: rule 1, and Java gives it up.
            unsafe { Registry::global().dispose_column_family(handle) };
        }
        Ok(())
    })
}
