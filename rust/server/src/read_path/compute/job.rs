//! One request of one message, to compute or to count: worked at turn by turn until it has its answer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::oneshot;
use venice_compute::Counts;
use venice_engine::Tier;
use venice_wire::compute_call::ComputeCall;
use venice_wire::compute_records::{computed_len, put_computed, put_not_computed};
use venice_wire::count_call::{put_counts, put_end, CountCall};

use crate::memory::account::{Account, Charge};
use crate::memory::buffer_pool::LARGE_BYTES;
use crate::memory::client_memory::Purpose;
use crate::observe::facts::{Facts, Spent, Stopwatch};
use crate::read_path::compute::asked::{Asked, KEY_BYTES};
use crate::read_path::compute::error::ComputeFailure;
use crate::read_path::compute::evaluate::{is_late, Slice, Tools, Wanted};
use crate::read_path::compute::instruments::Computed;
use crate::read_path::compute::request::{ComputePath, What};
use crate::read_path::compute::values::{Found, SliceFacts, SLICE_KEYS};
use crate::read_path::failure::{Failure, OK};
use crate::read_path::stack::catch_panics;
use crate::read_path::step::{ReadStep, Stop};
use crate::response::builder::{EncodedResponse, Fields, ResponseBuilder};

/// `schemaId` of every answer: the protocol version of `ComputeResponseRecordV1`.
const PROTOCOL: i32 = 1;
/// Keys of the first slice: how long one takes is not known yet.
pub(super) const FIRST_SLICE: usize = 16;
/// First guess of a record's bytes.
const EXPECTED_RECORD_BYTES: usize = 64;
/// That guess for all keys of a request.
const MAX_EXPECTED_BYTES: usize = 16 * 1024;

/// What came of a request, how long it waited for its first turn, and how long threads were busy with it.
pub(crate) type Timed = (ReadStep<EncodedResponse>, Duration, Duration);

/// What a thread gives back.
pub(crate) enum Worked {
    /// What came of a request.
    Done(Timed),
    /// The request, which goes on elsewhere: a plan takes longer to make than a turn, or such a one is made.
    Elsewhere(Box<Job>),
}

/// How a turn ended.
pub(super) enum Turned {
    /// The request goes on in the next one.
    Unfinished,
    /// It is over.
    Over,
    /// It goes to where long plans are made.
    Long,
}

/// A request that was admitted, and who waits for its answer.
pub(crate) struct Job {
    pub(super) what: What,
    pub(super) message: Bytes,
    pub(super) tier: Tier,
    /// When it came, and how many waited then.
    pub(super) came: Instant,
    pub(super) ahead: usize,
    /// What a large answer is counted for; `None` if there is room for it.
    pub(super) account: Option<Account>,
    /// That of the answer until now.
    pub(super) charge: Option<Charge>,
    pub(super) answer: Option<oneshot::Sender<Worked>>,
    pub(super) running: Option<Box<Running>>,
    pub(super) waited: Duration,
    pub(super) worked: Duration,
}

/// A request that is worked at.
pub(super) struct Running {
    asked: Asked,
    next: usize,
    /// Keys that the next slice may have.
    slice: usize,
    made: Made,
    facts: Facts,
    computed: Computed,
}

/// What was made of the keys before.
enum Made {
    Records {
        data: ResponseBuilder,
        /// Whether missing keys have records.
        with_missing: bool,
    },
    Counts(Counts),
}

impl Job {
    /// Whether nobody waits for its answer.
    pub(super) fn is_given_up(&self) -> bool {
        self.answer.as_ref().is_none_or(oneshot::Sender::is_closed)
    }

