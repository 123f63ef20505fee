//! Natives of `org.rocksdb.WriteOptions`.

use jni::objects::JClass;
use jni::sys::{jboolean, jlong};
use jni::EnvUnowned;
use venice_engine::handles::Kind;

use crate::entry::{entry_unchecked, Failure};
use crate::ffi::{self, WriteOptions};
use crate::handle::{close, created, Object};

/// `static native long newWriteOptions()`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_WriteOptions_newWriteOptions<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
) -> jlong {
    entry_unchecked(env, |_| {
        // SAFETY: no conditions.
        created(Kind::WriteOptions, unsafe {
            ffi::venice_write_options_new()
        })
    })
}

/// `static native long copyWriteOptions(long handle)`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_WriteOptions_copyWriteOptions<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
) -> jlong {
    entry_unchecked(env, |_| {
        let options = options(handle)?;
        // SAFETY: rule 1.
        let copy = unsafe { ffi::venice_write_options_copy(options.pointer()) };
        created(Kind::WriteOptions, copy)
    })
}

/// `static native void disposeInternalJni(long handle)`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_WriteOptions_disposeInternalJni<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
) {
    entry_unchecked(env, |_| {
        let destroy = ffi::venice_write_options_destroy;
        // SAFETY: rule 1, and Java gives it up; the destructor is that of the class.
        unsafe { close(Kind::WriteOptions, handle, destroy) }
    })
}

/// `static native void setDisableWAL(long handle, boolean flag)`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_WriteOptions_setDisableWAL<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    on: jboolean,
) {
    entry_unchecked(env, |_| {
        let options = options(handle)?;
        // SAFETY: rule 1.
        unsafe { ffi::venice_write_options_set_disable_wal(options.pointer(), on.into()) };
        Ok(())
    })
}

fn options(handle: jlong) -> Result<Object<WriteOptions>, Failure> {
    Object::new(Kind::WriteOptions, handle)
}
