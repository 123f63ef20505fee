//! **The page to read first**: what happens to a request, step by step, and why in this order.
//!
//! Here a request is bytes and an answer is bytes. Nothing knows of HTTP/2, of gRPC, of threads or
//! of sockets, so another transport can stand on top of [`ReadPath::answer`], and tests need no
//! socket. It follows the Java server's handler chain (`SRV/listener/grpc/handlers/`), without its
//! detours.
// #[HotPath]

use std::iter;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Arc;
use std::time::Instant;

use venice_engine::{panic_text, Key, ReadError, Registry, StoreNumber, Tier, Value};
use venice_wire::count_call::CountCall;
use venice_wire::key_records::{self, Batch, BatchError, MIN_RECORD};
use venice_wire::key_string;
use venice_wire::request::Request;
use venice_wire::store_name::check_names;
use venice_wire::text::Text;

use crate::config::limits::Limits;
use crate::observe::facts::{Facts, Stopwatch};
use crate::observe::hot_keys::HotKeys;
use crate::policy::access::{self, Access, PendingAccess, Principal};
use crate::policy::quota::decision::Decision;
use crate::policy::quota::Quota;
use crate::read_path::failure::{Failure, KEY_NOT_FOUND, KEY_NOT_FOUND_MESSAGE, OK};
use crate::read_path::ready::Ready;
use crate::read_path::step::{AdmissionStep, ReadStep, Stop};
use crate::response::builder::{EncodedResponse, Fields, ResponseBuilder, TooLarge};
use crate::response::place::Place;
use crate::response::records::Records;

/// Batches above this many keys go to the disk pool at once; work on a connection's thread is to stay below 100 µs, or
/// its other requests wait. In memory keys are read alike on both. With 25 and 32 keys of 1 KiB in block-based tables the change of
/// threads cost 1.27 of the processor time of a batch, with 40 keys 1.16 (baselines' `ours`, by turns).
pub const INLINE_BATCH_KEYS: usize = 40;
/// As above, of plain tables, whose keys take half the time.
pub const INLINE_PLAIN_BATCH_KEYS: usize = 64;

/// A chunked value of more bytes is not put together on a connection's thread: to copy as many takes as
/// long as that thread may be held up.
pub const INLINE_VALUE_BYTES: usize = 256 * 1024;

/// `schemaId` of every batch answer: the protocol version of `MultiGetResponseRecordV1`.
const BATCH_SCHEMA_ID: i32 = 1;

/// First guess of a batch answer's bytes per key; a wrong guess costs a growing buffer.
const EXPECTED_RECORD_BYTES: usize = 256;

/// That guess for a batch of any size; the first keys tell more.
const MAX_EXPECTED_BYTES: usize = 100 * EXPECTED_RECORD_BYTES;

/// What a request has to pass before it may read.
#[derive(Clone, Copy)]
pub struct Admission<'a> {
    /// Who asks whom; `None` if access is not controlled, or was granted.
    pub access: Option<(&'a Access, &'a Principal)>,
    /// How much may be read.
    pub quota: &'a Quota,
    /// Whether the client makes the request again. Over HTTP it says so, and the store version's quota is not
    /// charged twice; over gRPC nobody looks at what it says, as in Java.
    pub is_retry: bool,
    /// Whether batches go to the disk pool, however few keys they have: the turn that brought them took them for single gets,
    /// and did not count their keys.
    pub batches_wait: bool,
}

impl Admission<'_> {
    /// What is left when access was granted.
    pub fn with_access(self) -> Self {
        Admission {
            access: None,
            ..self
        }
    }
}

/// Answers requests from the databases that are open in this process.
#[derive(Clone)]
pub struct ReadPath {
    pub(crate) registry: Arc<Registry>,
    pub(crate) limits: Arc<Limits>,
    /// Which keys are read most, while somebody wants to know.
    pub(crate) hot_keys: Arc<HotKeys>,
}

impl ReadPath {
    /// Answers from `registry`, within `limits`.
    pub fn new(registry: Arc<Registry>, limits: &Arc<Limits>) -> ReadPath {
        ReadPath {
            registry,
            limits: Arc::clone(limits),
            hot_keys: Arc::default(),
        }
    }

