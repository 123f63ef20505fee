//! What one request asks for, made ready on a compute thread: its keys, the schema that values are read with, and its plans.

use std::sync::Arc;

use bytes::Bytes;
use smallvec::SmallVec;
use venice_avro::{Pace, Schema};
use venice_catalog::Store;
use venice_compute::{CountPlan, Order, Plan, KINDS};
use venice_engine::Key;
use venice_wire::compute_call::ComputeCall;
use venice_wire::compute_request::ComputeRequest;
use venice_wire::count_call::CountCall;
use venice_wire::echoed::{bounded, Echoed};
use venice_wire::key_records::Batch;

use crate::read_path::compute::error::ComputeFailure;
use crate::read_path::compute::plans::{Compiled, MadeOf};
use crate::read_path::compute::request::{keys_failure, ComputePath};
use crate::read_path::failure::Failure;

/// A request that was admitted.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) resource: Arc<str>,
    pub(crate) store: Arc<Store>,
    /// Of the store version.
    pub(crate) number: i32,
    message: Bytes,
    keys: Vec<KeyRef>,
    /// The schema that values are read with.
    reader: Arc<str>,
    reader_id: i32,
    request: Request,
    /// Those that were needed by now, by the schemas that values were written with.
    plans: SmallVec<[(i32, Arc<Compiled>); 2]>,
    /// Schemas of which no plan can be made, and why: not tried again for each value.
    unplanned: Vec<(i32, Arc<str>)>,
    /// How many there are, once it was checked.
    operations: usize,
    /// Of each kind; none of fields to count.
    kinds: [u32; KINDS],
}

/// What its plans are made of.
#[derive(Debug)]
enum Request {
    /// A `ComputeRequestV3`.
    Compute(Bytes),
    /// Names of fields, each behind its length, and how many values of each are wanted.
    Count { names: Box<[u8]>, top: i32 },
}

/// Where a key is in the message: 16 bytes instead of a copy.
#[derive(Debug, Clone, Copy)]
struct KeyRef {
    partition: i32,
    key_index: i32,
    start: u32,
    length: u32,
}

/// Bytes that a key takes, beside those of the message.
pub(crate) const KEY_BYTES: usize = size_of::<KeyRef>();

impl KeyRef {
    fn new(message: &[u8], partition: i32, key_index: i32, key: &[u8]) -> KeyRef {
        KeyRef {
            partition,
            key_index,
            // A message has at most i32::MAX bytes.
            start: (key.as_ptr() as usize - message.as_ptr() as usize) as u32,
            length: key.len() as u32,
        }
    }
}

impl Asked {
    /// A request to compute, which `call` was decoded of.
    pub(crate) fn compute(
        path: &ComputePath,
        message: &Bytes,
        call: &ComputeCall<'_>,
    ) -> Result<Asked, Failure> {
        let (store, number) = path.store_of(call.resource_name)?;
        let records = path.keys_of(call)?;
        let most = path.read_path.limits.max_batch_keys();
        let batch = Batch::decode(records, most, |partition, key| (partition, key));
        let batch = batch.map_err(keys_failure)?;
        let keys = batch.keys.iter().zip(&batch.key_indexes);
        let keys =
            keys.map(|(&(partition, key), index)| KeyRef::new(message, partition, *index, key));
        let request = &call.body[..call.body.len() - records.len()];
        let (reader_id, reader) = reader_schema(&store, call.reader_schema())?;
        Ok(Asked {
            resource: call.resource_name.into(),
            store,
            number,
            keys: keys.collect(),
            reader,
            reader_id,
            request: Request::Compute(message.slice_ref(request)),
            plans: SmallVec::new(),
            unplanned: Vec::new(),
            operations: 0,
            kinds: [0; KINDS],
            message: message.clone(),
        })
    }

