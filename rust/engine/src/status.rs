//! RocksDB's own status: what Java's `RocksDBException` is made of.

use std::ffi::CStr;
use std::fmt;

use crate::ffi::{self, RawStatus};

/// A failed RocksDB call: never of code `Ok`.
///
/// Codes, subcodes and texts are those of `rocksdb/status.h` and `util/status.cc` of 9.11.2. Venice
/// decides by them (`RocksDBStorageEngine` drops a partition on `Corruption` or "No such file or
/// directory"), so nothing is rewritten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// `Status::Code`, for example [`Status::IO_ERROR`].
    pub code: u8,
    /// `Status::SubCode`, 0 for none.
    pub subcode: u8,
    /// `Status::getState()`: the text, without the names of code and subcode. Bytes, as paths may
    /// be in it.
    pub state: Option<Box<[u8]>>,
}

impl Status {
    /// `kOk`.
    pub const OK: u8 = 0;
    /// `kNotFound`.
    pub const NOT_FOUND: u8 = 1;
    /// `kCorruption`.
    pub const CORRUPTION: u8 = 2;
    /// `kInvalidArgument`.
    pub const INVALID_ARGUMENT: u8 = 4;
    /// `kIOError`.
    pub const IO_ERROR: u8 = 5;
    /// `kIncomplete`.
    pub const INCOMPLETE: u8 = 7;
    /// `kTimedOut`.
    pub const TIMED_OUT: u8 = 9;
    /// `kAborted`.
    pub const ABORTED: u8 = 10;

    /// A status of our own making, worded as RocksDB would.
    pub fn new(code: u8, state: impl Into<String>) -> Status {
        Status {
            code,
            subcode: 0,
            state: Some(state.into().into_bytes().into_boxed_slice()),
        }
    }

    /// Runs a shim call that reports into the status it is given.
    /// What leaves it unfilled is aborted.
    pub fn from_call(call: impl FnOnce(*mut RawStatus)) -> Result<(), Status> {
        let mut raw = RawStatus {
            code: Status::ABORTED,
            subcode: 0,
            state: std::ptr::null_mut(),
        };
        call(&mut raw);
        Status::take(&mut raw)
    }

    /// Takes the status out of its C form and frees that.
    pub fn take(raw: &mut RawStatus) -> Result<(), Status> {
        if raw.code == Status::OK && raw.state.is_null() {
            return Ok(());
        }
        let state = if raw.state.is_null() {
            None
        } else {
            // SAFETY: rule 5, a state that is not null is NUL-terminated.
            let state = unsafe { CStr::from_ptr(raw.state) };
            Some(state.to_bytes().into())
        };
        // SAFETY: rule 5, the state is the shim's and nobody freed it: freeing leaves it null.
        unsafe { ffi::venice_status_free(raw) };
        if raw.code == Status::OK {
            return Ok(());
        }
        Err(Status {
            code: raw.code,
            subcode: raw.subcode,
            state,
        })
    }
}

impl fmt::Display for Status {
    /// `Status::ToString`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = match self.code {
            0 => return f.write_str("OK"),
            1 => "NotFound: ",
            2 => "Corruption: ",
            3 => "Not implemented: ",
            4 => "Invalid argument: ",
            5 => "IO error: ",
            6 => "Merge in progress: ",
            7 => "Result incomplete: ",
            8 => "Shutdown in progress: ",
            9 => "Operation timed out: ",
            10 => "Operation aborted: ",
            11 => "Resource busy: ",
            12 => "Operation expired: ",
            13 => "Operation failed. Try again.: ",
            14 => "Compaction too large: ",
            15 => "Column family dropped: ",
            unknown => return write!(f, "Unknown code({unknown}): "),
        };
        f.write_str(code)?;
        let subcode = SUBCODES
            .get(usize::from(self.subcode))
            .copied()
            .unwrap_or_default();
        f.write_str(subcode)?;
        if let Some(state) = &self.state {
            if self.subcode != 0 {
                f.write_str(": ")?;
            }
            f.write_str(&String::from_utf8_lossy(state))?;
        }
        Ok(())
    }
}

impl std::error::Error for Status {}

/// Texts of the subcodes, by number.
const SUBCODES: [&str; 17] = [
    "",
    "Timeout Acquiring Mutex",
    "Timeout waiting to lock key",
    "Failed to acquire lock due to max_num_locks limit",
    "No space left on device",
    "Deadlock",
    "Stale file handle",
    "Memory limit reached",
    "Space limit reached",
    "No such file or directory",
    "Insufficient capacity for merge operands",
    "Manual compaction paused",
    " (overwritten)",
    "Txn not prepared",
    "IO fenced off",
    "Merge operator failed",
    "Number of operands merged exceeded threshold",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_those_of_rocksdb() {
        let status = Status {
            code: 5,
            subcode: 9,
            state: Some((*b"/a/CURRENT").into()),
        };
        assert_eq!(
            status.to_string(),
            "IO error: No such file or directory: /a/CURRENT"
        );
        assert_eq!(
            Status {
                code: 11,
                subcode: 5,
                state: None
            }
            .to_string(),
            "Resource busy: Deadlock"
        );
        assert_eq!(
            Status::new(Status::CORRUPTION, "bad block").to_string(),
            "Corruption: bad block"
        );
    }
}
