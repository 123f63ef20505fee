//! Natives of `org.rocksdb.MemoryUtil`.

use jni::objects::{JClass, JLongArray, JObject, JValue};
use jni::sys::{jlong, jobject};
use jni::{jni_sig, jni_str, Env, EnvUnowned};
use venice_engine::{RawStatus, Status};

use crate::jvm::entry::entry_unchecked;
use crate::jvm::failure::Failure;
use crate::objects::native_object::{live, Db, SharedCache};

/// `MemoryUtil::kNumUsageTypes`. The numbers of the types are the bytes of Java's
/// `MemoryUsageType`: memtables, memtables not yet flushed, table readers, caches.
const USAGE_TYPES: usize = 4;

extern "C" {
    // cpp/memory_util.cc
    fn venice_memory_usage_by_type(
        dbs: *const *mut Db,
        db_count: usize,
        caches: *const *mut SharedCache,
        cache_count: usize,
        usage: *mut u64,
        known: *mut u32,
        status: *mut RawStatus,
    );
}

/// `static native Map<Byte, Long> getApproximateMemoryUsageByType(long[] dbHandles, long[]
/// cacheHandles)`: bytes of memory by the byte of Java's `MemoryUsageType`, together for the
/// databases and for the caches, each of which counts once. A type that nothing is asked about is
/// missing.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_MemoryUtil_getApproximateMemoryUsageByType<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    db_handles: JLongArray<'local>,
    cache_handles: JLongArray<'local>,
) -> jobject {
    entry_unchecked(env, |env| {
        let dbs = handles(env, &db_handles, "handles of databases")?;
        let caches = handles(env, &cache_handles, "handles of caches")?;
        usage_map(env, &usage_by_type(&dbs, &caches)?)
    })
    .into_raw()
}

fn handles(
    env: &Env<'_>,
    array: &JLongArray<'_>,
    what: &'static str,
) -> Result<Vec<jlong>, Failure> {
    if array.is_null() {
        return Err(Failure::null(what));
    }
    let mut handles = vec![0; array.len(env)?];
    array.get_region(env, 0, &mut handles)?;
    Ok(handles)
}

/// Bytes by type; `None` for a type of which RocksDB says nothing.
fn usage_by_type(dbs: &[jlong], caches: &[jlong]) -> Result<[Option<u64>; USAGE_TYPES], Failure> {
    let dbs = dbs
        .iter()
        .map(|&handle| live::<Db>(handle))
        .collect::<Result<Vec<_>, _>>()?;
    let caches = caches
        .iter()
        .map(|&handle| live::<SharedCache>(handle))
        .collect::<Result<Vec<_>, _>>()?;
    let db_pointers: Vec<_> = dbs.iter().map(|db| db.pointer()).collect();
    let cache_pointers: Vec<_> = caches.iter().map(|cache| cache.pointer()).collect();
    let mut usage = [0; USAGE_TYPES];
    let mut known = 0;
    // SAFETY: rules 1 and 3; there is room for every type.
    Status::from_call(|status| unsafe {
        venice_memory_usage_by_type(
            db_pointers.as_ptr(),
            db_pointers.len(),
            cache_pointers.as_ptr(),
            cache_pointers.len(),
            usage.as_mut_ptr(),
            &mut known,
            status,
        );
    })?;
    Ok(std::array::from_fn(|usage_type| {
        (known & 1 << usage_type != 0).then_some(usage[usage_type])
    }))
}

/// A `java.util.HashMap<Byte, Long>`.
fn usage_map<'local>(
    env: &mut Env<'local>,
    usage: &[Option<u64>; USAGE_TYPES],
) -> Result<JObject<'local>, Failure> {
    let map = env.new_object(
        jni_str!("java/util/HashMap"),
        jni_sig!("(I)V"),
        &[JValue::Int(USAGE_TYPES as i32)],
    )?;
    for (usage_type, bytes) in usage.iter().enumerate() {
        let Some(bytes) = *bytes else { continue };
        let key = env
            .call_static_method(
                jni_str!("java/lang/Byte"),
                jni_str!("valueOf"),
                jni_sig!("(B)Ljava/lang/Byte;"),
                &[JValue::Byte(usage_type as i8)],
            )?
            .l()?;
        let value = env
            .call_static_method(
                jni_str!("java/lang/Long"),
                jni_str!("valueOf"),
                jni_sig!("(J)Ljava/lang/Long;"),
                &[JValue::Long(bytes as jlong)],
            )?
            .l()?;
        env.call_method(
            &map,
            jni_str!("put"),
            jni_sig!("(Ljava/lang/Object;Ljava/lang/Object;)Ljava/lang/Object;"),
            &[JValue::Object(&key), JValue::Object(&value)],
        )?;
    }
    Ok(map)
}
