//! Natives of `org.rocksdb.RocksDB`: those that open, close and describe databases are here, the
//! others in the modules below.

pub mod column_families;
pub mod maintenance;
pub mod multi_get;
pub mod point;

use std::ffi::CString;

use jni::objects::{JByteArray, JClass, JLongArray, JObjectArray, JString};
use jni::sys::{jboolean, jint, jlong, jlongArray, jobject, jobjectArray};
use jni::{Env, EnvUnowned};
use venice_engine::handles::{self, callback, Kind};
use venice_engine::{
    Access, ColumnFamily, ColumnFamilyHandle, ColumnFamilyOptions, Db, LongCall, Opened, Options,
    Registry, Status,
};

use crate::classes::column_family_meta_data;
use crate::classes::live_file_meta_data;
use crate::jvm::byte_array;
use crate::jvm::entry::{entry, entry_unchecked, hot_entry, hot_entry_unchecked};
use crate::jvm::failure::Failure;
use crate::objects::ffi;
use crate::objects::file_metadata;
use crate::objects::handle::Object;

/// `static native long open(long optionsHandle, String path)`: opens with the default column
/// family; returns the `rocksdb::DB*`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_RocksDB_open__JLjava_lang_String_2<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    options: jlong,
    path: JString<'local>,
) -> jlong {
    entry(env, |env| open(env, options, &path, Access::ReadWrite))
}

/// `static native long openROnly(long optionsHandle, String path, boolean errorIfWalFileExists)`:
/// as `open`, read-only.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_RocksDB_openROnly__JLjava_lang_String_2Z<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    options: jlong,
    path: JString<'local>,
    error_if_wal_file_exists: jboolean,
) -> jlong {
    let access = Access::ReadOnly {
        error_if_wal_file_exists,
    };
    entry(env, |env| open(env, options, &path, access))
}

/// `static native long[] open(long optionsHandle, String path, byte[][] columnFamilyNames, long[]
/// columnFamilyOptions)`: opens with column families; returns the `rocksdb::DB*`, then a
/// `rocksdb::ColumnFamilyHandle*` for each name.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_RocksDB_open__JLjava_lang_String_2_3_3B_3J<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    options: jlong,
    path: JString<'local>,
    names: JObjectArray<'local, JByteArray<'local>>,
    family_options: JLongArray<'local>,
) -> jlongArray {
    entry(env, |env| {
        open_column_families(
            env,
            options,
            &path,
            &names,
            &family_options,
            Access::ReadWrite,
        )
    })
    .into_raw()
}

/// `static native long[] openROnly(long optionsHandle, String path, byte[][] columnFamilyNames,
/// long[] columnFamilyOptions, boolean errorIfWalFileExists)`: as `open`, read-only.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_RocksDB_openROnly__JLjava_lang_String_2_3_3B_3JZ<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    options: jlong,
    path: JString<'local>,
    names: JObjectArray<'local, JByteArray<'local>>,
    family_options: JLongArray<'local>,
    error_if_wal_file_exists: jboolean,
) -> jlongArray {
    let access = Access::ReadOnly {
        error_if_wal_file_exists,
    };
    entry(env, |env| {
        open_column_families(env, options, &path, &names, &family_options, access)
    })
    .into_raw()
}

/// `static native void closeDatabase(long handle)`: waits for reads of the server in this process,
/// then `DB::Close`. Also for databases that upstream's natives opened (TtlDB, TransactionDB,
/// secondary), which nobody reads here.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_RocksDB_closeDatabase<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
) {
    entry(env, |_| {
        let db = given_up(handle)?;
        // SAFETY: rule 1, and Java gives it up.
        Ok(unsafe { Registry::global().close(db) }?)
    })
}

/// `static native void disposeInternalJni(long handle)`: deletes the `rocksdb::DB`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_RocksDB_disposeInternalJni<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
) {
    entry_unchecked(env, |_| {
        let db = given_up(handle)?;
        // SAFETY: rule 1, and Java gives it up.
        unsafe { Registry::global().dispose(db) };
        Ok(())
    })
}

