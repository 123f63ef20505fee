//! Natives of `org.rocksdb.IngestExternalFileOptions`: the handle is a
//! `rocksdb::IngestExternalFileOptions*`.

use std::os::raw::c_uchar;

use jni::sys::jboolean;

use crate::objects::native_macros::{disposers, makers, setters};
use crate::objects::native_object::IngestExternalFileOptions;

makers! {
    /// `static native long newIngestExternalFileOptions()`: with RocksDB's defaults.
    Java_org_rocksdb_IngestExternalFileOptions_newIngestExternalFileOptions__
        => rocksdb_ingestexternalfileoptions_create -> IngestExternalFileOptions;
}

disposers! {
    /// `static native void disposeInternalJni(long handle)`.
    Java_org_rocksdb_IngestExternalFileOptions_disposeInternalJni => IngestExternalFileOptions;
}

setters! { IngestExternalFileOptions;
    /// `move_files`: whether files are moved in instead of copied.
    Java_org_rocksdb_IngestExternalFileOptions_setMoveFiles(jboolean as c_uchar)
        => rocksdb_ingestexternalfileoptions_set_move_files;
}