    /// A request to count, which `call` was decoded of. Its keys are where the store's partitioner has them.
    pub(crate) fn count(
        path: &ComputePath,
        message: &Bytes,
        call: &CountCall<'_>,
    ) -> Result<Asked, Failure> {
        let (store, number) = path.store_of(call.resource_name)?;
        let version = store.version(number);
        let version = version.ok_or(ComputeFailure::UnknownVersion(number))?;
        let partitioner = version
            .partitioner
            .computed()
            .map_err(ComputeFailure::from)?;
        let count = version.partition_count;
        let keys = call.keys().zip(0..).map(|(key, index)| {
            KeyRef::new(message, partitioner.partition_of(key, count), index, key)
        });
        let mut names = Vec::new();
        for name in call.field_names() {
            names.extend_from_slice(&(name.len() as u32).to_be_bytes());
            names.extend_from_slice(name.as_bytes());
        }
        let (reader_id, reader) = reader_schema(&store, None)?;
        let mut keys: Vec<KeyRef> = keys.collect();
        // Nobody hears of their order, and RocksDB reads those of a partition together.
        keys.sort_by_key(|key| key.partition);
        Ok(Asked {
            resource: call.resource_name.into(),
            keys,
            store,
            number,
            reader,
            reader_id,
            request: Request::Count {
                names: names.into(),
                top: call.top,
            },
            plans: SmallVec::new(),
            unplanned: Vec::new(),
            operations: 0,
            kinds: [0; KINDS],
            message: message.clone(),
        })
    }

    /// Keys that it names.
    pub(crate) fn keys(&self) -> usize {
        self.keys.len()
    }