    /// Works at it until it has its answer, or until `ends`.
    pub(super) fn turn(&mut self, path: &ComputePath, tools: &mut Tools, ends: Instant) -> Turned {
        let begun = Instant::now();
        tools.begin_turn();
        if self.running.is_none() {
            self.waited = begun.saturating_duration_since(self.came);
        }
        let worked = catch_panics(|| Ok(self.work(path, tools, ends)));
        self.worked += begun.elapsed();
        let step = match worked {
            Ok(Ok(None)) => return Turned::Unfinished,
            Ok(Ok(Some(reply))) => self.counted(reply),
            Ok(Err(Stop::Failed(failure))) if is_long(&failure) => return Turned::Long,
            Ok(Err(Stop::Failed(Failure::Read(_)))) if is_late(self.tier) => {
                ReadStep::Done(Err(ComputeFailure::Late.into()))
            }
            Ok(Err(Stop::Failed(failure))) | Err(failure) => {
                ReadStep::Done(Err(tools.told(failure)))
            }
            Ok(Err(Stop::NeedsRoom { bytes })) => ReadStep::NeedsRoom { bytes },
            // Threads that compute may wait for the disk.
            Ok(Err(Stop::NeedsDisk)) => ReadStep::NeedsDisk,
        };
        self.running = None;
        if let Some(answer) = self.answer.take() {
            // The client may have gone meanwhile; then nobody wants the answer.
            drop(answer.send(Worked::Done((step, self.waited, self.worked))));
        }
        Turned::Over
    }

    /// Gives it back to who waits for its answer, to be worked at elsewhere.
    pub(super) fn give_back(mut self: Box<Job>) {
        if let Some(answer) = self.answer.take() {
            // As above.
            drop(answer.send(Worked::Elsewhere(self)));
        }
    }

    fn work(
        &mut self,
        path: &ComputePath,
        tools: &mut Tools,
        ends: Instant,
    ) -> Result<Option<EncodedResponse>, Stop> {
        if is_late(self.tier) {
            return Err(Failure::from(ComputeFailure::Late).into());
        }
        let mut running = match self.running.take() {
            Some(running) => running,
            None => {
                let mut running = Running::begin(path, self.what, &self.message)?;
                let asked = &mut running.asked;
                tools.planning((path.turn, self.tier), |pace| asked.check(path, pace))?;
                running.computed.operations = asked.kinds();
                if tools.makes_long_plans() {
                    // It goes on where others compute, with a plan that may be large.
                    let bytes = running.held();
                    if !self.has_room(bytes) {
                        return Err(Stop::NeedsRoom { bytes });
                    }
                    self.running = Some(Box::new(running));
                    return Ok(None);
                }
                Box::new(running)
            }
        };
        loop {
            if running.next == running.asked.keys() {
                let (facts, computed) = (running.facts, running.computed);
                let resource = Arc::clone(&running.asked.resource);
                let reply = running.finish((self.waited, self.ahead as u32))?;
                if let (Some(store), What::Compute) = (facts.store, self.what) {
                    path.instruments.count(store, &resource, &computed);
                }
                return Ok(Some(reply));
            }
            let begun = Instant::now();
            let worked = running.work_at_slice(path, tools, (self.tier, ends));
            let keys = match worked {
                Ok(keys) => keys,
                Err(failure) => {
                    // What was counted of a slice cannot be told from what was before.
                    if is_long(&failure) && matches!(running.made, Made::Records { .. }) {
                        self.running = Some(running);
                    }
                    return Err(failure.into());
                }
            };
            let now = Instant::now();
            running.next_slice(keys, now.saturating_duration_since(begun), path.turn);
            let held = running.held();
            let is_whole = running.next == running.asked.keys();
            if !self.has_room(held) {
                // Others have their turns while it grows, so there has to be room for as much as it may get.
                let most = running.held_at_most(path.read_path.limits.max_response_bytes());
                let bytes = if is_whole { held } else { held.max(most) };
                return Err(Stop::NeedsRoom { bytes });
            }
            if now >= ends && !is_whole {
                self.running = Some(running);
                return Ok(None);
            }
        }
    }

    /// Whether there is room for so many bytes of an answer, which is asked for if it is large.
    fn has_room(&mut self, bytes: usize) -> bool {
        let Some(account) = &self.account else {
            return true;
        };
        let charge = self.charge.get_or_insert_with(|| account.nothing());
        bytes <= LARGE_BYTES || charge.try_set(Purpose::Answer, bytes)
    }

