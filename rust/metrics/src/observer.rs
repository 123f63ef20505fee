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

    /// Adds the series of a group.
    pub(crate) fn add(&mut self, numbers: &Numbers, scratch: &mut Merged) {
        let layout = &numbers.layout;
        let start = numbers.start_unix_nanos;
        let overflows = numbers.key.is_none();
        let Points {
            points,
            counted,
            recorded,
            ..
        } = self;
        // Both closures add points, to different instruments; they are called one after the other.
        let mut histograms = Vec::new();
        numbers.read(
            scratch,
            |index, number| {
                let slot = &layout.counters[index];
                if number == 0 && !slot.from_the_start {
                    return;
                }
                if overflows {
                    let sum = counted.entry(slot.instrument).or_insert((start, 0));
                    sum.1 = sum.1.wrapping_add(number);
                    return;
                }
                points[slot.instrument as usize].push(Point {
                    attributes: Arc::clone(&numbers.attributes[index]),
                    start_unix_nanos: start,
                    value: count(slot.instrument, number),
                });
            },
            |index, merged| histograms.push((index, merged.clone())),
        );
        for (index, merged) in histograms {
            let instrument = layout.histograms[index].instrument;
            if overflows {
                let sum = recorded
                    .entry(instrument)
                    .or_insert((start, Merged::default()));
                sum.1.add_all(&merged);
                continue;
            }
            points[instrument as usize].push(Point {
                attributes: Arc::clone(&numbers.attributes[layout.counters.len() + index]),
                start_unix_nanos: start,
                value: merged.value(instrument.kind(), self.most_buckets),
            });
        }
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