    /// Answers the `VeniceClientRequest` in `message` from memory, in `place`, if `admission` lets it pass.
    ///
    /// With [`ReadStep::NeedsDisk`] the request has been admitted, and the caller goes on with
    /// [`ReadPath::answer`] where waiting is allowed. With [`AdmissionStep::NeedsAccess`] nothing was
    /// done, and the caller asks again with [`Admission::with_access`].
    pub fn admit<'a>(
        &self,
        message: &[u8],
        admission: &Admission<'a>,
        place: &mut Place<'_>,
    ) -> AdmissionStep<'a, ReadStep<EncodedResponse>> {
        let admitted = catch_panics(|| {
            let request = decode(message)?;
            self.check_and_read(&request, None, admission, place)
        });
        admitted.unwrap_or_else(|failure| AdmissionStep::Decided(Err(failure)))
    }

    pub(super) fn check_and_read<'a>(
        &self,
        request: &Request<'_>,
        ready: Option<&Ready<'_>>,
        admission: &Admission<'a>,
        place: &mut Place<'_>,
    ) -> Result<AdmissionStep<'a, ReadStep<EncodedResponse>>, Failure> {
        // 2. Access. Before the keys are looked at, as in Java: who may not read is told so, and
        //    nothing else. Before quota: only authorised requests may consume it.
        if let Some(pending) = check_access(admission, request.resource_name, request.method)? {
            return Ok(AdmissionStep::NeedsAccess(pending));
        }
        let read = self.read(request, ready, Some(admission), Tier::Memory, place);
        Ok(AdmissionStep::Decided(Ok(read.into())))
    }

    /// Answers the `VeniceClientRequest` in `message`, which has been admitted, in `place`, where waiting is
    /// allowed: with [`Tier::Any`] or [`Tier::Until`]. With [`Tier::Memory`] it never waits, and what
    /// memory cannot answer is a failure. Running twice is safe, as a read changes nothing.
    pub fn answer(
        &self,
        message: &[u8],
        tier: Tier,
        place: &mut Place<'_>,
    ) -> ReadStep<EncodedResponse> {
        let answer = catch_panics(|| {
            let request = decode(message)?;
            Ok(self.read(&request, None, None, tier, place))
        });
        let answer = match answer {
            Ok(answer) => answer,
            Err(failure) => return ReadStep::Done(Err(failure)),
        };
        ReadStep::Done(match (answer, tier) {
            (Ok(reply), _) => Ok(reply),
            // RocksDB gave up at the client's deadline: that is no failure of the read.
            (Err(Stop::Failed(Failure::Read(_)) | Stop::NeedsDisk), Tier::Until(deadline))
                if Instant::now() >= deadline =>
            {
                Err(Failure::DeadlineExceeded)
            }
            (Err(Stop::Failed(failure)), _) => Err(failure),
            (Err(Stop::NeedsDisk), _) => Err(Failure::Read(ReadError::WouldBlock)),
            (Err(Stop::NeedsRoom { bytes }), _) => return ReadStep::NeedsRoom { bytes },
        })
    }

    /// Steps 3 to 7, of a request whose access was granted; without `admission`, whose quota was
    /// charged as well.
    fn read(
        &self,
        request: &Request<'_>,
        ready: Option<&Ready<'_>>,
        admission: Option<&Admission<'_>>,
        tier: Tier,
        place: &mut Place<'_>,
    ) -> Result<EncodedResponse, Stop> {
        // 3. Single or batch. The request says so itself, whatever the RPC is called.
        if request.is_batch {
            self.batch_get(request, admission, tier, place)
        } else {
            self.single_get(request, ready, admission, tier, place)
        }
    }

    fn single_get(
        &self,
        request: &Request<'_>,
        ready: Option<&Ready<'_>>,
        admission: Option<&Admission<'_>>,
        tier: Tier,
        place: &mut Place<'_>,
    ) -> Result<EncodedResponse, Stop> {
        // 4. The key. Before any lookup, as in Java: a request that cannot be parsed is refused as
        //    such, wherever it was sent.
        let decoded;
        let key = match ready.and_then(|ready| ready.key) {
            Some(key) => key,
            None => {
                decoded = key_string::decode(request.key_string)?;
                &decoded[..]
            }
        };

        // 5. Quota, once per request. Behind the keys, which are what is counted; before the
        //    lookup, which a refused request must not cost.
        self.charge(admission, request.resource_name, 1, Keys::One(key))?;

        // What was found ahead needs the rest no more.
        if let Some(reply) = ready.and_then(|ready| self.answer_found(ready, place)) {
            return reply;
        }

        // 6. The store version and its state, which says how the answer is compressed and whether
        //    keys are chunked. It is looked up once: both have to be of the same state.
        let version = self.registry.version_now(request.resource_name)?;
        let reader = version.reader(tier)?;

        // 7. Read and encode in one go: the value is copied once, from where RocksDB pins it into
        // the
        //    answer. The pin ends with the closure, before anything is sent. A value in chunks that
        //    is too large for an answer is known by its manifest, and no chunk of it is read.
        let limit = self.limits.max_response_bytes();
        let room = limit.min(most_value(tier));
        let stopwatch = Stopwatch::start(tier != Tier::Memory);
        let mut facts = Facts {
            store: Some(reader.store_number()),
            keys: 1,
            key_bytes: key.len() as u32,
            ..Facts::default()
        };
        let looked_for = ready.and_then(|ready| ready.looked_for);
        let found = reader.get_with(request.partition, key, room, looked_for, |value| {
            facts.value_bytes = value.len() as u32;
            facts.chunked = value.is_chunked().into();
            self.single_value(&value, reader.compression_strategy(), place)
        });
        facts.spent = stopwatch.read();
        let found =
            found.map_err(|error| no_room(error, limit, |size| TooLarge { size, limit }))?;
        let reply = match found {
            Some(reply) => reply?,
            None => {
                facts.missing = 1;
                self.no_value(reader.compression_strategy())?
            }
        };
        Ok(reply.with_facts(facts))
    }

    pub(super) fn single_value(
        &self,
        value: &Value<'_>,
        compression_strategy: i32,
        place: &mut Place<'_>,
    ) -> Result<EncodedResponse, Stop> {
        let fields = Fields {
            schema_id: value.schema_id(),
            compression_strategy,
            response_rcu: 1,
            // Java echoes the request's flag for batches only.
            is_streaming_response: false,
            error_code: OK,
            error_message: "",
        };
        let (limit, length) = (self.limits.max_response_bytes(), value.len());
        let write = |out: &mut Vec<u8>| value.copy_to(out);
        if let Some(reply) = place.message(limit, length, write, &fields) {
            return Ok(reply);
        }
        // What is too large is no matter of room.
        if length <= limit && !place.has_room(length) {
            return Err(Stop::NeedsRoom { bytes: length });
        }
        let mut data = ResponseBuilder::new(length, limit);
        data.append(length, write);
        Ok(data.finish(fields)?)
    }

    /// A miss is an answer with the strategy and the cost of the read, not a bare error.
    pub(super) fn no_value(&self, compression_strategy: i32) -> Result<EncodedResponse, Stop> {
        let room = KEY_NOT_FOUND_MESSAGE.len();
        let data = ResponseBuilder::new(room, self.limits.max_response_bytes());
        Ok(data.finish(Fields {
            compression_strategy,
            response_rcu: 1,
            error_code: KEY_NOT_FOUND,
            error_message: KEY_NOT_FOUND_MESSAGE,
            ..Fields::default()
        })?)
    }

    fn batch_get(
        &self,
        request: &Request<'_>,
        admission: Option<&Admission<'_>>,
        tier: Tier,
        place: &mut Place<'_>,
    ) -> Result<EncodedResponse, Stop> {
        //    A large batch would hold up its neighbours on this thread even when all of it is in
        //    memory. Steps 4 and 5, without keeping the keys, and elsewhere the rest.
        let waits = admission.is_some_and(|admission| admission.batches_wait);
        let may_be_large = waits || request.key_bytes.len() > INLINE_BATCH_KEYS * MIN_RECORD;
        if tier == Tier::Memory && may_be_large {
            let keys = key_records::count(request.key_bytes, self.limits.max_batch_keys())?;
            if waits || keys > self.inline_keys(request.resource_name) {
                let records = Keys::Records(request.key_bytes);
                self.charge(admission, request.resource_name, keys as u64, records)?;
                return Err(Stop::NeedsDisk);
            }
        }

        // 4. The keys, for the same reason as above.
        let Batch { key_indexes, keys } =
            Batch::decode(request.key_bytes, self.limits.max_batch_keys(), Key::new)?;

        // 5. As above. Each key counts, found or not, also when it comes twice.
        let records = Keys::Records(request.key_bytes);
        self.charge(admission, request.resource_name, keys.len() as u64, records)?;

        // 6. As above.
        let version = self.registry.version_now(request.resource_name)?;
        let reader = version.reader(tier)?;

        // 7. Read and encode, key by key in the order of the request. One failing key fails the
        // batch:
        //    the client has no way to read a partial answer. So the read ends where the answer gets
        //    too large; what was read ahead by then is a slice, and as large as an answer at most.
        let expected = keys
            .len()
            .saturating_mul(EXPECTED_RECORD_BYTES)
            .min(MAX_EXPECTED_BYTES);
        let mut records = Records {
            place,
            needs_room: None,
            data: ResponseBuilder::with_parts(
                keys.len(),
                expected,
                self.limits.max_response_bytes(),
            ),
            key_indexes: &key_indexes,
            // Only who asked for streaming understands the record of a missing key.
            with_missing: request.is_streaming,
            most: most_value(tier),
            missing: 0,
            chunked: 0,
        };
        let stopwatch = Stopwatch::start(tier != Tier::Memory);
        reader.multi_get(&keys, &mut records).map_err(|error| {
            let data = &records.data;
            no_room(error, data.room(), |size| data.too_large_with(size))
        })?;
        if let Some(bytes) = records.needs_room {
            return Err(Stop::NeedsRoom { bytes });
        }
        let facts = Facts {
            store: Some(reader.store_number()),
            is_batch: true,
            keys: keys.len() as u32,
            missing: records.missing,
            chunked: records.chunked,
            spent: stopwatch.read(),
            ..Facts::default()
        };
        let reply = records.data.finish(Fields {
            schema_id: BATCH_SCHEMA_ID,
            compression_strategy: reader.compression_strategy(),
            // Counts keys asked for, found or not. A request of u32::MAX keys does not fit a
            // message.
            response_rcu: keys.len() as u32,
            is_streaming_response: request.is_streaming,
            error_code: OK,
            error_message: "",
        })?;
        Ok(reply.with_facts(facts))
    }

    /// How many single gets the `VeniceClientRequest` in `message` takes as long as, about: one for each key.
    pub(crate) fn weight(message: &[u8]) -> usize {
        match Request::decode(message) {
            Ok(request) if request.is_batch => ReadPath::weight_of_keys(request.key_bytes),
            _ => 1,
        }
    }

    /// The same of a batch's `keyBytes`. No more are counted than a connection's thread reads; what is malformed is refused at
    /// no cost.
    pub(crate) fn weight_of_keys(key_bytes: &[u8]) -> usize {
        match key_records::count(key_bytes, INLINE_PLAIN_BATCH_KEYS) {
            Ok(keys) => keys,
            Err(BatchError::TooManyKeys { limit }) => limit,
            Err(_) => 1,
        }
    }

    /// Keys of a batch that a connection's thread reads itself, at most.
    fn inline_keys(&self, resource: impl AsRef<[u8]>) -> usize {
        if self.has_plain_tables(resource) {
            INLINE_PLAIN_BATCH_KEYS
        } else {
            INLINE_BATCH_KEYS
        }
    }

    /// The name of the store version that has this number.
    pub fn name_of(&self, number: StoreNumber) -> Option<String> {
        let version = self.registry.store_version_of(number);
        version.map(|version| version.name().to_owned())
    }

    /// The store version of that name, if it is here: names of others are what clients make up.
    pub fn known<'a>(&self, store_version: &'a str) -> Option<&'a str> {
        self.registry.has(store_version).then_some(store_version)
    }

    /// Whether `store_version` is here, as what it was when it had this number.
    pub fn is_here(&self, store_version: &str, number: StoreNumber) -> bool {
        let here = self.registry.version_now(store_version);
        here.is_ok_and(|here| here.number() == number)
    }

    pub(crate) fn has_plain_tables(&self, resource: impl AsRef<[u8]>) -> bool {
        let version = self.registry.version_now(resource);
        version.is_ok_and(|version| version.has_plain_tables())
    }

    pub(crate) fn charge<'r>(
        &self,
        admission: Option<&Admission<'_>>,
        resource: impl Into<Text<'r>>,
        keys: u64,
        which: Keys<'_>,
    ) -> Result<(), Failure> {
        let Some(admission) = admission else {
            return Ok(()); // charged before
        };
        let resource = resource.into();
        let hosted = || self.registry.has(resource);
        match admission
            .quota
            .charge(resource.as_bytes(), keys, admission.is_retry, hosted)
        {
            Decision::Allowed | Decision::AllowedUnintentionally => {
                if self.hot_keys.runs() {
                    self.count_keys(resource.as_str(), which);
                }
                Ok(())
            }
            Decision::Rejected => Err(Failure::QuotaExceeded),
            Decision::OverCapacity => Err(Failure::OverCapacity),
            Decision::UnknownStore => Err(Failure::UnknownStore(resource.as_str().to_owned())),
        }
    }

    /// Counts what is read, for who wants to know which keys are hot.
    #[cold]
    fn count_keys(&self, resource: &str, which: Keys<'_>) {
        if !self.registry.has(resource) {
            return; // a name that a client made up
        }
        match which {
            Keys::One(key) => self.hot_keys.count(resource, iter::once(key)),
            Keys::Counted(call) => self.hot_keys.count(resource, call.keys()),
            Keys::Records(records) => {
                let batch = Batch::decode(records, self.limits.max_batch_keys(), |_, key| key);
                if let Ok(batch) = batch {
                    self.hot_keys.count(resource, batch.keys.into_iter());
                }
            }
        }
    }
}

