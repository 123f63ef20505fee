//! The answer of a batch: a run of `MultiGetResponseRecordV1` (`int keyIndex`, `bytes value`, `int
//! schemaId`), without count, header or separator.
// #[HotPath]

use std::ops::ControlFlow;

use venice_engine::{Take, Value};

use crate::response::builder::ResponseBuilder;
use crate::wire::varint::{varint, varint_len, zigzag};

/// `StreamingConstants.NON_EXISTING_KEY_SCHEMA_ID`: marks the record of a missing key.
const NON_EXISTING_KEY_SCHEMA_ID: i32 = -1000;

/// The zig-zag form of a long that is not negative.
fn zigzag_length(value: &Value<'_>) -> u64 {
    value.len() as u64 * 2
}

/// Bytes that [`write_found`] appends.
pub(crate) fn found_len(key_index: i32, value: &Value<'_>) -> usize {
    let numbers = [
        u64::from(zigzag(key_index)),
        zigzag_length(value),
        u64::from(zigzag(value.schema_id())),
    ];
    numbers.map(varint_len).iter().sum::<usize>() + value.len()
}

/// Appends the record of a key that was found. The value stays compressed, without its header.
pub(crate) fn write_found(data: &mut ResponseBuilder, key_index: i32, value: &Value<'_>) {
    data.append(found_len(key_index, value), |out| {
        varint(out, zigzag(key_index).into());
        varint(out, zigzag_length(value));
        value.copy_to(out);
        varint(out, zigzag(value.schema_id()).into());
    });
}

/// Appends the record of a missing key: negated index, empty value, schema id -1000. For streaming
/// requests only: a client that did not ask for these records waits for ever when it gets one.
pub(crate) fn write_missing(data: &mut ResponseBuilder, key_index: i32) {
    let key_index = zigzag(key_index.wrapping_neg()).into();
    let schema_id = zigzag(NON_EXISTING_KEY_SCHEMA_ID).into();
    data.append(varint_len(key_index) + 1 + varint_len(schema_id), |out| {
        varint(out, key_index);
        varint(out, 0);
        varint(out, schema_id);
    });
}

/// The records of a batch, as they are read. It ends the read when they are too many.
pub(crate) struct Records<'a> {
    pub(crate) data: ResponseBuilder,
    /// As [`crate::wire::key_records::Batch::key_indexes`].
    pub(crate) key_indexes: &'a [i32],
    /// Whether missing keys have records.
    pub(crate) with_missing: bool,
    /// Bytes that one chunked value may have at most, beside what the answer has room for.
    pub(crate) most: usize,
}

impl Take for Records<'_> {
    fn room(&self) -> usize {
        self.data.room().min(self.most)
    }

    fn take(&mut self, position: usize, value: Option<Value<'_>>) -> ControlFlow<()> {
        let key_index = self.key_indexes[position];
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
