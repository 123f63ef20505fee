//! Puts the points of a snapshot together: those of groups, and those that are asked for.

use std::collections::HashMap;
use std::sync::Arc;

use crate::attributes::{are, attributes, overflow_attributes};
use crate::dimensions::Dimension;
use crate::group::Numbers;
use crate::instruments::{Instrument, Kind};
use crate::merge::Merged;
use crate::model::{Attribute, Metric, Point, Snapshot, Total, Value};
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
    points: Vec<Series>,
    /// What exceeds the bound: numbers by instrument.
    counted: HashMap<Instrument, (u64, u64)>,
    recorded: HashMap<Instrument, (u64, Merged)>,
    /// By instrument.
    observed: Vec<Observed>,
}

/// The points of an instrument; behind those of this snapshot, what the one before had.
#[derive(Default)]
struct Series {
    points: Vec<Point>,
    now: usize,
}

impl Series {
    /// One more point, in the place of an old one. It has those attributes if they are `same`.
    fn next(
        &mut self,
        same: impl FnOnce(&Arc<[Attribute]>) -> bool,
        attributes: impl FnOnce() -> Arc<[Attribute]>,
        start_unix_nanos: u64,
    ) -> &mut Value {
        match self.points.get_mut(self.now) {
            Some(point) => {
                if !same(&point.attributes) {
                    point.attributes = attributes();
                }
                point.start_unix_nanos = start_unix_nanos;
            }
            None => self.points.push(Point {
                attributes: attributes(),
                start_unix_nanos,
                value: Value::U64(0),
            }),
        }
        self.now += 1;
        &mut self.points[self.now - 1].value
    }

    /// As above, of a group.
    fn of_group(&mut self, attributes: &Arc<[Attribute]>, start_unix_nanos: u64) -> &mut Value {
        let same = |known: &Arc<[Attribute]>| Arc::ptr_eq(known, attributes);
        self.next(same, || Arc::clone(attributes), start_unix_nanos)
    }
}

/// What sources told of an instrument.
#[derive(Clone, Default)]
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

impl Observer<'_> {
    /// What a counter counted of series that are told no more: it stays in the total ([`Snapshot::totals`]).
    pub fn add_to_total(&mut self, instrument: Instrument, gone: u64) {
        let observed = &mut self.points.observed[instrument as usize];
        if gone > 0 && instrument.kind() == Kind::Counter {
            observed.total = Some(sum(observed.total.take(), &Value::U64(gone)));
        }
    }
}

impl Points {
    /// With the memory of the points of an earlier snapshot.
    pub(crate) fn new(
        options: &Options,
        start_unix_nanos: u64,
        most_buckets: usize,
        earlier: &mut Vec<Metric>,
    ) -> Points {
        let mut points: Vec<Series> = Vec::new();
        points.resize_with(Instrument::ALL.len(), Series::default);
        for metric in earlier.drain(..) {
            points[metric.instrument as usize].points = metric.points;
        }
        Points {
            options: options.clone(),
            start_unix_nanos,
            most_buckets,
            points,
            counted: HashMap::new(),
            recorded: HashMap::new(),
            observed: vec![Observed::default(); Instrument::ALL.len()],
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
        let series = &mut self.points[slot.instrument as usize];
        *series.of_group(&numbers.attributes[index], start) = count(slot.instrument, number);
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
        let attributes = &numbers.attributes[layout.counters.len() + index];
        let value = self.points[instrument as usize].of_group(attributes, start);
        recorded.put(instrument.kind(), self.most_buckets, value);
    }

    fn observe(
        &mut self,
        instrument: Instrument,
        given: &[(Dimension, &str)],
        start_unix_nanos: Option<u64>,
        value: Value,
    ) {
        let observed = &mut self.observed[instrument as usize];
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
        let options = &self.options;
        let point = self.points[instrument as usize].next(
            |known| are(known, instrument, given, options),
            || attributes(instrument, given, options),
            start_unix_nanos.unwrap_or(self.start_unix_nanos),
        );
        *point = value;
    }

    /// Into `snapshot`, whose totals' memory is used again. `total` tells what an instrument's writers ever counted.
    pub(crate) fn finish(
        mut self,
        names: &[Arc<str>],
        snapshot: &mut Snapshot,
        total: impl Fn(Instrument, &mut Value),
    ) {
        for (instrument, (start_unix_nanos, number)) in self.counted {
            let series = &mut self.points[instrument as usize];
            *series.next(|_| false, overflow_attributes, start_unix_nanos) =
                count(instrument, number);
        }
        for (instrument, (start_unix_nanos, merged)) in self.recorded {
            let series = &mut self.points[instrument as usize];
            let value = series.next(|_| false, overflow_attributes, start_unix_nanos);
            merged.put(instrument.kind(), self.most_buckets, value);
        }
        let has_total = |instrument: &&Instrument| instrument.kind() != Kind::Gauge;
        let instruments = Instrument::ALL.iter().filter(has_total);
        if snapshot.totals.is_empty() {
            let totals = instruments.map(|instrument| Total {
                instrument: *instrument,
                value: Value::U64(0),
            });
            snapshot.totals = totals.collect();
        }
        for Total { instrument, value } in &mut snapshot.totals {
            total(*instrument, value);
            if let Some(observed) = &self.observed[*instrument as usize].total {
                *value = sum(Some(std::mem::replace(value, Value::U64(0))), observed);
            }
        }
        for (instrument, series) in Instrument::ALL.iter().zip(self.points) {
            let Series { mut points, now } = series;
            points.truncate(now);
            if points.is_empty() {
                continue;
            }
            let description = instrument.describe();
            snapshot.metrics.push(Metric {
                instrument: *instrument,
                name: Arc::clone(&names[*instrument as usize]),
                description: description.about,
                unit: description.unit.ucum(),
                kind: description.kind,
                points,
            });
        }
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
