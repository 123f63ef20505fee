//! What is counted is what a collector has, to the last one: while stores come and go, more of them than series may be,
//! and exporters stop and start. Threads count as fast as they can.
//!
//! ```text
//! ./bazelw test //rust/export:counted_exactly_test --test_env=COUNTED=1000000000
//! ```

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod collector;

use std::collections::HashMap;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use collector::{Collector, Request};
use opentelemetry_proto::tonic::metrics::v1::{metric, number_data_point};
use venice_export::settings::endpoint;
use venice_export::{Exporters, OtlpSettings, Settings, SnapshotSource};
use venice_metrics::{
    CounterSlot, Dimension, Group, HistogramSlot, Instrument, Layout, Options, Registry,
};

const THREADS: usize = 2;
const ROUNDS: usize = 20;
/// Stores of a round and thread, one after the other.
const STORES: usize = 20;
/// Fewer than the stores of a round, which are 30.
const MOST_SERIES: usize = 20;
/// Values are sixteenths, whose sums are exact.
const VALUES: u64 = 100;

struct Reads {
    registry: Registry,
    layout: Arc<Layout>,
    calls: CounterSlot,
    time: HistogramSlot,
}

impl Reads {
    fn new() -> Reads {
        let mut layout = Layout::builder();
        let calls = layout.counter(Instrument::ReadCallCount, &[]);
        let time = layout.histogram(Instrument::ReadCallTime, &[]);
        Reads {
            registry: Registry::new(Options {
                max_series: MOST_SERIES,
                // What nobody holds goes at once; here it is held until it was exported.
                linger: Duration::ZERO,
                ..Options::default()
            }),
            layout: Arc::new(layout.build()),
            calls,
            time,
        }
    }

    /// Counts `number` reads of stores, some of which are those of other threads and rounds, too.
    fn count(&self, round: usize, thread: usize, number: u64) -> Vec<Group> {
        let stores = (0..STORES).map(|store| {
            let name = match store % 4 {
                0 => format!("store_{store}"),
                1 => format!("store_{store}_of_round_{round}"),
                _ => format!("store_{store}_of_round_{round}_and_thread_{thread}"),
            };
            let group = self
                .registry
                .group(&self.layout, &[(Dimension::Store, &name)]);
            let writer = group.writer();
            let first = number * store as u64 / STORES as u64;
            let last = number * (store as u64 + 1) / STORES as u64;
            for read in first..last {
                writer.add(self.calls, 1);
                writer.record(self.time, (read % VALUES) as f64 / 16.0);
            }
            group
        });
        stores.collect()
    }

    fn export(&self, collector: &Collector) -> Exporters {
        let registry = self.registry.clone();
        let source: SnapshotSource = Arc::new(move || registry.snapshot(160));
        let otlp = OtlpSettings {
            endpoint: endpoint(&collector.endpoint()).unwrap(),
            interval: Duration::from_millis(1),
            timeout: Duration::from_secs(60),
            ..OtlpSettings::default()
        };
        let settings = Settings {
            otlp: Some(otlp),
            ..Settings::default()
        };
        Exporters::start(settings, source).unwrap()
    }
}

/// A series as a collector tells them apart: attributes and start.
type Series = (String, u64);

/// What a collector has: the last numbers of each series.
#[derive(Default)]
struct Kept {
    calls: HashMap<Series, u64>,
    times: HashMap<Series, (u64, f64)>,
    messages: usize,
    overflowed: bool,
}

impl Kept {
    fn take(&mut self, request: &Request) {
        self.messages += 1;
        if let Some(metric::Data::Sum(sum)) = request.metric("venice.server.read.call_count") {
            for point in sum.data_points {
                let Some(number_data_point::Value::AsInt(now)) = point.value else {
                    panic!("{point:?}");
                };
                let attributes = format!("{:?}", point.attributes);
                self.overflowed |= attributes.contains("otel.metric.overflow");
                let series = (attributes, point.start_time_unix_nano);
                let before = self.calls.insert(series, now as u64);
                assert!(before.unwrap_or(0) <= now as u64, "{before:?}, then {now}");
            }
        }
        let times = request.metric("venice.server.read.call_time");
        if let Some(metric::Data::ExponentialHistogram(times)) = times {
            for point in times.data_points {
                let buckets: u64 = point.positive.iter().flat_map(|b| &b.bucket_counts).sum();
                assert_eq!(point.count, point.zero_count + buckets);
                let series = (
                    format!("{:?}", point.attributes),
                    point.start_time_unix_nano,
                );
                let now = (point.count, point.sum.unwrap());
                let before = self.times.insert(series, now).unwrap_or_default();
                assert!(before.0 <= now.0, "{before:?}, then {now:?}");
            }
        }
    }

    /// Takes what came, and three messages that come from now on. The first may be of a while ago, and the second too, if
    /// the collector is slow to tell of the first; the third was made after now.
    fn catch_up(&mut self, collector: &Collector) {
        while let Ok(request) = collector.requests.try_recv() {
            self.take(&request);
        }
        for _ in 0..3 {
            self.take(&collector.next());
        }
    }
}

#[test]
fn a_collector_has_all_that_was_counted() {
    let wanted = std::env::var("COUNTED").map_or(2_000_000, |text| text.parse().unwrap());
    // Whole numbers of values everywhere, so that the sum is known.
    let each = wanted / (THREADS * ROUNDS * STORES) as u64 / VALUES * VALUES * STORES as u64;
    let counted = each * (THREADS * ROUNDS) as u64;
    let reads = Reads::new();
    let collector = Collector::start([]);
    let mut kept = Kept::default();
    let mut exporters = Some(reads.export(&collector));
    let mut busy = Duration::ZERO;
    for round in 0..ROUNDS {
        let groups: Vec<Group> = thread::scope(|scope| {
            let counting: Vec<_> = (0..THREADS)
                .map(|thread| {
                    let reads = &reads;
                    scope.spawn(move || {
                        let begun = Instant::now();
                        let groups = reads.count(round, thread, each);
                        (groups, begun.elapsed())
                    })
                })
                .collect();
            // One goes, and another comes, while threads count.
            drop(exporters.take());
            exporters = Some(reads.export(&collector));
            let groups = counting.into_iter().flat_map(|counting| {
                let (groups, took) = counting.join().unwrap();
                busy += took;
                groups
            });
            groups.collect()
        });
        kept.catch_up(&collector);
        drop(groups);
    }
    drop(exporters);
    let calls: u64 = kept.calls.values().sum();
    let times: u64 = kept.times.values().map(|(count, _)| count).sum();
    let sum: f64 = kept.times.values().map(|(_, sum)| sum).sum();
    println!(
        "{counted} counted, {calls} exported in {} series and {} messages; {:.1} ns for a counter and a histogram",
        kept.calls.len(),
        kept.messages,
        busy.as_nanos() as f64 / counted as f64
    );
    assert_eq!((calls, times), (counted, counted));
    let sum_of_values = (VALUES * (VALUES - 1) / 2) as f64 / 16.0;
    assert_eq!(sum, (counted / VALUES) as f64 * sum_of_values);
    assert!(kept.overflowed, "more stores than series may be");
    assert!(kept.calls.len() > MOST_SERIES, "stores come and go");
}
