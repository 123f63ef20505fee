//! Ends of objects whose destructors only upstream's natives know: their handles are closed first.

use jni::sys::{jlong, jobject, JNIEnv};
use jni::EnvUnowned;
use venice_engine::handles::{self, Kind};

use crate::jvm::entry::hot_entry_unchecked;

/// Writes natives `void <dispose>(long handle)`, which call upstream's once nobody uses the object.
/// Closing again is harmless.
macro_rules! retired {
    ($($native:ident => $kind:ident, $upstream:ident;)+) => {
        /// The exact symbol names.
        #[cfg(test)]
        pub(super) const NAMES: &[&str] = &[$(stringify!($native)),+];

        $(
            #[cfg_attr(all(not(feature = "bundled"), not(test)), unsafe(no_mangle))]
            #[cfg_attr(any(feature = "bundled", test), allow(dead_code, non_snake_case))]
            extern "system" fn $native(env: EnvUnowned<'_>, class: jobject, handle: jlong) {
                extern "C" {
                    fn $upstream(env: *mut JNIEnv, class: jobject, handle: jlong);
                }
                let jni = env.as_raw();
                hot_entry_unchecked(env, |_| {
                    if handles::retire(Kind::$kind, handle as usize) == Ok(true) {
                        // SAFETY: rule 2, to the function that it is for; nobody uses the object.
                        unsafe { $upstream(jni, class, handle) };
                    }
                    Ok(())
                })
            }
        )+
    };
}

retired! {
    Java_org_rocksdb_BackupEngine_disposeInternalJni
        => BackupEngine, upstream_Java_org_rocksdb_BackupEngine_disposeInternalJni;
    Java_org_rocksdb_CompactRangeOptions_disposeInternalJni
        => CompactRangeOptions, upstream_Java_org_rocksdb_CompactRangeOptions_disposeInternalJni;
}
