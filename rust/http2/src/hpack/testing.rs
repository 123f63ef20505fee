//! What the tests of HPACK share.

use crate::hpack::field::{Head, Vocabulary, Wanted};

/// Watches for two names, and keeps lengths.
#[derive(Debug)]
pub(crate) struct Watch;

impl Vocabulary for Watch {
    fn watched(&self, name: &[u8]) -> Option<u8> {
        match name {
            b"timeout" => Some(0),
            b"kind" => Some(1),
            _ => None,
        }
    }

    fn value(&self, _: u8, value: &[u8]) -> u64 {
        value.len() as u64
    }

    fn path(&self, path: &[u8]) -> u64 {
        path.len() as u64
    }

    fn wanted(&self, _: &Head) -> Wanted {
        Wanted::Whole
    }
}
