//! A single get that was decoded, and looked for, before it is answered.
// #[HotPath]

use venice_engine::{Answer, Found, StoreNumber};
use venice_wire::request::Request;

/// What [`crate::read_path::ahead`] hands to the steps of its answer.
#[derive(Clone, Copy)]
pub(crate) struct Ready<'a> {
    pub(crate) request: &'a Request<'a>,
    /// The key in it, if it was looked for.
    pub(crate) key: Option<&'a [u8]>,
    /// What was found, if it was looked for.
    pub(crate) looked_for: Option<Option<Found<'a>>>,
    /// The store version in which it was.
    pub(crate) store: Option<StoreNumber>,
}

impl Ready<'_> {
    /// Bytes of the value that was found, 0 if it is proven that there is none. `None` if it is not known what is read.
    pub(crate) fn value_bytes(&self) -> Option<usize> {
        match self.looked_for.flatten()?.answer()? {
            Answer::Value(value) => Some(value.len()),
            Answer::Missing => Some(0),
        }
    }
}
