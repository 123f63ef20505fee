//! Plans that are kept for the next request with the same operations and schemas, within a bound in bytes.
//!
//! What a client chose, its operations and its result schema, is a part of what a plan is found by. So who sends another
//! one each time makes a plan each time, and fills only the part for plans that were used once: a plan that is used again
//! moves to the part of those, where no newcomer takes its place (the "2Q" of Johnson and Shasha, 1994, without its ghosts).
//!
//! A plan of more than an eighth of all these bytes is not kept. What it costs to make it for each request is in proportion to the
//! request and the schemas, is worked off in the request's own turns, and ends with its deadline; its bytes are those of the client
//! as long as the request has it ([`crate::read_path::compute::job`]).

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use parking_lot::Mutex;
use venice_avro::{Schema, SchemaError};
use venice_compute::{CountPlan, Plan};

/// What is made of a request and two schemas.
#[derive(Debug)]
pub(crate) enum Compiled {
    Compute(Plan),
    Count(CountPlan),
}

impl Compiled {
    /// Bytes that it takes in memory, about.
    pub(crate) fn memory(&self) -> usize {
        match self {
            Compiled::Compute(plan) => plan.memory(),
            Compiled::Count(plan) => plan.memory(),
        }
    }

    /// Operations, or fields to count.
    pub(crate) fn operations(&self) -> usize {
        match self {
            Compiled::Compute(plan) => plan.operations(),
            Compiled::Count(plan) => plan.fields(),
        }
    }
}

/// What a plan is made of, and found by. Texts of schemas are compared, too: an id may mean another schema once a store
/// was deleted and made anew.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MadeOf<'a> {
    /// The schema that values were written with, and the one that they are read with.
    pub(crate) writer: &'a Arc<str>,
    pub(crate) reader: &'a Arc<str>,
    /// The request, as it came.
    pub(crate) request: &'a [u8],
    /// Whether the request is one to count.
    pub(crate) counts: bool,
}

/// A plan that is kept.
#[derive(Debug)]
struct Kept {
    writer: Arc<str>,
    reader: Arc<str>,
    request: Box<[u8]>,
    compiled: Arc<Compiled>,
}

impl Kept {
    fn is_of(&self, made_of: &MadeOf<'_>) -> bool {
        let same = |one: &Arc<str>, other: &Arc<str>| Arc::ptr_eq(one, other) || one == other;
        *self.request == *made_of.request
            && matches!(*self.compiled, Compiled::Count(_)) == made_of.counts
            && same(&self.writer, made_of.writer)
            && same(&self.reader, made_of.reader)
    }
}

/// Bytes of an entry beside what it holds: in two maps, and allocations.
const ENTRY_BYTES: usize = 400;

/// Plans, and schemas of stores that they are made of; shared by all threads.
#[derive(Debug)]
pub(crate) struct Plans {
    hasher: RandomState,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Used once, and more often.
    once: Recent<Kept>,
    again: Recent<Kept>,
    schemas: Recent<(Arc<str>, Arc<Schema>)>,
}

impl Plans {
    /// None yet. All together take `bytes` at most.
    pub(crate) fn new(bytes: usize) -> Plans {
        Plans {
            hasher: RandomState::new(),
            state: Mutex::new(State {
                once: Recent::new(bytes / 4),
                again: Recent::new(bytes / 2),
                schemas: Recent::new(bytes / 4),
            }),
        }
    }

    /// The plan of a request; `make` makes it if there is none. Nothing is kept of a failure.
    pub(crate) fn find_or_make<E>(
        &self,
        made_of: MadeOf<'_>,
        make: impl FnOnce() -> Result<Compiled, E>,
    ) -> Result<Arc<Compiled>, E> {
        let MadeOf {
            writer,
            reader,
            request,
            counts,
        } = made_of;
        let of = (request, counts, writer.len(), reader.len());
        let hash = self.hasher.hash_one(of);
        if let Some(compiled) = self.find(hash, &made_of) {
            return Ok(compiled);
        }
        // Without the lock. Two threads may make the same.
        let compiled = Arc::new(make()?);
        let kept = Kept {
            writer: Arc::clone(writer),
            reader: Arc::clone(reader),
            request: request.into(),
            compiled: Arc::clone(&compiled),
        };
        let bytes = ENTRY_BYTES + request.len() + compiled.memory();
        self.state.lock().once.put(hash, bytes, kept);
        Ok(compiled)
    }

    fn find(&self, hash: u64, made_of: &MadeOf<'_>) -> Option<Arc<Compiled>> {
        let mut state = self.state.lock();
        if let Some(kept) = state.again.get(hash, |kept| kept.is_of(made_of)) {
            return Some(Arc::clone(&kept.compiled));
        }
        let (kept, bytes) = state.once.take(hash, |kept| kept.is_of(made_of))?;
        let compiled = Arc::clone(&kept.compiled);
        state.again.put(hash, bytes, kept);
        Some(compiled)
    }

    /// The schema of a text that is a store's.
    pub(crate) fn schema(&self, text: &Arc<str>) -> Result<Arc<Schema>, SchemaError> {
        let hash = self.hasher.hash_one(text);
        let known = |(of, _): &(Arc<str>, _)| of == text;
        if let Some((_, schema)) = self.state.lock().schemas.get(hash, known) {
            return Ok(Arc::clone(schema));
        }
        let schema = Arc::new(Schema::parse(text)?);
        let bytes = ENTRY_BYTES + text.len() + schema.memory();
        let kept = (Arc::clone(text), Arc::clone(&schema));
        self.state.lock().schemas.put(hash, bytes, kept);
        Ok(schema)
    }

