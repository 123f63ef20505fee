//! Natives of `org.rocksdb.ColumnFamilyHandle`.

use jni::objects::JClass;
use jni::sys::jlong;
use jni::EnvUnowned;
use venice_engine::Registry;

use crate::entry::{entry, pointer};

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
    entry(env, |_| {
        let handle = pointer(handle, "handle of a closed ColumnFamilyHandle")?;
        // SAFETY: rule 1, and Java gives it up before it closes the database.
        unsafe { Registry::global().dispose_column_family(handle) };
        Ok(())
    })
}