    pub(crate) fn key(&self, at: usize) -> Key<'_> {
        let key = &self.keys[at];
        Key {
            partition: key.partition,
            key: &self.message[key.start as usize..][..key.length as usize],
        }
    }

    /// As the request names it.
    pub(crate) fn key_index(&self, at: usize) -> i32 {
        self.keys[at].key_index
    }

    /// Puts keys of one partition side by side.
    pub(crate) fn sort_by_partition(&mut self) {
        self.keys.sort_by_key(|key| key.partition);
    }

    /// The names of fields to count, in their order.
    pub(crate) fn names(&self) -> Vec<&str> {
        match &self.request {
            Request::Compute(_) => Vec::new(),
            Request::Count { names, .. } => names_in(names),
        }
    }

    /// How many values of a field are wanted.
    pub(crate) fn top(&self) -> i32 {
        match &self.request {
            Request::Compute(_) => 0,
            Request::Count { top, .. } => *top,
        }
    }

    /// Looks at what can be wrong with a request whatever its values are, also if it has none: the plan for values that were
    /// written with the schema that they are read with.
    pub(crate) fn check(
        &mut self,
        path: &ComputePath,
        pace: &Pace<'_>,
    ) -> Result<(), ComputeFailure> {
        let plan = self.plan(path, self.reader_id, pace)?;
        self.operations = plan.operations();
        self.kinds = match &*plan {
            Compiled::Compute(plan) => plan.kinds(),
            Compiled::Count(_) => [0; KINDS],
        };
        Ok(())
    }

    /// Operations of each kind, likewise.
    pub(crate) fn kinds(&self) -> [u32; KINDS] {
        self.kinds
    }

    /// Operations, or fields to count, once it was checked.
    pub(crate) fn operations(&self) -> usize {
        self.operations
    }

    /// Bytes of its plans that nobody else has: they are too large to be kept, or had to go.
    pub(crate) fn own_plan_bytes(&self) -> usize {
        let own = self.plans.iter().filter(|(_, plan)| is_own(plan));
        own.map(|(_, plan)| plan.memory()).sum()
    }

    /// Drops those plans. The next value needs new ones.
    pub(crate) fn drop_own_plans(&mut self) {
        self.plans.retain(|(_, plan)| !is_own(plan));
    }

    /// Keys of the partition of this one, from it on, once they are sorted.
    pub(crate) fn left_in_partition(&self, at: usize) -> usize {
        let left = &self.keys[at..];
        let partition = left.first().map(|key| key.partition);
        left.iter()
            .take_while(|key| Some(key.partition) == partition)
            .count()
    }

    /// The plan for values that were written with the schema of this id, if it was needed before.
    pub(crate) fn known_plan(&self, writer_id: i32) -> Option<Arc<Compiled>> {
        let plan = self.plans.iter().find(|(id, _)| *id == writer_id);
        plan.map(|(_, plan)| Arc::clone(plan))
    }

    /// The same, which is made if there is none.
    pub(crate) fn plan(
        &mut self,
        path: &ComputePath,
        writer_id: i32,
        pace: &Pace<'_>,
    ) -> Result<Arc<Compiled>, ComputeFailure> {
        if let Some((_, text)) = self.unplanned.iter().find(|(id, _)| *id == writer_id) {
            return Err(ComputeFailure::Unplanned(Arc::clone(text)));
        }
        let plan = self.find_or_make(path, writer_id, pace);
        match &plan {
            Ok(_) | Err(ComputeFailure::Interrupted(_)) => {}
            Err(failure) => {
                let text = bounded(failure.to_string());
                self.unplanned.push((writer_id, text.into()));
            }
        }
        plan
    }

    fn find_or_make(
        &mut self,
        path: &ComputePath,
        writer_id: i32,
        pace: &Pace<'_>,
    ) -> Result<Arc<Compiled>, ComputeFailure> {
        if let Some(plan) = self.known_plan(writer_id) {
            return Ok(plan);
        }
        let writer = value_schema(&self.store, writer_id)?;
        let (request, counts) = match &self.request {
            Request::Compute(request) => (&request[..], false),
            Request::Count { names, .. } => (&names[..], true),
        };
        let made_of = MadeOf {
            writer: &writer,
            reader: &self.reader,
            request,
            counts,
        };
        let schema = |text: &Arc<str>, id| {
            let schema = path.plans.schema(text);
            schema.map_err(|error| ComputeFailure::StoreSchema { id, error })
        };
        let plan = path.plans.find_or_make(made_of, || {
            let reader = schema(&self.reader, self.reader_id)?;
            let writer = schema(&writer, writer_id)?;
            if counts {
                let plan = CountPlan::new_while(&names_in(request), &writer, &reader, pace)?;
                return Ok::<_, ComputeFailure>(Compiled::Count(plan));
            }
            let (request, _) = ComputeRequest::decode(request, path.limits())?;
            let result = Schema::parse(&request.result_schema);
            let result = result.map_err(ComputeFailure::ResultSchema)?;
            let schemas = (&*writer, &*reader, &result);
            let plan = Plan::new_while(&request.operations, schemas, Order::Java, pace)?;
            Ok(Compiled::Compute(plan))
        })?;
        self.plans.push((writer_id, Arc::clone(&plan)));
        Ok(plan)
    }
}

/// Whether nobody else has a plan.
fn is_own(plan: &Arc<Compiled>) -> bool {
    Arc::strong_count(plan) == 1
}

/// The names that stand in `names`, each behind its length.
fn names_in(mut names: &[u8]) -> Vec<&str> {
    let mut all = Vec::new();
    while let Some((length, rest)) = names.split_first_chunk::<4>() {
        let length = u32::from_be_bytes(*length) as usize;
        let (name, rest) = rest.split_at(length.min(rest.len()));
        all.push(std::str::from_utf8(name).unwrap_or_default());
        names = rest;
    }
    all
}

fn value_schema(store: &Store, id: i32) -> Result<Arc<str>, ComputeFailure> {
    let schema = store.value_schema(id);
    schema.cloned().ok_or_else(|| ComputeFailure::NoSchema {
        store: Echoed::new(&store.name),
        id,
    })
}

/// The schema of this id, or the superset schema, or the latest.
fn reader_schema(store: &Store, id: Option<i32>) -> Result<(i32, Arc<str>), ComputeFailure> {
    let id = id.or(store.superset_schema_id);
    let id = id.unwrap_or(store.latest_value_schema_id);
    Ok((id, value_schema(store, id)?))
}
