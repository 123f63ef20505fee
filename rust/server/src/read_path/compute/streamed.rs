//! One request of a streaming call to compute: worked at slice by slice, answered message by message. Between two slices
//! nothing is held but its message and numbers of its keys, so the client may be as slow as it likes.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use venice_engine::{ReadError, Tier};
use venice_wire::compute_call::ComputeCall;

use crate::observe::facts::Stopwatch;
use crate::read_path::compute::asked::Asked;
use crate::read_path::compute::error::ComputeFailure;
use crate::read_path::compute::evaluate::{is_late, Slice, Tools, Wanted};
use crate::read_path::compute::instruments::{Computed, Instruments};
use crate::read_path::compute::job::{is_long, next_slice, note, put_result, FIRST_SLICE};
use crate::read_path::compute::request::ComputePath;
use crate::read_path::failure::Failure;
use crate::read_path::stack::{catch_panics, Admission};
use crate::read_path::step::{AdmissionStep, ReadStep};
use crate::read_path::streamed_done::Done;
use crate::response::builder::{EncodedResponse, ResponseBuilder, TooLarge, CHUNK_FIELDS};

/// A request that was admitted, and what is left of it.
#[derive(Debug)]
pub(crate) struct StreamedCompute {
    request_id: u64,
    resource: Arc<str>,
    /// Until a compute thread has made it ready.
    message: Bytes,
    asked: Option<Asked>,
    /// Keys of the request, of which those before `next` are answered.
    keys: usize,
    next: usize,
    /// Keys that the next slice may have.
    slice: usize,
    /// Whether it was looked at.
    begun: bool,
    /// Whether a plan of it takes longer to make than a turn.
    long: bool,
    done: Done,
    computed: Computed,
    instruments: Arc<Instruments>,
}

/// Where a request was before a slice.
#[derive(Debug)]
pub(crate) struct Mark {
    next: usize,
    slice: usize,
    done: Done,
    computed: Computed,
}

impl ComputePath {
    /// Takes a `StreamingComputeRequest` up to the point where it may be worked at. `request_id` becomes the request's, as
    /// soon as it is known. With [`AdmissionStep::NeedsAccess`] nothing was done.
    pub(crate) fn admit_streamed<'a>(
        &self,
        message: &Bytes,
        admission: &Admission<'a>,
        request_id: &mut u64,
    ) -> AdmissionStep<'a, StreamedCompute> {
        let admitted = catch_panics(|| {
            let call = ComputeCall::decode_streamed(message)?;
            *request_id = call.request_id;
            let (pending, keys) = self.admit_call(&call, admission)?;
            if let Some(pending) = pending {
                return Ok(AdmissionStep::NeedsAccess(pending));
            }
            let mut done = Done::new(keys, message.len());
            done.facts.is_compute = true;
            Ok(AdmissionStep::Decided(Ok(StreamedCompute {
                request_id: call.request_id,
                resource: call.resource_name.into(),
                asked: None,
                keys,
                next: 0,
                slice: FIRST_SLICE,
                begun: false,
                long: false,
                done,
                computed: Computed::default(),
                instruments: Arc::clone(&self.instruments),
                message: message.clone(),
            })))
        });
        admitted.unwrap_or_else(|failure| AdmissionStep::Decided(Err(failure)))
    }
}

impl StreamedCompute {
    /// Whether every key has been looked at, or never will be. A request without keys is looked at as well: it may be wrong.
    pub(crate) fn is_done(&self) -> bool {
        self.begun && self.next == self.keys
    }

    /// The last message of the request, which is counted.
    pub(crate) fn footer(&self) -> EncodedResponse {
        if let Some(store) = self.done.facts.store {
            self.instruments
                .count(store, &self.resource, &self.computed);
        }
        EncodedResponse::footer(self.request_id, self.done.footer())
    }

