//! One request of a streaming batch get: read slice by slice, answered chunk by chunk.
//!
//! A slice is some keys of one partition, read in one go; the records that were found become one
//! message. Between two slices nothing of the database is held, so the client may be as slow as it
//! likes. The steps before the first slice are those of [`crate::read_path::stack`].
// #[HotPath]

use std::mem;
use std::ops::ControlFlow;
use std::sync::Arc;

use bytes::Bytes;
use smallvec::SmallVec;
use venice_engine::{Key, ReadError, Take, Tier, Value};
use venice_wire::key_records::Batch;
use venice_wire::request::StreamingRequest;
use venice_wire::response::Footer;
use venice_wire::store_name::check_names;
use venice_wire::text::Text;

use crate::observe::facts::Stopwatch;
use crate::read_path::failure::Failure;
use crate::read_path::stack::{
    catch_panics, check_access, most_value, no_room, Admission, Keys, ReadPath, INLINE_BATCH_KEYS,
};
use crate::read_path::step::{AdmissionStep, ReadStep, Stop};
use crate::read_path::streamed_done::Done;
use crate::response::builder::{EncodedResponse, ResponseBuilder, TooLarge, CHUNK_FIELDS};
use crate::response::records::{found_len, write_found, write_missing};

/// Keys of the first slice: few, so that the first bytes are on their way soon.
const FIRST_SLICE: usize = 8;
/// Keys of a slice that a connection's thread reads from memory: at 2-5 µs each they hold up its
/// other requests for less than 500 µs.
const MEMORY_SLICE: usize = 64;
/// Keys of a slice that a disk thread reads: enough for RocksDB to read several blocks at once.
const DISK_SLICE: usize = 256;
/// First guess of the bytes of a record.
const EXPECTED_RECORD_BYTES: usize = 256;

/// A request that was admitted, and what is left of it.
#[derive(Debug)]
pub struct StreamedBatch {
    request_id: u64,
    resource: Arc<str>,
    /// The request's `keyBytes`.
    key_bytes: Bytes,
    /// Keys of one partition stand side by side.
    keys: Vec<KeyRef>,
    /// Keys before this one are answered.
    next: usize,
    /// Keys of the batch that this one stands for.
    elsewhere: usize,
    /// Keys that the next slice may have.
    slice: usize,
    /// Bytes of a record, on average over the slice before.
    record_bytes: usize,
    done: Done,
}

/// Where a key is in `keyBytes`: 16 bytes instead of a copy.
#[derive(Debug, Clone, Copy)]
struct KeyRef {
    partition: i32,
    key_index: i32,
    start: u32,
    length: u32,
}

impl StreamedBatch {
    /// Whether every key has been looked at.
    pub fn is_done(&self) -> bool {
        self.next == self.keys.len()
    }

    /// The last message of the request.
    pub fn footer(&self) -> EncodedResponse {
        EncodedResponse::footer(self.request_id, self.done.footer())
    }

    /// The store version that it asks for.
    pub(crate) fn resource(&self) -> &Arc<str> {
        &self.resource
    }

    /// What came of it so far.
    pub(crate) fn done(&self) -> &Done {
        &self.done
    }

    pub(crate) fn done_mut(&mut self) -> &mut Done {
        &mut self.done
    }

    /// What stands in its place while it is elsewhere: enough for the last message, should it not come
    /// back ([`StreamedBatch::fail_rest`]).
    pub fn stand_in(&self) -> StreamedBatch {
        StreamedBatch {
            request_id: self.request_id,
            resource: Arc::clone(&self.resource),
            key_bytes: Bytes::new(),
            keys: Vec::new(),
            elsewhere: self.left(),
            next: 0,
            slice: self.slice,
            record_bytes: self.record_bytes,
            done: self.done.clone(),
        }
    }

    /// Counts all keys that have not been looked at as failed.
    pub fn fail_rest(&mut self, failure: Failure) {
        let elsewhere = mem::take(&mut self.elsewhere);
        let keys = self.left() + elsewhere;
        self.next = self.keys.len();
        self.done.fail(keys, failure);
    }

    /// Keys that have not been looked at.
    fn left(&self) -> usize {
        self.keys.len() - self.next
    }

    /// Where it is now.
    pub fn mark(&self) -> Mark {
        Mark {
            next: self.next,
            slice: self.slice,
            record_bytes: self.record_bytes,
            done: self.done.clone(),
        }
    }

    /// Goes back to where it was, as what was read since then was given up.
    pub fn go_back(&mut self, mark: Mark) {
        self.next = mark.next;
        self.slice = mark.slice;
        self.record_bytes = mark.record_bytes;
        self.done.go_back(mark.done);
    }

    fn fail(&mut self, keys: usize, failure: Failure) {
        self.next += keys;
        self.done.fail(keys, failure);
    }

    /// The keys that are left of the partition of the next one.
    fn left_in_partition(&self) -> usize {
        let left = &self.keys[self.next..];
        let partition = left.first().map(|key| key.partition);
        left.iter()
            .take_while(|key| Some(key.partition) == partition)
            .count()
    }
}

