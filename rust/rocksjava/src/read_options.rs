//! Natives of `org.rocksdb.ReadOptions`.

use jni::objects::JClass;
use jni::sys::{jboolean, jlong};
use jni::EnvUnowned;
use venice_engine::handles::Kind;

use crate::entry::{entry_unchecked, Failure};
use crate::ffi::{self, ReadOptions, Slice};
use crate::handle::{close, created, pointer_of, Object};

/// `static native long newReadOptions()`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_ReadOptions_newReadOptions__<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
) -> jlong {
    entry_unchecked(env, |_| {
        // SAFETY: no conditions.
        created(Kind::ReadOptions, unsafe { ffi::venice_read_options_new() })
    })
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
        let options = unsafe { ffi::venice_read_options_new() };
        if !options.is_null() {
            // SAFETY: just made, and known to nobody else.
            unsafe {
                ffi::venice_read_options_set_verify_checksums(options, verify_checksums.into());
                ffi::venice_read_options_set_fill_cache(options, fill_cache.into());
            }
        }
        created(Kind::ReadOptions, options)
    })
}

/// `static native long copyReadOptions(long handle)`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_ReadOptions_copyReadOptions<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
) -> jlong {
    entry_unchecked(env, |_| {
        let options = options(handle)?;
        // SAFETY: rule 1.
        let copy = unsafe { ffi::venice_read_options_copy(options.pointer()) };
        created(Kind::ReadOptions, copy)
    })
}

/// `static native void disposeInternalJni(long handle)`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_ReadOptions_disposeInternalJni<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
) {
    entry_unchecked(env, |_| {
        let destroy = ffi::venice_read_options_destroy;
        // SAFETY: rule 1, and Java gives it up; the destructor is that of the class.
        unsafe { close(Kind::ReadOptions, handle, destroy) }
    })
}

/// `static native void setVerifyChecksums(long handle, boolean on)`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_ReadOptions_setVerifyChecksums<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    on: jboolean,
) {
    entry_unchecked(env, |_| {
        let options = options(handle)?;
        // SAFETY: rule 1.
        unsafe { ffi::venice_read_options_set_verify_checksums(options.pointer(), on.into()) };
        Ok(())
    })
}

/// `static native void setFillCache(long handle, boolean on)`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_ReadOptions_setFillCache<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    on: jboolean,
) {
    entry_unchecked(env, |_| {
        let options = options(handle)?;
        // SAFETY: rule 1.
        unsafe { ffi::venice_read_options_set_fill_cache(options.pointer(), on.into()) };
        Ok(())
    })
}

/// `static native void setPinData(long handle, boolean on)`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_ReadOptions_setPinData<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    on: jboolean,
) {
    entry_unchecked(env, |_| {
        let options = options(handle)?;
        // SAFETY: rule 1.
        unsafe { ffi::venice_read_options_set_pin_data(options.pointer(), on.into()) };
        Ok(())
    })
}

/// `static native void setBackgroundPurgeOnIteratorCleanup(long handle, boolean on)`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_ReadOptions_setBackgroundPurgeOnIteratorCleanup<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    on: jboolean,
) {
    entry_unchecked(env, |_| {
        let options = options(handle)?;
        // SAFETY: rule 1.
        unsafe { ffi::venice_read_options_set_background_purge(options.pointer(), on.into()) };
        Ok(())
    })
}

/// `static native void setReadaheadSize(long handle, long readaheadSize)`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_ReadOptions_setReadaheadSize<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    bytes: jlong,
) {
    entry_unchecked(env, |_| {
        let options = options(handle)?;
        // SAFETY: rule 1.
        unsafe { ffi::venice_read_options_set_readahead_size(options.pointer(), bytes as u64) };
        Ok(())
    })
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
        let options = options(handle)?;
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

fn options(handle: jlong) -> Result<Object<ReadOptions>, Failure> {
    Object::new(Kind::ReadOptions, handle)
}
