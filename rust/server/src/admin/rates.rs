//! Reads per second of each store and of each partition, and what they take: counters at two times. Nothing is counted for it that
//! is not counted anyway: those of partitions are what their databases count readers by, to be closed behind them.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::task::spawn_blocking;
use tokio::time::{sleep, Instant};
use venice_engine::{Condition, Registry};
use venice_metrics::model::{Point, Snapshot, Value};
use venice_metrics::{Dimension, Instrument};

use crate::observe::metrics::Metrics;

/// Counters are looked at no sooner after one another: of fewer reads a rate says little.
const SHORTEST: Duration = Duration::from_millis(500);
/// A look that old says nothing of now.
const LONGEST: Duration = Duration::from_secs(60);

/// What is known of the reads of one server.
pub(crate) struct Rates {
    metrics: Metrics,
    registry: Arc<Registry>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    base: Option<(Instant, Counted)>,
    told: Option<(Instant, Arc<Reads>)>,
}

/// A partition, by store version and number.
type Partition = (Box<str>, i32);

/// Counters at a time.
#[derive(Default)]
struct Counted {
    /// Of each store; none if nothing is counted.
    stores: Option<HashMap<Arc<str>, Taken>>,
    /// Of each partition that is open, modulo 2^32.
    partitions: HashMap<Partition, u32>,
}

/// What the reads of a store took since the start.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Taken {
    pub(crate) reads: u64,
    /// Processor time, by sampling.
    pub(crate) cpu_nanos: u64,
    /// Those that waited for a disk thread.
    pub(crate) disk_reads: u64,
}

/// The reads of a store: since the start, and how much more in a second.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct StoreReads {
    pub(crate) all: Taken,
    pub(crate) reads_per_second: f64,
    pub(crate) disk_reads_per_second: f64,
    /// Processors that they keep busy.
    pub(crate) processors: f64,
}

/// The reads of each store, and of each partition.
#[derive(Debug, Default)]
pub(crate) struct Reads {
    /// Over how long rates are taken.
    pub(crate) interval: Duration,
    /// Of each store; none if nothing is counted.
    pub(crate) stores: Option<HashMap<Arc<str>, StoreReads>>,
    /// Of each partition that is open: reads per second.
    partitions: HashMap<Partition, f64>,
}

impl Reads {
    /// Reads per second of a partition, if it is open.
    pub(crate) fn of_partition(&self, store_version: &str, partition: i32) -> Option<f64> {
        self.partitions
            .get(&(store_version.into(), partition))
            .copied()
    }
}

impl Rates {
    pub(crate) fn of(metrics: &Metrics, registry: &Arc<Registry>) -> Rates {
        Rates {
            metrics: metrics.clone(),
            registry: Arc::clone(registry),
            state: Mutex::default(),
        }
    }

    /// The reads now. Who asks first waits for half a second.
    pub(crate) async fn now(&self) -> Arc<Reads> {
        let mut state = self.state.lock().await;
        if let Some((at, told)) = &state.told {
            if at.elapsed() < SHORTEST {
                return Arc::clone(told);
            }
        }
        let base = state.base.take().filter(|(at, _)| at.elapsed() < LONGEST);
        let (then, before) = match base {
            Some(base) => base,
            None => (Instant::now(), self.counted().await),
        };
        sleep(SHORTEST.saturating_sub(then.elapsed())).await;
        let (now, after) = (Instant::now(), self.counted().await);
        let interval = now - then;
        let rate = |reads: u64| reads as f64 / interval.as_secs_f64();
        let stores = after.stores.as_ref().map(|after| {
            let before = before.stores.unwrap_or_default();
            let stores = after.iter().map(|(store, all)| {
                let before = before.get(store).copied().unwrap_or_default();
                let more = |of: fn(&Taken) -> u64| rate(of(all).saturating_sub(of(&before)));
                let reads = StoreReads {
                    all: *all,
                    reads_per_second: more(|taken| taken.reads),
                    disk_reads_per_second: more(|taken| taken.disk_reads),
                    processors: more(|taken| taken.cpu_nanos) * 1e-9,
                };
                (Arc::clone(store), reads)
            });
            stores.collect()
        });
        let partitions = after.partitions.iter().map(|(partition, reads)| {
            let before = before.partitions.get(partition).copied();
            let rate = rate(since(before.unwrap_or(0), *reads).into());
            (partition.clone(), rate)
        });
        let reads = Arc::new(Reads {
            interval,
            stores,
            partitions: partitions.collect(),
        });
        *state = State {
            base: Some((now, after)),
            told: Some((now, Arc::clone(&reads))),
        };
        reads
    }

    async fn counted(&self) -> Counted {
        let (metrics, registry) = (self.metrics.clone(), Arc::clone(&self.registry));
        let counted = spawn_blocking(move || Counted {
            stores: metrics
                .registry()
                .map(|_| by_store(&metrics.snapshot(usize::MAX))),
            partitions: by_partition(&registry),
        });
        // It does not panic, and the thread's end is the end of all.
        counted.await.unwrap_or_default()
    }
}

fn by_store(snapshot: &Snapshot) -> HashMap<Arc<str>, Taken> {
    let mut stores: HashMap<Arc<str>, Taken> = HashMap::new();
    for instrument in [
        Instrument::ReadCallCount,
        Instrument::ReadCpuTime,
        Instrument::StorageEngineQueueWaitTime,
    ] {
        let points = snapshot.metric(instrument).map(|metric| &metric.points);
        for point in points.into_iter().flatten() {
            let Some(store) = attribute(point, Dimension::Store) else {
                continue;
            };
            let taken = stores.entry(Arc::clone(store)).or_default();
            match (instrument, &point.value) {
                (Instrument::ReadCallCount, Value::U64(count)) => taken.reads += count,
                (Instrument::ReadCpuTime, Value::U64(nanos)) => taken.cpu_nanos += nanos,
                (_, Value::Histogram(waits)) if !waits_to_compute(point) => {
                    taken.disk_reads += waits.count;
                }
                _ => {}
            }
        }
    }
    stores
}

/// Whether what waited did so for a thread that computes.
fn waits_to_compute(point: &Point) -> bool {
    let method = attribute(point, Dimension::Method);
    method.is_some_and(|method| method.starts_with("compute"))
}

fn attribute(point: &Point, of: Dimension) -> Option<&Arc<str>> {
    let found = point
        .attributes
        .iter()
        .find(|attribute| attribute.key == of.key());
    found.map(|attribute| &attribute.value)
}

fn by_partition(registry: &Registry) -> HashMap<Partition, u32> {
    let mut partitions = HashMap::new();
    for version in registry.hosted(&[]) {
        let name = version.store_version.name();
        for hosted in version.partitions {
            if hosted.condition == Condition::Open {
                partitions.insert((name.into(), hosted.partition), hosted.reads);
            }
        }
    }
    partitions
}

/// Reads between two looks at a counter modulo 2^32, which begins at 0 when the partition is opened again. Half of 2^32
/// are more reads than there can be between two looks.
fn since(before: u32, after: u32) -> u32 {
    let more = after.wrapping_sub(before);
    if more > u32::MAX / 2 {
        after
    } else {
        more
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_begin_again() {
        assert_eq!(since(0, 0), 0);
        assert_eq!(since(5, 12), 7);
        assert_eq!(since(u32::MAX - 1, 3), 5, "it is full");
        assert_eq!(since(1000, 30), 30, "it was opened again");
    }
}
