//! The one way into a native, and the ways out of it.
// #[HotPath]
// except formatting: messages of exceptions.

use std::any::Any;
use std::panic::{catch_unwind, AssertUnwindSafe};

use jni::strings::{JNIStr, JNIString};
use jni::{jni_str, AttachGuard, Env, EnvUnowned};
use venice_engine::handles::Kind;
use venice_engine::{panic_text, Status};

use crate::jvm::env::Jvm;
use crate::jvm::failure::{Failure, Reason};
use crate::jvm::rocks_db_exception;

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
            raise_failure(&env, failure, declared);
            T::default()
        }
        Err(panic) => {
            raise_panic(&env, &*panic);
            T::default()
        }
    }
}

// These two are no part of `run`, which is compiled once for each native.
#[cold]
fn raise_failure(env: &EnvUnowned<'_>, failure: Failure, declared: Declared) {
    raise(env, |env| throw_failure(env, failure, declared));
}

#[cold]
fn raise_panic(env: &EnvUnowned<'_>, panic: &(dyn Any + Send)) {
    raise(env, |env| throw_panic(env, panic));
}

/// Throws unless an exception is pending: what was thrown first is the cause.
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
    match failure.into_reason() {
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

/// Throws. If even that fails, the exception of that failure is pending.
fn throw(env: &mut Env<'_>, class: &JNIStr, message: &str) {
    // "Fails" with the exception that is now pending.
    drop(env.throw_new(class, JNIString::from(message)));
}

#[cfg(test)]
mod tests {
    use venice_engine::handles::Closed;

    use super::*;

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
}