/// `static native void destroyDB(String path, long optionsHandle)`: deletes a closed database's
/// files.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_RocksDB_destroyDB<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    path: JString<'local>,
    options: jlong,
) {
    entry(env, |env| {
        let path = path_of(env, &path)?;
        if options == 0 {
            // Upstream throws this, and then follows the null.
            return Err(Status::new(Status::INVALID_ARGUMENT, "Invalid Options.").into());
        }
        let options = Object::new(Kind::Options, options)?;
        // SAFETY: rule 1.
        Ok(unsafe { Registry::global().destroy_db(&path, options.pointer()) }?)
    })
}

/// `static native byte[][] listColumnFamilies(long optionsHandle, String path)`: none if they cannot
/// be read; the status is dropped, as by upstream.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_RocksDB_listColumnFamilies<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    options: jlong,
    path: JString<'local>,
) -> jobjectArray {
    hot_entry(env, |jvm| {
        let path = jvm.with_env(|env| path_of(env, &path))?;
        let options: Object<Options> = Object::new(Kind::Options, options)?;
        let mut names: Vec<Box<[u8]>> = Vec::new();
        // SAFETY: rules 1 and 3; the vector is what add_name takes.
        unsafe {
            ffi::venice_list_column_families(
                options.pointer(),
                path.as_ptr(),
                file_metadata::add_name,
                (&raw mut names).cast(),
            );
        }
        let array = byte_array::new_array(jvm, names.len())?;
        for (index, name) in names.iter().enumerate() {
            let name = jvm.new_array(name)?;
            jvm.set_element(array.0, index as jint, &name)?;
            jvm.release(name.0);
        }
        Ok(array)
    })
    .0
}

/// `static native LiveFileMetaData[] getLiveFilesMetaData(long handle)`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_RocksDB_getLiveFilesMetaData<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    db: jlong,
) -> jobjectArray {
    hot_entry_unchecked(env, |jvm| live_file_meta_data::of(jvm, &database(db)?)).0
}

/// `static native ColumnFamilyMetaData getColumnFamilyMetaData(long nativeHandle, long cfHandle)`:
/// the handle 0 is the default column family.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_RocksDB_getColumnFamilyMetaData<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    db: jlong,
    family: jlong,
) -> jobject {
    hot_entry_unchecked(env, |jvm| {
        let db = database(db)?;
        let family = family_or_default(&db, family)?;
        column_family_meta_data::of(jvm, &db, family.as_ref())
    })
    .0
}

/// `static native int version()`: major, minor and patch in a byte each.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_RocksDB_version<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
) -> jint {
    // SAFETY: no conditions.
    hot_entry_unchecked(env, |_| Ok(unsafe { ffi::venice_version() }))
}

/// A database in use.
#[inline]
pub(crate) fn database(handle: jlong) -> Result<Object<Db>, Failure> {
    Object::new(Kind::RocksDb, handle)
}

/// A database in use by a call that may last as long as a compaction. A close cancels that.
pub(crate) struct LongUse {
    pointer: *mut Db,
    /// One of the two: who is not known to the registry is closed as upstream does it, and a callback
    /// is let in during a close.
    _call: Option<LongCall>,
    _object: Option<Object<Db>>,
}

impl LongUse {
    /// Of a database in use, for the rest of the call.
    pub(crate) fn of(db: Object<Db>) -> Result<LongUse, Failure> {
        let pointer = db.pointer();
        let (call, object) = match Registry::global().long_call(pointer) {
            None => (None, Some(db)),
            // A close waits for RocksDB's callbacks as it does for long calls.
            Some(None) if callback::is_inside() => (None, Some(db)),
            Some(None) => return Err(Failure::closed(Kind::RocksDb)),
            Some(call) => (call, None),
        };
        Ok(LongUse {
            pointer,
            _call: call,
            _object: object,
        })
    }

    /// Valid for as long as this is.
    pub(crate) fn pointer(&self) -> *mut Db {
        self.pointer
    }
}

/// A column family in use; the handle 0 is none, for the default.
#[inline]
fn family_or_default(
    db: &Object<Db>,
    handle: jlong,
) -> Result<Option<Object<ColumnFamilyHandle>>, Failure> {
    if handle == 0 {
        return Ok(None);
    }
    required_family(db, handle).map(Some)
}

