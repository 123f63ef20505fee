//! Natives of `org.rocksdb.FlushOptions`: the handle is a `rocksdb::FlushOptions*`.

use std::os::raw::c_uchar;

use jni::sys::jboolean;

use crate::objects::native_macros::{disposers, makers, setters};
use crate::objects::native_object::FlushOptions;

makers! {
    /// `static native long newFlushOptions()`: with RocksDB's defaults.
    Java_org_rocksdb_FlushOptions_newFlushOptions => rocksdb_flushoptions_create -> FlushOptions;
}

disposers! {
    /// `static native void disposeInternalJni(long handle)`.
    Java_org_rocksdb_FlushOptions_disposeInternalJni => FlushOptions;
}

setters! { FlushOptions;
    /// `wait`: whether a flush returns only when it is done.
    Java_org_rocksdb_FlushOptions_setWaitForFlush(jboolean as c_uchar)
        => rocksdb_flushoptions_set_wait;
}
