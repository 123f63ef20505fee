//! `org.rocksdb.LiveFileMetaData`, as `LiveFileMetaDataJni` of upstream's `portal.h` makes it.

use std::ffi::c_void;

use jni::sys::jvalue;
use jni::{jni_sig, jni_str};
use venice_engine::Db;

use crate::jvm::env::{Jvm, Reference};
use crate::jvm::failure::Failure;
use crate::objects::ffi::{self, RawFile};
use crate::objects::file_metadata::{int, File};
use crate::objects::handle::Object;
use crate::objects::pinned::done;

/// The live files of a database, as a `LiveFileMetaData[]`.
pub(crate) fn of(jvm: Jvm<'_>, db: &Object<Db>) -> Result<Reference, Failure> {
    unsafe extern "C" fn add(context: *mut c_void, file: *const RawFile) {
        // SAFETY: the vector below, and a file that C++ shows now.
        unsafe { (*context.cast::<Vec<File>>()).push(File::taken(&*file)) };
    }
    let mut files: Vec<File> = Vec::new();
    // SAFETY: rules 1 and 3.
    done(unsafe { ffi::venice_live_files(db.pointer(), add, (&raw mut files).cast()) })?;
    let (class, new) = jvm.with_env(|env| {
        let class = env.find_class(jni_str!("org/rocksdb/LiveFileMetaData"))?;
        let new = env.get_method_id(
            &class,
            jni_str!("<init>"),
            jni_sig!("([BILjava/lang/String;Ljava/lang/String;JJJ[B[BJZJJ[B)V"),
        )?;
        Ok((class, new))
    })?;
    let array = jvm.new_objects(class.as_raw(), files.len())?;
    for (index, file) in files.iter().enumerate() {
        let family = jvm.new_array(&file.column_family)?;
        let rest = file.arguments(jvm)?;
        let mut arguments = vec![jvalue { l: family.0 }, int(file.level)];
        arguments.extend_from_slice(&rest.values);
        // SAFETY: the constructor is of that class and has these argument types.
        let object = unsafe { jvm.new_object(class.as_raw(), new.into_raw(), &arguments) }?;
        jvm.set_element(array.0, index as i32, &object)?;
        rest.release(jvm);
        jvm.release(family.0);
        jvm.release(object.0);
    }
    Ok(array)
}
