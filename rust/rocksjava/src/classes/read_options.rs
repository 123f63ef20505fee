//! Natives of `org.rocksdb.ReadOptions`: the handle is a `rocksdb::ReadOptions*`.

use jni::objects::JClass;
use jni::sys::{jboolean, jlong};
use jni::EnvUnowned;
use venice_engine::handles::Kind;

use crate::jvm::entry::entry_unchecked;
use crate::objects::ffi;
use crate::objects::handle::{pointer_of, Object};
use crate::objects::native_macros::{copiers, disposers, makers, setters};
use crate::objects::native_object::{created, live, ReadOptions, Slice};

makers! {
    /// `static native long newReadOptions()`: with RocksDB's defaults.
    Java_org_rocksdb_ReadOptions_newReadOptions__ => venice_read_options_new -> ReadOptions;
}

/// `static native long newReadOptions(boolean verifyChecksums, boolean fillCache)`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_ReadOptions_newReadOptions__ZZ<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    verify_checksums: jboolean,
    fill_cache: jboolean,
) -> jlong {
    entry_unchecked(env, |_| {
        // SAFETY: no conditions.
        let options = unsafe { venice_read_options_new() };
        if !options.is_null() {
            // SAFETY: just made, and known to nobody else.
            unsafe {
                venice_read_options_set_verify_checksums(options, verify_checksums.into());
                venice_read_options_set_fill_cache(options, fill_cache.into());
            }
        }
        created(options)
    })
}

copiers! {
    /// `static native long copyReadOptions(long handle)`.
    Java_org_rocksdb_ReadOptions_copyReadOptions => venice_read_options_copy -> ReadOptions;
}

disposers! {
    /// `static native void disposeInternalJni(long handle)`.
    Java_org_rocksdb_ReadOptions_disposeInternalJni => ReadOptions;
}

setters! { ReadOptions;
    /// `verify_checksums`.
    Java_org_rocksdb_ReadOptions_setVerifyChecksums(jboolean as u8)
        => venice_read_options_set_verify_checksums;
    /// `fill_cache`: whether blocks that are read go into the cache.
    Java_org_rocksdb_ReadOptions_setFillCache(jboolean as u8)
        => venice_read_options_set_fill_cache;
    /// `pin_data`: whether an iterator keeps the blocks that it has been in.
    Java_org_rocksdb_ReadOptions_setPinData(jboolean as u8) => venice_read_options_set_pin_data;
    /// `background_purge_on_iterator_cleanup`.
    Java_org_rocksdb_ReadOptions_setBackgroundPurgeOnIteratorCleanup(jboolean as u8)
        => venice_read_options_set_background_purge;
    /// `readahead_size`, in bytes.
    Java_org_rocksdb_ReadOptions_setReadaheadSize(jlong as u64)
        => venice_read_options_set_readahead_size;
}

/// `static native void setIterateUpperBound(long handle, long upperBoundHandle)`: the handle of a
/// `Slice`, which Java keeps beside the options; 0 for no bound.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_ReadOptions_setIterateUpperBound<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    bound: jlong,
) {
    entry_unchecked(env, |_| {
        let options = live::<ReadOptions>(handle)?;
        let bound: Option<Object<Slice>> = Object::optional(Kind::Slice, bound)?;
        // SAFETY: rule 1; Java keeps the slice for as long as the options.
        unsafe {
            ffi::venice_read_options_set_iterate_upper_bound(
                options.pointer(),
                pointer_of(bound.as_ref()),
            );
        }
        Ok(())
    })
}
