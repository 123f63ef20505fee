//! `org.rocksdb.RocksDBException`, made of an `org.rocksdb.Status`.
//!
//! As `RocksDBExceptionJni::ThrowNew` of upstream's `portal.h`: Venice decides by code, subcode and
//! text.

use jni::strings::JNIString;
use jni::sys::jvalue;
use jni::{jni_str, Env};
use venice_engine::Status;

use crate::jvm::class::Class;
use crate::jvm::env::{call, Jvm};
use crate::jvm::failure::Failure;
use crate::jvm::status;

pub(crate) static CLASS: Class =
    Class::new(c"org/rocksdb/RocksDBException", c"(Lorg/rocksdb/Status;)V");

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
    // SAFETY: rule 2, the environment is the calling thread's.
    let jvm = unsafe { Jvm::new(env.get_raw()) };
    let java_status = status::new(jvm, &Err(status))?;
    let arguments = [jvalue { l: java_status.0 }];
    // SAFETY: the constructor has this argument type.
    let exception = unsafe { CLASS.new_object(jvm, &arguments) }?;
    jvm.release(java_status.0);
    call!(jvm, Throw, exception.0);
    Ok(())
}
