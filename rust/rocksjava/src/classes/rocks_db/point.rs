//! Natives of `org.rocksdb.RocksDB` that write and read single keys.
// #[HotPath]
// except formatting: messages of exceptions.

use std::pin::pin;

use jni::objects::{JByteArray, JByteBuffer, JClass};
use jni::sys::{jboolean, jbyteArray, jint, jlong};
use jni::EnvUnowned;
use venice_engine::handles::Kind;
use venice_engine::{ColumnFamilyHandle, Db, RawSlice, Status};

use super::{database, family_or_default, required_family};
use crate::jvm::entry::{hot_entry, hot_entry_unchecked};
use crate::jvm::env::{Jvm, Key, Value};
use crate::jvm::failure::Failure;
use crate::objects::ffi;
use crate::objects::handle::{pointer_of, Object};
use crate::objects::native_object::ReadOptions;
use crate::objects::pinned::PinnedValue;

/// What `get` into an array returns when there is no such key (`KVException::kNotFound`).
const NOT_FOUND: jint = -1;

/// `static native void put(long handle, long writeOptHandle, byte[] key, int keyOffset, int
/// keyLength, byte[] value, int valueOffset, int valueLength)`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_RocksDB_put__JJ_3BII_3BII<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    db: jlong,
    options: jlong,
    key: JByteArray<'local>,
    key_offset: jint,
    key_length: jint,
    value: JByteArray<'local>,
    value_offset: jint,
    value_length: jint,
) {
    hot_entry(env, |jvm| {
        let row = (
            (&key, key_offset, key_length),
            (&value, value_offset, value_length),
        );
        put(jvm, db, options, None, row)
    })
}

/// `static native void put(long handle, long writeOptHandle, byte[] key, int keyOffset, int
/// keyLength, byte[] value, int valueOffset, int valueLength, long cfHandle)`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_RocksDB_put__JJ_3BII_3BIIJ<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    db: jlong,
    options: jlong,
    key: JByteArray<'local>,
    key_offset: jint,
    key_length: jint,
    value: JByteArray<'local>,
    value_offset: jint,
    value_length: jint,
    family: jlong,
) {
    hot_entry(env, |jvm| {
        let row = (
            (&key, key_offset, key_length),
            (&value, value_offset, value_length),
        );
        put(jvm, db, options, Some(family), row)
    })
}

/// A range of an array.
type Range<'a, 'local> = (&'a JByteArray<'local>, jint, jint);

fn put(
    jvm: Jvm<'_>,
    db: jlong,
    options: jlong,
    family: Option<jlong>,
    (key, value): (Range<'_, '_>, Range<'_, '_>),
) -> Result<(), Failure> {
    let db = database(db)?;
    let options = Object::new(Kind::WriteOptions, options)?;
    let family = family
        .map(|family| required_family(&db, family))
        .transpose()?;
    let mut key_bytes = Key::new();
    jvm.copy_in(key.0, key.1, key.2, &mut key_bytes)?;
    let mut value_bytes = Value::new();
    jvm.copy_in(value.0, value.1, value.2, &mut value_bytes)?;
    // SAFETY: rules 1, 3 and 5.
    Status::from_call(|status| unsafe {
        ffi::venice_put(
            db.pointer(),
            options.pointer(),
            pointer_of(family.as_ref()),
            RawSlice::new(key_bytes.bytes()),
            RawSlice::new(value_bytes.bytes()),
            status,
        );
    })?;
    Ok(())
}

/// `static native void delete(long handle, byte[] key, int keyOffset, int keyLength)`: with the
/// default write options, so with the write-ahead log.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_RocksDB_delete__J_3BII<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    db: jlong,
    key: JByteArray<'local>,
    key_offset: jint,
    key_length: jint,
) {
    hot_entry(env, |jvm| {
        let db = database(db)?;
        let mut key_bytes = Key::new();
        jvm.copy_in(&key, key_offset, key_length, &mut key_bytes)?;
        // SAFETY: rules 1, 3 and 5.
        Status::from_call(|status| unsafe {
            ffi::venice_remove(
                db.pointer(),
                std::ptr::null(),
                std::ptr::null_mut(),
                RawSlice::new(key_bytes.bytes()),
                status,
            );
        })?;
        Ok(())
    })
}

/// `static native void write0(long handle, long writeOptHandle, long wbHandle)`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_RocksDB_write0<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    db: jlong,
    options: jlong,
    batch: jlong,
) {
    hot_entry(env, |_| {
        let db = database(db)?;
        let options = Object::new(Kind::WriteOptions, options)?;
        let batch = Object::new(Kind::WriteBatch, batch)?;
        // SAFETY: rules 1 and 5.
        Status::from_call(|status| unsafe {
            ffi::venice_write(db.pointer(), options.pointer(), batch.pointer(), status);
        })?;
        Ok(())
    })
}

/// Reads a key, and gives its value to `found` where RocksDB has it: it is copied once, into Java.
/// None if there is no such key.
#[inline]
fn get<R>(
    db: &Object<Db>,
    options: Option<&Object<ReadOptions>>,
    family: Option<&Object<ColumnFamilyHandle>>,
    key: &[u8],
    found: impl FnOnce(&[u8]) -> Result<R, Failure>,
) -> Result<Option<R>, Failure> {
    let mut value = pin!(PinnedValue::new());
    // SAFETY: rules 1, 3 and 5.
    let is_there = value.as_mut().read(|pinned, slice, status| unsafe {
        ffi::venice_get_with(
            db.pointer(),
            pointer_of(options),
            pointer_of(family),
            RawSlice::new(key),
            pinned,
            slice,
            status,
        );
    })?;
    is_there.then(|| found(value.bytes())).transpose()
}

