//! The records of a batch's answer, with values as the engine hands them over.
// #[HotPath]

use std::ops::ControlFlow;

use venice_engine::{Take, Value};
use venice_wire::response_records::{self, missing_len, put_found, put_missing};

use crate::response::builder::ResponseBuilder;
use crate::response::place::Place;

/// Bytes that [`write_found`] appends.
#[inline]
pub(crate) fn found_len(key_index: i32, value: &Value<'_>) -> usize {
    response_records::found_len(key_index, value.len(), value.schema_id())
}

/// Appends the record of a key that was found. The value stays compressed, without its header.
pub(crate) fn write_found(data: &mut ResponseBuilder, key_index: i32, value: &Value<'_>) {
    data.append(found_len(key_index, value), |out| {
        put_found(out, key_index, value.len(), value.schema_id(), |out| {
            value.copy_to(out);
        });
    });
}

/// Appends the record of a missing key, which only who asked for streaming understands.
pub(crate) fn write_missing(data: &mut ResponseBuilder, key_index: i32) {
    data.append(missing_len(key_index), |out| put_missing(out, key_index));
}

/// The records of a batch, as they are read. It ends the read when they are too many.
pub(crate) struct Records<'a, 'p> {
    /// Who says whether there is room for it.
    pub(crate) place: &'a mut Place<'p>,
    /// Bytes of memory that it takes, once there is no room for it.
    pub(crate) needs_room: Option<usize>,
    pub(crate) data: ResponseBuilder,
    /// As [`venice_wire::key_records::Batch::key_indexes`].
    pub(crate) key_indexes: &'a [i32],
    /// Whether missing keys have records.
    pub(crate) with_missing: bool,
    /// Bytes that one chunked value may have at most, beside what the answer has room for.
    pub(crate) most: usize,
    /// Keys that were not found, and values in chunks, so far.
    pub(crate) missing: u32,
    pub(crate) chunked: u32,
}

impl Take for Records<'_, '_> {
    fn room(&self) -> usize {
        self.data.room().min(self.most)
    }

    fn take(&mut self, position: usize, value: Option<Value<'_>>) -> ControlFlow<()> {
        let key_index = self.key_indexes[position];
        self.missing += u32::from(value.is_none());
        self.chunked += u32::from(value.as_ref().is_some_and(Value::is_chunked));
        if let Some(value) = &value {
            let length = found_len(key_index, value);
            let held = self.data.held_with(length);
            // What is too large is no matter of room.
            if length <= self.data.room() && !self.place.has_room(held) {
                self.needs_room = Some(held);
                return ControlFlow::Break(());
            }
        }
        match value {
            Some(value) => write_found(&mut self.data, key_index, &value),
            None if self.with_missing => write_missing(&mut self.data, key_index),
            None => {}
        }
        if self.data.is_too_large() {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }
}