/// Where a request was before a slice was read.
#[derive(Debug)]
pub struct Mark {
    next: usize,
    slice: usize,
    record_bytes: usize,
    done: Done,
}

/// The only message of a request that was refused.
pub(crate) fn rejected(request_id: u64, failure: Failure) -> EncodedResponse {
    let (error_code, error_message) = failure.into_error_code();
    let footer = Footer {
        error_code,
        error_message,
        ..Footer::default()
    };
    EncodedResponse::footer(request_id, &footer)
}

impl ReadPath {
    /// Takes a `StreamingBatchGetRequest` up to the point where it may read: decoding, access, keys,
    /// quota, in this order. `request_id` becomes the request's, as soon as it is known. With
    /// [`AdmissionStep::NeedsAccess`] nothing was done; see [`ReadPath::admit`].
    pub fn admit_streamed<'a>(
        &self,
        message: &Bytes,
        admission: &Admission<'a>,
        request_id: &mut u64,
    ) -> AdmissionStep<'a, StreamedBatch> {
        let admitted = catch_panics(|| {
            let request = StreamingRequest::decode(message)?;
            *request_id = request.request_id;
            let resource = Text::from(request.resource_name);
            check_names(resource, request.method)?;
            if let Some(pending) = check_access(admission, resource, request.method)? {
                return Ok(AdmissionStep::NeedsAccess(pending));
            }
            let batch = Batch::decode(request.key_bytes, self.limits.max_batch_keys(), Key::new)?;
            let keys = batch.keys.len() as u64;
            let records = Keys::Records(request.key_bytes);
            self.charge(Some(admission), resource, keys, records)?;
            Ok(AdmissionStep::Decided(Ok(streamed(
                message, &request, &batch,
            ))))
        });
        admitted.unwrap_or_else(|failure| AdmissionStep::Decided(Err(failure)))
    }

    /// Whether a connection's thread reads itself what is left of `batch`: if it is little, or if the
    /// disk pool would read it by single gets as well, as it does plain tables. There the change of
    /// threads for each slice costs a tenth; of block-based tables MultiGet gains as much.
    pub fn reads_inline(&self, batch: &StreamedBatch) -> bool {
        batch.left() <= INLINE_BATCH_KEYS || self.has_plain_tables(&*batch.resource)
    }

    /// Reads the next slice and returns its records as a message, if there are any. Keys that fail
    /// are counted and passed over; the only failure is [`Failure::DeadlineExceeded`]. With
    /// [`Tier::Memory`] it may be [`ReadStep::NeedsDisk`]: the caller goes on where waiting is allowed.
    pub fn next_chunk(
        &self,
        batch: &mut StreamedBatch,
        tier: Tier,
    ) -> ReadStep<Option<EncodedResponse>> {
        match catch_panics(|| Ok(self.read_slice(batch, tier))) {
            Ok(chunk) => chunk.into(),
            Err(panicked) => {
                // Where it was is not known, so it is over.
                batch.fail_rest(panicked);
                ReadStep::Done(Ok(None))
            }
        }
    }

    fn read_slice(
        &self,
        batch: &mut StreamedBatch,
        tier: Tier,
    ) -> Result<Option<EncodedResponse>, Stop> {
        let most = if tier == Tier::Memory {
            MEMORY_SLICE
        } else {
            DISK_SLICE
        };
        let in_partition = batch.left_in_partition();
        let length = batch.slice.min(most).min(in_partition);
        let refs = &batch.keys[batch.next..][..length];
        let keys: SmallVec<[Key<'_>; MEMORY_SLICE]> = refs
            .iter()
            .map(|key| Key {
                partition: key.partition,
                key: &batch.key_bytes[key.start as usize..][..key.length as usize],
            })
            .collect();

        // As many bytes as the slice before makes one expect, and no more than a chunk.
        let expected = length * batch.record_bytes;
        let mut slice = Slice {
            data: ResponseBuilder::new(expected.min(self.limits.stream_chunk_bytes()), usize::MAX),
            chunk: self.limits.stream_chunk_bytes(),
            single: self
                .limits
                .max_response_bytes()
                .saturating_sub(CHUNK_FIELDS),
            most: most_value(tier),
            refs,
            read: 0,
            found: 0,
            missing: 0,
            chunked: 0,
            ended: None,
        };
        let mut strategy = 0;
        let facts = &mut batch.done.facts;
        let version = self.registry.store_version(&*batch.resource);
        let read = version.map_err(Stop::from).and_then(|version| {
            // Once for each slice: its message has the strategy that it was read by.
            let reader = version.reader(tier)?;
            strategy = reader.compression_strategy();
            facts.store = Some(reader.store_number());
            let stopwatch = Stopwatch::start_slice(tier != Tier::Memory);
            let read = reader.multi_get(&keys, &mut slice);
            facts.spent.add(stopwatch.read());
            read.map_err(|error| {
                let limit = slice.single;
                no_room(error, limit, |size| TooLarge { size, limit })
            })
        });

        drop(keys);
        let Slice {
            data,
            read: answered,
            found,
            missing,
            chunked,
            ended,
            ..
        } = slice;
        batch.next += answered;
        let Done { footer, facts, .. } = &mut batch.done;
        footer.found_keys += found;
        footer.missing_keys += missing;
        facts.missing = footer.missing_keys;
        facts.chunked += chunked;
        if let Some(record_bytes) = data.len().checked_div(answered) {
            batch.record_bytes = record_bytes.max(1);
            batch.slice =
                (self.limits.stream_chunk_bytes() / batch.record_bytes).clamp(1, DISK_SLICE);
            // What ended the slice before its end meets the next one first.
            return Ok(Some(data.finish_chunk(batch.request_id, strategy)));
        }
        match (ended, read) {
            (Some(too_large), _) => batch.fail(1, too_large.into()),
            (None, Err(Stop::NeedsDisk)) if tier == Tier::Memory => return Err(Stop::NeedsDisk),
            (None, Err(Stop::NeedsDisk)) => {
                let failure = Failure::Read(ReadError::WouldBlock);
                self.failed(batch, length, in_partition, failure, tier)?;
            }
            (None, Err(Stop::Failed(failure))) => {
                self.failed(batch, length, in_partition, failure, tier)?;
            }
            // Its messages are counted before it is asked for one.
            (None, Err(Stop::NeedsRoom { bytes })) => return Err(Stop::NeedsRoom { bytes }),
            (None, Ok(())) => {}
        }
        Ok(None)
    }

    /// A slice of which nothing could be read.
    fn failed(
        &self,
        batch: &mut StreamedBatch,
        length: usize,
        in_partition: usize,
        failure: Failure,
        tier: Tier,
    ) -> Result<(), Failure> {
        match failure {
            Failure::Read(_) if is_past(tier) => return Err(Failure::DeadlineExceeded),
            Failure::Read(ReadError::NoStore(_) | ReadError::BadState { .. }) => {
                batch.fail_rest(failure);
            }
            Failure::Read(
                ReadError::NeverOpened { .. }
                | ReadError::Removed { .. }
                | ReadError::Closed { .. },
            ) => batch.fail(in_partition, failure),
            // The first, as none was read before it.
            Failure::TooLarge(_) => batch.fail(1, failure),
            // One of the keys: which one, is found one by one.
            failure if length == 1 => batch.fail(1, failure),
            _ => batch.slice = 1,
        }
        Ok(())
    }
}

