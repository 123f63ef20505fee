//! Reads per second of each store: counters at two times. Nothing is counted for it that is not counted anyway.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::task::spawn_blocking;
use tokio::time::{sleep, Instant};
use venice_metrics::model::{Metric, Value};
use venice_metrics::{Dimension, Instrument};

use crate::observe::metrics::Metrics;

/// Counters are looked at no sooner after one another: of fewer reads a rate says little.
const SHORTEST: Duration = Duration::from_millis(500);
/// A look that old says nothing of now.
const LONGEST: Duration = Duration::from_secs(60);

/// What is known of the reads of one server.
pub(crate) struct Rates {
    metrics: Metrics,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    base: Option<(Instant, HashMap<Arc<str>, u64>)>,
    told: Option<(Instant, Arc<Reads>)>,
}

/// The reads of each store.
#[derive(Debug, Default)]
pub(crate) struct Reads {
    /// Over how long rates are taken.
    pub(crate) interval: Duration,
    /// Of each store: reads since the start, and per second.
    pub(crate) stores: HashMap<Arc<str>, (u64, f64)>,
}

impl Rates {
    pub(crate) fn of(metrics: &Metrics) -> Rates {
        Rates {
            metrics: metrics.clone(),
            state: Mutex::default(),
        }
    }

    /// The reads now; none if nothing is counted. Who asks first waits for half a second.
    pub(crate) async fn now(&self) -> Option<Arc<Reads>> {
        self.metrics.registry()?;
        let mut state = self.state.lock().await;
        if let Some((at, told)) = &state.told {
            if at.elapsed() < SHORTEST {
                return Some(Arc::clone(told));
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
        let rate = |store: &Arc<str>, reads: u64| {
            let before = before.get(store).copied().unwrap_or(0);
            reads.saturating_sub(before) as f64 / interval.as_secs_f64()
        };
        let stores = after.iter().map(|(store, reads)| {
            let rate = rate(store, *reads);
            (Arc::clone(store), (*reads, rate))
        });
        let reads = Arc::new(Reads {
            interval,
            stores: stores.collect(),
        });
        *state = State {
            base: Some((now, after)),
            told: Some((now, Arc::clone(&reads))),
        };
        Some(reads)
    }

    async fn counted(&self) -> HashMap<Arc<str>, u64> {
        let metrics = self.metrics.clone();
        let counted = spawn_blocking(move || {
            let snapshot = metrics.snapshot(usize::MAX);
            let calls = snapshot.metric(Instrument::ReadCallCount);
            calls.map_or_else(HashMap::new, by_store)
        });
        // It does not panic, and the thread's end is the end of all.
        counted.await.unwrap_or_default()
    }
}

fn by_store(calls: &Metric) -> HashMap<Arc<str>, u64> {
    let mut stores = HashMap::new();
    for point in &calls.points {
        let mut attributes = point.attributes.iter();
        let store = attributes.find(|attribute| attribute.key == Dimension::Store.key());
        if let (Some(store), Value::U64(count)) = (store, &point.value) {
            *stores.entry(Arc::clone(&store.value)).or_default() += count;
        }
    }
    stores
}
