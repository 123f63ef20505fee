//! Where one thread counts reads of a store version.
// #[HotPath]

use std::sync::Arc;
use std::time::Duration;

use venice_engine::StoreNumber;
use venice_metrics::{Dimension, Group, HistogramSlot, Layout, Registry, Writer};
use venice_wire::store_name::store_name;

use crate::observe::facts::Facts;
use crate::services::instruments::alike::{Alike, Answer};
use crate::services::instruments::layouts::{
    key_count, Layouts, ReadMethod, SingleLayout, KEY, REQUEST, UNKNOWN_STORE,
};
use crate::services::instruments::method::Method;

pub(super) struct StoreWriters {
    pub(super) serial: u32,
    pub(super) store_version: Arc<str>,
    /// Of calls of gRPC's `get`, whose time and messages are gRPC's own metrics, too: counted once, read in both.
    single: Option<Writer>,
    /// Of other single gets.
    other_single: Option<Writer>,
    batch: Option<Writer>,
    streamed: Option<Writer>,
    compute: Option<Writer>,
    streamed_compute: Option<Writer>,
}

/// A read that was answered.
pub(super) struct Read<'a> {
    pub(super) method: Method,
    /// Nanoseconds.
    pub(super) took: u64,
    pub(super) response_bytes: usize,
    pub(super) facts: &'a Facts,
}

/// What came of counting a read.
#[derive(Clone, Copy, Default)]
pub(super) struct Counted {
    /// It is to be kept, by chance.
    pub(super) is_sampled: bool,
    /// It is counted as a call of gRPC with it.
    pub(super) is_call: bool,
}

#[cold]
pub(super) fn new_store(
    stores: &mut Vec<Option<StoreWriters>>,
    number: StoreNumber,
    store_version: String,
) -> &mut StoreWriters {
    let index = number.index as usize;
    if stores.len() <= index {
        stores.resize_with(index + 1, || None);
    }
    stores[index].insert(StoreWriters::new(number.serial, store_version))
}

impl StoreWriters {
    fn new(serial: u32, store_version: String) -> StoreWriters {
        StoreWriters {
            serial,
            store_version: store_version.into(),
            single: None,
            other_single: None,
            batch: None,
            streamed: None,
            compute: None,
            streamed_compute: None,
        }
    }

    /// Of store versions that nobody knows any more.
    #[cold]
    pub(super) fn of_nobody() -> StoreWriters {
        StoreWriters::new(0, UNKNOWN_STORE.to_owned())
    }

    /// Counts a read. `of_get` is where calls of gRPC's `get` are counted.
    #[inline]
    pub(super) fn count(
        &mut self,
        registry: &Registry,
        layouts: &Layouts,
        of_get: &Writer,
        read: &Read<'_>,
    ) -> Counted {
        let facts = read.facts;
        let millis = millis_of(read.took);
        let mut counted = Counted::default();
        // As much as a message of gRPC can have, at least.
        let response_bytes = u32::try_from(read.response_bytes).unwrap_or(u32::MAX);
        let (writer, common) = if facts.is_batch {
            let batch = &layouts.batch;
            let writer = self.batch(registry, layouts, ReadMethod::of_facts(facts));
            writer.record(batch.times[key_count(facts.keys)], millis);
            let sizes = [facts.request_bytes, response_bytes, facts.keys];
            writer.record_wholes(batch.sizes, sizes);
            writer.record_whole(batch.chunked_values, facts.chunked);
            (writer, &batch.common)
        } else {
            let single = &layouts.single;
            counted.is_call = read.method == Method::Get;
            let writer = match (counted.is_call, &self.single, &self.other_single) {
                (true, Some(writer), _) | (false, _, Some(writer)) => writer,
                _ => self.new_single(registry, layouts, of_get, counted.is_call),
            };
            let answer = Answer::of(facts, response_bytes);
            let time = match answer.is_missing {
                false => single.time,
                true => single.missing_time,
            };
            writer.record_with_thousandth(time, millis, 1);
            record_sizes(writer, single, answer, 1);
            (writer, &single.common)
        };
        if let Some(query) = facts.spent.time {
            let slot = if facts.chunked == 0 {
                common.query_whole
            } else {
                common.query_chunked
            };
            writer.record(slot, self::millis(query));
            writer.add(common.cpu, facts.spent.cpu_nanos);
        }
        if let Some((waited, ahead)) = facts.queued {
            writer.record(common.queue_wait, self::millis(waited));
            writer.record(common.queue_size, f64::from(ahead));
        }
        if facts.missing > 0 {
            writer.add(common.not_found, facts.missing.into());
        }
        counted
    }

