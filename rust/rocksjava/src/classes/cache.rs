//! Natives of `org.rocksdb.Cache`: the handle is a `std::shared_ptr<rocksdb::Cache>*`, of an
//! `LRUCache`, a `ClockCache` or a `HyperClockCache`.

use jni::objects::JClass;
use jni::sys::jlong;
use jni::EnvUnowned;

use crate::jvm::entry::entry_unchecked;
use crate::objects::native_object::{live, SharedCache};

extern "C" {
    // cpp/cache.cc
    fn venice_cache_usage(cache: *const SharedCache) -> usize;
    fn venice_cache_pinned_usage(cache: *const SharedCache) -> usize;
}

/// `static native long getUsage(long handle)`: bytes in the cache. 0 for a cache that RocksDB
/// refused to make, where upstream follows a null pointer.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_Cache_getUsage<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
) -> jlong {
    entry_unchecked(env, |_| {
        let cache = live::<SharedCache>(handle)?;
        // SAFETY: rule 1.
        Ok(unsafe { venice_cache_usage(cache.pointer()) } as jlong)
    })
}

/// `static native long getPinnedUsage(long handle)`: bytes in the cache that are in use, so cannot
/// be evicted. 0 as for `getUsage`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_Cache_getPinnedUsage<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
) -> jlong {
    entry_unchecked(env, |_| {
        let cache = live::<SharedCache>(handle)?;
        // SAFETY: rule 1.
        Ok(unsafe { venice_cache_pinned_usage(cache.pointer()) } as jlong)
    })
}
