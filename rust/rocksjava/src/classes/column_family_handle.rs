//! Natives of `org.rocksdb.ColumnFamilyHandle`.

use jni::objects::JClass;
use jni::sys::{jbyteArray, jint, jlong};
use jni::EnvUnowned;
use venice_engine::handles::Kind;
use venice_engine::{ColumnFamilyHandle, Registry};

use crate::jvm::entry::{entry_unchecked, hot_entry, hot_entry_unchecked};
use crate::jvm::env::Reference;
use crate::jvm::failure::Failure;
use crate::objects::ffi;
use crate::objects::file_metadata;
use crate::objects::handle::Object;

/// `static native void disposeInternalJni(long handle)`: deletes the `rocksdb::ColumnFamilyHandle`.
///
/// The first call of `RocksDB.close()`. It waits for calls of Java that use the handle. It need not wait for reads: those use the handle that
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

/// `static native byte[] getName(long handle)`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_ColumnFamilyHandle_getName<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
) -> jbyteArray {
    hot_entry(env, |jvm| -> Result<Reference, Failure> {
        let family: Object<ColumnFamilyHandle> = Object::new(Kind::ColumnFamilyHandle, handle)?;
        let mut names: Vec<Box<[u8]>> = Vec::new();
        // SAFETY: rules 1 and 3; the vector is what add_name takes.
        unsafe {
            ffi::venice_column_family_name(
                family.pointer(),
                file_metadata::add_name,
                (&raw mut names).cast(),
            );
        }
        match names.first() {
            Some(name) => jvm.new_array(name),
            None => Err(Failure::out_of_memory("name of a column family")),
        }
    })
    .0
}

/// `static native int getID(long handle)`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_ColumnFamilyHandle_getID<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
) -> jint {
    hot_entry_unchecked(env, |_| {
        let family: Object<ColumnFamilyHandle> = Object::new(Kind::ColumnFamilyHandle, handle)?;
        // SAFETY: rule 1.
        Ok(unsafe { ffi::venice_column_family_id(family.pointer()) } as jint)
    })
}