    /// The answer, which is counted if it is large.
    fn counted(&mut self, reply: EncodedResponse) -> ReadStep<EncodedResponse> {
        let held = reply.held();
        if !self.has_room(held) {
            return ReadStep::NeedsRoom { bytes: held };
        }
        match self.charge.take() {
            Some(charge) if held > LARGE_BYTES => ReadStep::Done(Ok(reply.with_charge(charge))),
            _ => ReadStep::Done(Ok(reply)),
        }
    }
}

impl Running {
    fn begin(path: &ComputePath, what: What, message: &Bytes) -> Result<Running, Failure> {
        let limit = path.read_path.limits.max_response_bytes();
        let (asked, made) = match what {
            What::Compute => {
                let call = ComputeCall::decode(message).map_err(ComputeFailure::Message)?;
                let asked = Asked::compute(path, message, &call)?;
                let expected = asked.keys().saturating_mul(EXPECTED_RECORD_BYTES);
                let expected = expected.min(MAX_EXPECTED_BYTES);
                let data = ResponseBuilder::with_parts(asked.keys().max(1), expected, limit);
                let with_missing = call.is_streaming;
                (asked, Made::Records { data, with_missing })
            }
            What::Count => {
                let call = CountCall::decode(message).map_err(ComputeFailure::Message)?;
                let asked = Asked::count(path, message, &call)?;
                let counts = Counts::new(asked.names().len(), limit);
                if call.fields > 0 {
                    // Before anything is read for it.
                    counts.top(0, asked.top()).map_err(ComputeFailure::from)?;
                }
                (asked, Made::Counts(counts))
            }
        };
        Ok(Running {
            facts: Facts {
                is_batch: true,
                is_compute: true,
                keys: asked.keys() as u32,
                ..Facts::default()
            },
            computed: Computed::default(),
            asked,
            next: 0,
            slice: FIRST_SLICE,
            made,
        })
    }

    /// Bytes of memory that it takes for its client.
    fn held(&self) -> usize {
        let keys = self.asked.keys() * KEY_BYTES + self.asked.own_plan_bytes();
        keys + match &self.made {
            Made::Records { data, .. } => data.held_with(0),
            Made::Counts(counts) => counts.memory(),
        }
    }

    /// The same when it has an answer of `limit` bytes.
    fn held_at_most(&self, limit: usize) -> usize {
        let keys = self.asked.keys() * KEY_BYTES + self.asked.own_plan_bytes();
        keys.saturating_add(limit)
    }

    /// Reads a slice, and works at it. Returns how many keys it had.
    fn work_at_slice(
        &mut self,
        path: &ComputePath,
        tools: &mut Tools,
        (tier, ends): (Tier, Instant),
    ) -> Result<usize, Failure> {
        let stopwatch = Stopwatch::start(true);
        let (asked, next) = (&mut self.asked, self.next);
        let wanted = self.slice.min(asked.keys() - next);
        let read = tools
            .values
            .read(&path.read_path, asked, next, wanted, tier);
        let facts = read?;
        let slice = Slice {
            next,
            strategy: facts.strategy,
            tier,
            ends,
        };
        let keys = match &mut self.made {
            Made::Records { data, with_missing } => {
                let most = data.room();
                let wanted = Wanted::Results {
                    most,
                    key_by_key: false,
                };
                let begun = Instant::now();
                let evaluated = tools.evaluate(path, asked, slice, wanted);
                let keys = evaluated.map_err(|failure| match failure {
                    Failure::TooLarge(results) => data.too_large_with(results.size).into(),
                    failure => failure,
                })?;
                let evaluated = Instant::now();
                for at in 0..keys {
                    let index = asked.key_index(next + at);
                    put_result(data, tools, at, index, *with_missing);
                    if data.is_too_large() {
                        return Err(data.too_large_with(0).into());
                    }
                }
                self.computed.worked(tools, keys, [begun, evaluated]);
                keys
            }
            Made::Counts(counts) => tools.evaluate(path, asked, slice, Wanted::Counts(counts))?,
        };
        let found = &tools.values.found[..keys];
        let missing = found.iter().filter(|found| found.is_none());
        note(&mut self.facts, (&facts, found), missing.count(), stopwatch);
        self.computed.is_chunked = self.facts.chunked > 0;
        self.next += keys;
        Ok(keys)
    }