fn is_past(tier: Tier) -> bool {
    matches!(tier, Tier::Until(deadline) if std::time::Instant::now() >= deadline)
}

fn streamed(
    message: &Bytes,
    request: &StreamingRequest<'_>,
    batch: &Batch<Key<'_>>,
) -> StreamedBatch {
    let start = request.key_bytes.as_ptr() as usize;
    let refs = batch.keys.iter().zip(&batch.key_indexes);
    let mut keys: Vec<KeyRef> = refs
        .map(|(key, key_index)| KeyRef {
            partition: key.partition,
            key_index: *key_index,
            // A message has at most i32::MAX bytes.
            start: (key.key.as_ptr() as usize - start) as u32,
            length: key.key.len() as u32,
        })
        .collect();
    keys.sort_by_key(|key| key.partition);
    StreamedBatch {
        request_id: request.request_id,
        resource: request.resource_name.into(),
        key_bytes: message.slice_ref(request.key_bytes),
        done: Done::new(keys.len(), message.len()),
        keys,
        next: 0,
        elsewhere: 0,
        slice: FIRST_SLICE,
        record_bytes: EXPECTED_RECORD_BYTES,
    }
}

/// The records of one slice, as far as they fit.
struct Slice<'a> {
    data: ResponseBuilder,
    /// Bytes that a chunk of several records may have.
    chunk: usize,
    /// Bytes that a record may have that is a chunk by itself.
    single: usize,
    /// Bytes that a chunked value may have at most.
    most: usize,
    /// Of the keys of the slice.
    refs: &'a [KeyRef],
    /// Keys whose records are in `data`.
    read: usize,
    found: u32,
    missing: u32,
    /// Values that were put together from chunks.
    chunked: u32,
    /// The next record does not fit, and so are those after it for another chunk.
    ended: Option<TooLarge>,
}

impl Slice<'_> {
    /// Bytes that the next record may have.
    fn left(&self) -> usize {
        match self.data.len() {
            0 => self.single,
            begun => self.chunk.min(self.single).saturating_sub(begun),
        }
    }
}

impl Take for Slice<'_> {
    fn room(&self) -> usize {
        self.left().min(self.most)
    }

    fn take(&mut self, position: usize, value: Option<Value<'_>>) -> ControlFlow<()> {
        let key_index = self.refs[position].key_index;
        match value {
            Some(value) => {
                let size = found_len(key_index, &value);
                if size > self.left() {
                    let limit = self.single;
                    self.ended = Some(TooLarge { size, limit });
                    return ControlFlow::Break(());
                }
                write_found(&mut self.data, key_index, &value);
                self.found += 1;
                self.chunked += u32::from(value.is_chunked());
            }
            None => {
                write_missing(&mut self.data, key_index);
                self.missing += 1;
            }
        }
        self.read += 1;
        ControlFlow::Continue(())
    }
}
