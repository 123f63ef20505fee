//! Natives of `org.rocksdb.DBOptions`: the handle is a `rocksdb::DBOptions*`.

use jni::objects::JClass;
use jni::sys::jlong;
use jni::EnvUnowned;
use venice_engine::{RawStatus, Status};

use crate::jvm::entry::entry_unchecked;
use crate::objects::native_macros::disposers;
use crate::objects::native_object::{created, live, DbOptions, Options};

extern "C" {
    // cpp/options.cc
    fn venice_db_options_new_from(
        options: *const Options,
        half: *mut *mut DbOptions,
        status: *mut RawStatus,
    );
}

/// `static native long newDBOptionsFromOptions(long optionsHandle)`: returns a copy of the half of
/// an `Options` that is a database's.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_DBOptions_newDBOptionsFromOptions<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    options: jlong,
) -> jlong {
    entry_unchecked(env, |_| {
        let options = live::<Options>(options)?;
        let mut half = std::ptr::null_mut();
        // SAFETY: rule 1; fills `half` when it succeeds.
        Status::from_call(|status| unsafe {
            venice_db_options_new_from(options.pointer(), &mut half, status);
        })?;
        created(half)
    })
}

disposers! {
    /// `static native void disposeInternalJni(long handle)`. Databases opened with it have copies.
    Java_org_rocksdb_DBOptions_disposeInternalJni => DbOptions;
}