    /// Counts gets of gRPC that all took so many nanoseconds, as calls of `of_get` with it.
    pub(super) fn count_gets(
        &mut self,
        registry: &Registry,
        layouts: &Layouts,
        of_get: &Writer,
        took: u64,
        gets: &[Alike],
    ) {
        let single = &layouts.single;
        let writer = match &self.single {
            Some(writer) => writer,
            None => self.new_single(registry, layouts, of_get, true),
        };
        let (mut found, mut missing) = (0, 0);
        for Alike { answer, times, .. } in gets {
            record_sizes(writer, single, *answer, *times);
            match answer.is_missing {
                false => found += times,
                true => missing += times,
            }
        }
        let millis = millis_of(took);
        if found > 0 {
            writer.record_with_thousandth(single.time, millis, found);
        }
        if missing > 0 {
            writer.record_with_thousandth(single.missing_time, millis, missing);
            writer.add(single.common.not_found, missing.into());
        }
    }

    fn batch(&mut self, registry: &Registry, layouts: &Layouts, method: ReadMethod) -> &Writer {
        let writer = match method {
            ReadMethod::Streamed => &mut self.streamed,
            ReadMethod::Compute => &mut self.compute,
            ReadMethod::StreamedCompute => &mut self.streamed_compute,
            ReadMethod::Batch | ReadMethod::Single => &mut self.batch,
        };
        let (layout, version) = (&layouts.batch.layout, &self.store_version);
        writer.get_or_insert_with(|| group(registry, layout, version, method).writer())
    }

    #[cold]
    fn new_single(
        &mut self,
        registry: &Registry,
        layouts: &Layouts,
        of_get: &Writer,
        is_get: bool,
    ) -> &Writer {
        let single = &layouts.single;
        let version = &self.store_version;
        let group = group(registry, &single.layout, version, ReadMethod::Single);
        if is_get {
            let writer = group.writer_shared_with(of_get.group(), &single.of_grpc);
            self.single.insert(writer)
        } else {
            self.other_single.insert(group.writer())
        }
    }
}

#[cold]
fn group(
    registry: &Registry,
    layout: &Arc<Layout>,
    store_version: &str,
    method: ReadMethod,
) -> Group {
    let store = store_name(store_version).unwrap_or(UNKNOWN_STORE);
    let subject = [
        (Dimension::Store, store),
        (Dimension::Method, method.name()),
    ];
    registry.group(layout, &subject)
}

/// Records the sizes of gets that were answered so.
#[inline]
fn record_sizes(writer: &Writer, single: &SingleLayout, answer: Answer, times: u16) {
    let sizes = answer.sizes;
    if answer.is_missing {
        let [key, request, response, _] = sizes;
        writer.record_whole_times(single.sizes.slot(KEY), key, times);
        writer.record_whole_times(single.sizes.slot(REQUEST), request, times);
        writer.record_whole_times(single.missing_response_size, response, times);
    } else {
        writer.record_wholes_times(single.sizes, sizes, times);
    }
}

#[inline]
pub(super) fn bytes(writer: &Writer, histogram: HistogramSlot, bytes: usize) {
    match u32::try_from(bytes) {
        Ok(bytes) => writer.record_whole(histogram, bytes),
        Err(_) => writer.record(histogram, bytes as f64),
    }
}

#[inline]
fn millis_of(nanos: u64) -> f64 {
    // As it has a sign, which costs less; it is below the age of the universe.
    nanos.cast_signed() as f64 * 1e-6
}

fn millis(took: Duration) -> f64 {
    nanos(took) * 1e-6
}

/// Not by [`Duration::as_nanos`], whose 128 bits cost more than the counting.
fn nanos(took: Duration) -> f64 {
    took.as_secs() as f64 * 1e9 + f64::from(took.subsec_nanos())
}