    /// Bytes that are kept.
    pub(crate) fn bytes(&self) -> usize {
        let state = self.state.lock();
        state.once.bytes + state.again.bytes + state.schemas.bytes
    }
}

/// Values by their hashes, of which the one that was not used for longest goes first.
#[derive(Debug)]
struct Recent<T> {
    entries: HashMap<u64, Entry<T>>,
    /// Hashes by the time of the last use.
    order: BTreeMap<u64, u64>,
    time: u64,
    bytes: usize,
    limit: usize,
}

#[derive(Debug)]
struct Entry<T> {
    value: T,
    bytes: usize,
    used: u64,
}

impl<T> Recent<T> {
    fn new(limit: usize) -> Recent<T> {
        Recent {
            entries: HashMap::new(),
            order: BTreeMap::new(),
            time: 0,
            bytes: 0,
            limit,
        }
    }

    fn get(&mut self, hash: u64, is: impl Fn(&T) -> bool) -> Option<&T> {
        let entry = self
            .entries
            .get_mut(&hash)
            .filter(|entry| is(&entry.value))?;
        self.time += 1;
        self.order.remove(&entry.used);
        self.order.insert(self.time, hash);
        entry.used = self.time;
        Some(&entry.value)
    }

    fn take(&mut self, hash: u64, is: impl Fn(&T) -> bool) -> Option<(T, usize)> {
        self.entries.get(&hash).filter(|entry| is(&entry.value))?;
        self.remove(hash)
    }

    fn remove(&mut self, hash: u64) -> Option<(T, usize)> {
        let entry = self.entries.remove(&hash)?;
        self.order.remove(&entry.used);
        self.bytes -= entry.bytes;
        Some((entry.value, entry.bytes))
    }

    /// Keeps `value`, unless it alone takes half of what there is for all. What has its hash gives way.
    fn put(&mut self, hash: u64, bytes: usize, value: T) {
        self.remove(hash);
        if bytes > self.limit / 2 {
            return;
        }
        while self.bytes + bytes > self.limit {
            let Some((_, oldest)) = self.order.pop_first() else {
                break;
            };
            if let Some(entry) = self.entries.remove(&oldest) {
                self.bytes -= entry.bytes;
            }
        }
        self.time += 1;
        self.bytes += bytes;
        self.order.insert(self.time, hash);
        let used = self.time;
        self.entries.insert(hash, Entry { value, bytes, used });
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use venice_compute::Order;

    use super::*;

    const SCHEMA: &str = r#"{"type":"record","name":"R","fields":[{"name":"a","type":"string"},{"name":"b","type":"int"}]}"#;

    fn plan() -> Result<Compiled, SchemaError> {
        let schema = Schema::parse(SCHEMA)?;
        Ok(Compiled::Compute(
            Plan::new(&[], &schema, &schema, &schema, Order::Java).unwrap(),
        ))
    }

    fn found(plans: &Plans, text: &Arc<str>, request: &[u8], counts: bool) -> bool {
        let made = Cell::new(false);
        let made_of = MadeOf {
            writer: text,
            reader: text,
            request,
            counts,
        };
        let compiled = plans.find_or_make(made_of, || {
            made.set(true);
            if counts {
                let schema = Schema::parse(SCHEMA)?;
                return Ok(Compiled::Count(
                    CountPlan::new(&["a"], &schema, &schema).unwrap(),
                ));
            }
            plan()
        });
        assert!(compiled.is_ok());
        !made.get()
    }

    #[test]
    fn a_plan_is_found_by_all_that_it_is_made_of() {
        let plans = Plans::new(1 << 20);
        let text: Arc<str> = SCHEMA.into();
        assert!(!found(&plans, &text, b"request", false));
        assert!(found(&plans, &text, b"request", false));
        // An equal text elsewhere is the same schema; another of the same length is not.
        assert!(found(&plans, &Arc::from(SCHEMA), b"request", false));
        assert!(!found(
            &plans,
            &Arc::from(SCHEMA.replace('a', "c")),
            b"request",
            false
        ));
        assert!(!found(&plans, &text, b"another", false));
        assert!(!found(&plans, &text, b"another", true));
        assert!(found(&plans, &text, b"another", true));
    }

    #[test]
    fn what_always_changes_takes_no_place_of_what_is_used_again() {
        let limit = 64 * 1024;
        let plans = Plans::new(limit);
        let text: Arc<str> = SCHEMA.into();
        assert!(!found(&plans, &text, b"used again", false));
        assert!(found(&plans, &text, b"used again", false));
        for number in 0..10_000u32 {
            assert!(!found(&plans, &text, &number.to_be_bytes(), false));
            assert!(plans.bytes() <= limit / 4 + limit / 2, "{}", plans.bytes());
        }
        assert!(found(&plans, &text, b"used again", false));
        // The last of the others is there, the first is not.
        assert!(found(&plans, &text, &9_999u32.to_be_bytes(), false));
        assert!(!found(&plans, &text, &0u32.to_be_bytes(), false));
    }

    #[test]
    fn what_takes_too_much_is_not_kept() {
        let plans = Plans::new(64 * 1024);
        let text: Arc<str> = SCHEMA.into();
        let large = vec![7; 9 * 1024];
        assert!(!found(&plans, &text, &large, false));
        assert!(!found(&plans, &text, &large, false));
        assert_eq!(plans.bytes(), 0);
    }

    #[test]
    fn schemas_are_parsed_once() {
        let plans = Plans::new(1 << 20);
        let text: Arc<str> = SCHEMA.into();
        let first = plans.schema(&text).unwrap();
        assert!(Arc::ptr_eq(
            &first,
            &plans.schema(&Arc::from(SCHEMA)).unwrap()
        ));
        assert!(plans.schema(&Arc::from("{")).is_err());
    }
}
