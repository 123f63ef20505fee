//! What it costs to count a single get, as the server does: nanoseconds, against the same loop that counts
//! nothing. A thread that is busy reads the clock once for each get; one that sleeps before each, twice.
//!
//! ```text
//! cargo run --release --example record_cost              # one store, and 500 at random, each both ways
//! valgrind --tool=callgrind record_cost 1 100000 1       # stores, gets of a round, rounds
//! ```

use std::cell::Cell;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use venice_metrics::{
    CounterSlot, Dimension, HistogramSlot, Instrument, Layout, Moment, Neighbours, Options, Pair,
    Registry, Writer,
};

/// What the server counts of a get, in the order in which it does.
struct Get {
    started: (Writer, CounterSlot),
    stores: Vec<Writer>,
    /// Key size, request size, response size, value size.
    sizes: Neighbours<4>,
    time: HistogramSlot,
    /// Every 64th.
    query: HistogramSlot,
    /// Whether the thread has always more to do: then the clock is read once for each get.
    busy: bool,
    now: Cell<Option<Moment>>,
}

impl Get {
    fn new(registry: &Registry, stores: usize, busy: bool) -> Get {
        let mut layout = Layout::builder();
        let sizes = layout.neighbours(
            [
                Instrument::ReadRequestKeySize,
                Instrument::ReadRequestSize,
                Instrument::ReadResponseSize,
                Instrument::ReadResponseValueSize,
            ]
            .map(|instrument| (instrument, &[][..])),
        );
        let time = layout.histogram(Instrument::ReadCallTime, &[]);
        layout.counter_of_records(Instrument::ReadCallCount, &[], &[time]);
        layout.histogram_of_one_value(Instrument::ReadRequestKeyCount, &[], 1.0, &[time]);
        let query = layout.histogram(Instrument::StorageEngineQueryTime, &[]);
        let layout = Arc::new(layout.build());
        let mut started = Layout::builder();
        let counter = started.counter(Instrument::GrpcServerCallStarted, &[]);
        let mut call = Layout::builder();
        let slots = [
            Instrument::GrpcServerCallDuration,
            Instrument::GrpcServerCallSent,
            Instrument::GrpcServerCallRcvd,
        ]
        .map(|instrument| call.histogram(instrument, &[]));
        let method = [(Dimension::GrpcMethod, "get")];
        let writer = |layout: Layout| registry.group(&Arc::new(layout), &method).writer();
        let call = writer(call.build());
        let [duration, sent, received] = slots;
        let pairs: Arc<[Pair]> = Arc::new([
            Pair::same(sizes.slot(2), sent),
            Pair::same(sizes.slot(1), received),
            Pair::thousandths(time, duration),
        ]);
        let of_store = |store: usize| {
            let store = format!("store_{store}");
            let group = registry.group(&layout, &[(Dimension::Store, &store)]);
            group.writer_shared_with(call.group(), &pairs)
        };
        Get {
            stores: (0..stores).map(of_store).collect(),
            started: (writer(started.build()), counter),
            sizes,
            time,
            query,
            busy,
            now: Cell::new(None),
        }
    }

    #[inline(never)]
    fn count(&self, store: usize, random: u64) {
        let (started, counter) = &self.started;
        started.add(*counter, 1);
        let begun = self.now.get().unwrap_or_else(Moment::now);
        // What takes 2 to 34 µs, and has 100 to 1,123 bytes.
        let now = Moment::now();
        self.now.set(self.busy.then_some(now));
        let took = (now.since(begun) + 2000 + random % 32_768) as f64;
        let bytes = 100 + random as u32 % 1024;
        let writer = &self.stores[store];
        writer.record_with_thousandth(self.time, took * 1e-6, 1);
        writer.record_wholes(self.sizes, [16, 60, bytes + 12, bytes]);
        if random.is_multiple_of(64) {
            writer.record(self.query, took * 0.9e-6);
        }
    }

    #[inline(never)]
    fn count_nothing(&self, store: usize, random: u64) {
        black_box((self, store, random));
    }
}

/// Xorshift64.
fn next(random: &mut u64) -> u64 {
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    *random
}

/// Nanoseconds for each of `gets`.
fn round(get: &Get, gets: usize, count: impl Fn(&Get, usize, u64)) -> f64 {
    let mut random = 0x9E37_79B9_7F4A_7C15;
    let begun = Instant::now();
    for _ in 0..gets {
        let number = next(&mut random);
        let store = (number >> 32) as usize % get.stores.len();
        count(get, store, number & 0xFFFF_FFFF);
    }
    begun.elapsed().as_nanos() as f64 / gets as f64
}

fn measure(stores: usize, busy: bool, gets: usize, rounds: usize) {
    let registry = Registry::new(Options::default());
    let get = Get::new(&registry, stores, busy);
    let mut costs = Vec::new();
    // The first makes the pages.
    for _ in 0..=rounds {
        let with = round(&get, gets, Get::count);
        let without = round(&get, gets, Get::count_nothing);
        costs.push(with - without);
    }
    let mut costs = costs.split_off(1.min(costs.len() - 1));
    costs.sort_by(f64::total_cmp);
    let at = |part: usize| costs[(costs.len() - 1) * part / 100];
    println!(
        "{stores} stores, {}: {:.1} ns a get (median of {} rounds of {gets}; {:.1} to {:.1})",
        if busy {
            "busy"
        } else {
            "a sleep before each get"
        },
        at(50),
        costs.len(),
        at(10),
        at(90)
    );
}

fn main() {
    let numbers: Vec<usize> = std::env::args()
        .skip(1)
        .map(|argument| argument.parse().unwrap_or(1))
        .collect();
    match numbers[..] {
        [stores, gets, rounds] => measure(stores.max(1), true, gets.max(1), rounds.max(1)),
        _ => {
            for busy in [true, false] {
                measure(1, busy, 200_000, 41);
                measure(500, busy, 200_000, 41);
            }
        }
    }
}
