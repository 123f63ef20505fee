//! Natives of `org.rocksdb.RocksDB` for whole databases and column families.

use std::ffi::CString;

use jni::objects::{JByteArray, JClass, JLongArray, JObjectArray, JString};
use jni::sys::{jint, jlong, jlongArray};
use jni::EnvUnowned;
use venice_engine::handles::Kind;
use venice_engine::{ColumnFamilyHandle, Db, RawSlice, Registry, Status};

use super::{database, family_or_default, path_of, required_family, LongUse};
use crate::jvm::entry::{entry, hot_entry, hot_entry_unchecked};
use crate::jvm::env::{Jvm, Value};
use crate::jvm::failure::Failure;
use crate::objects::ffi::{
    self, CompactRangeOptions, FlushOptions, IngestExternalFileOptions, ReadOptions,
};
use crate::objects::handle::{pointer_of, Object};

/// `static native long iterator(long handle, long cfHandle, long readOptHandle)`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_RocksDB_iterator<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    db: jlong,
    family: jlong,
    options: jlong,
) -> jlong {
    hot_entry_unchecked(env, |_| {
        let db = database(db)?;
        let family = family_or_default(&db, family)?;
        let options: Object<ReadOptions> = Object::new(Kind::ReadOptions, options)?;
        // SAFETY: rule 1.
        let iterator = unsafe {
            ffi::venice_new_iterator(db.pointer(), options.pointer(), pointer_of(family.as_ref()))
        };
        if iterator.is_null() {
            return Err(Failure::out_of_memory(Kind::RocksIterator.class()));
        }
        // SAFETY: just made for this database.
        unsafe { adopt(&db, iterator) };
        Ok(iterator as jlong)
    })
}

/// `static native long[] iterators(long handle, long[] columnFamilyHandles, long readOptHandle)`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_RocksDB_iterators<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    db: jlong,
    families: JLongArray<'local>,
    options: jlong,
) -> jlongArray {
    entry(env, |env| {
        let mut handles = vec![0; families.len(env)?];
        families.get_region(env, 0, &mut handles)?;
        let db = database(db)?;
        let options: Object<ReadOptions> = Object::new(Kind::ReadOptions, options)?;
        let families: Vec<Object<ColumnFamilyHandle>> = handles
            .into_iter()
            .map(|handle| required_family(&db, handle))
            .collect::<Result<_, _>>()?;
        let pointers: Vec<*mut ColumnFamilyHandle> = families.iter().map(Object::pointer).collect();
        let mut made: Vec<*mut ffi::Iterator> = vec![std::ptr::null_mut(); pointers.len()];
        // SAFETY: rules 1, 3 and 5; both arrays are of one length.
        Status::from_call(|status| unsafe {
            ffi::venice_new_iterators(
                db.pointer(),
                options.pointer(),
                pointers.len(),
                pointers.as_ptr(),
                made.as_mut_ptr(),
                status,
            );
        })?;
        for &iterator in &made {
            // SAFETY: just made for this database.
            unsafe { adopt(&db, iterator) };
        }
        let made: Vec<jlong> = made.into_iter().map(|iterator| iterator as jlong).collect();
        let array = env.new_long_array(made.len())?;
        array.set_region(env, 0, &made)?;
        Ok(array)
    })
    .into_raw()
}

/// Makes an iterator one of the database's.
///
/// # Safety
/// It was made for this database.
unsafe fn adopt(db: &Object<Db>, iterator: *mut ffi::Iterator) {
    let destroy = ffi::venice_iterator_destroy;
    // SAFETY: guaranteed by the caller; made with plain `new`, and the destructor is that of the class.
    unsafe {
        Registry::global().adopt(
            db.pointer(),
            Kind::RocksIterator,
            iterator as usize,
            destroy,
        );
    }
}

/// `static native long getLongProperty(long nativeHandle, long cfHandle, String property, int
/// propertyLength)`: a property that there is not is a status `NotFound`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_RocksDB_getLongProperty<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    db: jlong,
    family: jlong,
    property: JString<'local>,
    length: jint,
) -> jlong {
    entry(env, |env| {
        let property = path_of(env, &property)?;
        let db = database(db)?;
        let family = family_or_default(&db, family)?;
        let bytes = property.to_bytes();
        let length = usize::try_from(length).unwrap_or(0).min(bytes.len());
        let name = RawSlice::new(&bytes[..length]);
        let mut value = 0;
        // SAFETY: rules 1, 3 and 5.
        let known = unsafe {
            ffi::venice_int_property(db.pointer(), pointer_of(family.as_ref()), name, &mut value)
        };
        if known == 0 {
            let not_found = Status {
                code: Status::NOT_FOUND,
                subcode: 0,
                state: None,
            };
            return Err(not_found.into());
        }
        Ok(value as jlong)
    })
}

