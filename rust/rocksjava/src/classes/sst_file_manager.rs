//! Natives of `org.rocksdb.SstFileManager`: the handle is a
//! `std::shared_ptr<rocksdb::SstFileManager>*`.

use jni::objects::JClass;
use jni::sys::{jdouble, jlong};
use jni::EnvUnowned;
use venice_engine::{RawStatus, Status};

use crate::jvm::entry::entry;
use crate::objects::native_macros::{disposers, setters};
use crate::objects::native_object::{created, live, Env, SharedLogger, SharedSstFileManager};

extern "C" {
    // cpp/sst_file_manager.cc
    fn venice_sst_file_manager_new(
        env: *mut Env,
        logger: *const SharedLogger,
        rate_bytes_per_second: i64,
        max_trash_db_ratio: f64,
        bytes_max_delete_chunk: u64,
        manager: *mut *mut SharedSstFileManager,
        status: *mut RawStatus,
    );
}

/// `static native long newSstFileManager(long env, long logger, long rateBytesPerSec, double
/// maxTrashDbRatio, long bytesMaxDeleteChunk)`. `logger` is 0 for none; a rate of 0 deletes files at
/// once.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_SstFileManager_newSstFileManager<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    rocks_env: jlong,
    logger: jlong,
    rate_bytes_per_second: jlong,
    max_trash_db_ratio: jdouble,
    bytes_max_delete_chunk: jlong,
) -> jlong {
    entry(env, |_| {
        let rocks_env = live::<Env>(rocks_env)?;
        let mut manager = std::ptr::null_mut();
        // SAFETY: rule 1; fills `manager` when it succeeds.
        Status::from_call(|status| unsafe {
            venice_sst_file_manager_new(
                rocks_env.pointer(),
                logger as *const SharedLogger,
                rate_bytes_per_second,
                max_trash_db_ratio,
                bytes_max_delete_chunk as u64,
                &mut manager,
                status,
            );
        })?;
        created(manager)
    })
}

disposers! {
    /// `static native void disposeInternalJni(long handle)`: gives up Java's reference; the manager
    /// lives on while a database has one.
    Java_org_rocksdb_SstFileManager_disposeInternalJni => SharedSstFileManager;
}

setters! { SharedSstFileManager;
    /// `SetDeleteRateBytesPerSecond`: 0 for no limit.
    Java_org_rocksdb_SstFileManager_setDeleteRateBytesPerSecond(jlong as i64)
        => venice_sst_file_manager_set_delete_rate;
    /// `SetMaxTrashDBRatio`: with more trash than this fraction of the database, files are deleted
    /// at once.
    Java_org_rocksdb_SstFileManager_setMaxTrashDBRatio(jdouble as f64)
        => venice_sst_file_manager_set_max_trash_db_ratio;
}