/// `static native byte[] get(long handle, byte[] key, int keyOffset, int keyLength)`: null if there
/// is no such key.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_RocksDB_get__J_3BII<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    db: jlong,
    key: JByteArray<'local>,
    key_offset: jint,
    key_length: jint,
) -> jbyteArray {
    hot_entry(env, |jvm| {
        let db = database(db)?;
        let mut key_bytes = Key::new();
        jvm.copy_in(&key, key_offset, key_length, &mut key_bytes)?;
        let value = get(&db, None, None, key_bytes.bytes(), |value| {
            jvm.new_array_unchecked(value)
        })?;
        Ok(value.unwrap_or_default())
    })
    .0
}

/// `static native byte[] get(long handle, long readOptHandle, byte[] key, int keyOffset, int
/// keyLength, long cfHandle)`: null if there is no such key.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_RocksDB_get__JJ_3BIIJ<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    db: jlong,
    options: jlong,
    key: JByteArray<'local>,
    key_offset: jint,
    key_length: jint,
    family: jlong,
) -> jbyteArray {
    hot_entry(env, |jvm| {
        let db = database(db)?;
        let family = required_family(&db, family)?;
        let options = Object::new(Kind::ReadOptions, options)?;
        let mut key_bytes = Key::new();
        jvm.copy_in(&key, key_offset, key_length, &mut key_bytes)?;
        let value = get(
            &db,
            Some(&options),
            Some(&family),
            key_bytes.bytes(),
            |value| jvm.new_array_unchecked(value),
        )?;
        Ok(value.unwrap_or_default())
    })
    .0
}

/// `static native int get(long handle, byte[] key, int keyOffset, int keyLength, byte[] value, int
/// valueOffset, int valueLength)`: the value's whole length, of which as much is copied as there is
/// room for; -1 if there is no such key.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_RocksDB_get__J_3BII_3BII<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    db: jlong,
    key: JByteArray<'local>,
    key_offset: jint,
    key_length: jint,
    into: JByteArray<'local>,
    into_offset: jint,
    into_length: jint,
) -> jint {
    hot_entry(env, |jvm| {
        let db = database(db)?;
        let mut key_bytes = Key::new();
        jvm.copy_in(&key, key_offset, key_length, &mut key_bytes)?;
        let length = get(&db, None, None, key_bytes.bytes(), |value| {
            jvm.copy_out_unchecked(value, &into, into_offset, into_length)?;
            // Upstream cuts the length off like this too.
            Ok(value.len() as jint)
        })?;
        Ok(length.unwrap_or(NOT_FOUND))
    })
}

/// `static native int getDirect(long handle, long readOptHandle, ByteBuffer key, int keyOffset, int
/// keyLength, ByteBuffer value, int valueOffset, int valueLength, long cfHandle)`: as `get` into an
/// array, with direct buffers. Venice does not call it; it is ours so that all forms of `get` are.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_RocksDB_getDirect<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    db: jlong,
    options: jlong,
    key: JByteBuffer<'local>,
    key_offset: jint,
    key_length: jint,
    into: JByteBuffer<'local>,
    into_offset: jint,
    into_length: jint,
    family: jlong,
) -> jint {
    hot_entry(env, |jvm| {
        let db = database(db)?;
        let options = Object::optional(Kind::ReadOptions, options)?;
        let family = family_or_default(&db, family)?;
        let (key, room) = jvm.direct_or_capacity(&key, key_offset, key_length);
        // SAFETY: Java's buffer for the length of the call; nobody else is to write to it.
        let key = unsafe { key.map(|key| &*key) }.ok_or_else(|| {
            Failure::message(format!(
                "Direct buffer offset {key_offset} + length {key_length} exceeds capacity {room}"
            ))
        })?;
        let (into, room) = jvm.direct_or_capacity(&into, into_offset, into_length);
        let into = into.ok_or_else(|| {
            Failure::message(format!(
                "Invalid value argument. Capacity is less than requested region. offset \
                     {into_offset} + length {into_length} exceeds capacity {room}"
            ))
        })?;
        let length = get(&db, options.as_ref(), family.as_ref(), key, |value| {
            let fits = value.len().min(into.len());
            // SAFETY: the range has room for as many, and Java's reference keeps its buffer.
            unsafe { std::ptr::copy_nonoverlapping(value.as_ptr(), into.cast(), fits) };
            // Upstream cuts the length off like this too.
            Ok(value.len() as jint)
        })?;
        Ok(length.unwrap_or(NOT_FOUND))
    })
}

/// `static native boolean keyExists(long handle, long cfHandle, long readOptHandle, byte[] key, int
/// keyOffset, int keyLength)`: the handle 0 is the default column family, the default options.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_RocksDB_keyExists<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    db: jlong,
    family: jlong,
    options: jlong,
    key: JByteArray<'local>,
    key_offset: jint,
    key_length: jint,
) -> jboolean {
    hot_entry_unchecked(env, |jvm| {
        let db = database(db)?;
        let family = family_or_default(&db, family)?;
        let options = Object::optional(Kind::ReadOptions, options)?;
        let mut key_bytes = Key::new();
        jvm.copy_in(&key, key_offset, key_length, &mut key_bytes)?;
        // SAFETY: rules 1, 3 and 5.
        let found = Status::from_call(|status| unsafe {
            ffi::venice_key_exists(
                db.pointer(),
                pointer_of(options.as_ref()),
                pointer_of(family.as_ref()),
                RawSlice::new(key_bytes.bytes()),
                status,
            );
        });
        match found {
            Ok(()) => Ok(true),
            Err(status) if status.code == Status::NOT_FOUND => Ok(false),
            Err(status) => Err(status.into()),
        }
    })
}
