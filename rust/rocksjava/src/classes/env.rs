//! Natives of `org.rocksdb.Env`: the handle is a `rocksdb::Env*`.

use std::os::raw::c_int;

use jni::objects::JClass;
use jni::sys::{jbyte, jint, jlong};
use jni::EnvUnowned;
use venice_engine::{RawStatus, Status};

use crate::jvm::entry::entry_unchecked;
use crate::jvm::failure::Failure;
use crate::objects::native_object::{live, Env};

extern "C" {
    // cpp/env.cc
    pub(crate) fn venice_env_default() -> *mut Env;
    fn venice_env_set_background_threads(
        env: *mut Env,
        number: c_int,
        priority: u8,
        status: *mut RawStatus,
    );
    pub(crate) fn venice_env_end_background_threads();
}

/// `static native long getDefaultEnvInternal()`: the process's one `rocksdb::Env*`, which nobody
/// deletes.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_Env_getDefaultEnvInternal<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
) -> jlong {
    // SAFETY: asks for nothing.
    entry_unchecked(env, |_| Ok(unsafe { venice_env_default() } as jlong))
}

/// `static native void setBackgroundThreads(long handle, int number, byte priority)`.
///
/// Throws `IllegalArgumentException` for `Priority.TOTAL`, which has no threads: upstream writes
/// behind the last of RocksDB's thread pools.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_Env_setBackgroundThreads<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    number: jint,
    priority: jbyte,
) {
    entry_unchecked(env, |_| {
        let rocks_env = live::<Env>(handle)?;
        let priority = thread_pool(priority)?;
        // SAFETY: rule 1, and there is such a thread pool.
        Ok(Status::from_call(|status| unsafe {
            venice_env_set_background_threads(rocks_env.pointer(), number, priority, status);
        })?)
    })
}

/// `PriorityJni::toCppPriority` for those that have a thread pool: the numbers are RocksDB's own,
/// and anything unknown stands for `LOW`.
fn thread_pool(byte: jbyte) -> Result<u8, Failure> {
    match byte {
        0..=2 => Ok(byte as u8),
        3 => Err(Failure::illegal_argument(
            "the priority TOTAL has no threads of its own: give BOTTOM, LOW or HIGH".to_owned(),
        )),
        _ => Ok(1),
    }
}

#[cfg(all(test, feature = "bundled"))]
mod tests {
    use super::*;
    use crate::jvm::failure::Reason;
    use crate::upstream_source::Conversion;

    #[test]
    fn priorities_are_those_of_upstream() {
        let upstream = Conversion::read("toCppPriority", "include/rocksdb/env.h", "Priority");
        assert_eq!(upstream.len(), 4);
        // TOTAL, 4 in C++, is refused.
        upstream.assert_same(|byte| thread_pool(byte).map_or(4, i64::from));
        assert!(
            matches!(thread_pool(3), Err(failure) if matches!(failure.reason(), Reason::IllegalArgument(_)))
        );
    }
}
