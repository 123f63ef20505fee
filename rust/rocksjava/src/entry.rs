//! The one way into a native, and the ways out of it.

use std::any::Any;

use jni::errors::ErrorPolicy;
use jni::strings::{JNIStr, JNIString};
use jni::{jni_str, Env, EnvUnowned};
use venice_engine::Status;

use crate::rocks_db_exception;

/// Why a native has no result.
#[derive(Debug)]
pub(crate) enum Failure {
    /// RocksDB said no: a `RocksDBException`.
    Status(Status),
    /// JNI said no. A pending exception says more, and is kept.
    Jni(jni::errors::Error),
    /// An argument is null that upstream would follow.
    Null(&'static str),
}

impl From<Status> for Failure {
    fn from(status: Status) -> Failure {
        Failure::Status(status)
    }
}

impl From<jni::errors::Error> for Failure {
    fn from(error: jni::errors::Error) -> Failure {
        match error {
            jni::errors::Error::NullPtr(what) => Failure::Null(what),
            error => Failure::Jni(error),
        }
    }
}

/// Runs a native. A failure or a panic is thrown in Java when it returns, with the result's
/// default, which Java never sees; nothing unwinds into the JVM.
pub(crate) fn entry<'local, T: Default>(
    mut env: EnvUnowned<'local>,
    native: impl FnOnce(&mut Env<'local>) -> Result<T, Failure>,
) -> T {
    env.with_env(native).resolve::<Throw>()
}

/// Takes a handle for what it is, unless it is null.
pub(crate) fn pointer<T>(handle: jni::sys::jlong, what: &'static str) -> Result<*mut T, Failure> {
    match handle as usize as *mut T {
        pointer if pointer.is_null() => Err(Failure::Null(what)),
        pointer => Ok(pointer),
    }
}

struct Throw;

impl<T: Default> ErrorPolicy<T, Failure> for Throw {
    type Captures<'unowned_env_local: 'native_method, 'native_method> = ();

    fn on_error<'unowned_env_local: 'native_method, 'native_method>(
        env: &mut Env<'unowned_env_local>,
        (): &mut (),
        failure: Failure,
    ) -> jni::errors::Result<T> {
        if env.exception_check() {
            return Ok(T::default()); // what was thrown first is the cause
        }
        match failure {
            Failure::Status(status) => rocks_db_exception::throw(env, &status),
            Failure::Jni(error) => {
                throw(
                    env,
                    jni_str!("java/lang/RuntimeException"),
                    &error.to_string(),
                );
            }
            Failure::Null(what) => {
                throw(env, jni_str!("java/lang/NullPointerException"), what);
            }
        }
        Ok(T::default())
    }

    fn on_panic<'unowned_env_local: 'native_method, 'native_method>(
        env: &mut Env<'unowned_env_local>,
        (): &mut (),
        panic: Box<dyn Any + Send + 'static>,
    ) -> jni::errors::Result<T> {
        if !env.exception_check() {
            let text = format!("panic in a RocksDB native: {}", panic_text(&*panic));
            throw(env, jni_str!("java/lang/RuntimeException"), &text);
        }
        Ok(T::default())
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a text")
}

/// Throws. If even that fails, the exception of that failure is pending.
fn throw(env: &mut Env<'_>, class: &JNIStr, message: &str) {
    // "Fails" with the exception that is now pending.
    drop(env.throw_new(class, JNIString::from(message)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_null_handle_is_not_followed() {
        assert!(matches!(
            pointer::<u8>(0, "options"),
            Err(Failure::Null("options"))
        ));
        assert!(matches!(pointer::<u8>(16, "options"), Ok(pointer) if pointer as usize == 16));
        assert!(matches!(pointer::<u8>(-16, "options"), Ok(pointer) if pointer as isize == -16));
    }

    #[test]
    fn null_pointers_of_jni_are_null_arguments() {
        let error = jni::errors::Error::NullPtr("an array");
        assert!(matches!(Failure::from(error), Failure::Null("an array")));
        let error = jni::errors::Error::JavaException;
        assert!(matches!(Failure::from(error), Failure::Jni(_)));
    }

    #[test]
    fn panics_say_what_they_said() {
        let text = |panic: fn()| {
            let panic = std::panic::catch_unwind(panic).unwrap_err();
            panic_text(&*panic).to_owned()
        };
        assert_eq!(text(|| panic!("plain")), "plain");
        assert_eq!(text(|| panic!("with {}", 1)), "with 1");
        assert_eq!(text(|| std::panic::panic_any(1)), "without a text");
    }
}
