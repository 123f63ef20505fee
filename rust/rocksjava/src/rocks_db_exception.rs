//! `org.rocksdb.RocksDBException`, made of an `org.rocksdb.Status`.
//!
//! As `RocksDBExceptionJni::ThrowNew` of upstream's `portal.h`: Venice decides by code, subcode and
//! text.

use std::sync::OnceLock;

use jni::ids::JMethodID;
use jni::objects::{JClass, JObject, JThrowable};
use jni::refs::Global;
use jni::strings::JNIString;
use jni::sys::jvalue;
use jni::{jni_sig, jni_str, Env};
use venice_engine::Status;

use crate::entry::Failure;
use crate::jvm::Jvm;
use crate::status;

/// Class and constructor, looked up once, when the library is loaded.
///
/// The reference keeps the class, and so its class loader, and so this library: its code stays where
/// it is for as long as threads of a read server may run in it.
struct Class {
    class: Global<JClass<'static>>,
    new: JMethodID,
}

static CLASS: OnceLock<Class> = OnceLock::new();

/// Looks the class up, under the conditions of [`status::find_class`].
pub(crate) fn find_class(env: &mut Env<'_>) -> jni::errors::Result<()> {
    if CLASS.get().is_none() {
        let class = env.find_class(jni_str!("org/rocksdb/RocksDBException"))?;
        let new = env.get_method_id(
            &class,
            jni_str!("<init>"),
            jni_sig!("(Lorg/rocksdb/Status;)V"),
        )?;
        let class = env.new_global_ref(class)?;
        // Another thread may have been faster; its find is as good.
        let _ = CLASS.set(Class { class, new });
    }
    Ok(())
}

/// Throws the exception for `status`. If that fails, the exception of that failure is pending
/// instead, for example `IllegalArgumentException` for a code that Java's enum lacks, as upstream.
pub(crate) fn throw(env: &mut Env<'_>, status: &Status) {
    // "Fails" with the exception that is now pending.
    if let Err(failure) = try_throw(env, status) {
        if !env.exception_check() {
            let text = JNIString::from(format!("{status} (and no RocksDBException: {failure:?})"));
            drop(env.throw_new(jni_str!("java/lang/RuntimeException"), text));
        }
    }
}

fn try_throw(env: &mut Env<'_>, status: &Status) -> Result<(), Failure> {
    find_class(env)?;
    let class = CLASS
        .get()
        .ok_or_else(|| Failure::null("class org.rocksdb.RocksDBException"))?;
    // SAFETY: rule 2, the environment is the calling thread's.
    let jvm = unsafe { Jvm::new(env.get_raw()) };
    let java_status = status::new(jvm, &Err(status))?;
    let arguments = [jvalue { l: java_status.0 }];
    // SAFETY: the constructor is of that class and has these argument types.
    let exception: JObject<'_> =
        unsafe { env.new_object_unchecked(&class.class, class.new, &arguments) }?;
    let exception = env.cast_local::<JThrowable<'_>>(exception)?;
    Ok(env.throw(exception)?)
}
