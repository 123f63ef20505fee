//! Natives of `org.rocksdb.SstFileWriter`.
// #[HotPath]

use jni::objects::{JByteArray, JByteBuffer, JClass, JString};
use jni::sys::{jint, jlong};
use jni::EnvUnowned;
use venice_engine::handles::Kind;
use venice_engine::{Options, RawSlice, Status};

use crate::classes::rocks_db::path_of;
use crate::jvm::entry::{entry, entry_unchecked, hot_entry};
use crate::jvm::env::{Key, Value};
use crate::jvm::failure::Failure;
use crate::objects::ffi::{self, EnvOptions, SstFileWriter};
use crate::objects::handle::{close, created, Object};

/// `static native long newSstFileWriter(long envOptionsHandle, long optionsHandle)`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_SstFileWriter_newSstFileWriter__JJ<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    env_options: jlong,
    options: jlong,
) -> jlong {
    entry_unchecked(env, |_| {
        let env_options: Object<EnvOptions> = Object::new(Kind::EnvOptions, env_options)?;
        let options: Object<Options> = Object::new(Kind::Options, options)?;
        // SAFETY: rule 1.
        let writer =
            unsafe { ffi::venice_sst_writer_new(env_options.pointer(), options.pointer()) };
        created(Kind::SstFileWriter, writer)
    })
}

/// `static native void open(long handle, String filePath)`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_SstFileWriter_open<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    path: JString<'local>,
) {
    entry(env, |env| {
        let path = path_of(env, &path)?;
        let writer = writer(handle)?;
        // SAFETY: rules 1, 3 and 5.
        Status::from_call(|status| unsafe {
            ffi::venice_sst_writer_open(writer.pointer(), path.as_ptr(), status);
        })?;
        Ok(())
    })
}

/// `static native void put(long handle, byte[] key, byte[] value)`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_SstFileWriter_put__J_3B_3B<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    key: JByteArray<'local>,
    value: JByteArray<'local>,
) {
    hot_entry(env, |jvm| {
        let writer = writer(handle)?;
        let mut key_bytes = Key::new();
        jvm.copy_in(&key, 0, jvm.length(key.as_raw())?, &mut key_bytes)?;
        let mut value_bytes = Value::new();
        jvm.copy_in(&value, 0, jvm.length(value.as_raw())?, &mut value_bytes)?;
        put(&writer, key_bytes.bytes(), value_bytes.bytes())
    })
}

/// `static native void putDirect(long handle, ByteBuffer key, int keyOffset, int keyLength,
/// ByteBuffer value, int valueOffset, int valueLength)`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_SstFileWriter_putDirect<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    key: JByteBuffer<'local>,
    key_offset: jint,
    key_length: jint,
    value: JByteBuffer<'local>,
    value_offset: jint,
    value_length: jint,
) {
    hot_entry(env, |jvm| {
        let writer = writer(handle)?;
        // SAFETY: Java's buffers for the length of the call; nobody else is to write to them.
        let key =
            unsafe { jvm.direct_range(&key, key_offset, key_length, "Invalid key argument") }?;
        // SAFETY: as above.
        let value = unsafe {
            jvm.direct_range(&value, value_offset, value_length, "Invalid value argument")
        }?;
        put(&writer, key, value)
    })
}

fn put(writer: &Object<SstFileWriter>, key: &[u8], value: &[u8]) -> Result<(), Failure> {
    let (key, value) = (RawSlice::new(key), RawSlice::new(value));
    // SAFETY: rules 1, 3 and 5.
    Status::from_call(|status| unsafe {
        ffi::venice_sst_writer_put(writer.pointer(), key, value, status);
    })?;
    Ok(())
}

/// `static native void finish(long handle)`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_SstFileWriter_finish<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
) {
    entry(env, |_| {
        let writer = writer(handle)?;
        // SAFETY: rules 1 and 5.
        Status::from_call(|status| unsafe {
            ffi::venice_sst_writer_finish(writer.pointer(), status);
        })?;
        Ok(())
    })
}

/// `static native void disposeInternalJni(long handle)`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_SstFileWriter_disposeInternalJni<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
) {
    entry_unchecked(env, |_| {
        let destroy = ffi::venice_sst_writer_destroy;
        // SAFETY: rule 1, and Java gives it up; the destructor is that of the class.
        unsafe { close(Kind::SstFileWriter, handle, destroy) }
    })
}

fn writer(handle: jlong) -> Result<Object<SstFileWriter>, Failure> {
    Object::new(Kind::SstFileWriter, handle)
}
