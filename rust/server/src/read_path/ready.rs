//! A single get that was decoded, and looked for, before it is answered.
// #[HotPath]

use venice_engine::{Found, StoreNumber};
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
