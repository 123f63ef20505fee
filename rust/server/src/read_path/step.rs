//! How far a request came: to its result, or to what it waits for.
//!
//! Waiting is no failure. A [`Failure`] says why a request has no answer; what a request needs before it
//! goes on is told by these types, and acted upon in one place, [`crate::read_path::driver`].

use venice_engine::ReadError;

use crate::policy::access::PendingAccess;
use crate::read_path::failure::Failure;

/// How far the admission of a request came.
#[derive(Debug)]
pub enum AdmissionStep<'a, T> {
    /// The request may go on, or was refused.
    Decided(Result<T, Failure>),
    /// Java has been asked whether the client may read. Nothing else was done.
    NeedsAccess(PendingAccess<'a>),
}

/// How far a read came. A step that needs something has kept nothing: the read is done again.
#[derive(Debug)]
pub enum ReadStep<T> {
    /// It has its result.
    Done(Result<T, Failure>),
    /// Memory does not suffice, or it would take this thread too long.
    NeedsDisk,
    /// The client has not yet taken what was answered before, so there is no room for the answer now.
    NeedsRoom {
        /// Bytes of memory that the answer takes.
        bytes: usize,
    },
}

/// Why a function of the read path ends before its result.
#[derive(Debug)]
pub(crate) enum Stop {
    Failed(Failure),
    NeedsDisk,
    /// As [`ReadStep::NeedsRoom`].
    NeedsRoom {
        bytes: usize,
    },
}

impl<E: Into<Failure>> From<E> for Stop {
    fn from(error: E) -> Stop {
        Stop::Failed(error.into())
    }
}

impl From<ReadError> for Stop {
    fn from(error: ReadError) -> Stop {
        match error {
            ReadError::WouldBlock => Stop::NeedsDisk,
            error => Stop::Failed(Failure::Read(error)),
        }
    }
}

impl<T> From<Result<T, Stop>> for ReadStep<T> {
    fn from(read: Result<T, Stop>) -> ReadStep<T> {
        match read {
            Ok(result) => ReadStep::Done(Ok(result)),
            Err(Stop::Failed(failure)) => ReadStep::Done(Err(failure)),
            Err(Stop::NeedsDisk) => ReadStep::NeedsDisk,
            Err(Stop::NeedsRoom { bytes }) => ReadStep::NeedsRoom { bytes },
        }
    }
}
