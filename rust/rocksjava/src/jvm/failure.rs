//! Why a native has no result. What Java gets for it, `entry.rs` says.

use std::borrow::Cow;

use venice_engine::handles::{Closed, Kind};
use venice_engine::Status;

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
    pub(crate) fn into_reason(self) -> Reason {
        *self.0
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
}
