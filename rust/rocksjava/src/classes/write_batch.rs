//! Natives of `org.rocksdb.WriteBatch`.
// #[HotPath]

use jni::objects::{JByteArray, JClass};
use jni::sys::{jint, jlong};
use jni::EnvUnowned;
use venice_engine::handles::Kind;
use venice_engine::{ColumnFamilyHandle, RawSlice, Status};

use crate::jvm::entry::{hot_entry, hot_entry_unchecked};
use crate::jvm::env::{Key, Value};
use crate::jvm::failure::Failure;
use crate::objects::ffi::{self, WriteBatch};
use crate::objects::handle::{close, created, pointer_of, Object};

/// `static native long newWriteBatch(int reservedBytes)`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_WriteBatch_newWriteBatch__I<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    reserved_bytes: jint,
) -> jlong {
    hot_entry_unchecked(env, |_| {
        // SAFETY: no conditions; a negative number is too much memory, as with upstream.
        let batch = unsafe { ffi::venice_write_batch_new(i64::from(reserved_bytes) as u64) };
        created(Kind::WriteBatch, batch)
    })
}

/// `static native long newWriteBatch(byte[] serialized, int serializedLength)`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_WriteBatch_newWriteBatch___3BI<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    serialized: JByteArray<'local>,
    length: jint,
) -> jlong {
    hot_entry_unchecked(env, |jvm| {
        let mut bytes = Value::new();
        jvm.copy_in(&serialized, 0, length, &mut bytes)?;
        // SAFETY: rule 3.
        let batch = unsafe { ffi::venice_write_batch_from(RawSlice::new(bytes.bytes())) };
        created(Kind::WriteBatch, batch)
    })
}

/// `static native void putJni(long handle, byte[] key, int keyLen, byte[] value, int valueLen, long
/// cfHandle)`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_WriteBatch_putJni__J_3BI_3BIJ<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    key: JByteArray<'local>,
    key_length: jint,
    value: JByteArray<'local>,
    value_length: jint,
    family: jlong,
) {
    hot_entry(env, |jvm| {
        let batch = batch(handle)?;
        let family = family_of(family)?;
        let mut key_bytes = Key::new();
        jvm.copy_in(&key, 0, key_length, &mut key_bytes)?;
        let mut value_bytes = Value::new();
        jvm.copy_in(&value, 0, value_length, &mut value_bytes)?;
        // SAFETY: rules 1, 3 and 5.
        Status::from_call(|status| unsafe {
            ffi::venice_write_batch_put(
                batch.pointer(),
                pointer_of(family.as_ref()),
                RawSlice::new(key_bytes.bytes()),
                RawSlice::new(value_bytes.bytes()),
                status,
            );
        })?;
        Ok(())
    })
}

/// `static native void deleteJni(long handle, byte[] key, int keyLen, long cfHandle)`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_WriteBatch_deleteJni__J_3BIJ<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    key: JByteArray<'local>,
    key_length: jint,
    family: jlong,
) {
    hot_entry(env, |jvm| {
        let batch = batch(handle)?;
        let family = family_of(family)?;
        let mut key_bytes = Key::new();
        jvm.copy_in(&key, 0, key_length, &mut key_bytes)?;
        // SAFETY: rules 1, 3 and 5.
        Status::from_call(|status| unsafe {
            ffi::venice_write_batch_delete(
                batch.pointer(),
                pointer_of(family.as_ref()),
                RawSlice::new(key_bytes.bytes()),
                status,
            );
        })?;
        Ok(())
    })
}

/// `static native void disposeInternalJni(long handle)`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_WriteBatch_disposeInternalJni<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
) {
    hot_entry_unchecked(env, |_| {
        let destroy = ffi::venice_write_batch_destroy;
        // SAFETY: rule 1, and Java gives it up; the destructor is that of the class.
        unsafe { close(Kind::WriteBatch, handle, destroy) }
    })
}

fn batch(handle: jlong) -> Result<Object<WriteBatch>, Failure> {
    Object::new(Kind::WriteBatch, handle)
}

/// The handle 0 is the default column family, as for `rocksdb::WriteBatch`.
fn family_of(handle: jlong) -> Result<Option<Object<ColumnFamilyHandle>>, Failure> {
    Object::optional(Kind::ColumnFamilyHandle, handle)
}