/// The keys of a request.
#[derive(Clone, Copy)]
pub(crate) enum Keys<'a> {
    /// That of a single get.
    One(&'a [u8]),
    /// Those of a batch, as they came.
    Records(&'a [u8]),
    /// Those of `countByValue`.
    Counted(&'a CountCall<'a>),
}

/// Bytes of a chunked value that is read with `tier`, at most.
pub(crate) fn most_value(tier: Tier) -> usize {
    match tier {
        Tier::Memory => INLINE_VALUE_BYTES,
        Tier::Any | Tier::Until(_) => usize::MAX,
    }
}

/// What it means that a read had no room for a chunked value: the answer, with room for `room` bytes,
/// is too large with it, or it is not to be read on this thread.
pub(crate) fn no_room(
    error: ReadError,
    room: usize,
    too_large: impl FnOnce(usize) -> TooLarge,
) -> Stop {
    match error {
        ReadError::NoRoom { size } if size > room => too_large(size).into(),
        ReadError::NoRoom { .. } => Stop::NeedsDisk,
        error => error.into(),
    }
}

/// 1. Decode. First, because everything else needs it, and because it costs nothing: the request stays
///    where the transport put it. Its names are bounded from here on, as access decisions are kept by
///    them.
pub(crate) fn decode(message: &[u8]) -> Result<Request<'_>, Failure> {
    let request = Request::decode(message)?;
    check_names(request.resource_name, request.method)?;
    Ok(request)
}

/// Whether the client may read; what is to be awaited, if that is not known yet.
pub(crate) fn check_access<'a, 'r>(
    admission: &Admission<'a>,
    resource: impl Into<Text<'r>>,
    method: &str,
) -> Result<Option<PendingAccess<'a>>, Failure> {
    let Some((access, principal)) = admission.access else {
        return Ok(None);
    };
    match access.decide(principal, resource.into().as_str(), method) {
        access::Decision::Granted => Ok(None),
        access::Decision::Denied(denial) => Err(Failure::Denied(denial)),
        access::Decision::Unknown(pending) => Ok(Some(pending)),
    }
}

/// A panic ends here, as [`Failure::Panicked`]: one request must not take a thread of the JVM's process
/// with it. Nothing of the request outlives it, so no broken state can be seen later.
pub(crate) fn catch_panics<T>(work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|panic| Err(Failure::Panicked(panic_text(&*panic).to_owned())))
}