/// A column family in use. Upstream refuses the handle 0 in the same words.
#[inline]
fn required_family(db: &Object<Db>, handle: jlong) -> Result<Object<ColumnFamilyHandle>, Failure> {
    if handle == 0 {
        let status = Status::new(Status::INVALID_ARGUMENT, "Invalid ColumnFamilyHandle.");
        return Err(status.into());
    }
    let family = Object::new(Kind::ColumnFamilyHandle, handle)?;
    let owner = family.parent();
    let handle = db.pointer() as usize;
    if owner != 0 && owner != handle as jlong && owner != handles::database_of(handle) as jlong {
        return Err(Failure::of_another_database(
            Kind::ColumnFamilyHandle.class(),
        ));
    }
    Ok(family)
}

fn open(
    env: &Env<'_>,
    options: jlong,
    path: &JString<'_>,
    access: Access,
) -> Result<jlong, Failure> {
    let path = path_of(env, path)?;
    let options = Object::new(Kind::Options, options)?;
    // SAFETY: rule 1.
    let db = unsafe { Registry::global().open(options.pointer(), &path, access) }?;
    Ok(db as jlong)
}

fn open_column_families<'local>(
    env: &mut Env<'local>,
    options: jlong,
    path: &JString<'_>,
    names: &JObjectArray<'_, JByteArray<'_>>,
    family_options: &JLongArray<'_>,
    access: Access,
) -> Result<JLongArray<'local>, Failure> {
    let path = path_of(env, path)?;
    let options = Object::new(Kind::DbOptions, options)?;
    let mut handles = vec![0; names.len(env)?];
    let given = family_options.len(env)?;
    if given < handles.len() {
        // Upstream reads beyond the array.
        let wanted = handles.len();
        let text = format!("{wanted} column families need as many options, there are {given}");
        return Err(Status::new(Status::INVALID_ARGUMENT, text).into());
    }
    family_options.get_region(env, 0, &mut handles)?;
    let mut name_bytes = Vec::with_capacity(handles.len());
    for index in 0..handles.len() {
        let name = names.get_element(env, index)?;
        name_bytes.push(env.convert_byte_array(&name)?);
        env.delete_local_ref(name);
    }
    let family_options: Vec<Object<ColumnFamilyOptions>> = handles
        .iter()
        .map(|&handle| Object::new(Kind::ColumnFamilyOptions, handle))
        .collect::<Result<_, _>>()?;
    let families: Vec<ColumnFamily<'_>> = name_bytes
        .iter()
        .zip(&family_options)
        .map(|(name, options)| ColumnFamily {
            name,
            options: options.pointer(),
        })
        .collect();
    let options = options.pointer();
    // SAFETY: rule 1.
    let opened =
        unsafe { Registry::global().open_column_families(options, &path, &families, access) }?;
    to_java(env, &opened).inspect_err(|_| {
        // Java will not know the handles, so nobody else will ever close this.
        // SAFETY: opened just now, and given up here.
        unsafe {
            for &handle in &opened.column_families {
                Registry::global().dispose_column_family(handle);
            }
            Registry::global().dispose(opened.db);
        }
    })
}

fn to_java<'local>(env: &mut Env<'local>, opened: &Opened) -> Result<JLongArray<'local>, Failure> {
    let handles = opened.column_families.iter().map(|&handle| handle as jlong);
    let handles: Vec<jlong> = std::iter::once(opened.db as jlong).chain(handles).collect();
    let array = env.new_long_array(handles.len())?;
    array.set_region(env, 0, &handles)?;
    Ok(array)
}

/// A database that Java closes.
fn given_up(handle: jlong) -> Result<*mut Db, Failure> {
    match handle as usize as *mut Db {
        db if db.is_null() => Err(Failure::null(Kind::RocksDb.class())),
        db => Ok(db),
    }
}

/// The path in the encoding that Java gives C (modified UTF-8), as upstream passes it on.
pub(crate) fn path_of(env: &Env<'_>, path: &JString<'_>) -> Result<CString, Failure> {
    if path.is_null() {
        return Err(Failure::null("String"));
    }
    let path = path.mutf8_chars(env)?;
    Ok(path.as_cstr().to_owned())
}
