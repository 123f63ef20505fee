//! Natives of `org.rocksdb.RocksEnv`: the handle is a `rocksdb::Env*`.

use jni::objects::JClass;
use jni::sys::jlong;
use jni::EnvUnowned;

use crate::classes::env::venice_env_default;
use crate::jvm::entry::entry_unchecked;
use crate::objects::native_object::{live, Env};

extern "C" {
    // cpp/env.cc
    fn venice_env_delete(env: *mut Env);
}

/// `static native void disposeInternalJni(long handle)`: deletes the `rocksdb::Env`, unless it is
/// the process's own.
///
/// Java calls it for a `RocksEnv` that owns its handle, and makes none. Upstream's library lacks
/// this symbol, as the C++ function has another name than the Java method.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_RocksEnv_disposeInternalJni<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
) {
    entry_unchecked(env, |_| {
        let rocks_env = live::<Env>(handle)?.pointer();
        // SAFETY: rule 1, and Java gives it up.
        unsafe {
            if rocks_env != venice_env_default() {
                venice_env_delete(rocks_env);
            }
        }
        Ok(())
    })
}
