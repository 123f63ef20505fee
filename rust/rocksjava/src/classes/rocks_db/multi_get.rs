//! Natives of `org.rocksdb.RocksDB` that read many keys at once.
// #[HotPath]

use jni::objects::{JByteArray, JByteBuffer, JClass, JIntArray, JLongArray, JObject, JObjectArray};
use jni::sys::{jint, jlong, jobject, jobjectArray, jsize};
use jni::EnvUnowned;
use venice_engine::handles::Kind;
use venice_engine::{ColumnFamilyHandle, Db, RawSlice, Status};

use super::{database, required_family};
use crate::jvm::byte_array;
use crate::jvm::entry::hot_entry;
use crate::jvm::env::{Jvm, Reference};
use crate::jvm::failure::Failure;
use crate::jvm::status;
use crate::objects::ffi::{self, ReadOptions};
use crate::objects::handle::{pointer_of, Object};
use crate::objects::pinned::PinnedValues;

/// `static native byte[][] multiGet(long dbHandle, byte[][] keys, int[] keyOffsets, int[]
/// keyLengths)`: null for a key that is not there, and also for one that cannot be read.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_RocksDB_multiGet__J_3_3B_3I_3I<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    db: jlong,
    keys: JObjectArray<'local, JByteArray<'local>>,
    offsets: JIntArray<'local>,
    lengths: JIntArray<'local>,
) -> jobjectArray {
    hot_entry(env, |jvm| {
        let keys = keys_of_arrays(jvm, keys.as_raw(), offsets.as_raw(), lengths.as_raw())?;
        let db = database(db)?;
        let slices = keys.slices();
        let values = read(&db, None, &[], &slices);
        let results = byte_array::new_array(jvm, slices.len())?;
        for (index, value) in values.iter().enumerate() {
            if let Ok(value) = value {
                let array = jvm.new_array(value)?;
                jvm.set_element(results.0, index as jsize, &array)?;
                jvm.release(array.0);
            }
        }
        Ok(results)
    })
    .0
}

/// `static native void multiGet(long dbHandle, long rOptHandle, long[] columnFamilyHandles,
/// ByteBuffer[] keysArray, int[] keyOffsets, int[] keyLengths, ByteBuffer[] valuesArray, int[]
/// valuesSizeArray, Status[] statusArray)`: direct buffers. For each key its status, the value's
/// whole size, and as much of the value as fits.
///
/// Java passes a key buffer's limit as the length, beside the position as the offset; upstream then
/// reads beyond the limit, and where that is beyond the buffer too, whatever is there. Here a key
/// ends with its buffer.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_RocksDB_multiGet__JJ_3J_3Ljava_nio_ByteBuffer_2_3I_3I_3Ljava_nio_ByteBuffer_2_3I_3Lorg_rocksdb_Status_2<
    'local,
>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    db: jlong,
    options: jlong,
    families: JLongArray<'local>,
    keys: JObjectArray<'local, JByteBuffer<'local>>,
    offsets: JIntArray<'local>,
    lengths: JIntArray<'local>,
    values: JObjectArray<'local, JByteBuffer<'local>>,
    sizes: JIntArray<'local>,
    statuses: JObjectArray<'local, JObject<'local>>,
) {
    hot_entry(env, |jvm| {
        let keys = keys_of_buffers(jvm, keys.as_raw(), offsets.as_raw(), lengths.as_raw())?;
        let db = database(db)?;
        let options = Object::new(Kind::ReadOptions, options)?;
        let families = Families::of(jvm, &db, families.as_raw())?;
        let found = read(&db, Some(&options), &families.pointers, &keys);
        fill(
            jvm,
            &found,
            values.as_raw(),
            sizes.as_raw(),
            statuses.as_raw(),
        )
    })
}

fn read(
    db: &Object<Db>,
    options: Option<&Object<ReadOptions>>,
    families: &[*mut ColumnFamilyHandle],
    keys: &[RawSlice],
) -> PinnedValues {
    PinnedValues::read(keys.len(), |values, statuses| {
        // SAFETY: rules 1, 3 and 5; there is one column family for each key, or one, or none.
        unsafe {
            ffi::venice_multi_get_with(
                db.pointer(),
                pointer_of(options),
                families.len(),
                families.as_ptr(),
                keys.len(),
                keys.as_ptr(),
                values,
                statuses,
            )
        }
    })
}