    fn next_slice(&mut self, keys: usize, took: Duration, turn: Duration) {
        self.slice = next_slice(keys, took, turn);
    }

    fn finish(self, queued: (Duration, u32)) -> Result<EncodedResponse, Failure> {
        let Running {
            asked, made, facts, ..
        } = self;
        let reply = match made {
            Made::Records { data, with_missing } => data.finish(Fields {
                schema_id: PROTOCOL,
                // Results are not compressed.
                compression_strategy: 0,
                response_rcu: facts.keys,
                is_streaming_response: with_missing,
                error_code: OK,
                error_message: "",
            })?,
            Made::Counts(counts) => {
                let names = asked.names();
                let tops = (0..names.len()).map(|field| counts.top(field, asked.top()));
                let tops: Result<Vec<_>, _> = tops.collect();
                let tops = tops.map_err(ComputeFailure::from)?;
                EncodedResponse::written(|out| {
                    for (name, top) in names.into_iter().zip(&tops) {
                        put_counts(out, name, top);
                    }
                    put_end(out, OK, "");
                })
            }
        };
        Ok(reply.with_facts(facts).after_queue(queued))
    }
}

/// Whether a plan takes longer than a turn.
pub(super) fn is_long(failure: &Failure) -> bool {
    matches!(failure, Failure::Compute(of) if matches!(**of, ComputeFailure::LongPlan))
}

/// Keys of a slice that takes as long as a turn, if they are as those of a slice that took so long.
pub(super) fn next_slice(keys: usize, took: Duration, turn: Duration) -> usize {
    let (took, turn) = (took.as_nanos().max(1), turn.as_nanos());
    let next = usize::try_from(keys as u128 * turn / took).unwrap_or(usize::MAX);
    // One slice may have been slow by chance.
    next.clamp(1, (4 * keys).max(1)).min(SLICE_KEYS)
}

/// Appends the record of a key of the slice.
pub(super) fn put_result(
    data: &mut ResponseBuilder,
    tools: &Tools,
    at: usize,
    key_index: i32,
    with_missing: bool,
) {
    match &tools.values.found[at] {
        Some(_) => {
            let result = tools.results.of(at);
            let length = computed_len(key_index, result.len());
            data.append(length, |out| put_computed(out, key_index, result));
        }
        None if with_missing => {
            let length = computed_len(key_index.wrapping_neg(), 0);
            data.append(length, |out| put_not_computed(out, key_index));
        }
        None => {}
    }
}

impl Computed {
    /// Adds a slice, whose results `tools` have of so many keys, and which now are in the answer. It was worked at from the
    /// first of these moments to the second.
    pub(super) fn worked(&mut self, tools: &Tools, keys: usize, [begun, evaluated]: [Instant; 2]) {
        let found = tools.values.found[..keys].iter().flatten();
        self.values += found.count() as u32;
        self.deserializing += tools.decompressing;
        let evaluating = evaluated.saturating_duration_since(begun);
        self.executing += evaluating.saturating_sub(tools.decompressing);
        self.serializing += evaluated.elapsed();
    }
}

/// Counts a slice.
pub(super) fn note(
    facts: &mut Facts,
    (slice, found): (&SliceFacts, &[Option<Found>]),
    missing: usize,
    stopwatch: Stopwatch,
) {
    facts.store = Some(slice.store);
    facts.missing += missing as u32;
    let chunked = found.iter().flatten().filter(|found| found.chunked);
    facts.chunked += chunked.count() as u32;
    // The time of the reads alone, and the processor time of all.
    facts.spent.add(Spent {
        cpu_nanos: stopwatch.read().cpu_nanos,
        ..slice.spent
    });
}
