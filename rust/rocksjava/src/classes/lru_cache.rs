//! Natives of `org.rocksdb.LRUCache`: the handle is a `std::shared_ptr<rocksdb::Cache>*`, of a cache that
//! fetches ahead of MultiGet (`engine/cpp/prefetching_cache.h`).

use std::os::raw::c_int;

use jni::objects::JClass;
use jni::sys::{jboolean, jdouble, jint, jlong};
use jni::EnvUnowned;
use venice_engine::{RawStatus, Status};

use crate::jvm::entry::entry_unchecked;
use crate::objects::native_macros::disposers;
use crate::objects::native_object::{created, SharedCache};

extern "C" {
    // cpp/cache.cc
    fn venice_cache_new_lru(
        capacity: usize,
        shard_bits: c_int,
        strict_capacity_limit: u8,
        high_pri_pool_ratio: f64,
        low_pri_pool_ratio: f64,
        cache: *mut *mut SharedCache,
        status: *mut RawStatus,
    );
}

/// `static native long newLRUCache(long capacity, int numShardBits, boolean strictCapacityLimit,
/// double highPriPoolRatio, double lowPriPoolRatio)`: a cache of `capacity` bytes in
/// 2^`numShardBits` shards (negative: RocksDB chooses).
///
/// For arguments that RocksDB refuses (20 shard bits and more, ratios that are none), the cache is
/// null inside, and a table configured with it makes one of its own.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_LRUCache_newLRUCache<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    capacity: jlong,
    shard_bits: jint,
    strict_capacity_limit: jboolean,
    high_pri_pool_ratio: jdouble,
    low_pri_pool_ratio: jdouble,
) -> jlong {
    entry_unchecked(env, |_| {
        let cache = new(
            capacity,
            shard_bits,
            strict_capacity_limit,
            high_pri_pool_ratio,
            low_pri_pool_ratio,
        )?;
        created(cache)
    })
}

/// `NewLRUCache`. Whoever calls this owns the result.
pub(crate) fn new(
    capacity: jlong,
    shard_bits: jint,
    strict_capacity_limit: bool,
    high_pri_pool_ratio: f64,
    low_pri_pool_ratio: f64,
) -> Result<*mut SharedCache, Status> {
    let mut cache = std::ptr::null_mut();
    // SAFETY: fills `cache` when it succeeds.
    Status::from_call(|status| unsafe {
        venice_cache_new_lru(
            capacity as usize,
            shard_bits,
            strict_capacity_limit.into(),
            high_pri_pool_ratio,
            low_pri_pool_ratio,
            &mut cache,
            status,
        );
    })?;
    Ok(cache)
}

disposers! {
    /// `static native void disposeInternalJni(long handle)`: gives up Java's reference; the cache
    /// lives on while a database has one.
    Java_org_rocksdb_LRUCache_disposeInternalJni => SharedCache;
}
