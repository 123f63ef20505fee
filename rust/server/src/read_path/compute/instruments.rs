//! What is counted of computing: Venice's `storage_engine.read.compute.*`. A request is counted once, when it is over, by
//! the thread that ended it; next to what one costs, the lock is nothing.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use parking_lot::Mutex;
use venice_compute::KINDS;
use venice_engine::StoreNumber;
use venice_metrics::{Dimension, HistogramSlot, Instrument, Layout, Registry, Writer};
use venice_wire::store_name::store_name;

/// Values of the dimension of operations, in the order of [`KINDS`].
const OPERATIONS: [&str; KINDS] = [
    "dot_product",
    "cosine_similarity",
    "hadamard_product",
    "count",
];

/// What a request to compute came to, or its part until now.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Computed {
    /// Of its operations, how many there are of each kind.
    pub(crate) operations: [u32; KINDS],
    /// Values that they were done with.
    pub(crate) values: u32,
    /// Whether one of these was put together from chunks.
    pub(crate) is_chunked: bool,
    /// Decompressing values: nothing else is deserialized.
    pub(crate) deserializing: Duration,
    /// The operations, which write their results as they go.
    pub(crate) executing: Duration,
    /// Writing results into the answer.
    pub(crate) serializing: Duration,
}

/// Where requests to compute are counted, of all threads.
#[derive(Default)]
pub(crate) struct Instruments {
    /// `None`: nothing is counted.
    registry: Option<Registry>,
    stores: Mutex<HashMap<u32, OfStore>>,
}

/// Where those of a store version are.
struct OfStore {
    serial: u32,
    store_version: Arc<str>,
    writer: Writer,
}

impl fmt::Debug for Instruments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instruments").finish_non_exhaustive()
    }
}

struct Slots {
    layout: Arc<Layout>,
    deserializing: HistogramSlot,
    deserializing_chunked: HistogramSlot,
    executing: HistogramSlot,
    serializing: HistogramSlot,
    executions: [HistogramSlot; KINDS],
}

static SLOTS: LazyLock<Slots> = LazyLock::new(Slots::new);

impl Slots {
    fn new() -> Slots {
        let mut layout = Layout::builder();
        let deserializing = Instrument::StorageEngineReadComputeDeserializationTime;
        let of = |chunking| [(Dimension::Chunking, chunking)];
        Slots {
            deserializing: layout.histogram(deserializing, &of("unchunked")),
            deserializing_chunked: layout.histogram(deserializing, &of("chunked")),
            executing: layout.histogram(Instrument::StorageEngineReadComputeExecutionTime, &[]),
            serializing: layout
                .histogram(Instrument::StorageEngineReadComputeSerializationTime, &[]),
            executions: OPERATIONS.map(|operation| {
                let of = [(Dimension::ComputeOperation, operation)];
                layout.histogram(Instrument::StorageEngineReadComputeExecutionCount, &of)
            }),
            layout: Arc::new(layout.build()),
        }
    }
}

impl Instruments {
    /// Counts in `registry`, if there is one.
    pub(crate) fn of(registry: Option<&Registry>) -> Arc<Instruments> {
        Arc::new(Instruments {
            registry: registry.cloned(),
            stores: Mutex::default(),
        })
    }

    /// A request was answered that is of the store version of this number and name.
    pub(crate) fn count(&self, number: StoreNumber, store_version: &Arc<str>, computed: &Computed) {
        let Some(registry) = &self.registry else {
            return;
        };
        let slots: &Slots = &SLOTS;
        let mut stores = self.stores.lock();
        let is_known = stores
            .get(&number.index)
            .is_some_and(|known| known.serial == number.serial);
        if !is_known {
            let store = store_name(store_version).unwrap_or(store_version);
            let group = registry.group(&slots.layout, &[(Dimension::Store, store)]);
            let of_store = OfStore {
                serial: number.serial,
                store_version: Arc::clone(store_version),
                writer: group.writer(),
            };
            stores.insert(number.index, of_store);
        }
        let Some(OfStore { writer, .. }) = stores.get(&number.index) else {
            return;
        };
        let record = |slot, time: Duration| writer.record(slot, time.as_secs_f64() * 1e3);
        let deserializing = match computed.is_chunked {
            true => slots.deserializing_chunked,
            false => slots.deserializing,
        };
        record(deserializing, computed.deserializing);
        record(slots.executing, computed.executing);
        record(slots.serializing, computed.serializing);
        for (slot, operations) in slots.executions.iter().zip(computed.operations) {
            // As Venice counts them: how often each was done, in requests that have it.
            let executions = u64::from(operations) * u64::from(computed.values);
            if executions > 0 {
                writer.record(*slot, executions as f64);
            }
        }
    }

    /// Forgets the store versions that are here no more, so that their series can go.
    pub(crate) fn forget(&self, is_here: impl Fn(&str, StoreNumber) -> bool) {
        self.stores.lock().retain(|index, of_store| {
            let number = StoreNumber {
                index: *index,
                serial: of_store.serial,
            };
            is_here(&of_store.store_version, number)
        });
    }
}
