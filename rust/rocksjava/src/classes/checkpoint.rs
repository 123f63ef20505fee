//! Natives of `org.rocksdb.Checkpoint`.
//!
//! A checkpoint works on its database, so it is closed with it at the latest.

use jni::objects::{JClass, JString};
use jni::sys::jlong;
use jni::EnvUnowned;
use venice_engine::handles::Kind;
use venice_engine::{Registry, Status};

use crate::classes::rocks_db::{database, path_of};
use crate::jvm::entry::{entry, entry_unchecked};
use crate::objects::ffi::{self, Checkpoint};
use crate::objects::handle::Object;

/// `static native long newCheckpoint(long dbHandle)`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_Checkpoint_newCheckpoint<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    db: jlong,
) -> jlong {
    entry_unchecked(env, |_| {
        let db = database(db)?;
        let mut checkpoint = std::ptr::null_mut();
        // SAFETY: rules 1 and 5.
        Status::from_call(|status| unsafe {
            ffi::venice_checkpoint_new(db.pointer(), &mut checkpoint, status);
        })?;
        let destroy = ffi::venice_checkpoint_destroy;
        // SAFETY: made with plain `new` for this database, and the destructor is that of the class.
        unsafe {
            Registry::global().adopt(db.pointer(), Kind::Checkpoint, checkpoint as usize, destroy);
        }
        Ok(checkpoint as jlong)
    })
}

/// `static native void createCheckpoint(long handle, String checkpointPath)`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_Checkpoint_createCheckpoint<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    path: JString<'local>,
) {
    entry(env, |env| {
        let path = path_of(env, &path)?;
        let checkpoint: Object<Checkpoint> = Object::new(Kind::Checkpoint, handle)?;
        // SAFETY: rules 1, 3 and 5.
        Status::from_call(|status| unsafe {
            ffi::venice_checkpoint_create(checkpoint.pointer(), path.as_ptr(), status);
        })?;
        Ok(())
    })
}

/// `static native void disposeInternalJni(long handle)`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_Checkpoint_disposeInternalJni<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
) {
    entry_unchecked(env, |_| {
        let destroy = ffi::venice_checkpoint_destroy;
        // SAFETY: rule 1, and Java gives it up; the destructor is that of the class.
        unsafe { Registry::global().close_dependent(Kind::Checkpoint, handle as usize, destroy) };
        Ok(())
    })
}
