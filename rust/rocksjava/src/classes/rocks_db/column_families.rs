//! Natives of `org.rocksdb.RocksDB` that make column family handles.
//!
//! Venice gets its handles from `open`; these are ours so that every handle of a database is known.

use jni::objects::{JByteArray, JClass, JLongArray, JObjectArray};
use jni::sys::{jint, jlong, jlongArray};
use jni::{Env, EnvUnowned};
use venice_engine::handles::Kind;
use venice_engine::{ColumnFamilyHandle, ColumnFamilyOptions, Db, RawSlice, Registry, Status};

use super::database;
use crate::jvm::entry::{entry, entry_unchecked};
use crate::jvm::failure::Failure;
use crate::objects::ffi;
use crate::objects::handle::Object;

/// `static native long createColumnFamily(long handle, byte[] columnFamilyName, int
/// columnFamilyNamelen, long columnFamilyOptions)`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_RocksDB_createColumnFamily<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    db: jlong,
    name: JByteArray<'local>,
    length: jint,
    options: jlong,
) -> jlong {
    entry(env, |env| {
        let mut name = env.convert_byte_array(&name)?;
        name.truncate(usize::try_from(length).unwrap_or(0));
        let made = create(&database(db)?, &[name], &[options])?;
        made.first()
            .map(|&handle| handle as jlong)
            .ok_or_else(|| Failure::out_of_memory(Kind::ColumnFamilyHandle.class()))
    })
}

/// `static native long[] createColumnFamilies(long handle, long columnFamilyOptionsHandle, byte[][]
/// columnFamilyNames)`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_RocksDB_createColumnFamilies__JJ_3_3B<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    db: jlong,
    options: jlong,
    names: JObjectArray<'local, JByteArray<'local>>,
) -> jlongArray {
    entry(env, |env| {
        let names = names_of(env, &names)?;
        let options = vec![options; names.len()];
        let made = create(&database(db)?, &names, &options)?;
        to_java(env, &made)
    })
    .into_raw()
}

/// `static native long[] createColumnFamilies(long handle, long[] columnFamilyOptionsHandles,
/// byte[][] columnFamilyNames)`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_RocksDB_createColumnFamilies__J_3J_3_3B<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    db: jlong,
    options: JLongArray<'local>,
    names: JObjectArray<'local, JByteArray<'local>>,
) -> jlongArray {
    entry(env, |env| {
        let mut handles = vec![0; options.len(env)?];
        options.get_region(env, 0, &mut handles)?;
        let names = names_of(env, &names)?;
        let made = create(&database(db)?, &names, &handles)?;
        to_java(env, &made)
    })
    .into_raw()
}

/// `static native long getDefaultColumnFamily(long handle)`: Java does not close it, so it is closed
/// with the database. RocksDB's own would leave its memory to others then.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_RocksDB_getDefaultColumnFamily<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    db: jlong,
) -> jlong {
    entry_unchecked(env, |_| {
        let db = database(db)?;
        if !Registry::global().knows(db.pointer()) {
            // SAFETY: rule 1.
            return Ok(unsafe { ffi::venice_default_column_family(db.pointer()) } as jlong);
        }
        // SAFETY: rule 1, and the registry's databases are DBImpl, or stand on one.
        let family = unsafe { ffi::venice_new_default_column_family(db.pointer()) };
        if family.is_null() {
            return Err(Failure::out_of_memory(Kind::ColumnFamilyHandle.class()));
        }
        // SAFETY: just made for this database.
        unsafe { Registry::global().adopt_column_family(db.pointer(), family) };
        Ok(family as jlong)
    })
}

fn names_of(
    env: &mut Env<'_>,
    names: &JObjectArray<'_, JByteArray<'_>>,
) -> Result<Vec<Vec<u8>>, Failure> {
    let mut bytes = Vec::new();
    for index in 0..names.len(env)? {
        let name = names.get_element(env, index)?;
        bytes.push(env.convert_byte_array(&name)?);
        env.delete_local_ref(name);
    }
    Ok(bytes)
}

/// Makes column families with the options beside them, and their handles those of the database.
fn create(
    db: &Object<Db>,
    names: &[Vec<u8>],
    options: &[jlong],
) -> Result<Vec<*mut ColumnFamilyHandle>, Failure> {
    if options.len() != names.len() {
        let (names, options) = (names.len(), options.len());
        let text = format!("{names} column families need as many options, there are {options}");
        return Err(Status::new(Status::INVALID_ARGUMENT, text).into());
    }
    let options: Vec<Object<ColumnFamilyOptions>> = options
        .iter()
        .map(|&handle| Object::new(Kind::ColumnFamilyOptions, handle))
        .collect::<Result<_, _>>()?;
    let pointers: Vec<*const ColumnFamilyOptions> = options
        .iter()
        .map(|options| options.pointer().cast_const())
        .collect();
    let slices: Vec<RawSlice> = names.iter().map(|name| RawSlice::new(name)).collect();
    let mut made = vec![std::ptr::null_mut(); names.len()];
    // SAFETY: rules 1, 3 and 5; the three arrays are of one length.
    Status::from_call(|status| unsafe {
        ffi::venice_create_column_families(
            db.pointer(),
            slices.len(),
            slices.as_ptr(),
            pointers.as_ptr(),
            made.as_mut_ptr(),
            status,
        );
    })?;
    for &handle in &made {
        // SAFETY: just made for this database.
        unsafe { Registry::global().adopt_column_family(db.pointer(), handle) };
    }
    Ok(made)
}

fn to_java<'local>(
    env: &mut Env<'local>,
    made: &[*mut ColumnFamilyHandle],
) -> Result<JLongArray<'local>, Failure> {
    let handles: Vec<jlong> = made.iter().map(|&handle| handle as jlong).collect();
    let array = env.new_long_array(handles.len())?;
    array.set_region(env, 0, &handles)?;
    Ok(array)
}
