//! Puts the points of a snapshot together: those of groups, and those that are asked for.

use std::collections::HashMap;
use std::sync::Arc;

use crate::attributes::{attributes, overflow_attributes};
use crate::dimensions::Dimension;
use crate::group::Numbers;
use crate::instruments::{Instrument, Kind};
use crate::merge::Merged;
use crate::model::{Metric, Point, Snapshot, Total, Value};
use crate::options::Options;

/// Knows numbers that are not counted through writers: gauges, and what is counted elsewhere.
pub trait Source: Send + Sync {
    /// Tells them. Called at each snapshot, by the thread that takes it; it must not wait for long.
    fn observe(&self, observer: &mut Observer<'_>);
}

/// Takes what a [`Source`] knows.
pub struct Observer<'a> {
    points: &'a mut Points,
}

/// The points of a snapshot, so far.
pub(crate) struct Points {
    options: Options,
    start_unix_nanos: u64,
    most_buckets: usize,
    /// By instrument.
    points: Vec<Vec<Point>>,
    /// What exceeds the bound: numbers by instrument.
    counted: HashMap<Instrument, (u64, u64)>,
    recorded: HashMap<Instrument, (u64, Merged)>,
    observed: HashMap<Instrument, Observed>,
}

/// What sources told of an instrument.
#[derive(Default)]
struct Observed {
    series: usize,
    /// Of counters.
    total: Option<Value>,
}

impl Observer<'_> {
    /// The value of a series now. Counters are [`Value::U64`] or, with fractions, [`Value::F64`], and must
    /// not fall while their source is there; gauges are [`Value::I64`] or [`Value::F64`].
    ///
    /// Past the bound on series, counters are added up, and gauges left out.
    pub fn observe(&mut self, instrument: Instrument, given: &[(Dimension, &str)], value: Value) {
        self.points.observe(instrument, given, None, value);
    }

    /// As [`Observer::observe`], of a counter that began later than its process did.
    pub fn observe_since(
        &mut self,
        instrument: Instrument,
        given: &[(Dimension, &str)],
        start_unix_nanos: u64,
        value: Value,
    ) {
        self.points
            .observe(instrument, given, Some(start_unix_nanos), value);
    }
}

impl Points {
    pub(crate) fn new(options: &Options, start_unix_nanos: u64, most_buckets: usize) -> Points {
        Points {
            options: options.clone(),
            start_unix_nanos,
            most_buckets,
            points: vec![Vec::new(); Instrument::ALL.len()],
            counted: HashMap::new(),
            recorded: HashMap::new(),
            observed: HashMap::new(),
        }
    }

    pub(crate) fn observer(&mut self) -> Observer<'_> {
        Observer { points: self }
    }

    /// Adds a series of a group: what a counter counted.
    pub(crate) fn add_counter(&mut self, numbers: &Numbers, index: usize, number: u64) {
        let slot = &numbers.layout.counters[index];
        if number == 0 && !slot.from_the_start {
            return;
        }
        let start = numbers.start_unix_nanos;
        if numbers.key.is_none() {
            let sum = self.counted.entry(slot.instrument).or_insert((start, 0));
            sum.1 = sum.1.wrapping_add(number);
            return;
        }
        self.points[slot.instrument as usize].push(Point {
            attributes: Arc::clone(&numbers.attributes[index]),
            start_unix_nanos: start,
            value: count(slot.instrument, number),
        });
    }

    /// Adds a series of a group: what a histogram recorded.
    pub(crate) fn add_histogram(&mut self, numbers: &Numbers, index: usize, recorded: &Merged) {
        let layout = &numbers.layout;
        let instrument = layout.histograms[index].instrument;
        let start = numbers.start_unix_nanos;
        if numbers.key.is_none() {
            let sum = self.recorded.entry(instrument);
            let sum = sum.or_insert((start, Merged::default()));
            sum.1.add_all(recorded);
            return;
        }
        self.points[instrument as usize].push(Point {
            attributes: Arc::clone(&numbers.attributes[layout.counters.len() + index]),
            start_unix_nanos: start,
            value: recorded.value(instrument.kind(), self.most_buckets),
        });
    }

    fn observe(
        &mut self,
        instrument: Instrument,
        given: &[(Dimension, &str)],
        start_unix_nanos: Option<u64>,
        value: Value,
    ) {
        let observed = self.observed.entry(instrument).or_default();
        observed.series += 1;
        let is_counter = instrument.kind() == Kind::Counter;
        if is_counter {
            observed.total = Some(sum(observed.total.take(), &value));
        }
        if observed.series > self.options.max_series {
            if let (Value::U64(number), true) = (&value, is_counter) {
                let sum = self.counted.entry(instrument);
                let sum = sum.or_insert((self.start_unix_nanos, 0));
                sum.1 += number;
            }
            return;
        }
        self.points[instrument as usize].push(Point {
            attributes: attributes(instrument, given, &self.options),
            start_unix_nanos: start_unix_nanos.unwrap_or(self.start_unix_nanos),
            value,
        });
    }

    /// The snapshot. `total` tells what an instrument's writers ever counted.
    pub(crate) fn finish(
        mut self,
        time_unix_nanos: u64,
        names: &[Arc<str>],
        total: impl Fn(&Instrument) -> Option<Value>,
    ) -> Snapshot {
        for (instrument, (start_unix_nanos, number)) in self.counted {
            self.points[instrument as usize].push(Point {
                attributes: overflow_attributes(),
                start_unix_nanos,
                value: count(instrument, number),
            });
        }
        for (instrument, (start_unix_nanos, merged)) in self.recorded {
            self.points[instrument as usize].push(Point {
                attributes: overflow_attributes(),
                start_unix_nanos,
                value: merged.value(instrument.kind(), self.most_buckets),
            });
        }
        let mut snapshot = Snapshot {
            time_unix_nanos,
            ..Snapshot::default()
        };
        for (instrument, points) in Instrument::ALL.iter().zip(self.points) {
            let instrument = *instrument;
            if let Some(value) = total(&instrument) {
                let observed = self.observed.get(&instrument);
                let value = match observed.and_then(|observed| observed.total.as_ref()) {
                    Some(observed) => sum(Some(value), observed),
                    None => value,
                };
                snapshot.totals.push(Total { instrument, value });
            }
            if points.is_empty() {
                continue;
            }
            let description = instrument.describe();
            snapshot.metrics.push(Metric {
                instrument,
                name: Arc::clone(&names[instrument as usize]),
                description: description.about,
                unit: description.unit.ucum(),
                kind: description.kind,
                points,
            });
        }
        snapshot
    }
}

/// Numbers of one counter together.
fn sum(so_far: Option<Value>, more: &Value) -> Value {
    match (so_far, more) {
        (None, more) => more.clone(),
        (Some(Value::U64(sum)), Value::U64(more)) => Value::U64(sum.wrapping_add(*more)),
        (Some(Value::U64(sum)), Value::F64(more)) => Value::F64(sum as f64 + more),
        (Some(Value::F64(sum)), Value::F64(more)) => Value::F64(sum + more),
        (Some(Value::F64(sum)), Value::U64(more)) => Value::F64(sum + *more as f64),
        (Some(sum), _) => sum,
    }
}

fn count(instrument: Instrument, number: u64) -> Value {
    if instrument.kind() == Kind::UpDownCounter {
        Value::I64(number as i64)
    } else {
        Value::U64(number)
    }
}