/// Keys copied out of arrays, one after the other.
struct Keys {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Keys {
    fn slices(&self) -> Vec<RawSlice> {
        let mut start = 0;
        let slice = |&end: &usize| {
            let key = RawSlice::new(&self.bytes[start..end]);
            start = end;
            key
        };
        self.ends.iter().map(slice).collect()
    }
}

fn keys_of_arrays(
    jvm: Jvm<'_>,
    keys: jobjectArray,
    offsets: jobject,
    lengths: jobject,
) -> Result<Keys, Failure> {
    let count = jvm.length(keys)? as usize;
    let offsets = jvm.ints(offsets, count)?;
    let lengths = jvm.ints(lengths, count)?;
    let total = lengths.iter().map(|&length| length.max(0) as usize).sum();
    let mut bytes = Vec::with_capacity(total);
    let mut ends = Vec::with_capacity(count);
    for (index, (offset, length)) in offsets.into_iter().zip(lengths).enumerate() {
        let key = jvm.element(keys, index as jsize)?;
        jvm.append(key, offset, length, &mut bytes)?;
        jvm.release(key);
        ends.push(bytes.len());
    }
    Ok(Keys { bytes, ends })
}

fn keys_of_buffers(
    jvm: Jvm<'_>,
    keys: jobjectArray,
    offsets: jobject,
    lengths: jobject,
) -> Result<Vec<RawSlice>, Failure> {
    let count = jvm.length(keys)? as usize;
    let offsets = jvm.ints(offsets, count)?;
    let lengths = jvm.ints(lengths, count)?;
    let mut slices = Vec::with_capacity(count);
    for (index, (offset, length)) in offsets.into_iter().zip(lengths).enumerate() {
        let key = jvm.element(keys, index as jsize)?;
        let (address, capacity) = jvm.direct(key).ok_or_else(|| {
            let text = "Invalid key(s) argument (argument is not a valid direct ByteBuffer)";
            Failure::message(text)
        })?;
        jvm.release(key);
        let start = usize::try_from(offset).unwrap_or(0).min(capacity);
        let length = usize::try_from(length).unwrap_or(0).min(capacity - start);
        // SAFETY: within the buffer, which Java's array keeps until the native returns.
        let bytes = unsafe { std::slice::from_raw_parts(address.add(start), length) };
        slices.push(RawSlice::new(bytes));
    }
    Ok(slices)
}

/// The column families of a multi-get: one for all keys, one for each, or none for the default.
struct Families {
    pointers: Vec<*mut ColumnFamilyHandle>,
    /// Each only once, however many keys it has.
    _used: Vec<Object<ColumnFamilyHandle>>,
}

impl Families {
    fn of(jvm: Jvm<'_>, db: &Object<Db>, handles: jobject) -> Result<Families, Failure> {
        let handles = if handles.is_null() {
            Vec::new()
        } else {
            jvm.longs(handles)?
        };
        let mut used: Vec<Object<ColumnFamilyHandle>> = Vec::new();
        let mut pointers = Vec::with_capacity(handles.len());
        for handle in handles {
            let pointer = handle as usize as *mut ColumnFamilyHandle;
            if !used.iter().any(|family| family.pointer() == pointer) {
                used.push(required_family(db, handle)?);
            }
            pointers.push(pointer);
        }
        Ok(Families {
            pointers,
            _used: used,
        })
    }
}

/// `MultiGetJNIValues::fillByteBuffersAndStatusObjects` of upstream's `jni_multiget_helpers.cc`.
fn fill(
    jvm: Jvm<'_>,
    found: &PinnedValues,
    values: jobjectArray,
    sizes: jobject,
    statuses: jobjectArray,
) -> Result<(), Failure> {
    let mut value_sizes: Vec<jint> = Vec::with_capacity(found.len());
    // A status never changes, so that of all values, and that of all misses, is one object.
    let ok = status::new(jvm, &Ok(()))?;
    let mut not_found: Option<Reference> = None;
    for (index, value) in found.iter().enumerate() {
        let index = index as jsize;
        let value = match value {
            Ok(value) => value,
            Err(failure) if failure.code == Status::NOT_FOUND && failure.state.is_none() => {
                let status = match &mut not_found {
                    Some(status) => status,
                    none => none.insert(status::new(jvm, &Err(failure))?),
                };
                jvm.set_element(statuses, index, status)?;
                value_sizes.push(0);
                continue;
            }
            Err(failure) => {
                let status = status::new(jvm, &Err(failure))?;
                jvm.set_element(statuses, index, &status)?;
                jvm.release(status.0);
                value_sizes.push(0);
                continue;
            }
        };
        jvm.set_element(statuses, index, &ok)?;
        let buffer = jvm.element(values, index)?;
        let (address, capacity) = jvm.direct(buffer).ok_or_else(|| {
            let text = "Invalid value(s) argument (argument is not a valid direct ByteBuffer)";
            Failure::message(text)
        })?;
        jvm.release(buffer);
        match jint::try_from(value.len()) {
            Ok(size) => value_sizes.push(size),
            Err(_) => {
                let failure = Status::new(Status::INCOMPLETE, "result too large to represent");
                let status = status::new(jvm, &Err(&failure))?;
                jvm.set_element(statuses, index, &status)?;
                jvm.release(status.0);
                value_sizes.push(-1);
            }
        }
        let fits = value.len().min(capacity);
        // SAFETY: the buffer has room for as many bytes, and Java's array keeps it until the native
        // returns.
        unsafe { std::ptr::copy_nonoverlapping(value.as_ptr(), address, fits) };
    }
    jvm.set_ints(sizes, &value_sizes)
}