    /// Whether its slices go to the threads that make long plans.
    pub(crate) fn is_long(&self) -> bool {
        self.long
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

    /// What stands in its place while it is elsewhere: enough for the last message, should it not come back.
    pub(crate) fn stand_in(&self) -> StreamedCompute {
        StreamedCompute {
            request_id: self.request_id,
            resource: Arc::clone(&self.resource),
            message: Bytes::new(),
            asked: None,
            keys: self.keys,
            next: self.next,
            slice: self.slice,
            begun: self.begun,
            long: self.long,
            done: self.done.clone(),
            computed: self.computed,
            instruments: Arc::clone(&self.instruments),
        }
    }

    /// Counts all keys that have not been looked at as failed.
    pub(crate) fn fail_rest(&mut self, failure: Failure) {
        self.fail(self.keys - self.next, failure);
    }

    /// Counts so many keys as failed. Those behind may fail alike, so they are looked at one by one first.
    fn fail(&mut self, keys: usize, failure: Failure) {
        self.done.fail(keys, failure);
        self.next += keys;
        self.begun = true;
        self.slice = 1;
    }

    /// A slice of which no key has a result.
    fn failed(&mut self, failure: Failure) {
        let Some(asked) = &self.asked else {
            // The request itself is wrong.
            return self.fail_rest(failure);
        };
        match failure {
            // Where it was is not known, so it is over.
            Failure::Panicked(_)
            | Failure::Stopping
            | Failure::Read(ReadError::NoStore(_) | ReadError::BadState { .. }) => {
                self.fail_rest(failure);
            }
            // The first key, by itself.
            Failure::TooLarge(_) => self.fail(1, failure),
            Failure::Compute(ref of) if matches!(**of, ComputeFailure::LargeValue { .. }) => {
                self.fail(1, failure);
            }
            // One of the keys: which one, is found one by one.
            _ if self.slice.min(self.keys - self.next) > 1 => self.slice = 1,
            Failure::Read(
                ReadError::NeverOpened { .. }
                | ReadError::Removed { .. }
                | ReadError::Closed { .. },
            ) => {
                let keys = asked.left_in_partition(self.next);
                self.fail(keys, failure);
            }
            failure => self.fail(1, failure),
        }
    }

    /// Where it is now.
    pub(crate) fn mark(&self) -> Mark {
        Mark {
            next: self.next,
            slice: self.slice,
            done: self.done.clone(),
            computed: self.computed,
        }
    }

    /// Goes back to where it was, as what was made since then was given up.
    pub(crate) fn go_back(&mut self, mark: Mark) {
        self.next = mark.next;
        self.slice = mark.slice;
        self.computed = mark.computed;
        self.done.go_back(mark.done);
    }

    /// Works at the next slice, and returns its records as a message, if there are any. Keys that fail are counted and
    /// passed over, and all that are left only where none of them can be computed. The one failure that ends the call is
    /// [`Failure::DeadlineExceeded`].
    pub(crate) fn next_chunk(
        &mut self,
        path: &ComputePath,
        tools: &mut Tools,
        tier: Tier,
    ) -> ReadStep<Option<EncodedResponse>> {
        tools.begin_turn();
        let chunk = catch_panics(|| self.work_at_slice(path, tools, tier));
        if let Some(asked) = &mut self.asked {
            // One that is kept need not be made again.
            self.long &= asked.own_plan_bytes() > 0;
            // What the client chose is held within a bound, or not at all.
            asked.drop_own_plans();
        }
        match chunk.map_err(|failure| tools.told(failure)) {
            Ok(chunk) => ReadStep::Done(Ok(chunk)),
            Err(Failure::Read(_)) if is_late(tier) => {
                ReadStep::Done(Err(Failure::DeadlineExceeded))
            }
            Err(Failure::Compute(failure)) if matches!(*failure, ComputeFailure::Late) => {
                ReadStep::Done(Err(Failure::DeadlineExceeded))
            }
            Err(failure) if is_long(&failure) => {
                // Nothing was done. The next slice is this one again, elsewhere.
                self.long = true;
                ReadStep::Done(Ok(None))
            }
            Err(failure) => {
                self.failed(failure);
                ReadStep::Done(Ok(None))
            }
        }
    }

    fn work_at_slice(
        &mut self,
        path: &ComputePath,
        tools: &mut Tools,
        tier: Tier,
    ) -> Result<Option<EncodedResponse>, Failure> {
        let stopwatch = Stopwatch::start(true);
        let asked = match &mut self.asked {
            Some(asked) => asked,
            None => {
                let call = ComputeCall::decode_streamed(&self.message)?;
                let mut asked = Asked::compute(path, &self.message, &call)?;
                tools.planning((path.turn, tier), |pace| asked.check(path, pace))?;
                self.message = Bytes::new();
                asked.sort_by_partition();
                self.computed.operations = asked.kinds();
                self.asked.insert(asked)
            }
        };
        self.begun = true;
        if self.next == self.keys {
            // There is no key, and nothing wrong with the request.
            return Ok(None);
        }
        let begun = Instant::now();
        let limits = &path.read_path.limits;
        let (chunk, single) = (
            limits.stream_chunk_bytes(),
            limits.max_response_bytes().saturating_sub(CHUNK_FIELDS),
        );
        let next = self.next;
        let mut wanted = self.slice.min(self.keys - next);
        let (facts, read, times) = loop {
            let facts = tools
                .values
                .read(&path.read_path, asked, next, wanted, tier)?;
            let slice = Slice {
                next,
                strategy: facts.strategy,
                tier,
                ends: begun + path.turn,
            };
            let read = tools.values.found.len();
            let results = Wanted::Results {
                most: single,
                key_by_key: true,
            };
            let begun = Instant::now();
            match tools.evaluate(path, asked, slice, results) {
                Ok(done) => break (facts, done, [begun, Instant::now()]),
                // Together they are too large: by itself the first one may not be.
                Err(Failure::TooLarge(_)) if read > 1 => wanted = read.div_ceil(4),
                Err(Failure::TooLarge(TooLarge { size, .. })) => {
                    // With the fields of a message around it.
                    let size = size + CHUNK_FIELDS;
                    let limit = limits.max_response_bytes();
                    return Err(TooLarge { size, limit }.into());
                }
                Err(failure) => return Err(failure),
            }
        };
        let mut data = ResponseBuilder::new(tools.results.bytes().min(chunk), usize::MAX);
        let (mut answered, mut missing, mut failed) = (0, 0, 0);
        for at in 0..read {
            if tools.results.has_failed(at) {
                (answered, failed) = (answered + 1, failed + 1);
                continue;
            }
            let key_index = asked.key_index(next + at);
            let length = tools.results.of(at).len();
            // The first record has a message by itself, if it has to.
            if !data.is_empty() && data.len() + length > chunk {
                break;
            }
            put_result(&mut data, tools, at, key_index, true);
            answered += 1;
            missing += usize::from(tools.values.found[at].is_none());
        }
        self.computed.worked(tools, answered, times);
        let took = begun.elapsed();
        self.next += answered;
        let by_time = next_slice(read, took, path.turn);
        // What does not fit into a message is worked at twice.
        let by_size = match data.len() {
            0 => by_time,
            bytes => (answered * chunk / bytes).max(1),
        };
        self.slice = by_time.min(by_size);
        let failure = tools.results.take_failure().filter(|_| failed > 0);
        if let Some(failure) = failure {
            self.done.fail(failed, failure.into());
        }
        let Done {
            footer, facts: of, ..
        } = &mut self.done;
        let found = &tools.values.found[..answered];
        note(of, (&facts, found), missing, stopwatch);
        self.computed.is_chunked = of.chunked > 0;
        footer.missing_keys += missing as u32;
        footer.found_keys += (answered - missing - failed) as u32;
        Ok((!data.is_empty()).then(|| data.finish_chunk(self.request_id, 0)))
    }
}
