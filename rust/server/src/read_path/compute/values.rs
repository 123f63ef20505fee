//! The values of a slice of keys, copied out of the database: nothing of it is held while they are worked at.

use std::ops::{ControlFlow, Range};

use bytes::Bytes;
use smallvec::SmallVec;
use venice_engine::{Key, ReadError, StoreNumber, Take, Tier, Value};

use crate::observe::facts::{Spent, Stopwatch};
use crate::read_path::compute::asked::Asked;
use crate::read_path::compute::error::ComputeFailure;
use crate::read_path::failure::Failure;
use crate::read_path::stack::ReadPath;

/// Bytes of stored values after which a slice ends. A slice has one value more at most.
pub(crate) const SLICE_BYTES: usize = 1024 * 1024;
/// Keys of a slice, at most.
pub(crate) const SLICE_KEYS: usize = 256;

/// A thread keeps buffers of so many bytes for the next slice, and no larger ones.
pub(crate) const KEPT_BYTES: usize = 4 * SLICE_BYTES;

/// Values as they are stored, one behind the other.
#[derive(Debug, Default)]
pub(crate) struct Values {
    /// Of all of them.
    pub(crate) bytes: Vec<u8>,
    /// Of each key that was looked at, in order; `None` if it is missing.
    pub(crate) found: Vec<Option<Found>>,
    /// That they were compressed with, if the store version has it on disk, as Java's server wrote it there.
    pub(crate) dictionary: Option<Bytes>,
}

/// A value that was found.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// That it was written with.
    pub(crate) schema: i32,
    /// Where it is.
    pub(crate) at: Range<usize>,
    /// Whether it was put together from chunks.
    pub(crate) chunked: bool,
}

/// What is known of a slice beside its values.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SliceFacts {
    pub(crate) store: StoreNumber,
    /// How values are compressed.
    pub(crate) strategy: i32,
    pub(crate) spent: Spent,
}

impl Values {
    /// Reads the values of `keys` keys of a request, from the key `next` on, as far as a slice goes: at least one key. They
    /// are read by one state of the store version.
    pub(crate) fn read(
        &mut self,
        read_path: &ReadPath,
        asked: &Asked,
        next: usize,
        keys: usize,
        tier: Tier,
    ) -> Result<SliceFacts, Failure> {
        let version = read_path.registry.store_version(&*asked.resource);
        let version = version.map_err(Failure::Read)?;
        let state = version.state(tier).map_err(Failure::Read)?;
        let reader = version.reader_by(&state, tier);
        let stopwatch = Stopwatch::start(true);
        let keys: SmallVec<[Key<'_>; SLICE_KEYS]> =
            (next..next + keys).map(|at| asked.key(at)).collect();
        let limit = read_path.limits.compute_value_bytes();
        for keys in [&keys[..], &keys[..1]] {
            self.clear();
            let mut filling = Filling {
                values: self,
                alone: keys.len() == 1,
                limit,
                too_large: None,
            };
            let read = reader.multi_get(keys, &mut filling);
            let too_large = match (read, filling.too_large) {
                (Ok(()), too_large) => too_large,
                // There is room for what came before.
                (Err(ReadError::NoRoom { size }), _) => Some(size),
                (Err(error), _) => return Err(Failure::Read(error)),
            };
            match too_large {
                _ if !self.found.is_empty() => break,
                Some(size) if keys.len() == 1 => {
                    return Err(large_value(asked.key_index(next), size, limit).into())
                }
                // The first one is larger than a slice: by itself it may be.
                Some(_) => {}
                None => break,
            }
        }
        self.dictionary.clone_from(&state.compression_dictionary);
        Ok(SliceFacts {
            store: reader.store_number(),
            strategy: reader.compression_strategy(),
            spent: stopwatch.read(),
        })
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.found.clear();
        shrink(&mut self.bytes);
    }
}

/// Frees an empty buffer that a large value left.
pub(crate) fn shrink(buffer: &mut Vec<u8>) {
    if buffer.capacity() > KEPT_BYTES {
        *buffer = Vec::new();
    }
}

/// A value of so many bytes is not worked at.
pub(crate) fn large_value(key_index: i32, size: usize, limit: usize) -> ComputeFailure {
    ComputeFailure::LargeValue {
        key_index,
        size,
        limit,
    }
}

/// Copies values while the engine hands them over.
struct Filling<'a> {
    values: &'a mut Values,
    /// The one key may have any value that is not too large.
    alone: bool,
    limit: usize,
    too_large: Option<usize>,
}

impl Take for Filling<'_> {
    fn room(&self) -> usize {
        if self.alone {
            return self.limit;
        }
        SLICE_BYTES
            .saturating_sub(self.values.bytes.len())
            .min(self.limit)
    }

    fn take(&mut self, _: usize, value: Option<Value<'_>>) -> ControlFlow<()> {
        let values = &mut *self.values;
        let Some(value) = value else {
            values.found.push(None);
            return ControlFlow::Continue(());
        };
        if value.len() > self.limit {
            self.too_large = Some(value.len());
            return ControlFlow::Break(());
        }
        let start = values.bytes.len();
        value.copy_to(&mut values.bytes);
        values.found.push(Some(Found {
            schema: value.schema_id(),
            at: start..values.bytes.len(),
            chunked: value.is_chunked(),
        }));
        if values.bytes.len() >= SLICE_BYTES {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }
}
