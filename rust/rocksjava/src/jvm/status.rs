//! `org.rocksdb.Status`, as `StatusJni::construct` of upstream's `portal.h` makes it.

use jni::sys::jvalue;
use venice_engine::Status;

use crate::jvm::class::Class;
use crate::jvm::env::{Jvm, Reference};
use crate::jvm::failure::Failure;

pub(crate) static CLASS: Class = Class::new(c"org/rocksdb/Status", c"(BBLjava/lang/String;)V");

/// A new `Status`. If Java's enum lacks the code, its `IllegalArgumentException` is pending, as with
/// upstream.
pub(crate) fn new(jvm: Jvm<'_>, status: &Result<(), &Status>) -> Result<Reference, Failure> {
    let (code, subcode, state) = match status {
        Ok(()) => (Status::OK, 0, None),
        Err(status) => (status.code, status.subcode, status.state.as_deref()),
    };
    let state = match state {
        None => Reference::default(),
        // RocksDB's bytes as they are: a path in them is in Java's own encoding, as it came from
        // there.
        Some(state) => jvm.string(state)?,
    };
    let arguments = [
        jvalue { b: java_code(code) },
        jvalue {
            b: java_subcode(subcode),
        },
        jvalue { l: state.0 },
    ];
    // SAFETY: the constructor has these argument types.
    let object = unsafe { CLASS.new_object(jvm, &arguments) };
    jvm.release(state.0);
    object
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