/// `static native void compactRange(long handle, byte[] begin, int beginLen, byte[] end, int endLen,
/// long compactRangeOptHandle, long cfHandle)`: a length that is not positive is no bound.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_RocksDB_compactRange<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    db: jlong,
    begin: JByteArray<'local>,
    begin_length: jint,
    end: JByteArray<'local>,
    end_length: jint,
    options: jlong,
    family: jlong,
) {
    hot_entry(env, |jvm| {
        let begin = bound(jvm, &begin, begin_length)?;
        let end = bound(jvm, &end, end_length)?;
        let db = database(db)?;
        let options: Option<Object<CompactRangeOptions>> = match options {
            0 => None,
            // Upstream's natives make and close them.
            handle => Some(Object::new(Kind::CompactRangeOptions, handle)?),
        };
        let family = family_or_default(&db, family)?;
        let db = LongUse::of(db)?;
        // SAFETY: rules 1, 3 and 5.
        Status::from_call(|status| unsafe {
            ffi::venice_compact_range(
                db.pointer(),
                pointer_of(options.as_ref()),
                pointer_of(family.as_ref()),
                slice_of(begin.as_ref()),
                slice_of(end.as_ref()),
                status,
            );
        })?;
        Ok(())
    })
}

fn bound(jvm: Jvm<'_>, key: &JByteArray<'_>, length: jint) -> Result<Option<Value>, Failure> {
    if length <= 0 {
        return Ok(None);
    }
    let mut bytes = Value::new();
    jvm.copy_in(key, 0, length, &mut bytes)?;
    Ok(Some(bytes))
}

fn slice_of(bytes: Option<&Value>) -> RawSlice {
    bytes.map_or(RawSlice::EMPTY, |bytes| RawSlice::new(bytes.bytes()))
}

/// `static native void flush(long handle, long flushOptHandle, long[] cfHandles)`: null is the
/// default column family.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_RocksDB_flush<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    db: jlong,
    options: jlong,
    families: JLongArray<'local>,
) {
    hot_entry(env, |jvm| {
        let db = database(db)?;
        let options: Object<FlushOptions> = Object::new(Kind::FlushOptions, options)?;
        let families: Option<Vec<Object<ColumnFamilyHandle>>> = if families.as_raw().is_null() {
            None
        } else {
            let handles = jvm.longs(families.as_raw())?.into_iter();
            let families = handles.map(|handle| required_family(&db, handle));
            Some(families.collect::<Result<_, _>>()?)
        };
        let pointers: Option<Vec<*mut ColumnFamilyHandle>> = families
            .as_ref()
            .map(|families| families.iter().map(Object::pointer).collect());
        let count = pointers.as_ref().map_or(0, Vec::len);
        let pointers = pointers.as_ref().map_or(std::ptr::null(), Vec::as_ptr);
        let db = LongUse::of(db)?;
        // SAFETY: rules 1, 3 and 5.
        Status::from_call(|status| unsafe {
            ffi::venice_flush(db.pointer(), options.pointer(), count, pointers, status);
        })?;
        Ok(())
    })
}

/// `static native void deprecated_deleteFile(long handle, String name)`: the status is dropped, as
/// by upstream.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_RocksDB_deprecated_1deleteFile<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    db: jlong,
    name: JString<'local>,
) {
    entry(env, |env| {
        let name = path_of(env, &name)?;
        let db = database(db)?;
        // SAFETY: rules 1, 3 and 5.
        let deleted = Status::from_call(|status| unsafe {
            ffi::venice_delete_file(db.pointer(), name.as_ptr(), status);
        });
        if let Err(status) = deleted {
            tracing::debug!(?name, %status, "a file was not deleted");
        }
        Ok(())
    })
}

/// `static native void ingestExternalFile(long handle, long cfHandle, String[] filePathList, int
/// filePathListLen, long ingestExternalFileOptHandle)`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_RocksDB_ingestExternalFile<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    db: jlong,
    family: jlong,
    paths: JObjectArray<'local, JString<'local>>,
    count: jint,
    options: jlong,
) {
    entry(env, |env| {
        let mut owned: Vec<CString> = Vec::new();
        for index in 0..usize::try_from(count).unwrap_or(0) {
            let path = paths.get_element(env, index)?;
            owned.push(path_of(env, &path)?);
            env.delete_local_ref(path);
        }
        let db = database(db)?;
        let family = family_or_default(&db, family)?;
        let options: Object<IngestExternalFileOptions> =
            Object::new(Kind::IngestExternalFileOptions, options)?;
        let pointers: Vec<_> = owned.iter().map(|path| path.as_ptr()).collect();
        // It may wait for a flush.
        let db = LongUse::of(db)?;
        // SAFETY: rules 1, 3 and 5.
        Status::from_call(|status| unsafe {
            ffi::venice_ingest(
                db.pointer(),
                pointer_of(family.as_ref()),
                pointers.len(),
                pointers.as_ptr(),
                options.pointer(),
                status,
            );
        })?;
        Ok(())
    })
}
