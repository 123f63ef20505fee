//! `org.rocksdb.ColumnFamilyMetaData` with its levels and files, as `ColumnFamilyMetaDataJni`,
//! `LevelMetaDataJni` and `SstFileMetaDataJni` of upstream's `portal.h` make them.

use std::ffi::c_void;

use jni::objects::JClass;
use jni::strings::JNIStr;
use jni::sys::{jmethodID, jvalue};
use jni::{jni_sig, jni_str};
use venice_engine::{ColumnFamilyHandle, Db, RawSlice};

use crate::jvm::env::{Jvm, Reference};
use crate::jvm::failure::Failure;
use crate::objects::ffi::{self, RawFile};
use crate::objects::file_metadata::{int, number, File};
use crate::objects::handle::{pointer_of, Object};
use crate::objects::pinned::{done, owned};

#[derive(Default)]
struct Family {
    name: Box<[u8]>,
    levels: Vec<Level>,
}

struct Level {
    level: i32,
    size: u64,
    files: Vec<File>,
}

unsafe extern "C" fn set_name(context: *mut c_void, name: RawSlice) {
    // SAFETY: a Family, lent in `of`, and bytes that C++ shows now.
    unsafe { (*context.cast::<Family>()).name = owned(name) };
}

unsafe extern "C" fn add_level(context: *mut c_void, level: i32, size: u64) {
    // SAFETY: a Family, lent in `of`.
    let family = unsafe { &mut *context.cast::<Family>() };
    family.levels.push(Level {
        level,
        size,
        files: Vec::new(),
    });
}

unsafe extern "C" fn add_file(context: *mut c_void, file: *const RawFile) {
    // SAFETY: a Family, lent in `of`, and a file that C++ shows now.
    let (family, file) = unsafe { (&mut *context.cast::<Family>(), File::taken(&*file)) };
    if let Some(level) = family.levels.last_mut() {
        level.files.push(file);
    }
}

/// A class of which objects are made, and its constructor.
struct Made<'local> {
    class: JClass<'local>,
    new: jmethodID,
}

impl<'local> Made<'local> {
    fn find(
        jvm: Jvm<'local>,
        name: &JNIStr,
        signature: impl AsRef<jni::signature::MethodSignature<'static, 'static>>,
    ) -> Result<Self, Failure> {
        jvm.with_env(|env| {
            let class = env.find_class(name)?;
            let new = env.get_method_id(&class, jni_str!("<init>"), signature)?;
            Ok(Made {
                class,
                new: new.into_raw(),
            })
        })
    }

    /// # Safety
    /// The constructor takes these arguments.
    unsafe fn make(&self, jvm: Jvm<'_>, arguments: &[jvalue]) -> Result<Reference, Failure> {
        // SAFETY: guaranteed by the caller; the constructor is of that class.
        unsafe { jvm.new_object(self.class.as_raw(), self.new, arguments) }
    }
}

/// The metadata of a column family, `default` if there is none given.
pub(crate) fn of(
    jvm: Jvm<'_>,
    db: &Object<Db>,
    family: Option<&Object<ColumnFamilyHandle>>,
) -> Result<Reference, Failure> {
    let mut metadata = Family::default();
    let (mut size, mut file_count) = (0, 0);
    // SAFETY: rules 1, 3 and 5.
    done(unsafe {
        ffi::venice_column_family_files(
            db.pointer(),
            pointer_of(family),
            &mut size,
            &mut file_count,
            set_name,
            add_level,
            add_file,
            (&raw mut metadata).cast(),
        )
    })?;
    let file_class = Made::find(
        jvm,
        jni_str!("org/rocksdb/SstFileMetaData"),
        jni_sig!("(Ljava/lang/String;Ljava/lang/String;JJJ[B[BJZJJ[B)V"),
    )?;
    let level_class = Made::find(
        jvm,
        jni_str!("org/rocksdb/LevelMetaData"),
        jni_sig!("(IJ[Lorg/rocksdb/SstFileMetaData;)V"),
    )?;
    let family_class = Made::find(
        jvm,
        jni_str!("org/rocksdb/ColumnFamilyMetaData"),
        jni_sig!("(JJ[B[Lorg/rocksdb/LevelMetaData;)V"),
    )?;
    let levels = jvm.new_objects(level_class.class.as_raw(), metadata.levels.len())?;
    for (index, level) in metadata.levels.iter().enumerate() {
        let files = jvm.new_objects(file_class.class.as_raw(), level.files.len())?;
        for (index, file) in level.files.iter().enumerate() {
            let arguments = file.arguments(jvm)?;
            // SAFETY: those of SstFileMetaData's constructor.
            let object = unsafe { file_class.make(jvm, &arguments.values) }?;
            jvm.set_element(files.0, index as i32, &object)?;
            arguments.release(jvm);
            jvm.release(object.0);
        }
        let arguments = [int(level.level), number(level.size), jvalue { l: files.0 }];
        // SAFETY: those of LevelMetaData's constructor.
        let object = unsafe { level_class.make(jvm, &arguments) }?;
        jvm.set_element(levels.0, index as i32, &object)?;
        jvm.release(files.0);
        jvm.release(object.0);
    }
    let name = jvm.new_array(&metadata.name)?;
    let arguments = [
        number(size),
        number(file_count),
        jvalue { l: name.0 },
        jvalue { l: levels.0 },
    ];
    // SAFETY: those of ColumnFamilyMetaData's constructor.
    unsafe { family_class.make(jvm, &arguments) }
}
