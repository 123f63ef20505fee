//! Natives of `org.rocksdb.EnvOptions`: the handle is a `rocksdb::EnvOptions*`.

use std::os::raw::c_uchar;

use jni::sys::jboolean;

use crate::objects::native_macros::{disposers, makers, setters};
use crate::objects::native_object::EnvOptions;

makers! {
    /// `static native long newEnvOptions()`: with RocksDB's defaults.
    Java_org_rocksdb_EnvOptions_newEnvOptions__ => rocksdb_envoptions_create -> EnvOptions;
}

disposers! {
    /// `static native void disposeInternalJni(long handle)`.
    Java_org_rocksdb_EnvOptions_disposeInternalJni => EnvOptions;
}

setters! { EnvOptions;
    /// `use_direct_writes` (cpp/options.cc: `rocksdb/c.h` has no setter).
    Java_org_rocksdb_EnvOptions_setUseDirectWrites(jboolean as c_uchar)
        => venice_env_options_set_use_direct_writes;
}
