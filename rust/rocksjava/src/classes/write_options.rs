//! Natives of `org.rocksdb.WriteOptions`: the handle is a `rocksdb::WriteOptions*`.

use jni::sys::jboolean;

use crate::objects::native_macros::{copiers, disposers, makers, setters};
use crate::objects::native_object::WriteOptions;

makers! {
    /// `static native long newWriteOptions()`: with RocksDB's defaults.
    Java_org_rocksdb_WriteOptions_newWriteOptions => venice_write_options_new -> WriteOptions;
}

copiers! {
    /// `static native long copyWriteOptions(long handle)`.
    Java_org_rocksdb_WriteOptions_copyWriteOptions => venice_write_options_copy -> WriteOptions;
}

disposers! {
    /// `static native void disposeInternalJni(long handle)`.
    Java_org_rocksdb_WriteOptions_disposeInternalJni => WriteOptions;
}

setters! { WriteOptions;
    /// `disableWAL`: whether writes leave the write-ahead log out.
    Java_org_rocksdb_WriteOptions_setDisableWAL(jboolean as u8)
        => venice_write_options_set_disable_wal;
}
