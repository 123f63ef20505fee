//! Natives of `org.rocksdb.ClockCache`: the handle is a `std::shared_ptr<rocksdb::Cache>*`.

use std::os::raw::c_int;

use jni::objects::JClass;
use jni::sys::{jboolean, jint, jlong};
use jni::EnvUnowned;
use venice_engine::{RawStatus, Status};

use crate::jvm::entry::entry_unchecked;
use crate::objects::native_macros::disposers;
use crate::objects::native_object::{created, SharedCache};

extern "C" {
    // cpp/cache.cc
    fn venice_cache_new_clock(
        capacity: usize,
        shard_bits: c_int,
        strict_capacity_limit: u8,
        cache: *mut *mut SharedCache,
        status: *mut RawStatus,
    );
}

/// `static native long newClockCache(long capacity, int numShardBits, boolean
/// strictCapacityLimit)`: in RocksDB 9 an LRU cache, of which one half is for blocks of high
/// priority. Refused arguments as for `LRUCache`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_ClockCache_newClockCache<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    capacity: jlong,
    shard_bits: jint,
    strict_capacity_limit: jboolean,
) -> jlong {
    entry_unchecked(env, |_| {
        let mut cache = std::ptr::null_mut();
        // SAFETY: fills `cache` when it succeeds.
        Status::from_call(|status| unsafe {
            venice_cache_new_clock(
                capacity as usize,
                shard_bits,
                strict_capacity_limit.into(),
                &mut cache,
                status,
            );
        })?;
        created(cache)
    })
}

disposers! {
    /// `static native void disposeInternalJni(long handle)`: gives up Java's reference; the cache
    /// lives on while a database has one.
    Java_org_rocksdb_ClockCache_disposeInternalJni => SharedCache;
}
