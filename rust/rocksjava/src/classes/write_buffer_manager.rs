//! Natives of `org.rocksdb.WriteBufferManager`: the handle is a
//! `std::shared_ptr<rocksdb::WriteBufferManager>*`.

use jni::objects::JClass;
use jni::sys::{jboolean, jlong};
use jni::EnvUnowned;

use crate::jvm::entry::entry_unchecked;
use crate::objects::native_macros::disposers;
use crate::objects::native_object::{created, live, SharedCache, SharedWriteBufferManager};

extern "C" {
    // rocksdb/c.h
    fn rocksdb_write_buffer_manager_create_with_cache(
        buffer_size: usize,
        cache: *const SharedCache,
        allow_stall: bool,
    ) -> *mut SharedWriteBufferManager;
}

/// `static native long newWriteBufferManager(long bufferSizeBytes, long cacheHandle, boolean
/// allowStall)`: memtables of all databases together take `bufferSizeBytes`, and count as used in
/// the cache.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_WriteBufferManager_newWriteBufferManager<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    buffer_size: jlong,
    cache: jlong,
    allow_stall: jboolean,
) -> jlong {
    entry_unchecked(env, |_| {
        let cache = live::<SharedCache>(cache)?;
        // SAFETY: rule 1.
        let manager = unsafe {
            rocksdb_write_buffer_manager_create_with_cache(
                buffer_size as usize,
                cache.pointer(),
                allow_stall,
            )
        };
        created(manager)
    })
}

disposers! {
    /// `static native void disposeInternalJni(long handle)`: gives up Java's reference; the manager
    /// lives on while a database has one.
    Java_org_rocksdb_WriteBufferManager_disposeInternalJni => SharedWriteBufferManager;
}
