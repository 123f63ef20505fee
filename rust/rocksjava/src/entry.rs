//! The one way into a native, and the ways out of it.
// #[HotPath]

use std::any::Any;
use std::borrow::Cow;
use std::panic::{catch_unwind, AssertUnwindSafe};

use jni::strings::{JNIStr, JNIString};
use jni::{jni_str, AttachGuard, Env, EnvUnowned};
use venice_engine::handles::{Closed, Kind};
use venice_engine::Status;

use crate::jvm::Jvm;
use crate::rocks_db_exception;

/// Why a native has no result.
///
/// One pointer, so that a native that succeeds hands its result on in registers: through memory, where
/// an error of many words would force it, costs each of them a store that the next load waits for.
#[derive(Debug)]
pub(crate) struct Failure(Box<Reason>);

/// What a [`Failure`] says.
#[derive(Debug)]
pub(crate) enum Reason {
    /// RocksDB said no: a `RocksDBException`.
    Status(Status),
    /// A `RocksDBException` with a message and no status.
    Message(Cow<'static, str>),
    /// JNI said no. A pending exception says more, and is kept.
    Jni(jni::errors::Error),
    /// An exception is pending.
    Pending,
    /// An argument is null that upstream would follow.
    Null(&'static str),
    /// The handle of an object that is closed.
    Closed(Kind),
    /// An object of another database than the one beside it.
    OfAnother(&'static str),
    /// An object is in no state for this; upstream would do something undefined.
    IllegalState(&'static str),
    /// C++ had no memory, or Java has no such large objects.
    OutOfMemory(&'static str),
    /// An argument would crash upstream: an `IllegalArgumentException` that says what to give.
    IllegalArgument(String),
}

impl Failure {
    #[cold]
    fn new(reason: Reason) -> Failure {
        Failure(Box::new(reason))
    }

    /// [`Reason::Message`].
    pub(crate) fn message(text: impl Into<Cow<'static, str>>) -> Failure {
        Failure::new(Reason::Message(text.into()))
    }

    /// [`Reason::Pending`].
    pub(crate) fn pending() -> Failure {
        Failure::new(Reason::Pending)
    }

    /// [`Reason::Null`].
    pub(crate) fn null(what: &'static str) -> Failure {
        Failure::new(Reason::Null(what))
    }

    /// [`Reason::Closed`].
    pub(crate) fn closed(kind: Kind) -> Failure {
        Failure::new(Reason::Closed(kind))
    }

    /// [`Reason::OfAnother`].
    #[cold]
    pub(crate) fn of_another_database(class: &'static str) -> Failure {
        Failure::new(Reason::OfAnother(class))
    }

    /// [`Reason::IllegalState`].
    pub(crate) fn illegal_state(text: &'static str) -> Failure {
        Failure::new(Reason::IllegalState(text))
    }

    /// [`Reason::OutOfMemory`].
    pub(crate) fn out_of_memory(what: &'static str) -> Failure {
        Failure::new(Reason::OutOfMemory(what))
    }

    /// [`Reason::IllegalArgument`].
    pub(crate) fn illegal_argument(text: String) -> Failure {
        Failure::new(Reason::IllegalArgument(text))
    }

    /// What it says.
    #[cfg(test)]
    pub(crate) fn reason(&self) -> &Reason {
        &self.0
    }
}

impl From<Status> for Failure {
    fn from(status: Status) -> Failure {
        Failure::new(Reason::Status(status))
    }
}

impl From<Closed> for Failure {
    fn from(closed: Closed) -> Failure {
        Failure::closed(closed.0)
    }
}

impl From<jni::errors::Error> for Failure {
    fn from(error: jni::errors::Error) -> Failure {
        match error {
            jni::errors::Error::NullPtr(what) => Failure::null(what),
            error => Failure::new(Reason::Jni(error)),
        }
    }
}

/// What a native's declaration in Java says that it throws: decides what a closed handle becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Declared {
    RocksDbException,
    Nothing,
}

/// Runs a native that declares `RocksDBException`. A failure or a panic is thrown in Java when it
/// returns, with the result's default, which Java never sees; nothing unwinds into the JVM.
pub(crate) fn entry<'local, T: Default>(
    env: EnvUnowned<'local>,
    native: impl FnOnce(&mut Env<'local>) -> Result<T, Failure>,
) -> T {
    run(env, Declared::RocksDbException, |jvm| jvm.with_env(native))
}

/// As [`entry`], for a native that declares no exception: a closed handle is an
/// `IllegalStateException`.
pub(crate) fn entry_unchecked<'local, T: Default>(
    env: EnvUnowned<'local>,
    native: impl FnOnce(&mut Env<'local>) -> Result<T, Failure>,
) -> T {
    run(env, Declared::Nothing, |jvm| jvm.with_env(native))
}

/// As [`entry`], for natives that are called for every key: with nothing between them and the JVM.
#[inline]
pub(crate) fn hot_entry<'local, T: Default>(
    env: EnvUnowned<'local>,
    native: impl FnOnce(Jvm<'local>) -> Result<T, Failure>,
) -> T {
    run(env, Declared::RocksDbException, native)
}

/// As [`hot_entry`], for a native that declares no exception.
#[inline]
pub(crate) fn hot_entry_unchecked<'local, T: Default>(
    env: EnvUnowned<'local>,
    native: impl FnOnce(Jvm<'local>) -> Result<T, Failure>,
) -> T {
    run(env, Declared::Nothing, native)
}

#[inline]
fn run<'local, T: Default>(
    env: EnvUnowned<'local>,
    declared: Declared,
    native: impl FnOnce(Jvm<'local>) -> Result<T, Failure>,
) -> T {
    // SAFETY: rule 2, the native's own frame.
    let jvm = unsafe { Jvm::new(env.as_raw()) };
    match catch_unwind(AssertUnwindSafe(|| native(jvm))) {
        Ok(Ok(result)) => result,
        Ok(Err(failure)) => {
            raise(&env, |env| throw_failure(env, failure, declared));
            T::default()
        }
        Err(panic) => {
            raise(&env, |env| throw_panic(env, &*panic));
            T::default()
        }
    }
}

/// Throws unless an exception is pending: what was thrown first is the cause.
#[cold]
fn raise<'local>(env: &EnvUnowned<'local>, throw: impl FnOnce(&mut Env<'local>)) {
    let thrown = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: rule 2, the native's own frame.
        let mut guard = unsafe { AttachGuard::from_unowned(env.as_raw()) };
        let env = guard.borrow_env_mut();
        if !env.exception_check() {
            throw(env);
        }
    }));
    if thrown.is_err() {
        tracing::error!("panic while an exception was thrown");
    }
}

fn throw_failure(env: &mut Env<'_>, failure: Failure, declared: Declared) {
    match *failure.0 {
        Reason::Status(status) => rocks_db_exception::throw(env, &status),
        Reason::Message(text) => {
            throw(env, jni_str!("org/rocksdb/RocksDBException"), &text);
        }
        Reason::Jni(error) => {
            throw(
                env,
                jni_str!("java/lang/RuntimeException"),
                &error.to_string(),
            );
        }
        Reason::Pending => {
            // Someone said so, and there is none.
            throw(
                env,
                jni_str!("java/lang/RuntimeException"),
                "JNI failed without a word",
            );
        }
        Reason::Null(what) => throw(env, jni_str!("java/lang/NullPointerException"), what),
        Reason::Closed(kind) => {
            let text = closed_text(kind);
            match declared {
                Declared::RocksDbException => {
                    rocks_db_exception::throw(env, &Status::new(Status::INVALID_ARGUMENT, text))
                }
                Declared::Nothing => {
                    throw(env, jni_str!("java/lang/IllegalStateException"), &text);
                }
            }
        }
        Reason::OfAnother(class) => {
            let text = format!("The {class} is of another RocksDB");
            match declared {
                Declared::RocksDbException => {
                    rocks_db_exception::throw(env, &Status::new(Status::INVALID_ARGUMENT, text))
                }
                Declared::Nothing => {
                    throw(env, jni_str!("java/lang/IllegalArgumentException"), &text);
                }
            }
        }
        Reason::IllegalState(text) => {
            throw(env, jni_str!("java/lang/IllegalStateException"), text);
        }
        Reason::IllegalArgument(text) => {
            throw(env, jni_str!("java/lang/IllegalArgumentException"), &text);
        }
        Reason::OutOfMemory(text) => throw(env, jni_str!("java/lang/OutOfMemoryError"), text),
    }
}

fn closed_text(kind: Kind) -> String {
    format!("{} is closed, and used after that", kind.class())
}

fn throw_panic(env: &mut Env<'_>, panic: &(dyn Any + Send)) {
    let text = format!("panic in a RocksDB native: {}", panic_text(panic));
    throw(env, jni_str!("java/lang/RuntimeException"), &text);
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
    fn null_pointers_of_jni_are_null_arguments() {
        let error = jni::errors::Error::NullPtr("an array");
        assert!(matches!(
            Failure::from(error).reason(),
            Reason::Null("an array")
        ));
        let error = jni::errors::Error::JavaException;
        assert!(matches!(Failure::from(error).reason(), Reason::Jni(_)));
    }

    #[test]
    fn a_closed_handle_is_told_by_its_class() {
        assert!(matches!(
            Failure::from(Closed(Kind::DbOptions)).reason(),
            Reason::Closed(Kind::DbOptions)
        ));
        assert_eq!(
            closed_text(Kind::DbOptions),
            "DBOptions is closed, and used after that"
        );
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
