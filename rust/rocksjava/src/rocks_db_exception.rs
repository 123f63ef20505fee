//! `org.rocksdb.RocksDBException`, made of an `org.rocksdb.Status`.
//!
//! As `RocksDBExceptionJni::ThrowNew` and `StatusJni::construct` of upstream's `portal.h`: Venice
//! decides by code, subcode and text.

use std::ffi::CString;
use std::sync::OnceLock;

use jni::ids::JMethodID;
use jni::objects::{JClass, JObject, JString, JThrowable};
use jni::refs::Global;
use jni::strings::{JNIStr, JNIString};
use jni::sys::jvalue;
use jni::{jni_sig, jni_str, Env};
use venice_engine::Status;

/// Classes and constructors, looked up once, when the library is loaded.
///
/// The references keep the classes, and so their class loader, and so this library: its code stays
/// where it is for as long as threads of a read server may run in it.
struct Classes {
    status: Global<JClass<'static>>,
    new_status: JMethodID,
    exception: Global<JClass<'static>>,
    new_exception: JMethodID,
}

static CLASSES: OnceLock<Classes> = OnceLock::new();

impl Classes {
    fn find(env: &mut Env<'_>) -> jni::errors::Result<Classes> {
        let status = env.find_class(jni_str!("org/rocksdb/Status"))?;
        let new_status = env.get_method_id(
            &status,
            jni_str!("<init>"),
            jni_sig!("(BBLjava/lang/String;)V"),
        )?;
        let exception = env.find_class(jni_str!("org/rocksdb/RocksDBException"))?;
        let new_exception = env.get_method_id(
            &exception,
            jni_str!("<init>"),
            jni_sig!("(Lorg/rocksdb/Status;)V"),
        )?;
        Ok(Classes {
            status: env.new_global_ref(status)?,
            new_status,
            exception: env.new_global_ref(exception)?,
            new_exception,
        })
    }
}

/// Looks the classes up. The calling frame's class loader must know `org.rocksdb`: that is so in
/// `JNI_OnLoad`, when RocksJava loads this library, and in its natives.
pub(crate) fn find_classes(env: &mut Env<'_>) -> jni::errors::Result<()> {
    if CLASSES.get().is_none() {
        let found = Classes::find(env)?;
        // Another thread may have been faster; its find is as good.
        let _ = CLASSES.set(found);
    }
    Ok(())
}

/// Throws the exception for `status`. If that fails, the exception of that failure is pending
/// instead, for example `IllegalArgumentException` for a code that Java's enum lacks, as upstream.
pub(crate) fn throw(env: &mut Env<'_>, status: &Status) {
    // "Fails" with the exception that is now pending.
    if let Err(error) = try_throw(env, status) {
        if !env.exception_check() {
            let text = JNIString::from(format!("{status} (and no RocksDBException: {error})"));
            drop(env.throw_new(jni_str!("java/lang/RuntimeException"), text));
        }
    }
}

fn try_throw(env: &mut Env<'_>, status: &Status) -> jni::errors::Result<()> {
    find_classes(env)?;
    let classes = CLASSES
        .get()
        .ok_or(jni::errors::Error::NullPtr("classes of org.rocksdb"))?;
    let state = match &status.state {
        None => JString::null(),
        Some(state) => {
            // RocksDB's bytes as they are: a path in them is in Java's own encoding, as it came
            // from there.
            let state = CString::new(state.as_ref()).unwrap_or_default();
            // SAFETY: NUL-terminated, and only looked at during the call. The JVM takes any bytes,
            // as upstream gives.
            let state = unsafe { JNIStr::from_ptr(state.as_ptr()) };
            JString::from_jni_str(env, state)?
        }
    };
    let arguments = [
        jvalue {
            b: java_code(status.code),
        },
        jvalue {
            b: java_subcode(status.subcode),
        },
        jvalue { l: state.as_raw() },
    ];
    // SAFETY: the constructor is of that class and has these argument types.
    let java_status =
        unsafe { env.new_object_unchecked(&classes.status, classes.new_status, &arguments) }?;
    let arguments = [jvalue {
        l: java_status.as_raw(),
    }];
    // SAFETY: as above.
    let exception: JObject<'_> =
        unsafe { env.new_object_unchecked(&classes.exception, classes.new_exception, &arguments) }?;
    let exception = env.cast_local::<JThrowable<'_>>(exception)?;
    env.throw(exception)
}

/// `StatusJni::toJavaStatusCode`.
fn java_code(code: u8) -> i8 {
    match code {
        0..=13 => code as i8,
        15 => 0xE, // ColumnFamilyDropped, which Java's enum lacks
        _ => 0x7F, // Undefined; also CompactionTooLarge, 14
    }
}

/// `StatusJni::toJavaStatusSubCode`.
fn java_subcode(subcode: u8) -> i8 {
    match subcode {
        0..=7 => subcode as i8,
        _ => 0x7F, // Undefined
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_upstream() {
        assert_eq!(
            (0..=16).map(java_code).collect::<Vec<_>>(),
            [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 0x7F, 0xE, 0x7F]
        );
        assert_eq!(java_code(255), 0x7F);
    }

    #[test]
    fn subcodes_are_those_of_upstream() {
        assert_eq!(
            (0..=9).map(java_subcode).collect::<Vec<_>>(),
            [0, 1, 2, 3, 4, 5, 6, 7, 0x7F, 0x7F]
        );
    }
}
